"""Forward mode that is watched: the same pushforwards, seen by a watch."""

from collections.abc import Callable, Sequence
from typing import Any

from adjoint._core.arrays import PLAIN, Value
from adjoint._core.dispatch import bind_operands, highest_trace
from adjoint._core.operators import install_operators
from adjoint._core.protocols import Entries
from adjoint._core.record import Calculus, Record
from adjoint._core.views import change_class
from adjoint._modes.forward import Dual, ForwardTrace
from adjoint._modes.sites import deriving
from adjoint._modes.watching import SeesCalls, Watch, watched_constant


class WatchedDual(Dual):
    """A dual number that is watched."""

    __slots__ = ()


class WatchedForward(SeesCalls, ForwardTrace):
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


def _make(
    record: Record, function: Callable[..., Value] | None = None
) -> Callable[..., Value]:
    function = function or record.evaluate
    if record.calculus is Calculus.CONSTANT:
        return watched_constant(record, function, WatchedDual)
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


WatchedDual.entries = Entries(_make)


def install() -> None:
    """Give the handles their operators."""
    install_operators(WatchedDual, _make)
