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


ROWS = np.random.default_rng(3).normal(size=(4, 3, 5))
OF_PLACES = {
    "sort": lambda m: np.sum(np.sort(m, axis=1) ** 2 * np.arange(5.0)),
    "median": lambda m: np.sum(np.median(m, axis=1) ** 2),
    "quantile": lambda m: np.sum(np.quantile(m, 0.3, axis=0) ** 3),
    "partition": lambda m: np.sum(np.partition(m, 2)[:, 2] ** 2),
    "argmax": lambda m: np.sum(m[np.arange(3), np.argmax(m, 1)] ** 3),
    "argmax of a row": lambda m: np.sum(m[:, np.argmax(m[0])] ** 2),
    "argsort": lambda m: np.sum(np.take_along_axis(m, np.argsort(m, 1), 1)[:, :2] ** 2),
}
SECOND = {
    "hessian": ad.hessian,
    "jacfwd": ad.jacfwd,
    "jacfwd twice": lambda f: ad.jacfwd(ad.jacfwd(f)),
    "jacrev of grad": lambda f: ad.jacrev(ad.grad(f)),
    "jacrev of jacfwd": lambda f: ad.jacrev(ad.jacfwd(f)),
}


@pytest.mark.parametrize("second", SECOND)
@pytest.mark.parametrize("name", OF_PLACES)
def test_places_of_an_outer_batch_in_an_inner_one(name, second):
    """The seeds of a Jacobian are plain, the places in each sample are not."""
    derivative = SECOND[second](OF_PLACES[name])
    expected = np.stack([derivative(row) for row in ROWS])
    got = ad.vmap(derivative, fallback="raise")(ROWS)
    np.testing.assert_allclose(got, expected, rtol=1e-14, atol=1e-14)


def test_places_of_an_outer_batch_in_plain_rows():
    """Batches of batches, of which one has the places and the other the elements."""
    rows = ROWS[0]
    places = np.array([[0, 2], [4, 4]])
    pick = ad.vmap(ad.vmap(lambda x, i: x[i], in_axes=(0, None)), in_axes=(None, 0))
    expected = np.stack([rows[:, i] for i in places])
    assert np.array_equal(expected, pick(rows, places))
