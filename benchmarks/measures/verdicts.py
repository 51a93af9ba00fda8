"""Whether answers are right: by a reference, or as the contenders judge one another."""

from benchmarks.agreement import disagreement
from benchmarks.case import Case, Inputs, Value
from benchmarks.idioms import verdict
from benchmarks.results import Cell, Row
from benchmarks.session import Session


def measure(session: Session, case: Case, inputs: Inputs, row: Row) -> None:
    """Ask each contender once, on arguments of its own: idioms may write to them."""
    for contender in session.unsettled(case, row):
        cell = session.ask(row, contender, lambda one=contender: verdict(case, one))
        if cell:
            row.cells[contender.name] = cell


def judge(answers: dict[str, Value], tolerance: float, row: Row) -> None:
    """Mark the answers that differ from the one that most agree with."""
    differences = [
        {
            name: disagreement(answer, expected, tolerance)
            for name, answer in answers.items()
        }
        for expected in answers.values()
    ]
    if differences:
        fewest = min(differences, key=lambda found: sum(map(bool, found.values())))
        for name, found in fewest.items():
            if found:
                row.cells[name] = Cell("wrong", found)
