"""Running a user's function under a trace: every way in and out, errors included."""

from collections.abc import Callable
from typing import Any

from adjoint._core.arrays import Value, describe
from adjoint._core.dispatch import Trace
from adjoint._core.errors import (
    AdjointError,
    LeakError,
    MutationError,
    ReadOnlyViewError,
    TreeError,
    leak_message,
)
from adjoint._core.handle import Handle
from adjoint._core.tree import Tree, map_leaves


def run(
    trace: Trace,
    function: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> Any:
    """Return what a function returns on traced arguments.

    Raises
    ------
    AdjointError
        Whatever the function met and we refused, also where NumPy wraps our error in
        one of its own, and where the function's own ``try`` block swallowed it: its
        result would then differ from the plain one.
    """
    ours: AdjointError | None = None
    try:
        out = function(*args, **kwargs)
    except AdjointError:
        trace.refused = None
        raise
    except Exception as error:
        ours = trace.refused or _hidden(error)
        if ours is None:
            raise
    else:
        ours = trace.refused
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
    ours = isinstance(error, ReadOnlyViewError)
    if isinstance(error, ValueError) and "read-only" in str(error) and not ours:
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
    if leaf.trace is trace:
        return leaf.value
    if leaf.trace.closed:
        raise LeakError(leak_message())
    return leaf


def split_aux(out: Any, function: Callable[..., Any]) -> tuple[Any, Any]:
    """Return the two parts of what a function with ``has_aux=True`` returned.

    Raises
    ------
    TreeError
        If it is no pair.
    """
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
