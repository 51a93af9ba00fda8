"""Measurements that need a process of their own; each prints one JSON line."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


class ProbeError(Exception):
    """A probe did not finish; the message is the last line it wrote.

    Parameters
    ----------
    message : str
    code : int
        Of its exit; negative for the signal that ended it.
    """

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


def probe(
    name: str,
    *arguments: str,
    environment: Mapping[str, str] = os.environ,
    timeout: float | None = None,
) -> dict[str, Any]:
    """Return what the module `benchmarks.probes.<name>` printed, run by itself.

    Raises
    ------
    ProbeError
        If it failed.
    subprocess.TimeoutExpired
        If it took longer than `timeout` seconds.
    """
    paths = [str(ROOT), environment.get("PYTHONPATH", "")]
    finished = subprocess.run(
        [sys.executable, "-m", f"benchmarks.probes.{name}", *arguments],
        env={**environment, "PYTHONPATH": os.pathsep.join(filter(None, paths))},
        stdin=subprocess.DEVNULL,  # that of a worker brings its jobs
        capture_output=True,
        text=True,
        check=False,
        timeout=timeout,
    )
    if finished.returncode:
        lines = finished.stderr.strip().splitlines() or ["no message"]
        raise ProbeError(lines[-1], finished.returncode)
    result: dict[str, Any] = json.loads(finished.stdout)
    return result
