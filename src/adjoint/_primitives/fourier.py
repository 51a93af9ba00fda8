"""Discrete Fourier transforms along one axis; those along several are composed of them.

``fft`` of length n is the symmetric matrix F[j, k] = exp(-2πi jk / n), times a factor
that ``norm`` chooses; its transpose is itself.  ``rfft`` keeps the first n // 2 + 1
rows; ``irfft`` counts every coefficient but the first and, for even n, the last twice:
it stands for its conjugate too.

Each record's parameters are the length ``n``, the axis, not negative, and the norm.
"""

from typing import Any, Literal, TypeAlias

import numpy as np

from adjoint._core.arrays import Shape, Value, normalize_axis
from adjoint._core.dispatch import bind_one
from adjoint._core.record import Example, Layout, Record
from adjoint._core.registry import implements
from adjoint._primitives._makers import structural

Norm: TypeAlias = Literal["backward", "ortho", "forward"]

_SWAPPED: dict[Norm, Norm] = {
    "backward": "forward",
    "ortho": "ortho",
    "forward": "backward",
}


def swapped(norm: Norm | None) -> Norm:
    """Return the norm of the transform in the other direction."""
    return _SWAPPED["backward" if norm is None else norm]


def _resized(x: Value, length: int, axis: int) -> Value:
    """Return ``x`` cut off, or filled up with zeros, at the end of an axis."""
    present = x.shape[axis]
    if present >= length:
        return x[(slice(None),) * axis + (slice(length),)]
    shape = (*x.shape[:axis], length - present, *x.shape[axis + 1 :])
    return np.concatenate([x, np.zeros(shape, x.dtype)], axis)


def _fft_transpose(
    out_bar: Value, x_shape: Shape, n: int, axis: int, norm: Norm
) -> Value:
    return _resized(np.fft.fft(out_bar, n, axis, norm), x_shape[axis], axis)


def _ifft_transpose(
    out_bar: Value, x_shape: Shape, n: int, axis: int, norm: Norm
) -> Value:
    return _resized(np.fft.ifft(out_bar, n, axis, norm), x_shape[axis], axis)


def _rfft_transpose(
    out_bar: Value, x_shape: Shape, n: int, axis: int, norm: Norm
) -> Value:
    back = np.real(np.fft.fft(out_bar, n, axis, norm))
    return _resized(back, x_shape[axis], axis)


def _irfft_transpose(
    out_bar: Value, x_shape: Shape, n: int, axis: int, norm: Norm
) -> Value:
    once = np.conjugate(np.fft.rfft(np.real(out_bar), n, axis, swapped(norm)))
    counts = np.full(n // 2 + 1, 2.0, once.real.dtype)
    counts[0] = 1.0
    if n % 2 == 0:
        counts[-1] = 1.0
    counts = counts.reshape(-1, *(1,) * (len(x_shape) - axis - 1))
    return _resized(once * counts, x_shape[axis], axis)


def _transform(function: Any, transpose: Any) -> Record:
    return structural(
        function,
        function,
        transpose,
        layout=Layout.REDUCTION,
        batch=lambda x, n, axis, norm: function(x, n, axis + 1, norm),
        examples=(
            Example(((5,),), (5, 0, "backward")),
            Example(((2, 6),), (4, 1, "ortho")),
            Example(((3, 2),), (6, 0, "forward")),
        ),
    )


fft = _transform(np.fft.fft, _fft_transpose)
ifft = _transform(np.fft.ifft, _ifft_transpose)
rfft = _transform(np.fft.rfft, _rfft_transpose)
irfft = _transform(np.fft.irfft, _irfft_transpose)


def _implement(record: Record) -> None:
    """Take the arguments of a transform as NumPy gives them."""
    halved = record is irfft

    @implements(record.function)
    def transform(
        a: Value, n: int | None = None, axis: int = -1, norm: Norm | None = None
    ) -> Value:
        number = normalize_axis(axis, np.ndim(a))
        if n is None:
            n = 2 * (a.shape[number] - 1) if halved else a.shape[number]
        return bind_one(record, a, (n, number, "backward" if norm is None else norm))


for _record in (fft, ifft, rfft, irfft):
    _implement(_record)
