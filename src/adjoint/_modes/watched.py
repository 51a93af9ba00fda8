"""Traces that are watched: what they do is seen by a debugger or a profiler.

A transform that starts while a `Watch` is set runs on handles of classes of their own,
whose entries call the watch around each operation.  All others know nothing of it: they
pay one look at a context variable when they start, and nothing after that.

The entries are those of the modes themselves.  What `entries.py` writes names the class
of the handles it makes as ``Taped``; here the same code runs with that name bound to
`Watched`, so that what is watched is what would have run.
"""

import functools
from collections.abc import Callable, Iterator, Sequence
from contextvars import ContextVar
from typing import Any, NamedTuple

import numpy as np

from adjoint._core.arrays import PLAIN, Value
from adjoint._core.dispatch import bind_operands, highest_trace
from adjoint._core.elements import setitem
from adjoint._core.handle import Handle
from adjoint._core.nodes import know_implementations
from adjoint._core.operators import install_operators
from adjoint._core.protocols import Entries
from adjoint._core.record import Calculus, Record
from adjoint._core.registry import IMPLEMENTATIONS, RECORDS
from adjoint._core.views import change_class
from adjoint._modes.adapting import constant_entry, past_buffers, rebound
from adjoint._modes.forward import Dual, ForwardTrace
from adjoint._modes.reverse import ReverseTrace, Taped, make as make_taped
from adjoint._modes.sites import deriving
from adjoint._modes.sweep import careful_sweep, sweep
from adjoint._modes.tape import CALL, OUTPUT, Entry


class Watch:
    """What sees the operations of the transforms that start while it is set."""

    batches = False
    """Whether it sees those of ``vmap`` too, by `batched`."""

    def __init__(self) -> None:
        know_implementations(len(IMPLEMENTATIONS))
        _install()

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

    def constant(
        self, trace: "WatchedReverse", entries: list[Entry], inputs: Any
    ) -> None:
        """See that a result does not depend on the inputs at all."""

    def pushed(self, trace: "WatchedForward", tangents: Sequence[Value]) -> None:
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

    trace: "WatchedReverse"
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


# What transforms ask


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
) -> None:
    """Carry cotangents back to the inputs (a `Selection`) of a transform."""
    if type(trace) is WatchedReverse:
        trace.watch.sweep(Backward(trace, entries, bars, inputs, careful))
    else:
        (careful_sweep if careful else sweep)(entries, bars, len(inputs.leaves))


def end_constant(trace: ReverseTrace, entries: list[Entry], inputs: Any) -> None:
    """Tell that a result of a transform does not depend on its inputs."""
    if type(trace) is WatchedReverse:
        trace.watch.constant(trace, entries, inputs)


def end_forward(trace: ForwardTrace, tangents: Sequence[Value]) -> None:
    """Tell what tangents came out of a transform."""
    if type(trace) is WatchedForward:
        trace.watch.pushed(trace, tangents)


class _SeesCalls:
    """What both modes do around a call that brings its own rule."""

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


# Reverse mode


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


class WatchedReverse(_SeesCalls, ReverseTrace):
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


def _constant(
    record: Record, function: Callable[..., Value], kind: type[Handle]
) -> Callable[..., Value]:
    """Return the entry of a piecewise constant function, which ends derivatives."""
    entry = constant_entry(function, kind)

    def watched(*args: Value) -> Value:
        for arg in args:
            if type(arg) is kind:
                arg.trace.watch.stopped(record, args)
        return entry(*args)

    return watched


def _make_watched(
    record: Record, function: Callable[..., Value] | None = None
) -> Callable[..., Value]:
    if record.calculus is Calculus.CONSTANT:
        return _constant(record, function or record.evaluate, Watched)
    entry = make_taped(record, function)
    return watched_entry(record, entry) if 1 <= len(record.reads) <= 2 else entry


# Forward mode


class WatchedDual(Dual):
    """A dual number that is watched."""

    __slots__ = ()


class WatchedForward(_SeesCalls, ForwardTrace):
    """A forward-mode transform that is watched."""

    __slots__ = ("watch",)

    def __init__(self, watch: Watch) -> None:
        super().__init__()
        self.watch = watch

    def lift(self, primal: Value, tangent: Value) -> Dual:
        """Return the dual number of a primal and its tangent."""
        handle = super().lift(primal, tangent)
        change_class(handle, WatchedDual)
        return handle

    def push(
        self,
        record: Record,
        args: Sequence[Value],
        values: Sequence[Value],
        params: tuple[Any, ...],
        out: Value,
    ) -> Value:
        """Return a result with its tangent."""
        began = self.watch.begin()
        with deriving(name=record.name):
            lifted = super().push(record, args, values, params, out)
        if record.calculus is Calculus.CONSTANT:
            self.watch.stopped(record, args)
        for one in lifted if record.outputs > 1 else (lifted,):
            self.seen(began, record, args, one)
        return lifted

    def seen(
        self, began: Any, record: Record | None, args: Sequence[Value], out: Value
    ) -> None:
        """Hand an operation to the watch."""
        if self.owns(out):
            self.watch.made(began, record, args, out)


def _make_dual(
    record: Record, function: Callable[..., Value] | None = None
) -> Callable[..., Value]:
    function = function or record.evaluate
    if record.calculus is Calculus.CONSTANT:
        return _constant(record, function, WatchedDual)
    if record.variadic or not 1 <= len(record.reads) <= 2:
        return lambda *args: bind_operands(record, args)
    return watched_dual(record, function)


def watched_dual(
    record: Record, function: Callable[..., Value]
) -> Callable[..., Value]:
    """Return the entry of a function of one or two numbers, an operator's perhaps."""

    def watched(*args: Value) -> Value:
        trace: Any = highest_trace(args)
        if type(trace) is not WatchedForward or not all(
            trace.owns(arg) or type(arg) in PLAIN for arg in args
        ):
            return bind_operands(record, args)
        trace.check_open()
        values = [arg.value if trace.owns(arg) else arg for arg in args]
        return trace.push(record, args, values, (), function(*values))

    return watched


Watched.entries = Entries(_make_watched)
WatchedDual.entries = Entries(_make_dual)


@functools.cache
def _install() -> None:
    """Give both kinds of handles their operators, when the first is to be made.

    Writing them takes 20 ms, which ``import adjoint`` need not wait for.
    """
    Watched.entries[np.dot] = watched_entry(RECORDS[np.dot], Taped.entries[np.dot])
    install_operators(Watched, _make_watched)
    install_operators(WatchedDual, _make_dual)
