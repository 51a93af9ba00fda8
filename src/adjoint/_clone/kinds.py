"""Which runs may need clones of one kind: those with the same key."""

import functools
from types import CodeType, FunctionType, MethodType
from typing import Any

import numpy as np

from adjoint._clone.leftovers import WHOLE
from adjoint._clone.twins import HANDLES
from adjoint._core.dispatch import Trace


def _innermost(function: Any) -> Any:
    """Return the function that a method, a wrapper or a callable object runs."""
    while True:
        if type(function) is FunctionType and "__wrapped__" not in function.__dict__:
            return function
        if type(function) is MethodType:
            function = function.__func__
        elif isinstance(function, functools.partial):
            function = function.func
        elif "__wrapped__" in getattr(function, "__dict__", ()):
            function = function.__wrapped__
        else:
            break
    if type(function) is not FunctionType:
        function = getattr(type(function), "__call__", None)  # noqa: B004 - its code
    return function


def key_of(function: Any, args: tuple[Any, ...]) -> Any:
    """Return what tells functions apart that may need different kinds of clones.

    A wrapper (``lambda x: model.loss(x)``) is one for each function, and each class of
    objects, it closes over or is given, directly or through another wrapper.  ``None``
    for what runs no code of Python's.
    """
    if (  # the common case, in fewer steps
        type(function) is FunctionType
        and function.__closure__ is None
        and "__wrapped__" not in function.__dict__
    ):
        for one in args:
            if type(one) not in _CALLING_NOTHING:
                break
        else:
            return _number(function.__code__)
    code = getattr(_innermost(function), "__code__", None)
    if code is None:
        return None
    given = [id(type(one)) for one in args if type(one) not in _CALLING_NOTHING]
    owner = getattr(function, "__self__", None)
    if owner is not None:
        given.append(id(type(owner)))
    closed: list[Any] = []
    _add_kinds(getattr(function, "__closure__", None) or (), closed, set())
    return (_number(code), *closed, *given)


def call_nothing(args: tuple[Any, ...], trace: Trace) -> bool:
    """Tell whether arguments call nothing, and the function may write into them."""
    for one in args:
        kind = type(one)
        if kind not in _CALLING_NOTHING or (kind in HANDLES and one.trace is not trace):
            return False
    return True


def _add_kinds(cells: tuple[Any, ...], kinds: list[Any], seen: set[int]) -> None:
    """Add the kinds of what is closed over, and of what functions there close over."""
    for cell in cells:
        try:
            found = cell.cell_contents
        except ValueError:  # a variable without a value yet
            found = None
        if type(found) in _CALLING_NOTHING:
            kinds.append(None)
            continue
        inner = _innermost(found)
        code = getattr(inner, "__code__", None)
        kinds.append(id(type(found)) if code is None else _number(code))
        further = getattr(inner, "__closure__", None)
        if further and id(inner) not in seen:
            seen.add(id(inner))
            _add_kinds(further, kinds, seen)


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
