"""Functions of libraries that run one of the user's, or show what they are given.

A wrapper (``contextlib.contextmanager``) keeps the function it was made of in a
variable of its own; the clone's wrapper keeps the clone.  ``logging`` makes text of
numbers, and ``json`` text that can be read back.
"""

import functools
from collections.abc import Callable
from types import CellType, FunctionType
from typing import Any

from adjoint._clone.cells import contents_of
from adjoint._core.dispatch import settle
from adjoint._core.handle import Handle

Function = Callable[..., Any]

_DISPATCHER = functools.singledispatch(len).__code__  # type: ignore[attr-defined]
_LOGGING = frozenset(
    {
        *("debug", "info", "warning", "warn", "error", "critical", "fatal"),
        *("exception", "log"),
    }
)
_JSON = frozenset({"dump", "dumps"})


def adapted(function: FunctionType, of: Callable[[Any], Any]) -> Function | None:
    """Return what stands for a library's function, if it is one of these.

    Parameters
    ----------
    function : function
    of : callable
        Returns what is called in the place of a function.
    """
    if function.__code__ is _DISPATCHER:
        return _dispatching(function, of)
    package = (function.__module__ or "").partition(".")[0]
    if package == "logging" and function.__name__ in _LOGGING:
        return _showing(function)
    if package == "json" and function.__name__ in _JSON:
        return _writing(function)
    return None


def rewrapped(function: FunctionType, of: Callable[[Any], Any]) -> FunctionType:
    """Return a wrapper that runs what is called in the place of what it wraps."""
    wrapped = function.__dict__.get("__wrapped__")
    cells = function.__closure__ or ()
    if type(wrapped) is not FunctionType or not cells:
        return function
    instead = of(wrapped)
    if instead is wrapped:
        return function
    closure = tuple(
        CellType(instead) if contents_of(one) is wrapped else one for one in cells
    )
    new = FunctionType(
        function.__code__,
        function.__globals__,
        function.__name__,
        function.__defaults__,
        closure,
    )
    new.__kwdefaults__ = function.__kwdefaults__
    functools.update_wrapper(new, function, updated=())
    return new


def _dispatching(function: Any, of: Callable[[Any], Any]) -> Function:
    """Return what stands for a function of ``functools.singledispatch``."""

    def dispatch(*args: Any, **named: Any) -> Any:
        if not args:
            return function(*args, **named)
        return of(function.dispatch(args[0].__class__))(*args, **named)

    return dispatch


def _showing(function: Function) -> Function:
    """Return a function of ``logging`` that is given plain numbers.

    It looks for its caller's line on the stack, past this frame.
    """

    def show(*args: Any, **named: Any) -> Any:
        named["stacklevel"] = named.get("stacklevel", 1) + 1
        return function(*map(_shown, args), **named)

    return show


def _shown(value: Any) -> Any:
    """Return a value with plain numbers and arrays in the places of traced ones."""
    if isinstance(value, Handle):
        return settle(value, "one text")
    if type(value) in (list, tuple):
        return type(value)(map(_shown, value))
    if type(value) is dict:
        return {key: _shown(one) for key, one in value.items()}
    return value


def _writing(function: Function) -> Function:
    """Return a function of ``json`` that says why it takes no traced value."""

    def write(*args: Any, **named: Any) -> Any:
        try:
            return function(*args, **named)
        except TypeError:
            traced = _first_traced(args)
            if traced is None:
                raise
            traced._refuse(
                f"json.{function.__name__}(x), a text that can be read back",
                "the plain value",
            )

    return write


def _first_traced(tree: Any) -> Any:
    """Return a traced value in nested containers; ``None`` if there is none."""
    if isinstance(tree, Handle):
        return tree
    if isinstance(tree, (list, tuple, dict)):
        parts = tree.values() if isinstance(tree, dict) else tree
        return next(filter(_is_found, map(_first_traced, parts)), None)
    return None


def _is_found(one: Any) -> bool:
    return one is not None
