"""Built-in functions that make a plain number or type of a traced value."""

import builtins
from collections.abc import Callable
from typing import Any

import numpy as np

from adjoint._clone.records import STAND_INS, is_traced, stands_for
from adjoint._core.arrays import Value
from adjoint._core.dispatch import settle
from adjoint._core.handle import Handle
from adjoint._primitives.conversion import as_float


@stands_for(float)
def to_float(*args: Any) -> Value:
    """Return ``float(x)``, traced if ``x`` is."""
    return as_float(args[0]) if args and is_traced(args[0]) else float(*args)


@stands_for(int)
def to_int(*args: Any, **named: Any) -> int:
    """Return ``int(x)``: the derivative of a step function is zero."""
    if args and is_traced(args[0]):
        return int(settle(args[0], "one integer (int)"))
    return int(*args, **named)


@stands_for(round)
def rounded(number: Any, *args: Any, **named: Any) -> Value:
    """Return ``round(x)``: an integer, or with digits a traced step function."""
    if not is_traced(number) or isinstance(number.value, np.ndarray):
        return round(number, *args, **named)
    digits = args[0] if args else named.get("ndigits")
    if digits is None:
        return round(settle(number, "one integer (round)"))
    return np.round(number, digits)


@stands_for(type)
def type_of(*args: Any, **named: Any) -> Any:
    """Return ``type(x)``: of a traced value, that of what it stands for."""
    if len(args) == 1 and isinstance(args[0], Handle):
        return args[0].__class__
    return type(*args, **named)


def _calling_back(function: Callable[..., Any]) -> Callable[[Any], Any]:
    """Return the maker of a stand-in whose callbacks are clones."""

    def maker(calls: Any) -> Callable[..., Any]:
        def call(*args: Any, **named: Any) -> Any:
            through = [calls.of(one) if callable(one) else one for one in args]
            keys = {
                key: calls.of(one) if key == "key" and callable(one) else one
                for key, one in named.items()
            }
            return function(*through, **keys)

        return call

    return maker


for _name in ("map", "filter", "sorted", "max", "min"):
    STAND_INS[getattr(builtins, _name)] = _calling_back(getattr(builtins, _name))
