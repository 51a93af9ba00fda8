"""Whose a function is: the user's, which transforms follow, a library's, or ours."""

import os
import sysconfig
from types import FunctionType

from adjoint._core.errors import PACKAGE

FOLLOWED: set[str] = {"numpy.polynomial"}
"""Modules, classes and functions outside the user's own that are cloned too.

Those of ``numpy.polynomial`` are plain Python that converts and fills arrays.
"""

_LIKE_THE_USERS = (
    "adjoint._demo",
    "adjoint.nn._training.objective",
    "adjoint.nn.containers",
    "adjoint.nn.transformer",
)
"""Modules of ours that are followed: examples, and layers that call the user's."""
_FILES_LIKE_THE_USERS = tuple(
    PACKAGE + name.partition(".")[2].replace(".", os.sep) for name in _LIKE_THE_USERS
)
_LIBRARIES = (
    *(PACKAGE, "<frozen", "<adjoint", "<__array"),
    *{
        path.rstrip(os.sep) + os.sep
        for key in ("stdlib", "platstdlib", "purelib", "platlib")
        if (path := sysconfig.get_paths().get(key))
    },
)
"""How the names of files begin that are not the user's."""


def is_library(function: FunctionType) -> bool:
    """Tell whether a function is the standard library's, a package's, or ours."""
    name = f"{function.__module__}.{function.__qualname__}."
    if any(name.startswith(f"{one}.") for one in FOLLOWED):
        return False
    return is_library_file(function.__code__.co_filename)


def is_library_file(file: str) -> bool:
    """Tell whether a file is the standard library's, a package's, or ours."""
    if file.startswith(_FILES_LIKE_THE_USERS):
        return False
    return file.startswith(_LIBRARIES) or f"{os.sep}site-packages{os.sep}" in file


def is_our_class(cls: type) -> bool:
    """Tell whether a class is ours, or ``object``: none of its methods is followed."""
    name = cls.__module__
    return cls is object or (
        name.startswith("adjoint.") and not name.startswith(_LIKE_THE_USERS)
    )
