"""What sees the operations of transforms: the base of a debugger and a profiler.

A transform that starts while a `Watch` is set runs on handles of classes of their own,
whose entries call the watch around each operation (``watched_reverse.py`` and its
neighbours).  All others know nothing of it: they pay one look at a context variable
when they start, and nothing after that.
"""

from collections.abc import Callable, Iterator, Sequence
from contextvars import ContextVar
from typing import Any, NamedTuple

from adjoint._core.arrays import Value
from adjoint._core.handle import Handle
from adjoint._core.nodes import know_implementations
from adjoint._core.record import Record
from adjoint._core.registry import IMPLEMENTATIONS
from adjoint._modes.adapting import constant_entry
from adjoint._modes.sweep import careful_sweep, sweep
from adjoint._modes.tape import Entry


class Watch:
    """What sees the operations of the transforms that start while it is set."""

    batches = False
    """Whether it sees those of ``vmap`` too, by `batched`."""

    def __init__(self) -> None:
        know_implementations(len(IMPLEMENTATIONS))

    def lifted(self, value: Value) -> None:
        """See an input of a transform."""

    def begin(self) -> Any:
        """Return what `made` is to know of the time before an operation."""

    def begin_write(self, x: Handle, index: Any) -> Any:  # noqa: ARG002
        """Return what `made` is to know of the time before ``x[index] = item``."""
        return self.begin()

    def made(
        self,
        began: Any,
        record: Record | None,
        args: Sequence[Value],
        out: Any,
        place: int | None = None,
    ) -> None:
        """See an operation; ``place`` is that of its entry on the tape, if any.

        ``record`` is ``None`` for a call that brings its own rule.
        """

    def batched(
        self, before: Any, record: Record, args: Sequence[Value], out: Value
    ) -> None:
        """See an operation on a batch; ``before`` is what `begin_write` returned."""

    def stopped(self, by: Record | str | None, args: Sequence[Value]) -> None:
        """See an operation through which no derivative goes.

        ``by`` is its record, ``None`` for ``ad.stop_gradient``, and what Python asked
        for in words where it makes a number of its own: ``"one integer (int)"``.
        """

    def sweep(self, back: "Backward") -> None:
        """Carry cotangents back to the inputs."""
        back.down_to(back.stop)

    def constant(self, trace: Any, entries: list[Entry], inputs: Any) -> None:
        """See that a result does not depend on the inputs at all."""

    def pushed(self, trace: Any, tangents: Sequence[Value]) -> None:
        """See what came out of a forward-mode transform."""


class Backward(NamedTuple):
    """A backward pass that is to be watched.

    Parameters
    ----------
    trace : WatchedReverse
    entries : list of tuple
        The tape.
    bars : list
        One cotangent, or ``None``, per entry.
    inputs : Selection
        What the transform differentiates by.
    careful : bool
        Whether every product is to be guarded; see `careful_sweep`.
    """

    trace: Any
    entries: list[Entry]
    bars: list[Value]
    inputs: Any
    careful: bool

    @property
    def stop(self) -> int:
        """How many entries, those of the inputs, are left alone."""
        return len(self.inputs.leaves)

    def places(self) -> Iterator[int]:
        """Yield the places of the entries, from the last one on, as long as there are.

        Whoever takes one sweeps it before the next, by `down_to`.
        """
        while len(self.entries) > self.stop:
            yield len(self.entries) - 1

    def down_to(self, place: int) -> None:
        """Carry cotangents back from the last entry to that at a place."""
        (careful_sweep if self.careful else sweep)(self.entries, self.bars, place)


WATCH: ContextVar[Watch | None] = ContextVar("adjoint watch", default=None)
"""The watch of transforms that start in this context."""


class SeesCalls:
    """What watched traces do around a call that brings its own rule; a mixin."""

    __slots__ = ()

    watch: Watch
    seen: Callable[..., None]

    def called(
        self, run: Callable[[], list[Value]], args: Sequence[Value]
    ) -> list[Value]:
        """Return the results of a call that brings its own rule."""
        began = self.watch.begin()
        outs = run()
        for out in outs:
            self.seen(began, None, args, out)
        return outs


def watched_constant(
    record: Record, function: Callable[..., Value], kind: type[Handle]
) -> Callable[..., Value]:
    """Return the entry of a piecewise constant function, which ends derivatives.

    ``kind`` is the class of the handles that are watched.
    """
    entry = constant_entry(function, kind)

    def watched(*args: Value) -> Value:
        for arg in args:
            if type(arg) is kind:
                arg.trace.watch.stopped(record, args)
        return entry(*args)

    return watched
