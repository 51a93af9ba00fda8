"""Peak memory of one answer: `python -m benchmarks.probes.peak SUITE CASE CONTENDER N`.

The first answer is not counted: a library loads its parts, and compiles.  Then N more
are taken.  Prints for each of these the bytes at the peak above those resident before;
the seconds of the last; and of each array of the answer its sum and its sum of squares,
to compare contenders by.  Where the peak cannot be started anew (elsewhere than on
Linux), the first answer is the one that counts.
"""

import json
import resource
import sys
from collections.abc import Iterator

import numpy as np

from benchmarks import memory
from benchmarks.case import Value
from benchmarks.contenders import assemble
from benchmarks.suites import load_suite
from benchmarks.timing import clock


def main() -> None:
    """Measure what the command line names and print it."""
    suite, wanted, name, times = sys.argv[1:]
    case = next(case for case in load_suite(suite).cases if case.name == wanted)
    contender = assemble([name]).present[0]
    run = contender.prepare(case, case.inputs())
    if memory.can_restart():
        run()
    repeats = int(times) if memory.can_restart() else 1
    peaks = []
    for _ in range(repeats):
        answer = None  # or the last one would be there already
        before = memory.restart_peak()
        start = clock()
        answer = run()
        seconds = clock() - start
        # One page at least: what is less cannot be seen.
        peaks.append(max(memory.peak() - before, resource.getpagesize()))
    sums = list(sums_of(contender.plain(answer)))
    print(json.dumps({"peaks": peaks, "seconds": seconds, "sums": sums}))


def sums_of(answer: Value) -> Iterator[list[float]]:
    """Yield the sum and the sum of squares of each array of an answer."""
    if isinstance(answer, list | tuple):
        for part in answer:
            yield from sums_of(part)
    else:
        values = np.asarray(answer, float)
        yield [float(np.sum(values)), float(np.sum(values * values))]


if __name__ == "__main__":
    main()
