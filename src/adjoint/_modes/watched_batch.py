"""Batches that are watched: the operations of a ``vmap`` that belongs to no derivative.

The entries are those of `Batched`, bound to the class of handles here; see
``watched_reverse.py``.  What has no entry of its own comes by `WatchedBatch.process`.
"""

import functools
from collections.abc import Callable, Sequence
from typing import Any

from adjoint._core.arrays import Value
from adjoint._core.dispatch import highest_trace
from adjoint._core.elements import setitem
from adjoint._core.handle import Handle
from adjoint._core.operators import install_operators
from adjoint._core.protocols import Entries
from adjoint._core.record import Layout, Record
from adjoint._core.registry import RECORDS
from adjoint._core.views import change_class
from adjoint._modes.adapting import rebound
from adjoint._modes.batch import Batched, BatchTrace, make as make_batched
from adjoint._modes.watching import WATCH, Watch


def batch_trace(size: int) -> BatchTrace:
    """Return the trace of a ``vmap`` over so many samples that starts."""
    watch = WATCH.get()
    if watch is None or not watch.batches:
        return BatchTrace(size)
    return WatchedBatch(watch, size)


class WatchedBatched(Batched):
    """A batch of values that is watched."""

    __slots__ = ()


class WatchedBatch(BatchTrace):
    """A batching transform that is watched.

    Parameters
    ----------
    watch : Watch
    size : int
        The length of the batch axis.
    """

    __slots__ = ("watch",)

    def __init__(self, watch: Watch, size: int) -> None:
        super().__init__(size)
        self.watch = watch
        _install()

    def lift(self, value: Value) -> Batched:
        """Return the handle of an array whose axis 0 is the batch."""
        handle = super().lift(value)
        change_class(handle, WatchedBatched)
        return handle

    def process(
        self, record: Record, args: Sequence[Value], params: tuple[Any, ...]
    ) -> Value:
        """Carry an operation out on whole batches."""
        out = super().process(record, args, params)
        for one in out if record.outputs > 1 else (out,):
            self.watch.batched(None, record, args, one)
        return out

    def store(self, x: Handle, index: Any, item: Value) -> bool:
        """Do ``x[index] = item`` in place, if nobody else can see it; tell whether."""
        before = self.watch.begin_write(x, index)
        done = super().store(x, index, item)
        if done:
            self.watch.batched(before, RECORDS[setitem], (item,), x)
        return done


def _make(
    record: Record, function: Callable[..., Value] | None = None
) -> Callable[..., Value]:
    entry: Any = make_batched(record, function)
    if record.layout is not Layout.ELEMENTWISE or record.variadic:
        return entry  # type: ignore[no-any-return]
    entry = rebound(entry, Batched=WatchedBatched)

    def watched(*args: Value) -> Value:
        top: Any = highest_trace(args)
        out = entry(*args)
        if type(top) is WatchedBatch:
            top.watch.batched(None, record, args, out)
        return out

    return watched


WatchedBatched.entries = Entries(_make)


@functools.cache
def _install() -> None:
    """Give the handles their operators, when the first is to be made."""
    install_operators(WatchedBatched, _make)
