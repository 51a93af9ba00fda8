"""A checkpointed call: its part of the tape is dropped, and written again when needed.

While the function runs it records as always.  Then its entries are cut off the tape
and one short entry takes their place.  When the backward sweep arrives there, the tape
ends just where the function began to record; running it again puts its entries back in
the same places, and the sweep goes on through them.  Closed-over traced values need no
care: the entries refer to whatever was read.

Memory: the results, instead of every intermediate value.  Time: one more evaluation.
Griewank & Walther 2008, section 12.1.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from adjoint._core.arrays import Value
from adjoint._core.dispatch import highest_trace, strip
from adjoint._core.errors import StaleError
from adjoint._core.tree import flatten, unflatten
from adjoint._modes.reverse import ReverseTrace
from adjoint._modes.tape import DEAD, REPLAY, Entry, add_to


def call_checkpointed(
    fun: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    """Return ``fun(*args, **kwargs)``, keeping only results on the tape."""
    trace = highest_trace(flatten((args, kwargs))[0])
    if not isinstance(trace, ReverseTrace):
        return fun(*args, **kwargs)
    start = len(trace.ops)
    out = fun(*args, **kwargs)
    leaves, structure = flatten(out)
    own = [k for k, leaf in enumerate(leaves) if trace.owns(leaf)]
    inside = [k for k in own if leaves[k].payload >= start]
    if not inside:
        del trace.ops[start:]
        return out
    results = [leaves[k].value for k in inside]
    prints = [np.array(strip(result)) for result in results]
    del trace.ops[start:]

    def replay(bars: list[Value], entries: list[Entry], totals: list[Value]) -> None:
        trace.ops = entries
        try:
            again = flatten(fun(*args, **kwargs))[0]
        finally:
            trace.ops = DEAD
        totals.extend([None] * (len(entries) - len(totals)))
        for k, bar, expected in zip(inside, bars, prints, strict=True):
            _check_same(strip(again[k]), expected, fun)
            if bar is not None:
                place = again[k].payload
                add_to(totals, place, bar, entries[place][7])

    handles = trace.append_call(results, (), replay, REPLAY)
    for k, handle in zip(inside, handles, strict=True):
        leaves[k] = handle
    return unflatten(structure, leaves)


def _check_same(value: Value, expected: Value, fun: Callable[..., Any]) -> None:
    """Raise if the second run gave another result than the first.

    Raises
    ------
    StaleError
        If it did: the function draws random numbers, or reads what has changed since.
    """
    if not np.array_equal(value, expected, equal_nan=True):
        name = getattr(fun, "__name__", "the function")
        msg = (
            f"ad.checkpoint ran {name} again for the backward pass and got another "
            "result. It draws random numbers or reads something that has changed: pass "
            "those in as arguments."
        )
        raise StaleError(msg)
