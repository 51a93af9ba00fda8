"""The conditions of a measurement: one core, one thread, a clean environment."""

import datetime
import importlib.metadata
import os
import platform
import sys
from pathlib import Path

import numpy as np

DISTORTING = ("OPENBLAS_", "OMP_", "KMP_", "MKL_", "XLA_", "JAX_", "TORCH_", "MALLOC_")
"""How variables begin that choose kernels, threads, precision or memory for one of the
libraries: `OPENBLAS_CORETYPE` can halve NumPy's speed."""

POOLS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS")
WAITING = {"OMP_WAIT_POLICY": "PASSIVE"}
"""Threads that wait sleep.  By default they spin, and where another process needs the
core that costs many times what is measured."""


def clean(threads: str) -> dict[str, str]:
    """Return the environment in which a process may measure.

    What is `DISTORTING` goes away.

    Parameters
    ----------
    threads : {"one", "all"}
        Whether thread pools are held at one thread or left to themselves.
    """
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(DISTORTING)
    }
    return kept | (dict.fromkeys(POOLS, "1") if threads == "one" else WAITING)


def ensure_clean() -> None:
    """Start this program again if its environment would distort what it measures.

    What `clean` changes is read when a library loads, so this must be a new process.
    """
    wanted = clean("one")
    if wanted == dict(os.environ):
        return
    removed = sorted(name for name in os.environ if name not in wanted)
    if removed:
        names = ", ".join(removed)
        print(f"Starting again without {names}.", file=sys.stderr, flush=True)
    os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], wanted)


def pin(core: int | None) -> str:
    """Hold this process and its children on one core; return which, in words.

    Parameters
    ----------
    core : int or None
        The core; None takes the last one allowed, which interrupts favour least.
    """
    if not hasattr(os, "sched_setaffinity"):
        return "not pinned (this system cannot)"
    chosen = max(os.sched_getaffinity(0)) if core is None else core
    os.sched_setaffinity(0, {chosen})
    return f"core {chosen} of {os.cpu_count()}"


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def describe() -> dict[str, str]:
    """Return machine and versions, by name, as they are printed."""
    return {
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "cpu": _cpu(),
        "cores": str(os.cpu_count()),
        "load": load(),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "numpy": f"{_version('numpy')} with {_blas()}",
        "scipy": _version("scipy"),
        "all cores": " ".join(f"{name}={value}" for name, value in WAITING.items()),
    }


def load() -> str:
    """Return how many processes wanted a core in the last 1, 5 and 15 minutes."""
    return "{:.2f} {:.2f} {:.2f}".format(*os.getloadavg())


def _version(distribution: str) -> str:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return "absent"


def _cpu() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or "unknown"


def _blas() -> str:
    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    return f"{blas.get('name', 'unknown BLAS')} {blas.get('version', '')}".strip()
