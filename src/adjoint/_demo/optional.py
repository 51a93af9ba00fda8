"""Packages that only the demonstration needs, imported when first used."""

import importlib
from types import ModuleType

INSTALLED_AS = {"sklearn": "scikit-learn"}
"""Names in the package index of packages that are imported by another."""


def load(module: str, purpose: str) -> ModuleType:
    """Return a module of an optional package.

    Parameters
    ----------
    module : str
        Dotted name, ``"matplotlib.figure"``.
    purpose : str
        What needs it, the subject of the error's sentence.

    Raises
    ------
    ImportError
        If the package is not installed, saying how to install it.
    """
    package = module.partition(".")[0]
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] != package:
            raise  # installed, but something that it needs is not
        needed = INSTALLED_AS.get(package, package)
        msg = (
            f"{purpose} needs {needed}, which is not installed: "
            'pip install "adjoint[demo]".'
        )
        raise ImportError(msg) from missing
