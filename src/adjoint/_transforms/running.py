"""Running a user's function under a trace: every way in and out, errors included."""

import functools
from collections.abc import Callable
from typing import Any

from adjoint._clone.messages import explain, with_way_here
from adjoint._clone.runs import run_as_written, run_clone
from adjoint._core.arrays import PLAIN, Value, describe
from adjoint._core.buffers import Buffer, plain
from adjoint._core.dispatch import Trace
from adjoint._core.errors import (
    AdjointError,
    ConversionError,
    LeakError,
    MutationError,
    ReadOnlyViewError,
    TreeError,
    is_refused_write,
    leak_message,
)
from adjoint._core.floating import warn_as_before, warn_at_the_users_line
from adjoint._core.handle import Handle
from adjoint._core.tree import Tree, map_leaves
from adjoint._core.views import snapshot, taken_by
from adjoint._core.writing import give_back


def run(
    trace: Trace,
    function: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> Any:
    """Return what a function returns on traced arguments.

    A clone of it is run, in which everything that NumPy's protocols do not carry
    reaches us too, unless it is to stay as it is (see `as_written`).

    Raises
    ------
    AdjointError
        Whatever the function met and we refused, also where NumPy wraps our error in
        one of its own, and where the function's own ``try`` block swallowed it: its
        result would then differ from the plain one.
    """
    before = warn_at_the_users_line()
    call = functools.partial(_called, trace, kwargs)
    try:
        if type(function) is _AsWritten:
            return run_as_written(function.function, call, args)
        return run_clone(function, call, args, trace)
    except ConversionError as error:
        if type(function) is not _AsWritten:
            explain(error)
        raise
    finally:
        warn_as_before(before)


class _AsWritten:
    """A function that is run as it is, not as a clone."""

    __slots__ = ("__dict__", "function")

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        functools.update_wrapper(self, function, updated=())

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.function(*args, **kwargs)


def as_written(fun: Callable[..., Any], plain_numpy: bool) -> Callable[..., Any]:
    """Return a function marked to be run as it is, unless ``plain_numpy``."""
    return fun if plain_numpy else _AsWritten(fun)


def written_function(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the user's own function, without that mark."""
    return function.function if type(function) is _AsWritten else function


def entering(trace: Trace, leaf: Value) -> Value:
    """Return what a transform takes in of an argument; of a buffer, its array."""
    return leaf if type(leaf) in PLAIN else plain(taken_by(trace, leaf))


def _own(leaf: Value) -> Value:
    """Return a leaf of a result: of a buffer its array, of a handle another one."""
    if not isinstance(leaf, Handle):
        return leaf
    return leaf.value if type(leaf) is Buffer else snapshot(leaf)


def _called(
    trace: Trace,
    kwargs: dict[str, Any],
    function: Callable[..., Any],
    args: tuple[Any, ...],
) -> Any:
    """Return what a function returns, apart from the arrays that it may keep.

    Raises
    ------
    AdjointError
        What the function met and we refused.
    """
    ours: AdjointError | None = None
    try:
        out = function(*args, **kwargs)
        if not isinstance(out, Handle) or type(out) is Buffer or trace.adopted:
            out = map_leaves(_own, out)
    except AdjointError:
        trace.refused = None
        raise
    except Exception as error:
        ours = trace.refused or _hidden(error)
        if ours is None:
            raise
        ours = with_way_here(ours, error)
    else:
        ours = trace.refused
    finally:
        if trace.adopted or trace.outdated:
            give_back(trace)
    trace.refused = None
    if ours is not None:
        try:
            raise ours
        finally:
            del ours  # a frame that holds its own error would live for ever
    return out


def _hidden(error: Exception) -> AdjointError | None:
    """Return the error of ours that another one wraps or stands for, if any."""
    if isinstance(error.__cause__, AdjointError):
        return error.__cause__
    if is_refused_write(error) and not isinstance(error, ReadOnlyViewError):
        return MutationError(
            "The function writes into an array that a traced operation has used "
            "before, and whose values the derivative needs (it is read-only "
            "meanwhile). Use a copy in that operation (x * buffer.copy()), or fill a "
            "fresh array."
        )
    return None


def lower(trace: Trace, tree: Tree) -> Tree:
    """Return a tree with the handles of a trace replaced by their values."""
    return map_leaves(lambda leaf: lower_leaf(trace, leaf), tree)


def lower_leaf(trace: Trace, leaf: Value) -> Value:
    """Return the value of a handle of this trace; anything else as it is.

    Raises
    ------
    LeakError
        For a handle of a transform that has ended.
    """
    if not isinstance(leaf, Handle):
        return leaf
    if leaf.trace is trace or type(leaf) is Buffer:
        return leaf.value
    if leaf.trace.closed:
        raise LeakError(leak_message())
    return leaf


def split_aux(
    out: Any, function: Callable[..., Any], has_aux: bool = True
) -> tuple[Any, Any]:
    """Return what a function returned, and its aux: ``None`` without ``has_aux``.

    Raises
    ------
    TreeError
        If it is no pair, with ``has_aux``.
    """
    if not has_aux:
        return out, None
    if not isinstance(out, tuple) or len(out) != 2:
        msg = (
            f"has_aux=True, but {function_name(function)} returned {describe(out)}: "
            "return the pair (value, aux)."
        )
        raise TreeError(msg)
    return out


def function_name(function: Callable[..., Any]) -> str:
    """Return a name of a user's function for messages."""
    return getattr(function, "__name__", None) or type(function).__name__
