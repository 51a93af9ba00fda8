"""What the clone costs: its making, its look-up, its calls, and a loop that fills.

``python -m benchmarks.clones`` prints each figure beside its bound.  Calls are timed in
one process on one core, plain and hooked in turn; a figure is the difference of the
medians.
"""

import copy
import linecache
import statistics
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

import adjoint as ad
from adjoint._clone import hooks
from adjoint._clone.clones import Cloner
from benchmarks import environment
from benchmarks.timing import Plan, interleave

PLAN = Plan(calls=1, rounds=41)
TURNS = 20_000
ELEMENTS = 1_000
LINES = 80

plain = np.linspace(0.0, 1.0, 10)


def callee(x: float) -> float:
    """The user's function that is called."""
    return x


def calls_of_a_function(turns: int) -> None:
    """Call a function of the user's, again and again."""
    for _ in range(turns):
        callee(1.0)


def calls_of_numpy(turns: int) -> None:
    """Call a NumPy function on a plain array, again and again."""
    for _ in range(turns):
        np.sum(plain)


def calls_of_a_ufunc(turns: int) -> None:
    """Call a ufunc on a plain array, again and again."""
    for _ in range(turns):
        np.sin(plain)


def fill(x: Any) -> Any:
    """Fill an array element by element."""
    z = np.zeros(ELEMENTS)
    z[0] = x
    for i in range(1, ELEMENTS):
        z[i] = 0.9 * z[i - 1]
    return np.sum(z)


def medians(*runs: Callable[[], object]) -> list[float]:
    """Return the median seconds of a call of each, taken in turn."""
    samples = interleave({str(place): run for place, run in enumerate(runs)}, PLAN)
    return [statistics.median(one) for one in samples.values()]


def extra(function: Any) -> float:
    """Return what a turn of a loop costs more in a clone, in ns."""
    clone = hooks.SHALLOW.clone(function)
    before, after = medians(lambda: function(TURNS), lambda: clone(TURNS))
    return (after - before) / TURNS * 1e9


def long_function(number: int) -> Any:
    """Return a function of 80 lines that no cloner has seen, in a file of its own."""
    body = "\n".join(
        f"    y{k} = np.sin(x[{k % 3}]) * float({k}) + x.sum()"
        for k in range(LINES - 2)
    )
    text = f"def long(x):\n{body}\n    return y0\n"
    file = f"<function {number} of {LINES} lines>"
    lines = text.splitlines(keepends=True)
    linecache.cache[file] = (len(text), None, lines, file)
    space: dict[str, Any] = {"np": np}
    exec(compile(text, file, "exec"), space)  # noqa: S102 - the text above
    return space["long"]


def making() -> float:
    """Return how long it takes to make a clone of 80 lines, in ms."""
    # One function each for the warm-up and the rounds, written before the clock starts.
    unseen = [(_cloner(), long_function(n)) for n in range(1 + PLAN.rounds)]

    def make() -> None:
        cloner, function = unseen.pop()
        cloner.clone(function)

    (one,) = medians(make)
    return one * 1e3


def _cloner() -> Cloner:
    """Return a cloner that has made nothing yet."""
    cloner = Cloner(deep=False)
    cloner.hooks = copy.copy(hooks.SHALLOW.hooks)
    return cloner


def looking_up() -> float:
    """Return how long it takes to get a clone that was made before, in us."""
    known = hooks.SHALLOW_CALLS

    def inner(x: float) -> float:
        return x

    (one,) = medians(lambda: [known.of(inner) for _ in range(TURNS)])
    return one / TURNS * 1e6


def filling() -> float:
    """Return what an element of a filled array costs, forward and backward, in us."""
    gradient = ad.value_and_grad(fill)
    (one,) = medians(lambda: gradient(1.0))
    return one / ELEMENTS * 1e6


FIGURES: tuple[tuple[str, Callable[[], float], float, str], ...] = (
    ("making a clone of 80 lines", making, 5.0, "ms"),
    ("looking up a clone of an inner function", looking_up, 2.0, "us"),
    (
        "a call of a user's function",
        lambda: extra(calls_of_a_function),
        30.0,
        "ns more",
    ),
    ("np.sum of a plain array", lambda: extra(calls_of_numpy), 80.0, "ns more"),
    ("np.sin of a plain array", lambda: extra(calls_of_a_ufunc), 80.0, "ns more"),
    ("filling 1,000 elements in a loop", filling, 10.0, "us an element"),
)


def main() -> int:
    """Print the figures; the exit status tells if one is past its bound."""
    environment.ensure_clean()
    environment.pin(None)
    missed = 0
    for name, measure, bound, unit in FIGURES:
        found = measure()
        missed += found > bound
        sys.stdout.write(f"{name:42} {found:8.2f} {unit} (at most {bound:g})\n")
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main())
