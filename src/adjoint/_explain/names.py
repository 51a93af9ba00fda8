"""Functions by their names and names by their functions: ``"np.add.reduce"``."""

import functools
import importlib
from collections.abc import Callable
from types import FunctionType, MethodType
from typing import Any

import numpy as np

from adjoint._core.errors import InputError
from adjoint._core.operators import METHODS
from adjoint._core.registry import RECORDS

_SHORT = {"np": "numpy"}


def function_of(name: str) -> Any:
    """Return what a dotted name stands for; of ``ndarray``'s methods, the function.

    Raises
    ------
    InputError
        If there is nothing of that name.
    """
    first, *rest = name.split(".")
    try:
        found: Any = importlib.import_module(_SHORT.get(first, first))
    except (ImportError, ValueError):
        raise InputError(_unknown(name)) from None
    for part in rest:
        if not hasattr(found, part):
            raise InputError(_unknown(name))
        found = getattr(found, part)
    return found


def _unknown(name: str) -> str:
    return (
        f"ad.explain_rule({name!r}): there is nothing of that name. Give the function "
        "itself, or its full name, as 'numpy.linalg.solve'."
    )


def behind(function: Any) -> Any:
    """Return the function that a method of arrays is: ``np.sum`` of ``ndarray.sum``."""
    if not is_method_of_arrays(function) or function in RECORDS:
        return function
    name = function.__name__
    return METHODS.get(name) or getattr(np, name, function)


def is_method_of_arrays(function: Any) -> bool:
    """Tell whether a function is one of ``np.ndarray``."""
    return getattr(function, "__objclass__", None) is np.ndarray


def written_as(function: Any) -> FunctionType | None:
    """Return the Python function that a call runs: of an object its ``__call__``."""
    if isinstance(function, functools.partial):
        return written_as(function.func)
    if isinstance(function, type):
        function = function.__init__  # type: ignore[misc]
    elif not isinstance(function, (FunctionType, MethodType)):
        function = type(function).__call__
    function = getattr(function, "__func__", function)
    return function if isinstance(function, FunctionType) else None


def name_of(function: Callable[..., Any]) -> str:
    """Return the name under which a function is found: ``numpy.linalg.solve``."""
    owner = getattr(function, "__self__", None)
    if isinstance(owner, np.ufunc):
        return f"{name_of(owner)}.{function.__name__}"
    name = getattr(function, "__qualname__", "") or getattr(function, "__name__", "")
    module = getattr(function, "__module__", "") or ""
    if isinstance(function, np.ufunc) and getattr(np, function.__name__, 0) is function:
        module, name = "numpy", function.__name__
    if not module or module == "builtins":
        return name or repr(function)
    return f"{module}.{name}"
