"""Whether answers are right: by a reference, or as the contenders judge one another."""

from collections.abc import Sequence
from functools import partial

from benchmarks.agreement import disagreement
from benchmarks.case import Case, Inputs, Value
from benchmarks.contenders import BY_HAND, OURS
from benchmarks.contenders.base import Contender
from benchmarks.idioms import difference, quiet, reference
from benchmarks.results import Cell, Row
from benchmarks.session import Session


def measure(session: Session, case: Case, inputs: Inputs, row: Row) -> None:
    """Ask each contender once, on arguments of its own: idioms may write to them."""
    for name, cell in session.ask_each(case, row, partial(verdict, case)):
        row.cells[name] = cell


def verdict(case: Case, contender: Contender) -> Cell:
    """Return whether a contender gives an idiom's value and gradient, in one call."""
    expected = reference(case.function)
    if expected is None:
        message = f"no reference for {case.function}"
        raise ValueError(message)
    with quiet():
        run = contender.prepare(case, case.inputs())
        answer = contender.plain(run())
    right = (expected.value, expected.gradient)
    found = difference(answer, right, case.tolerance)
    return Cell("wrong", found) if found else Cell("right")


def judge(answers: dict[str, Value], tolerance: float, row: Row) -> None:
    """Mark the answers that differ from the one that most libraries agree with.

    A library has one vote, in however many ways it takes part; where two answers have
    equally many, nobody knows which is right, and all of them are marked.
    """
    differences: dict[str, dict[str, str]] = {}
    for judged, expected in answers.items():
        differences[judged] = {
            name: _difference(answer, expected, tolerance)
            for name, answer in answers.items()
        }
        if not any(differences[judged].values()):
            return
    votes = {name: _votes(found) for name, found in differences.items()}
    most = max(votes.values(), default=0)
    if most == 0:
        wrong = {name: found[name] for name, found in differences.items()}
    else:
        best = [name for name, count in votes.items() if count == most]
        wrong = differences[best[0]]
        if any(wrong[name] for name in best):
            wrong = dict.fromkeys(answers, f"disputed: {_sides(differences, best)}")
    for name, found in wrong.items():
        if found:
            row.cells[name] = Cell("wrong", found)


def _difference(answer: Value, expected: Value, tolerance: float) -> str:
    """Return how two answers differ, also if they cannot even be compared."""
    try:
        return disagreement(answer, expected, tolerance)
    except Exception as error:
        return f"not comparable ({type(error).__name__}: {error})"


def _votes(found: dict[str, str]) -> int:
    """Return how many libraries do not differ."""
    return len({library(name) for name, text in found.items() if not text})


def library(name: str) -> str:
    """Return whose library a contender is: what is by hand, or compiled, is ours."""
    return OURS if name == BY_HAND else name.split(maxsplit=1)[0]


def _sides(differences: dict[str, dict[str, str]], best: Sequence[str]) -> str:
    """Return in words who agrees with whom."""
    sides = {
        ", ".join(name for name, text in differences[one].items() if not text)
        for one in best
    }
    return " against ".join(sorted(sides))
