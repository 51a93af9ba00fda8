"""Fourier transforms composed of one-dimensional ones: values, both modes, nesting."""

import numpy as np
import pytest

import adjoint as ad
from adjoint.testing import difference_quotient, inner, random_like

R = np.random.default_rng(11).normal(size=(3, 4, 5))
C = R + 1j * np.random.default_rng(12).normal(size=(3, 4, 5))

CALLS = {
    "fft": (np.fft.fft, C, {}),
    "fft of reals": (np.fft.fft, R, {"n": 7, "axis": 1}),
    "ifft": (np.fft.ifft, C, {"n": 3, "norm": "forward"}),
    "fft2": (np.fft.fft2, C, {"norm": "ortho"}),
    "ifft2": (np.fft.ifft2, C, {"s": (3, 6)}),
    "fftn": (np.fft.fftn, C, {}),
    "fftn of reals": (np.fft.fftn, R, {"s": (2, 6), "axes": (0, 2)}),
    "ifftn": (np.fft.ifftn, C, {"axes": (2, 0), "norm": "ortho"}),
    "rfft": (np.fft.rfft, R, {"axis": 0}),
    "rfft2": (np.fft.rfft2, R, {}),
    "rfftn": (np.fft.rfftn, R, {"s": (4, 3), "axes": (1, 2), "norm": "forward"}),
    "irfft": (np.fft.irfft, C, {}),
    "irfft odd": (np.fft.irfft, C, {"n": 7, "axis": 1}),
    "irfft of reals": (np.fft.irfft, R, {"n": 6}),
    "irfft2": (np.fft.irfft2, C, {}),
    "irfftn": (np.fft.irfftn, C, {"norm": "ortho"}),
    "hfft": (np.fft.hfft, C, {"n": 6}),
    "hfft by default": (np.fft.hfft, C, {"axis": 1}),
    "ihfft": (np.fft.ihfft, R, {"norm": "ortho"}),
    "fftshift": (np.fft.fftshift, C, {}),
    "ifftshift": (np.fft.ifftshift, C, {"axes": (0, 2)}),
}


@pytest.mark.parametrize("name", CALLS)
def test_transforms_of_fourier(name):
    """The value to the last bit; J v by differences; the transpose; a batch."""
    function, x, options = CALLS[name]

    def f(x):
        return function(x, **options)

    rng = np.random.default_rng(13)
    v = random_like(rng, x)
    out, pushed = ad.jvp(f, (x,), (v,))
    np.testing.assert_array_equal(out, f(x), strict=True)
    expected = difference_quotient(f, (x,), (v,))
    np.testing.assert_allclose(pushed, expected, rtol=1e-8, atol=1e-8)
    w = random_like(rng, out)
    value, pullback = ad.vjp(f, x)
    np.testing.assert_array_equal(value, out, strict=True)
    (pulled,) = pullback(w)
    assert pulled.dtype == x.dtype
    assert inner(w, pushed) == pytest.approx(inner(pulled, v), rel=1e-12)
    twice = np.stack([x, 2.0 * x])
    np.testing.assert_allclose(
        ad.vmap(f)(twice), np.stack([f(x), f(2.0 * x)]), rtol=1e-13, atol=1e-13
    )


def test_a_power_spectrum_has_its_gradient_and_hessian():
    """sum |F x|^4: of real x, a real gradient; second order in all nestings."""

    def energy(x):
        return np.sum(np.abs(np.fft.rfft(x)) ** 4)

    ad.check_grads(energy, (R[0, 0],), order=2)


def test_lengths_and_axes_that_do_not_fit():
    """NumPy's own error."""
    with pytest.raises(ValueError, match="different lengths"):
        ad.grad(lambda x: np.sum(np.abs(np.fft.fftn(x, s=(2,), axes=(0, 1)))))(R)
