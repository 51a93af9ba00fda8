"""Where NumPy returns new memory, a function returns a new handle, not its argument.

A write into one must not be seen in the other.
"""

import numpy as np
import pytest

import adjoint as ad

COPIES = {
    "copy": np.copy,
    "x.copy()": lambda x: x.copy(),
    "flatten": lambda x: x.flatten(),
    "astype": lambda x: x.astype(float),
    "positive": np.positive,
    "+x": lambda x: +x,
    "conjugate": np.conjugate,
    "absolute": np.abs,
    "add 0": lambda x: x + 0,
    "array_split joined": lambda x: np.concatenate(np.array_split(x, 1)),
    "block": np.block,
    "clip": lambda x: np.clip(x, None, None),
    "concatenate": lambda x: np.concatenate([x]),
    "delete nothing": lambda x: np.delete(x, []),
    "fftshift of no axis": lambda x: np.fft.fftshift(x, axes=()),
    "full_like": lambda x: np.full_like(x, x),
    "hstack": lambda x: np.hstack([x]),
    "insert nothing": lambda x: np.insert(x, [], []),
    "meshgrid": lambda x: np.meshgrid(x)[0],
    "nan_to_num": np.nan_to_num,
    "pad nothing": lambda x: np.pad(x, 0),
    "repeat once": lambda x: np.repeat(x, 1),
    "roll by 0": lambda x: np.roll(x, 0),
    "roll along no axis": lambda x: np.roll(x, (), ()),
    "select": lambda x: np.select([np.ones(3, bool)], [x]),
    "sort": np.sort,
    "sum over no axis": lambda x: np.sum(x, axis=()),
    "take": lambda x: np.take(x, [0, 1, 2]),
    "tile once": lambda x: np.tile(x, 1),
    "where": lambda x: np.where(True, x, 0.0),
    "x[mask]": lambda x: x[np.ones(3, bool)],
}


@pytest.mark.parametrize("name", COPIES)
def test_a_copy_is_another_handle(name):
    copied = COPIES[name]
    x = np.array([1.0, 2.0, 3.0])
    assert not np.shares_memory(copied(x), x)

    def f(x):
        out = copied(x)
        assert out is not x
        return np.sum(out * out)

    ad.jvp(f, (x,), (x,))
    ad.vmap(f)(np.stack([x, x]))
    np.testing.assert_array_equal(ad.grad(f)(x), 2.0 * x)


LATER = {
    "sum": (lambda x, mask: np.sum(x * x, where=mask), np.array([True, False, True])),
    "prod": (lambda x, mask: np.prod(x, where=mask), np.array([True, False, True])),
    "piecewise": (
        lambda x, mask: np.sum(np.piecewise(x, [mask], [np.square, 0.0])),
        np.array([True, False, True]),
    ),
    "bincount": (
        lambda x, places: np.bincount(places, x * x) @ np.array([1.0, 2.0, 3.0]),
        np.array([0, 2, 1]),
    ),
}


@pytest.mark.parametrize("name", LATER)
def test_masks_and_places_may_be_written_to_later(name):
    """They are copied when they are used."""
    function, parameter = LATER[name]
    x = np.array([1.0, 2.0, 3.0])
    expected = ad.grad(function)(x, parameter)

    def f(x):
        buffer = parameter.copy()
        out = function(x, buffer)
        buffer[:] = buffer[::-1].copy() ^ (buffer.dtype == bool)
        return out

    np.testing.assert_array_equal(ad.grad(f)(x), expected)
