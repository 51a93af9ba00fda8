"""Entries made of other functions, alike in several modes.

One of a piecewise constant function looks at values alone; the fallback of one counts
buffers as the arrays they hold; one that is watched runs the code of another.
"""

from collections.abc import Callable
from types import FunctionType
from typing import Any

from adjoint._core.arrays import Value
from adjoint._core.buffers import Buffer
from adjoint._core.handle import Handle


def constant_entry(
    function: Callable[..., Value], kind: type[Handle]
) -> Callable[..., Value]:
    """Return the entry of a piecewise constant function: it looks at values alone.

    ``kind`` is the class of the mode's handles.
    """

    def piecewise_constant(*args: Value) -> Value:
        return function(*(arg.value if type(arg) is kind else arg for arg in args))

    return piecewise_constant


def past_buffers(
    entry: Callable[..., Value], kind: type[Handle], given_up: Callable[..., Value]
) -> Callable[..., Value]:
    """Return the fallback of an entry: buffers count as the arrays they hold.

    ``given_up`` takes all other operands.
    """

    def fallback(x: Value, y: Value) -> Value:
        if type(x) is kind and type(y) is Buffer:
            return entry(x, y.value)
        if type(x) is Buffer and type(y) is kind:
            return entry(x.value, y)
        return given_up(x, y)

    return fallback


def rebound(entry: Any, **names: Any) -> Any:
    """Return the same code with other things under some of its global names."""
    return FunctionType(
        entry.__code__,
        {**entry.__globals__, **names},
        entry.__name__,
        None,
        entry.__closure__,
    )
