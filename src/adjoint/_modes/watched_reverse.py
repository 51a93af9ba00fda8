"""Reverse mode that is watched.

The entries are those of the mode itself.  What ``entries.py`` writes names the class of
the handles it makes as ``Taped``; here the same code runs with that name bound to
`Watched`, so that what is watched is what would have run.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from adjoint._core.arrays import Value
from adjoint._core.dispatch import highest_trace
from adjoint._core.elements import setitem
from adjoint._core.handle import Handle
from adjoint._core.operators import install_operators
from adjoint._core.protocols import Entries
from adjoint._core.record import Calculus, Record
from adjoint._core.registry import RECORDS
from adjoint._core.views import change_class
from adjoint._modes.adapting import past_buffers, rebound
from adjoint._modes.reverse import ReverseTrace, Taped, make as make_taped
from adjoint._modes.tape import CALL, OUTPUT, Entry
from adjoint._modes.watching import SeesCalls, Watch, watched_constant


class Watched(Taped):
    """A value on a tape that is watched."""

    __slots__ = ()

    def __bool__(self) -> bool:
        self.trace.watch.stopped("one truth value (if, while, and, or)", (self,))
        return super().__bool__()

    def settled(self, what: str) -> Value:
        """Return the value below, where a shape or a count is to follow from it."""
        self.trace.watch.stopped(what, (self,))
        return super().settled(what)


class WatchedReverse(SeesCalls, ReverseTrace):
    """A reverse-mode transform that is watched.

    Attributes
    ----------
    watch : Watch
    sites : dict
        Where entries were written, as far as the watch has noted it.
    last : int
        The place of the entry seen last.
    """

    __slots__ = ("last", "sites", "watch")

    def __init__(self, watch: Watch, *, copying: bool = False) -> None:
        super().__init__(copying=copying)
        self.watch = watch
        self.sites: dict[int, Any] = {}
        self.last = -1

    def lift(self, value: Value) -> Taped:
        """Return a handle for an input."""
        self.watch.lifted(value)
        return super().lift(value)

    def append(self, out: Value, entry: Entry) -> Taped:
        """Write an entry; return the handle of its result."""
        handle = super().append(out, entry)
        change_class(handle, Watched)
        return handle

    def append_call(
        self,
        outs: Sequence[Value],
        parents: tuple[int, ...],
        pullback: Callable[..., Any],
        form: int = CALL,
    ) -> list[Taped]:
        """Write one entry for a call with several outputs; return their handles.

        One with its own rule is seen by `called`, when all of it has run.
        """
        began = self.watch.begin()
        handles = super().append_call(outs, parents, pullback, form)
        if form != CALL:
            for handle in handles:
                self.seen(began, None, (), handle)
        return handles

    def process_one(self, record: Record, x: Value, params: tuple[Any, ...]) -> Value:
        """Carry out a structural record on a handle of this trace."""
        began = self.watch.begin()
        out = super().process_one(record, x, params)
        self.seen(began, record, (x,), out)
        return out

    def process(
        self, record: Record, args: Sequence[Value], params: tuple[Any, ...]
    ) -> Value:
        """Carry an operation out on the values, and write it on the tape."""
        if record.calculus is Calculus.STRUCTURAL:
            return self.process_one(record, args[0], params)
        began = self.watch.begin()
        out = super().process(record, args, params)
        if record.calculus is Calculus.CONSTANT:
            self.watch.stopped(record, args)
        for one in out if record.outputs > 1 else (out,):
            self.seen(began, record, args, one)
        return out

    def store(self, x: Handle, index: Any, item: Value) -> bool:
        """Do ``x[index] = item`` in place, if nobody else can see it; tell whether."""
        began = self.watch.begin_write(x, index)
        done = super().store(x, index, item)
        if done:
            self.seen(began, RECORDS[setitem], (item,), x)
        return done

    def decided(
        self,
        kind: str,
        test: Callable[..., Any],  # noqa: ARG002 - the signature of `Trace`
        operands: Sequence[Value],
        answer: Any,  # noqa: ARG002
    ) -> None:
        """Take note of ``ad.stop_gradient``."""
        if kind == "stop":
            self.watch.stopped(None, operands)

    def seen(
        self, began: Any, record: Record | None, args: Sequence[Value], out: Value
    ) -> None:
        """Hand an operation to the watch, once."""
        if self.owns(out):
            place = self.last = out.payload
            self.watch.made(began, record, args, out, place)

    def annotate(self, place: int, what: Any) -> None:
        """Keep what a watch knows of an entry; of an output, for its call as well."""
        self.sites[place] = what
        entry = self.ops[place]
        if entry[3] == OUTPUT:
            self.sites[entry[1]] = what


def watched_entry(record: Record, entry: Callable[..., Value]) -> Callable[..., Value]:
    """Return the entry that is watched of one that ``entries.py`` has written."""
    same: Any = rebound(entry, Taped=Watched)
    if "fallback" in same.__globals__:
        before = same.__globals__["fallback"]
        same.__globals__["fallback"] = past_buffers(same, Watched, before)

    def watched(*args: Value) -> Value:
        top: Any = highest_trace(args)
        if type(top) is not WatchedReverse:
            return same(*args)
        top.last = -1
        began = top.watch.begin()
        out = same(*args)
        if type(out) is Watched and top.last != out.payload:
            top.seen(began, record, args, out)
        return out

    return watched


def _make(
    record: Record, function: Callable[..., Value] | None = None
) -> Callable[..., Value]:
    if record.calculus is Calculus.CONSTANT:
        return watched_constant(record, function or record.evaluate, Watched)
    entry = make_taped(record, function)
    return watched_entry(record, entry) if 1 <= len(record.reads) <= 2 else entry


Watched.entries = Entries(_make)


def install() -> None:
    """Give the handles their operators."""
    Watched.entries[np.dot] = watched_entry(RECORDS[np.dot], Taped.entries[np.dot])
    install_operators(Watched, _make)
