"""Cotangents of index reads are added in place, also under batches of batches."""

import numpy as np
import pytest

import adjoint as ad

X = np.random.default_rng(21).normal(size=(4, 6))


def overlapping(x):
    """Read elements, slices and the whole, some of them twice, in turn."""
    y = x[0] * x[1:4]
    z = x[-1] * np.sum(x[..., :3]) + x[0]
    return np.stack([np.sum(y), z, np.sum(x * x), x[2] * x[2], x[None, 4][0]])


def by_hand(x):
    """Return the Jacobian of `overlapping`."""
    jacobian = np.zeros((5, 6))
    jacobian[0, 0] = np.sum(x[1:4])
    jacobian[0, 1:4] = x[0]
    jacobian[1, :3] = x[-1]
    jacobian[1, -1] = np.sum(x[:3])
    jacobian[1, 0] += 1.0
    jacobian[2] = 2.0 * x
    jacobian[3, 2] = 2.0 * x[2]
    jacobian[4, 4] = 1.0
    return jacobian


@pytest.mark.parametrize("jacobian", [ad.jacrev, ad.jacfwd, ad.jacobian])
def test_jacobians_alone_and_in_a_batch(jacobian):
    """One point, a batch of points, and a batch of batches."""
    expected = np.stack([by_hand(x) for x in X])
    one = jacobian(overlapping)
    np.testing.assert_allclose(one(X[0]), expected[0], rtol=1e-14, atol=1e-14)
    np.testing.assert_allclose(ad.vmap(one)(X), expected, rtol=1e-14, atol=1e-14)
    twice = ad.vmap(ad.vmap(one))(np.stack([X, 2.0 * X]))
    double = np.stack([by_hand(2.0 * x) for x in X])
    np.testing.assert_allclose(
        twice, np.stack([expected, double]), rtol=1e-14, atol=1e-14
    )


def test_a_pullback_called_twice_gives_the_same():
    """What was added in place belongs to one call alone."""
    _, pullback = ad.vjp(ad.vmap(overlapping), X)
    w = np.random.default_rng(22).normal(size=(4, 5))
    first = pullback(w)[0]
    kept = first.copy()
    second = pullback(w)[0]
    np.testing.assert_array_equal(first, kept)
    np.testing.assert_array_equal(second, kept)
    expected = np.stack([v @ by_hand(x) for v, x in zip(w, X, strict=True)])
    np.testing.assert_allclose(first, expected, rtol=1e-13, atol=1e-13)
