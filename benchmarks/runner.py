"""Runs suites in processes of their own, so that no contender can hide the others.

A contender that hangs is killed with the process it runs in, one that crashes takes it
down by itself; either way the suite is started again from that case without it.
"""

import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Self, cast

from benchmarks import environment
from benchmarks.case import Suite
from benchmarks.effort import FULL, QUICK
from benchmarks.results import Cell, Report, Row, Table, row_from
from benchmarks.settled import FATAL
from benchmarks.turns import Turn

ROOT = Path(__file__).resolve().parents[1]
GRACE = 5.0
"""Seconds past the limit before a process is killed: a call may end just after."""
START = 120.0
"""Seconds in which a process must have imported its contenders."""

Progress = Callable[[Table, Row], None]


Settled = dict[tuple[str, str], tuple[str, str]]
"""Case and contender: the status and the note of a cell that is known."""


@dataclass(slots=True)
class Ending:
    """How a worker ended: all done, or who was being measured at which case.

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


class HungError(Exception):
    """Nothing was heard from a worker in the time it had."""


class Worker:
    """A process that measures; see `benchmarks.worker`."""

    def __init__(self, arguments: Sequence[str], threads: str) -> None:
        paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.worker", *arguments],
            env=environment.clean(threads) | {"PYTHONPATH": os.pathsep.join(paths)},
            stdout=subprocess.PIPE,
            text=True,
        )
        self._output = cast("IO[str]", self.process.stdout)
        self._lines: queue.Queue[str] = queue.Queue()
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        """End the process, if it does not end by itself, and let go of its output."""
        try:
            self.process.wait(timeout=GRACE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._listener.join()
        self._output.close()

    def _listen(self) -> None:
        for line in self._output:
            self._lines.put(line)
        self._lines.put("")

    def events(self) -> Iterator[dict[str, Any]]:
        """Yield what the worker says, until it ends.

        Raises
        ------
        HungError
            If it said nothing for as long as its last event allowed.
        """
        patience = START
        while True:
            try:
                line = self._lines.get(timeout=patience)
            except queue.Empty:
                self.process.kill()
                self.process.wait()
                raise HungError from None
            if not line.endswith("\n"):  # the end, or what a dying worker left
                return
            event: dict[str, Any] = json.loads(line)
            patience = event.get("limit", START) + GRACE
            yield event

    def ending(self) -> str:
        """Return how the process ended."""
        code = self.process.wait()
        return signal.strsignal(-code) or str(code) if code < 0 else f"exit {code}"


def run_suite(
    suite: Suite,
    threads: str,
    names: Sequence[str],
    report: Report,
    progress: Progress,
) -> Table:
    """Return the table of a suite, measured case by case in worker processes.

    It is measured from the beginning as often as the effort says, each time in a new
    process, and holds what all of them found.  If no worker can be started at all,
    `Table.fault` says so.
    """
    table = _empty(suite, threads, names)
    report.tables.append(table)
    settled: Settled = {}
    effort = QUICK if report.quick else FULL
    _fill(table, suite, settled, report, progress)
    for _ in range(1, effort.processes):
        if table.fault:
            break
        again = _empty(suite, threads, names)
        _fill(again, suite, settled, report, progress)
        table.add(again)
    return table


def _empty(suite: Suite, threads: str, names: Sequence[str]) -> Table:
    return Table(suite.name, suite.title, suite.text, threads, list(names))


def _fill(
    table: Table,
    suite: Suite,
    settled: Settled,
    report: Report,
    progress: Progress,
) -> None:
    """Measure all rows of a table."""
    cases = suite.asked(quick=report.quick)
    unexplained = -1
    while True:
        ending = _go_on(table, settled, report, progress)
        if ending.done:
            return
        for name in ending.blamed:
            settled[ending.case, name] = (ending.status, ending.note)
        if ending.blamed:
            continue
        if unexplained != len(table.rows):
            unexplained = len(table.rows)
            continue
        message = f"the process ended twice ({ending.note or ending.status})"
        if not ending.started or unexplained >= len(cases):
            table.fault = message
            return
        row = Row.of(cases[unexplained])
        for name in table.contenders:
            if report.contenders[name].startswith("absent"):
                row.cells[name] = Cell("absent", report.contenders[name])
        row.fail(table.contenders, f"{message}, and nobody was being measured")
        table.rows.append(row)
        progress(table, row)


def _go_on(
    table: Table, settled: Settled, report: Report, progress: Progress
) -> Ending:
    """Start a worker where the table ends; return how it ended."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "turn"
        turn = Turn(path)
        arguments = _arguments(table, settled, report.quick, path)
        with Worker(arguments, table.threads) as worker:
            ending = _follow(worker, table, settled, report, progress)
        ending.blamed = turn.blamed(ending.blamed)
    return ending


def _arguments(table: Table, settled: Settled, quick: bool, turn: Path) -> list[str]:
    """Return the command line of the worker that goes on with a table."""
    known = [[*cell, *outcome] for cell, outcome in settled.items()]
    return [
        table.suite,
        f"--threads={table.threads}",
        f"--contenders={','.join(table.contenders)}",
        f"--start={len(table.rows)}",
        f"--settled={json.dumps(known)}",
        f"--turn={turn}",
        *(["--quick"] if quick else []),
    ]


def _follow(
    worker: Worker,
    table: Table,
    settled: Settled,
    report: Report,
    progress: Progress,
) -> Ending:
    """Write down what a worker says; return how it ended, and at whose turn."""
    ending = Ending()
    try:
        for event in worker.events():
            match event["event"]:
                case "contenders":
                    ending.started = True
                    report.contenders.update(event["versions"])
                    report.conditions[f"cores, threads={table.threads}"] = event[
                        "pinned"
                    ]
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
                    return ending
    except HungError:
        ending.status = "> limit"
    else:
        ending.note = worker.ending()
    return ending
