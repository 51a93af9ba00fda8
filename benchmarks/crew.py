"""The processes that measure: started once for many tables, and again when one dies."""

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Self, cast

from benchmarks import environment
from benchmarks.case import Threads
from benchmarks.turns import Turn
from benchmarks.waiting import ran

ROOT = Path(__file__).resolve().parents[1]
GRACE = 3.0
"""Seconds past the limit before a process is killed: a call may end just after, and a
new process takes as long to start."""
CROWDED = 4
"""How many times as long it is waited for a process that has not had the cores for the
time it was given: it may be others who are slow."""
START = 120.0
"""Seconds in which a process must have imported a contender."""

Job = dict[str, Any]
"""A table to be measured; see `benchmarks.worker`."""


class HungError(Exception):
    """Nothing was heard from a worker in the time it had."""


class Worker:
    """A process that measures; see `benchmarks.worker`."""

    def __init__(self, threads: Threads, *, quick: bool) -> None:
        paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
        self._folder = tempfile.TemporaryDirectory()
        turn = Path(self._folder.name) / "turn"
        self.turn = Turn(turn)
        options = [f"--threads={threads}", f"--turn={turn}", *["--quick"] * quick]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.worker", *options],
            env=environment.clean(threads) | {"PYTHONPATH": os.pathsep.join(paths)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._input = cast("IO[str]", self._process.stdin)
        self._output = cast("IO[str]", self._process.stdout)
        self._lines: queue.Queue[str] = queue.Queue()
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def _listen(self) -> None:
        for line in self._output:
            self._lines.put(line)
        self._lines.put("")

    def give(self, job: Job) -> None:
        """Have a table measured; what it says comes from `events`."""
        try:
            self._input.write(json.dumps(job) + "\n")
            self._input.flush()
        except BrokenPipeError:  # it is dead, as `events` will find
            return

    def events(self) -> Iterator[dict[str, Any]]:
        """Yield what the worker says, until it ends.

        Raises
        ------
        HungError
            If it said nothing for as long as its last event allowed.
        """
        patience = START
        while True:
            line = self._hear(patience)
            if not line.endswith("\n"):  # the end, or what a dying worker left
                return
            event: dict[str, Any] = json.loads(line)
            patience = event.get("limit", START) + GRACE
            yield event

    def _hear(self, patience: float) -> str:
        """Return the next line, waiting longer where others have the cores."""
        spent = ran(self._process.pid) + patience
        for _ in range(CROWDED):
            try:
                return self._lines.get(timeout=patience)
            except queue.Empty:
                if ran(self._process.pid) >= spent:
                    break
        self._process.kill()
        raise HungError

    def ending(self) -> str:
        """Return how the process ended."""
        code = self._process.wait()
        return signal.strsignal(-code) or str(code) if code < 0 else f"exit {code}"

    def close(self) -> None:
        """End the process, if it does not end by itself, and let go of its output."""
        with contextlib.suppress(BrokenPipeError):
            self._input.close()
        try:
            self._process.wait(timeout=GRACE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._listener.join()
        self._output.close()
        self._folder.cleanup()


class Crew:
    """A worker for each setting of threads, from its first table to its last.

    Importing all libraries takes seconds, so a process measures table after table.  One
    that has ended is replaced when there is more to do.

    Parameters
    ----------
    quick : bool
        Whether the run is quick.

    Attributes
    ----------
    broken : dict of str to (str, str)
        The contenders whose import ended a worker: status and note.
    """

    def __init__(self, *, quick: bool) -> None:
        self.broken: dict[str, tuple[str, str]] = {}
        self._quick = quick
        self._workers: dict[Threads, Worker] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        for threads in list(self._workers):
            self.dismiss(threads)

    def worker(self, threads: Threads) -> Worker:
        """Return the worker of a setting, started if there is none."""
        if threads not in self._workers:
            self._workers[threads] = Worker(threads, quick=self._quick)
        return self._workers[threads]

    def dismiss(self, threads: Threads) -> None:
        """End the worker of a setting, if there is one."""
        worker = self._workers.pop(threads, None)
        if worker:
            worker.close()
