"""Levels: which transform an operation belongs to.

Each transform that starts takes a fresh number, its *level*, and wraps its inputs in
handles that point to its trace.  An operation goes to the argument whose trace has the
highest level; for that trace, handles of all other traces are constants.

Worked example.  In ``grad(lambda x: x * grad(lambda y: x + y)(1.0))(1.0)`` the outer
transform has level 1, the inner one level 2.  ``x + y`` meets levels 1 and 2, so it
goes to the inner trace, which sees the handle ``x`` as a constant; its derivative by
``y`` is 1, not 2.  The value of that sum is itself an operation of level 1, on the
handle ``x`` and the number 1.0.  The levels are what keeps the two derivatives apart:
no state is kept per thread, and a level is never used twice.

Levels below 1 belong to what is made by hand and never ends: variables have level 0,
dual numbers one between that and 1, buffers a negative one, which is that of no trace.
"""

import abc
import itertools
import numbers
import operator
import threading
import weakref
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, NoReturn

import numpy as np

from adjoint._core.arrays import PLAIN, Value, is_array_like
from adjoint._core.errors import (
    AdjointError,
    LeakError,
    MissingRuleError,
    leak_message,
    user_line,
)
from adjoint._core.handle import Handle, strip
from adjoint._core.layout import reshapes_without_copy
from adjoint._core.record import Record
from adjoint._core.views import link, shares_memory

_levels = itertools.count(1)


class Trace(abc.ABC):
    """One running transform: its level, and how it carries an operation out."""

    __slots__ = ("adopted", "closed", "level", "outdated", "refused", "thread")

    records: ClassVar[bool] = False
    """Whether `decided` notes what it is told."""

    @property
    def mode(self) -> str:
        """What the transform does, in words: as handles print it."""
        return "traced"

    def __init__(self) -> None:
        self.level: float = next(_levels)
        self.closed = False
        self.refused: AdjointError | None = None
        self.adopted: list[weakref.ref[Handle]] = []
        self.outdated: dict[int, weakref.ref[Handle]] = {}
        self.thread = threading.get_ident()

    def __call__(self, *_: Any, **__: Any) -> NoReturn:
        """Refuse ``x.trace()``: that name leads here, not to ndarray's method."""
        msg = (
            f"`x.trace(...)` of a traced value has no derivative rule{user_line()}. "
            "Write np.trace(x)."
        )
        error = MissingRuleError(msg)
        self.note(error)
        raise error

    @abc.abstractmethod
    def process(
        self, record: Record, args: Sequence[Value], params: tuple[Any, ...]
    ) -> Value:
        """Carry out ``record`` on arguments of which this trace's level is highest."""

    def process_one(self, record: Record, x: Value, params: tuple[Any, ...]) -> Value:
        """Carry out a structural record on a handle of this trace."""
        return self.process(record, (x,), params)

    def store(self, x: Handle, index: Any, item: Value) -> bool:  # noqa: ARG002
        """Do ``x[index] = item`` in place, if nobody else can see it; tell whether.

        ``index`` is one that reads no element twice.
        """
        return False

    def value_left(self, x: Handle) -> Value:
        """Return what an array of this trace holds when the function has returned."""
        return x.value

    def is_input(self, x: Handle) -> bool:  # noqa: ARG002
        """Tell whether a handle of this trace is known to be an input of it."""
        return False

    def called(
        self,
        run: Callable[[], list[Value]],
        args: Sequence[Value],  # noqa: ARG002 - of traces that are watched
    ) -> list[Value]:
        """Return the results of a call that brings its own rule."""
        return run()

    def owns(self, value: Value) -> bool:
        """Tell whether a value is a handle of this very trace."""
        return isinstance(value, Handle) and value.trace is self

    def note(self, error: AdjointError) -> None:
        """Note a refusal, so that a ``try`` block cannot swallow it; the first stays.

        What is made by hand has no transform to raise it.
        """
        if self.level >= 1 and self.refused is None:
            self.refused = error

    def decided(  # noqa: B027 - most traces have nothing to note
        self,
        kind: str,
        test: Callable[..., Any],
        operands: Sequence[Value],
        answer: Any,
    ) -> None:
        """Take note that Python was told ``test(*operands)``; only graphs do."""

    def check_open(self) -> None:
        """Raise if the transform has ended.

        Raises
        ------
        LeakError
            If a handle of this trace is used after the transform returned.
        """
        if self.closed:
            raise LeakError(leak_message())


def highest_trace(args: Sequence[Value]) -> Trace | None:
    """Return the trace of the highest level among the arguments, if any is traced.

    Buffers, whose level is negative, are not.
    """
    top: Trace | None = None
    for arg in args:
        if isinstance(arg, Handle) and arg.trace.level >= 0:
            trace = arg.trace
            if top is None or trace.level > top.level:
                top = trace
    return top


def bind(record: Record, args: Sequence[Value], params: tuple[Any, ...] = ()) -> Value:
    """Apply a record: the argument of the highest level decides who carries it out.

    To a transform, a buffer among the arguments is the plain array it holds.
    """
    top: Trace | None = None
    buffers = False
    for arg in args:
        if isinstance(arg, Handle):
            trace = arg.trace
            buffers = buffers or trace.level < 0
            if top is None or trace.level > top.level:
                top = trace
    if top is None:
        return record.evaluate(*args, *params)
    if buffers and top.level >= 0:
        args = [_without_buffer(arg) for arg in args]
    return top.process(record, args, params)


def _without_buffer(arg: Value) -> Value:
    return arg.value if isinstance(arg, Handle) and arg.trace.level < 0 else arg


def bind_one(record: Record, x: Value, params: tuple[Any, ...]) -> Value:
    """Apply a structural record to its one array argument.

    A result that shows a part of the argument's memory is linked to it.
    """
    if not isinstance(x, Handle):
        return record.evaluate(x, *params)
    out = x.trace.process_one(record, x, params)
    if (
        isinstance(out, Handle)
        and type(out.value) is not np.float64
        and (shares_memory(out.value, x.value) or _might(x, record, params))
        and (out.ndim or _is_array(x, record, params))
    ):
        link(out, x, record, params)
    return out


def _might(x: Handle, record: Record, params: tuple[Any, ...]) -> bool:
    """Tell whether a copy was made of a batch only, not of each of its samples."""
    return record.function is np.reshape and reshapes_without_copy(x, params[0])


def _is_array(x: Handle, record: Record, params: tuple[Any, ...]) -> bool:
    """Tell whether a result without axes is an array, not a number.

    ``x[0]`` of a vector is a number, though one of a batch lies in the memory of ``x``.
    """
    if not x._is_array():
        return False
    if record.function is not operator.getitem:
        return True
    (index,) = params
    return isinstance(index, tuple) and any(type(one) is not int for one in index)


def bind_operands(record: Record, args: Sequence[Value]) -> Value:
    """Apply a record to operands as a user writes them: lists become arrays.

    Returns ``NotImplemented`` for an operand that is no number and no array, so that
    Python asks the other operand, and NumPy raises its own error.
    """
    top = highest_trace(args)
    try:
        operands = [as_operand(arg) for arg in args]
    except AdjointError as error:
        if top is not None:
            top.note(error)
        raise
    if any(operand is NotImplemented for operand in operands):
        return NotImplemented
    return bind(record, operands)


def as_operand(arg: Value) -> Value:
    """Return an operand of a ufunc as a value; ``NotImplemented`` if it cannot be one.

    Raises
    ------
    MissingRuleError
        For matrices and masked arrays: their arithmetic has no rules.
    """
    if isinstance(arg, Handle) or type(arg) in PLAIN:
        return arg
    if isinstance(arg, (np.matrix, np.ma.MaskedArray)):
        msg = (
            f"A traced value met a {type(arg).__name__}{user_line()}, whose arithmetic "
            "has no derivative rules. Use np.asarray of it, and np.where for masks."
        )
        raise MissingRuleError(msg)
    if is_array_like(arg):
        return arg
    if isinstance(arg, (list, tuple)):
        return as_part(arg)
    if isinstance(arg, numbers.Real):
        return float(arg)
    return complex(arg) if isinstance(arg, numbers.Complex) else NotImplemented


def as_part(part: Any) -> Value:
    """Return an array of a list that may hold traced values, at any depth."""
    if hasattr(part, "shape"):
        return part
    if holds_traced(part):
        return np.stack([as_part(one) for one in part])
    return np.asarray(part)


def holds_traced(tree: Any) -> bool:
    """Tell whether a value is a handle, or a nested list or tuple that holds one."""
    if isinstance(tree, Handle):
        return True
    return isinstance(tree, (list, tuple)) and any(map(holds_traced, tree))


def left_in(value: Value) -> Value:
    """Return the plain number or array that a function leaves in a pile of handles."""
    while isinstance(value, Handle):
        value = value.trace.value_left(value)
    return value


def decide(kind: str, test: Callable[..., Any], *values: Value) -> Any:
    """Return ``test(*plain values)``: an answer on which the way of a function hangs.

    A graph that is being recorded notes it as a guard.

    Parameters
    ----------
    kind : str
        What is asked, in a word, for messages.
    test : callable
    *values : value
        Below batches the answer is one for all samples.
    """
    answer = test(*map(strip, values))
    note_decision(kind, test, values, answer)
    return answer


def note_decision(
    kind: str, test: Callable[..., Any], values: Sequence[Value], answer: Any
) -> None:
    """Let every graph that is being recorded below some values note an answer."""
    noted: list[Trace] = []
    for value in values:
        below = value
        while isinstance(below, Handle):
            trace = below.trace
            if trace.records and trace not in noted:
                noted.append(trace)
                operands = [_as_seen_by(trace, one) for one in values]
                trace.decided(kind, test, operands, answer)
            below = below.value


def _as_seen_by(trace: Trace, value: Value) -> Value:
    """Return the handle of a trace in a pile of handles; else what is at the bottom."""
    while isinstance(value, Handle) and value.trace is not trace:
        value = value.value
    return value


def itself(value: Value) -> Value:
    """Return a value."""
    return value


def settle(
    value: Value,
    what: str,
    test: Callable[[Any], Any] = itself,
    kind: str = "value",
) -> Any:
    """Return the plain value below all handles, where Python needs one answer.

    Parameters
    ----------
    value : value
    what : str
        What is asked for, in words; a batch, which has many answers, refuses with it.
    test, kind
        What is made of the plain value, and its name, see `decide`.
    """
    plain = value
    while isinstance(plain, Handle):
        plain = plain.settled(what)
    answer = test(plain)
    if plain is not value:
        note_decision(kind, test, (value,), answer)
    return answer
