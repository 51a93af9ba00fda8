"""Large systems: solved as NumPy does, bit by bit, and the factors used again.

The laws draw small matrices, which are solved anew each time.
"""

import gc

import numpy as np
import pytest

import adjoint as ad
from adjoint._primitives.linalg import _factors
from adjoint._primitives.linalg._factors import (
    factors_behind,
    inverse_of_triangle,
    solve_keeping_factors,
)
from adjoint.testing import difference_quotient, inner

N = 40
needs_routines = pytest.mark.skipif(
    _factors._routines("d") is None, reason="NumPy's LAPACK cannot be looked up here"
)


def system(n=N, columns=None, dtype=np.float64, seed=0):
    """A matrix far from singular, and right-hand sides."""
    rng = np.random.default_rng(seed)
    shape = (n,) if columns is None else (n, columns)
    a, b = rng.standard_normal((n, n)), rng.standard_normal(shape)
    if np.dtype(dtype).kind == "c":
        a, b = a + 1j * rng.standard_normal((n, n)), b + 1j * rng.standard_normal(shape)
    return (a + 3 * np.sqrt(n) * np.eye(n)).astype(dtype), b.astype(dtype)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex64, np.complex128])
@pytest.mark.parametrize("columns", [None, 1, 7])
def test_solutions_are_numpys_to_the_last_bit(dtype, columns):
    """Of every size, in every order in memory; the result lies as NumPy's does."""
    for n in (1, 2, 39, 40, 41, 64, 97):
        a, b = system(n, columns, dtype, seed=n)
        for matrix in (a, np.asfortranarray(a), np.repeat(a, 2, axis=1)[:, ::2]):
            expected = np.linalg.solve(matrix, b)
            given = solve_keeping_factors(matrix, b)
            np.testing.assert_array_equal(given, expected, strict=True)
            assert given.flags.c_contiguous


@needs_routines
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex64, np.complex128])
def test_factors_solve_both_systems(dtype):
    a, b = system(dtype=dtype)
    factors = factors_behind(x := solve_keeping_factors(a, b))
    rtol = 1e-3 if np.finfo(dtype).bits == 32 else 1e-10
    np.testing.assert_allclose(factors.solve(b), x, rtol=rtol)
    expected = np.linalg.solve(a.T, b)
    np.testing.assert_allclose(factors.solve(b, transposed=True), expected, rtol=rtol)


@needs_routines
def test_factors_live_as_long_as_their_solution():
    gc.collect()
    before = len(_factors._kept)
    x = solve_keeping_factors(*system())
    assert len(_factors._kept) == before + 1
    assert factors_behind(x.copy()) is None
    del x
    assert len(_factors._kept) == before


def _of_both(a, b):
    return np.sum(np.sin(np.linalg.solve(a, b)))


@needs_routines
@pytest.mark.parametrize("columns", [None, 3])
@pytest.mark.parametrize(
    "derive",
    [
        ad.value_and_grad(_of_both, argnums=(0, 1)),
        lambda a, b: ad.jvp(_of_both, (a, b), (a, b)),
        lambda a, b: ad.jvp(_of_both, (a, b), (0.0 * a, b)),
        lambda a, b: ad.vjp(_of_both, a, b)[1](1.0),
    ],
    ids=["value_and_grad", "jvp", "jvp by b", "vjp"],
)
def test_one_factorisation_does_for_value_and_derivative(monkeypatch, derive, columns):
    calls = []

    def counted(name):
        plain = getattr(_factors, name)

        def call(*args, **named):
            calls.append(name)
            return plain(*args, **named)

        monkeypatch.setattr(_factors, name, call)

    counted("_solve_anew")
    counted("_solve_factored")
    derive(*system(columns=columns))
    assert calls == ["_solve_anew", "_solve_factored"]


@pytest.mark.parametrize("columns", [None, 3])
@pytest.mark.parametrize("kept", [True, False], ids=["factors", "anew"])
def test_derivatives_of_large_systems(monkeypatch, columns, kept):
    """Both modes and second order, with the factors and without."""
    if not kept:
        monkeypatch.setattr(_factors, "_routines", lambda _kind: None)
    args = system(columns=columns)
    v = tuple(0.1 * one for one in system(columns=columns, seed=1))
    expected = difference_quotient(_of_both, args, v)
    np.testing.assert_allclose(ad.jvp(_of_both, args, v)[1], expected, rtol=1e-6)
    bars = ad.grad(_of_both, argnums=(0, 1))(*args)
    np.testing.assert_allclose(inner(bars, v), expected, rtol=1e-6)

    def slope(*args):
        return inner_of(ad.grad(_of_both, argnums=(0, 1))(*args))

    def inner_of(bars):
        return sum(np.sum(bar * d) for bar, d in zip(bars, v, strict=True))

    curvature = difference_quotient(slope, args, v)
    np.testing.assert_allclose(ad.jvp(slope, args, v)[1], curvature, rtol=1e-5)
    twice = ad.grad(slope, argnums=(0, 1))(*args)
    np.testing.assert_allclose(inner_of(twice), curvature, rtol=1e-5)


def test_a_complex_cotangent_of_a_real_system():
    """The factors are real; the cotangent is not dropped to a real one."""
    a, b = system()
    c = np.exp(1j * np.arange(N))
    given = ad.grad(lambda b: np.real(np.sum(c * np.linalg.solve(a, b))))(b)
    np.testing.assert_allclose(given, np.linalg.solve(a.T, c.real), rtol=1e-10)
    given = ad.jvp(lambda b: np.linalg.solve(a, c * b), (b,), (b,))[1]
    np.testing.assert_allclose(given, np.linalg.solve(a, c * b), rtol=1e-10)


def test_a_solution_written_into_later():
    """The factors are those of the matrix, whatever becomes of the solution."""
    a, b = system()

    def f(b):
        x = np.linalg.solve(a, b)
        x[0] = 5.0
        x *= 2.0
        return np.sum(x)

    row = 2.0 * np.ones(N)
    row[0] = 0.0
    np.testing.assert_allclose(ad.grad(f)(b), np.linalg.solve(a.T, row), rtol=1e-10)


@pytest.mark.parametrize("transform", [ad.jacfwd, ad.jacrev])
@pytest.mark.parametrize("columns", [None, 2])
def test_jacobians_of_large_systems(transform, columns):
    """All columns, or all rows, are right-hand sides of one system."""
    a, b = system(columns=columns)
    given = transform(lambda b: np.linalg.solve(a, b))(b)
    inverse = np.linalg.inv(a)
    expected = inverse
    if columns is not None:
        expected = inverse[:, None, :, None] * np.eye(columns)[None, :, None, :]
    np.testing.assert_allclose(given, expected, rtol=1e-9, atol=1e-12)


def test_a_singular_large_matrix_raises_what_numpy_raises():
    with pytest.raises(np.linalg.LinAlgError, match="Singular"):
        ad.grad(_of_both)(np.zeros((N, N)), np.ones(N))


def test_nan_goes_through_a_large_system():
    a, b = system()
    a[3, 4] = np.nan
    np.testing.assert_array_equal(
        ad.value_and_grad(_of_both)(a, b)[0], np.sum(np.sin(np.linalg.solve(a, b)))
    )


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex64, np.complex128])
def test_inverses_of_triangles(dtype):
    """Of one large matrix, small ones and stacks; a singular one raises."""
    lower = np.tril(system(dtype=dtype)[0])
    for one in (lower, lower[:3, :3], np.stack([lower, 2.0 * lower]).astype(dtype)):
        given = inverse_of_triangle(one)
        assert given.dtype == dtype
        tolerance = 1e3 * np.finfo(dtype).eps
        np.testing.assert_allclose(
            given @ one, np.zeros_like(one) + np.eye(one.shape[-1]), atol=tolerance
        )
    lower[4, 4] = 0.0
    with pytest.raises(np.linalg.LinAlgError):
        inverse_of_triangle(lower)


@pytest.mark.parametrize("upper", [False, True])
def test_derivatives_of_large_cholesky_factors(upper):
    a, _ = system()
    a = a @ a.T / N

    def f(a):
        return np.sum(np.sin(np.linalg.cholesky(a, upper=upper)))

    ad.check_grads(f, (np.tril(a) + np.tril(a, -1).T,))
