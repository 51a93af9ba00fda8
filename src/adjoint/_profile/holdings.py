"""The arrays that tapes and sweeps hold, each counted once."""

from collections.abc import Iterable, Iterator
from functools import partial
from types import FunctionType
from typing import Any

import numpy as np

from adjoint._core.handle import Handle, strip
from adjoint._core.layout import owner_of

_DEEP = 4


class Holdings:
    """How many bytes are held, of arrays that may be held several times.

    What counts is the memory an array lies in: that of a view is its base's.

    Attributes
    ----------
    total : int
        Bytes held now.
    double : int
        Bytes ever held that are of double precision.
    """

    def __init__(self) -> None:
        self.total = 0
        self.double = 0
        self._held: dict[int, list[int]] = {}

    def hold(self, arrays: Iterable[Any]) -> tuple[list[int], int]:
        """Count arrays in; return their keys for `drop`, and the bytes that are new."""
        keys, new = [], 0
        for array in arrays:
            owner = owner_of(array)
            key = id(owner)
            keys.append(key)
            known = self._held.get(key)
            if known is not None:
                known[0] += 1
                continue
            self._held[key] = [1, owner.nbytes]
            new += owner.nbytes
            if owner.dtype in _DOUBLE:
                self.double += owner.nbytes
        self.total += new
        return keys, new

    def drop(self, keys: Iterable[int]) -> int:
        """Count arrays out again; return the bytes that are free with that."""
        free = 0
        for key in keys:
            known = self._held[key]
            known[0] -= 1
            if not known[0]:
                free += known[1]
                del self._held[key]
        self.total -= free
        return free


_DOUBLE = frozenset({np.dtype(np.float64), np.dtype(np.complex128)})


def arrays_in(part: Any, depth: int = _DEEP) -> Iterator[Any]:
    """Yield the arrays that a part of a tape's entry keeps alive.

    Functions (pullbacks of custom rules, checkpointed calls) keep what their closures
    hold.
    """
    if isinstance(part, Handle):
        part = strip(part)
    if isinstance(part, np.ndarray):
        yield part
    elif not depth:
        return
    elif isinstance(part, (tuple, list)):
        for one in part:
            yield from arrays_in(one, depth - 1)
    elif isinstance(part, dict):
        yield from arrays_in(list(part.values()), depth)
    elif isinstance(part, partial):
        yield from arrays_in((part.func, part.args, part.keywords), depth - 1)
    elif isinstance(part, FunctionType) and part.__closure__:
        for cell in part.__closure__:
            try:
                inside = cell.cell_contents
            except ValueError:  # not yet given a value
                continue
            yield from arrays_in(inside, depth - 1)
