"""Batching: a leading axis carried through every operation, invisible to the function.

The value of a `Batched` handle has the batch as its axis 0; the function sees the other
axes.  Elementwise records align ranks and let NumPy broadcast; other records say in
their ``batch`` rule which axes shift; a record without one is run in a loop.
"""

from collections.abc import Callable, Sequence
from typing import Any, NoReturn

import numpy as np

from adjoint._core.arrays import PLAIN, Shape, Value, align, ndim_of, pad_rank
from adjoint._core.dispatch import Trace, bind, bind_operands
from adjoint._core.errors import BatchedControlError, user_line
from adjoint._core.handle import Handle, set_shape
from adjoint._core.operators import install_operators
from adjoint._core.protocols import Entries
from adjoint._core.record import Layout, Record
from adjoint._core.views import is_alone, store_below


class Batched(Handle):
    """A batch of values that the function sees as one."""

    __slots__ = ()

    @property
    def shape(self) -> Shape:
        """The shape without the batch axis."""
        return self.value.shape[1:]  # type: ignore[no-any-return]

    @shape.setter
    def shape(self, shape: Any) -> None:
        set_shape(self, shape)

    @property
    def ndim(self) -> int:
        """The number of axes without the batch axis."""
        return self.value.ndim - 1  # type: ignore[no-any-return]

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        """The class of one sample."""
        if self.ndim or (self.link is not None and self.link.parent is not None):
            return np.ndarray
        return self.dtype.type

    def __bool__(self) -> NoReturn:  # noqa: PLE0304 - it raises, as annotated
        self._refuse_control("one truth value (if, while, and, or, bool)")

    def __int__(self) -> NoReturn:
        self._refuse_control("one integer (int)")

    def __index__(self) -> NoReturn:  # noqa: PLE0305 - it raises, as annotated
        self._refuse_control("one index")

    def __array__(self, dtype: Any = None, copy: Any = None) -> NoReturn:
        """Refuse; but of integers and truth values each sample may be a plain array."""
        if self.dtype.kind in "iub":
            self._refuse_control("one plain array (an index into one, say)")
        super().__array__(dtype, copy)

    def settled(self, what: str) -> NoReturn:
        """Refuse: each sample has a value of its own."""
        self._refuse_control(what)

    def __format__(self, spec: str) -> str:
        return str(self)

    def _refuse_control(self, what: str) -> NoReturn:
        message = (
            f"Python asked for {what} of a batch of {self.trace.size} values"
            f"{user_line()}. Use np.where, or let vmap loop (fallback='loop')."
        )
        raise self.remember(BatchedControlError(message, self.trace))


class BatchTrace(Trace):
    """One batching transform.

    Parameters
    ----------
    size : int
        The length of the batch axis.
    """

    __slots__ = ("size",)

    @property
    def mode(self) -> str:
        """How many samples there are."""
        return f"a batch of {self.size}"

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size

    def lift(self, value: Value) -> Batched:
        """Return the handle of an array whose axis 0 is the batch."""
        handle = Batched()
        handle.value = value
        handle.trace = self
        handle.payload = None
        return handle

    def process(
        self, record: Record, args: Sequence[Value], params: tuple[Any, ...]
    ) -> Value:
        """Carry an operation out on whole batches."""
        self.check_open()
        batched = [self.owns(arg) for arg in args]
        values = [
            arg.value if own else arg for arg, own in zip(args, batched, strict=True)
        ]
        if record.layout is Layout.ELEMENTWISE:
            out = bind(record, align(values, batched), params)
        elif record.batch is not None:
            out = record.batch(values, batched, self.size, *params)
        else:
            out = self._loop(record, values, batched, params)
        return tuple(map(self.lift, out)) if record.outputs > 1 else self.lift(out)

    def value_left(self, x: Handle) -> Value:
        """Return the last sample's values: what a loop over the samples leaves."""
        return x.value[-1]

    def store(self, x: Handle, index: Any, item: Value) -> bool:
        """Do ``x[index] = item`` in place, if nobody else can see it; tell whether."""
        parts = index if isinstance(index, tuple) else (index,)
        rank = np.broadcast_to(np.False_, x.shape)[parts].ndim
        if ndim_of(item) > rank:
            return False
        if isinstance(item, Handle):
            if item.trace is self:
                item = pad_rank(item.value, rank)
            elif item.trace.level > self.level:
                return False
            elif item.trace.level < 0:
                item = item.value
        if self.closed or not is_alone(x):
            return False
        return store_below(x, (slice(None), *parts), item)

    def _loop(
        self,
        record: Record,
        values: list[Value],
        batched: list[bool],
        params: tuple[Any, ...],
    ) -> Value:
        """Apply a record without batch rule to each member in turn."""
        rows = [
            [
                value[k] if own else value
                for value, own in zip(values, batched, strict=True)
            ]
            for k in range(self.size)
        ]
        outs = [bind(record, row, params) for row in rows]
        if record.outputs > 1:
            return [np.stack(column) for column in zip(*outs, strict=True)]
        return np.stack(outs)


def make_unary(function: Callable[..., Value]) -> Callable[..., Value]:
    """Return the entry of an elementwise function of one argument."""

    def unary(x: Value) -> Value:
        trace = x.trace
        if trace.closed:
            trace.check_open()
        return trace.lift(function(x.value))

    return unary


def make_binary(record: Record, function: Callable[..., Value]) -> Callable[..., Value]:
    """Return the entry of an elementwise function of two arguments."""

    def binary(x: Value, y: Value) -> Value:
        if type(x) is Batched:
            trace, a = x.trace, x.value
            if type(y) is Batched and y.trace is trace:
                b = y.value
                if a.ndim != b.ndim:
                    a, b = align((a, b), (True, True))
            elif type(y) in PLAIN:
                b = y
                if type(y) is np.ndarray and y.ndim >= a.ndim:
                    a = pad_rank(a, y.ndim)
            else:
                return bind_operands(record, (x, y))
        elif type(x) in PLAIN and type(y) is Batched:
            trace, a, b = y.trace, x, y.value
            if type(x) is np.ndarray and x.ndim >= b.ndim:
                b = pad_rank(b, x.ndim)
        else:
            return bind_operands(record, (x, y))
        if trace.closed:
            trace.check_open()
        return trace.lift(function(a, b))

    return binary


def make(
    record: Record, function: Callable[..., Value] | None = None
) -> Callable[..., Value]:
    """Return the entry of a record, evaluated by ``function`` (an operator, say)."""
    function = function or record.evaluate
    if record.layout is Layout.ELEMENTWISE and not record.variadic:
        if len(record.reads) == 1:
            return make_unary(function)
        if len(record.reads) == 2:
            return make_binary(record, function)
    return lambda *args: bind_operands(record, args)


Batched.entries = Entries(make)
install_operators(Batched, make)
