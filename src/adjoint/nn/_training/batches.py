"""Data as batches: rows of arrays in a random order, or whatever an iterable gives."""

from collections.abc import Iterable, Iterator
from typing import Any, Protocol, TypeAlias

import numpy as np

import adjoint as ad
from adjoint.nn._described import Words, checksum_of, described, name_of

Batch: TypeAlias = tuple[Any, ...]

ROWS = 32
"""Rows of a batch, if the caller does not say."""


class Data(Protocol):
    """What a training goes through once an epoch."""

    batches: int | None
    """How many there are, if that is known before."""

    arrays: int | None
    """How many arrays are in each, if that is known before."""

    def epoch(self, number: int, rng: np.random.Generator | None) -> Iterator[Batch]:
        """Return the batches of an epoch, counted from 1; in order without ``rng``."""

    def setting(self) -> Words:
        """Return what must be the same when a training goes on."""


def data_of(what: str, data: Any, batch_size: int | None) -> Data:
    """Return data, checked; ``what``: their name in messages.

    Raises
    ------
    InputError, ShapeError, ValueError
        If they are neither arrays of one length nor an iterable of batches.
    """
    if isinstance(data, np.ndarray):
        data = (data,)
    if isinstance(data, tuple) and data and not isinstance(data[0], tuple):
        return Rows(what, data, ROWS if batch_size is None else batch_size)
    if batch_size is not None:
        msg = (
            f"fit: batch_size={batch_size} is for arrays; {what} of type "
            f"{type(data).__name__} gives its own batches. Leave batch_size away."
        )
        raise ad.errors.InputError(msg)
    if not (callable(data) or isinstance(data, Iterable)):
        msg = (
            f"fit takes {what} as a tuple of arrays (x, y), an iterable of batches, or "
            f"a function epoch -> iterable; this is a {type(data).__name__}."
        )
        raise ad.errors.InputError(msg)
    return Batches(what, data)


class Rows:
    """Batches of the rows of arrays.

    Parameters
    ----------
    what : str
    arrays : tuple of arrays
        All of one length; inputs first.
    size : int
        Rows of a batch; the last one of an epoch may have fewer.
    """

    def __init__(self, what: str, arrays: tuple[Any, ...], size: int) -> None:
        if isinstance(size, bool) or not isinstance(size, (int, np.integer)):
            msg = f"fit: batch_size={size!r} is no integer."
            raise ad.errors.InputError(msg)
        if size < 1:
            msg = f"fit: batch_size={size}; a batch has at least one row."
            raise ValueError(msg)
        for place, array in enumerate(arrays):
            if not isinstance(array, np.ndarray):
                msg = (
                    f"fit: {what}[{place}] is a {type(array).__name__}, no array; "
                    "np.asarray makes one of it. (Batches come in a list, not a tuple.)"
                )
                raise ad.errors.InputError(msg)
            if array.ndim == 0:
                msg = f"fit: {what}[{place}] has no axis of rows: its shape is ()."
                raise ad.errors.ShapeError(msg)
        lengths = [len(array) for array in arrays]
        if len(set(lengths)) > 1:
            shapes = ", ".join(str(array.shape) for array in arrays)
            msg = (
                f"fit: the arrays of {what} have shapes {shapes}; a row of each makes "
                f"one sample, so their first axes should be equal."
            )
            raise ad.errors.ShapeError(msg)
        if lengths[0] == 0:
            msg = f"fit: {what} has no rows (shapes begin with 0): nothing to learn."
            raise ValueError(msg)
        self._what = what
        self._arrays = arrays
        self._rows = lengths[0]
        self.arrays: int | None = len(arrays)
        self._size = int(size)
        self.batches: int | None = -(-self._rows // self._size)

    def epoch(self, number: int, rng: np.random.Generator | None) -> Iterator[Batch]:
        """Return the batches of an epoch, contiguous copies of rows."""
        del number
        order = np.arange(self._rows) if rng is None else rng.permutation(self._rows)
        for start in range(0, self._rows, self._size):
            rows = order[start : start + self._size]
            yield tuple(np.take(array, rows, axis=0) for array in self._arrays)

    def setting(self) -> Words:
        """Return the arrays, by checksums, and how many rows make a batch."""
        words = {f"{self._what}.batch_size": str(self._size)}
        for place, array in enumerate(self._arrays):
            words |= described(f"{self._what}.{place}", array)
        return words


class Batches:
    """Batches of an iterable, begun anew in each epoch.

    Parameters
    ----------
    what : str
    source : iterable, or callable
        ``source(epoch)`` returns an iterable.
    """

    def __init__(self, what: str, source: Any) -> None:
        self._what = what
        self._source = source
        self._begun = False
        self.batches: int | None = len(source) if hasattr(source, "__len__") else None
        self.arrays: int | None = None
        if self.batches == 0:
            raise ValueError(self._empty())
        if isinstance(source, (list, tuple)):
            self.arrays = len(_arrays(what, source[0]))

    def epoch(self, number: int, rng: np.random.Generator | None) -> Iterator[Batch]:
        """Return the batches of an epoch; their order is the source's own."""
        del rng
        anew = callable(self._source)
        found = False
        for batch in self._source(number) if anew else self._source:
            found = self._begun = True
            yield _arrays(self._what, batch)
        if not (found or anew) and self._begun and iter(self._source) is self._source:
            msg = (
                f"fit: {self._what} is an iterator, which the first epoch used up. "
                "Give a list, an object with __iter__, or a function epoch -> iterator."
            )
            raise ValueError(msg)
        if not found:
            raise ValueError(self._empty())

    def setting(self) -> Words:
        """Return the batches of a list by a checksum, else the source's name."""
        if not isinstance(self._source, (list, tuple)):
            return {self._what: name_of(self._source)}
        arrays = (part for batch in self._source for part in _arrays(self._what, batch))
        return {self._what: f"{self.batches} batches, checksum {checksum_of(arrays)}"}

    def _empty(self) -> str:
        return f"fit: {self._what} has no batches: nothing to learn."


def _arrays(what: str, batch: Any) -> Batch:
    """Return a batch as arrays.

    Raises
    ------
    InputError
        If it is a list, which may be one array or several.
    """
    if isinstance(batch, list):
        msg = (
            f"fit: a batch of {what} is a list; batches are tuples of arrays, (x, y): "
            "tuple(batch) makes one of it."
        )
        raise ad.errors.InputError(msg)
    parts = batch if isinstance(batch, tuple) else (batch,)
    return tuple(np.asarray(part, order="C") for part in parts)


def rows_of(batch: Batch) -> int:
    """Return how many samples a batch has: it counts as many times in a mean."""
    shape = np.shape(batch[0]) if batch else ()
    return int(shape[0]) if shape else 1
