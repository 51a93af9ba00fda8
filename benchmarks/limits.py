"""What the machine can do, in NumPy: bytes moved and multiply-adds a second.

NumPy copies with one thread, so on all cores as many copies run side by side.

`python -m benchmarks.limits` measures in its own process, under its own environment;
`measure` starts it once for one thread and once for all.
"""

import json
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

import numpy as np

from benchmarks import environment
from benchmarks.results import Limits
from benchmarks.timing import Plan, interleave

ROOT = Path(__file__).resolve().parents[1]

_LONG = 16_000_000
"""Doubles in an array: 128 MB, past every cache."""
_WIDE = 1536
"""Rows of a square matrix."""


def measure() -> dict[str, Limits]:
    """Return the limits for one thread on one core, and for all."""
    found = {}
    for threads in ("one", "all"):
        finished = subprocess.run(
            [sys.executable, "-m", "benchmarks.limits", threads],
            env=environment.clean(threads),
            cwd=ROOT,
            stdout=subprocess.PIPE,
            check=True,
        )
        found[threads] = Limits(**json.loads(finished.stdout))
    return found


def _here() -> Limits:
    """Return the limits of this process."""
    return Limits(
        bandwidth=_bandwidth(environment.cores()),
        float64=_multiply_adds(np.float64),
        float32=_multiply_adds(np.float32),
    )


def _bandwidth(cores: int) -> float:
    """Return the bytes a second that so many threads read and write together."""
    source, target = np.zeros(_LONG), np.ones(_LONG)
    parts = list(
        zip(np.array_split(target, cores), np.array_split(source, cores), strict=True)
    )
    with ThreadPoolExecutor(cores) as pool:
        copied = _fastest(lambda: list(pool.map(lambda pair: np.copyto(*pair), parts)))
    return 2 * source.nbytes / copied


def _multiply_adds(dtype: type[np.floating]) -> float:
    a = np.ones((_WIDE, _WIDE), dtype)
    out = np.empty_like(a)
    return 2 * _WIDE**3 / _fastest(lambda: np.matmul(a, a, out=out))


def _fastest(run: Callable[[], object]) -> float:
    """Return the shortest of several times: a limit is what is ever reached."""
    (times,) = interleave({"run": run}, Plan(calls=1, rounds=7)).values()
    return min(times)


if __name__ == "__main__":
    if sys.argv[1] == "one":
        environment.pin(None)
    print(json.dumps(asdict(_here())))
