"""How long the first derivative takes, of functions of more and more operations."""

from collections.abc import Iterator

import numpy as np

from benchmarks.case import Case, Inputs, Suite

OPERATIONS = (10, 100, 1_000, 10_000)

QUICK = {"cold": (10, 100), "from cache": (100,)}
"""The lengths that a quick run asks for: what JAX compiles well within its limit."""

WRITTEN = {
    "unrolled": ("value_and_gradient", "total"),
    "as a loop": ("value_and_gradient_of_loop", "step"),
}
"""The task, and the function of `problems.unrolled` that is given."""


def _inputs(operations: int) -> Inputs:
    """Return an array of 10, and the turns of a loop of two operations."""
    return np.linspace(0.5, 1.0, 10), (operations // 2,)


def _cases() -> Iterator[Case]:
    for way, (task, function) in WRITTEN.items():
        for cached in (False, True):
            found = "from cache" if cached else "cold"
            lengths = OPERATIONS[:-1] if way == "unrolled" and cached else OPERATIONS
            for operations in lengths:
                yield Case(
                    name=f"{operations:,} operations, {way}, {found}",
                    task=task,
                    problem="unrolled",
                    function=function,
                    inputs=lambda operations=operations: _inputs(operations),
                    tolerance=1e-8,
                    group=f"{way}, {found}",
                    x=operations,
                    measure="first",
                    cached=cached,
                    quick=operations in QUICK[found],
                )


SUITE = Suite(
    name="latency",
    title="Time to the first derivative",
    text="""\
The time from a plain function to its first value and gradient, for a library that is
loaded but does not know this function: recording, compiling and the first run together.
The function repeats `y = sin(y + x)` on an array of 10 numbers. It is written as a
Python loop (*unrolled*: whoever compiles sees every operation) or with the library's
own *loop*, where it has one (`jax.lax.scan`, CasADi's `fold`). *Cold*, this function
was never compiled; *from cache*, the library finds on disk what an earlier run left
there, and nothing in memory.
A library that compiles nothing has nothing to keep, and one that took too long at some
length is not asked for a longer one. Nobody who keeps anything compiles 10,000
operations within the limit, so their unrolled loop is not asked for from cache.""",
    cases=tuple(_cases()),
    without=("by hand",),
    alone="recording and compiling a function of ten numbers is the work of one core.",
)
