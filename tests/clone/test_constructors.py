"""Arrays and numbers made of traced values, by every constructor NumPy has."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pytest

import adjoint as ad
from clone.judge import check

X = np.array([0.5, -1.25, 2.25])


@dataclass
class Point:
    x: float
    y: float = 2.0


def of_nested_lists(x):
    mixed = np.array([[x[0], 1.0], [2.0, x[1]]])
    rows = np.array([x[:2], np.ones(2), [x[0], 3], (x[1], x[2])])
    return np.sum(mixed**2) + np.sum(rows**2)


def of_options(x):
    total = np.sum(np.array([x[0], 1], dtype=float, ndmin=3) ** 2)
    total += np.array([[x]], ndmin=4).ndim * x[0]
    return total + np.sum(np.array(x, dtype=complex).real) + np.array(x, copy=True)[1]


def of_rows_and_generators(x):
    rows = []
    for i in range(3):
        rows.append([x[i] * j for j in range(2)])  # noqa: PERF401 - the case at hand
    total = np.sum(np.array(rows) ** 2) + np.sum(np.array([x * i for i in range(2)]))
    total += np.sum(np.array(list(t * t for t in x)))  # noqa: C400 - the case at hand
    return total + np.sum(np.vstack([x, x])) + np.sum(np.column_stack((x, x**2)))


def of_dataclass_fields(x):
    points = [Point(x[0]), Point(x[1], x[2])]
    table = np.array([[p.x, p.y] for p in points])
    return np.sum(table @ table)


class Pair(NamedTuple):
    first: float
    second: float


def of_named_tuples(x):
    rows = np.array([Pair(x[0], 1.0), Pair(2.0, x[1])])
    return np.sum(rows**2) + np.sum(np.array(Pair(x[0], x[2]))) * np.prod(Pair(x[1], 3))


def of_full(x):
    total = np.sum(np.full(3, x[0]) * x) + np.sum(np.full((2, 3), x) ** 2)
    total += np.sum(np.full_like([1, 2], x[0]) * np.full_like([0.5, 2.0], x[2]))
    return total + np.sum(np.full_like(x, x[1])) + np.sum(np.full(2, [x[0], x[1]]))


def of_fromiter(x):
    total = np.sum(np.fromiter((t * t for t in x), float))
    return total + np.sum(np.fromiter((float(t) for t in x), dtype=float, count=2))


def of_tolist_and_item(x):
    rows = np.outer(x, x).tolist()
    return sum(x.tolist()) + sum(map(sum, rows)) + x[0].item() + x.sum().item()


def of_numpys_scalar_types(x):
    total = np.float64(x[0]) * 2 + np.float64(x)[1] + np.float64([x[0], 2])[0]
    total += x[0] * np.int64(x[2]) + x[1] * np.bool_(x[2])
    return total + np.complex128(x[0]).real + x[2] * int(np.int32(2.7))


def of_complex(x):
    z = (
        complex(x[0], x[1]) * complex(2.0)
        + complex(x[2])
        + complex(real=1.0, imag=x[0])
    )
    return z.real * z.imag + abs(z)


def of_objects(x):
    objects, empty = np.array(x, dtype=object), np.empty(2, dtype=object)
    empty[0] = x[0]
    empty[1] = x
    return objects[0] * objects[1] * np.sum(objects) + empty[0] * np.sum(empty[1])


def of_joiners(x):
    total = np.sum(np.r_[x, 1.0, x[0]] ** 2) + np.sum(np.c_[x, x**2] ** 2)
    total += np.sum(np.r_[0:3, x[0]]) + np.sum(np.r_[[x[0], 2], x] ** 3)
    total += x[0] * np.sum(np.r_["0,2", np.ones(3), np.zeros(3)])
    return total + np.sum(np.c_[np.ones(3), x])


def of_lists_in_the_place_of_arrays(x):
    total = np.sum([x[0], x[1]]) + np.linalg.norm([x[0], x[1]]) + np.mean([x[0], 2])
    total += np.dot([x[0], x[1]], [1, 2]) + np.max([x[0], x[2]])
    total += np.hypot(x[0], [1.0, 2.0])[0] + np.maximum([x[0], 1], [x[1], 0]).sum()
    total += np.outer([x[0], 1], x).sum() + np.where([True], [x[0]], [2])[0]
    return total + np.einsum("i,i->", [x[0], x[1]], [2.0, x[2]])


def of_lists_beside_arrays(x):
    identity, ones = np.eye(3), np.ones(3)
    total = identity.dot(x).sum() + identity.dot([x[0], 1, 2]).sum()
    total += np.sum(x * [x[1], 1, 2]) + np.sum(ones * [x[0], 1, 2])
    return total + (identity @ [x[2], 1, 2]).sum() + x.dot([x[0], 1, 2])


def of_clip(x):
    total = np.clip(x, -1, x[0]).sum() + x.clip(-1, 1).sum()
    return total + np.clip([x[0], x[1]], 0, 1).sum() + ad.stop_gradient(x).sum()


def of_interp(x):
    knots = [0.0, 1.0, 2.0]
    return np.interp(0.3, [0, 1], [1, x[2]]) * np.interp(x[0], knots, [x[1], 1, x[2]])


def of_meshgrid(x):
    a, b = np.meshgrid(x, x[:2], indexing="ij")
    return np.sum(a * b**2)


FUNCTIONS = {
    name: function
    for name, function in list(globals().items())
    if name.startswith("of_")
}


@pytest.mark.filterwarnings("ignore::adjoint.errors.BatchFallbackWarning")
@pytest.mark.parametrize("name", FUNCTIONS)
def test_on_an_array(name):
    if name == "of_clip":  # the value stopped is a constant to us, not to quotients
        assert ad.value_and_grad(of_clip)(X)[0] == of_clip(X)
        np.testing.assert_array_equal(ad.grad(of_clip)(X), [4.0, 0.0, 0.0])
        return
    check(FUNCTIONS[name], X)


@pytest.mark.filterwarnings("ignore:complex\\(\\) argument:DeprecationWarning")
def test_a_complex_number_of_a_complex_number():
    """Python 3.14 warns of it, where nothing is traced."""
    check(lambda x: complex(complex(x[0], x[1]), x[2]).imag, X)


def test_single_precision_on_request():
    """The array is float32, so is the gradient on its way; the argument is not."""

    def f(x):
        return np.sum(np.asarray(x, dtype=np.float32) * np.float32(2)) * np.float32(
            x[0]
        )

    value, slope = ad.value_and_grad(f)(X)
    assert f(X) == value
    assert (np.float32, np.float64) == (value.dtype, slope.dtype)
    np.testing.assert_array_equal(slope, [4.0, 1.0, 1.0])
