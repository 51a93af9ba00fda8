"""Means, variances, correlations and ranges, in NumPy's own order of operations."""

from typing import Any

import numpy as np

from adjoint._core.arrays import Value, normalize_axes, normalize_axis
from adjoint._core.dispatch import strip
from adjoint._core.registry import implements
from adjoint._primitives.shape import as_part

Axis = int | tuple[int, ...] | None


def _count(a: Value, axis: Axis) -> int:
    """Return how many elements one mean is taken over."""
    count = 1
    for k in normalize_axes(axis, a.ndim):
        count *= a.shape[k]
    return count


@implements(np.mean)
def mean(a: Value, axis: Axis = None, *, keepdims: bool = False) -> Value:
    """Return the arithmetic mean over axes."""
    if a.dtype == np.float16:  # summed in single precision, as NumPy does
        wide = a.astype(np.float32)
        return np.mean(wide, axis=axis, keepdims=keepdims).astype(np.float16)
    return np.sum(a, axis=axis, keepdims=keepdims) / _count(a, axis)


@implements(np.var)
def var(
    a: Value, axis: Axis = None, *, ddof: float = 0, keepdims: bool = False
) -> Value:
    """Return the variance: the sum of squared deviations over ``n - ddof``."""
    count = _count(a, axis)
    deviation = a - np.sum(a, axis=axis, keepdims=True) / count
    squares = np.real(deviation * np.conjugate(deviation))
    total = np.sum(squares, axis=axis, keepdims=keepdims)
    return np.divide(total, max(count - ddof, 0))


@implements(np.std)
def std(
    a: Value, axis: Axis = None, *, ddof: float = 0, keepdims: bool = False
) -> Value:
    """Return the standard deviation; its derivative is 0 where the data are constant.

    There ``sqrt`` has an infinite slope and the deviations are 0; 0 is the symmetric
    subgradient, as for the absolute value.
    """
    variance = np.var(a, axis=axis, ddof=ddof, keepdims=keepdims)
    constant = np.equal(variance, 0)
    return np.where(constant, 0.0, np.sqrt(np.where(constant, 1.0, variance)))[()]


@implements(np.ptp)
def ptp(a: Value, axis: Axis = None, *, keepdims: bool = False) -> Value:
    """Return the range: the largest minus the smallest element."""
    largest = np.max(a, axis=axis, keepdims=keepdims)
    return largest - np.min(a, axis=axis, keepdims=keepdims)


@implements(np.average)
def average(
    a: Value,
    axis: Axis = None,
    weights: Value = None,
    returned: bool = False,
    *,
    keepdims: bool = False,
) -> Any:
    """Return the weighted mean: sum of weights times values over sum of weights.

    Raises
    ------
    ZeroDivisionError
        If weights sum to zero.
    """
    a = as_part(a)
    if weights is None:
        mean_value = np.mean(a, axis=axis, keepdims=keepdims)
        total = np.divide(np.size(a), np.size(mean_value))
    else:
        wide = _stretched(as_part(weights), a, axis)
        total = np.sum(wide, axis=axis, keepdims=keepdims)
        if np.any(strip(total) == 0):
            msg = "Weights sum to zero, can't be normalized"
            raise ZeroDivisionError(msg)
        weighted = np.sum(np.multiply(a, wide), axis=axis, keepdims=keepdims)
        mean_value = weighted / total
    if not returned:
        return mean_value
    return mean_value, np.broadcast_to(total, np.shape(mean_value))


def _stretched(weights: Value, a: Value, axis: Axis) -> Value:
    """Return weights in the place of the axes they belong to."""
    if np.shape(weights) == np.shape(a):
        return weights
    if axis is None:
        msg = "Axis must be specified when shapes of a and weights differ."
        raise TypeError(msg)
    given = axis if isinstance(axis, tuple) else (axis,)
    axes = tuple(normalize_axis(one, a.ndim) for one in given)
    if np.shape(weights) != tuple(a.shape[k] for k in axes):
        msg = (
            "Shape of weights must be consistent with shape of a along specified axis."
        )
        raise ValueError(msg)
    rising = np.transpose(weights, np.argsort(axes).tolist())
    return np.reshape(
        rising, tuple(n if k in axes else 1 for k, n in enumerate(a.shape))
    )


@implements(np.cov)
def cov(
    m: Value,
    y: Value = None,
    rowvar: bool = True,
    bias: bool = False,
    ddof: int | None = None,
) -> Value:
    """Return the covariances of variables, one a row: X Xᴴ over ``n - ddof``."""
    x = _variables(as_part(m), rowvar)
    if y is not None:
        x = np.concatenate([x, _variables(as_part(y), rowvar)], 0)
    if ddof is None:
        ddof = 0 if bias else 1
    x = x - np.mean(x, axis=1, keepdims=True)
    count = max(x.shape[1] - ddof, 0)
    return np.squeeze(np.dot(x, np.conjugate(x.T)) * np.true_divide(1, count))[()]


def _variables(m: Value, rowvar: bool) -> Value:
    """Return a matrix with one variable a row, of float64 or complex128."""
    if np.ndim(m) > 2:
        msg = "m has more than 2 dimensions"
        raise ValueError(msg)
    double = np.complex128 if m.dtype.kind == "c" else np.float64
    x = np.atleast_2d(m if m.dtype == double else m.astype(double))
    return x.T if not rowvar and np.ndim(m) == 2 else x


@implements(np.corrcoef)
def corrcoef(x: Value, y: Value = None, rowvar: bool = True) -> Value:
    """Return the correlations of variables: covariances over standard deviations.

    They are clipped to [-1, 1], complex ones in real and imaginary part.
    """
    c = cov(x, y, rowvar)
    if np.ndim(c) == 0:
        return c / c
    spread = np.sqrt(np.real(c[np.arange(len(c)), np.arange(len(c))]))
    c = c / spread[:, None]
    c = c / spread[None, :]
    real = np.clip(np.real(c), -1, 1)
    if c.dtype.kind != "c":
        return real
    return real + np.multiply(1j, np.clip(np.imag(c), -1, 1))
