"""Table after table in one process: every contender, case by case.

The process that started this one writes jobs to its standard input and reads events
from its standard output, a JSON object a line, and kills it when a contender takes too
long; see `runner`.  Another one then goes on where it was, without the contender that
hung or crashed.

A job has the fields ``suite``, a name or ``package.module``; ``contenders``, names;
``cases``, pairs of a case's name and the contenders it is asked of; and ``settled``,
cells that are known: case, contender, status, note.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks import environment
from benchmarks.case import Case
from benchmarks.contenders import Field
from benchmarks.effort import FULL, QUICK, Effort
from benchmarks.measures import MEASURES
from benchmarks.results import Cell, Row
from benchmarks.session import Emit, Session
from benchmarks.settled import IMPORT, Settled
from benchmarks.suites import load_suite
from benchmarks.turns import Turn


def main() -> None:
    """Do what standard input asks for, until it ends."""
    options = _parser().parse_args()
    emit = _channel()
    pinned = environment.pin(None) if options.threads == "one" else "not pinned"
    effort = QUICK if options.quick else FULL
    entered = Field(all_threads=options.threads == "all")
    turn = Turn(options.turn)
    for line in sys.stdin:
        serve(json.loads(line), entered, effort, emit, turn, pinned)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", choices=("one", "all"), default="one")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--turn", type=Path, help="where it says whose turn it is")
    return parser


def _channel() -> Emit:
    """Return what sends events; what a library prints goes to the error stream."""
    channel = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)

    def emit(event: str, **more: object) -> None:
        channel.write(json.dumps({"event": event, **more}) + "\n")

    return emit


def serve(
    job: dict[str, Any],
    entered: Field,
    effort: Effort,
    emit: Emit,
    turn: Turn,
    pinned: str,
) -> None:
    """Measure one table, as far as a job asks for it.

    Parameters
    ----------
    job : dict
        See above.
    entered : Field
        The contenders that this process has imported so far; gains the job's.
    effort, emit, turn : Effort, Emit, Turn
        As in `Session`.
    pinned : str
        Where this process runs, in words.
    """
    given = [(c, n, Cell(s, note)) for c, n, s, note in job["settled"]]
    broken = {name: cell for case, name, cell in given if case == IMPORT}
    suite = load_suite(job["suite"])
    enter(job["contenders"], broken, entered, emit)
    session = Session(
        suite=job["suite"],
        field=entered.only(job["contenders"]),
        effort=effort,
        settled=Settled(suite, given),
        emit=emit,
        turn=turn,
    )
    emit("contenders", versions=session.field.versions(), pinned=pinned)
    cases = {case.name: case for case in suite.cases}
    for name, asked in job["cases"]:
        emit("row", row=asdict(measure(session, cases[name], asked)))
    emit("done")


def enter(
    names: Iterable[str], broken: dict[str, Cell], entered: Field, emit: Emit
) -> None:
    """Import the contenders that are new, one by one, but those that broke this."""
    for name in names:
        if name in broken:
            cell = broken[name]
            entered.lost[name] = Cell(cell.status, f"its import: {cell.note}")
        elif name not in entered.versions():
            emit("begin", case=IMPORT, contenders=[name])
            entered.enter(name)
            emit("end", case=IMPORT)


def measure(session: Session, case: Case, asked: Iterable[str]) -> Row:
    """Return the row of one case; what goes wrong with the case is in its cells."""
    row = Row.of(case)
    session.ledger.spent.clear()
    here = session.only(asked)
    try:
        MEASURES[case.measure](here, case, case.inputs(), row)
    except Exception as error:
        note = f"the case itself: {type(error).__name__}: {error}"
        row.fail((one.name for one in here.field.present), note[:300])
    for name, cell in here.field.lost.items():
        row.cells[name] = Cell(cell.status, cell.note)
    row.cells = {name: row.cells[name] for name in here.field.versions()}
    for name, cell in row.cells.items():
        cell.spent = session.ledger.spent[name]
    session.settled.note(row)
    return row


if __name__ == "__main__":
    main()
