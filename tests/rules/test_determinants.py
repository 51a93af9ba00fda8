"""Derivatives of determinants: those of the polynomial, at any rank and order."""

import itertools
import warnings

import numpy as np
import pytest

import adjoint as ad
from adjoint._primitives.linalg import determinant

RNG = np.random.default_rng(0)
SKEWED = np.array([[1e10, 2e10, 1e10], [3.0, 4.0, 1.0], [1e-8, 0.0, 2e-8]])
MATRICES = {
    "regular": RNG.normal(size=(3, 3)),
    "one zero": np.diag([1.0, 1.0, 0.0]),
    "zeros": np.zeros((3, 3)),
    "rank one": np.outer([1.0, 2.0, 3.0], [1.0, 1.0, 2.0]),
    "rank two but for rounding": RNG.normal(size=(3, 2)) @ RNG.normal(size=(2, 3)),
    "rank one but for rounding": RNG.normal(size=(3, 1)) @ RNG.normal(size=(1, 3)),
    "rank two of four": RNG.normal(size=(4, 2)) @ RNG.normal(size=(2, 4)),
    "two zeros of four": np.diag([1.0, 1.0, 0.0, 0.0]),
    "Hilbert": 1.0 / (np.arange(4.0)[:, None] + np.arange(4.0) + 1.0),
    "nearly singular": np.diag([1.0, 1.0, 1e-20]),
}
NESTINGS = list(itertools.product([ad.jacfwd, ad.jacrev], repeat=3))


def leibniz(a, order):
    """A derivative of the sum over permutations p of ± a[0, p0] a[1, p1] ..."""
    n = len(a)
    out = np.zeros((n, n) * order, a.dtype)
    for p in itertools.permutations(range(n)):
        sign = np.linalg.det(np.eye(n)[list(p)])
        for rows in itertools.permutations(range(n), order):
            at = tuple(k for row in rows for k in (row, p[row]))
            rest = [a[row, p[row]] for row in range(n) if row not in rows]
            out[at] += sign * np.prod(rest)
    return out


@pytest.fixture(autouse=True)
def _no_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


@pytest.mark.parametrize("at", MATRICES.values(), ids=MATRICES)
@pytest.mark.parametrize(
    "nesting", NESTINGS, ids=lambda n: "-".join(m.__name__ for m in n)
)
def test_three_derivatives_are_those_of_the_polynomial(at, nesting):
    f = np.linalg.det
    for order, mode in enumerate(nesting, 1):
        f = mode(f)
        np.testing.assert_allclose(f(at), leibniz(at, order), rtol=1e-12, atol=1e-13)


def test_rows_of_different_sizes():
    """Each slope is right to the size that its rows give it: they are scaled before."""
    f, sizes = np.linalg.det, np.array([1e10, 4.0, 1e-8])
    for order in (1, 2, 3):
        f = ad.jacfwd(f)
        error = np.abs(f(SKEWED) - leibniz(SKEWED, order))
        for k in range(order):
            error = error * np.expand_dims(sizes, tuple(range(1, 2 * (order - k))))
        assert np.max(error) < 1e-12 * np.prod(sizes)


@pytest.mark.parametrize("name", ["one zero", "rank one but for rounding"])
def test_complex_matrices(name):
    at = MATRICES[name] * (1.0 + 2.0j)
    f = np.linalg.det
    for order in (1, 2, 3):
        f = ad.jacfwd(f, holomorphic=True)
        np.testing.assert_allclose(f(at), leibniz(at, order), rtol=1e-12, atol=1e-12)


def test_matrices_of_different_ranks_in_one_stack():
    """Large ones too: each is treated by its own rank."""
    for n in (3, 4):
        stack = np.stack([m for m in MATRICES.values() if len(m) == n])
        for order, transform in ((1, ad.grad), (2, ad.hessian)):
            expected = np.stack([leibniz(m, order) for m in stack])
            given = ad.vmap(transform(np.linalg.det))(stack)
            np.testing.assert_allclose(given, expected, rtol=1e-12, atol=1e-13)
    large = RNG.normal(size=(30, 30))
    large[0] = 0.0
    stack = np.stack([large, np.zeros((30, 30)), RNG.normal(size=(30, 30))])
    given = ad.grad(lambda s: np.sum(np.linalg.det(s)))(stack)
    minors = [np.linalg.det(np.delete(large[1:], k, 1)) * (-1) ** k for k in range(30)]
    np.testing.assert_allclose(given[0, 0], minors, rtol=1e-10)
    assert np.count_nonzero(given[1]) == 0
    expected = np.linalg.det(stack[2]) * np.linalg.inv(stack[2]).T
    np.testing.assert_allclose(given[2], expected, rtol=1e-10)


@np.errstate(invalid="ignore")  # NumPy's own warning of the determinant
def test_nan_stays_nan():
    """And does not disturb a singular neighbour."""
    at = np.array([[np.nan, 1.0], [1.0, 2.0]])
    assert np.all(np.isnan(ad.grad(np.linalg.det)(at)))
    given = ad.vmap(ad.grad(np.linalg.det))(np.stack([at, np.ones((2, 2))]))
    assert np.all(np.isnan(given[0]))
    np.testing.assert_allclose(given[1], [[1.0, -1.0], [-1.0, 1.0]], atol=1e-15)


def test_singular_matrices_that_are_not_finite_give_nan():
    """LAPACK refuses their singular values, and rules do not raise."""
    a = np.array([[0.0, 0.0], [0.0, np.inf]])
    stack = np.stack([a, np.ones((2, 2))])
    with np.errstate(all="ignore"):
        assert np.isnan(ad.grad(np.linalg.det)(a)).all()
        slopes = ad.grad(lambda a: np.sum(np.linalg.det(a)))(stack)
        second = ad.hessian(np.linalg.det)(np.array([[np.inf, 1.0], [1.0, 2.0]]))
        lost = ad.hessian(np.linalg.det)(a)
    assert np.isnan(lost).all()
    assert np.isnan(slopes[0]).all()
    assert np.allclose([[1.0, -1.0], [-1.0, 1.0]], slopes[1], rtol=0, atol=1e-15)
    assert np.isnan(second[1, 1, 1]).all()


def test_first_derivatives_do_not_ask_for_singular_values(monkeypatch):
    """Large matrices are seldom well conditioned, and the inverse is right there."""
    a = np.array([[1.0, 2.0], [0.5, 1.0 + 2.0**-30]])
    monkeypatch.setattr(determinant, "cofactors", None)
    expected = np.array([[a[1, 1], -0.5], [-2.0, 1.0]])
    assert np.allclose(expected, ad.grad(np.linalg.det)(a), rtol=1e-15, atol=0)


@pytest.mark.parametrize(
    ("a", "cofactors"),
    [
        (np.ones((3, 3)), np.zeros((3, 3))),
        (np.outer([1.0, 2.0, 3.0], [1.0, 1.0, 2.0]), np.zeros((3, 3))),
        (np.diag([1.0, 2.0, 0.0]), np.diag([0.0, 0.0, 2.0])),
        (np.zeros((1, 1)), np.ones((1, 1))),
    ],
    ids=["ones", "rank 1", "diagonal", "1 by 1"],
)
def test_slogdet_of_singular_matrices_is_nan_where_the_cofactor_is_0(a, cofactors):
    """That is so where rounding leaves something of it too."""
    with pytest.warns(
        ad.errors.ConventionWarning, match="slogdet was given a singular"
    ):
        slopes = ad.grad(lambda a: np.linalg.slogdet(a)[1])(a)
    np.testing.assert_array_equal(slopes, np.where(cofactors == 0, np.nan, np.inf))
