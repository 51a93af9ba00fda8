"""Fuzz for some minutes on all processors: ``python -m fuzz --minutes 60``."""

import argparse
import concurrent.futures
import os
import sys
import time

from .campaign import FUZZERS, Tally, run

CHUNK = 200  # programs a process judges before it reports
FIRST_SEED = 1_000_000  # the tests begin at 0


def main() -> int:
    """Print the counts and every failure; the exit status says if there were any."""
    parser = argparse.ArgumentParser(prog="fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--first-seed", type=int, default=FIRST_SEED)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    given = parser.parse_args()
    until = time.monotonic() + 60 * given.minutes
    tallies = fuzz(until, given.first_seed, given.jobs)
    failures = [text for tally in tallies.values() for text in tally.failures]
    lines = [f"{name}: {tally}" for name, tally in tallies.items()]
    sys.stdout.write("\n\n".join([*lines, *failures, f"{len(failures)} wrong\n"]))
    return 1 if failures else 0


def fuzz(until: float, seed: int, jobs: int) -> dict[str, Tally]:
    """The counts by fuzzer: chunk after chunk of seeds, in turn, until it is time."""
    tallies = {name: Tally() for name in FUZZERS}
    with concurrent.futures.ProcessPoolExecutor(jobs) as pool:
        waiting = {}
        while waiting or time.monotonic() < until:
            while len(waiting) < jobs and time.monotonic() < until:
                name = list(FUZZERS)[seed // CHUNK % len(FUZZERS)]
                seeds = range(seed, seed + CHUNK)
                waiting[pool.submit(run, name, seeds, until)] = name
                seed += CHUNK
            done, _ = concurrent.futures.wait(
                waiting, return_when=concurrent.futures.FIRST_COMPLETED
            )
            for future in done:
                tallies[waiting.pop(future)].add(future.result())
    return tallies


if __name__ == "__main__":
    sys.exit(main())
