"""Has suites measured in processes of their own, so that nobody can hide the others.

A contender that hangs is killed with the process it runs in, one that crashes takes it
down by itself; either way a new process goes on from that case without it.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from benchmarks.case import Case, Suite, Threads
from benchmarks.contenders import OURS
from benchmarks.crew import Crew, HungError, Job
from benchmarks.effort import FULL, QUICK
from benchmarks.results import Cell, Report, Row, Table, row_from
from benchmarks.settled import FATAL, IMPORT

Progress = Callable[[Table, Row], None]

Plan = list[tuple[Case, list[str]]]
"""The cases of a table, and who is measured at each."""

Settled = dict[tuple[str, str], tuple[str, str]]
"""Case and contender: the status and the note of a cell that is known."""


@dataclass(slots=True)
class Ending:
    """How a worker ended a table: all done, or who was being measured at which case.

    Parameters
    ----------
    done, started : bool
        Whether all cases are measured, and whether all contenders were imported.
    case : str
        What was being measured.
    blamed : list of str
        Who was, if anybody.
    status, note : str
        What their cells say.
    """

    done: bool = False
    started: bool = False
    case: str = ""
    blamed: list[str] = field(default_factory=list)
    status: str = "crashed"
    note: str = ""


def run_suite(
    suite: Suite,
    threads: Threads,
    names: Sequence[str],
    report: Report,
    crew: Crew,
    progress: Progress,
) -> None:
    """Add the table of a suite to a report, measured case by case by a worker.

    If no worker can be started at all, `Table.fault` says so.
    """
    table = Table(suite.name, suite.title, suite.told, threads, list(names))
    report.tables.append(table)
    plan = [(case, list(names)) for case in suite.asked(threads, quick=report.quick)]
    _fill(table, plan, report, crew, progress)


def run_again(
    suite: Suite, table: Table, report: Report, crew: Crew, progress: Progress
) -> None:
    """Measure what can change of a table once more, and add it.

    Times of warm calls depend on the process and on when it ran, so they are taken from
    a second one.  Cells that took long are spared: their calls are long too, and
    differ less.
    """
    dear = (QUICK if report.quick else FULL).again
    plan: Plan = []
    asked = suite.asked(table.threads, quick=report.quick)
    for case, row in zip(asked, table.rows, strict=False):
        names = [
            name
            for name, cell in row.cells.items()
            if cell.rounds and cell.spent <= dear and case.measure == "run"
        ]
        if OURS in names or (names and row.cells[OURS].spread is None):
            plan.append((case, names))
    if plan and not table.fault:
        again = Table(suite.name, "", "", table.threads, table.contenders)
        _fill(again, plan, report, crew, progress)
        table.add(again)


def _fill(
    table: Table, plan: Plan, report: Report, crew: Crew, progress: Progress
) -> None:
    """Measure all rows of a table."""
    began = time.perf_counter()
    settled: Settled = {}
    unexplained = -1
    while not table.fault:
        try:
            ending = _go_on(table, plan, settled, report, crew, progress)
        except BaseException:  # what it has still to say belongs to no other table
            crew.dismiss(table.threads)
            raise
        if ending.done:
            break
        crew.dismiss(table.threads)
        for name in ending.blamed:
            outcome = ending.status, ending.note
            if ending.case == IMPORT:
                crew.broken[name] = outcome
            settled[ending.case, name] = outcome
        if ending.blamed:
            continue
        if unexplained != len(table.rows):
            unexplained = len(table.rows)
            continue
        message = f"the process ended twice ({ending.note or ending.status})"
        if not ending.started or unexplained >= len(plan):
            table.fault = message
        else:
            table.rows.append(_lost(*plan[unexplained], message, report))
            progress(table, table.rows[-1])
    table.seconds = time.perf_counter() - began


def _lost(case: Case, names: Sequence[str], message: str, report: Report) -> Row:
    """Return the row of a case at which the process ended, whoever was asked."""
    row = Row.of(case)
    for name in names:
        version = report.contenders[name]
        if version.startswith("absent"):
            row.cells[name] = Cell("absent", version)
    row.fail(names, f"{message}, and nobody was being measured")
    return row


def _go_on(
    table: Table,
    plan: Plan,
    settled: Settled,
    report: Report,
    crew: Crew,
    progress: Progress,
) -> Ending:
    """Have a worker go on where the table ends; return how it ended."""
    worker = crew.worker(table.threads)
    worker.give(_job(table, plan, settled, crew))
    ending = Ending()
    try:
        for event in worker.events():
            _take_down(event, ending, table, settled, report, progress)
            if ending.done:
                return ending
    except HungError:
        ending.status = "> limit"
    else:
        ending.note = worker.ending()
    ending.blamed = worker.turn.blamed(ending.blamed)
    return ending


def _job(table: Table, plan: Plan, settled: Settled, crew: Crew) -> Job:
    """Return what is left to do of a table."""
    broken = {(IMPORT, name): outcome for name, outcome in crew.broken.items()}
    return {
        "suite": table.suite,
        "contenders": table.contenders,
        "cases": [[case.name, names] for case, names in plan[len(table.rows) :]],
        "settled": [[*cell, *known] for cell, known in (settled | broken).items()],
    }


def _take_down(
    event: Job,
    ending: Ending,
    table: Table,
    settled: Settled,
    report: Report,
    progress: Progress,
) -> None:
    """Write down what a worker says."""
    match event["event"]:
        case "contenders":
            ending.started = True
            report.contenders.update(event["versions"])
            report.conditions[f"cores, threads={table.threads}"] = event["pinned"]
        case "begin":
            ending.case, ending.blamed = event["case"], event["contenders"]
        case "end":
            ending.blamed = []
        case "row":
            row = row_from(event["row"])
            table.rows.append(row)
            for name, cell in row.cells.items():
                if cell.status in FATAL:
                    settled[row.name, name] = (cell.status, cell.note)
            progress(table, row)
        case "done":
            ending.done = True
