"""How a value on the tape was made, for the derivative rewrites.

The tape tells: the handle of an operand knows its place, and the entry there holds the
number of its rule.  So a function whose derivative may be rewritten (``square``,
``sqrt`` ...) looks at that one number when it runs, and all others pay nothing.  Only
where the number belongs to a record of the table is the entry read in full, here.
"""

from typing import Any

from adjoint._core.record import Record
from adjoint._modes.tape import ALIKE, GENERAL, ONE_OF_TWO, STRUCTURAL, UNARY, Entry
from adjoint._primitives.arithmetic import float_power, multiply, power
from adjoint._primitives.exponential import exp, log
from adjoint._primitives.rewrites import (
    AT_ANY_POWER,
    FLOATS,
    OF_EXPONENTIALS,
    OPERAND,
    REWRITES,
    SOURCES,
    Call,
    in_range,
    rewritten,
)

MAKERS: dict[int, tuple[Record, int]] = {}
"""Record and position of the rule numbers that belong to the table."""

LOOKED_FOR: dict[Record, set[int]] = {record: set() for record in REWRITES}
"""The numbers that each function with rewrites looks for in its operand's entry."""

EXPONENTIALS: set[int] = set()
"""The numbers of the rules of ``exp``."""

KINKS: set[int] = set()
"""The numbers that a power looks for whatever its exponent."""


def note_number(number: int, record: Record, position: int) -> None:
    """Note whose rule a number is."""
    if record not in SOURCES:
        return
    MAKERS[number] = (record, position)
    if record is exp:
        EXPONENTIALS.add(number)
    if record in AT_ANY_POWER:
        KINKS.add(number)
    for consumer, rewrites in REWRITES.items():
        if record in rewrites:
            LOOKED_FOR[consumer].add(number)


def conditions(record: Record) -> dict[str, str]:
    """Return when the entry of a record is to look for a rewrite, per branch.

    In the words of the sources in ``entries.py``: ``sources`` are the numbers looked
    for, ``exps`` those of ``exp``.
    """
    if record not in REWRITES:
        return {}
    x = "xy"[OPERAND[record]]
    condition = f"ops[{x}.payload][0] in sources"
    if REWRITES[record].keys() <= OF_EXPONENTIALS:
        value = "a" if record is log else "b, above_zero=False"
        condition += (
            f" and ops[ops[{x}.payload][1]][0] in exps and not in_range({value})"
        )
    if record in {power, float_power}:
        made = f"ops[{x}.payload]"
        halves = (f"type({p}) in floats and {p} == 0.5" for p in ("b", f"{made}[6]"))
        condition += f" and ({made}[0] in kinks or {' or '.join(halves)})"
    if record is multiply:
        return {"both": f"x is y and {condition}"}
    if len(record.reads) == 1:
        return {"one": condition}
    return (
        {"left": condition} if x == "x" else dict.fromkeys(("both", "right"), condition)
    )


def names_of_conditions(record: Record) -> dict[str, Any]:
    """Return what these conditions refer to."""
    if record not in REWRITES:
        return {}
    return {
        "record": record,
        "sources": LOOKED_FOR[record],
        "exps": EXPONENTIALS,
        "in_range": in_range,
        "kinks": KINKS,
        "floats": FLOATS,
    }


def rewritten_on_tape(ops: list[Entry], call: Call) -> Call | None:
    """Return the call to differentiate in the place of another, if there is one.

    ``flows`` of a call are places on the tape.
    """
    place = call.flows[OPERAND[call.record]]
    if call.record is multiply and place != call.flows[1]:
        return None
    made = None if place is None else call_at(ops, place)
    if made is None or made.record not in REWRITES[call.record]:
        return None
    return rewritten(call, made)


def call_at(ops: list[Entry], place: int) -> Call | None:
    """Return the call that an entry stands for, if the table knows its record."""
    number, i, second, form, out, a, b, _ = ops[place]
    if number not in MAKERS:
        return None
    record, position = MAKERS[number]
    params: tuple[Any, ...] = ()
    args: tuple[Any, ...] = (a, b)
    flows: tuple[Any, ...]
    if form == GENERAL:
        found = dict(i)
        record, args, params = b, a, second
        flows = tuple(found.get(k) for k in range(len(args)))
        i = i[0][1]
    elif form == UNARY:
        args, flows = (a,), (i,)
    elif form == STRUCTURAL:
        args, flows, params = (None,), (i,), second
    elif form in {ONE_OF_TWO, ALIKE}:
        flows = (None, i) if position else (i, None)
    else:
        flows = (i, form)
    return Call(record, args, flows, params, out, lambda: call_at(ops, i))
