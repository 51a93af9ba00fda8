"""What is differentiated: plain NumPy, as a user writes it.

A problem is one file that imports ``numpy as np`` and nothing of a contender.  `load`
gives a contender its own copy of it, in which ``np`` is the contender's namespace; so
each problem is written once, and everybody runs the same lines.
"""

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

_FOLDER = Path(__file__).parent


def load(problem: str, namespace: Any) -> ModuleType:
    """Return a fresh copy of a problem's module, its ``np`` replaced.

    Parameters
    ----------
    problem : str
        The name of a file here, without ``.py``.
    namespace : module or similar
        What ``np`` stands for in it.

    Notes
    -----
    Functions look ``np`` up when they run, so replacing it once the module is loaded
    reaches all of them.  What a module computes while it loads is NumPy's.
    """
    path = _FOLDER / f"{problem}.py"
    spec = importlib.util.spec_from_file_location(f"{__name__}.{problem}", path)
    if spec is None or spec.loader is None:
        message = f"no problem {problem!r} in {_FOLDER}"
        raise ImportError(message)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.__dict__["np"] = namespace
    return module
