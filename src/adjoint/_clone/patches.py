"""Methods that Python calls by itself: operators, properties, ``__post_init__``.

No call in the source leads to them, so a hook of a call does not see them.  In a deep
run the functions of a class of the user's get the code of their clones as soon as an
object of it is met, and their own code back at the end.  A clone's code does on plain
values what the original does, so others that call them meanwhile notice nothing.
"""

import functools
import threading
from collections.abc import Callable, Iterator
from types import FunctionType
from typing import Any

from adjoint._clone.libraries import is_our_class
from adjoint._clone.state import running


class Patches:
    """The functions one run has given the code of their clones.

    Parameters
    ----------
    clone : callable
        Returns the clone of a function; the function itself if there is none.

    Attributes
    ----------
    implicit : bool
        Whether there is one among them that no call in the source leads to.
    """

    __slots__ = ("_clone", "_functions", "_met", "_noted", "implicit")

    def __init__(self, clone: Callable[[FunctionType], FunctionType]) -> None:
        self._clone = clone
        self._functions: list[FunctionType] = []
        self._noted: list[Any] = []
        self.implicit = False
        self._met: set[type] = set()

    def meet(self, cls: type) -> None:
        """Let the methods of a class, and of its bases, run as clones."""
        if cls in self._met:
            return
        self._met.add(cls)
        for base in cls.__mro__:
            if is_our_class(base):
                continue
            for name, member in list(vars(base).items()):
                if name == "__annotate_func__":  # of annotations, since Python 3.14
                    continue
                for function in functions_of(member):
                    self._patch(function)
                    self.implicit = self.implicit or is_implicit(name, member)
                if isinstance(member, functools.cached_property):
                    self._note_results(member)

    def _note_results(self, member: Any) -> None:
        _RESULT.begin(member, _noted(member, _RESULT.own(member)))
        self._noted.append(member)

    def _patch(self, function: FunctionType) -> None:
        clone = self._clone(function)
        if clone is not function:
            _CODE.begin(function, clone.__code__)
            self._functions.append(function)

    def close(self) -> None:
        """Give functions their own code back, unless another run needs the clone's."""
        for function in self._functions:
            _CODE.end(function)
        for member in self._noted:
            _RESULT.end(member)


def _noted(member: Any, function: FunctionType) -> Callable[[Any], Any]:
    """Return a cached property's function that notes where its result will be."""

    def call(owner: Any) -> Any:
        journal = running().journal
        if journal is not None:
            journal.attribute(owner, member.attrname)
        return function(owner)

    return call


_CALLED = frozenset({"__init__", "__call__", "__repr__", "__str__", "__eq__"})
"""Names of methods that a clone calls itself, or that show a value."""


def is_implicit(name: str, member: Any) -> bool:
    """Tell whether Python calls a member without a call in the source."""
    if isinstance(member, (property, functools.cached_property)):
        return True
    if _functions_of_its_class(member):
        return True
    return name.startswith("__") and name.endswith("__") and name not in _CALLED


def _functions_of_its_class(member: Any) -> list[FunctionType]:
    """Return what runs where a descriptor of the user's is read or set."""
    cls = type(member)
    found = [getattr(cls, name, None) for name in ("__get__", "__set__")]
    return [one for one in found if type(one) is FunctionType]


def functions_of(member: Any) -> Iterator[FunctionType]:
    """Yield the functions behind one member of a class."""
    if isinstance(member, (staticmethod, classmethod)):
        member = member.__func__
    if isinstance(member, property):
        parts: tuple[Any, ...] = (member.fget, member.fset)
    elif isinstance(member, functools.cached_property):
        parts = (_RESULT.own(member),)
    else:
        parts = (member, *_functions_of_its_class(member))
    for part in parts:
        if type(part) is FunctionType:
            yield part


class _Replaced:
    """One attribute, which has another value in some objects while runs need that.

    Parameters
    ----------
    name : str
        Of the attribute.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = threading.Lock()
        self._known: dict[Any, tuple[Any, int]] = {}  # its own value, how many runs

    def own(self, owner: Any) -> Any:
        """Return the value that an object has by itself."""
        with self._lock:
            return self._of(owner)[0]

    def _of(self, owner: Any) -> tuple[Any, int]:
        return self._known.get(owner) or (getattr(owner, self._name), 0)

    def begin(self, owner: Any, instead: Any) -> None:
        """Give an object another value for one run more."""
        with self._lock:
            own, count = self._of(owner)
            self._known[owner] = own, count + 1
            setattr(owner, self._name, instead)

    def end(self, owner: Any) -> None:
        """Give an object its own value back, unless another run needs the other one."""
        with self._lock:
            own, count = self._known.pop(owner)
            if count > 1:
                self._known[owner] = own, count - 1
            else:
                setattr(owner, self._name, own)


_CODE = _Replaced("__code__")
"""Functions that run the code of their clones."""

_RESULT = _Replaced("func")
"""Cached properties whose results are noted: Python stores them by itself."""
