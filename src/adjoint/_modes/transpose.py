"""Transposition of a linear map given as a function: run it, then sweep back."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from adjoint._core.arrays import Value, in_domain, shape_of
from adjoint._core.outdated import current
from adjoint._modes.reverse import ReverseTrace
from adjoint._modes.sweep import add_to, careful_sweep
from adjoint._modes.tape import Entry


class Transposed:
    """The transpose of a linear map from one list of arrays to another.

    The map is run once, on a tape; each call sweeps that tape.  If the map is a
    pullback ``w -> Jᵀ w``, its transpose is the pushforward ``v -> J v``.

    Parameters
    ----------
    linear_map : callable
        Takes the arrays ``at`` (as traced values), returns a sequence of arrays.
    at : sequence of values
        Where to run it: any point will do for a linear map.  Ones, not zeros: the rule
        "exactly zero times infinite is zero" must not take the point for a structural
        zero.
    """

    def __init__(
        self, linear_map: Callable[..., Sequence[Value]], at: Sequence[Value]
    ) -> None:
        trace = ReverseTrace(copying=True)
        try:
            results = linear_map(*(trace.lift(one) for one in at))
            outs = [current(one) for one in results]
            entries: list[Entry] = trace.finish()
        finally:
            trace.finish()
            trace.vault.release()
        self._at = at
        self._places = [out.payload if trace.owns(out) else None for out in outs]
        self._entries = entries

    def __call__(self, bars: Sequence[Value]) -> list[Value]:
        """Return the transposed map of one array per result of the map."""
        count = len(self._at)
        totals: list[Value] = [None] * len(self._entries)
        entries = list(self._entries)
        for place, bar in zip(self._places, bars, strict=True):
            if place is not None:
                add_to(totals, place, bar, entries[place][7])
        careful_sweep(entries, totals, count)
        return [
            np.zeros_like(point) if total is None else in_domain(total, point)
            for point, total in zip(self._at, totals, strict=True)
        ]


def transpose(
    pullback: Callable[..., Sequence[Value]],
    outs: Sequence[Value],
    dots: Sequence[Any],
) -> list[Value]:
    """Return the tangents of ``outs`` for tangents ``dots``: a pullback transposed."""
    seeds = [
        np.ones_like(out) if shape_of(out) else np.ones_like(out)[()] for out in outs
    ]
    return Transposed(pullback, seeds)(dots)
