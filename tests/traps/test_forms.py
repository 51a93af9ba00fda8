"""Traps 39 to 44, 47, 48: broadcasting, dtypes, complex numbers, nesting, shapes."""

import numpy as np
import pytest

import adjoint as ad
from adjoint.errors import InputError
from transforms.compare import assert_same
from traps.modes import assert_curvature, assert_slope, directions


def test_trap_39_axes_of_length_one():
    """Summed over the axes that were stretched, as they are at run time."""
    for rows in (1, 2):
        y = np.arange(3.0 * rows).reshape(rows, 3)
        x = np.array([[2.0, 3.0, 5.0]])
        f = lambda x, y=y: np.sum(x * y)  # noqa: E731
        assert_slope(np.sum(y, 0, keepdims=True), f, x)
        assert_slope([[np.sum(y)]], f, np.ones((1, 1)))
        assert_slope(np.sum(y), f, np.array(2.0))
        assert_slope(np.zeros((1, 3)), lambda x, y=y: np.sum(y + 0.0 * x), x)


def test_trap_40_integers():
    """Numbers become float64, arrays of integers an error that says what to do."""
    assert_same(np.float64(6.0), ad.grad(np.square)(3))
    assert_same(np.float64(6.0), ad.grad(np.square)(np.int32(3)))
    assert_same((np.float64(9.0), np.float64(6.0)), ad.jvp(np.square, (3.0,), (1,)))
    for bad in (np.arange(3), np.array(3), np.array([True])):
        f = lambda x: np.sum(x * 1.0)  # noqa: E731
        for derivative in (ad.grad, ad.jacfwd, ad.jacrev):
            with pytest.raises(InputError, match=r"astype\(float\)"):
                derivative(f)(bad)
        with pytest.raises(InputError, match=r"astype\(float\)"):
            ad.jvp(f, (bad,), (np.ones(bad.shape),))


def test_trap_41_single_precision():
    """float32 in, float64 constants: the gradient is float32."""
    x = np.array([1.0, 2.0], np.float32)
    constants = np.array([0.5, 3.0])
    for f in (
        lambda x: np.sum(x * constants),
        lambda x: np.sum(np.sin(x) * 2.0),
        lambda x: np.sum(np.abs(x) ** 2),
        lambda x: np.linalg.norm(x) ** 2,
        lambda x: np.sum(np.sqrt(x * x)),
        lambda x: np.sum(np.maximum(x, 1.0) ** 2),
        lambda x: np.log(np.sum(np.exp(x))),
        lambda x: np.sum(np.log1p(np.exp(100.0 * x))),
        lambda x: np.sum(1.0 / (1.0 + np.exp(-100.0 * x))),
        lambda x: np.hypot(x[0], x[1]) ** 2,
    ):
        with np.errstate(all="ignore"):
            wide = ad.grad(f)(x.astype(float))
            for derivative in (ad.grad, ad.jacrev):
                given = derivative(f)(x)
                assert np.float32 == given.dtype
                np.testing.assert_allclose(given, wide, rtol=1e-5, atol=1e-35)
            columns = ad.jacfwd(f)(x)  # tangents have the dtype of the value
            assert f(x).dtype == columns.dtype
            np.testing.assert_allclose(columns, wide, rtol=1e-5, atol=1e-35)


def test_trap_42_subnormals():
    """No flush to zero: the slope of sqrt at 1e-320 is finite."""
    x = 1e-320
    assert_slope(0.5 / np.sqrt(x), np.sqrt, x)
    assert_slope(np.sign(x), lambda x: np.sqrt(x * x), x)
    assert_slope(2.0 * x, lambda x: np.abs(x) ** 2, x, rtol=0.0, atol=0.0)


def test_trap_43_complex_numbers():
    """The gradient of |z|**2 at 1 + 2i is 2 - 4i: dx - i dy, as in JAX."""
    for f in (lambda z: np.abs(z) ** 2, lambda z: np.real(z * np.conj(z))):
        assert_same(np.complex128(2 - 4j), ad.grad(f)(1.0 + 2.0j))
        assert_same(np.complex128(0), abs(ad.grad(f)(0j)) * np.complex128(1))
        for dz in (1.0, 1.0j, 2.0 - 1.0j):
            dot = ad.jvp(f, (1.0 + 2.0j,), (dz + 0j,))[1]
            assert_same(np.float64(np.real((2 - 4j) * dz)), dot)


def test_trap_44_real_to_complex_to_real():
    """Exact real gradients; both halves of a half spectrum count."""
    x = np.array([1.0, -2.0, 0.5, 3.0])
    for n in (4, 5):
        f = lambda x, n=n: np.sum(np.abs(np.fft.rfft(x, n)) ** 2)  # noqa: E731
        weights = np.full(n // 2 + 1, 0.5)
        weights[0] = 1.0
        if n % 2 == 0:
            weights[-1] = 1.0
        y = np.pad(x, (0, n - 4))
        half = lambda x, n=n, w=weights: np.sum(  # noqa: E731
            np.abs(np.fft.rfft(x, n)) ** 2 * (1.0 / w)
        )
        full = lambda x, n=n: np.sum(np.abs(np.fft.fft(x, n)) ** 2)  # noqa: E731
        assert_slope(2.0 * n * y[:4], full, x)
        doubled = ad.grad(half)(x)
        np.testing.assert_allclose(
            ad.grad(f)(x) + _mirrored(x, n), doubled, rtol=1e-12, atol=1e-12
        )
        assert_slope(2.0 * n * y[:4], lambda x, n=n: _parseval(x, n), x)
        back = lambda x, n=n: np.sum(np.fft.irfft(np.fft.rfft(x, n), n) ** 2)  # noqa: E731
        assert_slope(2.0 * x, back, x)


def _mirrored(x, n):
    """The gradient of what the left half of the spectrum adds to the half kept."""
    inner = slice(1, (n + 1) // 2)
    return ad.grad(lambda x: np.sum(np.abs(np.fft.rfft(x, n)[inner]) ** 2))(x)


def _parseval(x, n):
    """The sum of all squared moduli, from the half spectrum."""
    spectrum = np.abs(np.fft.rfft(x, n)) ** 2
    return 2.0 * np.sum(spectrum) - spectrum[0] - (spectrum[-1] if n % 2 == 0 else 0.0)


def test_trap_47_nested_derivatives():
    """d/dx x * (d/dy (x + y)) is 1: levels are told apart at run time."""
    derivatives = (
        ad.grad,
        lambda f: lambda x: ad.jvp(f, (x,), (1.0,))[1],
        ad.jacfwd,
        ad.jacrev,
    )
    for outer in derivatives:
        for inner in derivatives:
            f = lambda x, d=inner: x * d(lambda y: x + y)(1.0)  # noqa: E731
            assert 1.0 == outer(f)(1.0)
            g = lambda x, d=inner: x * d(lambda y: abs(x * y) ** 2)(1.0)  # noqa: E731
            assert 6.0 * 4.0 == outer(g)(2.0)  # x * 2 x**2


def test_trap_47_closures_are_read_anew():
    """A changed list, array or global counts at the next call."""
    scale = [2.0]
    array = np.ones(2)
    slope = ad.grad(lambda x: x * scale[0] * np.sum(array))
    assert 4.0 == slope(1.0)
    scale[0] = 3.0
    array[0] = 0.0
    assert 3.0 == slope(1.0)


def test_trap_48_shapes_at_the_edge():
    """Empty arrays, 0-d arrays, strides and integer ranges."""
    assert_slope(np.zeros(0), lambda x: np.sum(np.abs(x) ** 2), np.zeros(0))
    assert_slope(np.zeros((0, 3)), lambda x: np.sum(np.sqrt(x * x)), np.zeros((0, 3)))
    assert np.zeros(0).shape == ad.grad(np.linalg.norm)(np.zeros(0)).shape
    for square in (
        np.square,
        lambda x: np.abs(x) ** 2,
        lambda x: np.hypot(x, 0.0) ** 2,
    ):
        assert_same(np.array(6.0), ad.grad(square)(np.array(3.0)))
        assert 6.0 == ad.jacfwd(square)(np.array(3.0))
    wide = np.arange(12.0).reshape(3, 4)
    for x in (wide.T, wide[::-1, ::2], wide[:, 1], np.asfortranarray(wide)):
        assert_slope(2.0 * x, lambda x: np.linalg.norm(x) ** 2, x)
        assert_slope(2.0 * x, lambda x: np.sum(np.abs(x) ** 2), x)
    assert_slope(np.arange(3.0), lambda x: np.sum(np.arange(3) * x), np.ones(3))
    assert_curvature(np.zeros((3, 3)), lambda x: np.arange(3) @ x, np.ones(3))
    assert 3 == len(directions(np.ones(3)))
