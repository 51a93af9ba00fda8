"""How a NumPy call that meets a handle is carried out.

NumPy hands ufuncs to ``__array_ufunc__`` (NEP 13) and other functions to
``__array_function__`` (NEP 18).  Both look the function up in the `Entries` of the
handle's mode.  A call without keywords goes straight to its entry; the rest is put in
order here: keywords by NumPy's own signature, ``out=`` (see ``outputs.py``), a missing
rule named.
"""

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from adjoint._core.arrays import Value
from adjoint._core.errors import MissingRuleError, user_line
from adjoint._core.keywords import call_with_keywords
from adjoint._core.outputs import function_into, ufunc_into
from adjoint._core.record import Record
from adjoint._core.refusals import REFUSALS, as_numpys
from adjoint._core.registry import (
    IMPLEMENTATIONS,
    RECORDS,
    UFUNC_METHODS,
    WITHOUT_DERIVATIVE,
)


class Entries(dict[Any, Any]):
    """What runs when a function meets a handle of one mode.

    Looked up by function: the registered implementation where there is one (an adapter,
    a composite), else the mode's own fast entry, else ``None``: no rule.  Looked up by
    record: the mode's fast entry.  Entries are made on first use.
    """

    def __init__(self, make: Callable[[Record], Callable[..., Any]]) -> None:
        super().__init__()
        self.make = make

    def __missing__(self, key: Any) -> Callable[..., Any] | None:
        entry: Callable[..., Any] | None
        if isinstance(key, Record):
            entry = self[key] = self.make(key)
            return entry
        entry = IMPLEMENTATIONS.get(key)
        record = RECORDS.get(key)
        if entry is None and record is not None and record.evaluate is key:
            entry = self.make(record)
        if entry is not None:
            self[key] = entry
        return entry


def ufunc_hook(entries: Entries) -> Callable[..., Value]:
    """Return ``__array_ufunc__``: one look-up for a plain call of one or two values."""

    def array_ufunc(
        self: Any,
        ufunc: np.ufunc,
        method: str,
        x: Value,
        y: Value = np._NoValue,
        /,
        *more: Value,
        **kwargs: Any,
    ) -> Value:
        if not kwargs and not more and method == "__call__":
            entry = entries[ufunc]
            if entry is not None:
                return entry(x) if y is _NO_VALUE else entry(x, y)
        inputs = (x, *more) if y is _NO_VALUE else (x, y, *more)
        return apply_ufunc(self, ufunc, method, inputs, kwargs)

    return array_ufunc


_NO_VALUE = np._NoValue


_HONOURED: set[tuple[Any, ...]] = set()
"""Calls (function, number of positional arguments, keywords) found to be in order."""

_PLAIN_CALL = 2
"""Up to so many positional arguments every implementation takes."""


def function_hook(entries: Entries) -> Callable[..., Value]:
    """Return ``__array_function__``: one look-up for a call without keywords."""

    def array_function(
        self: Any,
        function: Callable[..., Any],
        types: Any,  # noqa: ARG001 - NumPy's own parameter
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> Value:
        try:
            if not kwargs and len(args) <= _PLAIN_CALL:
                entry = entries[function]
                if entry is not None:
                    return entry(*args)
            elif (function, len(args), *kwargs) in _HONOURED:
                return entries[function](*args, **kwargs)
        except REFUSALS as error:
            raise as_numpys(error, function, args, kwargs)  # noqa: B904 - or error itself
        return apply_function(self, function, args, kwargs)

    return array_function


def is_handle(arg: Any) -> bool:
    """Tell whether an argument is a handle, whose class this file does not know."""
    return hasattr(type(arg), "payload")


def apply_ufunc(
    handle: Any,
    ufunc: np.ufunc,
    method: str,
    inputs: tuple[Value, ...],
    kwargs: dict[str, Any],
) -> Value:
    """Carry out what NumPy handed to ``__array_ufunc__``."""
    if any(one is not None for one in kwargs.get("out") or ()):
        return ufunc_into(handle, ufunc, method, inputs, kwargs)
    kwargs = {key: value for key, value in kwargs.items() if key != "out"}
    if method != "__call__":
        name = f"np.{ufunc.__name__}.{method}"
        return carry_out(
            handle, name, UFUNC_METHODS.get((ufunc, method)), inputs, kwargs, ufunc
        )
    entry = handle.entries[ufunc]
    kwargs = {key: value for key, value in kwargs.items() if not _unset(key, value)}
    if entry is not None and kwargs:
        result, kwargs = call_with_keywords(ufunc, inputs, kwargs)
        if not kwargs:
            return result
    if entry is None or kwargs:
        names = "".join(f", {key}=" for key in kwargs)
        name = ufunc_name(ufunc) + (f"(...{names})" if names else "")
        raise handle.remember(missing_rule(name, inputs, ufunc))
    return entry(*inputs)


def apply_function(
    handle: Any,
    function: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> Value:
    """Carry out what NumPy handed to ``__array_function__``."""
    try:
        return _applied(handle, function, args, kwargs)
    except REFUSALS as error:
        raise as_numpys(error, function, args, kwargs)  # noqa: B904 - or error itself


def _applied(
    handle: Any,
    function: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> Value:
    entry = handle.entries[function]
    if entry is not None:
        given = (function, len(args), *kwargs)
        args, kwargs = by_signature(function, entry, args, kwargs)
        if kwargs.get("out") is not None:
            name = function_name(function)
            return function_into(handle, function, name, args, kwargs)
        if given == (function, len(args), *kwargs) and all(
            accepts(entry, key) for key in kwargs
        ):
            _HONOURED.add(given)
    return carry_out(handle, function_name(function), entry, args, kwargs, function)


def by_signature(
    function: Callable[..., Any],
    entry: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Return a call with what its entry does not take by position made keywords.

    ``np.sum(x, 0, None)`` gives ``dtype`` by position; NumPy's own signature knows.
    """
    code = getattr(entry, "__code__", None)
    if code is None or code.co_flags & inspect.CO_VARARGS:
        return args, kwargs
    excess = len(args) - code.co_argcount
    if excess <= 0:
        return args, kwargs
    try:
        names = list(inspect.signature(function).parameters)
    except ValueError:  # a function in C that does not say
        names = [f"argument {k}" for k in range(len(args))]
    given = dict(zip(names[code.co_argcount :], args[code.co_argcount :], strict=False))
    return args[: code.co_argcount], {**given, **kwargs}


def carry_out(
    handle: Any,
    name: str,
    implementation: Callable[..., Any] | None,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    function: Any = None,
) -> Value:
    """Run an implementation on the keywords it honours; raise where there is none.

    Raises
    ------
    MissingRuleError
        If there is no implementation, or it does not take a keyword that was given.
    """
    if implementation is None:
        raise handle.remember(missing_rule(name, args, function))
    kwargs = {key: value for key, value in kwargs.items() if not _unset(key, value)}
    for key in kwargs:
        if not accepts(implementation, key):
            raise handle.remember(missing_rule(f"{name}(..., {key}=)", args))
    return implementation(*args, **kwargs)


def _unset(key: str, value: Any) -> bool:
    """Tell whether a keyword has the value that NumPy takes for not given."""
    return value is np._NoValue or (value is None and key in {"out", "dtype"})


def accepts(implementation: Callable[..., Any], keyword: str) -> bool:
    """Tell whether an implementation takes a keyword, by its own signature."""
    code = getattr(implementation, "__code__", None)
    if code is None:
        return False
    if code.co_flags & inspect.CO_VARKEYWORDS:
        return True
    return keyword in code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]


def missing_rule(
    name: str, args: tuple[Any, ...], function: Any = None
) -> MissingRuleError:
    """Return the error for a function without rule: what, which argument, the cure."""
    places = [str(k) for k, arg in enumerate(args) if is_handle(arg)]
    where = f" (traced argument {', '.join(places)})" if places else ""
    reason = WITHOUT_DERIVATIVE.get(function)
    if reason is not None:
        return MissingRuleError(
            f"{name}{where} has no derivative: {reason}{user_line()}. Pass "
            "ad.stop_gradient(x) where its value alone is wanted."
        )
    return MissingRuleError(
        f"{name}{where} has no derivative rule{user_line()}. Write it with functions "
        "that have one, give it one with ad.extend.implements (see also ad.custom_jvp "
        "and ad.custom_vjp), or pass ad.stop_gradient(x) where no derivative is wanted."
    )


def ufunc_name(ufunc: np.ufunc) -> str:
    """Return a ufunc's name with its package where it is NumPy's."""
    known = getattr(np, ufunc.__name__, None) is ufunc
    return f"np.{ufunc.__name__}" if known else f"the ufunc {ufunc.__name__}"


def function_name(function: Callable[..., Any]) -> str:
    """Return ``np.linalg.norm`` for NumPy's function of that name."""
    module = getattr(function, "__module__", "") or ""
    name = getattr(function, "__qualname__", repr(function))
    return f"{module.replace('numpy', 'np', 1)}.{name}" if module else name
