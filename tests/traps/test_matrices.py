"""Traps 29 to 36: singular matrices, repeated values, triangles, rank, gauges.

docs/conventions.rst says what is taken where the list of traps leaves a choice; a
warning that says so is not what is tested here.
"""

import numpy as np
import pytest

import adjoint as ad
from transforms.compare import assert_close
from traps.modes import assert_curvature, assert_forward, assert_reverse, assert_slope


@pytest.mark.parametrize(
    "a",
    [
        [[1.0, 2.0], [2.0, 4.0]],
        [[0.0, 0.0], [0.0, 0.0]],
        [[2.0, 1.0], [1.0, 3.0]],
    ],
)
def test_trap_29_the_determinant_of_a_singular_matrix(a):
    """Its derivative is the adjugate, transposed; at any rank and order."""
    (a11, a12), (a21, a22) = a
    assert_slope([[a22, -a21], [-a12, a11]], np.linalg.det, np.array(a))
    curvature = np.zeros((4, 4))
    curvature[[0, 3, 1, 2], [3, 0, 2, 1]] = [1.0, 1.0, -1.0, -1.0]
    flat = lambda x: np.linalg.det(x.reshape(2, 2))  # noqa: E731
    assert_curvature(curvature, flat, np.ravel(a))


def test_trap_29_one_number():
    """The determinant of a 1 by 1 matrix is its number, 0 too."""
    assert_slope([[1.0]], np.linalg.det, np.zeros((1, 1)))


@pytest.mark.filterwarnings("ignore::adjoint.errors.AdjointWarning")
def test_trap_30_the_logarithm_of_a_zero_determinant():
    """Infinitely steep; nan where the cofactor is 0.  No warning: see conventions."""
    f = lambda a: np.linalg.slogdet(a)[1]  # noqa: E731
    a = np.array([[1.0, 2.0], [2.0, 4.0]])
    assert_slope([[np.inf, -np.inf], [-np.inf, np.inf]], f, a)
    b = np.array([[1.0, 0.0], [0.0, 0.0]])
    assert_slope([[np.nan, np.nan], [np.nan, np.inf]], f, b)


def test_trap_31_eigenvectors_of_equal_eigenvalues():
    """Reverse mode is right where the result depends on their plane alone."""
    w = np.array([1.0, 2.0, 3.0])
    a = np.diag([2.0, 2.0, 5.0])

    def f(a):
        v = np.linalg.eigh(a)[1][:, :2]
        return w @ (v @ (v.T @ w))

    # P = projector on the plane of 1 and 2; dP = (P dA Q + Q dA P) / (2 - 5)
    slope = np.zeros((3, 3))
    slope[:2, 2] = slope[2, :2] = w[:2] * w[2] / (2.0 - 5.0)
    assert_close(slope, ad.grad(f)(a))
    assert_close(slope, ad.jacrev(f)(a))


@pytest.mark.filterwarnings("ignore::adjoint.errors.AdjointWarning")
def test_trap_31_a_single_one_of_them():
    """Where a result depends on the choice of vectors it has no finite derivative."""
    f = lambda a: np.sum(np.linalg.eigh(a)[1][:, 0] * [1.0, 2.0])  # noqa: E731
    a = np.diag([2.0, 2.0])
    with np.errstate(all="ignore"):
        for derivative in (ad.grad, ad.jacfwd, ad.jacrev):
            assert not np.all(np.isfinite(derivative(f)(a)))


def test_trap_32_equal_eigenvalues_alone():
    """A symmetric function of the values is smooth: no vectors are divided by."""
    a = np.diag([2.0, 2.0, 5.0])
    assert_slope(np.eye(3), lambda a: np.sum(np.linalg.eigvalsh(a)), a)
    assert_slope(2.0 * a, lambda a: np.sum(np.linalg.eigvalsh(a) ** 2), a)
    singular = lambda a: np.sum(np.linalg.svd(a, compute_uv=False) ** 2)  # noqa: E731
    assert_slope(2.0 * a, singular, a)
    assert_slope(np.eye(3), lambda a: np.sum(np.linalg.svd(a, compute_uv=False)), a)


@pytest.mark.filterwarnings("ignore::adjoint.errors.AdjointWarning")
def test_trap_33_rebuilding_a_matrix_with_equal_singular_values():
    """The polar factor is right in reverse mode; with the values, loud (conventions).

    u @ vh of a = 2 I: the derivative of the polar factor is (dA - dAᵀ) / 4.
    """
    a = np.diag([2.0, 2.0])
    w = np.array([[0.0, 1.0], [0.0, 0.0]])

    def polar(a):
        u, _, vh = np.linalg.svd(a)
        return np.sum(w * (u @ vh))

    assert_close((w - w.T) / 4.0, ad.grad(polar)(a))

    def rebuilt(a):
        u, s, vh = np.linalg.svd(a)
        return np.sum(w * (u * s @ vh))

    with np.errstate(all="ignore"):
        for derivative in (ad.grad, ad.jacfwd, ad.jacrev):
            given = derivative(rebuilt)(a)
            right = np.allclose(given, w)
            assert right or not np.all(np.isfinite(given))


def test_trap_34_functions_of_one_triangle():
    """The value is NumPy's, the derivative that of f((A + Aᵀ) / 2)."""
    a = np.array([[2.0, 0.3], [0.3, 1.0]])
    step = 1e-6
    for f in (
        lambda a: np.sum(np.linalg.cholesky(a)),
        lambda a: np.sum(np.linalg.eigvalsh(a) ** 3),
        lambda a: np.linalg.eigh(a)[0][0],
    ):
        expected = np.zeros((2, 2))
        for i, j in ((0, 0), (0, 1), (1, 0), (1, 1)):
            e = np.zeros((2, 2))
            e[i, j] += 0.5
            e[j, i] += 0.5
            expected[i, j] = (f(a + step * e) - f(a - step * e)) / (2.0 * step)
        assert_slope(expected, f, a, rtol=1e-8, atol=1e-8)
        ad.check_grads(lambda a, f=f: f((a + a.T) / 2.0), (a,))


@pytest.mark.filterwarnings("ignore::adjoint.errors.AdjointWarning")
@pytest.mark.parametrize("solve", ["pinv", "lstsq"])
def test_trap_35_at_lower_rank(solve):
    """The derivative at constant rank: what would change the rank has no effect."""
    a = np.array([[2.0, 0.0], [0.0, 0.0]])
    b = np.array([3.0, 1.0])

    def f(a):
        if solve == "pinv":
            return (np.linalg.pinv(a) @ b)[0]
        return np.linalg.lstsq(a, b, rcond=None)[0][0]

    # a11 alone: x1 = 3/a11.  a12, a21: first order of the pseudo-inverse at rank one.
    assert_forward(ad.grad(f)(a), f, a)
    assert_reverse(ad.jacfwd(f)(a), f, a)
    assert_close(-3.0 / 4.0, ad.grad(f)(a)[0, 0])
    assert_close(0.0, ad.grad(f)(a)[1, 1])
    assert_close(1.0 / 4.0, ad.grad(f)(a)[1, 0])


def test_trap_36_the_gauge_of_eigenvectors():
    """A result free of phase and scale is right: the matrix itself, rebuilt."""
    a = np.array([[1.0, 2.0], [0.5, 3.0]])
    w = np.array([[1.0, -2.0], [3.0, 0.5]])

    def f(a):
        values, v = np.linalg.eig(a)
        return np.sum(w * np.real(v * values @ np.linalg.inv(v)))

    assert_slope(w, f, a)
