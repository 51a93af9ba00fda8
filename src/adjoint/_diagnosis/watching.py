"""What a gradient was made of: entries, their cotangents, and where these end."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from adjoint._core.arrays import Value
from adjoint._core.handle import strip
from adjoint._core.record import Calculus, Record
from adjoint._modes.sites import Here, here
from adjoint._modes.tape import (
    EMPTY,
    LEAF,
    OUTPUT,
    REPLAY,
    Entry,
    emptied_before,
    parents_of,
)
from adjoint._modes.watched_reverse import Watched, WatchedReverse
from adjoint._modes.watching import Backward, Watch


class Made(NamedTuple):
    """An operation: its record, ``None`` for one with its own rule, and its place."""

    record: Record | None
    here: Here


class Stop(NamedTuple):
    """An operation on the entry at ``place`` through which no derivative goes.

    ``by`` is its record, ``None`` for ``ad.stop_gradient``, and what Python asked for
    in words where it makes a number of its own: ``"one integer (int)"``.
    """

    place: int
    by: Record | str | None
    here: Here


class Swept(NamedTuple):
    """One entry of a swept tape, with the size of its cotangent.

    ``largest`` and ``rms`` are ``None`` where no cotangent arrived; ``killed`` are the
    parents that got exactly zero of one that was not, ``cancelled`` those of whose
    cotangents the sum is exactly zero, and not each.
    """

    place: int
    made: Made | None
    parents: tuple[int, ...]
    largest: float | None
    rms: float
    killed: tuple[int, ...] = ()
    cancelled: tuple[int, ...] = ()


class Health(Watch):
    """Notes the cotangents of transforms.

    Attributes
    ----------
    swept : dict
        By the level of the transform, the entries in the order of the sweep.
    stops : dict
        By the level, where derivatives end.
    """

    def __init__(self) -> None:
        super().__init__()
        self.swept: dict[float, dict[int, Swept]] = {}
        self.stops: dict[float, list[Stop]] = {}

    def made(
        self,
        _began: Any,
        record: Record | None,
        args: Sequence[Value],  # noqa: ARG002 - of other watches
        out: Any,
        place: int | None = None,
    ) -> None:
        """Note where an entry was written."""
        if place is None:
            return
        out.trace.annotate(place, Made(record, here()))

    def stopped(self, by: Record | str | None, args: Sequence[Value]) -> None:
        """Note where a derivative ends."""
        for arg in args:
            if type(arg) is Watched:
                stops = self.stops.setdefault(arg.trace.level, [])
                stops.append(Stop(arg.payload, by, here()))

    def sweep(self, back: Backward) -> None:
        """Carry cotangents back, entry by entry."""
        trace, entries, bars, *_ = back
        swept = self.swept[trace.level] = {}
        for place in back.places():
            entry, bar = entries[place], bars[place]
            if entry is EMPTY:
                entries.pop()
                bars.pop()
                continue
            largest, rms = size_of(bar)
            if entry[3] == REPLAY:
                parents, before = tuple(emptied_before(entries, place)), []
            else:
                parents = parents_of(entry)
                before = [size_of(bars[k])[0] for k in parents]
            back.down_to(place)
            zero = () if not largest else _killed(parents, bars, entry)
            made = trace.sites.get(place)
            cancelled = _cancelled(zero, parents, before, made)
            killed = tuple(k for k in zero if k not in cancelled)
            swept[place] = Swept(place, made, parents, largest, rms, killed, cancelled)

    def constant(
        self,
        trace: WatchedReverse,
        entries: list[Entry],
        inputs: Any,  # noqa: ARG002 - of other watches
    ) -> None:
        """Note the entries of a tape that the result does not depend on."""
        self.swept[trace.level] = {
            place: Swept(place, trace.sites.get(place), parents_of(entry), None, 0.0)
            for place, entry in enumerate(entries)
            if entry[3] != LEAF
        }


def _killed(
    parents: tuple[int, ...], bars: list[Value], entry: Entry
) -> tuple[int, ...]:
    """Return the parents whose cotangents are zero after that of an entry came in."""
    if entry[3] in {OUTPUT, REPLAY}:
        return ()
    return tuple(k for k in parents if not size_of(bars[k])[0])


def _cancelled(
    zero: Sequence[int],
    parents: Sequence[int],
    before: Sequence[float | None],
    made: Made | None,
) -> tuple[int, ...]:
    """Return the parents whose zero is a sum: of what was there, or of ``x - x``."""
    linear = made is not None and made.record is not None
    linear = linear and made.record.calculus is Calculus.LINEAR  # type: ignore[union-attr]
    there = {k for k, size in zip(parents, before, strict=False) if size}
    twice = {k for k in parents if linear and list(parents).count(k) > 1}
    return tuple(k for k in zero if k in there | twice)


def size_of(bar: Value) -> tuple[float | None, float]:
    """Return the largest element of a cotangent, and the root of its mean square."""
    if isinstance(bar, list):
        sizes = [size_of(one) for one in bar if one is not None]
        return max(sizes, default=(None, 0.0))
    if bar is None:
        return None, 0.0
    array = np.abs(np.asarray(strip(bar)))
    if not array.size:
        return 0.0, 0.0
    with np.errstate(all="ignore"):
        return float(array.max()), float(np.sqrt(np.mean(np.square(array))))
