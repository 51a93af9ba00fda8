"""Means, variances, correlations and ranges, in NumPy's own order of operations."""

import functools
from typing import Any

import numpy as np

from adjoint._core.arrays import (
    Value,
    has_zero,
    in_dtype,
    normalize_axes,
    normalize_axis,
)
from adjoint._core.dispatch import as_part, decide
from adjoint._core.errors import warn_the_user
from adjoint._core.registry import implements

Axis = int | tuple[int, ...] | None


def _count(a: Value, axis: Axis, where: Value = True, *, keepdims: bool = False) -> Any:
    """Return how many elements one mean is taken over."""
    if where is not True:
        counted = np.broadcast_to(as_part(where), np.shape(a))
        over = functools.partial(np.sum, axis=axis, keepdims=keepdims)
        count = decide("count", over, counted)
        return count.astype(a.real.dtype) if a.dtype.kind in "fc" else count
    count = 1
    for k in normalize_axes(axis, a.ndim):
        count *= a.shape[k]
    return count


def _sum(a: Value, axis: Axis, where: Value, dtype: Any, *, keepdims: bool) -> Value:
    if where is True and dtype is None:
        return np.sum(a, axis=axis, keepdims=keepdims)
    return np.sum(a, axis=axis, keepdims=keepdims, where=where, dtype=dtype)


def over_count(total: Value, count: Any) -> Value:
    """Return a sum over a number of elements.

    That is an integer to NumPy, which so divides complex64 in double precision.
    """
    if total.dtype != np.complex64:
        return total / count
    return (total.astype(np.complex128) / count).astype(np.complex64)


def _warn_where(lost: Any, message: str) -> None:
    """Warn as NumPy does if a result is lost: one, or some of several."""
    if lost is True or (type(lost) is not bool and np.any(lost)):
        warn_the_user(message)


@implements(np.mean)
def mean(
    a: Value,
    axis: Axis = None,
    *,
    keepdims: bool = False,
    where: Value = True,
    dtype: Any = None,
) -> Value:
    """Return the arithmetic mean over axes."""
    if a.dtype == np.float16 and dtype is None:  # summed in single, as NumPy does
        wide = mean(a.astype(np.float32), axis, keepdims=keepdims, where=where)
        return wide.astype(np.float16)
    count = _count(a, axis, where, keepdims=keepdims)
    _warn_where(count == 0, "Mean of empty slice")
    return over_count(_sum(a, axis, where, dtype, keepdims=keepdims), count)


@implements(np.var)
def var(
    a: Value,
    axis: Axis = None,
    *,
    ddof: float = 0,
    keepdims: bool = False,
    where: Value = True,
    dtype: Any = None,
    mean: Value = np._NoValue,
    correction: Any = np._NoValue,
) -> Value:
    """Return the variance: the sum of squared deviations over ``n - ddof``.

    Raises
    ------
    ValueError
        If ``ddof`` and its other name, ``correction``, are both given.
    """
    ddof = degrees_taken(ddof, correction)
    if mean is np._NoValue:
        total = _sum(a, axis, where, dtype, keepdims=True)
        mean = over_count(total, _count(a, axis, where, keepdims=True))
    squares = _squares(a - mean, is_complex=a.dtype.kind == "c")
    total = _sum(squares, axis, where, dtype, keepdims=keepdims)
    count = _count(a, axis, where, keepdims=keepdims)
    _warn_where(ddof >= count, "Degrees of freedom <= 0 for slice")
    return np.divide(
        total, np.maximum(count - ddof, 0) if np.ndim(count) else max(count - ddof, 0)
    )


def degrees_taken(ddof: float, correction: Any) -> Any:
    """Return the degrees of freedom that a variance takes off, given by either name.

    Raises
    ------
    ValueError
        If both are given, as NumPy does.
    """
    if correction is np._NoValue:
        return ddof
    if ddof != 0:
        msg = "ddof and correction can't be provided simultaneously."
        raise ValueError(msg)
    return correction


def _squares(deviation: Value, *, is_complex: bool) -> Value:
    """Return squared moduli, as NumPy computes them."""
    if not is_complex:
        return deviation * deviation
    real, imaginary = np.real(deviation), np.imag(deviation)
    return real * real + imaginary * imaginary


@implements(np.std)
def std(
    a: Value,
    axis: Axis = None,
    *,
    ddof: float = 0,
    keepdims: bool = False,
    where: Value = True,
    dtype: Any = None,
    mean: Value = np._NoValue,
    correction: Any = np._NoValue,
) -> Value:
    """Return the standard deviation; its derivative is 0 where the data are constant.

    There ``sqrt`` has an infinite slope and the deviations are 0; 0 is the symmetric
    subgradient, as for the absolute value.
    """
    variance = var(
        a,
        axis,
        ddof=ddof,
        keepdims=keepdims,
        where=where,
        dtype=dtype,
        mean=mean,
        correction=correction,
    )
    return deviation_of(variance)


def deviation_of(variance: Value) -> Value:
    """Return the root of a variance, with slope 0 at 0."""
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
        wide = stretched(as_part(weights), a, axis)
        summed_in = np.result_type(a.dtype, wide.dtype)  # that of the mean
        if wide.dtype != summed_in:
            wide = wide.astype(summed_in)
        total = np.sum(wide, axis=axis, keepdims=keepdims)
        if decide("zero", has_zero, total):
            msg = "Weights sum to zero, can't be normalized"
            raise ZeroDivisionError(msg)
        weighted = np.sum(np.multiply(a, wide), axis=axis, keepdims=keepdims)
        mean_value = weighted / total
    if not returned:
        return mean_value
    if np.shape(total) != np.shape(mean_value):
        total = np.copy(np.broadcast_to(total, np.shape(mean_value)))
    return mean_value, total


def stretched(weights: Value, a: Value, axis: Axis) -> Value:
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
    fweights: Any = None,
    aweights: Value = None,
    *,
    dtype: Any = None,
) -> Value:
    """Return the covariances of variables, one a row: X Xᴴ over ``n - ddof``.

    Observations may have weights, ``aweights`` traced ones.
    """
    x = _variables(as_part(m), rowvar, dtype)
    if y is not None:
        x = np.concatenate([x, _variables(as_part(y), rowvar, dtype)], 0)
    if ddof is not None and ddof != int(ddof):
        msg = "ddof must be integer"
        raise ValueError(msg)
    if ddof is None:
        ddof = 0 if bias else 1
    weights = _observation_weights(x.shape[1], fweights, aweights)
    if weights is None:
        centred = x - np.mean(x, axis=1, keepdims=True)
        scaled, count = centred, max(x.shape[1] - ddof, 0)
    else:
        means, totals = average(x, 1, weights, True)
        centred, total = x - means[:, None], totals[0]
        scaled, count = centred * weights, total
        if ddof and aweights is None:
            count = total - ddof
        elif ddof:
            own = _observation_weights(x.shape[1], None, aweights)
            count = total - ddof * np.sum(weights * own) / total
    products = np.dot(centred, np.conjugate(scaled.T))
    return np.squeeze(products * np.true_divide(1, count))[()]


def _observation_weights(count: int, fweights: Any, aweights: Value) -> Value:
    """Return the products of frequencies and weights, or None.

    Raises
    ------
    TypeError, RuntimeError, ValueError
        As NumPy does, for frequencies that are no integers, weights that are no vector
        of one number an observation, negative ones.
    """
    weights = None
    for name, given in (("fweights", fweights), ("aweights", aweights)):
        if given is None:
            continue
        one = in_dtype(as_part(given), np.float64)
        if name == "fweights" and decide("whole", _has_fraction, one):
            msg = "fweights must be integer"
            raise TypeError(msg)
        if np.ndim(one) > 1:
            msg = f"cannot handle multidimensional {name}"
            raise RuntimeError(msg)
        if np.shape(one)[0] != count:
            msg = f"incompatible numbers of samples and {name}"
            raise RuntimeError(msg)
        if decide("negative", _has_negative, one):
            msg = f"{name} cannot be negative"
            raise ValueError(msg)
        weights = one if weights is None else weights * one
    return weights


def _has_fraction(plain: Any) -> bool:
    return bool(np.any(plain != np.around(plain)))


def _has_negative(plain: Any) -> bool:
    return bool(np.any(plain < 0))


def _variables(m: Value, rowvar: bool, dtype: Any) -> Value:
    """Return a matrix with one variable a row, of double precision by default."""
    if np.ndim(m) > 2:
        msg = "m has more than 2 dimensions"
        raise ValueError(msg)
    double = dtype or (np.complex128 if m.dtype.kind == "c" else np.float64)
    x = np.atleast_2d(in_dtype(m, double))
    return x.T if not rowvar and np.ndim(m) == 2 else x


@implements(np.corrcoef)
def corrcoef(
    x: Value, y: Value = None, rowvar: bool = True, *, dtype: Any = None
) -> Value:
    """Return the correlations of variables: covariances over standard deviations.

    They are clipped to [-1, 1], complex ones in real and imaginary part.
    """
    c = cov(x, y, rowvar, dtype=dtype)
    if np.ndim(c) == 0:
        return c / c
    spread = np.sqrt(np.real(c[np.arange(len(c)), np.arange(len(c))]))
    c = c / spread[:, None]
    c = c / spread[None, :]
    real = np.clip(np.real(c), -1, 1)
    if c.dtype.kind != "c":
        return real
    return real + np.multiply(1j, np.clip(np.imag(c), -1, 1))
