"""Sequences unwrapped, trimmed, repeated; indices of several axes made from vectors."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from adjoint._core.arrays import Value, dtype_of, normalize_axes, normalize_axis
from adjoint._core.dispatch import as_part, settle
from adjoint._core.registry import implements
from adjoint._numpy.differences import along


@implements(np.unwrap)
def unwrap(
    p: Value, discont: Value = None, axis: int = -1, *, period: Value = 2 * np.pi
) -> Value:
    """Return ``p`` with jumps of more than half a period taken out.

    By ``p`` the slope is 1, since jumps are constant numbers of periods; by the period
    it is how many have been added so far.
    """
    p = as_part(p)
    number = normalize_axis(axis, p.ndim)
    steps = np.diff(p, axis=number)
    discont = period / 2 if discont is None else discont
    dtype = np.result_type(steps, period)
    if dtype.kind in "iu":
        high, rest = divmod(period, 2)
        ambiguous = rest == 0
    else:
        high, ambiguous = period / 2, True
    low = -high
    wrapped = np.remainder(steps - low, period) + low
    if ambiguous:  # a jump of just half a period keeps its sign
        kept = np.logical_and(np.equal(wrapped, low), np.greater(steps, 0))
        wrapped = np.where(kept, high, wrapped)
    small = np.less(np.absolute(steps), discont)
    correction = np.where(small, 0.0, wrapped - steps)
    if dtype.kind in "iu":
        correction = correction.astype(wrapped.dtype)
    rest = p[along(number, slice(1, None))] + np.cumsum(correction, axis=number)
    first = p[along(number, slice(0, 1))]
    joined = np.concatenate([first, rest], axis=number)
    return joined if dtype_of(joined) == dtype else joined.astype(dtype)


@implements(np.trim_zeros)
def trim_zeros(
    filt: Value, trim: str = "fb", axis: int | tuple[int, ...] | None = None
) -> Value:
    """Return an array without the zeros at its ends.

    Raises
    ------
    ValueError
        For a ``trim`` that names no end.
    """
    filt, trim = as_part(filt), trim.lower()
    if trim not in {"fb", "bf", "f", "b"}:
        msg = f"unexpected character(s) in `trim`: {trim!r}"
        raise ValueError(msg)
    axes = normalize_axes(axis, filt.ndim)
    if not axes:
        return filt
    places = np.argwhere(settle(filt, "the number of nonzero elements"))
    if places.size:
        first, last = places.min(axis=0).tolist(), (places.max(axis=0) + 1).tolist()
    else:
        first = last = [0] * filt.ndim
    index = [slice(None)] * filt.ndim
    for k in axes:
        start = first[k] if "f" in trim or not places.size else None
        stop = last[k] if "b" in trim or not places.size else None
        index[k] = slice(start, stop)
    return filt[tuple(index)]


@implements(np.resize)
def resize(a: Value, new_shape: int | Sequence[int]) -> Value:
    """Return the elements of ``a``, over and over, in another shape.

    Raises
    ------
    ValueError
        For a negative length, as NumPy does.
    """
    shape = (new_shape,) if isinstance(new_shape, (int, np.integer)) else new_shape
    if any(length < 0 for length in shape):
        msg = "all elements of `new_shape` must be non-negative"
        raise ValueError(msg)
    flat = np.ravel(as_part(a))
    size = int(np.prod(shape, dtype=int))
    if flat.size == 0 or size == 0:
        return np.zeros_like(flat, shape=tuple(shape))
    times = -(-size // flat.size)
    return np.reshape(np.concatenate([flat] * times)[:size], tuple(shape))


@implements(np.sort_complex)
def sort_complex(a: Value) -> Value:
    """Return an array in rising order, as complex numbers."""
    out = np.sort(as_part(a))
    if out.dtype.kind == "c":
        return out
    return out.astype(np.result_type(out.dtype, np.complex128))


@implements(np.ix_)
def ix_(*args: Value) -> tuple[Value, ...]:
    """Return vectors, each along an axis of its own; of truth values the true places.

    Raises
    ------
    ValueError
        For what is no vector.
    """
    out = []
    for k, arg in enumerate(args):
        one = as_part(arg)
        if one.ndim != 1:
            msg = "Cross index must be 1 dimensional"
            raise ValueError(msg)
        if one.dtype == bool:
            (one,) = np.nonzero(one)
        elif one.size == 0 and not hasattr(arg, "dtype"):
            one = one.astype(np.intp)
        out.append(np.reshape(one, (*(1,) * k, -1, *(1,) * (len(args) - k - 1))))
    return tuple(out)


@implements(np.apply_over_axes)
def apply_over_axes(func: Callable[..., Value], a: Value, axes: Any) -> Value:
    """Return what is left when a function is applied over axes, one after the other.

    Raises
    ------
    ValueError
        If the function takes away more than its axis.
    """
    out, rank = as_part(a), np.ndim(a)
    for axis in np.ravel(axes).tolist():
        place = axis + rank if axis < 0 else axis
        reduced = func(out, place)
        if np.ndim(reduced) != np.ndim(out):
            reduced = np.expand_dims(reduced, place)
            if np.ndim(reduced) != np.ndim(out):
                msg = "function is not returning an array of the correct shape"
                raise ValueError(msg)
        out = reduced
    return out


@implements(np.lexsort)
def lexsort(keys: Sequence[Value], axis: int = -1) -> Value:
    """Return the order by several keys, of which the last decides first."""
    parts = [as_part(key) for key in keys]
    number = normalize_axis(axis, parts[0].ndim)
    order = np.argsort(parts[0], axis=number, kind="stable")
    for key in parts[1:]:
        along_order = np.take_along_axis(key, order, axis=number)
        then = np.argsort(along_order, axis=number, kind="stable")
        order = np.take_along_axis(order, then, axis=number)
    return order
