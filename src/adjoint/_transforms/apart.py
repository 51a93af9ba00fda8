"""The user's functions kept apart from the arrays that the engine goes on using.

An operation of the user's own is handed what the tape keeps, and cotangents that others
may hold too.  It gets them read-only; and what it returns is copied where somebody
holds on to it (a buffer that each call fills anew, an argument).  Of numbers that takes
0.2 us a call, of arrays 0.2 us for each.  Operations of this package are known to
behave: they are handed the arrays themselves.
"""

import functools
import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from adjoint._core.arrays import (
    SCALARS,
    Shape,
    Value,
    describe,
    is_array_like,
    shape_of,
)
from adjoint._core.counts import EXACT_COUNTS
from adjoint._core.errors import (
    MutationError,
    OutputError,
    ShapeError,
    is_ours,
    is_refused_write,
)
from adjoint._core.handle import Handle
from adjoint._core.views import read_only, snapshot


def apart(function: Callable[..., Any], name: str) -> Callable[..., Value]:
    """Return a function that changes no argument, and no result of an earlier call.

    It raises in the place of a write.

    Parameters
    ----------
    function : callable
        The user's.
    name : str
        Of the operation it belongs to, for messages.
    """
    return function if _is_ours(function) else _apart(function, name)


def _apart(function: Callable[..., Any], name: str) -> Callable[..., Value]:
    def call(*args: Any) -> Value:
        shown = [one if type(one) in _SAFE else read_only(one) for one in args]
        try:
            out = function(*shown)
        except ValueError as error:
            if is_refused_write(error):
                raise MutationError(_written(name)) from error
            raise
        if type(out) is np.ndarray:
            is_own = out.base is None and sys.getrefcount(out) <= _HELD_HERE
            return out if is_own else out.copy(order="K")
        if type(out) in SCALARS:
            return out
        if isinstance(out, Handle):
            return out if out.link is None else snapshot(out)
        if is_array_like(out):
            return out
        msg = (
            f"{name}: the operation and its rules should each return an array or a "
            f"number; {_named(function)} returned {describe(out)}."
        )
        raise OutputError(msg)

    call.of_the_user = function  # type: ignore[attr-defined]  # whose parameters have names
    return call


def elementwise_apart(
    function: Callable[..., Any], name: str, of_any: Callable[..., Value]
) -> Callable[..., Value]:
    """Return the same of an elementwise function, whose result has a known shape.

    ``of_any`` carries the operation out on handles.
    """
    evaluate = apart(function, name)
    if evaluate is function:
        return of_any

    def call(x: Value, *others: Value) -> Value:
        if not others and type(x) in SCALARS:
            out = function(x)
            return out if type(out) in SCALARS else evaluate(x)
        if not others and isinstance(x, Handle):
            return of_any(x)
        out = evaluate(x, *others)
        shape = out.shape if type(out) is np.ndarray else np.shape(out)
        wanted = _broadcast((x, *others))
        if shape != wanted:
            given = " and ".join(str(np.shape(one)) for one in (x, *others))
            msg = (
                f"{name} was declared elementwise: of {given} it should return shape "
                f"{wanted}; it returned shape {shape}."
            )
            raise ShapeError(msg)
        return out

    return call


def slope_apart(slope: Callable[..., Any], name: str) -> Callable[..., Value]:
    """Return the same of a slope, which has at most the shape of the result."""
    evaluate = apart(slope, name)
    if evaluate is slope:
        return evaluate

    def call(out: Value, *args: Value) -> Value:
        if len(args) == 1 and type(out) in _SAFE and type(args[0]) in _SAFE:
            found = slope(out, args[0])
            return found if type(found) in SCALARS else evaluate(out, *args)
        found = evaluate(out, *args)
        if type(found) in SCALARS:
            return found
        shape = found.shape
        if out is not None:
            wanted = shape_of(out)
        elif any(one is None for one in args):  # not read: nobody knows
            return found
        else:
            wanted = _broadcast(args)
        if shape != wanted and not _fits(shape, wanted):
            msg = (
                f"{name}: a slope of a result of shape {wanted} should have that "
                f"shape; {_named(slope)} returned shape {shape}."
            )
            raise ShapeError(msg)
        return found

    return call


def pushforward_apart(
    pushforward: Callable[..., Any], name: str
) -> Callable[..., Value]:
    """Return the same of a pushforward, whose tangent has the shape of the result."""
    if _is_ours(pushforward):
        return pushforward

    @functools.wraps(pushforward)
    def flat(out: Value, params: Any, *arrays: Value) -> Any:
        half = len(arrays) // 2
        return pushforward(out, arrays[:half], arrays[half:], params)

    evaluate = _apart(flat, name)

    def call(
        out: Value, args: Sequence[Value], tangents: Sequence[Any], params: Any
    ) -> Value:
        found = evaluate(out, params, *args, *tangents)
        if np.shape(found) != np.shape(out):
            msg = (
                f"{name}: the tangent of a result of shape {np.shape(out)} should have "
                f"that shape; {_named(pushforward)} returned shape {np.shape(found)}."
            )
            raise ShapeError(msg)
        return found

    return call


def batch_apart(batch: Callable[..., Any], name: str) -> Callable[..., Value]:
    """Return the same of a batch, whose results lie along axis 0."""
    if _is_ours(batch):
        return batch

    @functools.wraps(batch)
    def flat(batched: Any, size: int, params: Any, *arrays: Value) -> Any:
        return batch(arrays, batched, size, *params)

    evaluate = _apart(flat, name)

    def call(args: Sequence[Value], batched: Any, size: int, *params: Any) -> Value:
        found = evaluate(batched, size, params, *args)
        if np.shape(found)[:1] != (size,):
            msg = (
                f"{name}: the results of a batch of {size} should lie along axis 0, of "
                f"that length; {_named(batch)} returned shape {np.shape(found)}."
            )
            raise ShapeError(msg)
        return found

    return call


def _is_ours(function: Callable[..., Any]) -> bool:
    """Tell whether a function belongs to this package."""
    code = getattr(function, "__code__", None)
    return code is not None and is_ours(code.co_filename)


_SAFE = SCALARS | {type(None)}
"""Types of arguments that nobody can write into."""


def _broadcast(args: tuple[Value, ...]) -> Shape:
    if len(args) == 1:
        return shape_of(args[0])
    return np.broadcast_shapes(*map(np.shape, args))


def _fits(shape: Shape, wanted: Shape) -> bool:
    """Tell whether a shape broadcasts to another."""
    return len(shape) <= len(wanted) and all(
        length in {1, full}
        for length, full in zip(shape[::-1], wanted[::-1], strict=False)
    )


def _named(function: Any) -> str:
    return getattr(function, "__name__", None) or repr(function)


def _written(name: str) -> str:
    return (
        f"{name}, or one of its rules, writes into an array that it was given; the "
        "derivative needs that as it was. Write into a copy (x.copy())."
    )


def _calibrate() -> int:
    """Return the reference count `apart` sees of a result that nobody else holds.

    -1, which nothing reaches, where counts are not exact.
    """
    if not EXACT_COUNTS:
        return -1

    def count(function: Callable[..., Any]) -> int:
        out = function(1)
        return sys.getrefcount(out)

    return count(np.zeros)


_HELD_HERE = _calibrate()
