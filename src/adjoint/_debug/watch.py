"""The watch that stops at the first operation whose result is not finite.

Of a value it stops at once, where the user's function is.  What derivatives compute is
noted first, and raised when the transform ends with something that is not finite: an
infinity on the way may yet meet an exact zero, and then the gradient is right.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from adjoint._core.arrays import Value
from adjoint._core.errors import NonFiniteError, NonFiniteWarning, warn_the_user
from adjoint._core.handle import Handle
from adjoint._core.record import Layout, Record
from adjoint._debug.finite import all_finite, has_nan, made_in, plain, staying
from adjoint._debug.message import Happened, error_of, given_text
from adjoint._debug.unused import warn_of_unused
from adjoint._modes.sites import Here, deriving, here, tells_where
from adjoint._modes.tape import (
    CALL,
    GATHER,
    GENERAL,
    INDEX,
    OUTPUT,
    REPLAY,
    SETITEM,
    STRUCTURAL,
    Entry,
    parents_of,
)
from adjoint._modes.watched_forward import WatchedForward
from adjoint._modes.watched_reverse import WatchedReverse
from adjoint._modes.watching import Backward, Watch


class Note(NamedTuple):
    """What is known of an entry: where it was written, and of which operands."""

    here: Here
    record: Record | None
    operands: tuple[Value, ...]


class FiniteWatch(Watch):
    """Stops at the first operation that makes NaN or infinity of finite numbers.

    Parameters
    ----------
    nan, inf : bool
        What to stop at.
    inputs : bool
        Whether to warn of arguments that do not influence the result.
    """

    batches = True

    def __init__(self, *, nan: bool, inf: bool, inputs: bool) -> None:
        super().__init__()
        self.nan = nan
        self.inf = inf
        self.inputs = inputs
        self._tainted = False
        # By the level of the transform: what was noted first, and what is to blame for
        # a cotangent (by its place) or a tangent (by its identity; it is kept alive).
        self._pending: dict[float, NonFiniteError] = {}
        self._blamed: dict[float, dict[int, tuple[NonFiniteError, Value]]] = {}

        self._given: dict[float, str] = {}  # the first nan given, by the level

    # Values

    def lifted(self, value: Value) -> None:
        """See an input."""
        self._tainted = self._tainted or not all_finite(value)

    def begin_write(self, x: Handle, index: Any) -> Any:
        """Return where an array that is written into is not finite, and stays so."""
        return staying(x, index)

    def made(
        self,
        before: Any,
        record: Record | None,
        args: Sequence[Value],
        out: Any,
        place: int | None = None,
    ) -> None:
        """Check the result of an operation."""
        found = here()
        trace = out.trace
        if place is not None:
            self._note(trace, place, Note(found, record, tuple(args)))
        if not all_finite(out.value):
            index = self._made(out.value, args, record, before)
            if index is None and trace.level not in self._given:
                given = given_text(found, record, args)
                if given:
                    self._given[trace.level] = given
            if index is None or (record is None and self._tainted):
                self._tainted = True
            else:
                phase = "forward"
                error = self._error(found, record, index, args, out.value, phase)
                if not found.derived:
                    raise out.remember(error)
                self._pending.setdefault(trace.level, error)
        if place is None and not all_finite(out.payload):
            dots = [arg.payload for arg in args if trace.owns(arg)]
            index = self._made(out.payload, [*args, *dots], record)
            cause = None
            if index is not None:
                cause = self._error(found, record, index, args, out.payload, "tangent")
            self._blame(trace.level, id(out.payload), out.payload, cause, map(id, dots))

    def _blame(
        self,
        level: float,
        key: int,
        value: Value,
        error: NonFiniteError | None,
        sources: Iterable[int],
    ) -> None:
        """Note what is to blame for a derivative: an error, or that of its sources."""
        blamed = self._blamed.setdefault(level, {})
        if error is not None:
            self._pending.setdefault(level, error)
            blamed.setdefault(key, (error, value))
        for source in sources:
            if source in blamed:
                blamed.setdefault(key, (blamed[source][0], value))

    def _to_raise(
        self, level: float, derivatives: Iterable[tuple[int, Value]]
    ) -> NonFiniteError | None:
        """Return what is to blame for derivatives that are not finite, if any are.

        They come with their keys.
        """
        first = self._pending.pop(level, None)
        blamed = self._blamed.pop(level, {})
        bad = [key for key, one in derivatives if not (one is None or all_finite(one))]
        if first is None or not bad:
            return None
        for key in bad:
            if key in blamed:
                return blamed[key][0]
        # A tangent may be returned as another array: the last one is on the way to it.
        return next(reversed(blamed.values()))[0] if blamed else first

    def batched(
        self, before: Any, record: Record, args: Sequence[Value], out: Any
    ) -> None:
        """Check the result of an operation on a batch of plain numbers.

        What is below other transforms is seen there, and what derivatives compute when
        they are computed.
        """
        if isinstance(out.value, Handle) or all_finite(out):
            return
        found = here()
        index = None if found.derived else self._made(out, args, record, before)
        if index is not None:
            raise out.remember(self._error(found, record, index, args, out, "forward"))

    def _made(
        self,
        out: Value,
        operands: Sequence[Value],
        record: Record | None,
        before: Any = None,
    ) -> Any:
        elementwise = record is not None and record.layout is Layout.ELEMENTWISE
        return made_in(
            out,
            operands,
            elementwise=elementwise,
            nan=self.nan,
            inf=self.inf,
            before=before,
        )

    def _note(self, trace: WatchedReverse, place: int, note: Note) -> None:
        """Keep what is needed to tell of the entry at a place of a tape.

        Operands are kept where a slope can be infinite; holding on to others would make
        writes into them copy.  Their values are, as they are now: handles would hold on
        to the trace, which would live on as a cycle.
        """
        record = note.record
        operands: tuple[Value, ...] = ()
        if record is not None and record.slope_may_be_infinite:
            operands = tuple(
                arg.value if trace.owns(arg) else arg for arg in note.operands
            )
        trace.annotate(place, note._replace(operands=operands))

    def _error(
        self,
        found: Here,
        record: Record | None,
        index: tuple[int, ...],
        operands: Sequence[Value],
        out: Value,
        phase: str,
    ) -> NonFiniteError:
        return error_of(Happened(found, record, index, tuple(operands), out, phase))

    # Derivatives

    def sweep(self, back: Backward) -> None:
        """Carry cotangents back, entry by entry, and check what each adds."""
        _sweep_checking(self, back._replace(careful=True))
        level, bars = back.trace.level, back.bars[: back.stop]
        error = self._to_raise(level, enumerate(bars))
        if error is not None:
            raise error
        self._warn_of_given(level, bars)
        if self.inputs:
            warn_of_unused(back.inputs, [bar is None for bar in bars])

    def checked(
        self, trace: WatchedReverse, place: int, bar: Value, entry: Entry, after: Any
    ) -> None:
        """Note derivatives of an entry that are not finite, and what is to blame.

        ``after`` has the place of a cotangent, it, and where it was not finite before.
        """
        note = trace.sites.get(place) or Note(Here(None, ""), None, ())
        kept = _kept(entry)
        for k, total, before in after:
            if total is None or isinstance(total, list) or all_finite(total):
                continue
            index = self._made(total, [bar, *kept], note.record, before)
            error = None
            if index is not None:
                operands = note.operands or kept
                error = self._error(
                    note.here, note.record, index, operands, total, "backward"
                )
            self._blame(trace.level, k, None, error, (place,))

    def moved(self, trace: WatchedReverse, place: int, entry: Entry) -> None:
        """Pass on what is to blame for a cotangent that an entry moves."""
        if place in self._blamed.get(trace.level, ()):
            _, i, second, form, *_ = entry
            targets = (
                (i,) if form == OUTPUT else (i, second[2]) if form == SETITEM else ()
            )
            for k in targets:
                self._blame(trace.level, k, None, None, (place,))

    def pushed(self, trace: WatchedForward, tangents: Sequence[Value]) -> None:
        """Raise what was noted, if tangents are not finite."""
        error = self._to_raise(trace.level, ((id(dot), dot) for dot in tangents))
        if error is not None:
            raise error
        self._warn_of_given(trace.level, tangents)

    def _warn_of_given(self, level: float, derivatives: Sequence[Value]) -> None:
        """Warn of derivatives that are nan since the function was given nan."""
        given = self._given.pop(level, None)
        if given and any(bar is not None and has_nan(bar) for bar in derivatives):
            warn_the_user(given, NonFiniteWarning)

    def constant(
        self, _trace: WatchedReverse, _entries: list[Entry], inputs: Any
    ) -> None:
        """Warn that nothing influences the result."""
        if self.inputs:
            warn_of_unused(inputs, [True] * len(inputs.leaves))


@tells_where
def _sweep_checking(watch: FiniteWatch, back: Backward) -> None:
    """Sweep back one entry at a time."""
    trace, entries, bars, *_ = back
    with deriving() as at:
        for place in back.places():
            entry, bar = entries[place], bars[place]
            note = trace.sites.get(place)
            if note is not None:
                at[:] = note.here.site, note.record.name if note.record else "a rule"
            if bar is None:
                entries.pop()
                bars.pop()
                continue
            parents = () if entry[3] in _MOVES else parents_of(entry)
            before = [_not_finite(bars[k]) for k in parents]
            back.down_to(place)
            if parents:
                after = [
                    (k, bars[k], mask) for k, mask in zip(parents, before, strict=True)
                ]
                watch.checked(trace, place, bar, entry, after)
            else:
                watch.moved(trace, place, entry)


_MOVES = frozenset({OUTPUT, SETITEM, REPLAY})
"""Forms of entries that move cotangents, and so spoil none."""


def _kept(entry: Entry) -> list[Value]:
    """Return the operands that an entry holds."""
    _, _, _, form, out, a, b, _ = entry
    if form in {STRUCTURAL, INDEX, GATHER, CALL, OUTPUT}:
        return []
    kept = list(a) if form == GENERAL and a is not None else [a, b]
    return [
        one
        for one in (*kept, out)
        if one is not None and not isinstance(one, (Record, tuple))
    ]


def _not_finite(bar: Value) -> Any:
    """Return where a cotangent is not finite already; ``None`` for nowhere."""
    if bar is None or isinstance(bar, list) or all_finite(bar):
        return None
    return ~np.isfinite(plain(bar))
