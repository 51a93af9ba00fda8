"""What a call in a clone calls: the function itself, its clone, or a stand-in of ours.

``CALL[f]`` is a look-up in a dictionary; what is not there yet is classified once.
"""

import functools
import inspect
import sys
import traceback
import warnings
from collections.abc import Callable
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from adjoint._clone.clones import Cloner, is_clone, met
from adjoint._clone.filling import FILLING, note_filling, note_method
from adjoint._clone.libraries import is_library
from adjoint._clone.opaque import handing_out, takes_arrays
from adjoint._clone.origins import Origins
from adjoint._clone.readers import check_reader
from adjoint._clone.records import (
    array_method,
    by_name,
    has_own_hash,
    has_stand_in,
    stand_in,
    tried_first,
)
from adjoint._clone.shuffling import moves_rows, shuffling
from adjoint._clone.source import NoSourceError
from adjoint._clone.state import running
from adjoint._clone.wrappers import adapted, rewrapped
from adjoint._core.dispatch import holds_traced
from adjoint._core.errors import PACKAGE
from adjoint._core.handle import Handle

_PLAIN_OWNERS = frozenset({str, list, dict, tuple, set, int, float, complex, bytes})
_HAND_OUT = frozenset({"get", "pop", "popitem", "setdefault"})
"""Methods of Python's containers whose result is what they hold."""
_NUMPY_FUNCTION = type(np.sum)
_CACHEABLE = (np.ufunc, _NUMPY_FUNCTION)

_TAKES_ARRAYS = frozenset({"dot", "clip"})
"""Methods of a handle whose arguments may be lists with traced values in them."""

_READ_FRAMES: tuple[Any, ...] = (
    *(sys._getframe, inspect.currentframe, inspect.stack, warnings.warn),
    *(traceback.extract_stack, traceback.print_stack),
)
"""Functions that count the frames above them: called without one of ours between."""


class Calls(dict[Any, Any]):
    """The table behind ``CALL[f]``.

    Parameters
    ----------
    cloner : Cloner
        How functions of the user are cloned.
    origins : Origins
        Where it is noted which functions the table knows.
    result : callable or None
        What is done to the results of functions that are not the user's.
    meet : callable or None
        What is done to a class of the user's before an object of it is made; if
        nothing, its ``__init__`` is cloned.
    opened : callable or None
        What is done to lists that are given to NumPy's functions and the like.
    """

    __slots__ = ("_cloner", "_meet", "_of_kinds", "_opened", "_origins", "_result")

    def __init__(
        self,
        cloner: Cloner,
        origins: Origins,
        result: Callable[[Any], Any] | None = None,
        meet: Callable[[type], None] | None = None,
        opened: Callable[[Any], Any] | None = None,
    ) -> None:
        super().__init__()
        self._cloner = cloner
        self._origins = origins
        self._result = result
        self._meet = meet
        self._opened = opened
        self._of_kinds: dict[type, tuple[FunctionType, Any]] = {}

    def __hash__(self) -> int:  # type: ignore[override]
        """Return what code objects need of their constants."""
        return id(self)

    def __eq__(self, other: object) -> bool:
        return self is other

    def __missing__(self, function: Any) -> Any:
        if type(function) is FunctionType:
            known: Any = self._cloner.remembered(function)
            if known is not None:
                return known
            make = by_name(function)
            if is_clone(function):  # a method that runs as a clone for a while
                return met(function) if make is None else make(self, function)
            if make is None:
                known = self._cloner.known(function)
            else:
                known = make(self, function)
            if known is not None:
                return self._remembered(function, known)
        found = self.classify(function)
        if type(function) is not FunctionType and _lives_on(function):
            self[function] = found
            return found
        return self._remembered(function, found)

    def _remembered(self, function: Any, found: Any) -> Any:
        """Return what stands for a function; kept, and noted what it is made of."""
        if _stands_in_its_module(function):
            self[function] = found
            self._origins.note(function)
        return found

    def of(self, function: Any) -> Any:
        """Return ``self[function]``, for what may have no hash too."""
        kind: Any = type(function)
        if kind is FunctionType:  # by __missing__ alone, lambdas take longer
            known = self.get(function) or self._cloner.remembered(function)
            return self[function] if known is None else known
        if kind in self._of_kinds and not has_stand_in(function):
            call, found = self._of_kinds[kind]
            if kind.__call__ is call:
                return function if found is call else MethodType(found, function)
        if has_own_hash(function):
            return self.classify(function)
        try:
            return self[function]
        except TypeError:
            return self.classify(function)

    def clear(self) -> None:
        """Forget what stands for what."""
        self._of_kinds.clear()
        super().clear()

    def classify(self, function: Any) -> Any:
        """Return what is called in the place of ``function``."""
        kind = type(function)
        if kind is FunctionType and is_clone(function):
            return function
        note_method(function)
        if kind is _NUMPY_FUNCTION:
            inner = function._implementation
            if type(inner) is FunctionType and not is_library(inner):
                return self.clone(inner)  # polyval2d, say
        special = stand_in(function, self) or (sum if function is sum else None)
        if special is not None:
            return self.loaded(self._opening(special))
        if getattr(function, "__objclass__", None) is np.ndarray:
            return self.loaded(_by_name(function.__name__))
        if kind is FunctionType:
            if is_library(function):
                return self._library(function)
            found = self.clone(function)
            return self._guarded(function) if found is function else found
        if moves_rows(function):
            return self.loaded(shuffling(function))
        if kind is MethodType:
            return self._bound(function)
        if kind is functools.partial:
            inner = self.of(function.func)
            return functools.partial(inner, *function.args, **function.keywords)
        if isinstance(function, type):
            return self._constructor(function)
        if kind is functools._lru_cache_wrapper:
            return self._uncached(function)
        return self._object(function)

    def _library(self, function: FunctionType) -> Any:
        """Return what is called in the place of a function of a library's."""
        special = adapted(function, self.of)
        if special is not None:
            return special
        if not function.__code__.co_filename.startswith(PACKAGE):
            function = rewrapped(function, self.of)
        return self.watched(function)

    def clone(self, function: FunctionType) -> Any:
        """Return the clone of a user's function; itself where there is no source."""
        try:
            return self._cloner.clone(function)
        except NoSourceError:
            return function

    def watched(self, function: Any) -> Any:
        """Return a function of somebody else's: it gets arrays, and hands out twins."""
        wants_arrays = takes_arrays(function) and not isinstance(function, type)
        if isinstance(function, (FunctionType, MethodType)):
            function = self._guarded(function)
        if wants_arrays:
            function = handing_out(function)
        return self.loaded(function)

    def loaded(self, function: Any) -> Any:
        """Return a function whose results are looked at, where that is wanted."""
        result = self._result
        if result is None or isinstance(function, type) or _reads_frames(function):
            return function

        def watched(*args: Any, **kwargs: Any) -> Any:
            return result(function(*args, **kwargs))

        return watched

    def _guarded(self, function: Any) -> Any:
        """Return a function in Python that is not followed, kept from stale arrays."""
        if self._result is None or _reads_frames(function):
            return function

        @functools.wraps(function, updated=())
        def guarded(*args: Any, **kwargs: Any) -> Any:
            check_reader(function, args, kwargs)
            return function(*args, **kwargs)

        return guarded

    def _opening(self, function: Any) -> Any:
        """Return what NumPy's functions and the like do with the lists they are given.

        They read them, where a clone's loads do not see it.
        """
        opened = self._opened
        if opened is None:
            return function

        @functools.wraps(function, updated=())
        def opening(*args: Any, **kwargs: Any) -> Any:
            return function(*map(opened, args), **kwargs)

        return opening

    def _bound(self, method: MethodType) -> Any:
        inner = method.__func__
        if type(inner) not in (FunctionType, functools._lru_cache_wrapper):
            return self.watched(method)
        found = self[inner]
        return method if found is inner else MethodType(found, method.__self__)

    def _constructor(self, cls: type) -> Any:
        """Return what makes an object of a class, its ``__init__`` cloned."""
        meet = self._meet
        if meet is not None:

            def make(*args: Any, **kwargs: Any) -> Any:
                meet(cls)
                return cls(*args, **kwargs)

            return make
        init = cls.__init__  # type: ignore[misc]
        if (
            type(cls) is not type
            or type(init) is not FunctionType
            or is_library(init)
            or issubclass(cls, BaseException)
        ):
            return cls
        cloned = self.clone(init)
        if cloned is init:
            return cls

        def construct(*args: Any, **kwargs: Any) -> Any:
            if cls.__new__ is object.__new__:
                made = cls.__new__(cls)
            else:
                made = cls.__new__(cls, *args, **kwargs)
            if isinstance(made, cls):
                cloned(made, *args, **kwargs)
            return made

        return construct

    def _uncached(self, cached: Any) -> Any:
        """Return a cached function that leaves its cache alone for traced values."""
        inner = self.of(cached.__wrapped__)

        def call(*args: Any, **kwargs: Any) -> Any:
            traced = any(map(holds_traced, (*args, *kwargs.values())))
            return inner(*args, **kwargs) if traced else cached(*args, **kwargs)

        return call

    def _object(self, function: Any) -> Any:
        """Return what a callable object runs: the clone of its ``__call__``.

        It is remembered by the object's class: a layer is another object in each run.
        """
        kind: Any = type(function)
        call = getattr(kind, "__call__", None)  # noqa: B004 - to be cloned
        if type(call) is not FunctionType:
            return self.watched(function)
        found = self[call]
        is_plain = kind.__hash__ is object.__hash__ and not is_clone(call)
        if is_plain and _lives_on(kind):
            self._of_kinds[kind] = call, found
        return function if found is call else MethodType(found, function)


def _by_name(name: str) -> Any:
    """Return what stands for ``np.ndarray.dot`` and the like, called on an array."""

    def call(owner: Any, *args: Any, **named: Any) -> Any:
        plain = type(owner) is np.ndarray
        method = array_method(owner, name) if plain else getattr(owner, name)
        return method(*args, **named)

    return call


def _reads_frames(function: Any) -> bool:
    return any(function is one for one in _READ_FRAMES)


def _lives_on(function: Any) -> bool:
    """Tell whether what is called lives as long as its module, so may be remembered.

    Classes made inside a function do not, nor do methods in C (``queue.append``), which
    hold their objects.
    """
    if isinstance(function, BuiltinFunctionType):
        owner = function.__self__
        return owner is None or type(owner) is ModuleType
    if isinstance(function, type):
        return "<locals>" not in function.__qualname__
    return isinstance(function, _CACHEABLE) or _stands_in_its_module(function)


def _stands_in_its_module(function: Any) -> bool:
    """Tell whether a function is found under its name, and so lives as long as that.

    Others, such as lambdas made in a loop, are not remembered: that would keep them.
    """
    if type(function) is not FunctionType or "<locals>" in function.__qualname__:
        return False
    first, *rest = function.__qualname__.split(".")
    home = sys.modules.get(function.__module__)  # of what was decorated, not decorates
    found: Any = (function.__globals__ if home is None else vars(home)).get(first)
    for name in rest:
        found = getattr(found, "__dict__", {}).get(name)
    if isinstance(found, (staticmethod, classmethod)):
        found = found.__func__
    return found is function


class Methods:
    """What stands for ``METHOD`` in ``METHOD(o, "name")(...)``."""

    __slots__ = ("_calls",)

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def __call__(self, owner: Any, name: str) -> Any:
        """Return what ``owner.name`` calls."""
        kind = type(owner)
        if kind is np.ndarray:
            return self._calls.loaded(array_method(owner, name))
        if issubclass(kind, Handle):
            if name == "trace":  # the handle's own is its Trace
                return functools.partial(np.trace, owner)
            bound = getattr(owner, name)
            return tried_first(bound) if name in _TAKES_ARRAYS else bound
        bound = getattr(owner, name)
        if kind in _PLAIN_OWNERS:
            if name == "append":
                journal = running().journal
                if journal is not None and journal.last is not owner:
                    journal.appended(owner)
                return bound
            if name in FILLING:
                note_filling(owner, name)
            if name in _HAND_OUT:
                return self._calls.watched(bound)
            return self._sorting(bound) if name == "sort" else bound
        if kind is ModuleType or type(bound) is FunctionType:
            return self._calls.of(bound)
        if type(bound) is MethodType:
            return self._calls._bound(bound)
        return self._calls.of(bound)

    def _sorting(self, sort: Any) -> Any:
        """Return ``list.sort`` with a key that is a clone."""

        def sorting(*, key: Any = None, reverse: bool = False) -> None:
            sort(key=key and self._calls.of(key), reverse=reverse)

        return sorting
