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
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks import environment
from benchmarks.case import Suite
from benchmarks.results import Report, Row, Table, row_from

ROOT = Path(__file__).resolve().parents[1]
GRACE = 5.0
"""Seconds past the limit before a process is killed: a call may end just after."""
START = 120.0
"""Seconds in which a process must have imported its contenders."""

Progress = Callable[[Table, Row], None]


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
        self._lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
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
            if not line:
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
    """Return the table of a suite, measured case by case in worker processes."""
    table = Table(suite.name, suite.title, suite.text, threads, list(names))
    report.tables.append(table)
    settled: list[tuple[str, str, str, str]] = []
    while True:
        worker = Worker(
            [
                suite.name,
                f"--threads={threads}",
                f"--contenders={','.join(names)}",
                f"--start={len(table.rows)}",
                f"--exclude={json.dumps(settled)}",
                *(["--quick"] if report.quick else []),
            ],
            threads,
        )
        busy: tuple[str, list[str]] = ("", [])
        status, note = "crashed", ""
        try:
            for event in worker.events():
                match event["event"]:
                    case "contenders":
                        report.contenders.update(event["versions"])
                        report.conditions[f"cores, threads={threads}"] = event["pinned"]
                    case "begin":
                        busy = (event["case"], event["contenders"])
                    case "end":
                        busy = (event["case"], [])
                    case "row":
                        table.rows.append(row_from(event["row"]))
                        progress(table, table.rows[-1])
                    case "done":
                        return table
        except HungError:
            status = "> limit"
        else:
            note = worker.ending()
        case, blamed = busy
        if not blamed:
            message = f"suite {suite.name}: the process ended ({status} {note})"
            raise RuntimeError(message)
        settled += [(case, name, status, note) for name in blamed]
