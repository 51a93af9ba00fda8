"""How long expressions are, written out: what makes SymPy slow, known before it is.

An expression shares its parts in memory, and a loop of 50 turns may stand for a formula
of 2**50 terms.  SymPy walks through the formula.
"""

from typing import Any

import numpy as np

MOST = 20_000
"""Symbols, numbers and functions of one expression: seconds of SymPy's time."""
MOST_DERIVED = 400_000
"""The same, of all expressions, times the symbols they are derived by: a minute."""


class Lengths:
    """Lengths of expressions that are built of each other."""

    __slots__ = ("_known",)

    def __init__(self) -> None:
        self._known: dict[Any, int] = {}

    def longest(self, expressions: Any) -> int:
        """Return the length of the longest one in an array of expressions."""
        return max((self._of(one) for one in np.asarray(expressions).flat), default=0)

    def _of(self, expression: Any) -> int:
        waiting = [expression]
        while waiting:
            node = waiting[-1]
            missing = [one for one in node.args if one not in self._known]
            if missing:
                waiting += missing
            else:
                waiting.pop()
                self._known[node] = 1 + sum(self._known[one] for one in node.args)
        return self._known[expression]
