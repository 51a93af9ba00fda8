"""Second derivatives of values alone, vectors of equal values, factors of low rank."""

import warnings

import numpy as np
import pytest

import adjoint as ad

Convention = ad.errors.ConventionWarning
NESTINGS = {
    "forward over reverse": ad.hessian,
    "reverse over reverse": lambda f: ad.jacrev(ad.grad(f)),
    "reverse over forward": lambda f: ad.jacrev(ad.jacfwd(f)),
    "forward over forward": lambda f: ad.jacfwd(ad.jacfwd(f)),
}
RNG = np.random.default_rng(0)
LOWER = np.diag([3.0, 2.0, 0.0])
LONG = np.eye(2, 3) * np.array([[3.0], [0.0]])
FEW = RNG.normal(size=(3, 6))
FEW = FEW - FEW.mean(0)  # two of three singular values are not 0
two = lambda a: np.linalg.svd(a, compute_uv=False)  # noqa: E731
reduced = lambda a: np.linalg.svd(a, full_matrices=False).S  # noqa: E731


def judged(call):
    """Return a result, and whether the warning came with it."""
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("error")
        warnings.simplefilter("always", Convention)
        out = call()
    return out, bool(seen)


@pytest.mark.parametrize("nesting", NESTINGS.values(), ids=NESTINGS)
@pytest.mark.parametrize("at", [2.0 * np.eye(2), LOWER, LONG, FEW, np.zeros((2, 2))])
@pytest.mark.parametrize("values", [two, reduced])
def test_the_sum_of_squared_singular_values(values, at, nesting):
    """Its Hessian is 2 I; where that cannot be known it is nan, and never silent."""
    f = lambda a: np.sum(values(a) ** 2)  # noqa: E731
    given, loud = judged(lambda: nesting(f)(at))
    right = 2.0 * np.reshape(np.eye(at.size), at.shape * 2)
    assert loud or np.allclose(given, right, atol=1e-12)
    if nesting is not NESTINGS["forward over forward"]:  # there 0 * nan may be 0
        assert np.allclose(given, right, atol=1e-12) or not np.all(np.isfinite(given))


@pytest.mark.parametrize("nesting", NESTINGS.values(), ids=NESTINGS)
@pytest.mark.parametrize("power", [2, 3])
def test_powers_of_equal_eigenvalues_of_symmetric_matrices(power, nesting):
    f = lambda a: np.sum(np.linalg.eigvalsh(a) ** power)  # noqa: E731
    given, loud = judged(lambda: nesting(f)(2.0 * np.eye(2)))
    assert loud
    assert not np.all(np.isfinite(given))
    f = lambda a: np.sum(np.linalg.eigvalsh((a + a.T) / 2.0) ** power)  # noqa: E731
    apart = np.diag([2.0, 3.0])
    given, loud = judged(lambda: nesting(f)(apart))
    assert not loud
    slopes = power * np.array([2.0, 3.0]) ** (power - 1)
    turning = (slopes[1] - slopes[0]) / 2.0
    expected = np.zeros((2, 2, 2, 2))
    expected[0, 0, 0, 0] = power * (power - 1) * 2.0 ** (power - 2)
    expected[1, 1, 1, 1] = power * (power - 1) * 3.0 ** (power - 2)
    expected[0, 1, 0, 1] = expected[0, 1, 1, 0] = turning
    expected[1, 0, 0, 1] = expected[1, 0, 1, 0] = turning
    np.testing.assert_allclose(given, expected, atol=1e-12)


@pytest.mark.parametrize("values", [two, reduced])
def test_reverse_over_reverse_leaves_out_values_that_are_not_used(values):
    """Of three rows less their mean one is 0 but for rounding."""
    f = lambda a: np.sum(values(a)[:2] ** 3)  # noqa: E731
    second, loud = judged(lambda: ad.jacrev(ad.grad(f))(FEW))
    assert not loud
    v, step = RNG.normal(size=FEW.shape), 1e-5
    expected = (ad.grad(f)(FEW + step * v) - ad.grad(f)(FEW - step * v)) / (2.0 * step)
    given = np.tensordot(second, v, 2)
    np.testing.assert_allclose(given, expected, rtol=1e-7, atol=1e-7)


def test_the_cure_for_forward_mode_is_told():
    f = lambda a: np.sum(two(a - a.mean(0))[:2] ** 3)  # noqa: E731
    with pytest.warns(Convention, match=r"take ad\.jacrev\(ad\.grad\(f\)\)"):
        assert not np.all(np.isfinite(ad.hessian(f)(FEW)))


@pytest.mark.parametrize("mode", [ad.grad, ad.jacfwd])
@pytest.mark.parametrize(
    "function",
    [
        lambda a: np.linalg.eigh(a)[1][0, 0],
        lambda a: np.linalg.eig(a)[1][0, 0].real,
        lambda a: np.linalg.svd(a)[0][0, 0],
    ],
)
def test_an_element_on_the_diagonal_of_equal_vectors(function, mode):
    """Where v is the identity its cotangent turns nothing: that says nothing."""
    given, loud = judged(lambda: mode(function)(2.0 * np.eye(2)))
    assert loud
    assert np.any(np.isnan(given))


def test_the_largest_of_equal_values_does_not_share():
    """The slope of the last vector that LAPACK gives, not an even split."""
    largest = lambda a: np.linalg.eigvalsh(a)[-1]  # noqa: E731
    np.testing.assert_array_equal(
        ad.grad(largest)(2.0 * np.eye(2)), np.diag([0.0, 1.0])
    )
    norm = lambda a: np.linalg.norm(a, 2)  # noqa: E731
    np.testing.assert_allclose(ad.grad(norm)(2.0 * np.eye(2)), np.diag([0.5, 0.5]))


@pytest.mark.parametrize("mode", [ad.grad, ad.jacfwd])
@pytest.mark.parametrize(
    "at",
    [
        np.outer([1.0, 2.0, 3.0], [1.0, 1.0, 2.0]),
        1e-9 * np.outer([1.0, 2.0, 3.0], [1.0, 1.0, 2.0]),
        np.diag([1.0, 0.0]),
        np.outer([1.0, 2.0, 3.0], [1.0, 3.0]),
    ],
)
def test_factors_of_dependent_columns_are_nan(at, mode):
    f = lambda a: np.sum(np.linalg.qr(a)[0] ** 3)  # noqa: E731
    with pytest.warns(Convention, match="linearly dependent"):
        assert np.all(np.isnan(mode(f)(at)))
    stack = np.stack([at, at + np.eye(*at.shape)])
    with pytest.warns(Convention, match="linearly dependent"):
        given = ad.vmap(mode(f))(stack)
    np.testing.assert_allclose(given[1], mode(f)(stack[1]), rtol=1e-12)
    assert np.all(np.isnan(given[0]))


def test_columns_of_very_different_sizes_are_not_dependent():
    """The sum of r² is that of a²."""
    at = np.diag([1.0, 1e-18, 1e12])
    given, loud = judged(lambda: ad.grad(lambda a: np.sum(np.linalg.qr(a)[1] ** 2))(at))
    assert not loud
    np.testing.assert_allclose(given, 2.0 * at, rtol=1e-12)


@pytest.mark.parametrize("size", [1e200, 1e-200])
def test_qr_of_matrices_whose_squares_are_out_of_range(size):
    """Dependence of columns is told by their shares, not by squares."""
    a = np.array([[3.0, 1.0], [4.0, 2.0]])
    f = lambda a: np.sum(np.linalg.qr(a)[0] ** 3)  # noqa: E731
    assert np.allclose(ad.grad(f)(a), ad.grad(f)(a * size) * size, rtol=1e-12)
    dependent = size * np.array([[1.0, 2.0], [2.0, 4.0]])
    with pytest.warns(ad.errors.ConventionWarning, match="dependent"):
        assert np.isnan(ad.grad(f)(dependent)).all()
