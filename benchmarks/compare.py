"""Whether two runs agree: `python -m benchmarks.compare ONE.json OTHER.json`.

Two cells agree if their stated spreads overlap.  Prints how many do, of the ratios over
Adjoint and of the times (or bytes), how wide the spreads are, in how many cells each
median even lies in the other's spread, and each cell that does not agree.  Cells of too
few samples have no spread and are counted apart, and so are tables that others
disturbed in either run.  The exit status is 1 if a cell holds another kind of answer in
one run than in the other.
"""

import argparse
import statistics
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.contenders import OURS
from benchmarks.results import FEWEST, MUCH, Cell, Report, load_report
from benchmarks.timing import Spread

Place = tuple[str, str, str, str]
"""Suite, threads, case, contender."""


@dataclass(slots=True)
class Agreement:
    """Cells of one kind that both runs have.

    Parameters
    ----------
    compared : int
        How many.
    apart : list of str
        A line for each whose spreads do not overlap.
    within : int
        In how many each median lies in the other's spread.
    widths : list of float
        The upper end of each spread over its lower one.
    """

    compared: int = 0
    apart: list[str] = field(default_factory=list)
    within: int = 0
    widths: list[float] = field(default_factory=list)

    def count(self, place: Place, one: Spread, other: Spread) -> None:
        """Count a cell."""
        self.compared += 1
        self.within += _holds(one, other.median) and _holds(other, one.median)
        self.widths += [found.high / found.low for found in (one, other) if found.low]
        if one.low > other.high or other.low > one.high:
            self.apart.append(f"{', '.join(place)}: {_said(one)} and {_said(other)}")

    @property
    def summary(self) -> str:
        """Return how many agree."""
        agree = self.compared - len(self.apart)
        if not self.compared:
            return "none in both"
        parts = [
            f"{agree} of {self.compared} agree ({agree / self.compared:.1%})",
            f"each median in the other's spread: {self.within / self.compared:.1%}",
        ]
        if self.widths:
            parts.append(f"median width: {statistics.median(self.widths):.2f}")
        return "; ".join(parts)


@dataclass(slots=True)
class Comparison:
    """Two runs side by side.

    Parameters
    ----------
    ratios, figures : Agreement
        Of the ratios over Adjoint, and of the times (or bytes).
    crowded : Agreement
        Of the ratios in tables that others disturbed.
    few : int
        Cells of fewer samples than `FEWEST` in either run.
    alone : int
        Cells that only one of the runs has.
    unlike : list of str
        A line for each cell that holds two kinds of answer.
    """

    ratios: Agreement = field(default_factory=Agreement)
    figures: Agreement = field(default_factory=Agreement)
    crowded: Agreement = field(default_factory=Agreement)
    few: int = 0
    alone: int = 0
    unlike: list[str] = field(default_factory=list)


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare the two files of the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs=2, type=Path, help="what `make bench` kept")
    one, other = map(load_report, parser.parse_args(arguments).files)
    found = compare(one, other)
    print_agreement("Ratios", found.ratios)
    print_agreement("Times and bytes", found.figures)
    crowded = disturbed(one, other)
    if crowded:
        print_agreement("Ratios in disturbed tables", found.crowded)
    for place, line in crowded.items():
        print(f"DISTURBED: {', '.join(place)}: {line}")
    print(f"Without a spread: {found.few}; in one run only: {found.alone}")
    for line in found.unlike:
        print(f"UNLIKE: {line}")
    return 1 if found.unlike else 0


def print_agreement(kind: str, kept: Agreement) -> None:
    """Print how many cells of a kind agree, and those that do not."""
    print(f"{kind}: {kept.summary}")
    for line in kept.apart:
        print(f"  {line}")


def compare(one: Report, other: Report) -> Comparison:
    """Return what two runs have in common, and what not."""
    found = Comparison()
    cells, others = dict(_cells(one)), dict(_cells(other))
    found.alone = len(cells.keys() ^ others.keys())
    crowded = disturbed(one, other)
    for place in sorted(cells.keys() & others.keys()):
        _count(found, place, cells[place], others[place], place[:2] in crowded)
    return found


def disturbed(one: Report, other: Report) -> dict[tuple[str, str], str]:
    """Return, by suite and threads, in how many samples others had the cores.

    Of the tables where they had them often, in either run.
    """
    again = {(table.suite, table.threads): table.disturbed for table in other.tables}
    found = {}
    for table in one.tables:
        parts = table.disturbed, again.get((table.suite, table.threads), 0.0)
        if max(parts) > MUCH:
            said = " and ".join(f"{part:.0%}" for part in parts)
            found[table.suite, table.threads] = (
                f"others had the cores for {said} of the samples"
            )
    return found


def _count(
    found: Comparison, place: Place, cell: Cell, again: Cell, is_crowded: bool
) -> None:
    """Count one cell of both runs."""
    if cell.status != again.status:
        found.unlike.append(f"{', '.join(place)}: {cell.status} and {again.status}")
    if cell.spread is None or again.spread is None:
        return
    if min(cell.rounds, again.rounds) < FEWEST:
        found.few += 1
        return
    if not is_crowded:
        found.figures.count(place, cell.spread, again.spread)
    if cell.ratio and again.ratio and place[-1] != OURS:
        ratios = found.crowded if is_crowded else found.ratios
        ratios.count(place, cell.ratio, again.ratio)


def _cells(report: Report) -> Iterator[tuple[Place, Cell]]:
    for table in report.tables:
        for row in table.rows:
            for name, cell in row.cells.items():
                yield (table.suite, table.threads, row.name, name), cell


def _holds(spread: Spread, value: float) -> bool:
    return spread.low <= value <= spread.high


def _said(found: Spread) -> str:
    return f"{found.median:.3g} ({found.low:.3g} to {found.high:.3g})"


if __name__ == "__main__":
    sys.exit(main())
