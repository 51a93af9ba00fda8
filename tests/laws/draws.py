"""Arguments for every record, drawn from what the record itself states.

A *draw* is one call of one record: shapes and parameters from its examples (for
elementwise records: from the shapes below), numbers from its domain, stored in one of
several ways (*variants*) that must make no difference.
"""

import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np

import adjoint as ad  # noqa: F401 - fills the registry
import laws.linear_algebra  # noqa: F401 - enters compositions
from adjoint._core.record import Calculus, Layout, Record
from adjoint._core.registry import RECORDS
from laws.compositions import COMPOSITIONS

VARIANTS = ("plain", "fortran", "strided", "read-only", "broadcast", "0-d", "empty")

SALT = 5
"""Chosen so that no draw lies within a difference quotient's step of a kink."""

_BROADCAST = {1: ((2, 3),), 2: ((2, 1, 3), (4, 1)), 3: ((2, 3), (3,), (2, 1))}


@dataclass(frozen=True)
class Draw:
    """One call of one record."""

    record: Record
    number: int
    shapes: tuple[tuple[int, ...], ...]
    params: tuple[Any, ...]
    variant: str
    given: Any = None

    def __str__(self) -> str:
        return f"{self.record.name}-{self.number}-{self.variant}"

    @property
    def active(self) -> tuple[int, ...]:
        """Positions of the arguments that have a derivative."""
        if self.record.calculus is Calculus.CONSTANT:
            return tuple(range(len(self.shapes)))
        return tuple(
            k for k in range(len(self.shapes)) if self.record.rule(k) is not None
        )

    def args(self, dtype: Any = np.float64) -> list[np.ndarray]:
        """Return the arguments."""
        seed = zlib.crc32(f"{SALT} {self}".encode())
        rng = np.random.default_rng(seed)
        return [
            self._stored(self._drawn(rng, k, shape, dtype))
            for k, shape in enumerate(self.shapes)
        ]

    def _drawn(self, rng, k, shape, dtype):
        low, high = self.record.domain[min(k, len(self.record.domain) - 1)]
        if isinstance(high, int):  # positions
            return np.asarray(rng.integers(low, high, shape, endpoint=True))
        if k not in self.active or not takes_floats(self.record):
            return rng.random(shape) < 0.5
        return np.asarray(rng.uniform(low, high, shape)).astype(dtype)

    def _stored(self, array):
        if array.ndim == 0:
            return array
        if self.variant == "fortran":
            return np.asfortranarray(array)
        if self.variant == "strided":
            spread = np.zeros(tuple(2 * n for n in array.shape), array.dtype)
            view = spread[tuple(slice(None, None, 2) for _ in array.shape)]
            view[...] = array
            return view
        if self.variant == "read-only":
            array.flags.writeable = False
        return array

    def call(self, *args):
        """Evaluate the record on arguments; several outputs joined into one vector."""
        if self.given is not None:
            args = self.given(*args)
        out = self.record.evaluate(*args, *self.params)
        if type(out) in (float, complex):  # of as_float, math.fsum: Python's numbers
            return np.asarray(out)[()]
        if self.record.outputs == 1:
            return out
        return np.concatenate([np.ravel(one) for one in out])

    def of_active(self, args):
        """Return the call as a function of the differentiable arguments alone."""

        def function(*active):
            full = list(args)
            for k, value in zip(self.active, active, strict=True):
                full[k] = value
            return self.call(*full)

        return function, tuple(args[k] for k in self.active)


PYTHONS = ("as_float", "as_complex", "math_", "cmath_", "plain_sum", "statistics_")
"""How the names begin of Python's own functions (math, float, complex).

They are double whatever they are given, and most know no complex numbers.
"""


def takes_floats(record: Record) -> bool:
    """Tell whether a function is defined on real numbers (``bitwise_and`` is not)."""
    types = getattr(record.function, "types", None)
    return types is None or any("d" in signature for signature in types)


def records() -> list[Record]:
    """Return all records, by name, and the compositions held to the same laws."""
    return sorted([*RECORDS.values(), *COMPOSITIONS], key=lambda record: record.name)


def draws_of(record: Record) -> list[Draw]:
    """Return every draw of a record."""
    if record.layout is Layout.ELEMENTWISE and not record.examples:
        arity = len(record.reads)
        shapes = {
            "plain": ((3,),) * arity,
            "broadcast": _BROADCAST[arity],
            "0-d": ((),) * arity,
            "empty": ((0, 2),) * arity,
        }
        return [
            Draw(record, 0, shapes.get(variant, ((2, 3),) * arity), (), variant)
            for variant in VARIANTS
        ]
    return [
        Draw(record, number, example.shapes, example.params, variant, example.given)
        for number, example in enumerate(record.examples)
        for variant in VARIANTS
        if variant not in ("broadcast", "0-d", "empty")
    ]
