"""A function recorded once on a tape that stays: its pullback, to be called often."""

import threading
from collections.abc import Callable
from typing import Any

import numpy as np

from adjoint._core.arrays import Value, describe, is_inexact
from adjoint._core.errors import OutputError
from adjoint._core.layout import copy_as_it_lies
from adjoint._core.tree import Structure, Tree, flatten, unflatten
from adjoint._modes.protect import stale_error
from adjoint._modes.reverse import ReverseTrace
from adjoint._modes.tape import Entry
from adjoint._modes.transpose import Transposed
from adjoint._modes.watched import reverse_trace, swept
from adjoint._transforms.arguments import Selection
from adjoint._transforms.matching import as_gradients, match_tree
from adjoint._transforms.running import (
    entering,
    function_name,
    lower,
    lower_leaf,
    run,
    split_aux,
)


class Pullback:
    """The pullback of a function at one point: from output to input cotangents.

    It sweeps a copy of the tape, so that it may be called any number of times, and its
    calls may be differentiated and batched.
    """

    def __init__(
        self,
        trace: ReverseTrace,
        entries: list[Entry],
        chosen: Selection,
        outs: list[Value],
        structure: Structure,
    ) -> None:
        self._trace = trace
        self._lock = threading.RLock()  # a checkpoint that replays writes on the tape
        self._entries = entries
        self.chosen = chosen
        self._structure = structure
        self._places = [out.payload if trace.owns(out) else None for out in outs]
        self._outs = [lower_leaf(trace, out) for out in outs]

    def __call__(self, cotangents: Tree) -> tuple[Any, ...]:
        """Return one cotangent tree per argument, for a tree like the output's.

        Raises
        ------
        TreeError, ShapeError, InputError
            If the cotangents do not fit the outputs.
        """
        given = match_tree(
            cotangents, self._outs, self._structure, "cotangent", "output"
        )
        return self.chosen.collect(self.pull(given))  # type: ignore[no-any-return]

    def pull(self, given: list[Value]) -> list[Value]:
        """Return one cotangent per input leaf, for one per output leaf."""
        leaves = self.chosen.leaves
        with self._lock:
            try:
                bars, finite = self._swept(given)
                if not finite:
                    bars, _ = self._swept(given, careful=True)
            finally:
                self._trace.vault.release()
        return as_gradients(leaves, bars)

    def _swept(
        self, given: list[Value], *, careful: bool = False
    ) -> tuple[list[Value], bool]:
        """Return the cotangents of the inputs, and whether they are finite.

        They come from a sweep over a copy of the tape.
        """
        bars: list[Value] = [None] * len(self._entries)
        for place, bar in zip(self._places, given, strict=True):
            if place is not None:
                bars[place] = bar if bars[place] is None else bars[place] + bar
        entries = list(self._entries)
        finite = swept(self._trace, entries, bars, self.chosen, careful=careful)
        return bars, finite


def record(
    fun: Callable[..., Any],
    args: tuple[Any, ...],
    argnums: Any,
    kwargs: dict[str, Any],
    has_aux: bool,
    asked: str = "vjp",
) -> tuple[Tree, Pullback, Any]:
    """Run a function on a tape that stays; return its result, pullback and aux."""
    chosen = Selection(asked, fun, args, argnums)
    trace = reverse_trace(copying=True)
    try:
        handles = [trace.lift(_copied(entering(trace, leaf))) for leaf in chosen.leaves]
        out = run(trace, fun, chosen.insert(handles), kwargs)
        entries = trace.finish()
    finally:
        trace.finish()
        unchanged = trace.vault.release()
    if not unchanged:
        raise stale_error()
    out, aux = split_aux(out, fun, has_aux)
    outs, structure = outputs_of(out, fun, asked)
    pullback = Pullback(trace, entries, chosen, outs, structure)
    plain = (lower_leaf(trace, leaf) for leaf in outs)
    value = unflatten(structure, [_copied(leaf, to_write=True) for leaf in plain])
    return value, pullback, lower(trace, aux)


def _copied(value: Value, *, to_write: bool = False) -> Value:
    """Return a copy of an array: the tape may hold the original."""
    if type(value) is not np.ndarray:
        return value
    return copy_as_it_lies(value, to_write=to_write)


def outputs_of(
    out: Tree, fun: Callable[..., Any], asked: str
) -> tuple[list[Value], Structure]:
    """Return the leaves of what a function returned, and their tree.

    Raises
    ------
    OutputError
        If it returned ``None``, most often since a ``return`` was forgotten, or a leaf
        is no number.
    """
    if out is None:
        msg = (
            f"{asked} needs a function that returns numbers or arrays; "
            f"{function_name(fun)} returned None. Is its `return` missing?"
        )
        raise OutputError(msg)
    leaves, structure = flatten(out)
    for leaf in leaves:
        dtype = getattr(leaf, "dtype", None)
        if isinstance(leaf, (int, float, complex)):
            continue
        if dtype is None or dtype.kind not in "fiubc":
            msg = (
                f"{asked} needs numbers and arrays as results; {function_name(fun)} "
                f"returned {describe(leaf)}. Hand other things out with has_aux=True."
            )
            raise OutputError(msg)
    return leaves, structure


def pushforward_of(pullback: Pullback, outs: list[Value]) -> Transposed:
    """Return the pushforward that a recording knows: its pullback transposed."""
    with np.errstate(all="ignore"):
        return Transposed(
            lambda *bars: pullback.pull(list(bars)),
            [_seed(leaf) for leaf in outs],
        )


def _seed(leaf: Value) -> Value:
    """Return ones like an output, of a real dtype also where that is constant."""
    return np.ones_like(leaf, dtype=None if is_inexact(leaf) else float)[()]
