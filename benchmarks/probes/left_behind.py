"""Count what 1,000 gradients leave behind while the garbage collector is off.

Three kinds of gradient: of an array, of a Python float, and a second derivative.
Prints, for each, the growth in objects the collector tracks and in traced bytes, and
the unreachable objects a collection finds at the end (cycles).
"""

import gc
import json
import tracemalloc
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

import adjoint as ad

Value: TypeAlias = Any

REPEATS = 1000
WARM_UP = 200
WEIGHTS = np.linspace(0.5, 1.5, 10)


def array_objective(x: Value) -> Value:
    """Return a scalar of an array, through operators, ufuncs and functions."""
    y = np.sin(x * WEIGHTS) + np.exp(-x) * x
    return np.sum(np.multiply(y, y) + x)


def scalar_objective(x: Value) -> Value:
    """Return a scalar of a Python float."""
    return np.sin(x) * x + x * 0.5


def kinds() -> dict[str, tuple[Callable[[Value], Value], Value]]:
    """Return, by name, each gradient and the argument it is taken at."""
    return {
        "array": (ad.grad(array_objective), np.linspace(0.1, 1.0, 10)),
        "float": (ad.grad(scalar_objective), 0.7),
        "second derivative": (ad.grad(ad.grad(scalar_objective)), 0.7),
    }


def repeat(gradient: Callable[[Value], Value], x: Value, times: int) -> None:
    """Take the gradient `times` times and keep none of the results."""
    for _ in range(times):
        gradient(x)


def objects_left(gradient: Callable[[Value], Value], x: Value) -> dict[str, int]:
    """Return the growth in tracked objects, and the cycles found."""
    repeat(gradient, x, WARM_UP)
    gc.collect()
    objects = len(gc.get_objects())
    repeat(gradient, x, REPEATS)
    objects = len(gc.get_objects()) - objects
    return {"objects": objects, "unreachable": gc.collect()}


def bytes_left(gradient: Callable[[Value], Value], x: Value) -> int:
    """Return the growth in memory that Python's own tracer sees.

    The warm-up comes after the collection, which empties CPython's free lists: filling
    them again is no growth.
    """
    tracemalloc.start()
    gc.collect()
    repeat(gradient, x, WARM_UP)
    before, _ = tracemalloc.get_traced_memory()
    repeat(gradient, x, REPEATS)
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return after - before


def main() -> None:
    """Measure every kind with the collector off and print the counts."""
    gc.disable()
    print(
        json.dumps(
            {
                name: objects_left(gradient, x) | {"bytes": bytes_left(gradient, x)}
                for name, (gradient, x) in kinds().items()
            }
        )
    )


if __name__ == "__main__":
    main()
