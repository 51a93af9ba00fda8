"""``rng.shuffle(x)`` and ``rng.permutation(x)`` of traced arrays: rows are moved.

NumPy takes what is no array for a list and swaps its items one by one; the items of a
traced matrix are views, so rows would be lost.  The same generator that shuffles the
numbers of the rows draws the same order.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from adjoint._core.handle import Handle

_NAMES = frozenset({"permutation", "shuffle"})


def moves_rows(function: Any) -> bool:
    """Tell whether a function is such a method of a random generator."""
    owner = getattr(function, "__self__", None)
    if owner is None or getattr(function, "__name__", "") not in _NAMES:
        return False
    # NumPy loads this part of it when it is asked for, in 15 ms.
    return isinstance(owner, (np.random.Generator, np.random.RandomState))


def shuffling(method: Any) -> Callable[..., Any]:
    """Return a generator's method that takes traced arrays too."""
    owner, name = method.__self__, method.__name__

    def call(x: Any, axis: int = 0) -> Any:
        if not isinstance(x, Handle):
            return method(x) if axis == 0 else method(x, axis=axis)
        order = np.arange(x.shape[axis])
        owner.shuffle(order)
        moved: Any = np.take(x, order, axis=axis)
        if name == "permutation":
            return moved
        x[...] = moved
        return None

    return call
