"""Elements chosen, left out, put in or repeated along an axis, by positions."""

import functools
import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from adjoint._core.arrays import Value, in_dtype, normalize_axis, with_axis
from adjoint._core.dispatch import as_part, decide, settle
from adjoint._core.elements import scatter
from adjoint._core.handle import Handle
from adjoint._core.registry import implements
from adjoint._primitives.gathering import at_traced_positions, gather_at
from adjoint._primitives.shape import apart
from adjoint._primitives.taking import within

_COUNT = "the number of elements to keep"


@implements(np.take_along_axis)
def take_along_axis(arr: Value, indices: Value, axis: int | None = -1) -> Value:
    """Return elements of ``arr`` at positions along an axis, given one by one."""
    return along_axis(arr, indices, axis, distinct=False)


def along_axis(
    arr: Value, indices: Value, axis: int | None, *, distinct: bool
) -> Value:
    """Return `take_along_axis`; ``distinct`` promises that no position repeats."""
    if axis is None:
        arr, axis = np.ravel(arr), 0
    index = index_along_axis(arr, indices, axis)
    if isinstance(indices, Handle):
        return at_traced_positions(arr, index)
    index = tuple(one.copy() if one is indices else one for one in index)
    return gather_at(arr, index, distinct)


def index_along_axis(arr: Value, indices: Value, axis: int) -> tuple[Value, ...]:
    """Return the index that has the given positions along an axis.

    Raises
    ------
    ValueError
        If ``indices`` has another number of axes than ``arr``.
    IndexError
        If they are no integers.
    """
    if np.ndim(arr) != np.ndim(indices):
        msg = "`indices` and `arr` must have the same number of dimensions"
        raise ValueError(msg)
    if indices.dtype.kind not in "iu":
        msg = "`indices` must be an integer array"
        raise IndexError(msg)
    rank, number = np.ndim(arr), normalize_axis(axis, np.ndim(arr))
    return tuple(
        indices
        if k == number
        else np.reshape(np.arange(n), (-1, *(1,) * (rank - k - 1)))
        for k, n in enumerate(np.shape(arr))
    )


@implements(np.compress)
def compress(condition: Value, a: Value, axis: int | None = None) -> Value:
    """Return the slices of ``a`` where a condition holds along an axis."""
    (kept,) = np.nonzero(settle(as_part(condition), _COUNT))
    return np.take(a, kept, axis=axis)


@implements(np.extract)
def extract(condition: Value, arr: Value) -> Value:
    """Return the elements of ``arr`` where a condition holds."""
    kept = np.flatnonzero(settle(as_part(condition), _COUNT))
    return gather_at(np.ravel(arr), (kept,), distinct=True)


@implements(np.choose)
def choose(a: Value, choices: Any, *, mode: str = "raise") -> Value:
    """Return, element by element, the choice of the number that stands in ``a``."""
    options, numbers = [as_part(one) for one in choices], as_part(a)
    if numbers.dtype.kind not in "iub":
        msg = f"Cannot cast array data from {numbers.dtype!r} to dtype('int64')"
        raise TypeError(f"{msg} according to the rule 'safe'")
    numbers = within(numbers, len(options), mode)
    outside = functools.partial(_has_outside, count=len(options))
    if decide("choice", outside, numbers):
        msg = "invalid entry in choice array"
        raise ValueError(msg)
    shape = np.broadcast_shapes(np.shape(numbers), *map(np.shape, options))
    out = np.broadcast_to(options[0], shape)
    for number, option in enumerate(options[1:], 1):
        out = np.where(np.equal(numbers, number), option, out)
    return apart(out)


def _has_outside(plain: Any, count: int) -> bool:
    return bool(np.any((plain < 0) | (plain >= count)))


@implements(np.select)
def select(
    condlist: Sequence[Value], choicelist: Sequence[Value], default: Value = 0
) -> Value:
    """Return, element by element, the first choice whose condition holds."""
    if len(condlist) != len(choicelist):
        msg = "list of cases must be same length as list of conditions"
        raise ValueError(msg)
    out = default
    for condition, choice in zip(reversed(condlist), reversed(choicelist), strict=True):
        out = np.where(condition, choice, out)
    return out


@implements(np.piecewise)
def piecewise(
    x: Value, condlist: Any, funclist: Sequence[Any], *args: Any, **kw: Any
) -> Value:
    """Return, element by element, what the function of the last true condition gives.

    One function more than conditions is that of no condition; a value that is no
    function stands for itself.  Functions see the elements of their piece alone.

    Raises
    ------
    ValueError
        If the numbers of conditions and functions do not fit.
    """
    x = as_part(x)
    if not isinstance(condlist, (list, tuple)) or (
        not isinstance(condlist[0], (list, np.ndarray)) and np.ndim(x) != 0
    ):
        condlist = [condlist]
    pieces = [np.array(settle(as_part(one), _COUNT), bool) for one in condlist]
    if len(pieces) == len(funclist) - 1:
        pieces.append(~np.any(pieces, axis=0))
    if len(pieces) != len(funclist):
        n = len(pieces)
        msg = f"with {n} condition(s), either {n} or {n + 1} functions are expected"
        raise ValueError(msg)
    out: Value = np.zeros_like(x)
    for piece, function in zip(pieces, funclist, strict=True):
        if np.any(piece):
            values = function(x[piece], *args, **kw) if callable(function) else function
            out = _put(out, piece, values)
    return out


def _put(out: Value, piece: Any, values: Value) -> Value:
    """Return ``out`` with values in the places of a mask, in its dtype."""
    values = in_dtype(as_part(values), out.dtype)
    count = int(np.count_nonzero(piece))
    whole = np.broadcast_to(values, (count, *np.shape(out)[np.ndim(piece) :]))
    return np.where(piece, scatter(whole, np.shape(out), (piece,), True), out)


@implements(np.repeat)
def repeat(a: Value, repeats: Value, axis: int | None = None) -> Value:
    """Return ``a`` with each slice along an axis repeated."""
    a = as_part(a)
    if axis is None:
        a, axis = np.ravel(a), 0
    a = with_axis(a, axis)
    number, counts = normalize_axis(axis, np.ndim(a)), settle(repeats, "one length")
    length = a.shape[number]
    if np.size(counts) > 1:
        return np.take(a, np.repeat(np.arange(length), counts), axis=number)
    count = operator.index(np.reshape(counts, ())[()])
    before, after = a.shape[:number], a.shape[number + 1 :]
    column = np.reshape(a, (*before, length, 1, *after))
    wide = np.broadcast_to(column, (*before, length, count, *after))
    return apart(np.reshape(wide, (*before, length * count, *after)))


@implements(np.delete)
def delete(arr: Value, obj: Any, axis: int | None = None) -> Value:
    """Return ``arr`` without some slices along an axis."""
    if axis is None:
        arr, axis = np.ravel(arr), 0
    number = normalize_axis(axis, np.ndim(arr))
    kept = np.delete(np.arange(np.shape(arr)[number]), settle(obj, _COUNT))
    return np.take(arr, kept, axis=number)


@implements(np.insert)
def insert(arr: Value, obj: Any, values: Value, axis: int | None = None) -> Value:
    """Return ``arr`` with values put in before some positions along an axis.

    Where they go is found on the numbers of the slices; the slices then follow.
    """
    arr, values = as_part(arr), as_part(values)
    if axis is None:
        arr, axis = np.ravel(arr), 0
    number, rank = normalize_axis(axis, np.ndim(arr)), np.ndim(arr)
    places, length = settle(obj, "places to insert at"), arr.shape[number]
    if values.dtype != arr.dtype:
        values = values.astype(arr.dtype)
    values = np.reshape(values, (1,) * (rank - np.ndim(values)) + np.shape(values))
    if not isinstance(places, slice) and np.ndim(places) == 0:
        values = np.moveaxis(values, 0, number)
        count = values.shape[number]
    else:
        count = np.insert(np.arange(length), places, 0).size - length
    shape = (*arr.shape[:number], count, *arr.shape[number + 1 :])
    block = np.broadcast_to(values, shape)
    order = np.insert(np.arange(length), places, np.arange(length, length + count))
    return np.take(np.concatenate([arr, block], number), order, axis=number)
