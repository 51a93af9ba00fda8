"""Reverse mode: each operation is written on a tape, which is then swept backwards.

`make_unary` and `make_binary` give the fast entries: what runs for ``np.sin(x)`` and
``x * y``, written out from what a record says (see ``entries.py``).  They serve as the
operator methods themselves.  `ReverseTrace.process` does the same for everything else.
"""

import functools
import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from adjoint._core.arrays import PLAIN, Value, shape_of
from adjoint._core.dispatch import Trace, bind, bind_operands
from adjoint._core.elements import gather, setitem
from adjoint._core.handle import Handle
from adjoint._core.operators import install_operators
from adjoint._core.protocols import Entries
from adjoint._core.record import Calculus, Reads, Record, Rule
from adjoint._core.registry import IMPLEMENTATIONS, RECORDS
from adjoint._core.views import is_alone, snapshot, store_below
from adjoint._modes.adapting import constant_entry, past_buffers
from adjoint._modes.entries import binary_source, compile_entry, unary_source
from adjoint._modes.protect import SMALL, Vault
from adjoint._modes.provenance import (
    conditions,
    names_of_conditions,
    note_number,
    rewritten_on_tape,
)
from adjoint._modes.sweep import strong_product
from adjoint._modes.tape import (
    ALIKE,
    CALL,
    DEAD,
    GATHER,
    GENERAL,
    INDEX,
    LEAF,
    ONE_OF_TWO,
    OUTPUT,
    SETITEM,
    STRUCTURAL,
    UNARY,
    Entry,
    find,
    partial_number,
    place,
    pullback_number,
)
from adjoint._modes.undefined import UNDEFINED, warn_if_undefined
from adjoint._primitives.contraction import dot_of_matrices
from adjoint._primitives.rewrites import OF_EXPONENTIALS, REWRITES, SOURCES, Call

_AS_OPERATOR: dict[Callable[..., Any], Callable[..., Any]] = {
    np.add: operator.add,
    np.subtract: operator.sub,
    np.multiply: operator.mul,
    np.negative: operator.neg,
}
"""Operators that give what the ufunc gives, ten times as fast on scalars."""

_FORMS: dict[Callable[..., Any], int] = {operator.getitem: INDEX, gather: GATHER}
"""Forms of structural entries that add to a cotangent in place."""

_NDARRAY: Any = np.ndarray
"""For ``isinstance``: `Any`, since to the type checker no handle could pass for one."""

_NUMBERED = SOURCES - OF_EXPONENTIALS
"""Records whose general entries have a number too: rewrites look for it."""

_numbers: dict[tuple[Record, int], int] = {}


class Taped(Handle):
    """A value on the tape; ``payload`` is its place there."""

    __slots__ = ()


class ReverseTrace(Trace):
    """One reverse-mode transform: its tape, and the plain arrays the tape keeps.

    Parameters
    ----------
    copying : bool
        Whether the tape outlives the transform; see `Vault`.
    """

    __slots__ = ("ops", "vault")

    @property
    def mode(self) -> str:
        """What handles print of their transform."""
        return "reverse mode"

    def __init__(self, *, copying: bool = False) -> None:
        super().__init__()
        self.ops: list[Entry] = []
        self.vault = Vault(copying=copying)

    def lift(self, value: Value) -> Taped:
        """Return a handle for an input."""
        if isinstance(value, _NDARRAY) and not isinstance(value, Handle):
            value = self.vault.keep(value, argument=True)
            shape = value.shape
        else:
            shape = shape_of(value)
        return self.append(value, (0, 0, 0, LEAF, None, None, None, shape))

    def check_open(self) -> None:
        """Raise if nothing can be recorded; a checkpoint that replays can.

        Raises
        ------
        LeakError
            If a handle of this trace is used after the transform returned.
        """
        if self.ops is DEAD:
            super().check_open()

    def is_input(self, x: Handle) -> bool:
        """Tell whether a handle stands for an input, of which the tape has a copy."""
        return self.ops is not DEAD and self.ops[x.payload][3] == LEAF

    def keep(self, value: Value) -> Value:
        """Return what the tape may keep of an operand."""
        if isinstance(value, Handle):
            return snapshot(value)
        return self.vault.keep(value) if isinstance(value, _NDARRAY) else value

    def append(self, out: Value, entry: Entry) -> Taped:
        """Write an entry; return the handle of its result."""
        ops = self.ops
        ops.append(entry)
        k = len(ops) - 1
        handle = Taped()
        handle.value = out
        handle.trace = self
        handle.payload = k if ops[k] is entry else find(ops, entry)
        return handle

    def append_call(
        self,
        outs: Sequence[Value],
        parents: tuple[int, ...],
        pullback: Callable[..., Any],
        form: int = CALL,
    ) -> list[Taped]:
        """Write one entry for a call with several outputs; return their handles."""
        templates = tuple(outs) if form == CALL else None
        call = (0, parents, None, form, None, pullback, templates, None)
        return list(self._append_outputs(outs, call))

    def _append_outputs(self, outs: Sequence[Value], call: Entry) -> tuple[Taped, ...]:
        """Write the entry of a call, and one for each of its outputs."""
        index = place(self.ops, call)
        count = len(outs)
        return tuple(
            self.append(
                out, (0, index, (k, count), OUTPUT, None, None, None, shape_of(out))
            )
            for k, out in enumerate(outs)
        )

    def process_one(self, record: Record, x: Value, params: tuple[Any, ...]) -> Value:
        """Carry out a structural record on a handle of this trace."""
        out = record.evaluate(x.value, *params)
        number = _numbers.get((record, 0)) or rule_number(record, 0)
        form = _FORMS.get(record.function, STRUCTURAL)
        shape = out.shape if type(out) is np.ndarray else shape_of(out)
        return self.append(
            out, (number, x.payload, params, form, None, None, None, shape)
        )

    def process(
        self, record: Record, args: Sequence[Value], params: tuple[Any, ...]
    ) -> Value:
        """Carry an operation out on the values, and write it on the tape."""
        if record.calculus is Calculus.STRUCTURAL:
            return self.process_one(record, args[0], params)
        values = [arg.value if self.owns(arg) else arg for arg in args]
        out = bind(record, values, params)
        if record.calculus is Calculus.CONSTANT:
            return out
        if record.function is setitem:
            return self._append_write(out, *args, *params)
        parents = tuple(
            [
                (position, arg.payload)
                for position, arg in enumerate(args)
                if self.owns(arg) and record.rule(position) is not None
            ]
        )
        if not parents:
            return out
        if record in REWRITES:
            places = tuple(arg.payload if self.owns(arg) else None for arg in args)
            handle = self.rewrite(record, tuple(values), places, out)
            if handle is not None:
                return handle
        kept_out, kept = self._operands(record, parents, args, values, out)
        if record.outputs > 1:
            call = (0, parents, params, GENERAL, kept_out, kept, record, None)
            return self._append_outputs(out, call)
        number = rule_number(record, 0) if record in _NUMBERED else 0
        return self.append(
            out,
            (number, parents, params, GENERAL, kept_out, kept, record, shape_of(out)),
        )

    def rewrite(
        self,
        record: Record,
        values: tuple[Value, ...],
        places: tuple[int | None, ...],
        out: Value,
    ) -> Taped | None:
        """Write the entry of what an operation is differentiated as, if rewritten.

        See `adjoint._primitives.rewrites`.
        """
        call = rewritten_on_tape(self.ops, Call(record, values, places, (), out))
        if call is None:
            return None
        record, kept, flows, params, _, _ = call
        shape = shape_of(out)
        kept_out = out if any(one.out for one in record.reads) else None
        if len(flows) == 2 and flows[1] is None:  # as the entries above would be
            number = rule_number(record, 0)
            entry = (number, flows[0], 0, ONE_OF_TWO, kept_out, *kept, shape)
        else:
            number = rule_number(record, 0) if record in _NUMBERED else 0
            parents = tuple((k, i) for k, i in enumerate(flows) if i is not None)
            entry = (number, parents, params, GENERAL, kept_out, kept, record, shape)
        return self.append(out, entry)

    def _append_write(
        self, out: Value, x: Value, item: Value, index: Any, won: Any
    ) -> Taped:
        old = x.payload if self.owns(x) else -1
        stored = item.payload if self.owns(item) else -1
        write = (index, won, stored)
        return self.append(
            out, (0, old, write, SETITEM, None, None, None, shape_of(out))
        )

    def store(self, x: Handle, index: Any, item: Value) -> bool:
        """Do ``x[index] = item`` in place, if nobody else can see it; tell whether."""
        stored = -1
        # Asked by each mode itself, not by one function: a loop pays for each element.
        if isinstance(item, Handle):
            if item.trace is self:
                stored, item = item.payload, item.value
            elif item.trace.level > self.level:
                return False
            elif item.trace.level < 0:
                item = item.value
        if self.ops is DEAD or not is_alone(x) or not store_below(x, index, item):
            return False
        write = (index, None, stored)
        entry = (0, x.payload, write, SETITEM, None, None, None, x.shape)
        x.payload = place(self.ops, entry)
        return True

    def _operands(
        self,
        record: Record,
        parents: tuple[tuple[int, int], ...],
        args: Sequence[Value],
        values: Sequence[Value],
        out: Value,
    ) -> tuple[Value, tuple[Value, ...]]:
        """Return the result and the arguments as far as the parents' rules read.

        The value of a handle of this trace is never written into: it needs no copy.
        """
        if record.variadic and record.calculus is Calculus.LINEAR:
            return None, ()
        if record.variadic:
            readers = [position for position, _ in parents]
            wanted = Reads(
                out=False,
                args=tuple(
                    [any(k != one for one in readers) for k in range(len(args))]
                ),
            )
        else:
            wanted = _read_by(record, tuple([position for position, _ in parents]))
        kept = [
            (value if self.owns(arg) else self.keep(value)) if read else None
            for read, arg, value in zip(wanted.args, args, values, strict=True)
        ]
        return (out if wanted.out else None), tuple(kept)

    def finish(self) -> list[Entry]:
        """End recording; return the tape.  Handles used from now on raise."""
        entries, self.ops, self.closed = self.ops, DEAD, True
        return entries


@functools.lru_cache(maxsize=512)
def _read_by(record: Record, positions: tuple[int, ...]) -> Reads:
    """Return what the rules of the arguments at some positions read together."""
    reads = [record.reads[position] for position in positions]
    return Reads(
        out=any(one.out for one in reads),
        args=tuple(map(any, zip(*(one.args for one in reads), strict=True))),
    )


def make_unary(
    record: Record, function: Callable[..., Value], *, is_ufunc: bool
) -> Callable[..., Value]:
    """Return the fast entry of a function of one argument.

    ``is_ufunc`` says that the user called a ufunc, not an operator: its result on
    Python floats is a NumPy scalar.
    """
    rule = rule_number(record, 0)
    source = unary_source(
        record,
        function,
        rule,
        is_ufunc=is_ufunc,
        conditions=conditions(record),
        sheds=record.function is np.exp,
    )
    names = {"function": function, **names_of_conditions(record)}
    return compile_entry(source, record.name, {**_NAMES, **names})


def make_binary(
    record: Record,
    function: Callable[..., Value],
    *,
    is_ufunc: bool,
    fallback: Callable[..., Value] | None = None,
) -> Callable[..., Value]:
    """Return the fast entry of a function of two arguments.

    ``fallback`` takes what the entry does not: operands of other levels and types, and
    those for which ``function`` returns ``NotImplemented``.
    """
    left, right = rule_number(record, 0), rule_number(record, 1)
    source = binary_source(
        record, function, left, right, is_ufunc=is_ufunc, conditions=conditions(record)
    )
    names = {"function": function, **names_of_conditions(record)}
    entry = compile_entry(source, record.name, {**_NAMES, **names})
    given_up = fallback or (lambda x, y: bind_operands(record, (x, y)))
    entry.__globals__["fallback"] = past_buffers(entry, Taped, given_up)
    return entry


def make(
    record: Record, function: Callable[..., Value] | None = None
) -> Callable[..., Value]:
    """Return the entry of a record, evaluated by ``function`` (an operator, say)."""
    is_ufunc = function is None
    if function is None:
        function = _AS_OPERATOR.get(record.function, record.evaluate)
    if record.calculus is Calculus.CONSTANT:
        return constant_entry(function, Taped)
    if len(record.reads) == 1:
        return make_unary(record, function, is_ufunc=is_ufunc)
    if len(record.reads) == 2:
        return make_binary(record, function, is_ufunc=is_ufunc)
    return lambda *args: bind_operands(record, args)


def rule_number(record: Record, position: int) -> int:
    """Return the number of a record's rule in the tables of the tape."""
    number = _numbers.get((record, position))
    if number is None:
        rule = record.rule(position)
        if rule is None:
            msg = f"{record.name}: argument {position} has no rule"
            raise TypeError(msg)
        if record.calculus is not Calculus.PARTIALS:
            number = pullback_number(rule)
        elif record.slope_may_be_infinite:
            number = pullback_number(_strong(record, rule))
        else:
            number = partial_number(rule)
        _numbers[record, position] = number
        note_number(number, record, position)
    return number


def _strong(record: Record, partial: Rule) -> Rule:
    """Return the pullback of a slope that may be infinite, or undefined."""

    def pullback(out_bar: Value, out: Value, *args: Value) -> Value:
        return strong_product(out_bar, partial(out, *args))

    def watched(out_bar: Value, out: Value, *args: Value) -> Value:
        product = strong_product(out_bar, partial(out, *args))
        warn_if_undefined(record, product, args)
        return product

    return watched if record in UNDEFINED else pullback


_NAMES: dict[str, Any] = {
    "Taped": Taped,
    "PLAIN": PLAIN,
    "SMALL": SMALL,
    "UNARY": UNARY,
    "ONE_OF_TWO": ONE_OF_TWO,
    "ALIKE": ALIKE,
    "find": find,
    "float64": np.float64,
    "ndarray": np.ndarray,
    "shape_of": shape_of,
}
"""What the source of an entry refers to."""

Taped.entries = Entries(make)
Taped.entries[np.dot] = make_binary(  # spares small matrices the adapter: 0.3 us
    RECORDS[np.dot],
    dot_of_matrices,
    is_ufunc=True,
    fallback=IMPLEMENTATIONS[np.dot],
)
install_operators(Taped, make)
