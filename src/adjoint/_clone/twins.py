"""Twins: traced arrays that stand for plain ones the function did not make itself.

A workspace kept in an attribute, a list or a global is a plain array that others hold
too: ``u = self.u; u[:] = x`` must show wherever ``self.u`` is read.  In a *deep* run
every plain floating array that enters a clone is represented by its twin, one buffer
for each array, so all clones see the same one.  Code that is no clone still sees the
plain array: as long as the twin holds constants only it is the same memory; once
something traced is stored, the plain array is filled with nan, so that what is computed
from a stale reading is known (see ``runs.py``); a comparison of it (``w.max() > 2``) is
not.  At the end it gets the values the function left there.
"""

import collections
import itertools
import operator
import threading
import warnings
from collections.abc import Callable, ItemsView, Iterable, Iterator, ValuesView
from dataclasses import dataclass
from types import (
    BuiltinFunctionType,
    FunctionType,
    GeneratorType,
    MethodType,
    ModuleType,
)
from typing import Any

import numpy as np

from adjoint._clone.patches import Patches
from adjoint._clone.poison import poison
from adjoint._clone.state import running
from adjoint._core.arrays import NUMPY_SCALARS
from adjoint._core.buffers import BUFFERS, Buffer
from adjoint._core.dispatch import left_in
from adjoint._core.errors import MutationError, user_line
from adjoint._core.handle import Handle
from adjoint._core.layout import address_of
from adjoint._core.outdated import Outdated
from adjoint._core.views import is_alone, link_of, read_only
from adjoint._modes.batch import Batched
from adjoint._modes.forward import Dual
from adjoint._modes.protect import UNSTABLE, is_frozen
from adjoint._modes.record import Recorded
from adjoint._modes.reverse import Taped
from adjoint._modes.variables import Variable
from adjoint._modes.watched_batch import WatchedBatched
from adjoint._modes.watched_forward import WatchedDual
from adjoint._modes.watched_reverse import Watched

Array = np.ndarray[Any, Any]

_lock = threading.Lock()
_readers: dict[int, collections.Counter[int]] = {}
"""The threads that have a twin for an array, by the array's identity."""
_writers: dict[int, int] = {}
"""The thread that writes into an array, by the array's identity."""


@dataclass(frozen=True, slots=True)
class Original:
    """The plain array that a twin stands for."""

    array: Array

    def claim(self) -> None:
        """Note that this thread writes into the array.

        Raises
        ------
        MutationError
            If a transform in another thread uses it.
        """
        key, thread = id(self.array), threading.get_ident()
        with _lock:
            others = set(_readers.get(key, ())) - {thread}
            if not others:
                _writers[key] = thread
        if others:
            raise _in_two_threads(self.array)
        twins = running().twins
        if twins is not None:
            twins.used = True

    def let_go(self) -> None:
        """Fill the array with nan: its twin goes on with traced values."""
        self.claim()
        if self.array.flags.writeable:
            poison(self.array)
            twins = running().twins
            if twins is not None:
                twins.poisoned.append(self.array)


def _in_two_threads(array: Array) -> MutationError:
    return MutationError(
        f"An array of shape {array.shape}{user_line()} is used by transforms in two "
        "threads at once, of which one writes into it. Give each thread its own array."
    )


class Twins:
    """The twins of one run.

    Attributes
    ----------
    by_array : dict
        Array and twin, by the identity of the array.
    by_twin : dict
        The array, by the identity of its twin.
    poisoned : list of ndarray
        Those of the arrays whose twins hold traced values.
    used : bool
        Whether something was stored into one of them.
    patches : Patches
        The methods of the user's classes that run as clones meanwhile.
    """

    __slots__ = ("by_array", "by_twin", "patches", "poisoned", "used")

    def __init__(self, clone: Callable[[FunctionType], FunctionType]) -> None:
        self.patches = Patches(clone)
        self.used = False
        self.by_array: dict[int, tuple[Array, Handle]] = {}
        self.by_twin: dict[int, Array] = {}
        self.poisoned: list[Array] = []

    def twin_of(self, array: Array) -> Handle:
        """Return the twin of a plain array; made, where it has none."""
        found = self.by_array.get(id(array))
        if found is not None:
            return found[1]
        return self.enter(array, self._made(array))

    def _made(self, array: Array) -> Handle:
        """Return a new twin; of a view, a view of the twin of what it shows."""
        twin = self._twin_in(array, array.base)
        if twin is None:
            twin = self._twin_alone(array)
        return twin if array.flags.writeable else read_only(twin)

    def _twin_in(self, array: Array, base: Any) -> Handle | None:
        if not isinstance(base, np.ndarray) or base.dtype != array.dtype:
            return None
        return _shown(array, base, self.twin_of(base))

    def _twin_alone(self, array: Array) -> Handle:
        twin = BUFFERS.lift(array)
        twin.payload = Original(array)
        if array.base is not None:
            link_of(twin).escaped = True
        return twin

    def enter(self, array: Array, twin: Handle) -> Handle:
        """Note that an array and a handle stand for each other."""
        key, thread = id(array), threading.get_ident()
        with _lock:
            writer = _writers.get(key, thread)
            if writer == thread:
                _readers.setdefault(key, collections.Counter())[thread] += 1
        if writer != thread:
            raise _in_two_threads(array)
        self.by_array[key] = (array, twin)
        self.by_twin[id(twin)] = array
        UNSTABLE.add(key)
        return twin

    def close(self) -> None:
        """Give every array the values that the function left in its twin."""
        self.patches.close()
        for array, twin in self.by_array.values():
            values = left_in(twin)
            if values.shape != array.shape:  # `u.shape = (2, 3)`
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")  # NumPy has told the user not to
                    array.shape = values.shape
            if values is not array and array.flags.writeable:
                np.copyto(array, values)
        with _lock:
            for key in self.by_array:
                self._leave(key)

    def _leave(self, key: int) -> None:
        thread = threading.get_ident()
        readers = _readers[key]
        readers[thread] -= 1
        if readers[thread]:
            return
        del readers[thread]
        if _writers.get(key) == thread:
            del _writers[key]
        if not readers:
            del _readers[key]
            UNSTABLE.discard(key)


_FEW_ORDERS = 24  # those of four axes


def _shown(array: Array, base: Array, twin: Handle) -> Handle | None:
    """Return the part of the twin of ``base`` that ``array`` shows, if it is found.

    What is found is an index, or a reshaped stretch of it, of which axes may be turned.
    """
    orders = itertools.permutations(range(array.ndim))
    for order in itertools.islice(orders, _FEW_ORDERS):
        turned = array.transpose(order)
        index = _index_of(turned, base)
        part: Any = None
        if index is not None:
            part = twin[index]
        elif (
            turned.size
            and turned.ndim
            and turned.flags.c_contiguous
            and base.flags.c_contiguous
        ):
            start, rest = divmod(address_of(turned) - address_of(base), base.itemsize)
            if not rest and 0 <= start <= base.size - turned.size:
                stretch = twin.reshape(-1)[start : start + turned.size]
                part = stretch.reshape(turned.shape)
        if isinstance(part, Handle):
            turns = order != tuple(range(array.ndim))
            return part.transpose(np.argsort(order)) if turns else part
    return None


def _index_of(array: Array, base: Array) -> tuple[Any, ...] | None:
    """Return the basic index with which ``array`` shows a part of ``base``, if any."""
    gap = address_of(array) - address_of(base)
    for axes in itertools.combinations(range(base.ndim), array.ndim):
        index = _slices(array, base, axes, gap)
        if index is not None and _is_same(base[(*index, ...)], array):
            return index if array.ndim else (*index, ...)
    return None


def _slices(
    array: Array, base: Array, axes: tuple[int, ...], gap: int
) -> tuple[Any, ...] | None:
    """Return slices for ``axes`` of the base, numbers for the others, if they fit."""
    starts = [0] * base.ndim
    for axis in sorted(range(base.ndim), key=lambda axis: -abs(base.strides[axis])):
        stride = base.strides[axis]
        if stride:
            starts[axis], gap = divmod(gap, stride) if stride > 0 else (0, gap)
    if gap or any(not 0 <= s < n for s, n in zip(starts, base.shape, strict=True)):
        return None
    index: list[Any] = list(starts)
    for axis, stride, length in zip(axes, array.strides, array.shape, strict=True):
        own = base.strides[axis]
        if not own or stride % own:
            return None
        step = stride // own
        stop = starts[axis] + step * length
        index[axis] = slice(starts[axis], stop if stop >= 0 else None, step or 1)
    return tuple(index)


def _is_same(part: Array, array: Array) -> bool:
    return (
        part.shape == array.shape
        and part.strides == array.strides
        and address_of(part) == address_of(array)
    )


def load(value: Any) -> Any:
    """Return what stands for a value that enters a clone: for an array its twin."""
    kind = type(value)
    if kind is np.ndarray:
        twins = running().twins
        if twins is None or value.dtype.kind not in "fc" or is_frozen(value):
            return value
        return twins.twin_of(value)
    if kind not in _NO_OBJECTS:
        meet(kind)
        return value
    if kind is tuple:
        loaded = tuple(map(load, value))
        return value if all(map(operator.is_, loaded, value)) else loaded
    return value


def meet(cls: type) -> None:
    """Let the methods of a class run as clones while this run lasts."""
    twins = running().twins
    if twins is not None and cls not in _NO_OBJECTS:
        twins.patches.meet(cls)


HANDLES = frozenset(
    (
        *(Buffer, Taped, Watched, Dual, WatchedDual, Batched, WatchedBatched),
        *(Recorded, Variable, Outdated),
    )
)

_NO_OBJECTS = NUMPY_SCALARS | {
    *(str, bytes, int, float, complex, bool, type(None), tuple, list, dict, set),
    *(FunctionType, BuiltinFunctionType, MethodType, ModuleType, type, slice),
    *(np.ufunc, *HANDLES),
}

_HANDED_ON: tuple[type, ...] = (
    *(list, tuple, collections.deque, zip, enumerate, map, filter, GeneratorType),
    *(ValuesView, reversed, type(reversed([])), type(iter([])), type(iter(()))),
)
"""What yields objects that others hold too."""


def iterate(source: Iterable[Any]) -> Iterable[Any]:
    """Return what stands for an iterable: one that loads what it yields."""
    if running().twins is None:
        return source
    if isinstance(source, ItemsView):
        return _loaded_items(source)
    if isinstance(source, _HANDED_ON) or type(source).__module__ == "itertools":
        return map(load, source)
    return load(source)  # type: ignore[no-any-return]


def unpack(source: Iterable[Any], form: tuple[Any, ...]) -> Iterable[Any]:
    """Return the parts of what is assigned to ``a, (b, *c)``, all loaded.

    Parameters
    ----------
    source : iterable
    form : tuple
        For each part ``None``; ``...`` if it is the starred one; the form of its own
        parts if it is taken apart too.
    """
    if running().twins is None:
        return source
    parts: list[Any] = list(
        iterate(source)
        if ... in form
        else itertools.islice(iterate(source), len(form) + 1)  # Python counts them
    )
    star = form.index(...) if ... in form else len(form)
    for place, inner in enumerate(form):
        at = place if place < star else place - len(form)
        if type(inner) is tuple and -len(parts) <= at < len(parts):
            parts[at] = unpack(parts[at], inner)
    return parts


def iterate_apart(source: Iterable[Any], form: tuple[Any, ...]) -> Iterable[Any]:
    """Return what stands for an iterable whose items are taken apart."""
    if running().twins is None:
        return source
    if all(part is None for part in form):
        return map(_flat, iterate(source))
    return (unpack(one, form) for one in iterate(source))


def _flat(item: Any) -> Any:
    return item if type(item) is tuple else iterate(item)


def opened(arg: Any) -> Any:
    """Return an argument with the twins of the arrays that a list or tuple holds."""
    if type(arg) not in (list, tuple):
        return arg
    loaded = [opened(load(one)) for one in arg]
    return arg if all(map(operator.is_, loaded, arg)) else type(arg)(loaded)


def _loaded_items(items: Iterable[Any]) -> Iterator[Any]:
    for key, value in items:
        yield key, load(value)


def outside(value: Any) -> Any:
    """Return what to keep outside of clones: the plain array a twin stands for."""
    twins = running().twins
    if twins is None or not isinstance(value, Handle) or not value.shape:
        return value
    known = twins.by_twin.get(id(value))
    if known is not None:
        return known
    array = np.array(left_in(value))
    if type(value) is Buffer and is_alone(value):
        value.value, value.payload = array, Original(array)
    elif array.dtype.kind in "fc":
        poison(array)
        twins.poisoned.append(array)
        twins.used = True
    twins.enter(array, value)
    return array


def array_of(value: Any) -> Any:
    """Return the plain array that a twin stands for; anything else as it is."""
    twins = running().twins
    known = None if twins is None else twins.by_twin.get(id(value))
    return value if known is None else known
