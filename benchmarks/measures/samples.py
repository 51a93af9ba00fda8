"""What is written into a row's cells when everybody was measured."""

from benchmarks.contenders import OURS
from benchmarks.results import Cell, Row
from benchmarks.timing import Samples, quotient, ratios


def enter(samples: Samples, row: Row, *, paired: bool) -> None:
    """Write spreads, and ratios over ours, into the cells of a row.

    Parameters
    ----------
    samples : Samples
        Seconds or bytes of each contender.
    row : Row
        Whose cells they go to.
    paired : bool
        Whether samples of the same index were taken side by side, so that drift
        cancels in their ratio; without it the ratio has both spreads at their worst.
    """
    for name, measured in samples.items():
        cell = row.cells.setdefault(name, Cell("measured"))
        cell.take(measured, ratios(samples, name, OURS) if paired else ())
    ours = row.cells[OURS].spread if OURS in samples else None
    if ours is not None and not paired:
        for cell in (row.cells[name] for name in samples):
            cell.ratio = quotient(cell.spread, ours)
