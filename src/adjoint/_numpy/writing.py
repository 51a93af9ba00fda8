"""NumPy's functions that write into their first argument.

Each finds where it writes, on plain numbers, and then does ``x[index] = v``; so views,
broadcasting and casts are those of an assignment.
"""

import math
from collections.abc import Sequence
from typing import Any, NoReturn

import numpy as np

from adjoint._core.arrays import Value, dtype_of, shape_of
from adjoint._core.dispatch import as_part, highest_trace, settle
from adjoint._core.errors import MutationError, user_line
from adjoint._core.handle import Handle
from adjoint._core.registry import implements
from adjoint._numpy.selecting import index_along_axis
from adjoint._primitives.taking import within

_PLACES = "the places to write to"


@implements(np.copyto)
def copyto(
    dst: Value, src: Value, casting: str = "same_kind", where: Value = True
) -> None:
    """Write ``src`` over ``dst``, where a mask holds.

    Raises
    ------
    TypeError
        If the dtype of ``src`` cannot be cast to that of ``dst``.
    """
    check_target(dst, "np.copyto", src, where)
    source = as_part(src)
    if not np.can_cast(dtype_of(source), dst.dtype, casting):  # type: ignore[arg-type]
        msg = (
            f"Cannot cast array data from {dtype_of(source)!r} to {dst.dtype!r} "
            f"according to the rule {casting!r}{user_line()}"
        )
        raise TypeError(msg)
    if where is True:
        dst[...] = source
        return
    mask = as_part(where)
    _check_stretch(shape_of(mask), dst.shape)
    _check_stretch(shape_of(source), dst.shape)
    dst[...] = np.where(mask, source, dst)


def _check_stretch(shape: tuple[int, ...], target: tuple[int, ...]) -> None:
    """Raise NumPy's error unless an array of a shape fits a target."""
    np.broadcast_to(np.False_, shape)
    if np.broadcast_shapes(shape, target) != target:
        msg = f"could not broadcast input array from shape {shape} into shape {target}"
        raise ValueError(msg)


def check_target(target: Any, name: str, *others: Any) -> None:
    """Raise if something traced is to be written into what is not traced.

    Raises
    ------
    MutationError
        If so.
    """
    if isinstance(target, Handle):
        return
    msg = (
        f"{name} was asked to write traced values into an array that is not traced"
        f"{user_line()}, which would lose their derivative. Build a new array instead: "
        "np.where(mask, v, z), np.concatenate or np.stack."
    )
    _refuse(MutationError(msg), others)


def _refuse(error: MutationError, others: Sequence[Any]) -> NoReturn:
    trace = highest_trace(others)
    if trace is not None:
        trace.note(error)
    raise error


@implements(np.put)
def put(a: Value, ind: Value, v: Value, mode: str = "raise") -> None:
    """Write values, over and over, at places of the array read row by row.

    Raises
    ------
    IndexError
        If a place is outside and ``mode`` is ``"raise"``.
    """
    check_target(a, "np.put", v, ind)
    places = np.ravel(np.asarray(settle(as_part(ind), _PLACES)))
    size = a.size
    outside = (places < -size) | (places >= size)
    if mode == "raise" and outside.any():
        msg = f"index {places[outside][0]} is out of bounds for axis 0 with size {size}"
        raise IndexError(msg)
    if mode == "raise":
        places = np.where(places < 0, places + size, places)
    write_at(a, within(places, size, mode), v)


def write_at(a: Handle, places: Any, v: Any) -> None:
    """Write values, over and over, at places that lie inside."""
    values = np.ravel(as_part(v))
    if not places.size or not values.size:
        return
    if values.size != places.size:
        values = np.take(values, np.arange(places.size) % values.size)
    if a.ndim == 0:
        a[...] = values[-1]
    else:
        a[np.unravel_index(places, a.shape)] = values


@implements(np.place)
def place(arr: Value, mask: Value, vals: Value) -> None:
    """Write values, over and over, at the places where a mask holds.

    Raises
    ------
    ValueError
        If the mask has another size, or there are no values.
    """
    check_target(arr, "np.place", vals, mask)
    places = _true_places(arr, mask, "place")
    if places.size and not np.size(as_part(vals)):
        msg = "Cannot insert from an empty array!"
        raise ValueError(msg)
    write_at(arr, places, vals)


@implements(np.putmask)
def putmask(a: Value, mask: Value, values: Value) -> None:
    """Write values of the same places, over and over, where a mask holds.

    Raises
    ------
    ValueError
        If the mask has another size.
    """
    check_target(a, "np.putmask", values, mask)
    places = _true_places(a, mask, "putmask")
    given = np.ravel(as_part(values))
    if given.size:
        write_at(a, places, np.take(given, places % given.size))


def _true_places(a: Handle, mask: Value, name: str) -> Any:
    plain = np.asarray(settle(as_part(mask), _PLACES))
    if plain.size != a.size:
        msg = f"{name}: mask and data must be the same size"
        raise ValueError(msg)
    return np.flatnonzero(plain)


@implements(np.fill_diagonal)
def fill_diagonal(a: Value, val: Value, wrap: bool = False) -> None:
    """Write a value, or values over and over, on the main diagonal.

    Raises
    ------
    ValueError
        For arrays with fewer than two axes, or unequal ones where there are more.
    """
    check_target(a, "np.fill_diagonal", val)
    if a.ndim < 2:
        msg = "array must be at least 2-d"
        raise ValueError(msg)
    if a.ndim > 2 and len(set(a.shape)) > 1:
        msg = "All dimensions of input must be of equal length"
        raise ValueError(msg)
    step = 1 + sum(math.prod(a.shape[k:]) for k in range(1, a.ndim))
    end = a.shape[1] ** 2 if a.ndim == 2 and not wrap else a.size
    write_at(a, np.arange(0, min(end, a.size), step), val)


@implements(np.put_along_axis)
def put_along_axis(
    arr: Value, indices: Value, values: Value, axis: int | None = -1
) -> None:
    """Write values at positions along an axis, given one by one."""
    check_target(arr, "np.put_along_axis", values, indices)
    if axis is None:
        places = np.asarray(settle(as_part(indices), _PLACES))
        if places.ndim != 1:
            msg = "when axis=None, `indices` must have a single dimension."
            raise ValueError(msg)
        values = np.broadcast_to(as_part(values), places.shape)
        put(arr, places, values)
    else:
        arr[index_along_axis(arr, indices, axis)] = values
