"""Notes of what fills containers, attributes and variables (see ``leftovers.py``)."""

import bisect
import collections
import heapq
import operator
from collections.abc import Callable
from types import BuiltinFunctionType, FrameType
from typing import Any

import numpy as np

from adjoint._clone.leftovers import CONTAINERS, WHOLE
from adjoint._clone.records import STAND_INS, Function, named_stand_in
from adjoint._clone.state import running
from adjoint._core.handle import Handle

FILLING = frozenset(
    {
        *("append", "appendleft", "extend", "extendleft", "insert"),
        *("setdefault", "update", "__setitem__", "__iadd__", "__ior__"),
    }
)
"""Names of methods that put values into containers."""
_AT_THE_END = frozenset({"append", "extend"})


def note_filling(owner: Any, name: str) -> None:
    """Note that a method of a container is about to fill it."""
    journal = running().journal
    if journal is None or not isinstance(owner, CONTAINERS):
        return
    if name in _AT_THE_END:
        journal.appended(owner)
    else:
        journal.filled(owner)


def note_method(function: Any) -> None:
    """Note that a method in C is about to be called, ``history.append``."""
    if type(function) is BuiltinFunctionType and function.__name__ in FILLING:
        note_filling(function.__self__, function.__name__)


def note_item(owner: Any, key: Any, value: Any) -> None:
    """Note that an item of a container is set to a value."""
    journal = running().journal
    if journal is None or type(value) in WHOLE:
        return
    if isinstance(owner, dict):
        journal.item(owner, key)
    elif isinstance(owner, CONTAINERS) or _holds_objects(owner):
        journal.filled(owner)
    elif isinstance(owner, _OF_PYTHON):
        journal.attribute(owner, "data")


_OF_PYTHON = (collections.UserDict, collections.UserList)
"""Containers written in Python, which keep what they are given in an attribute."""


def _holds_objects(owner: Any) -> bool:
    return type(owner) is np.ndarray and owner.dtype.hasobject


def note_attribute(owner: Any, name: str, value: Any) -> None:
    """Note that an attribute is set to a value."""
    if type(value) in WHOLE or isinstance(owner, Handle):
        return
    journal = running().journal
    if journal is not None:
        journal.attribute(owner, name)


def note_variable(frame: FrameType, name: str, value: Any) -> None:
    """Note that a frame sets a global variable to a value.

    Those of functions around it are noted where a clone is found (``note_cells``).
    """
    journal = running().journal
    if journal is None or type(value) in WHOLE or name in frame.f_code.co_freevars:
        return
    journal.item(frame.f_globals, name)


def note_cells(closure: Any, written: tuple[int, ...]) -> None:
    """Note the variables around a function that it sets."""
    journal = running().journal
    if journal is not None:
        for place in written:
            journal.attribute(closure[place], "cell_contents")


def _filling_first(function: Function, name: str) -> Callable[[Any], Function]:
    """Return the maker of what stands for a function that fills its first argument."""

    def maker(calls: Any) -> Function:
        def call(owner: Any, *args: Any, **named: Any) -> Any:
            note_filling(owner, name)
            if named.get("key") is not None:
                named["key"] = calls.of(named["key"])
            return function(owner, *args, **named)

        return call

    return maker


_SOMEWHERE: tuple[Any, ...] = (
    *(heapq.heappush, heapq.heapreplace, heapq.heappushpop),
    *(bisect.insort, bisect.insort_left, bisect.insort_right),
    *(operator.setitem, list.insert, list.__setitem__),
    *(dict.update, dict.setdefault, dict.__setitem__),
    *(collections.deque.appendleft, collections.deque.extendleft),
)
_APPENDING: tuple[Any, ...] = (
    *(list.append, list.extend, collections.deque.append, collections.deque.extend),
)

for _function in _SOMEWHERE:
    STAND_INS[_function] = _filling_first(_function, "insert")

for _function in _APPENDING:
    STAND_INS[_function] = _filling_first(_function, "append")


def _filling_attribute(_calls: Any, function: Function) -> Function:
    """Return what stands for a method of a container that is written in Python."""

    def call(owner: Any, *args: Any, **named: Any) -> Any:
        journal = running().journal
        if journal is not None:
            name = "data" if isinstance(owner, _OF_PYTHON) else "queue"
            journal.attribute(owner, name)
        return function(owner, *args, **named)

    return call


for _name in (
    *(f"collections.UserList.{name}" for name in FILLING),
    *(f"collections.UserDict.{name}" for name in FILLING),
    *("collections.abc.MutableMapping.update", "queue.Queue.put"),
    *("collections.abc.MutableMapping.setdefault", "queue.Queue.put_nowait"),
):
    named_stand_in(_name, _filling_attribute)
