"""Traced values stored in plain arrays, and writes into traced ones."""

import gc

import numpy as np
import pytest

import adjoint as ad
from adjoint import errors

from .judge import assert_says, sentence


def store_element(x):
    z = np.zeros(3)
    z[0] = x[0]
    return np.sum(z)


def store_slice(x):
    z = np.zeros(3)
    z[:] = x
    return np.sum(z)


def store_row(x):
    z = np.zeros((2, 3))
    z[1] = x * 2.0
    return np.sum(z)


def store_number_of_an_inner_result(x):
    z = np.zeros(1)
    z[0] = np.sum(x)
    return z[0]


@pytest.mark.parametrize(
    ("function", "slopes"),
    [
        (store_element, [1.0, 0.0, 0.0]),
        (store_slice, [1.0, 1.0, 1.0]),
        (store_row, [2.0, 2.0, 2.0]),
        (store_number_of_an_inner_result, [1.0, 1.0, 1.0]),
    ],
)
def test_a_store_into_a_plain_array_is_right_or_refused(function, slopes):
    """NumPy's "setting an array element with a sequence" becomes our sentence."""
    x, v = np.ones(3), np.array([1.0, 2.0, 4.0])
    np.testing.assert_array_equal(ad.grad(function)(x), slopes)
    assert v @ slopes == ad.jvp(function, (x,), (v,))[1]
    for call in (
        lambda: ad.grad(function, plain_numpy=False)(x),
        lambda: ad.jvp(function, (x,), (v,), plain_numpy=False),
    ):
        message = sentence(errors.ConversionError, call)
        assert_says(message, "z[i] = x", "np.stack", "test_stores.py", "float64")
        assert "sequence" not in message


def test_a_store_under_vmap_is_right():
    """Each sample stores into an array of its own."""
    batch = np.arange(6.0).reshape(2, 3)
    for function, expected in (
        (store_element, batch[:, 0]),
        (store_slice, batch.sum(1)),
        (store_row, 2.0 * batch.sum(1)),
    ):
        np.testing.assert_array_equal(ad.vmap(function)(batch), expected)


def add_out(x):
    z = np.zeros(3)
    np.add(z, x, out=z)
    return np.sum(z)


def add_in_place(x):
    z = np.zeros(3)
    z += x
    return np.sum(z)


def write_argument(x):
    x[0] = 1.0
    return np.sum(x)


def add_to_argument(x):
    x += 1.0
    return np.sum(x)


@pytest.mark.parametrize(
    ("function", "phrases"),
    [
        (add_out, ("np.add", "out=")),
        (add_in_place, ("np.add", "z += x")),
    ],
)
def test_traced_results_into_plain_arrays_are_right_or_refused(function, phrases):
    """The write, in which line, and the new array to build instead."""
    x = np.ones(3)
    np.testing.assert_array_equal(ad.grad(function)(x), np.ones(3))
    assert 3.0 == ad.jvp(function, (x,), (np.ones(3),))[1]
    np.testing.assert_array_equal(ad.vmap(function)(np.ones((2, 3))), [3.0, 3.0])
    for call in (
        lambda: ad.grad(function, plain_numpy=False)(x),
        lambda: ad.jvp(function, (x,), (np.ones(3),), plain_numpy=False),
        lambda: ad.vmap(function, plain_numpy=False)(np.ones((2, 3))),
    ):
        message = sentence(errors.MutationError, call)
        assert_says(message, *phrases, "test_stores.py")
    np.testing.assert_array_equal(x, np.ones(3))


@pytest.mark.parametrize(
    ("function", "slopes"),
    [(write_argument, [0.0, 1.0, 1.0]), (add_to_argument, [1.0, 1.0, 1.0])],
)
def test_writes_into_traced_arrays_are_right_and_stay_inside(function, slopes):
    """The argument is copied before the first write: the caller's array stays."""
    x = np.full(3, 2.0)
    value, gradient = ad.value_and_grad(function)(x)
    assert function(x.copy()) == value
    np.testing.assert_array_equal(gradient, slopes)
    value, slope = ad.jvp(function, (x,), (np.arange(3.0) + 1.0,))
    assert function(x.copy()) == value
    assert np.dot(slopes, np.arange(3.0) + 1.0) == slope
    np.testing.assert_array_equal(ad.vmap(function)(np.stack([x, x])), [value, value])
    np.testing.assert_array_equal(x, np.full(3, 2.0))


def test_a_refusal_leaves_no_objects_behind():
    """The error does not keep the tape alive through its traceback for ever."""
    gc.collect()
    gc.disable()
    try:
        counts = []
        for _ in range(20):
            with pytest.raises(errors.AdjointError):
                ad.grad(store_slice, plain_numpy=False)(np.ones(3))
            gc.collect()
            counts.append(len(gc.get_objects()))
    finally:
        gc.enable()
    assert max(counts[10:]) - min(counts[10:]) < 200
