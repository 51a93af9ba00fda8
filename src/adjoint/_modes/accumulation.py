"""Sums of cotangents, in place where nobody else holds the array added to.

Who holds an array, its reference count says.  What the count is when one list alone
holds it differs between versions of Python, so it is measured, in the situation in
which it will be asked for.
"""

import sys
from typing import Any

import numpy as np

from adjoint._core.arrays import Shape, Value
from adjoint._core.counts import EXACT_COUNTS
from adjoint._core.elements import add_into, embed, scatter
from adjoint._core.finiteness import forget
from adjoint._core.handle import Handle
from adjoint._modes.batch import Batched

_IN_PLACE_ABOVE = 512


def accumulate(p: Value, q: Value) -> Value:
    """Return ``p + q``, in the memory of a large ``p`` that nobody else holds."""
    if (
        type(p) is np.ndarray
        and p.size > _IN_PLACE_ABOVE
        and sys.getrefcount(p) <= _SOLE_OWNER
        and p.base is None
        and type(q) is np.ndarray
        and p.dtype == q.dtype
    ):
        forget(p)
        return np.add(p, q, out=p)
    return p + q


def add_at(p: Value, bar: Value, shape: Shape, params: tuple[Any, ...]) -> Value:
    """Return ``p`` with ``bar`` added at an index; in place where nobody else holds it.

    In place, a loop that reads ``x[0], x[1], ...`` costs the same for each element
    however long ``x`` is.
    """
    if (
        type(p) is np.ndarray
        and sys.getrefcount(p) <= _SOLE_OWNER
        and p.base is None
        and not isinstance(bar, Handle)
        and p.dtype == bar.dtype
    ):
        forget(p)
        p[params[0]] += bar
        return p
    if (
        type(p) is Batched
        and sys.getrefcount(p) <= _SOLE_OWNER
        and _add_below(p, bar, params[0])
    ):
        return p
    embedded = embed(bar, shape, params[0])
    return embedded if p is None else p + embedded


def _add_below(p: Value, bar: Value, index: Any) -> bool:
    """Add to the array at the bottom of a batch, or of batches of batches.

    Returns whether it could be done: every handle and the array held once only.
    """
    axes = 0
    while type(p) is type(bar) is Batched and p.trace is bar.trace:
        p, bar = p.value, bar.value
        axes += 1
        if sys.getrefcount(p) > _IN_ONE_SLOT:
            return False
    if type(p) is not np.ndarray or p.base is not None or type(bar) is not np.ndarray:
        return False
    if p.dtype != bar.dtype:
        return False
    places = index if isinstance(index, tuple) else (index,)
    p[(slice(None),) * axes + places] += bar
    return True


def add_gathered(p: Value, bar: Value, shape: Shape, params: tuple[Any, ...]) -> Value:
    """Return ``p`` with ``bar`` added at index arrays, whose places may repeat."""
    # Asked here as in `add_at`: a function that asks for both would hold ``p`` as well.
    if (
        type(p) is np.ndarray
        and sys.getrefcount(p) <= _SOLE_OWNER
        and p.base is None
        and not isinstance(bar, Handle)
        and p.dtype == bar.dtype
    ):
        forget(p)
        index, distinct = params
        if distinct:
            p[index] += bar
        else:
            add_into(p, index, bar)
        return p
    scattered = scatter(bar, shape, *params)
    return scattered if p is None else p + scattered


def _calibrate() -> int:
    """Return the reference count `accumulate` sees of an array only ``bars`` holds.

    -1, which nothing reaches, where counts are not exact.
    """
    if not EXACT_COUNTS:
        return -1

    def count(p: Value, q: Value) -> int:
        return sys.getrefcount(p) if q is None else -1

    bars = [np.zeros(1)]
    p = bars[0]
    return count(p, None)


_SOLE_OWNER = _calibrate()


def _calibrate_slot() -> int:
    """Return the reference count `_add_below` sees of what one attribute holds."""
    if not EXACT_COUNTS:
        return -1
    handle = Batched()
    handle.value = np.zeros(1)
    p = handle.value
    return sys.getrefcount(p)


_IN_ONE_SLOT = _calibrate_slot()
