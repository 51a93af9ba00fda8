"""The operators and methods of handles, by the NumPy function that each one is.

What all modes share is put on `Handle` here; each mode installs its own fast operators.
"""

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from adjoint._core.arrays import Value
from adjoint._core.attributes import install_attributes
from adjoint._core.handle import Handle, run, update
from adjoint._core.protocols import apply_function, function_hook, ufunc_hook
from adjoint._core.record import Record
from adjoint._core.registry import RECORDS

BINARY_OPERATORS: dict[str, tuple[Callable[..., Any], np.ufunc]] = {
    "add": (operator.add, np.add),
    "sub": (operator.sub, np.subtract),
    "mul": (operator.mul, np.multiply),
    "truediv": (operator.truediv, np.true_divide),
    "floordiv": (operator.floordiv, np.floor_divide),
    "mod": (operator.mod, np.remainder),
    "pow": (operator.pow, np.power),
    "matmul": (operator.matmul, np.matmul),
    "and": (operator.and_, np.bitwise_and),
    "or": (operator.or_, np.bitwise_or),
    "xor": (operator.xor, np.bitwise_xor),
    "lshift": (operator.lshift, np.left_shift),
    "rshift": (operator.rshift, np.right_shift),
}
COMPARISONS: dict[str, tuple[Callable[..., Any], np.ufunc]] = {
    "lt": (operator.lt, np.less),
    "le": (operator.le, np.less_equal),
    "gt": (operator.gt, np.greater),
    "ge": (operator.ge, np.greater_equal),
    "eq": (operator.eq, np.equal),
    "ne": (operator.ne, np.not_equal),
}
UNARY_OPERATORS: dict[str, tuple[Callable[..., Any], np.ufunc]] = {
    "neg": (operator.neg, np.negative),
    "pos": (operator.pos, np.positive),
    "abs": (operator.abs, np.absolute),
    "invert": (operator.invert, np.invert),
}
METHODS: dict[str, Callable[..., Any]] = {
    "all": np.all,
    "any": np.any,
    "argmax": np.argmax,
    "argmin": np.argmin,
    "argpartition": np.argpartition,
    "argsort": np.argsort,
    "choose": np.choose,
    "clip": np.clip,
    "cumprod": np.cumprod,
    "cumsum": np.cumsum,
    "diagonal": np.diagonal,
    "dot": np.dot,
    "max": np.max,
    "mean": np.mean,
    "min": np.min,
    "nonzero": np.nonzero,
    "prod": np.prod,
    "ravel": np.ravel,
    "repeat": np.repeat,
    "round": np.round,
    "searchsorted": np.searchsorted,
    "squeeze": np.squeeze,
    "std": np.std,
    "sum": np.sum,
    "swapaxes": np.swapaxes,
    "take": np.take,
    "var": np.var,
}
"""ndarray methods that do what the NumPy function of the same name does."""


def _method(function: Callable[..., Any]) -> Callable[..., Value]:
    def method(self: Handle, *args: Any, **kwargs: Any) -> Value:
        if args or kwargs:
            return apply_function(self, function, (self, *args), kwargs)
        return run(function, self)

    method.__doc__ = f"As ``numpy.{function.__name__}(x, ...)``."
    method.__name__ = function.__name__
    return method


def _in_place(symbol: str, function: Callable[..., Any]) -> Callable[..., Value]:
    """Return an augmented assignment: it makes a new number, and writes into an array.

    The array changes for everyone who holds it, and keeps its shape and dtype.
    """

    def augmented(self: Handle, other: Value) -> Value:
        new = function(self, other)
        if self._is_array():
            return run(update, self, new, f"x {symbol}= v")
        return new

    return augmented


_SYMBOLS = {
    "add": "+",
    "sub": "-",
    "mul": "*",
    "truediv": "/",
    "floordiv": "//",
    "mod": "%",
    "pow": "**",
    "matmul": "@",
    "and": "&",
    "or": "|",
    "xor": "^",
    "lshift": "<<",
    "rshift": ">>",
}

install_attributes()
for _name, _function in METHODS.items():
    setattr(Handle, _name, _method(_function))
for _name, (_operation, _) in BINARY_OPERATORS.items():
    setattr(Handle, f"__i{_name}__", _in_place(_SYMBOLS[_name], _operation))


def install_operators(
    cls: type[Handle],
    make: Callable[[Record, Callable[..., Any]], Callable[..., Value]],
) -> None:
    """Give a handle class its operators, made by its mode from the records.

    ``make(record, operation)`` returns the function that carries ``operation`` out; it
    serves as the operator method itself, with no call in between.
    """
    cls.__array_ufunc__ = ufunc_hook(cls.entries)
    cls.__array_function__ = function_hook(cls.entries)
    for name, (operation, ufunc) in {**BINARY_OPERATORS, **COMPARISONS}.items():
        method = make(RECORDS[ufunc], operation)
        setattr(cls, f"__{name}__", method)
        if name in BINARY_OPERATORS:
            setattr(cls, f"__r{name}__", _reflected(method))
    for name, (operation, ufunc) in UNARY_OPERATORS.items():
        method = make(RECORDS[ufunc], operation)
        setattr(cls, f"__{name}__", _of_reals(method) if name == "abs" else method)


def _of_reals(absolute: Callable[..., Value]) -> Callable[..., Value]:
    """Return ``abs``, which for complex numbers is no function of one slope."""

    def method(self: Handle) -> Value:
        if self.dtype.kind == "c":
            return run(operator.abs, self)
        return absolute(self)

    return method


def _reflected(method: Callable[..., Value]) -> Callable[..., Value]:
    def reflected(self: Handle, other: Value) -> Value:
        return method(other, self)

    return reflected
