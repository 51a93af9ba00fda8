"""The backward sweep over the tape: cotangents carried from results to inputs.

The sweep goes once from the last entry to the first and drops each entry when it is
done (Griewank & Walther 2008, section 3.2).  There is no recursion, however long the
chain.
"""

import math
import sys
from collections.abc import Sequence
from itertools import repeat
from typing import Any

import numpy as np

from adjoint._core.arrays import Shape, Value, in_domain, unbroadcast
from adjoint._core.counts import EXACT_COUNTS
from adjoint._core.dispatch import note_decision
from adjoint._core.elements import setitem
from adjoint._core.errors import LeakError, ShapeError
from adjoint._core.finiteness import is_known_finite, sum_of_squares
from adjoint._core.floating import silently
from adjoint._core.handle import Handle, strip
from adjoint._core.record import Calculus, Record
from adjoint._modes.accumulation import accumulate, add_at, add_gathered
from adjoint._modes.tape import (
    ALIKE,
    CALL,
    ESCAPE_MESSAGE,
    GATHER,
    GENERAL,
    HANDED_ON,
    INDEX,
    LEAF,
    ONE_OF_TWO,
    OUTPUT,
    PARTIALS,
    PULLBACKS,
    REPLAY,
    SETITEM,
    STRUCTURAL,
    TIMES_A,
    TIMES_B,
    TIMES_OUT,
    UNARY,
    Entry,
)
from adjoint._modes.undefined import UNDEFINED, warn_if_undefined
from adjoint._primitives.arithmetic import same
from adjoint._primitives.writing import read_back

_WITH_PARAMETERS = frozenset({STRUCTURAL, INDEX})
_RARE = frozenset({GENERAL, GATHER, CALL, REPLAY, OUTPUT, LEAF, SETITEM})


def strong_product(bar: Value, slope: Value) -> Value:
    """Return ``bar * slope``, with 0 where one is 0 and the other not finite.

    ``sqrt`` has slope inf at 0.  If nothing downstream depends on it (``bar`` is
    exactly 0), it contributes 0, not nan.  With finite factors the plain product
    stands, so that derivatives of derivatives see it.
    """
    product = bar * slope
    if _all_finite(product):
        return product
    dead = (bar == 0) & ~np.isfinite(slope) | (slope == 0) & ~np.isfinite(bar)
    # Both factors are masked too: a derivative of this product must not meet them.
    return np.where(dead, 0.0, np.where(dead, 0.0, bar) * np.where(dead, 0.0, slope))


def _all_finite(value: Value) -> bool:
    """Tell whether no element is inf or nan (may say no when the squares overflow)."""
    if type(value) is np.float64:
        return math.isfinite(value)
    if type(value) is np.ndarray and value.dtype.kind == "f":
        return _has_finite_square(value)
    if isinstance(value, Handle):
        finite = _all_finite(strip(value))
        if finite:  # where it is not, what is done then is right in either case
            note_decision("finite", _all_finite, (value,), finite)
        return finite
    if getattr(value, "dtype", np.dtype(float)).kind not in "fc":
        return True  # an array of objects
    return bool(np.all(np.isfinite(value)))


@silently  # squares may overflow, or underflow, where the numbers do not
def _has_finite_square(array: Any) -> bool:
    """Tell whether the sum of the squares of real elements is finite."""
    return math.isfinite(sum_of_squares(array))


@silently  # one state for the whole sweep; the primal kept the user's
def sweep(entries: list[Entry], bars: list[Value], stop: int) -> bool:
    """Carry cotangents back from the last entry to entry ``stop``.

    Returns whether those that arrive there are finite.

    Parameters
    ----------
    entries : list of tuple
        The tape; emptied down to the first ``stop`` entries.
    bars : list
        One cotangent, or ``None``, per entry; holds the result in its first ``stop``
        places.
    stop : int
        How many entries (the inputs) are left alone.
    """
    pop_entry = entries.pop
    pop_bar = bars.pop
    partials: list[Any] = PARTIALS
    pullbacks: list[Any] = PULLBACKS
    while len(entries) > stop:  # more than once only if a checkpointed call replays
        for _turn in repeat(None, len(entries) - stop):
            entry = pop_entry()
            rule, i, second, form, out, a, b, _ = entry
            bar = pop_bar()
            if bar is None:
                continue
            if form == UNARY:
                if second:
                    q = bar * out if second == TIMES_OUT else -bar
                elif rule > 0:
                    q = bar * partials[rule](out, a)
                else:
                    q = pullbacks[-rule](bar, out, a)
                p = bars[i]
                bars[i] = q if p is None else accumulate(p, q)
                continue
            if form == ALIKE:
                if second:
                    if second == HANDED_ON:
                        q = bar
                    elif second == TIMES_B:
                        q = bar * b
                    elif second == TIMES_A:
                        q = bar * a
                    else:
                        q = -bar
                elif rule > 0:
                    q = bar * partials[rule](out, a, b)
                else:
                    q = pullbacks[-rule](bar, out, a, b)
                p = bars[i]
                bars[i] = q if p is None else accumulate(p, q)
                continue
            if form == ONE_OF_TWO:
                shape = entries[i][7]
                if rule > 0:
                    q = bar * partials[rule](out, a, b)
                else:
                    q = pullbacks[-rule](bar, out, a, b)
            elif form >= 0:
                if second > 0:
                    q = bar * partials[second](out, a, b)
                else:
                    pull = pullbacks[-second]
                    q = bar if pull is same else pull(bar, out, a, b)
                shape = entries[form][7]
                if q.shape != shape:
                    q = unbroadcast(q, shape)
                p = bars[form]
                bars[form] = q if p is None else accumulate(p, q)
                shape = entries[i][7]
                if rule > 0:
                    q = bar * partials[rule](out, a, b)
                else:
                    pull = pullbacks[-rule]
                    q = bar if pull is same else pull(bar, out, a, b)
            elif form == STRUCTURAL:
                shape = entries[i][7]
                q = pullbacks[-rule](bar, shape, *second)
            elif form == INDEX:
                p = bars[i]
                bars[i] = add_at(p, bar, entries[i][7], second)
                continue
            elif form == SETITEM:
                sole = sys.getrefcount(bar) <= _HELD_BY_SWEEP
                pull_write(bar, i, second, entries, bars, sole=sole)
                continue
            else:
                pull_rare(entry, bar, entries, bars)
                continue
            if q.shape != shape:
                q = unbroadcast(q, shape)
            p = bars[i]
            bars[i] = q if p is None else accumulate(p, q)
    return _are_finite(bars)


@silently
def careful_sweep(entries: list[Entry], bars: list[Value], stop: int) -> None:
    """Do what `sweep` does, with every product a `strong_product`.

    For tapes on which the plain sweep met 0 times infinity, such as that of
    ``np.where(x > 0, x * np.log(x), 0.0)`` at 0.
    """
    while len(entries) > stop:
        entry, bar = entries.pop(), bars.pop()
        rule, i, second, form, out, a, b, _ = entry
        if bar is None:
            continue
        if form in _RARE:
            pull_rare(entry, bar, entries, bars)
            continue
        operands: tuple[Value, ...] = (out, a) if form == UNARY else (out, a, b)
        edges = [(rule, i), (second, form)] if form >= 0 else [(rule, i)]
        for number, place in edges:
            shape = entries[place][7]
            pull: Any = PARTIALS[number] if number > 0 else PULLBACKS[-number]
            if number > 0:
                q = strong_product(bar, pull(*operands))
            elif form in _WITH_PARAMETERS:
                q = pull(bar, shape, *second)
            else:
                q = pull(bar, *operands)
            add_to(bars, place, q, shape)


def _are_finite(bars: list[Value]) -> bool:
    """Tell whether no cotangent is inf or nan; where nothing warns."""
    for bar in bars:
        if type(bar) is np.ndarray and bar.dtype.kind == "f":
            if not is_known_finite(bar) and not math.isfinite(sum_of_squares(bar)):
                return False
        elif bar is not None and not _all_finite(bar):
            return False
    return True


is_finite = silently(_are_finite)
"""The same where something might."""


def pull_rare(
    entry: Entry, bar: Value, entries: list[Entry], bars: list[Value]
) -> None:
    """Carry a cotangent back through one entry of the rarer forms."""
    _, i, second, form, out, a, b, _ = entry
    if form == GENERAL:
        if b.shared is None:
            for position, parent in i:
                q = pull_general(b, position, bar, out, a, second)
                add_to(bars, parent, q, entries[parent][7])
            return
        given = b.shared([position for position, _ in i], bar, out, *a, *second)
        for (_, parent), q in zip(i, given, strict=True):
            add_to(bars, parent, q, entries[parent][7])
    elif form == GATHER:
        p = bars[i]
        bars[i] = add_gathered(p, bar, entries[i][7], second)
    elif form == SETITEM:
        pull_write(bar, i, second, entries, bars, sole=False)
    elif form == OUTPUT:
        if bars[i] is None:
            bars[i] = [None] * second[1]
        bars[i][second[0]] = bar
    elif form == CALL:
        for parent, q in zip(i, a(_fill(bar, b)), strict=True):
            if q is not None:
                add_to(bars, parent, q, entries[parent][7])
    elif form == REPLAY:
        a(bar, entries, bars)
    else:
        raise LeakError(ESCAPE_MESSAGE)


def pull_write(
    bar: Value,
    old: int,
    write: tuple[Any, Any, int],
    entries: list[Entry],
    bars: list[Value],
    *,
    sole: bool,
) -> None:
    """Carry a cotangent back through ``x[index] = item``.

    Where nobody else holds it (``sole``) it is cleared in place, so that a loop that
    fills an array costs the same for each element however long the array is.
    """
    index, won, stored = write
    if stored >= 0:
        q = read_back(bar, None, None, None, index, won)
        if type(q) is np.ndarray and q.base is not None:
            q = q.copy()
        add_to(bars, stored, q, entries[stored][7])
    if old < 0:
        return
    if sole and type(bar) is np.ndarray and bar.base is None and bar.flags.writeable:
        bar[index] = 0.0
    else:
        bar = setitem(bar, 0.0, index)
    add_to(bars, old, bar, entries[old][7])


def pull_all(
    record: Record,
    positions: Sequence[int],
    bar: Value,
    out: Value,
    args: tuple[Value, ...],
    params: tuple[Any, ...],
) -> list[Value]:
    """Return the cotangents of the arguments at ``positions``."""
    if record.shared is not None:
        return list(record.shared(positions, bar, out, *args, *params))
    return [pull_general(record, k, bar, out, args, params) for k in positions]


def pull_general(
    record: Record,
    position: int,
    bar: Value,
    out: Value,
    args: tuple[Value, ...],
    params: tuple[Any, ...],
) -> Value:
    """Return the cotangent of one argument of a record, by the record's own rule."""
    rule = record.rule(position)
    if rule is None:
        return np.zeros_like(args[position])
    if record.variadic and record.calculus is Calculus.LINEAR:
        return rule(bar, *params)
    if record.calculus is not Calculus.PARTIALS:
        return rule(bar, out, *args, *params)
    product = strong_product(bar, rule(out, *args))
    if record in UNDEFINED:
        warn_if_undefined(record, product, args)
    return product


def add_to(bars: list[Value], place: int, q: Value, shape: Shape) -> None:
    """Add a cotangent to that of the entry at ``place``.

    Raises
    ------
    ShapeError
        If its shape is not that of the entry, or broadcast from it.
    """
    if np.shape(q) != shape:
        q = _summed(q, shape)
    p = bars[place]
    bars[place] = q if p is None else accumulate(p, q)


def _summed(q: Value, shape: Shape) -> Value:
    """Return a cotangent summed to a shape.

    Raises
    ------
    ShapeError
        If it cannot be: a rule of the user's own is wrong.
    """
    found = np.shape(q)
    if len(found) >= len(shape):
        q = unbroadcast(q, shape)
        if np.shape(q) == shape:
            return q
    msg = (
        f"A pullback returned a cotangent of shape {found} for an argument of shape "
        f"{shape}. It should have the shape of the argument."
    )
    raise ShapeError(msg)


def _fill(given: list[Value], templates: tuple[Value, ...]) -> list[Value]:
    """Return the cotangents of a call's outputs, zeros for those not used."""
    return [
        np.zeros_like(template) if bar is None else in_domain(bar, template)
        for bar, template in zip(given, templates, strict=True)
    ]


def _calibrate_sweep() -> int:
    """Return the reference count `sweep` sees of a cotangent only it holds."""
    if not EXACT_COUNTS:
        return -1
    bars = [np.zeros(1)]
    bar = bars.pop()
    return sys.getrefcount(bar)


_HELD_BY_SWEEP = _calibrate_sweep()
