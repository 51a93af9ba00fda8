"""Packages of the extra ``nn``, imported when they are first needed."""

import importlib
from typing import Any


def load_package(name: str, purpose: str, extra: str = "nn") -> Any:
    """Return a module of a package that is not always there.

    Raises
    ------
    ImportError
        If it is not installed, saying how to install it.
    """
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as missing:
        package = name.partition(".")[0]
        msg = (
            f"{purpose} need {package}, which is not installed: "
            f"pip install 'adjoint[{extra}]'."
        )
        raise ImportError(msg) from missing
