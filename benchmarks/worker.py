"""One suite in one process: every contender, case by case.

The process that started this one reads events from its standard output, a JSON object
a line, and kills it when a contender takes too long; see `runner`.  Started again, it
goes on where it was, without the contender that hung or crashed.
"""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from benchmarks import environment
from benchmarks.case import Case
from benchmarks.contenders import OURS, Field
from benchmarks.effort import FULL, QUICK
from benchmarks.measures import MEASURES
from benchmarks.results import Cell, Row
from benchmarks.session import Emit, Session
from benchmarks.settled import Settled
from benchmarks.suites import load_suite
from benchmarks.turns import Turn

IMPORT = "(import)"
"""What stands for a case while a contender is imported."""


def main() -> None:
    """Run what the command line asks for."""
    options = _parser().parse_args()
    emit = _channel()
    pinned = environment.pin(None) if options.threads == "one" else "not pinned"
    suite = load_suite(options.suite)
    given = [(c, n, Cell(s, note)) for c, n, s, note in json.loads(options.settled)]
    broken = {name: cell for case, name, cell in given if case == IMPORT}
    session = Session(
        suite=options.suite,
        field=enter(options.contenders.split(","), broken, emit),
        effort=QUICK if options.quick else FULL,
        settled=Settled(suite, given),
        emit=emit,
        turn=Turn(options.turn),
    )
    if options.threads == "all":
        for contender in session.field.present:
            contender.all_threads()
    emit("contenders", versions=session.field.versions(), pinned=pinned)
    for case in suite.asked(quick=options.quick)[options.start :]:
        emit("row", row=asdict(measure(session, case)))
    emit("done")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("suite", help="a name, or package.module")
    parser.add_argument("--threads", choices=("one", "all"), default="one")
    parser.add_argument("--contenders", default=OURS, help="names, by commas")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--start", type=int, default=0, help="cases to leave out")
    parser.add_argument("--turn", type=Path, help="where it says whose turn it is")
    parser.add_argument(
        "--settled",
        default="[]",
        help="JSON: [case, contender, status, note] of cells that are known",
    )
    return parser


def _channel() -> Emit:
    """Return what sends events; what a library prints goes to the error stream."""
    channel = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)

    def emit(event: str, **more: object) -> None:
        channel.write(json.dumps({"event": event, **more}) + "\n")

    return emit


def enter(names: Sequence[str], broken: dict[str, Cell], emit: Emit) -> Field:
    """Return the contenders, imported one by one, without those whose import broke."""
    field = Field()
    for name in names:
        if name in broken:
            cell = broken[name]
            field.absent[name] = f"absent (its import: {cell.status} {cell.note})"
            continue
        emit("begin", case=IMPORT, contenders=[name])
        field.enter(name)
        emit("end", case=IMPORT)
    return field


def measure(session: Session, case: Case) -> Row:
    """Return the row of one case; what goes wrong with the case is in its cells."""
    row = Row.of(case)
    try:
        MEASURES[case.measure](session, case, case.inputs(), row)
    except Exception as error:
        note = f"the case itself: {type(error).__name__}: {error}"
        row.fail((one.name for one in session.field.present), note[:300])
    for name, why in session.field.absent.items():
        row.cells[name] = Cell("absent", why)
    row.cells = {name: row.cells[name] for name in session.field.versions()}
    session.settled.note(row)
    return row


if __name__ == "__main__":
    sys.exit(main())
