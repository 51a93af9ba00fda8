"""Which pictures a table gets, and where they are written."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl

from benchmarks.contenders import OURS
from benchmarks.page.judgement import (
    extra_costs,
    physical_limit,
    ratio,
    tallies,
)
from benchmarks.page.pictures import curves, dots, totals
from benchmarks.page.pictures.style import SETTINGS, Picture, keep
from benchmarks.results import Limits, Row, Table
from benchmarks.timing import Spread

__all__ = ["Picture", "draw_summary", "draw_table"]

WHAT = {
    "extra": "extra cost of a gradient",
    "time": "time against size",
    "ratio": "each contender's time over Adjoint's",
    "peak": "each contender's peak memory over Adjoint's",
    "memory": "peak memory against size",
    "answers": "answers that are right, refused and wrong",
}
SIZES = {"fused": "elements", "latency": "operations", "cost": "length of the loop"}
"""What `Case.x` counts, by suite."""


@mpl.rc_context(SETTINGS)
def draw_summary(tables: Sequence[Table], folder: Path) -> Picture | None:
    """Return the picture of all ratios, a line for each suite; None without ratios."""
    lines = []
    for tally in tallies(tables):
        means = {name: tally.mean(name) for name in tally.ratios}
        points = {name: Spread(m, m, m) for name, m in means.items() if m}
        title = f"{tally.title} ({tally.table.threads})"
        if points:
            lines.append(dots.Line(title, points, clouds=tally.ratios))
    figure = dots.draw(lines, dots.MEANS)
    alt = "Geometric mean of each peer's time over Adjoint's, suite by suite"
    return keep(figure, folder / "summary.svg", alt) if figure else None


@mpl.rc_context(SETTINGS)
def draw_table(table: Table, limits: Limits | None, folder: Path) -> list[Picture]:
    """Return the pictures of one table; none where nothing was measured."""
    timed = [row for row in table.rows if row.measure in {"run", "first"}]
    memory = [row for row in table.rows if row.measure == "memory"]
    verdicts = [row for row in table.rows if row.measure == "verdict"]
    costs = extra_costs(table)
    grown, longer = curves.grown(timed), curves.grown(memory)
    single = [row for row in timed if row not in grown and row.group not in costs]
    peaks = [row for row in memory if row not in longer]
    size = SIZES.get(table.suite, "size")
    figures = {
        "extra": dots.draw(
            [dots.Line(group, points) for group, points in costs.items()], dots.COSTS
        ),
        "time": curves.draw(grown, size, limits),
        "ratio": dots.draw([_line(row, limits) for row in single], dots.RATIOS),
        "peak": dots.draw([_line(row, None) for row in peaks], dots.PEAKS),
        "memory": curves.draw(longer, size, None),
        "answers": totals.draw(verdicts, table.contenders),
    }
    return [
        keep(
            figure,
            folder / f"{table.suite}-{table.threads}-{what}.svg",
            f"{table.title}: {WHAT[what]}",
        )
        for what, figure in figures.items()
        if figure is not None
    ]


def _line(row: Row, limits: Limits | None) -> dots.Line:
    """Return a row's ratios, and how the physical limit compares with our time."""
    ratios = {name: ratio(row, name) for name in row.cells if name != OURS}
    ours = row.cells.get(OURS)
    limit = physical_limit(row, limits)
    measured = ours is not None and ours.spread is not None
    return dots.Line(
        row.name,
        {name: found for name, found in ratios.items() if found is not None},
        limit=limit / ours.spread.median if measured and limit else None,
        note="" if measured or ours is None else f"Adjoint: {ours.status}",
    )
