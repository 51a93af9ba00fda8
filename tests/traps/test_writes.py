"""Traps 18, 45 and 46: overwritten values, repeated indices, views, strides.

For tests/traps/test_writes.py: plain ``x[i] = v`` on traced arrays and plain buffers.
"""

import numpy as np
import pytest

import adjoint as ad
from traps.modes import assert_curvature, assert_slope

X = np.array([4.0, 9.0, 16.0])


def test_trap_18_a_value_computed_then_overwritten():
    """An overwritten value contributes nothing, even where its slope is infinite."""

    def f(x):
        y = np.sqrt(x)
        y[0] = 0.0
        return np.sum(y)

    x = np.array([0.0, 4.0])
    assert_slope([0.0, 0.25], f, x)
    assert_curvature(np.diag([0.0, -1.0 / 32.0]), f, x)


def test_trap_18_in_a_buffer():
    """The same in a buffer that is filled twice."""

    def f(x):
        z = np.zeros(2)
        z[0] = np.log(x[0])
        z[1] = x[1]
        z[0] = x[1] * x[1]
        return np.sum(z)

    assert_slope([0.0, 7.0], f, np.array([0.0, 3.0]))


def test_trap_18_a_whole_array_overwritten():
    """Through a slice, and by a constant."""

    def f(x):
        y = 1.0 / x
        y[:] = 2.0
        return np.sum(y) + np.sum(x)

    assert_slope([1.0, 1.0], f, np.array([0.0, 4.0]))


def test_trap_45_a_gather_sums():
    """An element that is read twice counts twice."""
    assert_slope([2.0, 0.0, 1.0], lambda x: np.sum(x[[0, 0, 2]]), X)


def test_trap_45_an_augmented_assignment_keeps_the_last_write():
    """x[[0, 0]] += v adds once, as NumPy does: the last v counts."""

    def f(p):
        x, v = 1.0 * p[:2], p[2:]
        x[[0, 0]] += v
        return np.sum(x * np.array([10.0, 100.0]))

    p = np.array([1.0, 2.0, 3.0, 5.0])
    assert 10.0 * 6.0 + 200.0 == f(p)
    assert_slope([10.0, 100.0, 0.0, 10.0], f, p)


def test_trap_45_a_store_keeps_the_last_write():
    """x[[0, 0]] = v stores the last v."""

    def f(p):
        x, v = 1.0 * p[:2], p[2:]
        x[[0, 0]] = v
        return np.sum(x * np.array([10.0, 100.0]))

    assert_slope([0.0, 100.0, 0.0, 10.0], f, np.array([1.0, 2.0, 3.0, 5.0]))


def test_trap_45_add_at_accumulates():
    """np.add.at adds each v."""

    def f(p):
        x, v = 1.0 * p[:2], p[2:]
        np.add.at(x, [0, 0], v)
        return np.sum(x * np.array([10.0, 100.0]))

    p = np.array([1.0, 2.0, 3.0, 5.0])
    assert 10.0 * 9.0 + 200.0 == f(p)
    assert_slope([10.0, 100.0, 10.0, 10.0], f, p)


def test_trap_45_a_loop_accumulates():
    """So does a loop of single additions."""

    def f(p):
        z = np.zeros(2)
        for k in (0, 0, 1):
            z[k] += p[k] * p[k]
        return z[0] * z[1]

    a, b = 2.0, 3.0  # f = 2 a**2 b**2
    assert_slope([4.0 * a * b * b, 4.0 * a * a * b], f, np.array([a, b]))
    curvature = [[4.0 * b * b, 8.0 * a * b], [8.0 * a * b, 4.0 * a * a]]
    assert_curvature(curvature, f, np.array([a, b]))


def test_trap_46_a_write_through_a_view():
    """The base changes with its view, and the view with its base."""

    def f(x):
        y = 1.0 * x
        view = y[1:]
        view[0] = x[0] * x[0]
        y[2] = 3.0 * x[1]
        return y[1] + view[1]

    assert_slope([2.0 * X[0], 3.0, 0.0], f, X)


def test_trap_46_negative_strides():
    """A reversed view is written from the other end."""

    def f(x):
        y = 1.0 * x
        y[::-1][0] = x[0] ** 2
        y[::-2] *= 2.0
        return np.sum(y * np.array([1.0, 10.0, 100.0]))

    assert_slope([2.0 + 200.0 * 2.0 * X[0], 10.0, 0.0], f, X)


def test_trap_46_overlapping_views():
    """x[1:] = x[:-1] moves the old values, as NumPy does; += reads them first."""

    def moved(x):
        y = 1.0 * x
        y[1:] = y[:-1]
        return np.sum(y * np.array([1.0, 10.0, 100.0]))

    assert_slope([11.0, 100.0, 0.0], moved, X)

    def added(x):
        y = 1.0 * x
        y[1:] += y[:-1]
        return np.sum(y * np.array([1.0, 10.0, 100.0]))

    assert_slope([11.0, 110.0, 100.0], added, X)


def test_trap_46_a_transposed_and_a_reshaped_view():
    """Views of another shape."""

    def f(x):
        y = np.zeros((2, 3))
        y.T[0] = x[:2]
        y.reshape(-1)[5] = x[2] ** 2
        y[0, 0] *= x[2]
        return np.sum(y * np.arange(1.0, 7.0).reshape(2, 3))

    a, _, c = X
    assert_slope([c, 4.0, a + 12.0 * c], f, X)


def test_trap_46_saved_values_are_those_of_their_time():
    """What was used before a write counts with its old value."""

    def f(x):
        y = 1.0 * x
        product = y * y
        y[0] = 0.0
        y *= 3.0
        return np.sum(product) + np.sum(y * y)

    assert_slope([2.0 * X[0], 20.0 * X[1], 20.0 * X[2]], f, X)
    assert_curvature(np.diag([2.0, 20.0, 20.0]), f, X)


def test_trap_46_an_alias_is_the_same_array():
    """Two names of one array, and a copy that is another."""

    def f(x):
        y = 1.0 * x
        z, copy = y, y.copy()
        z[0] = x[1]
        return y[0] + 10.0 * copy[0]

    assert_slope([10.0, 1.0, 0.0], f, X)


@pytest.mark.parametrize("derivative", [ad.grad, ad.jacfwd, ad.jacrev])
def test_trap_46_the_callers_array_does_not_change(derivative):
    """An argument is copied at its first write."""

    def f(x):
        x[0] = 2.0 * x[1]
        x[1:] *= x[0]
        return np.sum(x)

    given = X.copy()
    _, b, c = X  # 2 b + 2 b b + 2 b c
    expected = [0.0, 2.0 + 4.0 * b + 2.0 * c, 2.0 * b]
    np.testing.assert_allclose(derivative(f)(given), expected, rtol=1e-14)
    np.testing.assert_array_equal(given, X)


def test_trap_46_an_expanded_buffer():
    """Reading a row that is broadcast to many, then writing the row."""

    def f(x):
        row = 1.0 * x
        wide = np.broadcast_to(row, (2, 3)) * 1.0
        row[0] = 0.0
        return np.sum(wide) + np.sum(row)

    assert_slope([2.0, 3.0, 3.0], f, X)


def test_writes_end_what_rewrites_remember():
    """An array that was written into is no longer the result of abs or exp."""

    def f(x):
        y = np.abs(x)
        y[0] = x[0] * x[1]
        return np.sum(y**2)

    a, b = 2.0, -3.0  # (a b)**2 + b**2
    assert_slope([2.0 * a * b * b, 2.0 * a * a * b + 2.0 * b], f, np.array([a, b]))

    def g(x):
        e = np.exp(x)
        e[0] = 1.0
        return np.log(np.sum(e))

    share = np.exp(2.0) / (1.0 + np.exp(2.0))
    assert_slope([0.0, share], g, np.array([5.0, 2.0]))
