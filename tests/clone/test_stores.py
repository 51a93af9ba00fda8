"""What is stored in attributes, containers and variables that others read."""

import collections
from typing import NamedTuple

import numpy as np
import pytest

import adjoint as ad
from clone.judge import check

X = np.array([0.5, -1.25, 2.25])
SPACE = np.zeros(3)
named = np.zeros(3)


class Model:
    def __init__(self):
        self.u, self.v = np.zeros(3), np.ones(3)
        self.total = self.last = 0.0
        self.rows = [np.zeros(3), np.zeros(3)]
        self.named = {"a": np.zeros(3), "b": np.zeros(3)}
        self.queue = collections.deque([np.zeros(3)])


MODEL = Model()


class Pair(NamedTuple):
    u: np.ndarray
    v: np.ndarray


PAIR = Pair(np.zeros(3), np.zeros(3))


def one_by_one(x):
    MODEL.total, MODEL.last = x[0], x[1] * x[2]
    return MODEL.total * MODEL.last


def several_targets(x):
    MODEL.total = MODEL.last = total = x[0] * x[1]
    return MODEL.total * MODEL.last + total


def with_an_annotation(x):
    MODEL.total: float = x[0] * x[1]
    return MODEL.total * x[2]


def added_up(x):
    MODEL.total = 0.0
    MODEL.total += x[0] * x[1]
    MODEL.total *= x[2]
    return MODEL.total


def by_name(x):
    setattr(MODEL, "total", x[0] * x[1])  # noqa: B010 - what is tested
    return MODEL.total * x[2]


def exchanged(x):
    MODEL.u[:], MODEL.v[:] = x, 1.0
    for _ in range(3):
        MODEL.v[1:] = MODEL.u[:-1] * x[1:]
        MODEL.u, MODEL.v = MODEL.v, MODEL.u
    return np.sum(MODEL.u**2 + MODEL.v)


def in_python_s_order(x):
    """The index is that of before in the first pair, the new one in the second."""
    i = 0
    SPACE[:] = x
    SPACE[i], i = x[1] * x[2], 2
    i, SPACE[i - 1] = 1, x[0] * x[0]
    (SPACE[i + 1], *rest), last = (x[0] * x[1], x[2], 1.0), x[2]
    return np.sum(SPACE * x) + rest[0] * rest[1] * last


def unpacked(x):
    first, second = MODEL.rows
    first[:] = x
    second[:] = x * first
    u, v = PAIR
    u[:], v[:] = x, x * x
    return np.sum(MODEL.rows[1] * PAIR.u * PAIR.v)


def handed_to_numpy(x):
    for row in MODEL.rows:
        row[:] = x * x
    return np.sum(np.stack(MODEL.rows) ** 2) + np.sum(sum(MODEL.rows))


def from_the_end(x):
    for row in reversed(MODEL.rows):
        row[:] = x
    for row in MODEL.queue:
        row[:] = x * x
    return np.sum(MODEL.queue[0] * MODEL.rows[0]) + sum(map(np.sum, MODEL.rows))


def handed_out(x):
    row = MODEL.named.get("a")
    row[:] = x
    other = MODEL.named.setdefault("b", np.zeros(3))
    other[:] = x * row
    return np.sum(MODEL.named["a"] * MODEL.named["b"])


def named_like_a_loop_variable(x):
    count = sum([named + 1 for named in range(2)])
    named[0] = x[0]
    return named[0] * x[1] * count


def of_an_outer_function(x):
    u = np.zeros(3)

    def step(v):
        nonlocal u
        u = u + v * x

    SPACE[:] = x
    step(SPACE)
    step(SPACE)
    return np.sum(u)


@pytest.mark.filterwarnings("ignore::adjoint.errors.BatchFallbackWarning")
@pytest.mark.parametrize(
    "f",
    [
        one_by_one,
        several_targets,
        with_an_annotation,
        added_up,
        by_name,
        exchanged,
        in_python_s_order,
        unpacked,
        handed_to_numpy,
        from_the_end,
        handed_out,
        named_like_a_loop_variable,
        of_an_outer_function,
    ],
)
def test_a_store(f):
    check(f, X, batched=False)
    assert all(type(one) is np.ndarray for one in (MODEL.u, MODEL.v, *MODEL.rows))
    assert all(type(one) is not type(X) for one in (MODEL.total, MODEL.last))
    assert np.isfinite(float(MODEL.total) + float(MODEL.last))


class Box:
    def __init__(self, content):
        self.content = content


ad.tree.register(Box, lambda box: ((box.content,), None), lambda _, parts: Box(*parts))


def test_a_result_is_no_attribute_that_goes_back_to_plain():
    """A class that is registered as a container holds its results in attributes."""

    def f(x):
        return Box(x * x)

    np.testing.assert_array_equal(X * X, ad.vmap(f)(X).content)
    np.testing.assert_array_equal(2.0 * X, ad.jvp(f, (X,), (np.ones(3),))[1].content)
    np.testing.assert_array_equal(np.diag(2.0 * X), ad.jacrev(f)(X).content)
    np.testing.assert_array_equal(np.diag(2.0 * X), ad.jacfwd(f)(X).content)


def test_an_attribute_that_is_set_once():
    class Once:
        def __setattr__(self, name, value):
            assert name not in self.__dict__
            object.__setattr__(self, name, value)

    def f(x):
        once = Once()
        once.v = x
        return once.v**2

    assert 6.0 == ad.grad(f)(3.0)
