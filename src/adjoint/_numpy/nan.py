"""Reductions that pass over nan: a missing element has the slope 0."""

from collections.abc import Callable
from typing import Any

import numpy as np

from adjoint._core.arrays import Value, has_zero
from adjoint._core.dispatch import decide
from adjoint._core.errors import MutationError, user_line
from adjoint._core.handle import Handle
from adjoint._core.registry import implements

Axis = int | tuple[int, ...] | None


def _filled(a: Value, number: float) -> Value:
    return np.where(np.isnan(a), number, a)[()]


def _count(a: Value, axis: Axis, *, keepdims: bool, where: Value = True) -> Value:
    """Return how many numbers there are."""
    numbers = np.logical_and(np.logical_not(np.isnan(a)), where)
    return np.sum(numbers, axis=axis, keepdims=keepdims)


@implements(np.nansum)
def nansum(
    a: Value,
    axis: Axis = None,
    *,
    keepdims: bool = False,
    where: Value = True,
    initial: Value = None,
) -> Value:
    """Return the sum of the numbers in ``a``."""
    given = {} if initial is None else {"initial": initial}
    return np.sum(_filled(a, 0.0), axis=axis, keepdims=keepdims, where=where, **given)


@implements(np.nanprod)
def nanprod(
    a: Value,
    axis: Axis = None,
    *,
    keepdims: bool = False,
    where: Value = True,
    initial: Value = None,
) -> Value:
    """Return the product of the numbers in ``a``."""
    given = {} if initial is None else {"initial": initial}
    return np.prod(_filled(a, 1.0), axis=axis, keepdims=keepdims, where=where, **given)


@implements(np.nancumsum)
def nancumsum(a: Value, axis: int | None = None) -> Value:
    """Return the running sum, nan counted as 0."""
    return np.cumsum(_filled(a, 0.0), axis=axis)


@implements(np.nancumprod)
def nancumprod(a: Value, axis: int | None = None) -> Value:
    """Return the running product, nan counted as 1."""
    return np.cumprod(_filled(a, 1.0), axis=axis)


@implements(np.nanmean)
def nanmean(
    a: Value, axis: Axis = None, *, keepdims: bool = False, where: Value = True
) -> Value:
    """Return the mean of the numbers in ``a``; nan where there are none."""
    total = np.sum(_filled(a, 0.0), axis=axis, keepdims=keepdims, where=where)
    return _over_count(total, _count(a, axis, keepdims=keepdims, where=where))


def _over_count(total: Value, count: Value) -> Value:
    """Return a quotient in the dtype of the total; nan where the count is 0."""
    return np.divide(total, np.where(count > 0, count, np.nan).astype(total.dtype))


@implements(np.nanvar)
def nanvar(
    a: Value,
    axis: Axis = None,
    *,
    ddof: float = 0,
    keepdims: bool = False,
    where: Value = True,
) -> Value:
    """Return the variance of the numbers in ``a``."""
    deviation = _filled(a - nanmean(a, axis, keepdims=True, where=where), 0.0)
    squares = np.real(deviation * np.conjugate(deviation))
    total = np.sum(squares, axis=axis, keepdims=keepdims, where=where)
    count = _count(a, axis, keepdims=keepdims, where=where)
    return _over_count(total, count - ddof)


@implements(np.nanstd)
def nanstd(
    a: Value,
    axis: Axis = None,
    *,
    ddof: float = 0,
    keepdims: bool = False,
    where: Value = True,
) -> Value:
    """Return the standard deviation of the numbers in ``a``; slope 0 where it is 0."""
    variance = nanvar(a, axis, ddof=ddof, keepdims=keepdims, where=where)
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
        if decide("empty", has_zero, _count(a, axis, keepdims=keepdims)):
            msg = "All-NaN slice encountered"
            raise ValueError(msg)
        return over(_filled(a, last), axis=axis, keepdims=keepdims)


_declare_extremum(np.nanmax, np.max, -np.inf)
_declare_extremum(np.nanmin, np.min, np.inf)
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

    Raises
    ------
    MutationError
        For ``copy=False``, which writes into ``x``.
    """
    if not copy:
        msg = (
            f"np.nan_to_num(x, copy=False) writes into a traced array{user_line()}, "
            "which derivatives cannot follow. Write x = np.nan_to_num(x)."
        )
        error = MutationError(msg)
        raise x.remember(error) if isinstance(x, Handle) else error
    if x.dtype.kind == "c":
        real, imaginary = (
            nan_to_num(part, nan=nan, posinf=posinf, neginf=neginf)
            for part in (np.real(x), np.imag(x))
        )
        return real + np.multiply(1j, imaginary)
    limits = np.finfo(x.dtype)
    highest = float(limits.max) if posinf is None else posinf
    lowest = float(limits.min) if neginf is None else neginf
    out: Value = np.where(np.isnan(x), nan, x)
    out = np.where(np.equal(x, np.inf), highest, out)
    return np.where(np.equal(x, -np.inf), lowest, out)[()]
