"""The tape (Wengert list) of reverse mode: what an entry is, and the tables of rules.

Each traced operation appends one *entry*, a tuple of eight::

    (rule, i, second, form, out, a, b, shape)

``i`` is the place of the parent on the tape, ``shape`` the shape of the result,
``out``, ``a`` and ``b`` what the rules read (``None`` where they do not).  ``form``
says how to read the rest:

==========  =======================================================  ===============
form        meaning                                                  call
==========  =======================================================  ===============
``j >= 0``  operands at ``i``, ``j``; rules ``rule``, ``second``     as below
UNARY       one operand at ``i``; ``second`` as of ALIKE             ``(out, a)``
ONE_OF_TWO  two operands, only that at ``i`` traced                  ``(out, a, b)``
ALIKE       the same where the result has the shape of the traced    ``(out, a, b)``
            one; ``second`` says what needs no call, or is 0
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
"""

from collections.abc import Callable, Sequence
from typing import Any, NoReturn, TypeAlias

from adjoint._core.arrays import Value
from adjoint._core.errors import LeakError, leak_message

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
ALIKE = -12

HANDED_ON, NEGATED, TIMES_OUT, TIMES_A, TIMES_B = 1, 2, 3, 4, 5
"""What ``second`` may say of the cotangent: as it is, minus it, or times what is kept.

The rule does the same; its number stands in the entry for all who ask for it.
"""

PARTIALS: list[Rule | None] = [None]
PULLBACKS: list[Rule | None] = [None]

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


def parents_of(entry: Entry) -> tuple[int, ...]:
    """Return the places of an entry's operands, whose cotangents it adds to.

    A checkpointed call has none: what it writes again has.
    """
    _, i, second, form, *_ = entry
    if form == LEAF:
        return ()
    if form >= 0:
        return (i, form)
    if form == GENERAL:
        return tuple(parent for _, parent in i)
    if form in {CALL, REPLAY}:
        return tuple(i)
    if form == SETITEM:
        return tuple(place for place in (i, second[2]) if place >= 0)
    return (i,)


def emptied_before(entries: Sequence[Entry], place: int) -> range:
    """Return the places that a checkpointed call has emptied, just before its entry."""
    start = place
    while start and entries[start - 1] is EMPTY:
        start -= 1
    return range(start, place)


def partial_number(partial: Rule) -> int:
    """Enter a partial derivative in the table; return its number."""
    PARTIALS.append(partial)
    return len(PARTIALS) - 1


def pullback_number(pullback: Rule) -> int:
    """Enter a pullback in the table; return its number, negative."""
    PULLBACKS.append(pullback)
    return 1 - len(PULLBACKS)
