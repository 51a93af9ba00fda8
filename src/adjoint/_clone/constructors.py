"""Arrays made inside a clone: buffers, which take traced values in later.

``np.zeros(n)`` gives a buffer while a transform runs; ``np.array([x, 1.0])`` an array
of what the list holds, traced or not.
"""

import itertools
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from adjoint._clone.records import buffer, stands_for
from adjoint._core.arrays import Value, dtype_of, in_dtype
from adjoint._core.buffers import Buffer, plain
from adjoint._core.dispatch import as_part, holds_traced, settle
from adjoint._core.elements import setitem
from adjoint._core.handle import strip
from adjoint._core.options import read_order
from adjoint._core.registry import IMPLEMENTATIONS

_MAKERS = (
    np.zeros,
    np.ones,
    np.empty,
    np.eye,
    np.identity,
    np.zeros_like,
    np.ones_like,
    np.empty_like,
)


def _making(function: Callable[..., Any]) -> Callable[..., Any]:
    def make(*args: Any, **named: Any) -> Any:
        return buffer(function(*args, **named))

    return make


for _function in _MAKERS:
    stands_for(_function)(_making(_function))


@stands_for(np.full)
def full(shape: Any, fill_value: Value, *args: Any, **named: Any) -> Value:
    """Return an array of one value, as ``np.full``."""
    if not holds_traced(fill_value):
        return buffer(np.full(shape, fill_value, *args, **named))
    filled = _in_dtype(_array_of(fill_value), *args, **named)
    return np.copy(np.broadcast_to(filled, shape))


@stands_for(np.full_like)
def full_like(a: Value, fill_value: Value, dtype: Any = None, **named: Any) -> Value:
    """Return an array like another, of one value, as ``np.full_like``."""
    if not holds_traced(fill_value):
        return buffer(np.full_like(a, fill_value, dtype, **named))
    return IMPLEMENTATIONS[np.full_like](a, _array_of(fill_value), dtype, **named)


@stands_for(np.array)
def array(
    obj: Any,
    dtype: Any = None,
    *,
    copy: Any = True,
    order: str = "K",
    ndmin: int = 0,
    **named: Any,
) -> Value:
    """Return an array of what an object holds, as ``np.array``."""
    if not holds_traced(obj):
        given = {"copy": copy, "order": order, "ndmin": ndmin, **named}
        return buffer(np.array(obj, dtype, **given))
    if dtype is object:
        return _of_objects(_array_of(obj))
    out = _converted(obj, dtype, order, copy)
    missing = ndmin - out.ndim
    return np.reshape(out, (*(1,) * missing, *out.shape)) if missing > 0 else out


@stands_for(np.asarray, np.asanyarray)
def asarray(
    a: Any,
    dtype: Any = None,
    order: str | None = None,
    *,
    copy: Any = None,
    **named: Any,
) -> Value:
    """Return an object as an array: itself, if it is one."""
    if not holds_traced(a):
        if copy is not None:
            named["copy"] = copy
        given: Any = {"order": order, **named}
        return np.asarray(a, dtype, **given)
    return _converted(a, dtype, "K" if order is None else order, copy)


def _converted(obj: Any, dtype: Any, order: str, copy: Any) -> Value:
    """Return what holds traced values as an array of a type and an order in memory.

    Raises
    ------
    ValueError
        If that takes a copy, and ``copy`` forbids one.
    """
    out = _in_dtype(_array_of(obj), dtype)
    if copy in {False, np._CopyMode.NEVER} and out is not obj:
        msg = "Unable to avoid copy while creating an array as requested."
        raise ValueError(msg)
    order = read_order(order)
    if order in {"C", "F"}:
        out = np.copy(out, order)  # type: ignore[call-overload]
    return np.copy(out) if _always(copy) and out is obj else out


def _always(copy: Any) -> bool:
    """Tell whether ``copy=`` asks for a copy in any case."""
    return copy is np._CopyMode.ALWAYS if isinstance(copy, np._CopyMode) else bool(copy)


def _contiguous(function: Callable[..., Any], order: str) -> None:
    @stands_for(function)
    def contiguous(a: Any, dtype: Any = None, **named: Any) -> Value:
        if not holds_traced(a):
            return function(a, dtype, **named)
        return np.atleast_1d(_converted(a, dtype, order, None))


_contiguous(np.ascontiguousarray, "C")
_contiguous(np.asfortranarray, "F")


@stands_for(np.asarray_chkfinite)
def asarray_chkfinite(a: Any, dtype: Any = None, order: str | None = None) -> Value:
    """Return an object as an array, if all of its elements are finite.

    Raises
    ------
    ValueError
        If one is not, as NumPy does.
    """
    out = asarray(a, dtype, order)
    if out.dtype.kind in "fc" and not np.all(np.isfinite(strip(out))):
        msg = "array must not contain infs or NaNs"
        raise ValueError(msg)
    return out


@stands_for(np.require)
def require(a: Any, dtype: Any = None, requirements: Any = None, **named: Any) -> Value:
    """Return an object as an array that lies in memory as required."""
    if not holds_traced(a):
        return np.require(a, dtype, requirements, **named)
    np.require(0.0, None, requirements)  # NumPy's own error, for what it does not know
    asked = requirements or ()
    asked = {str(one).upper()[0] for one in ([asked] if type(asked) is str else asked)}
    order = "F" if "F" in asked else "C" if "C" in asked else "K"
    return _converted(a, dtype, order, True if "O" in asked else None)


@stands_for(np.arange)
def arange(*bounds: Any, dtype: Any = None, **named: Any) -> Value:
    """Return evenly spaced numbers, whose count is a constant, as ``np.arange``."""
    names = ("start", "stop", "step")
    given = {**dict(zip(names, bounds, strict=False)), **named}
    if not any(holds_traced(one) for one in given.values()):
        return buffer(np.arange(*bounds, dtype=dtype, **named))
    if len(bounds) == 1 and "stop" not in named:
        given = {**given, "start": 0, "stop": bounds[0]}
    start, stop, step = given.get("start", 0), given["stop"], given.get("step", 1)
    settled = [settle(one, "the length of np.arange") for one in (start, stop, step)]
    numbers = np.arange(*settled, dtype=dtype)
    if numbers.dtype.kind not in "fc":
        return numbers
    first, second = (
        _in_dtype(_array_of(one), numbers.dtype) for one in (start, start + step)
    )
    counts = np.arange(2, len(numbers), dtype=numbers.dtype)
    rest = first + counts * (second - first)
    return np.concatenate([np.stack([first, second]), rest])[: len(numbers)]


@stands_for(np.kaiser)
def kaiser(M: Any, beta: Value) -> Value:
    """Return the Kaiser window, differentiated by its shape parameter."""
    if not holds_traced(beta):
        return np.kaiser(settle(M, "the length of a window"), beta)
    count = float(settle(M, "the length of a window"))
    if count == 1:
        return np.ones(1)
    middle = (count - 1) / 2.0
    inside = np.sqrt(1 - ((np.arange(0, count) - middle) / middle) ** 2.0)
    return np.i0(beta * inside) / np.i0(beta)


@stands_for(np.copy)
def copy(a: Any, *args: Any, **named: Any) -> Value:
    """Return a copy of an array, as ``np.copy``."""
    if isinstance(a, (list, tuple)):
        return array(a)
    return buffer(np.copy(a, *args, **named))


@stands_for(np.fromiter)
def fromiter(iter: Iterable[Any], dtype: Any, count: int = -1, **named: Any) -> Value:
    """Return a vector of what an iterable yields, as ``np.fromiter``."""
    items = list(iter if count < 0 else itertools.islice(iter, count))
    if not holds_traced(items):
        return buffer(np.fromiter(items, dtype, **named))
    return _in_dtype(as_part(items), dtype)


def _of_objects(values: Value) -> Any:
    """Return an array of objects, which are traced numbers."""
    out = np.empty(values.shape, object)
    for index in np.ndindex(values.shape):
        out[index] = values[index]
    return out


def _array_of(obj: Any) -> Value:
    """Return an array of a handle or a nested list of handles; numbers are 0-d."""
    if isinstance(obj, (list, tuple)):
        return as_part(obj)
    if obj.__class__ is np.ndarray:
        return obj
    return setitem(np.zeros((), dtype_of(obj)), obj, Ellipsis)


def _in_dtype(out: Value, dtype: Any = None, *_: Any, **__: Any) -> Value:
    return out if dtype is None else in_dtype(out, np.dtype(dtype))


class Joiner:
    """``np.r_`` and ``np.c_``, for parts of which some are traced.

    Parameters
    ----------
    joiner : object
        NumPy's own.
    """

    __slots__ = ("_joiner",)

    def __init__(self, joiner: Any) -> None:
        self._joiner = joiner

    def __getitem__(self, key: Any) -> Value:
        parts = key if isinstance(key, tuple) else (key,)
        if not any(type(one) is not Buffer and holds_traced(one) for one in parts):
            given = tuple(map(plain, key)) if isinstance(key, tuple) else plain(key)
            return buffer(self._joiner[given])
        if any(isinstance(one, str) for one in parts):
            msg = "np.r_ with a string takes no traced values: use np.concatenate"
            raise TypeError(msg)
        arrays = [
            self._joiner[one] if isinstance(one, slice) else _array_of_part(one)
            for one in parts
        ]
        if self._joiner is np.c_:
            columns = [
                np.reshape(one, (-1, 1)) if one.ndim < 2 else one for one in arrays
            ]
            return np.concatenate(columns, axis=-1)
        return np.concatenate([np.atleast_1d(one) for one in arrays])


def _array_of_part(one: Any) -> Value:
    return np.asarray(one) if not holds_traced(one) else _array_of(one)


def join(owner: Any) -> Any:
    """Return what stands for ``JOIN(np.r_)``: anything but NumPy's own, as it is."""
    return Joiner(owner) if owner is np.r_ or owner is np.c_ else owner
