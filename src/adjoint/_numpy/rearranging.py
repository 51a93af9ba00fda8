"""Elements moved or copied without a choice: rolled, flipped, rotated, tiled."""

import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from adjoint._core.arrays import Value, normalize_axes, normalize_axis
from adjoint._core.dispatch import as_part
from adjoint._core.registry import implements
from adjoint._primitives.shape import apart

Axes = int | tuple[int, ...] | None
_BACKWARDS = slice(None, None, -1)


@implements(np.roll)
def roll(
    a: Value, shift: int | tuple[int, ...], axis: int | tuple[int, ...] | None = None
) -> Value:
    """Return ``a`` with its elements moved along axes, from the end to the front."""
    if axis is None:
        return np.reshape(roll(np.ravel(a), shift, 0), np.shape(a))
    shifts, axes = np.broadcast_arrays(shift, axis)
    if shifts.ndim > 1:
        msg = "'shift' and 'axis' should be scalars or 1D sequences"
        raise ValueError(msg)
    if shifts.size == 0:
        return np.copy(a)
    for one, k in zip(np.ravel(shifts).tolist(), np.ravel(axes).tolist(), strict=True):
        a = _rolled(a, one, normalize_axis(k, np.ndim(a)))
    return a


def _rolled(a: Value, shift: int, axis: int) -> Value:
    length = a.shape[axis]
    moved = shift % length if length else 0
    if moved == 0:
        return np.positive(a)
    before = (slice(None),) * axis
    end, front = slice(length - moved, None), slice(0, length - moved)
    return np.concatenate([a[(*before, end)], a[(*before, front)]], axis)


@implements(np.flip)
def flip(m: Value, axis: Axes = None) -> Value:
    """Return ``m`` with the order along axes reversed; along all by default."""
    axes = normalize_axes(axis, np.ndim(m))
    if not axes:
        return m[...]
    return m[tuple(_BACKWARDS if k in axes else slice(None) for k in range(np.ndim(m)))]


@implements(np.flipud)
def flipud(m: Value) -> Value:
    """Return ``m`` with its rows in reverse order."""
    if np.ndim(m) < 1:
        msg = "Input must be >= 1-d."
        raise ValueError(msg)
    return m[_BACKWARDS]


@implements(np.fliplr)
def fliplr(m: Value) -> Value:
    """Return ``m`` with its columns in reverse order."""
    if np.ndim(m) < 2:
        msg = "Input must be >= 2-d."
        raise ValueError(msg)
    return m[:, _BACKWARDS]


@implements(np.rot90)
def rot90(m: Value, k: int = 1, axes: Sequence[int] = (0, 1)) -> Value:
    """Return ``m`` turned by ``k`` quarter turns in the plane of two axes."""
    rank = np.ndim(m)
    if len(axes) != 2:
        msg = "len(axes) must be 2."
        raise ValueError(msg)
    first, second = (normalize_axis(axis, rank) for axis in axes)
    if first == second:
        msg = "Axes must be different."
        raise ValueError(msg)
    match k % 4:
        case 0:
            return m[:]
        case 1:
            return np.swapaxes(np.flip(m, second), first, second)
        case 2:
            return np.flip(m, (first, second))
        case _:
            return np.flip(np.swapaxes(m, first, second), second)


@implements(np.rollaxis)
def rollaxis(a: Value, axis: int, start: int = 0) -> Value:
    """Return ``a`` with an axis moved back to stand before another."""
    rank = np.ndim(a)
    number = normalize_axis(axis, rank)
    place = normalize_axis(start, rank + 1)
    return np.moveaxis(a, number, place - 1 if number < place else place)


@implements(np.tile)
def tile(A: Value, reps: int | Sequence[int]) -> Value:
    """Return copies of an array laid side by side along each axis."""
    counts = tuple(operator.index(one) for one in np.ravel(reps).tolist())
    rank = max(np.ndim(A), len(counts))
    counts = (1,) * (rank - len(counts)) + counts
    shape = (1,) * (rank - np.ndim(A)) + np.shape(A)
    pairs = list(zip(counts, shape, strict=True))
    single = np.reshape(A, tuple(n for _, length in pairs for n in (1, length)))
    wide = np.broadcast_to(single, tuple(n for pair in pairs for n in pair))
    return apart(np.reshape(wide, tuple(count * length for count, length in pairs)))


@implements(np.meshgrid)
def meshgrid(
    *xi: Value,
    copy: bool = True,
    sparse: bool = False,
    indexing: str = "xy",
) -> tuple[Any, ...]:
    """Return coordinate vectors stretched to the grid of their points."""
    if indexing not in {"xy", "ij"}:
        msg = "Valid values for `indexing` are 'xy' and 'ij'."
        raise ValueError(msg)
    vectors = [np.ravel(as_part(x)) for x in xi]
    places = list(range(len(vectors)))
    if indexing == "xy" and len(vectors) > 1:
        places[:2] = [1, 0]
    rank = len(vectors)
    columns = tuple(
        np.reshape(x, tuple(-1 if k == place else 1 for k in range(rank)))
        for x, place in zip(vectors, places, strict=True)
    )
    if not sparse and columns:
        columns = tuple(np.broadcast_arrays(*columns))
    return tuple(map(np.copy, columns)) if copy else columns


@implements(np.apply_along_axis)
def apply_along_axis(
    func1d: Callable[..., Value], axis: int, arr: Value, *args: Any, **kwargs: Any
) -> Value:
    """Return what a function gives of each vector along an axis, in its place.

    Raises
    ------
    ValueError
        If there is no vector, as NumPy does.
    """
    arr = as_part(arr)
    number = normalize_axis(axis, np.ndim(arr))
    vectors = np.moveaxis(arr, number, -1)
    kept, length = np.shape(vectors)[:-1], np.shape(vectors)[-1]
    if 0 in kept:
        msg = "Cannot apply_along_axis when any iteration dimensions are 0"
        raise ValueError(msg)
    rows = np.reshape(vectors, (-1, length))
    outs = [as_part(func1d(row, *args, **kwargs)) for row in rows]
    out = np.reshape(np.stack(outs), kept + np.shape(outs[0]))
    new = tuple(range(len(kept), np.ndim(out)))
    return np.moveaxis(out, new, tuple(range(number, number + len(new))))
