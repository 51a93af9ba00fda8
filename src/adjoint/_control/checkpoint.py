"""A checkpointed call: its part of the tape is dropped, and written again when needed.

While the function runs it records as always.  Then its entries are taken off the
tape: one entry stands for the call, and empty places before it for what was inside.
When the backward sweep arrives there, the empty places are cut away, and the tape ends
just where the function began to record.  Running it again puts its entries back in the
same places, and the sweep goes on through them.  Closed-over traced values need no
care: the entries refer to whatever was read.

Memory: the results and 8 bytes an operation, instead of every intermediate value.
Time: one more evaluation.  Griewank & Walther 2008, section 12.1.
"""

import zlib
from collections.abc import Callable
from typing import Any

import numpy as np

from adjoint._core.arrays import Value
from adjoint._core.dispatch import highest_trace
from adjoint._core.errors import LeakError, StaleError
from adjoint._core.handle import Handle, strip
from adjoint._core.outdated import catch_up_all, current, refresh
from adjoint._core.tree import flatten, same_structure, unflatten
from adjoint._core.views import adopt, snapshot
from adjoint._modes.reverse import ReverseTrace
from adjoint._modes.sweep import add_to
from adjoint._modes.tape import DEAD, EMPTY, ESCAPE_MESSAGE, REPLAY, Entry


def call_checkpointed(
    fun: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    """Return ``fun(*args, **kwargs)``, keeping only results on the tape."""
    trace = highest_trace(flatten((args, kwargs))[0])
    if not isinstance(trace, ReverseTrace):
        return fun(*args, **kwargs)
    trace.check_open()
    catch_up_all(trace)  # later, the entries of that would be dropped too
    given, form = flatten((args, kwargs))
    saved = [trace.keep(leaf) for leaf in given]
    start = len(trace.ops)
    # Writes into a traced argument reach the caller's; plain arrays are the tape's own.
    seen = [
        leaf if isinstance(leaf, Handle) else kept
        for leaf, kept in zip(given, saved, strict=True)
    ]
    args, kwargs = unflatten(form, seen)
    out = fun(*args, **kwargs)
    leaves, structure = flatten(out)
    results = [current(one) for one in (*leaves, *given)]
    if any(isinstance(leaf, Handle) and not trace.owns(leaf) for leaf in leaves):
        return out  # a value of another level may refer to any entry on this tape
    inside = [
        k for k, one in enumerate(results) if trace.owns(one) and one.payload >= start
    ]
    if not inside:
        return out
    written = digest(trace.ops[start:])
    trace.ops[start:] = [EMPTY] * (len(trace.ops) - start)

    def replay(bars: list[Value], entries: list[Entry], totals: list[Value]) -> None:
        if any(total is not None for total in totals[start:]):
            raise LeakError(ESCAPE_MESSAGE)
        del entries[start:], totals[start:]
        fresh = [snapshot(leaf) if isinstance(leaf, Handle) else leaf for leaf in saved]
        again_args, again_kwargs = unflatten(form, fresh)
        trace.ops = entries
        try:
            again, again_structure = flatten(fun(*again_args, **again_kwargs))
            again = [current(one) for one in (*again, *fresh)]
        finally:
            trace.ops = DEAD
        totals.extend([None] * (len(entries) - start))
        same = same_structure(structure, again_structure)
        if not same or digest(entries[start:]) != written:
            raise StaleError(_change_message(fun))
        for k, bar in zip(inside, bars, strict=True):
            if bar is not None:
                place = again[k].payload
                add_to(totals, place, bar, entries[place][7])

    handles = trace.append_call([results[k].value for k in inside], (), replay, REPLAY)
    for k, handle in zip(inside, handles, strict=True):
        _replace(results, k, handle, len(leaves))
    return unflatten(structure, results[: len(leaves)])


def _replace(results: list[Value], k: int, handle: Handle, count: int) -> None:
    """Put the handle of a checkpointed call in the place of what its run made.

    The first ``count`` results were returned; the others are arguments, which stay the
    objects they are, since the caller has them too.
    """
    old = results[k]
    if k >= count:
        adopt(old, handle)
        if old.link is not None:
            refresh(old)
    elif not any(old is argument for argument in results[count:]):
        results[k] = handle


def digest(entries: list[Entry]) -> int:
    """Return a number that tells two recordings apart: operations and kept values.

    Comparing results alone would not do: at a point where they are zero, say, a changed
    constant does not show in them.
    """
    return hash(tuple(hash(tuple(map(_mark, entry))) for entry in entries))


def _mark(part: Any) -> Any:
    """Return something hashable that stands for one part of an entry."""
    value = strip(part)
    if isinstance(value, np.ndarray):
        return value.shape, value.dtype, _hash_of(value)
    if isinstance(value, (tuple, list)):
        return tuple(_mark(one) for one in value)
    if isinstance(value, slice):
        return "slice", value.start, value.stop, value.step
    if isinstance(value, (float, np.floating)):
        return str(value)  # nan is not equal to itself
    return value if isinstance(value, (int, str)) else type(value)


def _hash_of(array: np.ndarray[Any, Any]) -> int:
    """Return a hash of an array's elements, not copied if they lie in order."""
    if array.dtype.kind not in "fiubc":
        return hash(array.tobytes())
    return zlib.crc32(np.ascontiguousarray(array).data)


def _name(fun: Callable[..., Any]) -> str:
    return getattr(fun, "__name__", "the function")


def _change_message(fun: Callable[..., Any]) -> str:
    return (
        f"ad.checkpoint ran {_name(fun)} again for the backward pass and got another "
        "result. It draws random numbers or reads something that has changed: pass "
        "those in as arguments."
    )
