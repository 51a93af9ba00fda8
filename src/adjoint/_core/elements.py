"""Functions on elements that NumPy has no name for; they dispatch by themselves."""

import math
from typing import Any

import numpy as np

from adjoint._core.arrays import Shape, Value
from adjoint._core.dispatch import bind, bind_one, highest_trace
from adjoint._core.handle import Handle
from adjoint._core.layout import copy_as_it_lies
from adjoint._core.registry import RECORDS


def embed(y: Value, shape: Shape, index: Any) -> Value:
    """Return zeros of a shape with ``y`` at a basic index: ``x[index]`` transposed.

    Parameters
    ----------
    y : array
        The elements; of the shape that ``np.zeros(shape)[index]`` has.
    shape : tuple of int
    index : int, slice, Ellipsis, None, or a tuple of these
    """
    if isinstance(y, Handle):
        return bind_one(RECORDS[embed], y, (shape, index))
    zeros = np.zeros_like(y, shape=shape)
    zeros[index] = y
    return zeros


def gather(x: Value, index: tuple[Any, ...], distinct: bool) -> Value:
    """Return ``x[index]`` for an index with integer arrays or masks in it.

    Parameters
    ----------
    x : array
    index : tuple
        As NumPy takes it, its arrays plain.
    distinct : bool
        Whether no element is read twice; `scatter`, the transpose, is faster then.
    """
    if isinstance(x, Handle):
        return bind_one(RECORDS[gather], x, (index, distinct))
    return x[index]


def scatter(y: Value, shape: Shape, index: tuple[Any, ...], distinct: bool) -> Value:
    """Return zeros of a shape with ``y`` added at an index: `gather` transposed.

    What meets in one place is summed.
    """
    if isinstance(y, Handle):
        return bind_one(RECORDS[scatter], y, (shape, index, distinct))
    zeros = np.zeros_like(y, shape=shape)
    if distinct:
        zeros[index] = y
    else:
        add_into(zeros, index, y)
    return zeros


def held(x: Value) -> Value:
    """Return ``x`` (a copy, of an array) as a constant: what ``stop_gradient`` records.

    Only graphs need it: to them the value is no constant, but its derivative is zero.
    """
    if isinstance(x, Handle):
        return bind(RECORDS[held], (x,))
    return x.copy() if isinstance(x, np.ndarray) else x


def setitem(x: Value, item: Value, index: Any, won: Any = None) -> Value:
    """Return a copy of ``x`` with ``item`` at an index: ``x[index] = item``.

    Parameters
    ----------
    x, item : array
        ``item`` broadcasts to the shape of ``x[index]``, and has no more axes.
    index : int, slice, array, ..., or a tuple of these
        As NumPy takes it, its arrays plain.
    won : ndarray of bool, optional
        Of the shape of ``x[index]``: which elements of ``item`` stay, where an index
        names a place twice.  The last one does.
    """
    if isinstance(x, Handle) or isinstance(item, Handle):
        return bind(RECORDS[setitem], (x, item), (index, won))
    # What ufuncs make of an array without axes is a number: of its cotangent, say.
    is_number = isinstance(x, np.generic)
    out = np.array(x) if is_number else copy_as_it_lies(x, to_write=True)
    out[index] = item
    return out


def with_added(x: Value, item: Value, index: tuple[Any, ...]) -> Value:
    """Return a copy of ``x`` with ``item`` added at an index: ``np.add.at``.

    Parameters
    ----------
    x, item : array
        ``item`` broadcasts to the shape of ``x[index]``, and has no more axes.
    index : tuple
        As NumPy takes it, its arrays plain.  A place named twice is added to twice.
    """
    if isinstance(x, Handle) or isinstance(item, Handle):
        return bind(RECORDS[with_added], (x, item), (index,))
    out = copy_as_it_lies(x, to_write=True)
    np.add.at(out, index, item)
    return out


_WORTH_FLATTENING = 256
"""Elements: from here on ``add.at`` of a vector, five times as fast, pays its index."""


def add_into(total: Value, index: tuple[Any, ...], y: Value) -> None:
    """Add ``y`` to a plain array at an index, once for each time a place is named."""
    worth = y.size >= _WORTH_FLATTENING and 4 * y.size >= sum(total.shape)
    if total.ndim > 1 and worth and total.flags.c_contiguous:
        places = _places(total.shape, index)
        np.add.at(np.reshape(total, -1), np.ravel(places), np.ravel(y))
    else:
        np.add.at(total, index, y)


def _places(shape: Shape, index: tuple[Any, ...]) -> Any:
    """Return the place in C order of every element that an index reads.

    Each axis is indexed as a broadcast of its own numbers, so the cost is that of what
    is read, not of the whole array.
    """
    places: Any = 0
    for axis, length in enumerate(shape):
        stride = math.prod(shape[axis + 1 :])
        numbers = np.arange(0, length * stride, stride) if stride else np.zeros(length)
        column = np.reshape(numbers, (length, *(1,) * (len(shape) - axis - 1)))
        places = places + np.broadcast_to(column, shape)[index]
    return places


def pick(x: Value, positions: Value, length: int) -> Value:
    """Return the elements of a vector at positions that may be traced.

    Parameters
    ----------
    x : array, shape (length,)
    positions : array of int
        Not negative; of any shape, which is that of the result.
    length : int
    """
    if highest_trace((x, positions)) is None:
        return np.take(x, positions)
    return bind(RECORDS[pick], (x, positions), (length,))


def deposit(y: Value, positions: Value, length: int) -> Value:
    """Return a vector with ``y`` added at positions: `pick` transposed."""
    if highest_trace((y, positions)) is not None:
        return bind(RECORDS[deposit], (y, positions), (length,))
    zeros = np.zeros_like(y, shape=(length,))
    np.add.at(zeros, positions, y)
    return zeros
