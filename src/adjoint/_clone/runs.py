"""One run of a user's function as a clone: of which kind, and what is put back."""

import functools
import threading
from collections.abc import Callable
from types import FunctionType
from typing import Any

import numpy as np

from adjoint._clone.callees import Calls
from adjoint._clone.hooks import DEEP_CALLS, ORIGINS, SHALLOW_CALLS, forget_tables
from adjoint._clone.kinds import call_nothing, key_of
from adjoint._clone.leftovers import WHOLE, Journal
from adjoint._clone.libraries import is_library
from adjoint._clone.poison import is_poisoned
from adjoint._clone.reach import forget_reach, may_store_elsewhere
from adjoint._clone.state import OF_THREAD, Running, running
from adjoint._clone.twins import Twins, array_of
from adjoint._core.buffers import Buffer
from adjoint._core.dispatch import Trace, highest_trace, left_in
from adjoint._core.errors import (
    AdjointError,
    BatchedControlError,
    ConversionError,
    MutationError,
)
from adjoint._core.handle import Handle
from adjoint._core.tree import flatten, map_leaves
from adjoint._core.views import adoptions, snapshot

_KINDS: dict[Any, str] = {}
"""Which kind of clone a function runs as, by its code: known once it has run."""

_READY: dict[Any, int] = {}
"""Functions of a module that run shallow, and their keys: nothing else to ask.

For arguments that call nothing, as long as the table of calls knows the function: it
is emptied where a function in it has changed, and where one is implemented anew.
"""


def run_clone(
    function: Callable[..., Any],
    call: Callable[[Callable[..., Any], tuple[Any, ...]], Any],
    args: tuple[Any, ...],
    trace: Trace,
) -> Any:
    """Return ``call(clone, args)``.

    The first run of a function is a deep one.  If it needed nothing of that (it stored
    no traced value into an array that was plain, nothing into one of others, and Python
    called no method of the user's by itself), and nothing that it can reach stores into
    what it did not make (see ``reach.py``), later runs are shallow, which is faster.

    Parameters
    ----------
    function : callable
        The user's.
    call : callable
        Runs the clone on fresh arguments.
    args : tuple
        The arguments; handles of other traces among them are not written into.
    trace : Trace
        That of the transform.  What it has lifted is handed to this function alone.
    """
    state = OF_THREAD.state
    if state.depth:
        return _run_within(state, call, function, args, trace.level)
    if ORIGINS.have_changed():  # a reload
        forget_tables()
        _forget_runs()
    key = _READY.get(function) if type(function) is FunctionType else None
    clone = None if key is None else SHALLOW_CALLS.get(function)
    if clone is None or not call_nothing(args, trace):
        key, clone = key_of(function, args), None
        if key is not None and _KINDS.get(key) is not _SHALLOW:
            return _run_with_twins(state, call, function, args, trace, key)
        if type(key) is int and function in SHALLOW_CALLS:
            _READY[function] = key
    try:
        return _run(state, call, SHALLOW_CALLS, function, args, trace, clone)
    except (ConversionError, MutationError) as error:
        if key is not None:
            _KINDS[key] = _DEEP
            _READY.pop(function, None)
            _say_what_next(error, function)
        raise


_SHALLOW, _DEEP = "shallow", "deep"


def forget_kinds() -> None:
    """Let each function's next run be a deep one: what is followed has changed."""
    _forget_runs()
    forget_reach()


def _forget_runs() -> None:
    _KINDS.clear()
    _READY.clear()


def _say_what_next(error: AdjointError, function: Callable[..., Any]) -> None:
    """Add to an error of a shallow run what a deep one may mend.

    The function is not run again by itself: what it has changed besides its result (a
    counter, a random generator) would be changed twice.
    """
    name = getattr(function, "__name__", None) or type(function).__name__
    more = (
        f"No earlier call of {name} came here, so this one did not follow arrays that "
        "the function does not make. From now on all of its calls do: if it stores a "
        "traced value in such an array, call it again."
    )
    error.args = (f"{error.args[0]} {more}", *error.args[1:])


def _run_within(
    state: Running,
    call: Callable[..., Any],
    function: Callable[..., Any],
    args: tuple[Any, ...],
    level: float,
) -> Any:
    """Run a function within the run of another, and note what twins would mend.

    The outer function may catch the error and go on, as it would not do outside.
    """
    outer = state.journal
    inner = state.journal = Journal()
    try:
        out = call(_calls(state).of(function), args)
        return _apart(out, state)
    except BatchedControlError:  # it is run again: nothing may pass for its result
        inner.drop(lambda handle: _is_lost(handle, level))
        if outer is not None:
            outer.take_over(inner)
        inner = Journal()
        raise
    except (ConversionError, MutationError) as error:
        if state.twins is None:
            state.refused = error
        raise
    finally:
        state.journal = outer
        if inner.kept:
            inner.put_back(lambda handle: _below(handle, level))
            if outer is not None:
                outer.take_over(inner)


def run_as_written(
    function: Callable[..., Any],
    call: Callable[[Callable[..., Any], tuple[Any, ...]], Any],
    args: tuple[Any, ...],
) -> Any:
    """Return ``call(function, args)`` of no clone; `adjoint.numpy` may ask."""
    state = running()
    state.unfollowed += 1
    try:
        return call(function, args)
    finally:
        state.unfollowed -= 1


def _calls(state: Running) -> Calls:
    return SHALLOW_CALLS if state.twins is None else DEEP_CALLS


def in_clone(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function as it is called inside a clone, if one runs; else itself."""
    state = running()
    if not state.depth:
        return function
    return _calls(state).of(function)  # type: ignore[no-any-return]


def followed(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that runs as a clone whenever it is called, now or later.

    Later: in a backward sweep, say, when no transform runs the user's function.
    """
    clone = _calls(running()).of(function)

    def call(*args: Any, **kwargs: Any) -> Any:
        state = running()
        state.unfollowed += 1
        try:
            if state.journal is not None:
                return clone(*args, **kwargs)
            return _run_later(state, clone, args, kwargs)
        finally:
            state.unfollowed -= 1

    functools.update_wrapper(call, function, updated=())
    return call


def _run_later(
    state: Running, clone: Callable[..., Any], args: tuple[Any, ...], kwargs: Any
) -> Any:
    """Call a clone where no run is going on; put back what it leaves all the same."""
    journal = state.journal = Journal()
    try:
        return clone(*args, **kwargs)
    finally:
        state.journal = None
        if journal.kept:
            top = highest_trace(flatten((args, kwargs))[0])
            if top is not None:
                journal.put_back(lambda handle: _plain(handle, top.level))


def _fresh(args: tuple[Any, ...], trace: Trace) -> tuple[Any, ...]:
    """Return arguments that the function may write into."""
    for arg in args:
        if type(arg) in _TREES or (isinstance(arg, Handle) and arg.trace is not trace):
            return tuple(map(_own, args))
    return args


_TREES = frozenset({list, tuple, dict})


def _own(value: Any) -> Any:
    if type(value) in _TREES:
        return map_leaves(_own, value)
    return snapshot(value) if isinstance(value, Handle) else value


def _run(
    state: Running,
    call: Callable[..., Any],
    calls: Calls,
    function: Callable[..., Any],
    args: tuple[Any, ...],
    trace: Trace,
    clone: Any = None,
) -> Any:
    """Run a clone; put back plain values where it has put traced ones.

    It is looked up here, since the journal notes the variables around it, and gets
    fresh arguments, unless it is known already (see `_READY`).

    Raises
    ------
    AdjointError
        What an inner transform met, also if the function has swallowed it.
    """
    state.depth = 1
    journal = state.journal = state.spare
    try:
        if clone is None:
            clone, args = calls.of(function), _fresh(args, trace)
        out = call(clone, args)
    except BatchedControlError:  # it is run again: nothing may pass for its result
        state.refused = None
        journal.drop(lambda handle: _is_lost(handle, trace.level))
        journal.put_back(array_of)
        state.spare = journal = Journal()
        raise
    except Exception:
        if state.refused is None:
            raise
        raise state.refused from None
    else:
        if state.refused is not None:
            raise state.refused
        return out if isinstance(out, Handle) else _apart(out, state)
    finally:
        state.refused = None
        state.depth = 0
        state.journal = None
        if journal.kept:
            state.spare = Journal()
            journal.put_back(lambda handle: _plain(handle, trace.level))


def _below(handle: Handle, level: float) -> Any:
    """Return what a handle stands for below a transform of this level and thread."""
    value: Any = handle
    while isinstance(value, Handle) and _is_of(value, level):
        value = value.trace.value_left(value)
    return value.copy() if type(value) is np.ndarray else value


def _is_of(handle: Handle, level: float) -> bool:
    """Tell whether a handle was made by a run of this level, in this thread."""
    trace = handle.trace
    return bool(trace.level >= level and trace.thread == threading.get_ident())


def _is_lost(handle: Handle, level: float) -> bool:
    """Tell whether a handle was made by a run given up, and stands for no array."""
    return array_of(handle) is handle and _is_of(handle, level)


def _plain(handle: Handle, level: float) -> Any:
    """Return the same where no clone runs any more: of a buffer its array.

    Of a twin that is the very array it stood for.
    """
    value = array_of(handle)
    if value is not handle:
        return value
    value = _below(handle, level)
    return value.value.copy() if type(value) is Buffer else value


def _apart(out: Any, state: Running) -> Any:
    """Return a result whose containers are made anew, and stay as they are.

    Those that the function made go back to plain values like all its objects.
    """
    if isinstance(out, Handle) or type(out) in WHOLE or type(out) is np.ndarray:
        return out
    journal, state.journal = state.journal, None
    try:
        used = journal is not None and journal.kept
        return map_leaves(lambda leaf: leaf, out) if used else out
    finally:
        state.journal = journal


def _deep_clone(function: FunctionType) -> FunctionType:
    """Return a user's function as a clone with loads hooked; a library's as it is."""
    return function if is_library(function) else DEEP_CALLS.clone(function)


def _run_with_twins(
    state: Running,
    call: Callable[..., Any],
    function: Callable[..., Any],
    args: tuple[Any, ...],
    trace: Trace,
    key: Any,
) -> Any:
    """Run a function as a deep clone; note if it needs that."""
    twins = state.twins = Twins(_deep_clone)
    before = adoptions.count
    try:
        out = _run(state, call, DEEP_CALLS, function, args, trace)
        if twins.by_array:
            _check_result(out)
    finally:
        state.twins = None
        twins.close()
    if _KINDS.get(key) != _DEEP:
        adopted = adoptions.count != before
        needed = twins.used or twins.patches.implicit or adopted
        deep = needed or may_store_elsewhere(function, args)
        _KINDS[key] = _DEEP if deep else _SHALLOW
    return out


def _check_result(out: Any) -> None:
    """Raise if plain code has read an array while its twin held traced values.

    Raises
    ------
    MutationError
        If the result was computed from what it read.
    """
    for leaf in flatten(out)[0]:
        if is_poisoned(left_in(leaf)):
            msg = (
                "A traced value was stored in an array of the function's "
                "surroundings, and code that is not followed (a library's, or one "
                "without source) has read that array, which holds plain numbers only. "
                "Pass the array to that code as an argument, or ad.follow it."
            )
            raise MutationError(msg)
