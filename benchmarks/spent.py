"""Where a run's time went: `python -m benchmarks.spent FILE.json`.

For each table the whole and each contender's part, then the dearest cells.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from benchmarks.results import Report, load_report

DEAREST = 25
"""Cells that are printed."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Print where the time of the command line's file went."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path, help="what `make bench` kept")
    report = load_report(parser.parse_args(arguments).file)
    for line in [*by_table(report), "", *dearest(report)]:
        print(line)
    return 0


def by_table(report: Report) -> list[str]:
    """Return a line for each table: seconds, of them each contender's, the rest."""
    lines = []
    for table in report.tables:
        used: Counter[str] = Counter()
        for row in table.rows:
            used.update({name: cell.spent for name, cell in row.cells.items()})
        parts = [f"{name} {seconds:.1f}" for name, seconds in used.most_common()]
        rest = table.seconds - used.total()
        title = f"{table.suite}, {table.threads}"
        lines.append(
            f"{title:15} {table.seconds:6.1f} s: {', '.join(parts)}, rest {rest:.1f}"
        )
    whole = sum(table.seconds for table in report.tables)
    return [*lines, f"{'all':15} {whole:6.1f} s"]


def dearest(report: Report) -> list[str]:
    """Return a line for each of the cells that took longest."""
    cells = [
        (cell.spent, f"{table.suite}, {table.threads}, {row.name}, {name}")
        for table in report.tables
        for row in table.rows
        for name, cell in row.cells.items()
    ]
    return [
        f"{seconds:7.2f} s  {place}"
        for seconds, place in sorted(cells, reverse=True)[:DEAREST]
    ]


if __name__ == "__main__":
    sys.exit(main())
