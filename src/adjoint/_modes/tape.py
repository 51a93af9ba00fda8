"""The tape (Wengert list) of reverse mode, and the backward sweep over it.

Each traced operation appends one *entry*, a tuple of eight::

    (rule, i, second, form, out, a, b, shape)

``i`` is the place of the parent on the tape, ``shape`` the shape of the result,
``out``, ``a`` and ``b`` what the rules read (``None`` where they do not).  ``form``
says how to read the rest:

==========  =======================================================  ===============
form        meaning                                                  call
==========  =======================================================  ===============
``j >= 0``  operands at ``i``, ``j``; rules ``rule``, ``second``     as below
UNARY       one operand at ``i``                                     ``(out, a)``
ONE_OF_TWO  two operands, only that at ``i`` traced                  ``(out, a, b)``
STRUCTURAL  one operand, ``second`` its parameters                   see `Record`
INDEX       one operand, ``second`` its index: ``x[index]``
GATHER      the same with index arrays, ``second`` as of `gather`
GENERAL     ``i`` pairs (position, parent), ``a`` arguments,         see `Record`
            ``b`` record
CALL        ``i`` parents, ``a`` the pullback,                       ``a(bars)``
            ``b`` templates of outputs
REPLAY      ``a`` a checkpointed call that writes its entries again  ``a(...)``
SETITEM     ``i`` the old array, ``second`` index, winners, and the
            place of what was stored; -1 for what is constant
OUTPUT      output number ``second`` of the call at ``i``
LEAF        an input
==========  =======================================================  ===============

A positive rule number is a partial derivative (`PARTIALS`; the sweep multiplies), a
negative one a pullback (`PULLBACKS`).  Entries hold numbers instead of functions so
that the garbage collector need not follow them: a chain of a million operations costs
0.6 instead of 1.0 us an operation.

The sweep goes once from the last entry to the first and drops each entry when it is
done (Griewank & Walther 2008, section 3.2).  There is no recursion, however long the
chain.
"""

import math
import sys
from collections.abc import Callable, Sequence
from itertools import repeat
from typing import Any, NoReturn, TypeAlias

import numpy as np

from adjoint._core.arrays import Shape, Value, in_domain, unbroadcast
from adjoint._core.dispatch import note_decision, strip
from adjoint._core.elements import add_into, embed, scatter, setitem
from adjoint._core.errors import LeakError, leak_message
from adjoint._core.handle import Handle
from adjoint._core.record import Calculus, Record
from adjoint._modes.batch import Batched
from adjoint._modes.undefined import UNDEFINED, warn_if_undefined
from adjoint._primitives.writing import read_back

Entry: TypeAlias = tuple[Any, Any, Any, Any, Any, Any, Any, Any]
Rule: TypeAlias = Callable[..., Value]

UNARY = -1
ONE_OF_TWO = -2
STRUCTURAL = -3
GENERAL = -4
CALL = -5
REPLAY = -6
OUTPUT = -7
LEAF = -8
INDEX = -9
GATHER = -10
SETITEM = -11

PARTIALS: list[Rule | None] = [None]
PULLBACKS: list[Rule | None] = [None]

_IN_PLACE_ABOVE = 512


_WITH_PARAMETERS = frozenset({STRUCTURAL, INDEX})
_RARE = frozenset({GENERAL, GATHER, CALL, REPLAY, OUTPUT, LEAF, SETITEM})

ESCAPE_MESSAGE = (
    "A traced value from inside a checkpointed call was used outside it (stored in a "
    "list or an attribute, say), where its history is no longer kept. Return it from "
    "the checkpointed function instead."
)


class _DroppedShape:
    """The shape of an entry that was dropped: whoever looks at it gets an error."""

    __slots__ = ()

    def _refuse(self, *_: object) -> NoReturn:
        raise LeakError(ESCAPE_MESSAGE)

    __eq__ = __ne__ = __len__ = __iter__ = __getitem__ = _refuse
    __hash__ = None  # type: ignore[assignment]


EMPTY: Entry = (0, 0, 0, LEAF, None, None, None, _DroppedShape())
"""What stands in the places of entries that a checkpointed call has dropped."""


class DeadTape(list[Entry]):
    """What a finished trace has for a tape: recording on it raises."""

    def append(self, _entry: Entry) -> None:
        """Raise: the transform has ended.

        Raises
        ------
        LeakError
            Always.
        """
        raise LeakError(leak_message())

    def __getitem__(self, _place: Any) -> NoReturn:
        """Raise: the transform has ended.

        Raises
        ------
        LeakError
            Always.
        """
        raise LeakError(leak_message())


DEAD = DeadTape()


def place(ops: list[Entry], entry: Entry) -> int:
    """Append an entry; return its index, even if other threads append meanwhile."""
    ops.append(entry)
    k = len(ops) - 1
    return k if ops[k] is entry else find(ops, entry)


def find(ops: list[Entry], entry: Entry) -> int:
    """Return where an entry just appended went: other threads may have appended too."""
    k = len(ops) - 1
    while ops[k] is not entry:
        k -= 1
    return k


def partial_number(partial: Rule) -> int:
    """Enter a partial derivative in the table; return its number."""
    PARTIALS.append(partial)
    return len(PARTIALS) - 1


def pullback_number(pullback: Rule) -> int:
    """Enter a pullback in the table; return its number, negative."""
    PULLBACKS.append(pullback)
    return 1 - len(PULLBACKS)


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
        flat = value if value.ndim == 1 else value.reshape(-1)
        return math.isfinite(flat.dot(flat))
    if isinstance(value, Handle):
        finite = _all_finite(strip(value))
        if finite:  # where it is not, what is done then is right in either case
            note_decision("finite", _all_finite, (value,), finite)
        return finite
    if getattr(value, "dtype", np.dtype(float)).kind not in "fc":
        return True  # an array of objects
    return bool(np.all(np.isfinite(value)))


@np.errstate(all="ignore")  # one state for the whole sweep; the primal kept the user's
def sweep(entries: list[Entry], bars: list[Value], stop: int) -> None:
    """Carry cotangents back from the last entry to entry ``stop``.

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
                if rule > 0:
                    q = bar * partials[rule](out, a)
                else:
                    q = pullbacks[-rule](bar, out, a)
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
                    q = pullbacks[-second](bar, out, a, b)
                shape = entries[form][7]
                if q.shape != shape:
                    q = unbroadcast(q, shape)
                p = bars[form]
                bars[form] = q if p is None else accumulate(p, q)
                shape = entries[i][7]
                if rule > 0:
                    q = bar * partials[rule](out, a, b)
                else:
                    q = pullbacks[-rule](bar, out, a, b)
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


@np.errstate(all="ignore")
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


def is_finite(bars: list[Value]) -> bool:
    """Tell whether no cotangent is inf or nan."""
    for bar in bars:  # noqa: SIM110 - a generator costs 0.2 us, on each gradient
        if bar is not None and not _all_finite(bar):
            return False
    return True


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
    """Add a cotangent to that of the entry at ``place``."""
    if np.shape(q) != shape:
        q = unbroadcast(q, shape)
    p = bars[place]
    bars[place] = q if p is None else accumulate(p, q)


def _fill(given: list[Value], templates: tuple[Value, ...]) -> list[Value]:
    """Return the cotangents of a call's outputs, zeros for those not used."""
    return [
        np.zeros_like(template) if bar is None else in_domain(bar, template)
        for bar, template in zip(given, templates, strict=True)
    ]


def accumulate(p: Value, q: Value) -> Value:
    """Return ``p + q``, in the memory of a large ``p`` that nobody else holds."""
    if (
        type(p) is np.ndarray
        and p.size > _IN_PLACE_ABOVE
        and sys.getrefcount(p) <= _SOLE_OWNER
        and p.base is None
        and type(q) is np.ndarray
        and p.dtype == q.dtype
    ):
        return np.add(p, q, out=p)
    return p + q


def add_at(p: Value, bar: Value, shape: Shape, params: tuple[Any, ...]) -> Value:
    """Return ``p`` with ``bar`` added at an index; in place where nobody else holds it.

    In place, a loop that reads ``x[0], x[1], ...`` costs the same for each element
    however long ``x`` is.
    """
    if (
        type(p) is np.ndarray
        and sys.getrefcount(p) <= _SOLE_OWNER
        and p.base is None
        and not isinstance(bar, Handle)
        and p.dtype == bar.dtype
    ):
        p[params[0]] += bar
        return p
    if (
        type(p) is Batched
        and sys.getrefcount(p) <= _SOLE_OWNER
        and _add_below(p, bar, params[0])
    ):
        return p
    embedded = embed(bar, shape, params[0])
    return embedded if p is None else p + embedded


def _add_below(p: Value, bar: Value, index: Any) -> bool:
    """Add to the array at the bottom of a batch, or of batches of batches.

    Returns whether it could be done: every handle and the array held once only.
    """
    axes = 0
    while type(p) is type(bar) is Batched and p.trace is bar.trace:
        p, bar = p.value, bar.value
        axes += 1
        if sys.getrefcount(p) > _IN_ONE_SLOT:
            return False
    if type(p) is not np.ndarray or p.base is not None or type(bar) is not np.ndarray:
        return False
    if p.dtype != bar.dtype:
        return False
    places = index if isinstance(index, tuple) else (index,)
    p[(slice(None),) * axes + places] += bar
    return True


def add_gathered(p: Value, bar: Value, shape: Shape, params: tuple[Any, ...]) -> Value:
    """Return ``p`` with ``bar`` added at index arrays, whose places may repeat."""
    if (
        type(p) is np.ndarray
        and sys.getrefcount(p) <= _SOLE_OWNER
        and p.base is None
        and not isinstance(bar, Handle)
        and p.dtype == bar.dtype
    ):
        index, distinct = params
        if distinct:
            p[index] += bar
        else:
            add_into(p, index, bar)
        return p
    scattered = scatter(bar, shape, *params)
    return scattered if p is None else p + scattered


def _calibrate() -> int:
    """Return the reference count `accumulate` sees of an array only ``bars`` holds.

    -1, which nothing reaches, where counts are not exact (free-threaded builds).
    """
    if not getattr(sys, "_is_gil_enabled", lambda: True)():
        return -1

    def count(p: Value, q: Value) -> int:
        return sys.getrefcount(p) if q is None else -1

    bars = [np.zeros(1)]
    p = bars[0]
    return count(p, None)


_SOLE_OWNER = _calibrate()


def _calibrate_sweep() -> int:
    """Return the reference count `sweep` sees of a cotangent only it holds."""
    if _SOLE_OWNER < 0:
        return -1
    bars = [np.zeros(1)]
    bar = bars.pop()
    return sys.getrefcount(bar)


_HELD_BY_SWEEP = _calibrate_sweep()


def _calibrate_slot() -> int:
    """Return the reference count `_add_below` sees of what one attribute holds."""
    if _SOLE_OWNER < 0:
        return -1
    handle = object.__new__(Batched)
    handle.value = np.zeros(1)
    p = handle.value
    return sys.getrefcount(p)


_IN_ONE_SLOT = _calibrate_slot()
