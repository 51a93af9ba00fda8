"""Fourier transforms along several axes, Hermitian ones, and the shift of their zero.

They repeat the transform along one axis in NumPy's own order, so that values are
NumPy's to the last bit.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from adjoint._core.arrays import Value, normalize_axis
from adjoint._core.registry import implements
from adjoint._primitives.fourier import Norm, swapped

Axes = Sequence[int] | int | None


def _lengths(
    a: Value, s: Sequence[int] | None, axes: Sequence[int] | None
) -> tuple[list[int | None], list[int]]:
    """Return one length and one axis for each transform; None keeps the length."""
    if axes is None:
        axes = range(-len(s), 0) if s is not None else range(a.ndim)
    numbers = list(axes)
    if s is None:
        return [None] * len(numbers), numbers
    if len(s) != len(numbers):
        msg = "Shape and axes have different lengths."
        raise ValueError(msg)
    return [None if n == -1 else n for n in s], numbers


@implements(np.fft.fftn)
def fftn(a: Value, s: Any = None, axes: Any = None, norm: Norm | None = None) -> Value:
    """Return the transform along several axes, all of them by default."""
    return _along(np.fft.fft, a, s, axes, norm)


@implements(np.fft.ifftn)
def ifftn(a: Value, s: Any = None, axes: Any = None, norm: Norm | None = None) -> Value:
    """Return the inverse of `fftn`."""
    return _along(np.fft.ifft, a, s, axes, norm)


@implements(np.fft.fft2)
def fft2(
    a: Value, s: Any = None, axes: Any = (-2, -1), norm: Norm | None = None
) -> Value:
    """Return the transform along two axes."""
    return _along(np.fft.fft, a, s, axes, norm)


@implements(np.fft.ifft2)
def ifft2(
    a: Value, s: Any = None, axes: Any = (-2, -1), norm: Norm | None = None
) -> Value:
    """Return the inverse of `fft2`."""
    return _along(np.fft.ifft, a, s, axes, norm)


def _along(
    one: Callable[..., Value], a: Value, s: Any, axes: Any, norm: Norm | None
) -> Value:
    lengths, numbers = _lengths(a, s, axes)
    for n, axis in zip(reversed(lengths), reversed(numbers), strict=True):
        a = one(a, n, axis, norm)
    return a


@implements(np.fft.rfftn)
def rfftn(a: Value, s: Any = None, axes: Any = None, norm: Norm | None = None) -> Value:
    """Return the transform of a real array: the last axis halved."""
    lengths, numbers = _lengths(a, s, axes)
    a = np.fft.rfft(a, lengths[-1], numbers[-1], norm)
    for n, axis in zip(reversed(lengths[:-1]), reversed(numbers[:-1]), strict=True):
        a = np.fft.fft(a, n, axis, norm)
    return a


@implements(np.fft.irfftn)
def irfftn(
    a: Value, s: Any = None, axes: Any = None, norm: Norm | None = None
) -> Value:
    """Return the inverse of `rfftn`."""
    lengths, numbers = _lengths(a, s, axes)
    for n, axis in zip(lengths[:-1], numbers[:-1], strict=True):
        a = np.fft.ifft(a, n, axis, norm)
    return np.fft.irfft(a, lengths[-1], numbers[-1], norm)


@implements(np.fft.rfft2)
def rfft2(
    a: Value, s: Any = None, axes: Any = (-2, -1), norm: Norm | None = None
) -> Value:
    """Return `rfftn` along two axes."""
    return rfftn(a, s, axes, norm)


@implements(np.fft.irfft2)
def irfft2(
    a: Value, s: Any = None, axes: Any = (-2, -1), norm: Norm | None = None
) -> Value:
    """Return the inverse of `rfft2`."""
    return irfftn(a, s, axes, norm)


@implements(np.fft.hfft)
def hfft(
    a: Value, n: int | None = None, axis: int = -1, norm: Norm | None = None
) -> Value:
    """Return the real transform of half a Hermitian array."""
    if n is None:
        n = 2 * (a.shape[axis] - 1)
    return np.fft.irfft(np.conjugate(a), n, axis, swapped(norm))


@implements(np.fft.ihfft)
def ihfft(
    a: Value, n: int | None = None, axis: int = -1, norm: Norm | None = None
) -> Value:
    """Return the inverse of `hfft`: half a Hermitian array of a real one."""
    return np.conjugate(np.fft.rfft(a, n, axis, swapped(norm)))


@implements(np.fft.fftshift)
def fftshift(x: Value, axes: Axes = None) -> Value:
    """Return ``x`` with the zero frequency in the middle."""
    return _shifted(x, axes, lambda length: length - length // 2)


@implements(np.fft.ifftshift)
def ifftshift(x: Value, axes: Axes = None) -> Value:
    """Return ``x`` with the zero frequency in front: the inverse of `fftshift`."""
    return _shifted(x, axes, lambda length: length // 2)


def _shifted(x: Value, axes: Axes, first: Callable[[int], int]) -> Value:
    """Return ``x`` turned round so that element ``first(length)`` comes first."""
    if axes is None:
        axes = range(x.ndim)
    numbers = (axes,) if isinstance(axes, int) else tuple(axes)
    if not numbers:
        return np.copy(x)
    for axis in numbers:
        number = normalize_axis(axis, x.ndim)
        k = first(x.shape[number])
        whole = (slice(None),) * number
        x = np.concatenate([x[(*whole, slice(k, None))], x[(*whole, slice(k))]], number)
    return x
