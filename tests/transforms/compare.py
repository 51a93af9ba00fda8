"""Comparisons that the tests of the transforms share: expected first, then given."""

import itertools

import numpy as np

import adjoint as ad


def assert_same(expected, given):
    """Equal trees: containers, types, dtypes, shapes and values, to the last bit."""
    wanted, structure = ad.tree.flatten(expected)
    found, other = ad.tree.flatten(given)
    assert structure == other, f"{other} instead of {structure}"
    for one, two in zip(wanted, found, strict=True):
        assert type(one) is type(two), f"{type(two)} instead of {type(one)}"
        assert getattr(one, "dtype", None) == getattr(two, "dtype", None)
        np.testing.assert_array_equal(two, one, strict=isinstance(one, np.ndarray))


def assert_close(expected, given, rtol=1e-12, atol=1e-13):
    """Equal trees up to rounding: a few operations' worth by default."""
    wanted, structure = ad.tree.flatten(expected)
    found, other = ad.tree.flatten(given)
    assert structure == other, f"{other} instead of {structure}"
    for one, two in zip(wanted, found, strict=True):
        assert np.shape(one) == np.shape(two)
        np.testing.assert_allclose(two, one, rtol=rtol, atol=atol)


def assert_disjoint(*trees):
    """No two arrays in the trees share memory."""
    arrays = [leaf for leaf in ad.tree.leaves(trees) if isinstance(leaf, np.ndarray)]
    for one, two in itertools.combinations(arrays, 2):
        assert not np.shares_memory(one, two)
