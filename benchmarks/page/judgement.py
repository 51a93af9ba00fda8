"""What the numbers say: ratios, who is faster, how far from what the machine can do."""

import statistics
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from benchmarks.contenders import BY_HAND, OURS
from benchmarks.results import ANSWERED, FEWEST, Limits, Row, Table
from benchmarks.timing import Spread, quotient

Outcome: TypeAlias = Literal["won", "even", "lost"]
Kind: TypeAlias = Literal["derivative", "function alone", "peak memory", "verdict"]


def is_peer(name: str) -> bool:
    """Tell whether a contender is somebody else's library."""
    return name != BY_HAND and not name.startswith(OURS)


def peers(tables: Iterable[Table]) -> list[str]:
    """Return the peers of some tables, in the order they are met."""
    names = (name for table in tables for name in table.contenders)
    return [name for name in dict.fromkeys(names) if is_peer(name)]


def ratio(row: Row, name: str) -> Spread | None:
    """Return what a contender needed over what Adjoint needed.

    Paired by round if the run did so; else from both spreads, each end at its worst.
    """
    if name not in row.cells or OURS not in row.cells:
        return None
    theirs, ours = row.cells[name], row.cells[OURS]
    if theirs.ratio is not None:
        return theirs.ratio
    if theirs.spread is None or ours.spread is None or ours.spread.low <= 0.0:
        return None
    return quotient(theirs.spread, ours.spread)


def outcome(found: Spread) -> Outcome:
    """Return who is faster, if the spread of the ratio leaves no doubt."""
    if found.high < 1.0:
        return "lost"
    return "won" if found.low > 1.0 else "even"


def rounds(row: Row, name: str) -> int:
    """Return how many samples are behind a ratio: of whom there are fewer."""
    return min(row.cells[name].rounds, row.cells[OURS].rounds)


def standing(row: Row, name: str) -> Outcome | None:
    """Return who is faster at a case, if it was compared.

    Fewer than `FEWEST` samples have no spread to go by, and decide nothing.
    """
    found = ratio(row, name)
    if found is None:
        return None
    return outcome(found) if rounds(row, name) >= FEWEST else "even"


def kind(row: Row) -> Kind:
    """Return what a row's numbers are, so that like is counted with like."""
    if row.measure == "verdict":
        return "verdict"
    if row.measure == "memory":
        return "peak memory"
    return "function alone" if row.task == "value" else "derivative"


def inverse(found: Spread) -> Spread:
    """Return one over a spread."""
    return Spread(1.0 / found.high, 1.0 / found.median, 1.0 / found.low)


@dataclass(frozen=True, slots=True)
class Tally:
    """Rows of one kind in one table, counted.

    Parameters
    ----------
    table : Table
        Where they stand.
    kind : Kind
        What their numbers are.
    rows : list of Row
        Themselves.
    ratios : dict of str to list of float
        Medians, by peer.
    outcomes : dict of str to list of Outcome
        By peer.
    """

    table: Table
    kind: Kind
    rows: list[Row]
    ratios: dict[str, list[float]] = field(default_factory=dict)
    outcomes: dict[str, list[Outcome]] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """Return the suite's name, with the kind where it is not the usual one."""
        usual = self.kind in {"derivative", "verdict"}
        return self.table.suite if usual else f"{self.table.suite}, {self.kind}"

    def count(self, one: Outcome, peer: str | None = None) -> int:
        """Return how often a comparison with one peer, or with any, ended so."""
        chosen = self.outcomes if peer is None else [peer]
        return sum(self.outcomes.get(name, []).count(one) for name in chosen)

    def mean(self, peer: str) -> float | None:
        """Return the geometric mean of a peer's ratios."""
        found = self.ratios.get(peer)
        return statistics.geometric_mean(found) if found else None


def tallies(tables: Iterable[Table]) -> list[Tally]:
    """Return the counts of all tables, each by kind of row."""
    found = []
    for table in tables:
        for one in dict.fromkeys(map(kind, table.rows)):
            rows = [row for row in table.rows if kind(row) == one]
            tally = Tally(table, one, rows)
            count = _count_verdicts if one == "verdict" else _count_ratios
            count(tally)
            found.append(tally)
    return found


def _count_ratios(tally: Tally) -> None:
    for row in tally.rows:
        for name, found in _peer_ratios(row):
            tally.ratios.setdefault(name, []).append(found.median)
            tally.outcomes.setdefault(name, []).append(standing(row, name) or "even")


def _count_verdicts(tally: Tally) -> None:
    for row in tally.rows:
        ours = is_answered(row, OURS)
        for name in filter(is_peer, row.cells):
            theirs = is_answered(row, name)
            better: Outcome = "won" if ours else "lost"
            one: Outcome = "even" if ours == theirs else better
            tally.outcomes.setdefault(name, []).append(one)


def is_answered(row: Row, name: str) -> bool:
    """Tell whether a contender gave the right answer, measured or not."""
    return name in row.cells and row.cells[name].status in ANSWERED


def _peer_ratios(row: Row) -> Iterator[tuple[str, Spread]]:
    for name in filter(is_peer, row.cells):
        found = ratio(row, name)
        if found is not None:
            yield name, found


@dataclass(frozen=True, slots=True)
class Loss:
    """A case where peers are faster (or leaner) than Adjoint."""

    table: Table
    row: Row
    ratios: dict[str, Spread]

    @property
    def worst(self) -> float:
        """Return the smallest ratio."""
        return min(found.median for found in self.ratios.values())


@dataclass(frozen=True, slots=True)
class Ahead:
    """How often one peer is faster (or leaner) than Adjoint, beyond the spread.

    Parameters
    ----------
    peer : str
        Who.
    compared, times : int
        Comparisons, and how many of them the peer won.
    factor : float
        By how much it is ahead in these: the geometric mean.
    """

    peer: str
    compared: int
    times: int
    factor: float


def ahead(tables: Sequence[Table]) -> list[Ahead]:
    """Return how often each peer is ahead, who is so most often first."""
    won: dict[str, list[float]] = {}
    for loss in losses(tables):
        for name, found in loss.ratios.items():
            won.setdefault(name, []).append(1.0 / found.median)
    compared = Counter(
        name for table in tables for row in table.rows for name, _ in _peer_ratios(row)
    )
    found = [
        Ahead(name, compared[name], len(by), statistics.geometric_mean(by))
        for name, by in won.items()
    ]
    return sorted(found, key=lambda one: -one.times)


def losses(tables: Iterable[Table]) -> list[Loss]:
    """Return all cases where a peer is faster beyond the spread, the worst first."""
    return _losses(tables, lambda _, outcome: outcome == "lost")


def behind(tables: Iterable[Table]) -> list[Loss]:
    """Return all cases where a peer's median is ahead, but not beyond the spread."""
    return _losses(
        tables, lambda found, outcome: found.median < 1.0 and outcome != "lost"
    )


def _losses(
    tables: Iterable[Table], is_lost: Callable[[Spread, Outcome | None], bool]
) -> list[Loss]:
    found = []
    for table in tables:
        for row in table.rows:
            lost = [
                (name, one)
                for name, one in _peer_ratios(row)
                if is_lost(one, standing(row, name))
            ]
            if lost:
                by_ratio = sorted(lost, key=lambda pair: pair[1].median)
                found.append(Loss(table, row, dict(by_ratio)))
    return sorted(found, key=lambda loss: loss.worst)


def unanswered(tables: Iterable[Table]) -> list[tuple[Table, Row, list[str]]]:
    """Return the cases where Adjoint has no answer, with the peers who have one."""
    found = []
    for table in tables:
        for row in table.rows:
            able = [n for n in row.cells if is_peer(n) and is_answered(row, n)]
            if able and OURS in row.cells and not is_answered(row, OURS):
                found.append((table, row, able))
    return found


def physical_limit(row: Row, limits: Limits | None) -> float | None:
    """Return the least seconds the machine needs to move and compute what a row must.

    Notes
    -----
    The peak is that of the row's dtype.
    """
    if limits is None or not (row.bytes or row.flops):
        return None
    peak = limits.float32 if row.dtype == "float32" else limits.float64
    return max(row.bytes / limits.bandwidth, row.flops / peak)


def extra_costs(table: Table) -> dict[str, dict[str, Spread]]:
    """Return t(value and gradient) / t(value) - 1, by group and contender.

    A group is counted if it has one row that asks the value, and one that asks both.
    """
    found: dict[str, dict[str, Spread]] = {}
    by_task = {(row.group, row.task): row for row in table.rows if row.measure == "run"}
    for (group, task), both in by_task.items():
        value = by_task.get((group, "value"))
        if task != "value_and_gradient" or value is None:
            continue
        costs = {}
        for name in table.contenders:
            times = _spread(both, name), _spread(value, name)
            if times[0] is not None and times[1] is not None:
                costs[name] = _minus_one(quotient(times[0], times[1]))
        found[group] = costs
    return found


@dataclass(frozen=True, slots=True)
class Dearer:
    """A function whose gradient costs Adjoint more than it costs some peers.

    Parameters
    ----------
    table, group : Table, str
        Where it stands.
    ours : Spread
        Adjoint's extra cost.
    theirs : dict of str to Spread
        That of the peers who pay less, beyond the spread.
    """

    table: Table
    group: str
    ours: Spread
    theirs: dict[str, Spread]


def dearer(tables: Iterable[Table]) -> list[Dearer]:
    """Return all functions whose extra cost is less for a peer, in their order."""
    found = []
    for table in tables:
        for group, costs in extra_costs(table).items():
            ours = costs.get(OURS)
            if ours is None:
                continue
            less = {
                name: cost
                for name, cost in costs.items()
                if is_peer(name) and cost.high < ours.low
            }
            if less:
                found.append(Dearer(table, group, ours, less))
    return found


def _spread(row: Row, name: str) -> Spread | None:
    return row.cells[name].spread if name in row.cells else None


def _minus_one(found: Spread) -> Spread:
    return Spread(found.low - 1.0, found.median - 1.0, found.high - 1.0)
