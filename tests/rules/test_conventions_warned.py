"""Bad input: NumPy's own error, or the stated convention with one named warning."""

import contextlib
import re
import warnings

import numpy as np
import pytest

import adjoint as ad

Convention = ad.errors.ConventionWarning
SINGULAR = np.array([[1.0, 2.0], [2.0, 4.0]])
LOPSIDED = np.array([[4.0, 1.0], [0.0, 3.0]])


@contextlib.contextmanager
def one_warning(match):
    """One warning of the convention, as a user's filters show it."""
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("error")
        warnings.simplefilter("default", Convention)
        yield
    (only,) = seen
    assert only.category is Convention
    assert re.search(match, str(only.message))
    assert only.filename == __file__  # where the user can do something about it


def _sum_of(function):
    return lambda a: np.sum(function(a))


@pytest.fixture(autouse=True)
def _no_other_warning():
    """One named warning, and no other."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("always", Convention)
        yield


@pytest.mark.parametrize(
    "function",
    [
        *(np.linalg.inv, lambda a: np.linalg.solve(a, np.ones(2))),
        lambda a: np.linalg.matrix_power(a, -1),
        lambda a: np.linalg.tensorinv(np.reshape(a, (2, 2)), ind=1),
        lambda a: np.linalg.cholesky(-a),
    ],
)
@pytest.mark.parametrize("transform", [ad.grad, ad.jacfwd, ad.vmap])
def test_singular_matrices_raise_what_numpy_raises(function, transform):
    given = np.zeros((1, 2, 2)) if transform is ad.vmap else np.zeros((2, 2))
    with pytest.raises(np.linalg.LinAlgError):
        function(np.zeros((2, 2)))
    with pytest.raises(np.linalg.LinAlgError):
        transform(_sum_of(function))(given)


def test_the_logarithm_of_a_singular_determinant_has_infinite_slopes():
    with one_warning("slogdet was given a singular matrix"):
        slopes = ad.grad(lambda a: np.linalg.slogdet(a)[1])(np.diag([2.0, 0.0]))
    np.testing.assert_array_equal(slopes, [[np.nan, np.nan], [np.nan, np.inf]])


@pytest.mark.parametrize(
    "function", [np.linalg.cholesky, np.linalg.eigvalsh, lambda a: np.linalg.eigh(a)[0]]
)
def test_what_is_not_symmetric_is_differentiated_as_its_symmetric_part(function):
    """With one warning; the value is NumPy's."""
    weights = np.array([1.0, 2.0])
    f = lambda a: np.sum(function(a) @ weights)  # noqa: E731
    with one_warning(r"not symmetric .* up to 1 "):
        value, slopes = ad.value_and_grad(f)(LOPSIDED)
    assert value == f(LOPSIDED)
    np.testing.assert_array_equal(slopes, slopes.T)


def test_rounding_is_no_asymmetry():
    nearly = np.array([[2.0, 1.0], [1.0 + 1e-12, 3.0]])
    ad.grad(lambda a: np.sum(np.linalg.cholesky(a)))(nearly)
    ad.jvp(np.linalg.eigh, (nearly.astype(np.float32),), (np.ones((2, 2), np.float32),))


@pytest.mark.parametrize(
    "function",
    [
        lambda a: np.linalg.eigh(a)[1][0, 1],
        lambda a: np.linalg.eig(a)[1][0, 1].real,  # complex since NumPy 2.5
        lambda a: np.linalg.svd(a)[0][0, 1],
        lambda a: np.linalg.svd(a, hermitian=True)[0][0, 0],
    ],
)
@pytest.mark.parametrize("mode", [ad.jacrev, ad.jacfwd])
def test_vectors_of_equal_values_have_no_derivative(function, mode):
    with one_warning("vectors of equal eigenvalues or singular"):
        slopes = mode(function)(np.eye(2))
    assert not np.all(np.isfinite(slopes))


def test_equal_values_alone_have_derivatives():
    """Without a warning."""
    eye = np.eye(2)
    expected = 2.0 * eye
    for function in (
        np.linalg.eigvalsh,
        lambda a: np.linalg.eigh(a)[0],
        np.linalg.svdvals,
        lambda a: np.linalg.svd(a)[1],
        lambda a: np.linalg.svd(a, compute_uv=False, hermitian=True),
    ):
        given = ad.grad(lambda a, f=function: np.sum(f(a) ** 2))(eye)
        np.testing.assert_allclose(given, expected, atol=1e-15)


RANK_ONE = np.outer([1.0, 2.0, 3.0], [1.0, -1.0])


@pytest.mark.parametrize(
    "function",
    [
        lambda a: np.linalg.pinv(a, rcond=1e-9),
        lambda a: np.linalg.lstsq(a, np.array([1.0, 0.0, 2.0]), rcond=1e-9)[0],
    ],
)
def test_lower_rank_is_differentiated_at_constant_rank(function):
    """Along a change that keeps the rank: the limit of difference quotients."""
    change = np.outer([1.0, 0.0, -1.0], [1.0, -1.0])
    h = 1e-5
    expected = (function(RANK_ONE + h * change) - function(RANK_ONE - h * change)) / (
        2 * h
    )
    with one_warning("of rank 1, less than 2"):
        _, pushed = ad.jvp(function, (RANK_ONE,), (change,))
    np.testing.assert_allclose(pushed, expected, atol=1e-8)
    with one_warning("of rank 1, less than 2"):
        pulled = ad.grad(_sum_of(function))(RANK_ONE)
    assert np.sum(pulled * change) == pytest.approx(np.sum(expected), abs=1e-8)


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda x: np.einsum("ij,jk->ik", x, np.ones((2, 2))), ValueError),
        (lambda x: np.einsum("ijk->i", x), ValueError),
        (lambda x: np.einsum("ij->k", x), ValueError),
        (lambda x: np.einsum("ij,j", x), ValueError),
        (lambda x: np.tensordot(x, np.ones(2), 1), ValueError),
        (lambda x: np.matmul(x, np.ones((2, 2))), ValueError),
        (lambda x: np.dot(x, np.ones(2)), ValueError),
        (lambda x: np.linalg.multi_dot([x, x, x]), ValueError),
        (lambda x: np.linalg.solve(x, np.ones(3)), np.linalg.LinAlgError),
        (np.linalg.det, np.linalg.LinAlgError),
        (np.linalg.inv, np.linalg.LinAlgError),
        (lambda x: x[2], IndexError),
        (lambda x: x[0, -4], IndexError),
        (lambda x: x[[0, 2]], IndexError),
        (lambda x: x[np.array([True, False, True])], IndexError),
        (lambda x: np.take(x, [6]), IndexError),
        (lambda x: np.take_along_axis(x, np.array([[3], [0]]), 1), IndexError),
        (lambda x: np.choose([2, 0, 0], [x[0], x[1]]), ValueError),
        (lambda x: np.compress([0, 0, 0, 1], x, axis=1), IndexError),
        (lambda x: np.sum(x, axis=2), np.exceptions.AxisError),
        (lambda x: np.fft.fft(x, axis=2), IndexError),
        (lambda x: np.fft.fft(x, n=0), ValueError),
        (lambda x: np.block([[x], x]), ValueError),
        (lambda x: np.piecewise(x, [x > 0.0], [1.0, 2.0, 3.0]), ValueError),
        (lambda x: np.geomspace(x, 0.0 * x, 3), ValueError),
        (lambda x: np.quantile(x, 1.5), ValueError),
        (lambda x: np.quantile(x, 0.5, weights=-x, method="inverted_cdf"), ValueError),
        (lambda x: np.quantile(x, 0.5, weights=x), ValueError),
        (lambda x: np.pad(x, -1), ValueError),
        (lambda x: np.gradient(x[:, :1]), ValueError),
    ],
)
def test_what_does_not_fit_raises_what_numpy_raises(call, error):
    """Mismatched subscripts and shapes, indices out of range, under each transform."""
    x = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    with pytest.raises(error):
        call(x)
    for transform in (
        lambda: ad.grad(lambda x: np.sum(call(x)))(x),
        lambda: ad.jvp(call, (x,), (x,)),
        lambda: ad.grad(lambda x: np.sum(ad.jvp(call, (x,), (x,))[1]))(x),
    ):
        with pytest.raises(error):
            transform()


def test_a_function_as_mode_of_padding_is_refused_with_a_sentence():
    def fill(vector, width, axis, options):
        vector[: width[0]] = 1.0

    with pytest.raises(ad.errors.MissingRuleError, match="writes into its argument"):
        ad.grad(lambda x: np.sum(np.pad(x, 1, fill)))(np.ones(3))
