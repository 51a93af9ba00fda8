"""Eigenvalues of defective matrices: nan and one warning, never a wrong number."""

import warnings

import numpy as np
import pytest

import adjoint as ad

Convention = ad.errors.ConventionWarning
PAIR = np.array([[1.0, 1.0], [0.0, 1.0]])
NILPOTENT = np.eye(2, k=1)
TRIPLE = np.eye(3) + np.eye(3, k=1)
BASIS = np.array([[1.0, 2.0, -1.0], [0.5, -1.0, 3.0], [2.0, 1.0, 1.0]])
INVERSE = np.linalg.inv(BASIS)
WITH_FIVE = np.array([[1.0, 1.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 5.0]])
TURNED = BASIS @ WITH_FIVE @ INVERSE  # the two values are parted by rounding


def assert_warned(call):
    """Return a result that comes with the warning, and no other, at this file."""
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("error")
        warnings.simplefilter("default", Convention)
        out = call()
    (only,) = seen
    assert "defective" in str(only.message)
    assert only.filename == __file__
    return out


def power_sum(a, power=2):
    return np.sum(np.linalg.eigvals(a) ** power).real


SYMMETRIC = [
    power_sum,
    lambda a: np.sum(np.linalg.eig(a).eigenvalues ** 2).real,
    lambda a: np.prod(np.linalg.eigvals(a)).real,
    lambda a: np.sum(np.exp(np.linalg.eigvals(a))).real,
    lambda a: np.sum(np.linalg.eigvals(a)).real,
]


@pytest.mark.parametrize("at", [PAIR, TRIPLE, NILPOTENT, np.eye(3, k=1)])
@pytest.mark.parametrize("function", SYMMETRIC)
def test_what_the_cotangents_do_not_tell_is_nan(function, at):
    """Of the sum of squares of [[1, 1], [0, 1]] the gradient is [[2, 0], [2, 2]]."""
    assert np.all(np.isnan(assert_warned(lambda: ad.grad(function)(at))))


@pytest.mark.parametrize("at", [PAIR, TRIPLE, NILPOTENT, 1e-9 * PAIR, PAIR + 0j])
def test_tangents_of_defective_eigenvalues_are_nan(at):
    pushed = assert_warned(
        lambda: ad.jvp(np.linalg.eigvals, (at,), (np.ones_like(at),))[1]
    )
    assert np.all(np.isnan(pushed))
    still = assert_warned(
        lambda: ad.jvp(np.linalg.eigvals, (at,), (np.zeros_like(at),))[1]
    )
    np.testing.assert_array_equal(still, np.zeros(len(at)))


def test_no_direction_makes_a_tangent_that_nobody_knows():
    """Not one in which first-order terms cancel, or meet only zeros of the vectors."""
    for k in range(9):
        unit = np.reshape(np.eye(9)[k], (3, 3))
        for direction in (unit, unit - unit.T + np.eye(3)):
            pushed = assert_warned(
                lambda v=direction: ad.jvp(np.linalg.eigvals, (TRIPLE,), (v,))[1]
            )
            assert np.all(np.isnan(pushed))


@pytest.mark.parametrize("nesting", [ad.hessian, lambda f: ad.jacrev(ad.grad(f))])
def test_second_derivatives_at_a_defective_matrix_are_nan(nesting):
    with pytest.warns(Convention):
        second = nesting(power_sum)(PAIR)
    assert np.all(np.isnan(second))


def test_a_critically_damped_oscillator():
    """x'' + 2 z x' + x = 0: the squares of its poles sum to 4 z² - 2, of slope 8 z."""
    f = lambda z: power_sum(np.array([[0.0, 1.0], [-1.0, -2.0 * z]]))  # noqa: E731
    assert np.isnan(assert_warned(lambda: ad.grad(f)(1.0)))
    for z in (1.0 - 1e-8, 1.0 + 1e-8, 0.5, 3.0):
        np.testing.assert_allclose(ad.grad(f)(z), 8.0 * z, rtol=1e-7)


def test_double_roots():
    """Their squares sum to (p1² - 2 p0 p2) / p0², which np.roots cannot know."""
    f = lambda p: np.sum(np.roots(p) ** 2).real  # noqa: E731
    slope = assert_warned(lambda: ad.grad(f)(np.array([1.0, -2.0, 1.0])))
    np.testing.assert_array_equal(slope, [np.nan] * 3)
    p = np.array([1.0, -2.001, 1.001])
    expected = [-2 * p[1] ** 2 + 2 * p[2], 2 * p[1], -2.0]
    np.testing.assert_allclose(ad.grad(f)(p), expected, rtol=1e-8)


@pytest.mark.parametrize("at", [WITH_FIVE, TURNED], ids=["block", "turned"])
def test_a_simple_eigenvalue_beside_a_defective_pair_is_right(at):
    """Its slope is yᵀ x, the row of the inverse times the column of the basis."""
    five = int(np.argmax(np.linalg.eigvals(at).real))
    expected = np.outer(INVERSE[2], BASIS[:, 2]) if at is TURNED else np.diag([0, 0, 1])
    f = lambda a: np.linalg.eigvals(a)[five].real  # noqa: E731
    by_eig = lambda a: np.linalg.eig(a).eigenvalues[five].real  # noqa: E731
    for mode, function in ((ad.grad, f), (ad.jacfwd, f), (ad.grad, by_eig)):
        given = assert_warned(lambda f=function, mode=mode: mode(f)(at))
        np.testing.assert_allclose(given, expected, atol=1e-12)
    direction = np.arange(9.0).reshape(3, 3) + 1.0
    pushed = assert_warned(lambda: ad.jvp(np.linalg.eigvals, (at,), (direction,))[1])
    np.testing.assert_allclose(pushed[five], np.sum(expected * direction), rtol=1e-12)
    assert np.sum(np.isnan(pushed)) == 2


def test_vectors_of_a_defective_matrix_are_nan():
    f = lambda a: np.linalg.eig(a).eigenvectors[0, 2].real  # noqa: E731
    assert np.all(np.isnan(assert_warned(lambda: ad.grad(f)(WITH_FIVE))))


@pytest.mark.parametrize("mode", [ad.grad, ad.jacfwd])
def test_other_matrices_of_a_batch_are_right(mode):
    stack = np.stack([PAIR, [[2.0, 1.0], [0.5, 3.0]], np.eye(2), NILPOTENT + PAIR])
    given = assert_warned(lambda: ad.vmap(mode(power_sum))(stack))
    np.testing.assert_allclose(given[1:3], 2.0 * np.swapaxes(stack, 1, 2)[1:3])
    assert np.all(np.isnan(given[[0, 3]]))
    whole = assert_warned(lambda: mode(power_sum)(stack))
    np.testing.assert_array_equal(whole, given)


@pytest.mark.parametrize("seed", range(20))
def test_defective_matrices_are_known_through_rounding(seed):
    """Of any size, a pair or three in one block, in any basis."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 9))
    block = np.diag(np.r_[1.0, 1.0, rng.uniform(2.0, 9.0, n - 2)])
    block[0, 1] = 1.0
    if seed % 2 and n > 2:
        block[1, 2], block[2, 2] = 1.0, 1.0
    basis = rng.normal(size=(n, n))
    at = basis @ block @ np.linalg.inv(basis)
    assert np.all(np.isnan(assert_warned(lambda: ad.grad(power_sum)(at))))


def assert_silent_and_right(at, rtol=1e-9):
    """The sum of squares is the trace of the square."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.testing.assert_allclose(
            ad.grad(power_sum)(at), 2.0 * np.transpose(at), rtol=rtol, atol=rtol
        )


@pytest.mark.parametrize("seed", range(20))
def test_equal_eigenvalues_with_vectors_of_their_own_stay_right(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 9))
    values = np.where(np.arange(n) < 2, 2.0, rng.uniform(3.0, 9.0, n))
    basis = rng.normal(size=(n, n))
    assert_silent_and_right((basis * values) @ np.linalg.inv(basis), 1e-7)
    assert_silent_and_right(2.0 * np.eye(n))
    assert_silent_and_right(np.zeros((n, n)))


@pytest.mark.parametrize(
    "at",
    [
        [[1.0, 1e10], [1e-10, 2.0]],
        [[1.0, 1e10], [0.0, 2.0]],
        [[1.0, 1e10, 0.0], [0.0, 2.0, 1e8], [0.0, 0.0, 3.0]],
        [[1.0, 1.0], [1e-17, 1.0]],  # balanced, the values are apart by 6e-9
        [[1.0, 0.0], [0.0, 1e-300]],
    ],
)
def test_rows_of_very_different_sizes_are_no_defect(at):
    """Right to rounding, relative to the largest slope."""
    at = np.array(at)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        given = ad.grad(power_sum)(at)
    np.testing.assert_allclose(given, 2.0 * at.T, rtol=1e-7, atol=1e-15 * np.max(at))


def test_scaling_does_not_hide_a_defect():
    """The smallest of elements may join two equal values, or an element be large."""
    for at in ([[1.0, 1.0], [1e-300, 1.0]], [[1.0, 1e10], [0.0, 1.0]]):
        given = assert_warned(lambda at=at: ad.grad(power_sum)(np.array(at)))
        assert np.all(np.isnan(given))


@pytest.mark.parametrize("count", [5, 10])
def test_many_simple_roots_stay_right(count):
    """Of (x - 1) ... (x - n): dr/dp_k = -r**(n - k) / p'(r); s_i down to 3e-11."""
    roots = np.arange(1.0, count + 1.0)
    p = np.poly(roots)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        given = ad.jacfwd(np.roots)(p)
    for row, root in zip(given, roots[::-1], strict=True):
        slope = np.prod(np.delete(root - roots, int(root) - 1))
        expected = -(root ** np.arange(count, -1.0, -1.0)) / slope
        error = np.linalg.norm(row - expected) / np.linalg.norm(expected)
        assert error < 1e-8


def test_a_dominant_eigenvalue_needs_no_inverse_of_the_vectors():
    """LAPACK may give one vector twice for the zeros of x yᵀ; their slope is not
    asked for; that of yᵀ x is y xᵀ / yᵀ x."""
    largest = lambda a: np.max(np.linalg.eigvals(a).real)  # noqa: E731
    for seed in range(40):
        rng = np.random.default_rng(seed)
        x, y = rng.integers(1, 4, (2, 5)).astype(float)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Convention)
            given = ad.grad(largest)(np.outer(x, y))
        np.testing.assert_allclose(given, np.outer(y, x) / (x @ y), atol=1e-10)
