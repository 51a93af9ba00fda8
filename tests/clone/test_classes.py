"""Classes of the user's: what Python calls by itself is followed too."""

import contextlib
import functools
import math
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import pytest

import adjoint as ad
from clone.judge import check


@dataclass
class Body:
    mass: float
    speed: float = 2.0
    energy: float = field(init=False)

    def __post_init__(self):
        self.mass = float(self.mass)
        self.energy = math.pow(self.speed, 2) * self.mass / 2


class Pair(NamedTuple):
    left: float
    right: float

    def product(self):
        return float(self.left) * float(self.right)


class Reading:
    scale = 3.0

    def __init__(self, x):
        self.x = x

    @property
    def slope(self):
        return float(self.x) * self.scale

    @slope.setter
    def slope(self, value):
        self.x = float(value) / self.scale

    @functools.cached_property
    def curve(self):
        return math.sin(self.x)

    @classmethod
    def of(cls, x):
        return cls(float(x))

    @staticmethod
    def half(x):
        return float(x) / 2

    def __add__(self, other):
        return Reading(float(self.x) + float(getattr(other, "x", other)))

    __radd__ = __add__

    def __neg__(self):
        return Reading(-float(self.x))

    def __getitem__(self, k):
        return float(self.x) * k

    def __call__(self, t):
        return float(self.x) * math.exp(t)

    def __enter__(self):
        self.inner = math.cosh(self.x)
        return self

    def __exit__(self, *_):
        self.inner = 0.0

    def __iter__(self):
        for k in range(3):
            yield float(self.x) ** k

    def __contains__(self, t):
        return float(t) < float(self.x)

    def __lt__(self, other):
        return float(self.x) < float(other.x)

    def __len__(self):
        return 3

    def __float__(self):
        return float(self.x)


class Doubled(Reading):
    def __init__(self, x):
        super().__init__(2 * float(x))

    @property
    def slope(self):
        return super().slope * 2


def with_a_context(x):
    with Reading(x) as reading:
        return reading.inner * x


def with_a_setter(x):
    reading = Reading(1.0)
    reading.slope = x * x
    return reading.x


def with_comparisons(x):
    smaller = min(Reading(x), Reading(x + 1))
    return smaller.x * (2 if x in Reading(x + 1) else 1) * len(smaller)


CASES = {
    "post_init": lambda x: Body(x).energy + Body(1.0, x).energy,
    "named tuple": lambda x: (
        Pair(x, x + 1).product() + Pair(x, 2.0)._replace(left=x).left
    ),
    "property": lambda x: Reading(x).slope ** 2,
    "setter": with_a_setter,
    "cached property": lambda x: Reading(x).curve + Reading(2 * x).curve,
    "class and static methods": lambda x: Reading.of(x).x * Reading.half(x),
    "operators": lambda x: (Reading(x) + Reading(2 * x) + 1.0).x * (1 + -Reading(x)).x,
    "items": lambda x: Reading(x)[3] + Reading(x)[0],
    "call": lambda x: Reading(x)(x) + Reading(2.0)(0.5),
    "context": with_a_context,
    "iteration": lambda x: sum(Reading(x)) + max(Reading(x)),
    "comparisons": with_comparisons,
    "inheritance": lambda x: Doubled(x).slope + Doubled.of(x).curve,
    "object among numbers": lambda x: np.sum(np.array([Reading(x).slope, x, 1.0]) ** 2),
}


@pytest.mark.filterwarnings("ignore::adjoint.errors.BatchFallbackWarning")
@pytest.mark.parametrize("f", CASES.values(), ids=CASES)
def test_a_class(f):
    check(f, 0.5)
    check(f, 0.5)  # the class is as it was


def test_classes_are_as_they_were():
    """Python sees the class's own functions again when the transform has ended."""
    before = Reading.__add__.__code__, Reading.slope.fget.__code__
    ad.grad(lambda x: (Reading(x) + 1.0).slope)(0.5)
    assert before == (Reading.__add__.__code__, Reading.slope.fget.__code__)


def test_a_float_made_by_python_of_an_object_is_loud_or_right():
    """``float(o)`` calls ``o.__float__``, which can only give a plain number."""
    with contextlib.suppress(ad.errors.AdjointError, TypeError):
        assert ad.grad(lambda x: float(Reading(x)) * x)(0.5) == 1.0
