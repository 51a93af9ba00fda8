"""SymPy, imported when it is needed first."""

import functools
import importlib
from typing import Any


@functools.cache
def sympy() -> Any:
    """Return SymPy.

    Raises
    ------
    ImportError
        If it is not installed, saying how to install it.
    """
    try:
        return importlib.import_module("sympy")
    except ModuleNotFoundError as missing:
        msg = (
            "Symbolic derivatives need SymPy, which is not installed: "
            "pip install 'adjoint[symbolic]'."
        )
        raise ImportError(msg) from missing


def mpmath() -> Any:
    """Return mpmath, which SymPy brings: floats of as many digits as one asks for."""
    sympy()
    return importlib.import_module("mpmath")
