"""What is written into a row's cells when everybody was measured."""

from benchmarks.contenders import OURS
from benchmarks.results import ALLOWANCE, Cell, Row
from benchmarks.timing import Samples, quotient, ratios


def enter(
    samples: Samples, row: Row, *, paired: bool, allowance: float = ALLOWANCE
) -> None:
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
    allowance : float
        By what spreads reach further than the samples.
    """
    for name, measured in samples.items():
        cell = row.cells.setdefault(name, Cell("measured"))
        pairs = ratios(samples, name, OURS) if paired else ()
        cell.take(measured, pairs, allowance)
    ours = row.cells[OURS].spread if OURS in samples else None
    if ours is not None and not paired:
        for cell in (row.cells[name] for name in samples):
            cell.ratio = quotient(cell.spread, ours)
