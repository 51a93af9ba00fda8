"""How a case is measured: one file for each `Case.measure`.

Each measure takes a session, a case, its inputs and its row, and fills in the cells.
"""

from collections.abc import Callable

from benchmarks.case import Case, Inputs, Measure
from benchmarks.measures import firsts, memory, runs, verdicts
from benchmarks.results import Row
from benchmarks.session import Session

MEASURES: dict[Measure, Callable[[Session, Case, Inputs, Row], None]] = {
    "run": runs.measure,
    "first": firsts.measure,
    "memory": memory.measure,
    "verdict": verdicts.measure,
}
