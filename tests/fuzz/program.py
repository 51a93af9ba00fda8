"""A random program: its text, where it is tried, and how it is loaded.

The text is a module with a function ``f`` of one array that returns a number. It is
registered where Python looks for source lines, so that tracebacks and whatever reads
the source of ``f`` find it, and nothing is written to the disk.
"""

import dataclasses
import itertools
import linecache
from collections.abc import Callable
from typing import Any

import numpy as np

NUMBERS = itertools.count()
INTEGERS = "integers[1] = 9.0 * x[0]"
"""A store that cannot keep its derivative, after ``integers = np.zeros(3, int)``."""


@dataclasses.dataclass(frozen=True)
class Program:
    """A module's text, and the point x for its function."""

    text: str
    x: np.ndarray

    @property
    def must_raise(self) -> bool:
        """Whether a traced float is stored among integers: NumPy would cut it off."""
        return INTEGERS in self.text

    @property
    def is_single(self) -> bool:
        """Whether something in it is rounded to single precision."""
        return "float32" in self.text

    def in_double(self) -> "Program":
        """The same program without single precision, for difference quotients."""
        return dataclasses.replace(self, text=self.text.replace("float32", "float64"))

    def function(self) -> Callable[[np.ndarray], Any]:
        """The function f of a module that has just been loaded: nothing remembered."""
        return Loaded(self.text).fresh()


class Loaded:
    """A module's text compiled once, to be executed any number of times."""

    def __init__(self, text: str) -> None:
        self.file = f"fuzzed/program_{next(NUMBERS)}.py"
        lines = text.splitlines(keepends=True)
        linecache.cache[self.file] = (len(text), None, lines, self.file)
        self.code = compile(text, self.file, "exec")

    def fresh(self) -> Callable[[np.ndarray], Any]:
        """The function f, its module executed anew; the source lives as long as it."""
        module = {"__name__": "fuzzed_program", "__file__": self.file, "_kept": self}
        exec(self.code, module)  # noqa: S102 - the program is ours
        return module["f"]

    def __del__(self) -> None:
        linecache.cache.pop(self.file, None)
