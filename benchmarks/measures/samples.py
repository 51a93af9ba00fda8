"""What is written into a row's cells when everybody was measured."""

from benchmarks.contenders import OURS
from benchmarks.results import Cell, Row
from benchmarks.timing import Samples, Spread, ratios


def enter(samples: Samples, row: Row) -> None:
    """Write spreads, and ratios over ours, into the cells of a row."""
    for name, measured in samples.items():
        cell = row.cells.setdefault(name, Cell("measured"))
        cell.spread = Spread.of(measured)
        cell.rounds = len(measured)
        if OURS in samples:
            cell.ratio = ratios(samples, name, OURS)
