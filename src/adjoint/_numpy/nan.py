"""Reductions that pass over nan: a missing element has the slope 0."""

from collections.abc import Callable
from typing import Any

import numpy as np

from adjoint._core.arrays import Value, has_zero
from adjoint._core.dispatch import decide
from adjoint._core.errors import warn_the_user
from adjoint._core.handle import strip
from adjoint._core.layout import is_spread
from adjoint._core.registry import IMPLEMENTATIONS, UFUNC_METHODS, implements
from adjoint._numpy.statistics import degrees_taken, deviation_of, over_count

Axis = int | tuple[int, ...] | None


def _as_copied(a: Value) -> Value:
    """Return an array that lies as NumPy's copy of it, which it fills, would."""
    return np.copy(a) if is_spread(a) else a


def _filled(a: Value, number: float) -> Value:
    a = _as_copied(a)
    return np.where(np.isnan(a), number, a)[()]


def _count(a: Value, axis: Axis, *, keepdims: bool, where: Value = True) -> Value:
    """Return how many numbers there are."""
    numbers = np.logical_and(np.logical_not(np.isnan(a)), where)
    return np.sum(numbers, axis=axis, keepdims=keepdims)


def _declare_fold(function: Any, over: Callable[..., Value], neutral: float) -> None:
    """Declare ``nansum`` or ``nanprod``: nan counts as what changes nothing."""

    @implements(function)
    def of_numbers(
        a: Value,
        axis: Axis = None,
        dtype: Any = None,
        *,
        keepdims: bool = False,
        initial: Value = None,
        where: Value = True,
    ) -> Value:
        said = {"dtype": dtype, "initial": initial}
        said = {key: one for key, one in said.items() if one is not None}
        numbers = _filled(a, neutral)
        return IMPLEMENTATIONS[over](  # NumPy does not look at ``initial``
            numbers, axis=axis, keepdims=keepdims, where=where, **said
        )


def _declare_scan(function: Any, over: Callable[..., Value], neutral: float) -> None:
    """Declare ``nancumsum`` or ``nancumprod``."""

    @implements(function)
    def running(a: Value, axis: int | None = None, dtype: Any = None) -> Value:
        return over(_filled(a, neutral), axis=axis, dtype=dtype)


_declare_fold(np.nansum, np.sum, 0.0)
_declare_fold(np.nanprod, np.prod, 1.0)
_declare_scan(np.nancumsum, np.cumsum, 0.0)
_declare_scan(np.nancumprod, np.cumprod, 1.0)


@implements(np.nanmean)
def nanmean(
    a: Value,
    axis: Axis = None,
    dtype: Any = None,
    *,
    keepdims: bool = False,
    where: Value = True,
) -> Value:
    """Return the mean of the numbers in ``a``; nan where there are none.

    Raises
    ------
    TypeError
        For a ``dtype`` of integers, as NumPy does.
    """
    _check_dtype(a, dtype)
    total = _total(a, axis, dtype, keepdims=keepdims, where=where)
    count = _count(a, axis, keepdims=keepdims, where=where)
    if np.any(strip(count) == 0):
        warn_the_user("Mean of empty slice")
    return _over_count(total, count)


def _check_dtype(a: Value, dtype: Any) -> None:
    if dtype is not None and np.dtype(dtype).kind not in "fc" and a.dtype.kind in "fc":
        msg = "If a is inexact, then dtype must be inexact"
        raise TypeError(msg)


def _total(
    a: Value, axis: Axis, dtype: Any, *, keepdims: bool, where: Value = True
) -> Value:
    """Return the sum of the numbers."""
    said = {} if dtype is None else {"dtype": dtype}
    return np.sum(_filled(a, 0.0), axis=axis, keepdims=keepdims, where=where, **said)


def _over_count(total: Value, count: Value) -> Value:
    """Return a quotient in the dtype of the total; nan where the count is 0."""
    numbers = np.where(count > 0, count, np.nan).astype(total.dtype)
    return over_count(total, numbers)


@implements(np.nanvar)
def nanvar(
    a: Value,
    axis: Axis = None,
    dtype: Any = None,
    *,
    ddof: float = 0,
    keepdims: bool = False,
    where: Value = True,
    mean: Value = np._NoValue,
    correction: Any = np._NoValue,
) -> Value:
    """Return the variance of the numbers in ``a``.

    Raises
    ------
    TypeError
        For a ``dtype`` of integers, as NumPy does.
    ValueError
        If ``ddof`` and its other name, ``correction``, are both given.
    """
    _check_dtype(a, dtype)
    ddof = degrees_taken(ddof, correction)
    a = _as_copied(a)
    count = _count(a, axis, keepdims=True, where=where)
    if mean is np._NoValue:
        total = _total(a, axis, dtype, keepdims=True, where=where)
        mean = _over_count(total, count)
    deviation = _filled(a - mean, 0.0)
    squares = np.real(deviation * np.conjugate(deviation))
    total = _total(squares, axis, dtype, keepdims=keepdims, where=where)
    free = _count(a, axis, keepdims=keepdims, where=where) - ddof
    if np.any(strip(free) <= 0):
        warn_the_user("Degrees of freedom <= 0 for slice.")
    return _over_count(total, free)


@implements(np.nanstd)
def nanstd(
    a: Value,
    axis: Axis = None,
    dtype: Any = None,
    *,
    ddof: float = 0,
    keepdims: bool = False,
    where: Value = True,
    mean: Value = np._NoValue,
    correction: Any = np._NoValue,
) -> Value:
    """Return the standard deviation of the numbers in ``a``; slope 0 where it is 0."""
    variance = nanvar(
        a,
        axis,
        dtype,
        ddof=ddof,
        keepdims=keepdims,
        where=where,
        mean=mean,
        correction=correction,
    )
    return deviation_of(variance)


def _declare_extremum(function: Any, ufunc: np.ufunc) -> None:
    """Declare ``nanmax`` or ``nanmin``; where there is no number, a constant nan."""

    @implements(function)
    def extremum_of_numbers(
        a: Value,
        axis: Axis = None,
        *,
        keepdims: bool = False,
        initial: Value = np._NoValue,
        where: Value = True,
    ) -> Value:
        # Nothing reaches the missing ones: neither cotangents nor tangents.
        numbers = np.where(np.isnan(a), np.nan, a)[()]
        out = UFUNC_METHODS[ufunc, "reduce"](  # NumPy does not look at ``initial``
            numbers, axis, keepdims=keepdims, initial=initial, where=where
        )
        empty = np.isnan(out)
        if np.any(strip(empty)):
            warn_the_user("All-NaN slice encountered")
        return np.where(empty, np.nan, out)[()]


def _declare_place(function: Any, over: Callable[..., Value], last: float) -> None:
    @implements(function)
    def place_of_extremum(
        a: Value, axis: int | None = None, *, keepdims: bool = False
    ) -> Value:
        if decide("empty", has_zero, _count(a, axis, keepdims=keepdims)):
            msg = "All-NaN slice encountered"
            raise ValueError(msg)
        return over(_filled(a, last), axis=axis, keepdims=keepdims)


_declare_extremum(np.nanmax, np.fmax)
_declare_extremum(np.nanmin, np.fmin)
_declare_place(np.nanargmax, np.argmax, -np.inf)
_declare_place(np.nanargmin, np.argmin, np.inf)


@implements(np.nan_to_num)
def nan_to_num(
    x: Value,
    copy: bool = True,
    nan: Value = 0.0,
    posinf: Value = None,
    neginf: Value = None,
) -> Value:
    """Return numbers in the place of nan and infinities, where the slope is 0.

    With ``copy=False`` they are written into ``x``.
    """
    if not copy:
        x[...] = nan_to_num(x, nan=nan, posinf=posinf, neginf=neginf)
        return x
    if x.dtype.kind == "c":
        real, imaginary = (
            nan_to_num(part, nan=nan, posinf=posinf, neginf=neginf)
            for part in (np.real(x), np.imag(x))
        )
        return real + np.multiply(1j, imaginary)
    limits = np.finfo(x.dtype)
    highest = float(limits.max) if posinf is None else posinf
    lowest = float(limits.min) if neginf is None else neginf
    x = _as_copied(x)
    out: Value = np.where(np.isnan(x), nan, x)
    out = np.where(np.equal(x, np.inf), highest, out)
    return np.where(np.equal(x, -np.inf), lowest, out)[()]
