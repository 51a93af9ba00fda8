"""Forward mode: dual numbers, each value carried together with its tangent.

A dual number ``a + b ε`` with ``ε² = 0`` obeys ``f(a + b ε) = f(a) + f'(a) b ε``, so
that ordinary arithmetic on it is the chain rule (Griewank & Walther 2008, section 3.1).
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np

from adjoint._core.arrays import PLAIN, SCALARS, Value
from adjoint._core.dispatch import Trace, bind, bind_operands, highest_trace
from adjoint._core.elements import setitem
from adjoint._core.floating import silently
from adjoint._core.handle import Handle
from adjoint._core.operators import install_operators
from adjoint._core.protocols import Entries
from adjoint._core.record import Calculus, Record
from adjoint._core.views import is_alone, store_below, store_tangent
from adjoint._modes.adapting import constant_entry
from adjoint._modes.pushforward import match_shape, push
from adjoint._modes.remembered import (
    OF_ITSELF,
    looking_back_at,
    origin_of,
    rewritten_by_origin,
)
from adjoint._modes.sweep import strong_product
from adjoint._modes.undefined import UNDEFINED
from adjoint._primitives.reduction import summation
from adjoint._primitives.rewrites import OF_EXPONENTIALS, OPERAND, REWRITES, SOURCES

_WATCHED = REWRITES.keys() | SOURCES
"""Records that rewrites have to do with."""


class Dual(Handle):
    """A dual number: a primal value and, as ``payload``, its tangent.

    See `adjoint.dual`.  Its ``origin`` says how it was made, where a rewrite of
    derivatives may ask (see ``remembered.py``); whoever changes the value clears it.
    """

    __slots__ = ()

    @property
    def primal(self) -> Value:
        """The value."""
        return self.value

    @property
    def tangent(self) -> Value:
        """The derivative in the direction that was chosen."""
        return self.payload

    def __repr__(self) -> str:
        """Return ``a + b ε``; inside a transform what other handles show as well."""
        if self.trace is DUAL_NUMBERS:
            return str(self)
        return super().__repr__()

    def __format__(self, spec: str) -> str:
        return super().__format__(spec) if spec else str(self)

    def __str__(self) -> str:
        tangent = self.payload
        if isinstance(tangent, Handle):
            return f"{self.value} + {tangent}ε"
        if np.ndim(tangent) == 0 and not np.iscomplexobj(tangent) and tangent < 0:
            return f"{self.value} - {-self.payload}ε"
        return f"{self.value} + {self.payload}ε"


class ForwardTrace(Trace):
    """One forward-mode transform."""

    __slots__ = ()

    @property
    def mode(self) -> str:
        """What handles print of their transform."""
        return "forward mode"

    def lift(self, primal: Value, tangent: Value) -> Dual:
        """Return the dual number of a primal and its tangent."""
        handle = Dual()
        handle.value = primal
        handle.trace = self
        handle.payload = tangent
        handle.origin = None
        return handle

    def store(self, x: Handle, index: Any, item: Value) -> bool:
        """Do ``x[index] = item`` in place, if nobody else can see it; tell whether."""
        dot: Value = 0.0
        if isinstance(item, Handle):
            if item.trace is self:
                item, dot = item.value, item.payload
            elif item.trace.level > self.level:
                return False
            elif item.trace.level < 0:
                item = item.value
        if self.closed or not is_alone(x) or not store_below(x, index, item):
            return False
        x.origin = None
        if not store_tangent(x, index, dot):
            x.payload = setitem(x.payload, dot, index)
        return True

    def process(
        self, record: Record, args: Sequence[Value], params: tuple[Any, ...]
    ) -> Value:
        """Carry an operation out on values and tangents."""
        self.check_open()
        values = [arg.value if self.owns(arg) else arg for arg in args]
        return self.push(record, args, values, params, bind(record, values, params))

    def push(
        self,
        record: Record,
        args: Sequence[Value],
        values: Sequence[Value],
        params: tuple[Any, ...],
        out: Value,
    ) -> Value:
        """Return a result with its tangent; ``values`` are the arguments below."""
        if record.calculus is Calculus.CONSTANT:
            return out
        tangents = [
            arg.payload if self.owns(arg) and record.rule(k) is not None else None
            for k, arg in enumerate(args)
        ]
        if all(tangent is None for tangent in tangents):
            return out
        if record in _WATCHED and (record is not summation or args[0].origin):
            return _lifted_with_origin(
                self, record, args, values, tangents, params, out
            )
        pushed = push(record, out, values, tangents, params)
        if record.outputs > 1:
            return tuple(map(self.lift, out, pushed))
        return self.lift(out, pushed)


def _lifted_with_origin(
    trace: ForwardTrace,
    record: Record,
    args: Sequence[Value],
    values: Sequence[Value],
    tangents: Sequence[Value | None],
    params: tuple[Any, ...],
    out: Value,
) -> Dual:
    """Return a dual number whose tangent is rewritten, or which remembers, or both."""
    call = None
    if record in REWRITES:
        call = rewritten_by_origin(record, args, values, tangents, out)
    if call is not None:
        record, params = call.record, call.params
        args = values = call.args
        tangents = call.flows
    handle = trace.lift(out, push(record, out, values, tangents, params))
    handle.origin = origin_of(record, args, values, tangents, params)
    return handle


DUAL_NUMBERS = ForwardTrace()
"""The trace of dual numbers made by hand: below every transform, never closed.

They are above variables: the dual number of a variable is one.
"""
DUAL_NUMBERS.level = 0.5


def make_unary(record: Record, function: Callable[..., Value]) -> Callable[..., Value]:
    """Return the fast entry of a function of one argument."""
    if record.calculus is not Calculus.PARTIALS:
        return lambda x: _lifted(x, function(x.value), function(x.payload))
    partial: Any = record.rule(0)

    def product(dot: Value, out: Value, a: Value) -> Value:
        return strong_product(dot, partial(out, a))

    term = silently(product)

    def unary(x: Value) -> Value:
        a = x.value
        out = function(a)
        return _lifted(x, out, term(x.payload, out, a))

    def remembering(x: Value) -> Value:
        a, dot = x.value, x.payload
        out = function(a)
        handle = _lifted(x, out, term(dot, out, a))
        handle.origin = (record, a, dot)
        return handle

    entry = remembering if record in SOURCES else unary
    if record not in REWRITES:
        return entry
    sources = REWRITES[record]

    def looking_back(x: Value) -> Value:
        if x.origin is None or x.origin[0] not in sources:
            return entry(x)
        x.trace.check_open()
        a, dot = x.value, x.payload
        return _lifted_with_origin(x.trace, record, (x,), (a,), (dot,), (), function(a))

    return looking_back


def _lifted(x: Value, out: Value, dot: Value) -> Dual:
    """Return a dual number on the trace of ``x``."""
    # As `ForwardTrace.lift`, written out: this runs for each operation.
    trace = x.trace
    if trace.closed:
        trace.check_open()
    handle = Dual()
    handle.value = out
    handle.trace = trace
    handle.payload = dot
    handle.origin = None
    return handle


Pushes: TypeAlias = tuple[
    Callable[..., Value], Callable[..., Value], Callable[..., Value]
]
"""Tangents of a result, from ``(dot, out, a, b)`` for the left or the right argument,
and from ``(left_dot, right_dot, out, a, b)`` for both."""


def _pushes(record: Record, function: Callable[..., Value]) -> Pushes:
    """Return how tangents of two arguments are pushed, decided once for a record."""
    match record.calculus:
        case Calculus.PARTIALS if record not in UNDEFINED:
            by_a: Any = record.rule(0)
            by_b: Any = record.rule(1)
            return (
                silently(lambda p, out, a, b: strong_product(p, by_a(out, a, b))),
                silently(lambda q, out, a, b: strong_product(q, by_b(out, a, b))),
                silently(
                    lambda p, q, out, a, b: (
                        strong_product(p, by_a(out, a, b))
                        + strong_product(q, by_b(out, a, b))
                    )
                ),
            )
        case Calculus.LINEAR if None not in record.rules:  # type: ignore[operator]
            return (
                lambda p, _out, _a, _b: function(p, 0.0),
                lambda q, _out, _a, _b: function(0.0, q),
                silently(lambda p, q, _out, _a, _b: function(p, q)),
            )
        case _:
            return (
                lambda p, out, a, b: push(record, out, (a, b), (p, None), ()),
                lambda q, out, a, b: push(record, out, (a, b), (None, q), ()),
                lambda p, q, out, a, b: push(record, out, (a, b), (p, q), ()),
            )


def make_binary(record: Record, function: Callable[..., Value]) -> Callable[..., Value]:
    """Return the entry of a function of two arguments."""
    left, right, both = _pushes(record, function)
    of_itself, sums = record in OF_ITSELF, record in OF_EXPONENTIALS

    def binary(x: Value, y: Value) -> Value:
        if type(x) is Dual:
            owner, a = x, x.value
            if type(y) is Dual and y.trace is x.trace:
                if of_itself and x is y:
                    return squared(x)
                b = y.value
                out = function(a, b)
                dot = both(x.payload, y.payload, out, a, b)
            elif type(y) in PLAIN:
                if sums and x.origin is not None:
                    return _looked_back(record, function, x, y)
                out = function(a, y)
                dot = left(x.payload, out, a, y)
            else:
                return bind_operands(record, (x, y))
        elif type(x) in PLAIN and type(y) is Dual:
            owner, b = y, y.value
            if sums and owner.origin is not None:
                return _looked_back(record, function, x, y)
            out = function(x, b)
            dot = right(y.payload, out, x, b)
        else:
            return bind_operands(record, (x, y))
        if type(out) is not np.float64:
            dot = match_shape(dot, out)
        return _lifted(owner, out, dot)

    def squared(x: Value) -> Value:
        if x.origin and looks_back(x.origin, x):
            return _looked_back(record, function, x, x)
        a, dot = x.value, x.payload
        out = function(a, a)
        pushed = both(dot, dot, out, a, a)
        if type(out) is not np.float64:
            pushed = match_shape(pushed, out)
        handle = _lifted(x, out, pushed)
        handle.origin = (record, a, a, dot, dot)
        return handle

    looks_back = looking_back_at(record)
    if record in _NOT_FAST:
        return _attentive(record, function, binary)
    return binary


_NOT_FAST = _WATCHED - OF_ITSELF - OF_EXPONENTIALS
"""Records whose entries of two arguments take the care that `_attentive` adds."""


def _attentive(
    record: Record, function: Callable[..., Value], binary: Callable[..., Value]
) -> Callable[..., Value]:
    """Return an entry of two arguments that looks back at one, or remembers both."""
    looks_back, k = looking_back_at(record), OPERAND.get(record, 0)

    def looking_back(x: Value, y: Value) -> Value:
        operand = y if k else x
        if type(operand) is Dual and operand.origin and looks_back(operand.origin, y):
            return _looked_back(record, function, x, y)
        return binary(x, y)

    def remembering(x: Value, y: Value) -> Value:
        if type(x) is not Dual or (x.origin and looks_back(x.origin, y)):
            return _looked_back(record, function, x, y)
        if type(y) in SCALARS:
            handle = binary(x, y)
            handle.origin = (record, x.value, y, x.payload, None)
            return handle
        if type(y) is Dual and y.trace is x.trace:
            handle = binary(x, y)
            handle.origin = (record, x.value, y.value, x.payload, y.payload)
            return handle
        return _looked_back(record, function, x, y)

    return remembering if record in SOURCES else looking_back


def _looked_back(
    record: Record, function: Callable[..., Value], x: Value, y: Value
) -> Value:
    """Carry out a function of two arguments, with all that rewrites ask for."""
    args = (x, y)
    if not all(type(arg) is Dual or type(arg) in PLAIN for arg in args):
        return bind_operands(record, args)
    trace: Any = highest_trace(args)
    trace.check_open()
    values = [arg.value if trace.owns(arg) else arg for arg in args]
    dots = [arg.payload if trace.owns(arg) else None for arg in args]
    out = function(*values)
    return _lifted_with_origin(trace, record, args, values, dots, (), out)


def make(
    record: Record, function: Callable[..., Value] | None = None
) -> Callable[..., Value]:
    """Return the entry of a record, evaluated by ``function`` (an operator, say)."""
    function = function or record.evaluate
    if record.calculus is Calculus.CONSTANT:
        return constant_entry(function, Dual)
    if not record.variadic and len(record.reads) == 1:
        return make_unary(record, function)
    if not record.variadic and len(record.reads) == 2:
        return make_binary(record, function)
    return lambda *args: bind_operands(record, args)


Dual.entries = Entries(make)
install_operators(Dual, make)
