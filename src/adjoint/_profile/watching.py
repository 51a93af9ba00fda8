"""What a profile measures: each operation, each step back, and the bytes held then.

Times are exclusive: an operation on a handle of an inner transform runs one of the
outer transform within it, and what that takes, and what measuring takes, is left out.
"""

import inspect
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from time import perf_counter_ns
from typing import Any, NamedTuple

import numpy as np

from adjoint._core.arrays import Value
from adjoint._core.record import Record
from adjoint._modes.sites import Here, Site, deriving, here, tells_where
from adjoint._modes.sweep import careful_sweep, sweep
from adjoint._modes.tape import (
    EMPTY,
    OUTPUT,
    REPLAY,
    Entry,
    emptied_before,
    parents_of,
)
from adjoint._modes.watched_reverse import WatchedReverse
from adjoint._modes.watching import Backward, Watch
from adjoint._profile.holdings import Holdings, arrays_in


@dataclass
class Measured:
    """What one line took: nanoseconds, bytes kept for the backward pass, operations.

    ``times`` counts operations by instruction, then by what is called and its record.
    """

    forward: int = 0
    backward: int = 0
    kept: int = 0
    count: int = 0
    checkpointed: bool = False
    times: dict[int, Counter[Any]] = field(default_factory=dict)

    @property
    def runs(self) -> int:
        """How often the line ran: as often as the busiest of its instructions.

        One that calls a function of many operations ran as often as the rarest of them.
        """
        return max((min(one.values()) for one in self.times.values()), default=0)

    def ran(self, found: Here, record: Record | None) -> None:
        """Count an operation of the forward pass."""
        self.count += 1
        caller = found.site.caller if found.site else None
        self.times.setdefault(found.instruction, Counter())[caller, record] += 1


class Peak(NamedTuple):
    """When most bytes were held: at which step, how many, and at which line."""

    step: int
    held: int
    site: Site | None


class _Kept(NamedTuple):
    """What is known of an entry: line, operation, what it holds, how much is new."""

    site: Site | None
    name: str
    keys: list[int]
    new: int


_NOTHING = _Kept(None, "", [], 0)


class Meter(Watch):
    """Measures all transforms that start while it is set.

    Attributes
    ----------
    lines : dict
        By site, what it took.
    held : list of int
        The bytes held after each step.
    backward : list of bool
        Whether each step was one of a backward pass.
    peak : Peak
    """

    def __init__(self) -> None:
        super().__init__()
        self.lines: dict[Site | None, Measured] = {}
        self.held: list[int] = []
        self.backward: list[bool] = []
        self.peak = Peak(0, 0, None)
        self.holdings = Holdings()
        self._counted = 0
        self._swept: list[WatchedReverse] = []

    def begin(self) -> tuple[int, int]:
        """Return the time, and how much of it has been accounted for."""
        return perf_counter_ns(), self._counted

    def end(self, began: tuple[int, int]) -> tuple[int, int]:
        """Return what has passed since, apart from what is accounted for, and now."""
        now = perf_counter_ns()
        own = now - began[0] - (self._counted - began[1])
        self._counted += own
        return own, now

    def line(self, site: Site | None) -> Measured:
        """Return what is measured of a line, whatever is called there."""
        if site is not None and site.caller is not None:
            site = site._replace(caller=None)
        return self.lines.setdefault(site, Measured())

    def made(
        self,
        began: tuple[int, int],
        record: Record | None,
        args: Sequence[Value],  # noqa: ARG002 - of other watches
        out: Any,
        place: int | None = None,
    ) -> None:
        """Measure an operation."""
        own, now = self.end(began)
        found = here()
        line = self.line(found.site)
        if self._swept:
            line.backward += own
        else:
            line.forward += own
            line.ran(found, record)
        if place is not None:
            self._keep(out.trace, place, found.site, record, line)
        self.step(found.site)
        self.account(now)

    def account(self, since: int) -> None:
        """Leave out of all times what has passed."""
        self._counted += perf_counter_ns() - since

    def _keep(
        self,
        trace: WatchedReverse,
        place: int,
        site: Site | None,
        record: Record | None,
        line: Measured,
    ) -> None:
        """Account for what an entry holds; for a call, by its first output."""
        name = record.name if record else "a rule"
        entry = trace.ops[place]
        if entry[3] == OUTPUT:
            trace.sites[place] = _Kept(site, name, [], 0)
            if entry[2][0]:
                return
            place = entry[1]
            entry = trace.ops[place]
        remaining = 0
        if entry[3] == REPLAY:
            line.checkpointed = True
            remaining = self._forget(trace, place)
        keys, new = self.holdings.hold(arrays_in((*entry[4:7], entry[2])))
        new += remaining
        if self._swept and self._swept[-1] is trace:
            new = 0  # a checkpointed call runs again
        line.kept += new
        trace.sites[place] = _Kept(site, name, keys, new)

    def _forget(self, trace: WatchedReverse, place: int) -> int:
        """Account for what a checkpointed call has dropped from the tape.

        Returns how many of those bytes others hold on to.
        """
        remaining = 0
        for emptied in reversed(emptied_before(trace.ops, place)):
            dropped = trace.sites.pop(emptied, _NOTHING)
            self.line(dropped.site).kept -= dropped.new
            remaining += dropped.new - self.holdings.drop(dropped.keys)
        return remaining

    def step(self, site: Site | None, passing: int = 0) -> None:
        """Note how many bytes are held now, and ``passing`` for the moment."""
        held = self.holdings.total + passing
        if held > self.peak.held:
            self.peak = Peak(len(self.held), held, site)
        self.held.append(held)
        self.backward.append(bool(self._swept))

    def sweep(self, back: Backward) -> None:
        """Carry cotangents back, entry by entry, and measure each."""
        trace = back.trace
        self._swept.append(trace)
        try:
            with np.errstate(all="ignore"):
                _measured_sweep(self, back)
        finally:
            self._swept.pop()
        if not trace.vault.copying:  # else the tape stays
            for place, kept in trace.sites.items():
                self.holdings.drop(kept.keys)
                trace.sites[place] = kept._replace(keys=[])
            self.step(None)


_SWEEP, _CAREFUL = inspect.unwrap(sweep), inspect.unwrap(careful_sweep)
"""Without their error state, which is set once for all entries."""


@tells_where
def _measured_sweep(meter: Meter, back: Backward) -> None:
    trace, entries, bars, *_ = back
    sweeping = _CAREFUL if back.careful else _SWEEP
    emptied = {k for k, entry in enumerate(entries) if entry is EMPTY}
    cotangents = _Cotangents(meter.holdings, bars)
    with deriving() as at:
        for place in back.places():
            entry = entries[place]
            kept = trace.sites.get(place, _NOTHING)
            if place in emptied and place in trace.sites:  # written again: it goes now
                meter.holdings.drop(kept.keys)
                del trace.sites[place]
            if bars[place] is None:
                entries.pop()
                bars.pop()
                continue
            changed = _changed(entry, entries, place)
            cotangents.release(place, changed)
            at[:] = kept.site, kept.name
            began = meter.begin()
            sweeping(entries, bars, place)
            own, now = meter.end(began)
            meter.line(kept.site).backward += own
            passing = cotangents.take(changed)
            meter.step(kept.site, passing)
            meter.account(now)
    cotangents.release_all()


class _Cotangents:
    """The cotangents that a sweep holds.

    What a step may free is counted out before it, and what is there after it in again:
    an array is known by its address, which another one may get meanwhile.
    """

    def __init__(self, holdings: Holdings, bars: list[Value]) -> None:
        self._holdings = holdings
        self._bars = bars
        self._keys: dict[int, list[int]] = {}
        self._popped: list[int] = []
        self._freed = 0
        self.take(range(len(bars)))

    def release(self, place: int, changed: Sequence[int]) -> None:
        """Count out the cotangent of an entry, and those that it adds to."""
        for k in changed:
            self._holdings.drop(self._keys.pop(k, ()))
        self._popped = self._keys.pop(place, [])
        self._freed = self._holdings.drop(self._popped)

    def take(self, changed: Sequence[int]) -> int:
        """Count cotangents in; return the bytes of the one that has just been used."""
        passed = False
        for k in set(changed):
            if k < len(self._bars) and self._bars[k] is not None:
                keys, _ = self._holdings.hold(arrays_in(self._bars[k]))
                self._keys[k] = keys
                passed = passed or not set(keys).isdisjoint(self._popped)
        return 0 if passed else self._freed

    def release_all(self) -> None:
        """Count all out."""
        for keys in self._keys.values():
            self._holdings.drop(keys)


def _changed(entry: Entry, entries: list[Entry], place: int) -> Sequence[int]:
    """Return the places whose cotangents an entry adds to, those written again too."""
    if entry[3] == REPLAY:
        return emptied_before(entries, place)
    return parents_of(entry)
