"""Whether two runs agree: `python -m benchmarks.compare ONE.json OTHER.json`.

Two cells agree if their stated spreads overlap.  Prints how many do, of the times (or
bytes) and of the ratios over Adjoint, and each cell that does not.  The exit status is
1 if a cell holds another kind of answer in one run than in the other.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.contenders import OURS
from benchmarks.results import Cell, Report, load_report
from benchmarks.timing import Spread

Place = tuple[str, str, str, str]
"""Suite, threads, case, contender."""


@dataclass(slots=True)
class Comparison:
    """Cells of one kind that both runs have.

    Parameters
    ----------
    compared : int
        How many.
    apart : list of str
        A line for each whose spreads do not overlap.
    """

    compared: int = 0
    apart: list[str] = field(default_factory=list)

    def count(self, place: Place, one: Spread, other: Spread) -> None:
        """Count a cell."""
        self.compared += 1
        if one.low > other.high or other.low > one.high:
            self.apart.append(f"{', '.join(place)}: {_said(one)} and {_said(other)}")

    @property
    def summary(self) -> str:
        """Return how many agree."""
        agree = self.compared - len(self.apart)
        share = f" ({agree / self.compared:.1%})" if self.compared else ""
        return f"{agree} of {self.compared} agree{share}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare the two files of the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs=2, type=Path, help="what `make bench` kept")
    one, other = map(load_report, parser.parse_args(arguments).files)
    figures, ratios, unlike = compare(one, other)
    for kind, found in (("Times and bytes", figures), ("Ratios", ratios)):
        print(f"{kind}: {found.summary}")
        for line in found.apart:
            print(f"  {line}")
    for line in unlike:
        print(f"UNLIKE: {line}")
    return 1 if unlike else 0


def compare(one: Report, other: Report) -> tuple[Comparison, Comparison, list[str]]:
    """Return times (or bytes), ratios, and a line for each cell of two kinds."""
    figures, ratios, unlike = Comparison(), Comparison(), []
    others = dict(_cells(other))
    for place, cell in _cells(one):
        again = others.get(place)
        if again is None:
            continue
        if cell.status != again.status:
            unlike.append(f"{', '.join(place)}: {cell.status} and {again.status}")
        if cell.spread and again.spread:
            figures.count(place, cell.spread, again.spread)
        if cell.ratio and again.ratio and place[-1] != OURS:
            ratios.count(place, cell.ratio, again.ratio)
    return figures, ratios, unlike


def _cells(report: Report) -> Iterator[tuple[Place, Cell]]:
    for table in report.tables:
        for row in table.rows:
            for name, cell in row.cells.items():
                yield (table.suite, table.threads, row.name, name), cell


def _said(found: Spread) -> str:
    return f"{found.median:.3g} ({found.low:.3g} to {found.high:.3g})"


if __name__ == "__main__":
    sys.exit(main())
