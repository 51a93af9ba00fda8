"""Mean, variance and standard deviation, in NumPy's own order of operations."""

import numpy as np

from adjoint._core.arrays import Value, normalize_axes
from adjoint._core.registry import implements

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
