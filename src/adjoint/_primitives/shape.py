"""Shape: the same elements under other axes, copied along new ones, or joined."""

import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from adjoint._core.arrays import (
    Shape,
    Value,
    dtype_of,
    ndim_of,
    normalize_axis,
    shape_of,
    unbroadcast,
)
from adjoint._core.dispatch import as_part, bind, bind_one
from adjoint._core.errors import MissingRuleError, user_line
from adjoint._core.handle import Handle, strip
from adjoint._core.layout import (
    is_spread,
    lies_in_columns,
    lies_in_rows,
    sample_model,
    sample_strides,
)
from adjoint._core.options import check_casting, read_order
from adjoint._core.record import Example, Layout, Rule
from adjoint._core.registry import implements
from adjoint._primitives._makers import constant, structural, variadic

reshape = structural(
    np.reshape,
    np.reshape,
    lambda out_bar, x_shape, _shape: np.reshape(out_bar, x_shape),
    layout=Layout.REINDEXING,
    batch=lambda x, shape: np.reshape(x, (x.shape[0], *shape)),
    put=lambda x, view, _shape: np.reshape(view, shape_of(x)),
    examples=(Example(((3, 4),), ((2, 6),)), Example(((),), ((1, 1),))),
)


def apart(out: Value) -> Value:
    """Return an array in memory that can be written into: a copy, where it was spread.

    What ``np.broadcast_to`` gives is read-only, and so is a reshaped view of it.
    """
    array = strip(out)
    spread = isinstance(array, np.ndarray) and not array.flags.writeable
    return np.copy(out) if spread else out


@implements(np.reshape)
def reshape_in_order(
    a: Value,
    shape: int | Sequence[int] | None = None,
    order: str = "C",
    *,
    copy: bool | None = None,
) -> Value:
    """Return the elements of ``a``, in C or Fortran order, under another shape.

    Raises
    ------
    ValueError
        If that takes a copy, and ``copy`` forbids one.
    """
    if copy is not None:
        out = reshape_in_order(a, shape, order)
        shares = isinstance(out, Handle) and out.link is not None
        if not copy and not shares:
            msg = "Unable to avoid creating a copy while reshaping."
            raise ValueError(msg)
        return np.copy(out) if copy and shares else out
    target = _resolve(_as_shape(shape), a)
    if order != "C" and _is_fortran(a, order, "C"):
        return np.transpose(bind_one(reshape, np.transpose(a), (target[::-1],)))
    return bind_one(reshape, a, (target,))


def _is_fortran(a: Value, order: str, default: str) -> bool:
    """Tell whether an order is Fortran's, or that of an array which lies so.

    Raises
    ------
    ValueError, TypeError
        For a word that is no order, and for order K, as NumPy does.
    """
    order = read_order(order, default)
    if order == "K":
        msg = "order 'K' is not permitted for reshaping"
        raise ValueError(msg)
    return order == "F" or (order == "A" and lies_in_columns(a))


def _as_shape(shape: Any) -> Shape:
    """Return a shape given as one number or any sequence of numbers."""
    lengths = shape if np.iterable(shape) else (shape,)
    return tuple(operator.index(one) for one in lengths)


def _resolve(shape: Shape, a: Value) -> Shape:
    """Return a shape with its -1 replaced, as NumPy finds it."""
    if -1 not in shape:
        return shape
    return np.broadcast_to(np.float64(0.0), a.shape).reshape(shape).shape


@implements(np.ravel)
def ravel(a: Value, order: str = "C") -> Value:
    """Return the elements of ``a`` in one axis: a view, if they lie in that order."""
    if order != "C":
        order = read_order(order, "C")
        if order == "K":
            a, order = in_order_of_memory(a), "C"
    out = reshape_in_order(a, (-1,), order)
    if isinstance(out, Handle) and out.link is not None:
        rows = np.transpose(a) if order != "C" and _is_fortran(a, order, "C") else a
        return out if lies_in_rows(rows) else np.positive(out)
    return out


def in_order_of_memory(a: Value) -> Value:
    """Return ``a`` with its axes in the order of their steps, the widest first."""
    below = strip(a)
    if type(below) is not np.ndarray or not below.size:
        return a
    paces = sample_strides(a, below)
    if isinstance(a, Handle) and is_spread(a):  # ufuncs say where a step of 0 comes
        paces = np.positive(sample_model(a)).strides
    return np.transpose(a, sorted(range(len(paces)), key=lambda k: -abs(paces[k])))


def _copy_of_batch(x: Value, order: str) -> Value:
    """Return a copy in which each member of a batch has the order."""
    if order in {"C", "K"}:
        return x.copy(order)
    return np.moveaxis(np.moveaxis(x, 0, -1).copy("F"), -1, 0)


copying = structural(
    np.ndarray.copy,
    lambda x, order: x.copy(order),
    lambda out_bar, _x_shape, _order: out_bar,
    layout=Layout.REINDEXING,
    batch=_copy_of_batch,
    examples=(Example(((2, 3),), ("C",)), Example(((2, 3),), ("F",))),
)


@implements(np.copy)
def copy(
    a: Value,
    order: str = "K",
    subok: bool = False,  # noqa: ARG001 - handles have no subclasses
) -> Value:
    """Return a new traced value equal to ``a``; its order in memory is NumPy's."""
    order = read_order(order)
    if order == "A":
        order = "F" if lies_in_columns(a) else "C"
    if order == "C":
        as_it_lies = lies_in_rows(a)
    elif order == "F":
        as_it_lies = lies_in_rows(np.transpose(a))
    else:
        as_it_lies = not is_spread(a)  # ufuncs put an axis of step 0 elsewhere
    return np.positive(a) if as_it_lies else bind_one(copying, a, (order,))


def laid_out(a: Value, order: str) -> Value:
    """Return ``a``, or a copy that lies in rows (order C) or in columns (F)."""
    rows = np.transpose(a) if order == "F" else a
    return a if lies_in_rows(rows) else bind_one(copying, a, (order,))


@implements(np.expand_dims)
def expand_dims(a: Value, axis: int | tuple[int, ...]) -> Value:
    """Return ``a`` with axes of length 1 put in."""
    axes = _as_shape(axis)
    rank = ndim_of(a) + len(axes)
    new = {normalize_axis(one, rank) for one in axes}
    if len(new) < len(axes):
        msg = "repeated axis"
        raise ValueError(msg)
    lengths = iter(shape_of(a))
    return bind_one(
        reshape, a, (tuple(1 if k in new else next(lengths) for k in range(rank)),)
    )


@implements(np.squeeze)
def squeeze(a: Value, axis: int | tuple[int, ...] | None = None) -> Value:
    """Return ``a`` without axes of length 1."""
    shape = shape_of(a)
    if axis is None:
        return bind_one(reshape, a, (tuple(n for n in shape if n != 1),))
    axes = _as_shape(axis)
    gone = {normalize_axis(one, len(shape)) for one in axes}
    if any(shape[k] != 1 for k in gone):
        msg = "cannot select an axis to squeeze out which has size not equal to one"
        raise ValueError(msg)
    kept = tuple(n for k, n in enumerate(shape) if k not in gone)
    return bind_one(reshape, a, (kept,))


def _inverse(axes: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(sorted(range(len(axes)), key=axes.__getitem__))


transpose = structural(
    np.transpose,
    np.transpose,
    lambda out_bar, _x_shape, axes: np.transpose(out_bar, _inverse(axes)),
    layout=Layout.REINDEXING,
    batch=lambda x, axes: np.transpose(x, (0, *(axis + 1 for axis in axes))),
    put=lambda _x, view, axes: np.transpose(view, _inverse(axes)),
    examples=(Example(((2, 3, 4),), ((2, 0, 1),)), Example(((2, 3),), ((1, 0),))),
)


@implements(np.transpose, np.permute_dims)
def permute(a: Value, axes: Sequence[int] | None = None) -> Value:
    """Return ``a`` with its axes in another order; reversed by default."""
    rank = ndim_of(a)
    if axes is None:
        return bind_one(transpose, a, (tuple(reversed(range(rank))),))
    if len(axes) != rank:
        msg = "axes don't match array"
        raise ValueError(msg)
    order = tuple(normalize_axis(axis, rank) for axis in axes)
    if len(set(order)) < rank:
        msg = "repeated axis in transpose"
        raise ValueError(msg)
    return bind_one(transpose, a, (order,))


@implements(np.swapaxes)
def swapaxes(a: Value, axis1: int, axis2: int) -> Value:
    """Return ``a`` with two axes exchanged."""
    order = list(range(ndim_of(a)))
    one, other = normalize_axis(axis1, len(order)), normalize_axis(axis2, len(order))
    order[one], order[other] = other, one
    return bind_one(transpose, a, (tuple(order),))


@implements(np.matrix_transpose)
def matrix_transpose(x: Value) -> Value:
    """Return ``x`` with its last two axes exchanged."""
    return swapaxes(x, -1, -2)


@implements(np.moveaxis)
def moveaxis(
    a: Value, source: int | Sequence[int], destination: int | Sequence[int]
) -> Value:
    """Return ``a`` with some axes moved to other places."""
    rank = ndim_of(a)
    starts = [normalize_axis(k, rank) for k in _as_list(source)]
    ends = [normalize_axis(k, rank) for k in _as_list(destination)]
    order = [k for k in range(rank) if k not in starts]
    for end, start in sorted(zip(ends, starts, strict=True)):
        order.insert(end, start)
    return bind_one(transpose, a, (tuple(order),))


def _as_list(axes: int | Sequence[int]) -> list[int]:
    return list(_as_shape(axes))


broadcast_to = structural(
    np.broadcast_to,
    np.broadcast_to,
    lambda out_bar, x_shape, _shape: unbroadcast(out_bar, x_shape),
    layout=Layout.REINDEXING,
    batch=lambda x, shape: np.broadcast_to(
        np.reshape(x, (x.shape[0], *(1,) * (len(shape) + 1 - x.ndim), *x.shape[1:])),
        (x.shape[0], *shape),
    ),
    examples=(Example(((3, 1),), ((2, 3, 4),)), Example(((),), ((2,),))),
)


@implements(np.broadcast_to)
def stretch(
    array: Value,
    shape: int | tuple[int, ...],
    subok: bool = False,  # noqa: ARG001 - handles have no subclasses
) -> Value:
    """Return ``array`` repeated to a larger shape."""
    return bind_one(broadcast_to, array, (_as_shape(shape),))


@implements(np.broadcast_arrays)
def broadcast_arrays(
    *args: Value,
    subok: bool = False,  # noqa: ARG001 - handles have no subclasses
) -> tuple[Value, ...]:
    """Return the arguments stretched to their common shape."""
    shape = np.broadcast_shapes(*(np.shape(arg) for arg in args))
    return tuple(np.broadcast_to(arg, shape) for arg in args)


def _concatenate_evaluate(*parts_and_params: Any) -> Value:
    *parts, axis, _offsets = parts_and_params
    return np.concatenate(parts, axis=axis)


def _concatenate_transpose(position: int) -> Rule:
    """Return the rule of one part: its own stretch of the cotangent."""

    def part_of_cotangent(out_bar: Value, axis: int, offsets: tuple[int, ...]) -> Value:
        stretch = slice(offsets[position], offsets[position + 1])
        return out_bar[(*(slice(None),) * axis, stretch)]

    return part_of_cotangent


def _concatenate_batch(
    args: Sequence[Value],
    batched: Sequence[bool],
    size: int,
    axis: int,
    _offsets: tuple[int, ...],
) -> Value:
    return np.concatenate(
        [
            arg if own else np.broadcast_to(arg, (size, *np.shape(arg)))
            for arg, own in zip(args, batched, strict=True)
        ],
        axis=axis + 1,
    )


concatenate = variadic(
    np.concatenate,
    _concatenate_evaluate,
    _concatenate_transpose,
    batch=_concatenate_batch,
    examples=(
        Example(((2, 3), (1, 3), (2, 3)), (0, (0, 2, 3, 5))),
        Example(((2, 3), (2, 1)), (1, (0, 3, 4))),
    ),
)


def cast_parts(parts: list[Value], dtype: Any, casting: Any) -> list[Value]:
    """Return arrays to join in the dtype that is asked for, if one is.

    Raises
    ------
    TypeError
        If one may not be cast so, as NumPy does.
    """
    if casting != "same_kind":
        check_casting(casting)
    if dtype is None:
        return parts
    target = np.dtype(dtype)
    for part in parts:
        if not np.can_cast(dtype_of(part), target, casting):
            msg = (
                f"Cannot cast array data from {dtype_of(part)!r} to {target!r} "
                f"according to the rule '{casting}'"
            )
            raise TypeError(msg)
    return [part if part.dtype == target else part.astype(target) for part in parts]


@implements(np.concatenate, np.concat)
def join(
    arrays: Sequence[Value],
    axis: int | None = 0,
    *,
    dtype: Any = None,
    casting: Any = "same_kind",
) -> Value:
    """Return arrays joined along an existing axis; ravelled first for ``axis=None``."""
    parts = cast_parts([as_part(part) for part in arrays], dtype, casting)
    if axis is None:
        return join([np.ravel(part) for part in parts], 0)
    ranks = {ndim_of(part) for part in parts}
    if not ranks:
        msg = "need at least one array to concatenate"
        raise ValueError(msg)
    if ranks == {0} or len(ranks) > 1:
        shapes = ", ".join(str(np.shape(part)) for part in parts)
        msg = f"all arrays to concatenate need the same number (>0) of axes: {shapes}"
        raise ValueError(msg)
    number = normalize_axis(axis, ranks.pop())
    offsets = [0]
    for part in parts:
        offsets.append(offsets[-1] + part.shape[number])
    return bind(concatenate, parts, (number, tuple(offsets)))


casting = structural(
    np.ndarray.astype,
    lambda x, dtype: (
        np.asarray(x).astype(dtype) if type(x) is float else x.astype(dtype)
    ),
    lambda out_bar, _x_shape, dtype: out_bar if dtype.kind == "c" else np.real(out_bar),
    layout=Layout.REINDEXING,
    batch=lambda x, dtype: x.astype(dtype),
    examples=(Example(((3,),), (np.dtype(np.float64),)),),
)
truncation = constant(
    np.astype if hasattr(np, "astype") else np.can_cast,
    name="truncation",
    evaluate=lambda x, dtype: x.astype(dtype),
    batch=lambda args, _batched, _size, dtype: args[0].astype(dtype),
    examples=(Example(((3,),), (np.dtype(np.int64),)),),
)


@implements(np.ndarray.astype)
def astype(x: Value, dtype: Any, *, copy: bool = True) -> Value:
    """Return ``x`` in another dtype; integers and booleans are constants."""
    target = np.dtype(dtype)
    if not copy and dtype_of(x) == target:
        return x
    if target.kind in "fc":
        return bind_one(casting, x, (target,))
    if target.kind in "iub":
        return bind(truncation, (x,), (target,))
    msg = f"x.astype({target}) has no derivative rule{user_line()}: use a real dtype."
    error = MissingRuleError(msg)
    raise x.remember(error) if isinstance(x, Handle) else error
