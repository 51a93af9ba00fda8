"""Evenly spaced numbers between ends that may be traced, in NumPy's own order."""

import operator
from typing import Any

import numpy as np

from adjoint._core.arrays import (
    Value,
    check_device,
    dtype_of,
    has_zero,
    in_dtype,
    ndim_of,
)
from adjoint._core.dispatch import as_part, decide
from adjoint._core.handle import strip
from adjoint._core.registry import implements


@implements(np.linspace)
def linspace(
    start: Value,
    stop: Value,
    num: int = 50,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: Any = None,
    axis: int = 0,
    *,
    device: Any = None,
) -> Any:
    """Return ``num`` numbers from ``start`` to ``stop`` in even steps.

    Raises
    ------
    ValueError
        For a negative number of them, as NumPy does.
    """
    check_device(device)
    count = operator.index(num)
    if count < 0:
        msg = f"Number of samples, {count}, must be non-negative."
        raise ValueError(msg)
    intervals = count - 1 if endpoint else count
    kind = _common_dtype(start, stop)
    start, stop = (in_dtype(as_part(end), kind) for end in (start, stop))
    delta = np.subtract(stop, start)
    numbers = np.arange(count, dtype=kind).reshape((-1, *(1,) * ndim_of(delta)))
    step: Value = np.nan
    if intervals > 0:
        step = delta / intervals
        if decide("zero", has_zero, step):  # rounds otherwise where a step is 0
            spaced = numbers / intervals * delta
        else:
            spaced = numbers * step
    else:
        spaced = numbers * delta
    spaced = spaced + start
    if endpoint and count > 1:
        last = np.broadcast_to(stop, spaced.shape[1:])
        spaced = np.concatenate([spaced[:-1], np.expand_dims(last, 0)])
    out = _finished(spaced, dtype, axis)
    return (out, step) if retstep else out


def _common_dtype(*ends: Value) -> Any:
    """Return the inexact dtype that NumPy spaces numbers in."""
    plain = [strip(end) for end in ends]
    return np.result_type(*plain, *([] if _is_inexact(plain) else [np.float64]))


def _is_inexact(plain: list[Value]) -> bool:
    return any(dtype_of(one).kind in "fc" for one in plain)


def _finished(spaced: Value, dtype: Any, axis: int) -> Value:
    """Return spaced numbers along another axis and in another dtype, if asked."""
    if axis:
        spaced = np.moveaxis(spaced, 0, axis)
    if dtype is None or np.dtype(dtype) == spaced.dtype:
        return spaced
    whole = np.dtype(dtype).kind in "iu"
    return (np.floor(spaced) if whole else spaced).astype(dtype)


@implements(np.logspace)
def logspace(
    start: Value,
    stop: Value,
    num: int = 50,
    endpoint: bool = True,
    base: Value = 10.0,
    dtype: Any = None,
    axis: int = 0,
) -> Value:
    """Return powers of ``base`` with evenly spaced exponents."""
    if np.ndim(base):
        rank = max(np.ndim(as_part(one)) for one in (start, stop, base))
        start, stop, base = (_with_rank(one, rank) for one in (start, stop, base))
        base = np.expand_dims(base, axis)
    exponents = linspace(start, stop, num, endpoint, axis=axis)
    out = np.power(base, exponents)
    return out if dtype is None else out.astype(dtype)


def _with_rank(part: Value, rank: int) -> Value:
    part = as_part(part)
    return np.reshape(part, (1,) * (rank - np.ndim(part)) + np.shape(part))


@implements(np.geomspace)
def geomspace(
    start: Value,
    stop: Value,
    num: int = 50,
    endpoint: bool = True,
    dtype: Any = None,
    axis: int = 0,
) -> Value:
    """Return numbers from ``start`` to ``stop`` whose quotients are even.

    Both ends are returned as they are; so the last is ``stop`` times 1, and the first
    ``start`` times 1, with the derivatives 1.

    Raises
    ------
    ValueError
        If an end is zero, as NumPy does.
    """
    if decide("zero", has_zero, start) or decide("zero", has_zero, stop):
        msg = "Geometric sequence cannot include zero"
        raise ValueError(msg)
    asked = [] if dtype is None else [np.dtype(dtype)]
    kind = np.result_type(_common_dtype(start, stop), float(num), *asked)
    start, stop = (in_dtype(as_part(end), kind) for end in (start, stop))
    sign = np.sign(start)
    start, stop = start / sign, stop / sign
    out = logspace(np.log10(start), np.log10(stop), num, endpoint)
    shape = np.shape(out)[1:]
    first, last = (
        np.broadcast_to(np.expand_dims(end, 0), (1, *shape)) for end in (start, stop)
    )
    if num == 1:
        out = first
    elif num > 1:
        out = np.concatenate([first, out[1:-1], last if endpoint else out[-1:]])
    return _finished(out * sign, dtype, axis)
