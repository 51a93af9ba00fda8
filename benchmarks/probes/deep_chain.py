"""Differentiate a chain of 1,000,000 scalar operations in a process of its own.

Prints the gradient, the expected gradient, microseconds an operation (forward and
backward) and the peak resident memory of the whole process. Python's recursion limit
stays at its default, so anything that recurses along the chain fails here.
"""

import json
import time

import adjoint as ad
from benchmarks import memory

OPERATIONS = 1_000_000
FACTOR = 1.0 - 1e-6
SHIFT = 1e-6


def chain(x: float, operations: int) -> float:
    """Return y after `operations` operations, two (y * c and + d) a turn."""
    y = x
    for _ in range(operations // 2):
        y = y * FACTOR + SHIFT
    return y


def main() -> None:
    """Differentiate once, after a short warm-up, and print the measurement."""
    gradient = ad.grad(chain)
    gradient(1.0, 1000)
    at_rest = memory.peak()
    start = time.perf_counter()
    measured = gradient(1.0, OPERATIONS)
    seconds = time.perf_counter() - start
    expected = 1.0
    for _ in range(OPERATIONS // 2):
        expected *= FACTOR
    print(
        json.dumps(
            {
                "gradient": float(measured),
                "expected": expected,
                "us_per_operation": seconds / OPERATIONS * 1e6,
                "peak_mib": memory.peak() / 2**20,
                "at_rest_mib": at_rest / 2**20,
            }
        )
    )


if __name__ == "__main__":
    main()
