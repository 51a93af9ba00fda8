"""``ufunc.reduceat``: one fold for each stretch between given places.

Stretches of one length are folded together, as the rows of a matrix.  They may overlap;
where one begins after the next, it is a single element.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from adjoint._core.arrays import Value
from adjoint._core.dispatch import bind
from adjoint._core.elements import scatter
from adjoint._core.handle import Handle
from adjoint._core.record import Example, Layout
from adjoint._primitives._makers import POSITIVE, general
from adjoint._primitives.folds import (
    FORGETFUL,
    check_steps,
    signed,
    slope_of_fold,
)

Places = tuple[int, ...]


def fold_segments(x: Value, ufunc: np.ufunc, places: Places, axis: int) -> Value:
    """Return ``ufunc.reduceat(x, places)`` along an axis."""
    if isinstance(x, Handle):
        return bind(segment_folding, (x,), (ufunc, places, axis))
    out = ufunc.reduceat(x, places, axis=axis)
    if ufunc in FORGETFUL:
        for rows, read in _groups(places, x.shape[axis]):
            steps = ufunc.accumulate(np.take(np.moveaxis(x, axis, -1), read, -1), -1)
            given = np.take(np.moveaxis(out, axis, -1), rows, -1)
            check_steps(ufunc, "reduceat", steps[..., -1], given)
    return out


def _groups(places: Places, length: int) -> Iterator[tuple[Any, Any]]:
    """Yield, for each length of stretches, which ones have it and what they read."""
    starts = np.array(places, dtype=np.intp)
    ends = np.append(starts[1:], length)
    lengths = np.maximum(ends - starts, 1)
    for one in np.unique(lengths).tolist():
        (rows,) = np.nonzero(lengths == one)
        yield rows, starts[rows, None] + np.arange(one)


def _pull(
    out_bar: Value, _out: Value, x: Value, ufunc: np.ufunc, places: Places, axis: int
) -> Value:
    x, bar = np.moveaxis(x, axis, -1), np.moveaxis(out_bar, axis, -1)
    total = np.zeros_like(x)
    for rows, read in _groups(places, x.shape[-1]):
        slope = slope_of_fold(ufunc, np.take(x, read, axis=-1))
        part = np.take(bar, rows, axis=-1)[..., None] * slope
        index = (*(slice(None),) * (x.ndim - 1), read)
        total = total + scatter(part, x.shape, index, False)
    return np.moveaxis(total, -1, axis)


def _push(
    _out: Value, args: Sequence[Value], tangents: Sequence[Value], params: Any
) -> Value:
    ufunc, places, axis = params
    x, x_dot = (np.moveaxis(one, axis, -1) for one in (args[0], tangents[0]))
    parts, order = [], []
    for rows, read in _groups(places, x.shape[-1]):
        slope = slope_of_fold(ufunc, np.take(x, read, axis=-1))
        parts.append(np.sum(np.take(x_dot, read, axis=-1) * slope, axis=-1))
        order.append(rows)
    if not parts:
        return np.moveaxis(x_dot[..., :0], -1, axis)
    out = np.take(np.concatenate(parts, -1), np.argsort(np.concatenate(order)), -1)
    return np.moveaxis(out, -1, axis)


_PLACES = (0, 3, 1, 4)

segment_folding = general(
    fold_segments,
    fold_segments,
    (_pull,),
    layout=Layout.REDUCTION,
    pushforward=_push,
    batch=lambda args, _batched, _size, ufunc, places, axis: fold_segments(
        args[0], ufunc, places, axis + 1
    ),
    domain=(POSITIVE,),
    examples=(
        *(
            Example(((2, 6),), (one, _PLACES, 1), signed)
            for one in (np.add, np.subtract, np.multiply, np.maximum, np.hypot)
        ),
        *(Example(((6, 2),), (one, _PLACES, 0)) for one in (np.divide, np.logaddexp)),
        Example(((3,),), (np.add, (), 0)),
    ),
)
