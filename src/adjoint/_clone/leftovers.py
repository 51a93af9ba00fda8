"""What a run leaves in attributes, containers and variables: plain values again.

``losses.append(loss)`` keeps a traced value beyond the transform that made it.  Hooks
of a clone note where such values go; when the run ends, they are exchanged for what
they stand for below it: plain numbers and arrays, or within another transform the
handles of that one.  Nested lists, tuples, dictionaries and dataclasses are looked
through.

A container that only the run held needs nothing, and its reference count says so.  Of a
list that was only appended to, the end alone is looked at: a history that grows for
ever costs each run no more than what it adds.
"""

import collections
import operator
import sys
from collections.abc import Callable, Iterable
from types import (
    BuiltinFunctionType,
    FunctionType,
    MemberDescriptorType,
    MethodType,
    ModuleType,
)
from typing import Any

import numpy as np

from adjoint._core.arrays import NUMPY_SCALARS
from adjoint._core.counts import EXACT_COUNTS
from adjoint._core.handle import Handle

CONTAINERS = (list, dict, collections.deque)
"""What may be filled with values; of subclasses too."""

_CLEAN = 16
"""So many elements without a traced value end the look at a list, from its end."""
_MANY = 20_000
"""So many parts of what one place holds are looked at; a traced value behind stays."""
WHOLE = NUMPY_SCALARS | {
    *(str, bytes, int, float, complex, bool, type(None), slice, range, set, frozenset),
    *(FunctionType, BuiltinFunctionType, MethodType, ModuleType, type, np.ufunc),
}
"""Kinds of values that hold no others, or none that could be traced."""


class Kept:
    """One object that was given traced values, perhaps.

    Attributes
    ----------
    owner : object
    names : set of str
        Of its attributes.
    keys : dict
        Of its items, in the order in which they were set.
    start : int or None
        From which item on, in a list that was appended to; 0 for all items.
    """

    __slots__ = ("keys", "names", "owner", "start")

    def __init__(self, owner: Any) -> None:
        self.owner = owner
        self.names: set[str] = set()
        self.keys: dict[Any, None] = {}
        self.start: int | None = None

    def count(self) -> int:
        """Return how many hold the owner, this one among them."""
        return sys.getrefcount(self.owner)


def _calibrate() -> int:
    """Return the count of an owner nobody else holds; -1 where counts are not exact."""
    return Kept([]).count() if EXACT_COUNTS else -1


_ALONE = _calibrate()


class Journal:
    """Where one run has put traced values.

    Attributes
    ----------
    kept : dict
        What was given traced values, by the identity of the owner.
    last : list or None
        What was appended to last, in most loops the same again and again.
    """

    __slots__ = ("_limit", "kept", "last")

    def __init__(self) -> None:
        self.kept: dict[int, Kept] = {}
        self.last: Any = None
        self._limit = 1_000

    def _of(self, owner: Any) -> Kept:
        found = self.kept.get(id(owner))
        if found is None:
            if len(self.kept) >= self._limit:
                self._forget()
            found = self.kept[id(owner)] = Kept(owner)
        return found

    def _forget(self) -> None:
        """Let go of what only the journal holds; a long run may have made much."""
        self.last = None
        self.kept = {
            key: one for key, one in self.kept.items() if one.count() != _ALONE
        }
        self._limit = max(1_000, 2 * len(self.kept))

    def appended(self, owner: Any) -> None:
        """Note that a list will be given more elements, at its end."""
        if owner is self.last:
            return
        self.last = owner
        kept = self._of(owner)
        if kept.start is None:
            kept.start = len(owner)

    def filled(self, owner: Any) -> None:
        """Note that a container is given values, somewhere."""
        self._of(owner).start = 0

    def item(self, owner: Any, key: Any) -> None:
        """Note that one item of a dictionary is set."""
        self._of(owner).keys[key] = None

    def attribute(self, owner: Any, name: str) -> None:
        """Note that an attribute is set; the contents of a variable are one too."""
        self._of(owner).names.add(name)

    def take_over(self, other: "Journal") -> None:
        """Note all that another journal has."""
        self.last = None
        for key, one in other.kept.items():
            mine = self.kept.get(key)
            if mine is None:
                self.kept[key] = one
                continue
            mine.names |= one.names
            mine.keys.update(one.keys)
            if one.start is not None:
                start = one.start if mine.start is None else min(mine.start, one.start)
                mine.start = start

    def put_back(self, below: Callable[[Handle], Any]) -> None:
        """Exchange traced values for what they stand for.

        Parameters
        ----------
        below : callable
            Returns what a handle stands for; the handle itself, if that is to stay.
        """
        self.last = None
        exchange = _Exchange(below)
        for one in self.kept.values():
            if one.count() != _ALONE:
                exchange.within(one)

    def drop(self, is_ours: Callable[[Handle], bool]) -> None:
        """Take out of lists and dictionaries what holds values of a run given up.

        It is run again, in another way.  Attributes keep such values, and are no longer
        noted.
        """
        for one in self.kept.values():
            owner = one.owner
            one.names = {
                name
                for name in one.names
                if not _holds(getattr(owner, name, None), is_ours)
            }
            if isinstance(owner, dict):
                keys = one.keys if one.start is None else list(dict.keys(owner))
                for key in keys:
                    if _holds(dict.get(owner, key), is_ours):
                        dict.__delitem__(owner, key)
            elif one.start is not None and isinstance(owner, CONTAINERS):
                first = min(one.start, len(owner))
                for place in range(len(owner) - 1, first - 1, -1):
                    if _holds(owner[place], is_ours):
                        del owner[place]


def _holds(value: Any, is_ours: Callable[[Handle], bool], depth: int = 3) -> bool:
    """Tell whether a value is, or holds, a handle of a run."""
    if type(value) in WHOLE or not depth:
        return False
    if isinstance(value, Handle):
        return is_ours(value)
    if isinstance(value, dict):
        parts: Iterable[Any] = dict.values(value)
    elif isinstance(value, (tuple, *CONTAINERS)):
        parts = value
    else:
        fields = getattr(type(value), "__dataclass_fields__", ())
        parts = [getattr(value, name, None) for name in fields]
    return any(_holds(one, is_ours, depth - 1) for one in parts)


class _Exchange:
    """One pass over all that was noted."""

    def __init__(self, below: Callable[[Handle], Any]) -> None:
        self._below = below
        self._known: dict[int, tuple[Handle, Any]] = {}
        self._seen: set[int] = set()
        self._left = 0

    def within(self, kept: Kept) -> None:
        """Exchange what was noted of one owner."""
        owner = kept.owner
        for name in kept.names:
            self._left = _MANY
            self._attribute(owner, name)
        for key in kept.keys:
            self._left = _MANY
            if dict.__contains__(owner, key):
                self._item(owner, key, dict.__getitem__(owner, key))
        if kept.start is not None:
            whole = owner.flat if isinstance(owner, np.ndarray) else owner
            self._left = max(_MANY, 2 * len(whole))
            self._container(whole, kept.start)

    def of(self, value: Any) -> Any:
        """Return what a value becomes; containers stay the objects they are."""
        kind = type(value)
        if kind in WHOLE:
            return value
        if isinstance(value, Handle):
            return self._handle(value)
        if isinstance(value, tuple):
            return self._tuple(value)
        is_container = isinstance(value, CONTAINERS)
        if not is_container and not hasattr(kind, "__dataclass_fields__"):
            if kind is np.ndarray and value.dtype == object:
                self._container(value.flat, 0)
            return value
        if id(value) in self._seen or self._left < 0:
            return value
        self._seen.add(id(value))
        if is_container:
            self._container(value, 0)
        elif not isinstance(value, type):
            for name in kind.__dataclass_fields__:
                self._attribute(value, name)
        return value

    def _handle(self, handle: Handle) -> Any:
        """Return what one handle becomes, the same wherever it is found."""
        known = self._known.get(id(handle))
        if known is None:
            known = self._known[id(handle)] = handle, self._below(handle)
        return known[1]

    def _tuple(self, value: tuple[Any, ...]) -> Any:
        self._left -= len(value)
        if self._left < 0:
            return value
        parts = [self.of(one) for one in value]
        if all(map(operator.is_, parts, value)):
            return value
        return tuple.__new__(type(value), parts)  # of a named tuple too

    def _container(self, owner: Any, start: int) -> None:
        """Exchange the items of a container; of a list those from ``start`` on.

        Its front may have been cut off since that was noted, so the look goes from the
        end and farther than that, until it meets nothing traced for a while.
        """
        if isinstance(owner, dict):
            for key, value in list(dict.items(owner)):
                self._item(owner, key, value)
            return
        clean = 0
        for place in range(len(owner) - 1, -1, -1):
            if place < start and clean >= _CLEAN:
                return
            value = owner[place]
            if type(value) not in WHOLE and self._item(owner, place, value):
                clean = 0
            else:
                clean += 1

    def _item(self, owner: Any, key: Any, value: Any) -> bool:
        """Exchange one item; tell whether it was, or held, a traced value."""
        self._left -= 1
        if self._left < 0:
            return False
        new = self.of(value)
        if new is value:
            return False
        if isinstance(owner, dict):  # whatever a class of the user's does on a store
            dict.__setitem__(owner, key, new)
        elif isinstance(owner, list):
            list.__setitem__(owner, key, new)
        else:
            owner[key] = new
        return True

    def _attribute(self, owner: Any, name: str) -> None:
        own = getattr(owner, "__dict__", None)
        if type(own) is dict and name in own:  # whatever its class does on a store
            value = own[name]
            new = self.of(value)
            if new is not value:
                own[name] = new
            return
        kind = type(owner)
        bases = (vars(base) for base in kind.__mro__)
        member: Any = next((own[name] for own in bases if name in own), None)
        is_slot = type(member) is MemberDescriptorType
        if not is_slot and _has_setter(kind, member):
            return  # it has stored the value elsewhere
        value = getattr(owner, name, None)
        new = self.of(value)
        if new is value:
            return
        if is_slot:
            member.__set__(owner, new)
        else:
            setattr(owner, name, new)


def _has_setter(cls: type, member: Any) -> bool:
    """Tell whether code of the user's runs where an attribute is set."""
    if isinstance(member, property):
        return True
    setters = (cls.__setattr__, getattr(type(member), "__set__", None))
    return any(type(one) is FunctionType for one in setters)
