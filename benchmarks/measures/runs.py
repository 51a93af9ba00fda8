"""The time of a call once it is warm, everybody in turn."""

from collections.abc import Callable
from functools import partial

from benchmarks.case import Case, Inputs, Value
from benchmarks.contenders.base import Contender
from benchmarks.effort import Effort
from benchmarks.measures.samples import enter
from benchmarks.measures.verdicts import judge
from benchmarks.results import Cell, Row
from benchmarks.session import Session
from benchmarks.timing import Share, clock, take

Run = Callable[[], Value]

LONG = 0.5
"""Seconds of a first call after which the second takes as long, unless the first has
compiled: it need not be called once more to know how long it takes."""


def measure(session: Session, case: Case, inputs: Inputs, row: Row) -> None:
    """Ask each contender for its first answer, then time those that are right."""
    runs: dict[str, Run] = {}
    answers: dict[str, Value] = {}
    shares: dict[str, Share] = {}
    question = partial(first_answer, case, inputs, session.effort)
    for name, answered in session.ask_each(case, row, question):
        row.cells[name], runs[name], answers[name], shares[name] = answered
    judge(answers, case.tolerance, row)
    answers.clear()
    right = {n: run for n, run in runs.items() if row.cells[n].status == "measured"}
    if right:
        shares = {name: shares[name] for name in right}
        with session.rounds(row, list(right)) as (announce, drop, disturb):
            samples = take(right, shares, announce=announce, drop=drop, disturb=disturb)
        enter(samples, row, paired=True)


def first_answer(
    case: Case, inputs: Inputs, effort: Effort, contender: Contender
) -> tuple[Cell, Run, Value, Share]:
    """Return a contender's first answer with its time, and what it gets for more."""
    start = clock()
    run = contender.prepare(case, inputs)
    answer = contender.plain(run())
    first = spent = clock() - start
    if first > effort.limit:
        return Cell("> limit", first=first), run, answer, Share(1, 1)
    cell, call = Cell("measured", first=first), first
    if contender.compiles or first < LONG:
        start = clock()
        run()
        call = clock() - start
        spent = first + call
    return cell, run, answer, effort.share(call, spent)
