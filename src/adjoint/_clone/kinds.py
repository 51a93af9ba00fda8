"""Which runs may need clones of one kind: those with the same key."""

import functools
import itertools
from collections.abc import Iterable
from types import CodeType, FunctionType, MethodType
from typing import Any

import numpy as np

from adjoint._clone.leftovers import WHOLE
from adjoint._clone.twins import HANDLES
from adjoint._core.dispatch import Trace


def _layers(function: Any) -> list[Any]:
    """Return a function and what it runs: of a method, a wrapper, a callable object."""
    layers = [function]
    while len(layers) < _MOST:  # a wrapper may name itself as what it wraps
        if type(function) is FunctionType and "__wrapped__" not in function.__dict__:
            return layers
        if type(function) is MethodType:
            function = function.__func__
        elif issubclass(type(function), functools.partial):
            function = function.func
        elif "__wrapped__" in _attributes_of(function):
            function = function.__wrapped__
        else:
            break
        layers.append(function)
    if type(function) is not FunctionType:
        layers.append(getattr(type(function), "__call__", None))  # noqa: B004 - its code
    return layers


def _attributes_of(function: Any) -> Any:
    """Return the attributes of an object; none, if it does not tell them."""
    try:
        return getattr(function, "__dict__", ())
    except Exception:  # noqa: BLE001 - a property of the user's
        return ()


def key_of(function: Any, args: tuple[Any, ...]) -> Any:
    """Return what tells functions apart that may need different kinds of clones.

    A wrapper (``lambda x: model.loss(x)``) is one for each function, and each class of
    objects, it closes over or is given, directly or through another wrapper.  ``None``
    for what runs no code of Python's.
    """
    if type(function) is FunctionType and "__wrapped__" not in function.__dict__:
        for one in (*args, *_held_by(function)):
            if type(one) not in _CALLING_NOTHING:
                break
        else:  # the common case, in fewer steps
            return _number(function.__code__)
    layers = _layers(function)
    code = getattr(layers[-1], "__code__", None)
    if code is None:
        return None
    kinds = [id(type(one)) for one in args if type(one) not in _CALLING_NOTHING]
    _add_held(layers, kinds, set())
    return (_number(code), *kinds)


def call_nothing(args: tuple[Any, ...], trace: Trace) -> bool:
    """Tell whether arguments call nothing, and the function may write into them."""
    for one in args:
        kind = type(one)
        if kind not in _CALLING_NOTHING or (kind in HANDLES and one.trace is not trace):
            return False
    return True


def _held_by(function: Any) -> list[Any]:
    """Return what a function closes over, has as defaults, or was given beforehand."""
    if type(function) is not FunctionType:
        if issubclass(type(function), functools.partial):
            return [*function.args, *function.keywords.values()]
        return []
    held = list(function.__defaults__ or ())
    for cell in function.__closure__ or ():
        try:
            held.append(cell.cell_contents)
        except ValueError:  # a variable without a value yet
            held.append(None)
    return held


def _add_held(layers: list[Any], kinds: list[Any], seen: set[int]) -> None:
    """Add the kinds of what a function holds, in each of its layers."""
    for layer in layers:
        if type(layer) is MethodType:
            kinds.append(id(type(layer.__self__)))
        elif id(layer) not in seen:
            seen.add(id(layer))
            held = _held_by(layer)
            if held:
                _add_kinds(held, kinds, seen)


def _add_kinds(values: Iterable[Any], kinds: list[Any], seen: set[int]) -> None:
    """Add the kinds of values, and of what functions among them hold in turn."""
    for found in values:
        if type(found) in _CALLING_NOTHING:
            kinds.append(None)
        elif type(found) in _CONTAINERS:
            kinds.append(_kinds_within(found, seen))
        else:
            layers = _layers(found)
            code = getattr(layers[-1], "__code__", None)
            kinds.append(id(type(found)) if code is None else _number(code))
            _add_held(layers, kinds, seen)


def _kinds_within(container: Any, seen: set[int]) -> frozenset[Any] | None:
    """Return the kinds of what a container holds first, however long it grows."""
    if id(container) in seen or len(seen) >= _MOST:
        return None
    seen.add(id(container))
    values = dict.values(container) if type(container) is dict else container
    callers = [
        one
        for one in itertools.islice(values, _FIRST)
        if type(one) not in _CALLING_NOTHING
    ]
    if not callers:
        return None
    kinds: list[Any] = []
    _add_kinds(callers, kinds, seen)
    return frozenset(one for one in kinds if one is not None) or None


_CONTAINERS = frozenset({list, tuple, dict})
_FIRST = 16
"""Of so many of its values the kinds count, each once: some lists grow call by call."""
_MOST = 64
"""So many containers and functions are looked into: a tree of them may be large."""


def _number(code: CodeType) -> int:
    """Return the identity of a code object, which is kept alive.

    Its hash is computed anew each time, from every instruction: 1 to 5 us for a
    function of 80 lines.
    """
    key = id(code)
    if key not in _CODES:
        _CODES[key] = code
    return key


_CODES: dict[int, CodeType] = {}
"""The code objects that keys name by their identity."""


_CALLING_NOTHING = HANDLES | WHOLE - {FunctionType, MethodType} | {np.ndarray}
"""Types of values that call nothing."""
