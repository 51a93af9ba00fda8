"""What was measured, as it is kept in JSON."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeAlias

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
    """

    status: Status
    note: str = ""
    spread: Spread | None = None
    ratio: Spread | None = None
    first: float | None = None
    rounds: int = 0


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


@dataclass(slots=True)
class Table:
    """One suite under one setting of threads."""

    suite: str
    title: str
    text: str
    threads: str
    contenders: list[str]
    rows: list[Row] = field(default_factory=list)


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
        path.write_text(json.dumps(asdict(self), indent=1) + "\n")


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
    """Return a line for each cell that was wrong, raised or crashed."""
    return [
        f"{table.suite}, {row.name}, {name}: {cell.status} ({cell.note})"
        for table in tables
        for row in table.rows
        for name, cell in row.cells.items()
        if cell.status in {"wrong", "failed", "crashed"} and row.measure != "verdict"
    ]
