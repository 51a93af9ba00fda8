"""What transforms ask and tell of the watch that is set, if one is."""

import contextlib
import functools
from collections.abc import Iterator, Sequence
from typing import Any

from adjoint._core.arrays import Value
from adjoint._modes import watched_forward, watched_reverse
from adjoint._modes.forward import ForwardTrace
from adjoint._modes.reverse import ReverseTrace
from adjoint._modes.sweep import careful_sweep, is_finite, sweep
from adjoint._modes.tape import Entry
from adjoint._modes.watched_forward import WatchedForward
from adjoint._modes.watched_reverse import WatchedReverse
from adjoint._modes.watching import WATCH, Backward, Watch


@contextlib.contextmanager
def watching(watch: Watch) -> Iterator[None]:
    """Set a watch for the transforms that start within."""
    install()
    token = WATCH.set(watch)
    try:
        yield
    finally:
        WATCH.reset(token)


@functools.cache
def install() -> None:
    """Give the handles that are watched their operators, when the first are to be made.

    Writing them takes 20 ms, which ``import adjoint`` need not wait for.
    """
    watched_reverse.install()
    watched_forward.install()


def reverse_trace(*, copying: bool = False) -> ReverseTrace:
    """Return the trace of a reverse-mode transform that starts."""
    watch = WATCH.get()
    if watch is None:
        return ReverseTrace(copying=copying)
    return WatchedReverse(watch, copying=copying)


def forward_trace() -> ForwardTrace:
    """Return the trace of a forward-mode transform that starts."""
    watch = WATCH.get()
    return ForwardTrace() if watch is None else WatchedForward(watch)


def swept(
    trace: ReverseTrace,
    entries: list[Entry],
    bars: list[Value],
    inputs: Any,
    *,
    careful: bool = False,
) -> bool:
    """Carry cotangents back to the inputs (a `Selection`) of a transform.

    Returns whether those that arrive there are finite, or the best that can be had.
    """
    if type(trace) is WatchedReverse:
        trace.watch.sweep(Backward(trace, entries, bars, inputs, careful))
        return careful or is_finite(bars)
    if not careful:
        return sweep(entries, bars, len(inputs.leaves))
    careful_sweep(entries, bars, len(inputs.leaves))
    return True


def end_constant(trace: ReverseTrace, entries: list[Entry], inputs: Any) -> None:
    """Tell that a result of a transform does not depend on its inputs."""
    if type(trace) is WatchedReverse:
        trace.watch.constant(trace, entries, inputs)


def end_forward(trace: ForwardTrace, tangents: Sequence[Value]) -> None:
    """Tell what tangents came out of a transform."""
    if type(trace) is WatchedForward:
        trace.watch.pushed(trace, tangents)
