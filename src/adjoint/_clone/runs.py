"""One run of a user's function as a clone: which kind, and what is put back after it."""

import functools
from collections.abc import Callable
from types import CodeType, FunctionType, MethodType
from typing import Any

from adjoint._clone.callees import is_library
from adjoint._clone.hooks import DEEP_CALLS, SHALLOW_CALLS
from adjoint._clone.state import STATE
from adjoint._clone.twins import Twins, load, put_back
from adjoint._core.errors import AdjointError, ConversionError, MutationError
from adjoint._core.handle import Handle
from adjoint._core.tree import map_leaves
from adjoint._core.views import snapshot

_NEEDS_TWINS: set[CodeType] = set()
"""Functions found to store traced values into arrays that are not their own."""


def run_clone(
    function: Callable[..., Any],
    call: Callable[[Callable[..., Any], tuple[Any, ...]], Any],
    args: tuple[Any, ...],
) -> Any:
    """Return ``call(clone, args)``.

    If it fails because a traced value met a plain array, it is run once more with twins
    (see ``twins.py``), and so is every later run of this function.

    Parameters
    ----------
    function : callable
        The user's.
    call : callable
        Runs the clone on fresh arguments.
    args : tuple
        The arguments; handles among them are not written into.
    """
    if STATE.twins is not None:
        return call(DEEP_CALLS.of(function), args)
    if STATE.depth:
        return call(SHALLOW_CALLS.of(function), args)
    code = _code_of(function)
    if code not in _NEEDS_TWINS:
        try:
            return _run(call, SHALLOW_CALLS.of(function), _fresh(args))
        except (ConversionError, MutationError) as error:
            first = error
        try:
            out = _run_with_twins(call, function, args)
        except (AdjointError, AttributeError, TypeError):
            raise first from None
        finally:
            del first
        if code is not None:
            _NEEDS_TWINS.add(code)
        return out
    return _run_with_twins(call, function, args)


def in_clone(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function as it is called inside a clone, if one runs; else itself."""
    if STATE.twins is not None:
        return DEEP_CALLS.of(function)  # type: ignore[no-any-return]
    return SHALLOW_CALLS.of(function) if STATE.depth else function


def _code_of(function: Any) -> CodeType | None:
    """Return the code object of a function, method or callable object."""
    while True:
        if type(function) is MethodType:
            function = function.__func__
        elif isinstance(function, functools.partial):
            function = function.func
        elif hasattr(function, "__wrapped__"):
            function = function.__wrapped__
        else:
            break
    if type(function) is not FunctionType:
        function = getattr(type(function), "__call__", None)
    return getattr(function, "__code__", None)


def _fresh(args: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return arguments that the function may write into."""
    return tuple(
        snapshot(arg) if isinstance(arg, Handle) else _fresh_tree(arg) for arg in args
    )


def _fresh_tree(arg: Any) -> Any:
    if type(arg) not in (list, tuple, dict):
        return arg
    return map_leaves(lambda leaf: snapshot(leaf) if isinstance(leaf, Handle) else leaf, arg)


def _run(
    call: Callable[..., Any], clone: Callable[..., Any], args: tuple[Any, ...]
) -> Any:
    stored, STATE.stored = STATE.stored, []
    STATE.depth += 1
    try:
        return call(clone, args)
    finally:
        STATE.depth -= 1
        STATE.stored, ours = stored, STATE.stored
        for owner, name in ours:
            put_back(owner, name)


def _deep_clone(function: FunctionType) -> FunctionType:
    """Return a user's function as a clone with loads hooked; a library's as it is."""
    found = function if is_library(function) else DEEP_CALLS.clone(function)
    return found  # type: ignore[no-any-return]


def _run_with_twins(
    call: Callable[..., Any], function: Callable[..., Any], args: tuple[Any, ...]
) -> Any:
    twins = STATE.twins = Twins(_deep_clone)
    try:
        return _run(call, DEEP_CALLS.of(function), load(_fresh(args)))
    finally:
        STATE.twins = None
        twins.close()
