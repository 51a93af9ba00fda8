"""The idioms of the tests by name: ``writes.filled_in_a_loop``."""

from typing import Any

import numpy as np

from benchmarks.idioms import read


def __getattr__(name: str) -> Any:
    """Return the function of an idiom, in the namespace that ``np`` stands for."""
    idioms = read(np)
    if name not in idioms:
        message = f"no idiom {name!r}"
        raise AttributeError(message)
    return idioms[name].function
