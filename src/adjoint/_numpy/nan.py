"""Reductions that pass over nan: a missing element has the slope 0."""

from collections.abc import Callable
from typing import Any

import numpy as np

from adjoint._core.arrays import Value
from adjoint._core.dispatch import strip
from adjoint._core.registry import implements

Axis = int | tuple[int, ...] | None


def _filled(a: Value, number: float) -> Value:
    return np.where(np.isnan(a), number, a)[()]


def _count(a: Value, axis: Axis, *, keepdims: bool) -> Value:
    """Return how many numbers there are."""
    return np.sum(np.logical_not(np.isnan(a)), axis=axis, keepdims=keepdims)


@implements(np.nansum)
def nansum(a: Value, axis: Axis = None, *, keepdims: bool = False) -> Value:
    """Return the sum of the numbers in ``a``."""
    return np.sum(_filled(a, 0.0), axis=axis, keepdims=keepdims)


@implements(np.nanprod)
def nanprod(a: Value, axis: Axis = None, *, keepdims: bool = False) -> Value:
    """Return the product of the numbers in ``a``."""
    return np.prod(_filled(a, 1.0), axis=axis, keepdims=keepdims)


@implements(np.nancumsum)
def nancumsum(a: Value, axis: int | None = None) -> Value:
    """Return the running sum, nan counted as 0."""
    return np.cumsum(_filled(a, 0.0), axis=axis)


@implements(np.nancumprod)
def nancumprod(a: Value, axis: int | None = None) -> Value:
    """Return the running product, nan counted as 1."""
    return np.cumprod(_filled(a, 1.0), axis=axis)


@implements(np.nanmean)
def nanmean(a: Value, axis: Axis = None, *, keepdims: bool = False) -> Value:
    """Return the mean of the numbers in ``a``; nan where there are none."""
    total = np.sum(_filled(a, 0.0), axis=axis, keepdims=keepdims)
    return _over_count(total, _count(a, axis, keepdims=keepdims))


def _over_count(total: Value, count: Value) -> Value:
    """Return a quotient in the dtype of the total; nan where the count is 0."""
    return np.divide(total, np.where(count > 0, count, np.nan).astype(total.dtype))


@implements(np.nanvar)
def nanvar(
    a: Value, axis: Axis = None, *, ddof: float = 0, keepdims: bool = False
) -> Value:
    """Return the variance of the numbers in ``a``."""
    deviation = _filled(a - nanmean(a, axis, keepdims=True), 0.0)
    squares = np.real(deviation * np.conjugate(deviation))
    total = np.sum(squares, axis=axis, keepdims=keepdims)
    return _over_count(total, _count(a, axis, keepdims=keepdims) - ddof)


@implements(np.nanstd)
def nanstd(
    a: Value, axis: Axis = None, *, ddof: float = 0, keepdims: bool = False
) -> Value:
    """Return the standard deviation of the numbers in ``a``; slope 0 where it is 0."""
    variance = nanvar(a, axis, ddof=ddof, keepdims=keepdims)
    constant = np.equal(variance, 0)
    return np.where(constant, 0.0, np.sqrt(np.where(constant, 1.0, variance)))[()]


def _declare_extremum(function: Any, over: Callable[..., Value], last: float) -> None:
    @implements(function)
    def extremum_of_numbers(
        a: Value, axis: Axis = None, *, keepdims: bool = False
    ) -> Value:
        out = over(_filled(a, last), axis=axis, keepdims=keepdims)
        empty = np.equal(_count(a, axis, keepdims=keepdims), 0)
        return np.where(empty, np.nan, out)[()]


def _declare_place(function: Any, over: Callable[..., Value], last: float) -> None:
    @implements(function)
    def place_of_extremum(
        a: Value, axis: int | None = None, *, keepdims: bool = False
    ) -> Value:
        if np.any(strip(_count(a, axis, keepdims=keepdims)) == 0):
            msg = "All-NaN slice encountered"
            raise ValueError(msg)
        return over(_filled(a, last), axis=axis, keepdims=keepdims)


_declare_extremum(np.nanmax, np.max, -np.inf)
_declare_extremum(np.nanmin, np.min, np.inf)
_declare_place(np.nanargmax, np.argmax, -np.inf)
_declare_place(np.nanargmin, np.argmin, np.inf)
