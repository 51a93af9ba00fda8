"""Recording: each operation becomes a node of a graph.

A `Recorded` handle carries its value, so that Python's control flow works, and its
node.  Comparisons are operations like any other; what Python makes of them (``bool``)
is noted as a guard.  Python's numbers stay Python's, so that they adapt to the arrays
they meet when the graph is computed again.

The same is done for the variables of ``variables.py``, whose nodes keep their values;
`install` gives both kinds of handles their operators.
"""

import functools
import weakref
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import numpy as np

from adjoint._core.arrays import PLAIN, PYTHON_SCALARS, Value
from adjoint._core.dispatch import Trace, bind_operands
from adjoint._core.errors import AdjointError
from adjoint._core.floating import error_modes
from adjoint._core.graph import Guard
from adjoint._core.handle import Handle
from adjoint._core.nodes import (
    OUTPUT,
    Node,
    carry_out,
    know_implementations,
    make_node,
)
from adjoint._core.operators import (
    BINARY_OPERATORS,
    UNARY_OPERATORS,
    install_operators,
)
from adjoint._core.protocols import Entries
from adjoint._core.record import Record
from adjoint._core.registry import IMPLEMENTATIONS
from adjoint._core.views import is_alone, snapshot, store_below
from adjoint._modes.protect import SMALL
from adjoint._primitives.writing import writing

_new = object.__new__

_OF_NUMBERS: dict[Any, Callable[..., Value]] = {
    ufunc: operation
    for operation, ufunc in (*BINARY_OPERATORS.values(), *UNARY_OPERATORS.values())
}
"""What Python does with its own numbers, which stay weak.

Where an operator met handles of several transforms, its ufunc arrives here.
"""


class Recorded(Handle):
    """A value that is being recorded; ``payload`` is its node."""

    __slots__ = ()

    def __bool__(self) -> bool:
        answer = bool(self.value)
        self.trace.decided("bool", bool, (self,), answer)
        return answer

    def __int__(self) -> int:
        answer = super().__int__()
        self.trace.decided("int", int, (self,), answer)
        return answer

    def __index__(self) -> int:
        answer = super().__index__()
        self.trace.decided("index", int, (self,), answer)
        return answer


class RecordTrace(Trace):
    """One recording of a function.

    Attributes
    ----------
    guards : list of Guard
        What Python was told, in order.
    """

    __slots__ = ("_copies", "_errors", "_noted", "_others", "guards")

    @property
    def mode(self) -> str:
        """What handles print of their transform."""
        return "recorded"

    records: ClassVar[bool] = True
    kind: ClassVar[type[Handle]] = Recorded

    def __init__(self) -> None:
        super().__init__()
        know_implementations(len(IMPLEMENTATIONS))
        self.guards: list[Guard] = []
        self._errors = self._others = error_modes()
        self._noted: set[tuple[Any, ...]] = set()
        self._copies: dict[int, tuple[Any, Any]] = {}

    def lift(self, value: Value, name: str = "") -> Handle:
        """Return a handle for an input."""
        value = self.constant(value)
        kind = type(value) if not hasattr(value, "dtype") else None
        return self.handle(value, make_node(None, None, (), (name, kind), value))

    def handle(self, value: Value, node: Node) -> Handle:
        """Return a handle of a node that is known already."""
        handle = _new(self.kind)
        handle.value = value
        handle.trace = self
        handle.payload = node
        return handle

    def append(
        self,
        out: Value,
        record: Record,
        operation: Callable[..., Value] | None,
        parents: tuple[Any, ...],
        params: tuple[Any, ...] = (),
    ) -> Handle:
        """Return the handle of a result, with a node of its own."""
        if self.closed:
            self.check_open()
        handle = _new(Recorded)
        handle.value = out
        handle.trace = self
        handle.payload = self.node(record, operation, parents, params, out)
        return handle

    def node(
        self,
        record: Record,
        operation: Callable[..., Value] | None,
        parents: tuple[Any, ...],
        params: tuple[Any, ...],
        out: Value,
    ) -> Node:
        """Return a node, with NumPy's error state where the function has set its own.

        It belongs to the equation: within ``np.errstate(all="raise")`` one may fail.
        """
        node = make_node(record, operation, parents, params, out)
        errors = error_modes()
        if errors != self._errors:
            if errors != self._others:
                self._others = errors
            node.errors = self._others
        return node

    def append_call(
        self,
        outs: Sequence[Value],
        record: Record,
        operation: Callable[..., Value] | None,
        parents: tuple[Any, ...],
        params: tuple[Any, ...] = (),
    ) -> tuple[Handle, ...]:
        """Return the handles of the results of one call."""
        outs = tuple(outs)
        return self.results(self.node(record, operation, parents, params, outs), outs)

    def results(self, call: Node, outs: Sequence[Value]) -> tuple[Handle, ...]:
        """Return the handles of the results of a call whose node is known already."""
        return tuple(
            self.append(out, OUTPUT, None, (call,), (k,)) for k, out in enumerate(outs)
        )

    def constant(self, value: Value) -> Value:
        """Return a value as the graph may keep it: a copy of an array, read-only.

        A large array that is met again, and has not changed, is copied once.
        """
        if isinstance(value, Handle):
            return value.value if value.trace.level < 0 else snapshot(value)
        if type(value) is not np.ndarray:
            return value
        if value.nbytes <= SMALL:
            return _copy(value)
        known = self._copies.get(id(value))
        if known is not None and known[0]() is value:
            kept = known[1]()  # of an array, or None
            if kept is not None and kept.tobytes() == value.tobytes():
                return kept
        copy = _copy(value)
        count = len(self._copies)
        if count and not count & (count - 1):  # at powers of two
            items = self._copies.items()
            self._copies = {key: one for key, one in items if one[1]() is not None}
        self._copies[id(value)] = weakref.ref(value), weakref.ref(copy)
        return copy

    def parent(self, arg: Value) -> Any:
        """Return what a node refers to for an argument: a node, or a constant."""
        return arg.payload if self.owns(arg) else self.constant(arg)

    def process(
        self, record: Record, args: Sequence[Value], params: tuple[Any, ...]
    ) -> Value:
        """Carry an operation out on the values, and record it."""
        parents = tuple([self.parent(arg) for arg in args])
        values = [arg.value if self.owns(arg) else arg for arg in args]
        operation = None
        if all(type(value) in PYTHON_SCALARS for value in values):
            operation = _OF_NUMBERS.get(record.function)
        try:
            out = carry_out(record, operation, values, params)
        except Exception as error:
            self.failed(error, record, operation, args, params)
            raise
        if record.outputs > 1:
            return self.append_call(out, record, operation, parents, params)
        return self.append(out, record, operation, parents, params)

    def process_one(self, record: Record, x: Value, params: tuple[Any, ...]) -> Value:
        """Carry out a structural record on a handle of this trace."""
        try:
            out = record.evaluate(x.value, *params)
        except Exception as error:
            self.failed(error, record, None, (x,), params)
            raise
        return self.append(out, record, None, (x.payload,), params)

    def failed(
        self,
        error: Exception,
        record: Record,
        operation: Callable[..., Value] | None,
        args: Sequence[Value],
        params: tuple[Any, ...] = (),
    ) -> None:
        """Note that an operation raised: the function may catch it and go another way.

        ``try: np.linalg.cholesky(a)`` is a question like ``if``.
        """
        if not isinstance(error, AdjointError):
            test = functools.partial(
                _error_of, record, operation, params, error_modes()
            )
            self.decided("error", test, args, type(error).__name__)

    def store(self, x: Handle, index: Any, item: Value) -> bool:
        """Do ``x[index] = item`` in place, if nobody else can see it; tell whether."""
        stored = item
        if isinstance(item, Handle):
            if item.trace is self:
                item = item.value
            elif item.trace.level > self.level:
                return False
            elif item.trace.level < 0:
                stored = item = item.value
        if self.closed or not is_alone(x) or not store_below(x, index, item):
            return False
        parents = (x.payload, self.parent(stored))
        x.payload = self.node(writing, None, parents, (index, None), x.value)
        return True

    def decided(
        self,
        kind: str,
        test: Callable[..., Any],
        operands: Sequence[Value],
        answer: Any,
    ) -> None:
        """Note what Python was told as a guard; of one answer, once."""
        parents = tuple([self.parent(one) for one in operands])
        nodes = tuple([one for one in parents if type(one) is Node])
        if self.closed or not nodes or (kind, test, nodes) in self._noted:
            return
        self._noted.add((kind, test, nodes))
        if isinstance(answer, np.ndarray):
            answer = answer.copy()
        place = make_node(None, None, (), (), 0.0)
        self.guards.append(Guard(kind, test, parents, answer, place.code, place.at))


def _error_of(
    record: Record,
    operation: Callable[..., Value] | None,
    params: tuple[Any, ...],
    errors: Any,
    *args: Value,
) -> str:
    """Return the name of what an operation raises, if it does."""
    try:
        with np.errstate(**errors):
            carry_out(record, operation, args, params)
    except Exception as error:  # noqa: BLE001 - whatever it is
        return type(error).__name__
    return ""


def _copy(array: Any) -> Any:
    copy = array.copy("K")
    copy.flags.writeable = False
    return copy


def install(cls: type[Handle]) -> None:
    """Give a class of recording handles its entries and operators."""

    def make_unary(
        record: Record, function: Callable[..., Value], operation: Any
    ) -> Callable[..., Value]:
        def unary(x: Value) -> Value:
            try:
                out = function(x.value)
            except Exception as error:
                x.trace.failed(error, record, operation, (x,))
                raise
            return x.trace.append(out, record, operation, (x.payload,))

        return unary

    def make_binary(
        record: Record, function: Callable[..., Value], operation: Any
    ) -> Callable[..., Value]:
        def binary(x: Value, y: Value) -> Value:
            a, b = x, y
            if type(x) is cls:
                trace, a, p = x.trace, x.value, x.payload
                if type(y) is cls and y.trace is trace:
                    b, q = y.value, y.payload
                elif type(y) in PLAIN:
                    q = trace.constant(y) if type(y) is np.ndarray else y
                else:
                    return bind_operands(record, (x, y))
            elif type(x) in PLAIN and type(y) is cls:
                trace, b, q = y.trace, y.value, y.payload
                p = trace.constant(x) if type(x) is np.ndarray else x
            else:
                return bind_operands(record, (x, y))
            try:
                out = function(a, b)
            except Exception as error:
                trace.failed(error, record, operation, (x, y))
                raise
            return trace.append(out, record, operation, (p, q))

        return binary

    def make(
        record: Record, function: Callable[..., Value] | None = None
    ) -> Callable[..., Value]:
        """Return the entry of a record, evaluated by ``function`` (an operator)."""
        operation = function
        function = function or record.evaluate
        arity = len(record.reads) if record.outputs == 1 else 0  # none if variadic
        if arity == 1:
            return make_unary(record, function, operation)
        if arity == 2:
            return make_binary(record, function, operation)
        return lambda *args: bind_operands(record, args)

    cls.entries = Entries(make)
    install_operators(cls, make)


install(Recorded)
