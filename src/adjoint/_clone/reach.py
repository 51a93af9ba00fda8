"""What a function can reach, and whether anything there needs a deep run.

A later call may take a branch that the first one did not.  Running the function again
would change its state twice, so what such a branch may do is found beforehand, from the
code of all functions that can be called: those that a function names, closes over or
has as defaults, the methods of the classes and objects among them, and so on from
there.
"""

import dis
import functools
from collections.abc import Iterator
from types import (
    BuiltinFunctionType,
    CodeType,
    FunctionType,
    MethodType,
    ModuleType,
)
from typing import Any

import numpy as np

from adjoint._clone.cells import contents_of
from adjoint._clone.libraries import is_library, is_library_file
from adjoint._clone.patches import functions_of, is_implicit
from adjoint._clone.source import NoSourceError, definitions
from adjoint._clone.stores import WRITERS, returns_what_it_makes, stores_elsewhere
from adjoint._core.handle import Handle

_MANY = 2_000
"""So many objects are looked at; a function that can reach more runs deep."""
_FEW = 50
"""So many items of a container are."""

_STORES: dict[tuple[int, frozenset[str]], tuple[CodeType, bool]] = {}
"""Whether functions store into what they did not make, by their code and own copies."""
_FRESH: dict[int, tuple[CodeType, bool]] = {}
"""Whether they return what they have made."""


def forget_reach() -> None:
    """Have every function looked at again: what is followed has changed."""
    _STORES.clear()
    _FRESH.clear()


def may_store_elsewhere(function: Any, args: tuple[Any, ...]) -> bool:
    """Tell whether a run may store into arrays that it does not make.

    Also if Python may call a method of the user's by itself in it.

    Parameters
    ----------
    function : callable
        What a transform runs.
    args : tuple
        Its arguments; handles among them are its own copies.
    """
    try:
        return _finds(function, args)
    except RecursionError:  # a very long chain of functions
        return True


def _finds(function: Any, args: tuple[Any, ...]) -> bool:
    walk = _Walk()
    inner = _function_of(function)
    if inner is not None:
        walk.own = inner.__code__, _own_names(function, inner, args)
    walk.push(function)
    for arg in args:
        walk.push(arg)
    return walk.finds()


def _function_of(function: Any) -> FunctionType | None:
    while not isinstance(function, FunctionType):
        if isinstance(function, MethodType):
            function = function.__func__
        elif isinstance(function, functools.partial):
            function = function.func
        else:
            return None
    return function


def _own_names(
    function: Any, inner: FunctionType, args: tuple[Any, ...]
) -> frozenset[str]:
    """Return the parameters that are given traced arrays."""
    if isinstance(function, functools.partial):
        return frozenset()
    skipped = int(isinstance(function, MethodType))
    names = inner.__code__.co_varnames[skipped : inner.__code__.co_argcount]
    pairs = zip(names, args, strict=False)
    return frozenset(name for name, arg in pairs if isinstance(arg, Handle))


class _Walk:
    """A walk over what can be reached.

    Attributes
    ----------
    own : (CodeType, frozenset of str)
        The function that is run, and its parameters that are its own copies.
    """

    def __init__(self) -> None:
        self.own: tuple[CodeType | None, frozenset[str]] = (None, frozenset())
        self._seen: dict[int, Any] = {}
        self._users: dict[type, bool] = {}
        self._stack: list[Any] = []

    def push(self, found: Any) -> None:
        """Have an object looked at, if it has anything to do with functions."""
        kind = type(found)
        if kind in _NOTHING or isinstance(found, Handle) or id(found) in self._seen:
            return
        self._seen[id(found)] = found
        self._stack.append(found)

    def finds(self) -> bool:
        """Tell whether a function that stores elsewhere is found."""
        while self._stack:
            if len(self._seen) > _MANY or self._look_at(self._stack.pop()):
                return True
        return False

    def _look_at(self, found: Any) -> bool:
        """Look at one object: push what it leads to; tell whether it stores."""
        if isinstance(found, FunctionType):
            return self._function(found)
        if isinstance(found, type):
            return self._class(found)
        if isinstance(found, dict):
            for one in list(found.values())[:_FEW]:
                self.push(one)
        elif isinstance(found, (list, tuple)):
            for one in found[:_FEW]:
                self.push(one)
        elif isinstance(found, MethodType):
            self.push(found.__func__)
            self.push(found.__self__)
        elif isinstance(found, functools.partial):
            for one in (found.func, *found.args, *found.keywords.values()):
                self.push(one)
        elif not isinstance(found, ModuleType):
            self._object(found)
        return False

    def _object(self, found: Any) -> None:
        own = getattr(found, "__dict__", None)
        if type(own) is not dict:
            own = {}
        self.push(own.get("__wrapped__"))
        if not self._is_users(type(found)):
            return
        self.push(type(found))
        for one in list(own.values()):
            self.push(one)

    def _is_users(self, cls: type) -> bool:
        """Tell whether a class has functions of the user's."""
        if cls not in self._users:
            self._users[cls] = any(
                not is_library(function)
                for base in cls.__mro__
                for member in list(vars(base).values())
                for function in functions_of(member)
            )
        return self._users[cls]

    def _class(self, cls: type) -> bool:
        if not self._is_users(cls):
            return False
        for base in cls.__mro__:
            for name, member in list(vars(base).items()):
                for function in functions_of(member):
                    if is_library(function):
                        continue
                    if is_implicit(name, member):
                        return True
                    self.push(function)
        return False

    def _function(self, function: FunctionType) -> bool:
        for one in (
            *(function.__defaults__ or ()),
            *map(contents_of, function.__closure__ or ()),
        ):
            self.push(one)
        self.push(function.__dict__.get("__wrapped__"))
        if is_library(function):
            return False
        names = set(_names_in(function.__code__))
        for name in names & function.__globals__.keys():
            found = function.__globals__[name]
            self.push(found)
            if isinstance(found, ModuleType) and not _is_library_module(found):
                for inner in names & vars(found).keys():
                    self.push(vars(found)[inner])
        code, own = self.own
        return _stores(function, own if code is function.__code__ else frozenset())


_NOTHING = frozenset(
    {
        *(str, bytes, int, float, complex, bool, type(None), slice, range),
        *(np.ndarray, np.ufunc, np.dtype, BuiltinFunctionType),
    }
)


def _names_in(code: CodeType) -> Iterator[str]:
    """Yield the global names and attributes that a function and those in it read."""
    yield from code.co_names
    for const in code.co_consts:
        if isinstance(const, CodeType):
            yield from _names_in(const)


def _is_library_module(module: ModuleType) -> bool:
    file = getattr(module, "__file__", None)
    return file is None or is_library_file(file)


def _stores(function: FunctionType, own: frozenset[str]) -> bool:
    """Tell whether a function of the user's stores elsewhere, by its source."""
    code = function.__code__
    key = id(code), own
    known = _STORES.get(key)
    if known is None:
        found = False
        if _may_store(code):
            try:
                nodes = definitions(code, function.__globals__)
            except NoSourceError:
                return False  # it runs as it is, in a deep run too
            found = any(
                stores_elsewhere(node, function.__globals__, own, _returns_fresh)
                for node in nodes
            )
        known = _STORES[key] = code, found
    return known[1]


def _returns_fresh(function: Any) -> bool:
    """Tell whether a function of the user's returns what it has made."""
    if not isinstance(function, FunctionType) or is_library(function):
        return False
    code = function.__code__
    known = _FRESH.get(id(code))
    if known is None:
        _FRESH[id(code)] = code, False  # while it is looked at
        try:
            nodes = definitions(code, function.__globals__)
        except NoSourceError:
            return False
        found = all(
            returns_what_it_makes(node, function.__globals__, _returns_fresh)
            for node in nodes
        )
        known = _FRESH[id(code)] = code, found
    return known[1]


_OPERATIONS = bytes(
    dis.opmap[name]
    for name in ("STORE_SUBSCR", "STORE_SLICE", "STORE_GLOBAL", "STORE_DEREF")
    if name in dis.opmap
)
_BINARY = dis.opmap["BINARY_OP"]
_IN_PLACE = range(13, 26)  # the arguments of BINARY_OP that are +=, &=, ...


def _writes(code: CodeType) -> bool:
    """Tell whether there is a store into an item or outer variable, or an ``+=``."""
    text = code.co_code
    operations, arguments = text[::2], text[1::2]
    if any(one in operations for one in _OPERATIONS):
        return True
    return any(
        operation == _BINARY and argument in _IN_PLACE
        for operation, argument in zip(operations, arguments, strict=True)
    )


def _may_store(code: CodeType) -> bool:
    """Tell at a glance whether the source is worth reading."""
    if _writes(code) or WRITERS.intersection(code.co_names):
        return True
    return any(
        _may_store(const)
        if isinstance(const, CodeType)
        else isinstance(const, tuple) and "out" in const
        for const in code.co_consts
    )
