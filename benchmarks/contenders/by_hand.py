"""By hand: the derivative as one writes it in NumPy knowing the function.

The least that eager NumPy has to do; a line to compare with, not a competitor.
"""

from collections.abc import Callable

import numpy as np

from benchmarks.case import Case, Inputs, Value
from benchmarks.contenders.base import Contender, DoesNotApplyError
from benchmarks.problems import load


class ByHand(Contender):
    """NumPy alone."""

    name = "by hand"

    def __init__(self) -> None:
        self.version = f"numpy {np.__version__}"

    def prepare(self, case: Case, inputs: Inputs) -> Callable[[], Value]:
        """Return a call of the function the case names for it."""
        name = case.function if case.task == "value" else case.by_hand
        if not name:
            message = "nobody wrote it"
            raise DoesNotApplyError(message)
        answer = getattr(load(case.problem, np), name)
        argument, data = inputs
        return lambda: answer(argument, *data)
