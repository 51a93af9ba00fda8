"""Stacking and splitting, composed of concatenation and slices."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from adjoint._core.arrays import Value, normalize_axis
from adjoint._core.dispatch import as_part
from adjoint._core.registry import implements
from adjoint._primitives.shape import cast_parts, join


@implements(np.stack)
def stack(
    arrays: Sequence[Value],
    axis: int = 0,
    *,
    dtype: Any = None,
    casting: Any = "same_kind",
) -> Value:
    """Return arrays of one shape joined along a new axis."""
    parts = cast_parts([as_part(part) for part in arrays], dtype, casting)
    if len({np.shape(part) for part in parts}) != 1:
        msg = "all input arrays must have the same shape"
        raise ValueError(msg)
    number = normalize_axis(axis, np.ndim(parts[0]) + 1)
    return np.concatenate([np.expand_dims(part, number) for part in parts], number)


if hasattr(np, "unstack"):  # since NumPy 2.1

    @implements(np.unstack)
    def unstack(x: Value, /, *, axis: int = 0) -> tuple[Value, ...]:
        """Return the slices along an axis, one by one."""
        if np.ndim(x) == 0:
            msg = "Input array must be at least 1-d."
            raise ValueError(msg)
        return tuple(np.moveaxis(x, axis, 0))


@implements(np.block)
def block(arrays: Any) -> Value:
    """Return an array put together from nested lists of blocks.

    The innermost lists are joined along the last axis, those around them along the one
    before, and so on.

    Raises
    ------
    TypeError
        For tuples, which are no nesting.
    ValueError
        For empty lists, and lists nested unequally deep.
    """
    depth = _depth(arrays)
    ranks = [np.ndim(leaf) for leaf in _blocks(arrays)]
    out = _joined(arrays, depth, max(depth, *ranks))
    return out if depth else np.copy(out)


def _depth(arrays: Any) -> int:
    """Return how deep a list of blocks is nested."""
    if isinstance(arrays, tuple):
        msg = "np.block: a tuple is no list of blocks; write it as a list"
        raise TypeError(msg)
    if not isinstance(arrays, list):
        return 0
    depths = {_depth(one) for one in arrays}
    if len(depths) != 1:
        msg = "List depths are mismatched: np.block takes lists nested equally deep,"
        raise ValueError(f"{msg} none of them empty")
    return depths.pop() + 1


def _blocks(arrays: Any) -> Iterator[Value]:
    if isinstance(arrays, list):
        for one in arrays:
            yield from _blocks(one)
    else:
        yield arrays


def _joined(arrays: Any, depth: int, rank: int) -> Value:
    """Return blocks joined along the axes that their nesting means."""
    if depth == 0:
        if isinstance(arrays, tuple):
            _depth(arrays)  # raises
        part = as_part(arrays)
        return np.reshape(part, (1,) * (rank - np.ndim(part)) + np.shape(part))
    parts = [_joined(one, depth - 1, rank) for one in arrays]
    return np.concatenate(parts, axis=-depth)


@implements(np.atleast_1d)
def atleast_1d(*arys: Value) -> Any:
    """Return arguments with at least one axis."""
    return _each(lambda a: np.reshape(a, (1,)) if np.ndim(a) == 0 else a, arys)


@implements(np.atleast_2d)
def atleast_2d(*arys: Value) -> Any:
    """Return arguments with at least two axes."""
    return _each(_as_row, arys)


@implements(np.atleast_3d)
def atleast_3d(*arys: Value) -> Any:
    """Return arguments with at least three axes."""
    return _each(_as_depth, arys)


def _each(function: Callable[[Value], Value], arys: tuple[Value, ...]) -> Any:
    parts = tuple(function(a) for a in arys)
    return parts[0] if len(parts) == 1 else parts


def _as_row(a: Value) -> Value:
    missing = 2 - np.ndim(a)
    return np.reshape(a, (1,) * missing + np.shape(a)) if missing > 0 else a


def _as_depth(a: Value) -> Value:
    shape = np.shape(a)
    match len(shape):
        case 0:
            return np.reshape(a, (1, 1, 1))
        case 1:
            return np.reshape(a, (1, *shape, 1))
        case 2:
            return np.reshape(a, (*shape, 1))
        case _:
            return a


@implements(np.vstack)
def vstack(
    tup: Sequence[Value], *, dtype: Any = None, casting: Any = "same_kind"
) -> Value:
    """Return arrays stacked as rows."""
    parts = [_as_row(part) for part in tup]
    return join(parts, 0, dtype=dtype, casting=casting)


@implements(np.hstack)
def hstack(
    tup: Sequence[Value], *, dtype: Any = None, casting: Any = "same_kind"
) -> Value:
    """Return arrays joined along their second axis (the first, of vectors)."""
    parts = [np.atleast_1d(part) for part in tup]
    axis = 0 if np.ndim(parts[0]) == 1 else 1
    return join(parts, axis, dtype=dtype, casting=casting)


@implements(np.dstack)
def dstack(tup: Sequence[Value]) -> Value:
    """Return arrays joined along their third axis."""
    return np.concatenate([_as_depth(part) for part in tup], 2)


@implements(np.column_stack)
def column_stack(tup: Sequence[Value]) -> Value:
    """Return vectors as the columns of a matrix."""
    return np.concatenate(
        [
            np.reshape(part, (np.size(part), 1)) if np.ndim(part) < 2 else part
            for part in tup
        ],
        1,
    )


@implements(np.append)
def append(arr: Value, values: Value, axis: int | None = None) -> Value:
    """Return ``values`` joined to the end of ``arr``."""
    if axis is None:
        return np.concatenate([np.ravel(arr), np.ravel(values)])
    return np.concatenate([arr, values], axis)


@implements(np.array_split)
def array_split(
    ary: Value, indices_or_sections: int | Sequence[int], axis: int = 0
) -> list[Value]:
    """Return parts of nearly equal length, or cut at given places."""
    number = normalize_axis(axis, ary.ndim)
    length = ary.shape[number]
    if isinstance(indices_or_sections, (int, np.integer)):
        if indices_or_sections <= 0:
            msg = "number sections must be larger than 0."
            raise ValueError(msg)
        short, longer = divmod(length, int(indices_or_sections))
        widths = [short + 1] * longer + [short] * (int(indices_or_sections) - longer)
        cuts = [0, *np.cumsum(widths).tolist()]
    else:
        cuts = [0, *(int(cut) for cut in indices_or_sections), length]
    before = (slice(None),) * number
    return [
        ary[(*before, slice(start, end))] for start, end in itertools.pairwise(cuts)
    ]


@implements(np.split)
def split(
    ary: Value, indices_or_sections: int | Sequence[int], axis: int = 0
) -> list[Value]:
    """Return parts of equal length, or cut at given places."""
    if (
        isinstance(indices_or_sections, (int, np.integer))
        and ary.shape[axis] % indices_or_sections
    ):
        msg = "array split does not result in an equal division"
        raise ValueError(msg)
    return array_split(ary, indices_or_sections, axis)


@implements(np.hsplit)
def hsplit(ary: Value, indices_or_sections: int | Sequence[int]) -> list[Value]:
    """Return parts along the second axis (the first, of vectors)."""
    return split(ary, indices_or_sections, 1 if ary.ndim > 1 else 0)


@implements(np.vsplit)
def vsplit(ary: Value, indices_or_sections: int | Sequence[int]) -> list[Value]:
    """Return parts along the first axis."""
    return split(ary, indices_or_sections, 0)


@implements(np.dsplit)
def dsplit(ary: Value, indices_or_sections: int | Sequence[int]) -> list[Value]:
    """Return parts along the third axis."""
    return split(ary, indices_or_sections, 2)
