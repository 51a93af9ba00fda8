"""Writes: ``x[index] = item`` and ``x += item`` as functions, and how they are called.

In the calculus a write is a linear function of the old array and the new elements: the
cotangent of the elements is read at the index, that of the old array is zero there.
"""

import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from adjoint._core.arrays import Shape, Value, dtype_of, ndim_of, shape_of
from adjoint._core.dispatch import as_part, settle
from adjoint._core.elements import setitem, with_added
from adjoint._core.errors import MutationError, user_line
from adjoint._core.handle import Handle, strip, update
from adjoint._core.layout import overwrites
from adjoint._core.record import Example, Layout
from adjoint._core.registry import implements
from adjoint._core.views import Link
from adjoint._core.writing import assign
from adjoint._primitives._makers import linear
from adjoint._primitives.gathering import axes_in_front, index_in_order


def cleared(
    out_bar: Value, _out: Value, _x: Value, _item: Value, index: Any, _won: Any
) -> Value:
    """Return the cotangent of the old array: zero where it was overwritten."""
    return setitem(out_bar, 0.0, index)


def read_back(
    out_bar: Value, _out: Value, _x: Value, _item: Value, index: Any, won: Any
) -> Value:
    """Return the cotangent of the new elements: of those that stayed."""
    bar = out_bar[index]
    return bar if won is None else np.where(won, bar, 0.0)


def _batch(
    args: Sequence[Value], batched: Sequence[bool], size: int, index: Any, won: Any
) -> Value:
    parts = index if isinstance(index, tuple) else (index,)
    x, item, front = _in_batches(args, batched, size, parts)
    if won is not None:
        won = np.expand_dims(won, front)
    return setitem(x, item, (slice(None), *parts), won)


def _in_batches(
    args: Sequence[Value], batched: Sequence[bool], size: int, parts: tuple[Any, ...]
) -> tuple[Value, Value, int]:
    """Return the array and the item with batch axes, and the place of the latter's."""
    x, item = args
    if not batched[0]:
        x = np.broadcast_to(x, (size, *shape_of(x)))
    front = _front(parts)
    if batched[1] or front:
        item = item if batched[1] else np.reshape(item, (1, *shape_of(item)))
        missing = (1,) * (len(shape_at(x.shape[1:], parts)) + 1 - item.ndim)
        item = np.reshape(item, (len(item), *missing, *item.shape[1:]))
        item = np.moveaxis(item, 0, front) if front else item
    return x, item, front


def _front(parts: tuple[Any, ...]) -> int:
    """Return the place of the batch axis in what an index with arrays reads."""
    if not any(isinstance(one, np.ndarray) for one in parts):
        return 0
    return axes_in_front(parts)


_REPEATED = np.array([0, 2, -1, 2])
_MASK = np.array([True, False, True])

writing = linear(
    setitem,
    (cleared, read_back),
    layout=Layout.REINDEXING,
    batch=_batch,
    examples=(
        Example(((4,), ()), (1, None)),
        Example(((4, 3), (2,)), ((slice(None, None, 2), -1), None)),
        Example(((4, 3), (3,)), ((Ellipsis, slice(None, None, -1)), None)),
        Example(((3,), (2,)), ((_MASK,), None)),
        Example(((3,), (4,)), ((_REPEATED,), np.array([True, False, False, True]))),
        Example(((3, 2, 2), (2, 1)), ((np.array([0, 2]), slice(None), 1), None)),
    ),
)


def _added_batch(
    args: Sequence[Value], batched: Sequence[bool], size: int, index: tuple[Any, ...]
) -> Value:
    x, item, _ = _in_batches(args, batched, size, index)
    return with_added(x, item, (slice(None), *index))


adding = linear(
    with_added,
    (
        lambda out_bar, _out, _x, _item, _index: out_bar,
        lambda out_bar, _out, _x, _item, index: out_bar[index],
    ),
    layout=Layout.REINDEXING,
    batch=_added_batch,
    examples=(
        Example(((3,), (4,)), ((_REPEATED,),)),
        Example(((4, 3), (3,)), ((_REPEATED, slice(None, None, -1)),)),
        Example(((3, 2, 2), (2, 1)), ((np.array([0, 0]), slice(None), 1),)),
    ),
)


def shape_at(shape: Shape, index: Any) -> Shape:
    """Return the shape of ``x[index]``."""
    found: Shape = np.broadcast_to(np.False_, shape)[index].shape
    return found


@implements(operator.setitem)
def write(x: Handle, index: Any, item: Value) -> None:
    """Do ``x[index] = item``.

    Raises
    ------
    ValueError
        If ``item`` does not broadcast to ``x[index]``, as NumPy says.
    IndexError
        If ``index`` is none of ``x``.
    """
    if type(index) is int or type(index) is slice:
        basic = True
    else:
        if isinstance(index, Handle) and index.dtype == bool:
            write_masked(x, index, as_item(x, item))
            return
        index = index_in_order(x, index)
        basic = not any(isinstance(one, np.ndarray) for one in index)
    link = item.link if isinstance(item, Handle) else None
    if link is not None and basic and is_that_part(x, index, link):
        return  # the second half of `x[i] += v`
    item = as_item(x, item)
    if link is not None:
        check_overlap(x, index, item, basic=basic)
    if basic and x.trace.store(x, index, item):
        return
    won = None if basic else winners(x.shape, index)
    shape = shape_at(x.shape, index)
    if ndim_of(item) > len(shape):
        item = _without_leading_ones(item, shape)
    assign(x, setitem(x, item, index, won))


def is_that_part(x: Handle, index: Any, link: Link) -> bool:
    """Tell whether a link leads to ``x[index]``: storing that there changes nothing."""
    if link.parent is not x or link.record is None:
        return False
    return link.record.function is operator.getitem and link.params == (index,)


def write_masked(x: Handle, mask: Handle, item: Value) -> None:
    """Do ``x[mask] = item`` for a traced mask: as a choice, if the item allows.

    Raises
    ------
    BatchedControlError
        If the item has one element, or row, for each true one: their numbers differ.
    """
    rest = x.shape[mask.ndim :]
    shape = shape_of(item)
    shape = shape[1:] if len(shape) == len(rest) + 1 and shape[0] == 1 else shape
    fits = mask.shape == x.shape[: mask.ndim] and len(shape) <= len(rest)
    if not fits or np.broadcast_shapes(shape, rest) != rest:
        write(x, settle(mask, "the number of true elements of a mask"), item)
        return
    wide: Value = np.reshape(mask, (*mask.shape, *(1,) * len(rest)))
    new = np.where(wide, np.reshape(item, shape) if shape else item, x)
    assign(x, new if new.dtype == x.dtype else new.astype(x.dtype))


def check_overlap(x: Handle, index: Any, item: Handle, *, basic: bool) -> None:
    """Raise where what NumPy stores hangs on the order in which it copies.

    Between two rows of numbers that overlap and run through memory at different paces
    (``a[:, 0] = a[1]``), and through a mask, it reads some elements after it has
    overwritten them.

    Raises
    ------
    MutationError
        If so.
    """
    source, target = strip(item), strip(x)
    if item.size < 2 or not source.size:
        return
    source = source[(0,) * (source.ndim - item.ndim)]  # one sample of a batch
    target = target[(0,) * (target.ndim - x.ndim)]
    if basic:
        target, index = target[index], Ellipsis
        if target.ndim != 1 or source.strides[-1] == target.strides[-1]:
            return
    if np.shares_memory(source, target) and overwrites(target, index, source):
        msg = (
            "A part of an array was to be stored in a part of the same array that "
            f"overlaps it{user_line()}; NumPy's result hangs on the order in which it "
            "copies. Store a copy: x[i] = x[j].copy()."
        )
        raise x.remember(MutationError(msg))


def as_item(x: Handle, item: Any) -> Value:
    """Return what is to be stored as a value; lists become arrays.

    Raises
    ------
    MutationError
        If a traced value is to be stored where only integers or truth values fit.
    """
    if isinstance(item, (list, tuple)):
        item = as_part(item)
    if x.dtype.kind in "iub":
        refuse_to_cut(x.dtype, item)
    return item


def refuse_to_cut(dtype: np.dtype[Any], item: Value) -> None:
    """Raise if a traced real value is to be stored as an integer or truth value.

    Raises
    ------
    MutationError
        If so.
    """
    if isinstance(item, Handle) and item.trace.level >= 0 and item.dtype.kind in "fc":
        msg = (
            f"A traced value was to be stored in an array of dtype {dtype}"
            f"{user_line()}, which would cut it to that and lose its derivative. Make "
            "the array one of floats, np.zeros(n, dtype=float), or store int(x)."
        )
        raise item.remember(MutationError(msg))


def _without_leading_ones(item: Value, shape: Shape) -> Value:
    extra = ndim_of(item) - len(shape)
    if any(length != 1 for length in item.shape[:extra]):
        msg = (
            f"could not broadcast input array from shape {item.shape} into "
            f"shape {shape}"
        )
        raise ValueError(msg)
    return np.reshape(item, item.shape[extra:])


def winners(shape: Shape, index: tuple[Any, ...]) -> Any:
    """Return which elements stay where an index names places twice; None if none does.

    NumPy keeps the last.
    """
    arrays = [one for one in index if isinstance(one, np.ndarray)]
    if all(one.dtype == bool for one in arrays):
        return None
    numbers = np.zeros(shape, dtype=np.intp)
    target = numbers[index].shape
    order = np.arange(int(np.prod(target)), dtype=np.intp).reshape(target)
    numbers[index] = order
    won = numbers[index] == order
    return None if won.all() else won


@implements(update)
def update_in_place(x: Handle, new: Value, what: str) -> Handle:
    """Write ``new`` over all of ``x``, which keeps its shape and dtype.

    Raises
    ------
    ValueError
        If ``new`` has another shape.
    TypeError
        If its dtype cannot be cast to that of ``x``, by NumPy's rule "same_kind".
    """
    if shape_of(new) != x.shape:
        msg = (
            f"non-broadcastable output operand: `{what}`{user_line()} gives shape "
            f"{shape_of(new)}, the array has shape {x.shape}"
        )
        raise ValueError(msg)
    dtype = x.dtype
    if dtype_of(new) != dtype:
        if not np.can_cast(dtype_of(new), dtype, "same_kind"):
            msg = (
                f"Cannot cast the result of `{what}`{user_line()} from "
                f"{dtype_of(new)} to {dtype}, by NumPy's rule 'same_kind'"
            )
            raise TypeError(msg)
        new = new.astype(dtype)
    if type(strip(new)) is not np.ndarray:
        new = setitem(np.zeros((), dtype), new, Ellipsis)  # reshape leaves a number
    if x.trace.level >= 0 or not x.trace.store(x, ..., new):
        assign(x, new)
    return x
