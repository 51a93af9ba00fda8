"""Protection of plain arrays that the backward pass will need again.

The tape of reverse mode keeps operands by reference.  A plain array among them belongs
to the user, who may reuse it as a work buffer:

>>> import numpy as np
>>> import adjoint as ad
>>> buffer = np.zeros(1)
>>> def cube_times_six(x):
...     for factor in (1.0, 2.0, 3.0):
...         buffer[:] = factor
...         x = x * buffer
...     return np.sum(x)
>>> ad.grad(cube_times_six)(np.array([1.0]))
array([6.])

Kept by reference, all three factors would read 3 in the backward pass (27, silently).
So small arrays are copied.  Large ones are made read-only while the transform runs, so
that a write raises, and fingerprinted, so that a write through an older view (which the
read-only flag does not stop) is found before the derivative is handed out.
"""

import itertools
import os
import sys
import threading
from dataclasses import dataclass
from typing import Any

import numpy as np

from adjoint._core.counts import EXACT_COUNTS
from adjoint._core.errors import StaleError
from adjoint._core.layout import copy_as_it_lies

Array = np.ndarray[Any, Any]

SMALL = 32768
"""Arrays up to this many bytes are copied (0.15 us at 80 bytes, 1 us at this size);
above, frozen and fingerprinted (10 us and more)."""

UNSTABLE: set[int] = set()
"""Identities of arrays that will change while a tape is kept, and so are copied."""

_frozen: dict[int, tuple[Array, int]] = {}
_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class _Held:
    """One large array of the user's, what the tape keeps of it, and how it looked."""

    original: Array
    saved: Array
    fingerprint: "Fingerprint | None"

    def is_unchanged(self) -> bool:
        """Tell whether the array, still frozen, holds what it held when it was kept."""
        if self.saved is self.original and self.fingerprint is None:
            # Nothing could write into it, unless the user made it writable again.
            return not self.original.flags.writeable
        if self.fingerprint is None:
            return bool(np.array_equal(self.original, self.saved, equal_nan=True))
        return self.fingerprint.still_fits()


class Fingerprint:
    """Sums that change when the elements of an array change.

    The memory is laid out as a table of a width drawn anew for each array.  Down the
    columns, the bit patterns are added as integers: any one element that changes
    changes its sum, however little.  Across the rows, floats are added with irregular
    weights: elements that trade places change these sums.  For other numbers the bits
    are added down a table of another width: two that trade places escape only if their
    distance is a multiple of both.  Each runs at memory speed (0.1 ms for a million
    float64).

    Parameters
    ----------
    array : ndarray
        Contiguous, in C or Fortran order.
    across : bool
        Whether the sums across are wanted too.
    """

    __slots__ = ("_marks", "_rows", "_tables", "_tails", "_weights")

    def __init__(self, array: Array, *, across: bool) -> None:
        flat = (array if array.flags.c_contiguous else array.T).reshape(-1)
        if flat.dtype.kind == "c":
            flat = flat.view(flat.real.dtype)
        bits = flat.view("u8" if flat.nbytes % 8 == 0 else "u1")
        weights = _WEIGHTS.get(flat.dtype.char)
        widths = draw_widths(1 if weights is not None or not across else 2)
        whole = [bits.size - bits.size % width for width in widths]
        self._tables = [
            bits[:stop].reshape(-1, width)
            for width, stop in zip(widths, whole, strict=True)
        ]
        self._tails = [bits[stop:] for stop in whole]
        self._rows: Array | None = None
        if across and weights is not None:
            width = widths[0]
            self._weights = weights[:width]
            self._rows = flat[: flat.size - flat.size % width].reshape(-1, width)
        self._marks = self._sums()

    def still_fits(self) -> bool:
        """Tell whether the array has the sums it had."""
        return self._sums() == self._marks

    def _sums(self) -> list[bytes]:
        sums = [
            np.add.reduce(t, axis=0, dtype=np.uint64).tobytes() for t in self._tables
        ]
        sums += [tail.tobytes() for tail in self._tails]
        if self._rows is not None:
            sums.append(self._rows.dot(self._weights).tobytes())
        return sums


NONE: frozenset[int] = frozenset()


class Vault:
    """The plain arrays one tape keeps.

    Parameters
    ----------
    copying : bool
        Whether large arrays are copied once too.  A pullback that outlives its
        transform (``vjp``, ``linearize``) copies, so that later changes do not reach
        it; ``grad`` does not.

    Attributes
    ----------
    sole : frozenset of int
        The arguments, by identity, that no view shows; see `without_views`.
    """

    __slots__ = ("copies", "copying", "held", "sole")

    def __init__(self, *, copying: bool) -> None:
        self.copying = copying
        self.sole = NONE
        self.held: dict[Any, _Held] = {}
        self.copies: dict[Any, Array] = {}

    def keep(self, array: Array, *, argument: bool = False) -> Array:
        """Return what the tape may keep in the place of ``array``.

        An ``argument`` of the transform is fingerprinted by half (see `_hold`).
        """
        if array.nbytes <= SMALL or array.dtype.kind not in "fiubc":
            return copy_as_it_lies(array) if argument else array.copy(order="K")
        if UNSTABLE and (id(array) in UNSTABLE or id(array.base) in UNSTABLE):
            return self._copy_of(array)
        key = _memory_of(array)
        held = self.held.get(key)
        if held is None:
            held = self.held[key] = self._hold(array, argument=argument)
        return held.saved

    def _copy_of(self, array: Array) -> Array:
        """Return a copy of an array that will change: the last one, if it still fits.

        So a loop that uses a large array again and again keeps one copy of it.
        """
        key = _memory_of(array)
        known = self.copies.get(key)
        if known is None or not np.array_equal(known, array, equal_nan=True):
            known = self.copies[key] = copy_as_it_lies(array)
        return known

    def _hold(self, array: Array, *, argument: bool) -> _Held:
        """Return a large array held: frozen if it owns its memory, and fingerprinted.

        A view is not frozen: its flag could not be given back while its base is frozen
        too.  A write through it is found by the fingerprint.  An array that no view
        shows is safe once it is frozen.

        What is frozen can only be changed through a view older than the freezing, and
        an argument is no work buffer: there the sums across are left out.  They would
        find elements that trade places at a distance that is a multiple of the width,
        and cost half the time, 20 % of a product with a large matrix.
        """
        compact = array.flags.forc
        saved = array
        if self.copying or not compact:
            saved = copy_as_it_lies(array) if argument else array.copy(order="K")
        if array.base is None:
            freeze(array)
            argument = True
        if not compact or id(array) in self.sole:
            return _Held(array, saved, None)
        return _Held(array, saved, Fingerprint(array, across=not argument))

    def release(self) -> bool:
        """Give the arrays back as they were; tell whether all are unchanged."""
        if not self.held:
            return True
        held, self.held = self.held, {}
        try:
            return all(one.is_unchanged() for one in held.values())
        finally:
            for one in held.values():
                if one.original.base is None:
                    thaw(one.original)


def without_views(leaves: list[Any]) -> frozenset[int]:
    """Return the identities of large arrays of which there are no views.

    A view holds a reference to what it shows.  An array that owns its memory, and that
    only its container and this list hold, therefore has none.

    Parameters
    ----------
    leaves : list
        Of one tree, as it was flattened: each is held by the container it was found in.
    """
    return frozenset(
        id(leaf)
        for leaf in leaves
        if type(leaf) is np.ndarray
        and leaf.nbytes > SMALL
        and leaf.flags.owndata
        and sys.getrefcount(leaf) == _IN_ITS_CONTAINER
    )


def _calibrate() -> int:
    """Return the reference count `without_views` sees of an array without views."""
    if not EXACT_COUNTS:
        return -1
    tree = [np.zeros(1)]
    leaves = [*tree]
    return next(sys.getrefcount(leaf) for leaf in leaves)


_IN_ITS_CONTAINER = _calibrate()


def _memory_of(array: Array) -> tuple[Any, ...]:
    """Return by what an array, and views made on the fly (A.T in a loop), are known."""
    place = id(array) if array.base is None else array.__array_interface__["data"][0]
    return place, array.shape, array.strides, array.dtype  # which may be set anew


def stale_error() -> StaleError:
    """Return the error for an array that changed while a tape held it."""
    return StaleError(
        "An array that the derivative needs was changed, through another view of its "
        "memory, after a traced operation had used it. Use a copy in that operation "
        "(x * buffer.copy()), or fill a fresh array in each turn of the loop."
    )


def is_frozen(array: Array) -> bool:
    """Tell whether an array is, or shows, one that is read-only for a tape's sake."""
    return bool(_frozen) and (id(array) in _frozen or id(array.base) in _frozen)


def freeze(array: Array) -> None:
    """Make an array read-only until as many calls of `thaw`; any thread may join in."""
    with _lock:
        _, count = _frozen.get(id(array), (array, 0))
        if count == 0:
            if not array.flags.writeable:
                return
            array.flags.writeable = False
        _frozen[id(array)] = (array, count + 1)


def thaw(array: Array) -> None:
    """Undo one `freeze`."""
    with _lock:
        _, count = _frozen.get(id(array), (array, 0))
        if count == 1:
            del _frozen[id(array)]
            array.flags.writeable = True
        elif count > 1:
            _frozen[id(array)] = (array, count - 1)


_WIDEST = 4096
_WEIGHTS = {
    kind: (0.5 + np.arange(_WIDEST) * 0.6180339887498949 % 1.0).astype(kind)
    for kind in "fd"
}
"""Irregular weights between 0.5 and 1.5: the golden ratio's multiples, modulo 1."""


def _primes(start: int, stop: int) -> list[int]:
    return [n for n in range(start, stop) if all(n % k for k in range(2, 64))]


_WIDTHS = _primes(521, _WIDEST)


def draw_widths(count: int) -> list[int]:
    """Return different prime table widths, others each time.

    Prime, so that no shift by whole rows of a user's array is a multiple of it.
    """
    return [_WIDTHS[next(_turn) % len(_WIDTHS)] for _ in range(count)]


_turn = itertools.count(int.from_bytes(os.urandom(2), "little"), 7)
