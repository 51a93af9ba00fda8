"""What a contender is: a library that differentiates, and how one asks it.

Each method named after a task takes a function ``f(x, *data)``, to be differentiated by
``x`` (array, number or list of arrays), and returns a function of the same arguments
that gives the answer.  A contender overrides what it can do.  Where a direction is
needed (``jvp``, ``hvp``), it is all ones.
"""

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from benchmarks.case import Case, Inputs, Value
from benchmarks.problems import load

Function = Callable[..., Value]


class DoesNotApplyError(Exception):
    """This contender has nothing for this task; the message says what is missing."""


class NotYetError(Exception):
    """The feature is planned, and not there yet."""


def _task(meaning: str) -> Callable[["Contender", Function], Function]:
    """Return a method that says that a contender has nothing for a task."""

    def missing(self: "Contender", f: Function) -> Function:
        message = f"{self.name} has nothing for it"
        raise DoesNotApplyError(message)

    missing.__doc__ = f"Return a function that gives {meaning}."
    return missing


class Contender:
    """Base of all contenders.

    The constructor imports the library; ``ImportError`` means that it is absent.

    Attributes
    ----------
    name : str
        The column's title.
    version : str
        As the library's distribution says, with the build where that is known.
    xp : namespace
        What ``np`` stands for in the user's function.
    """

    name: ClassVar[str]
    version: str = ""
    xp: Any = np

    value = _task("the value f(x), undifferentiated, the cheapest way")
    gradient = _task("the gradient of a scalar f")
    value_and_gradient = _task("the pair (value, gradient)")
    jacobian = _task("the Jacobian of f: R^n -> R^m, shape (m, n)")
    hessian = _task("the Hessian of a scalar f, shape (n, n)")
    jvp = _task("the pair (f(x), J v) with v of ones")
    hvp_forward_over_reverse = _task("H v with v of ones, the jvp of the gradient")
    hvp_reverse_over_forward = _task("H v with v of ones, the gradient of the jvp")
    hvp_reverse_over_reverse = _task("H v, the gradient of <gradient, v>")
    third_derivative = _task("f''' of a number, by the transform three times")
    batched_jacobian = _task("Jacobians (batch, m, n) of f at each row of x and data")
    sparse_jacobian = _task("the Jacobian as a SciPy sparse array")
    sparse_hessian = _task("the Hessian as a SciPy sparse array")

    def argument(self, x: Value) -> Value:
        """Return an argument to differentiate by, from NumPy or Python values."""
        return x

    def constant(self, x: Value) -> Value:
        """Return a constant, from NumPy or Python values."""
        return x

    def plain(self, result: Value) -> Value:
        """Return a result in NumPy."""
        return result

    def all_threads(self) -> None:
        """Use every core; called before anything runs.  One thread is the default."""

    def forget(self) -> None:
        """Forget what was compiled in this process (what lies on disk stays)."""

    def prepare(self, case: Case, inputs: Inputs) -> Callable[[], Value]:
        """Return a call that answers a case once.

        Raises
        ------
        DoesNotApplyError, NotYetError
            If there is nothing to measure; the message goes into the table.
        """
        argument, data = inputs
        name = case.written_for.get(self.name, case.function)
        if not name:
            message = f"{self.name} has no way of writing it"
            raise DoesNotApplyError(message)
        f = getattr(load(case.problem, self.xp), name)
        answer = getattr(self, case.task)(f)
        x = self.argument(argument)
        constants = [self.constant(one) for one in data]
        return lambda: answer(x, *constants)
