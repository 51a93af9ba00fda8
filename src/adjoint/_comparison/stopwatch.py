"""Median times of several calls, taken in turn."""

import statistics
import time
from collections.abc import Callable, Mapping

ROUNDS = 7
SAMPLE = 2e-3
"""Seconds that one sample lasts at least; the quickest calls are repeated for it."""


def median_times(calls: Mapping[str, Callable[[], object]]) -> dict[str, float]:
    """Return the seconds a call takes, by name.

    Each has been called before.  A round takes one sample of each, so that what slows
    the machine down slows all of them.
    """
    repeats = {}
    for name, call in calls.items():
        start = time.perf_counter()
        call()
        once = time.perf_counter() - start
        repeats[name] = max(1, int(SAMPLE / max(once, 1e-7)))
    samples: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(ROUNDS):
        for name, call in calls.items():
            start = time.perf_counter()
            for _ in range(repeats[name]):
                call()
            samples[name].append((time.perf_counter() - start) / repeats[name])
    return {name: statistics.median(times) for name, times in samples.items()}
