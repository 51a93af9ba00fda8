"""What was measured, as it is kept in JSON."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeAlias

from benchmarks.case import OURS, Case
from benchmarks.timing import Spread

Status: TypeAlias = Literal[
    "measured",
    "right",
    "wrong",
    "failed",
    "crashed",
    "> limit",
    "absent",
    "does not apply",
    "not yet",
]
"""What a cell holds.  "measured": a number.  "right": an answer only (see Case).
"wrong": another answer than most gave.  "failed": it raised.  "crashed": the process
died.  "> limit": a call takes longer than a contender gets for a case."""

ANSWERED: frozenset[Status] = frozenset({"measured", "right"})
ALLOWANCE = 1.08
"""By what the median of another run may lie beyond the middle half of the samples of
one, measured with `benchmarks.compare`; the README says how."""
STEADY = 1.01
"""The same of memory, which differs by some pages."""
MUCH = 0.1
"""Part of a table's samples that may be disturbed before the table says so."""
FEWEST = 3
"""Samples without which a cell has no spread, and a comparison is undecided."""
FAULTS: frozenset[Status] = frozenset({"wrong", "failed", "crashed"})


@dataclass(slots=True)
class Cell:
    """One contender at one case.

    Parameters
    ----------
    status : Status
        Whether there is a number, and if not, why.
    note : str
        The message behind the status.
    spread : Spread or None
        Seconds a call (bytes, with ``measure="memory"``): low, median, high.
    ratio : Spread or None
        This contender's time over Adjoint's, paired round by round.
    first : float or None
        Seconds of the first call, compilation included.
    rounds : int
        Samples behind the spread.
    disturbed : int
        Samples among them that had to wait for a core that another process had.
    spent : float
        Seconds that all of it took: first call, warming up, samples.
    samples, ratios : list of float
        What the spreads are of; kept while more may come, and not saved.
    """

    status: Status
    note: str = ""
    spread: Spread | None = None
    ratio: Spread | None = None
    first: float | None = None
    rounds: int = 0
    disturbed: int = field(default=0, compare=False)
    spent: float = field(default=0.0, compare=False)
    samples: list[float] = field(default_factory=list, compare=False)
    ratios: list[float] = field(default_factory=list, compare=False)

    def take(
        self,
        samples: Sequence[float],
        ratios: Sequence[float] = (),
        allowance: float = ALLOWANCE,
    ) -> None:
        """Add samples, and ratios paired by round.

        Parameters
        ----------
        samples, ratios : sequence of float
            In their order.
        allowance : float
            By what the spreads reach further than the samples.
        """
        self.samples += samples
        self.ratios += ratios
        self.rounds = len(self.samples)
        if self.samples:
            self.spread = Spread.of(self.samples).widened(allowance)
        if self.ratios:
            self.ratio = Spread.of(self.ratios).widened(allowance)

    def add(self, other: "Cell") -> None:
        """Add what another process found; where one found a fault, that stays."""
        self.spent += other.spent
        if self.status not in ANSWERED:
            return
        if other.status not in ANSWERED:
            self.status, self.note = other.status, other.note
            self.spread = self.ratio = None
            self.rounds = 0
            return
        self.disturbed += other.disturbed
        self.take(other.samples, other.ratios)


@dataclass(slots=True)
class Row:
    """One case: what the page must know of it, and a cell for each contender."""

    name: str
    task: str
    measure: str
    group: str
    x: float
    bytes: float
    flops: float
    cells: dict[str, Cell] = field(default_factory=dict)
    dtype: str = "float64"

    @classmethod
    def of(cls, case: Case) -> "Row":
        """Return the row of a case that has not been measured."""
        return cls(
            case.name,
            case.task,
            case.measure,
            case.group,
            case.x,
            case.bytes,
            case.flops,
            dtype=case.dtype,
        )

    def fail(self, names: Iterable[str], note: str) -> None:
        """Have all cells that say nothing yet say why there is nothing."""
        for name in names:
            self.cells.setdefault(name, Cell("failed", note))


@dataclass(slots=True)
class Table:
    """One suite under one setting of threads.

    Parameters
    ----------
    suite, title, text : str
        As the suite says them.
    threads : str
        "one" or "all".
    contenders : list of str
        Who took part, in the order of the columns.
    rows : list of Row
        As far as they were measured.
    fault : str
        Why rows are missing, if any are.
    seconds : float
        How long it took, with starting processes.
    """

    suite: str
    title: str
    text: str
    threads: str
    contenders: list[str]
    rows: list[Row] = field(default_factory=list)
    fault: str = ""
    seconds: float = 0.0

    @property
    def disturbed(self) -> float:
        """Return the part of Adjoint's samples for which others had the cores."""
        cells = [row.cells[OURS] for row in self.rows if OURS in row.cells]
        rounds = sum(cell.rounds for cell in cells)
        return sum(cell.disturbed for cell in cells) / rounds if rounds else 0.0

    def add(self, other: "Table") -> None:
        """Add what another process found in the same cases."""
        self.fault = self.fault or other.fault
        self.seconds += other.seconds
        rows = {row.name: row for row in self.rows}
        for again in other.rows:
            for name, cell in again.cells.items():
                rows[again.name].cells[name].add(cell)


@dataclass(slots=True)
class Limits:
    """What the machine can do, measured in the same run.

    Parameters
    ----------
    bandwidth : float
        Bytes a second that NumPy moves, read and written, in arrays past the caches.
    float64, float32 : float
        Multiply-adds a second, each counted as two, in NumPy's matrix product.
    """

    bandwidth: float
    float64: float
    float32: float


@dataclass(slots=True)
class Report:
    """One run.

    Parameters
    ----------
    date : str
        When it began.
    quick : bool
        Whether few and small cases were measured.
    conditions : dict of str to str
        Machine, threads, versions of Python and its libraries.
    contenders : dict of str to str
        Version of each contender, or why it is absent.
    limits : dict of str to Limits
        By threads, "one" and "all".
    tables : list of Table
        In the order they were measured.
    """

    date: str
    quick: bool
    conditions: dict[str, str]
    contenders: dict[str, str] = field(default_factory=dict)
    limits: dict[str, Limits] = field(default_factory=dict)
    tables: list[Table] = field(default_factory=list)

    def save(self, path: Path) -> None:
        """Write JSON."""
        path.parent.mkdir(parents=True, exist_ok=True)
        kept = asdict(self)
        for table in kept["tables"]:
            for row in table["rows"]:
                for cell in row["cells"].values():
                    del cell["samples"], cell["ratios"]
        path.write_text(json.dumps(kept, indent=1) + "\n")


def load_report(path: Path) -> Report:
    """Return what `Report.save` wrote."""
    kept: dict[str, Any] = json.loads(path.read_text())
    kept["limits"] = {name: Limits(**one) for name, one in kept["limits"].items()}
    kept["tables"] = [
        Table(**{**table, "rows": [row_from(row) for row in table["rows"]]})
        for table in kept["tables"]
    ]
    return Report(**kept)


def row_from(kept: dict[str, Any]) -> Row:
    """Return a row from its JSON."""
    cells = {name: _cell_from(cell) for name, cell in kept["cells"].items()}
    return Row(**{**kept, "cells": cells})


def _cell_from(kept: dict[str, Any]) -> Cell:
    def spread(name: str) -> Spread | None:
        return Spread(**kept[name]) if kept[name] else None

    return Cell(**{**kept, "spread": spread("spread"), "ratio": spread("ratio")})


def failures(tables: Sequence[Table]) -> list[str]:
    """Return a line for each suite that was lost and each cell that is a fault."""
    lost = [f"{table.suite}: {table.fault}" for table in tables if table.fault]
    places: dict[str, list[str]] = {}
    for table in tables:
        for row in table.rows:
            for name, cell in row.cells.items():
                if cell.status in FAULTS and row.measure != "verdict":
                    what = f"{name}: {cell.status} ({cell.note})"
                    places.setdefault(what, []).append(f"{table.suite}, {row.name}")
    return lost + [
        f"{where[0]}, {what}" + f", and {len(where) - 1} more such" * (len(where) > 1)
        for what, where in places.items()
    ]
