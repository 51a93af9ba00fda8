"""What a contender is: a library that differentiates, and how one asks it.

Each method named after a task takes a function ``f(x, *data)``, to be differentiated by
``x`` (array, number or list of arrays), and returns a function of the same arguments
that gives the answer.  A contender overrides what it can do.  Where a direction is
needed (``jvp``, ``hvp``), it is all ones.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np

from benchmarks.case import Case, Inputs, Value
from benchmarks.problems import load

Function = Callable[..., Value]


class DoesNotApplyError(Exception):
    """A contender has nothing for a task; the message says what is missing."""


class NotYetError(Exception):
    """The feature is planned, and not there yet."""


def namespace(library: Any, names: str, **others: Any) -> SimpleNamespace:
    """Return NumPy's names for a library's functions.

    Parameters
    ----------
    library : module
        That has the elementary functions under NumPy's names.
    names : str
        Others that it has under NumPy's names, separated by spaces.
    **others
        What stands for a name of NumPy's that the library has not, or uses otherwise.
    """
    same = ["sqrt", "exp", "log", "log1p", "sin", "cos", "tanh", *names.split()]
    found = {name: getattr(library, name) for name in same}
    return SimpleNamespace(pi=np.pi, **found, **others)


def quotient(pair: Function) -> Function:
    """Return the function that gives the first over the second of a pair."""

    def first_over_second(*args: Value) -> Value:
        first, second = pair(*args)
        return first / second

    return first_over_second


def _task(meaning: str) -> Callable[["Contender", Function], Function]:
    """Return a method that says that a contender has nothing for a task."""

    def missing(self: "Contender", f: Function) -> Function:
        message = f"{self.name} has nothing for it"
        raise DoesNotApplyError(message)

    missing.__doc__ = f"Return a function that gives {meaning}."
    return missing


class Contender:
    """Base of all contenders.

    The constructor imports the library; ``ModuleNotFoundError``
    says that it is absent.

    Attributes
    ----------
    name : str
        The column's title.
    version : str
        As the library's distribution says, with the build where that is known.
    compiles : bool
        Whether a first call takes longer than those after it, be it that each operation
        is compiled by itself.
    xp : namespace
        What ``np`` stands for in the user's function.
    """

    name: ClassVar[str]
    version: str = ""
    compiles: ClassVar[bool] = False
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
    newton_direction = _task(
        "the gradient over H v, the jvp of the gradient, with v of ones: a step of"
        " Newton's method where H is diagonal"
    )
    third_derivative = _task("f''' of a number, by the transform three times")
    batched_jacobian = _task("Jacobians (batch, m, n) of f at each row of x and data")
    sparse_jacobian = _task("the Jacobian as a SciPy sparse array")
    sparse_hessian = _task("the Hessian as a SciPy sparse array")
    value_and_gradient_of_loop = _task(
        "value and gradient of the sum of y after `turns` times y = f(y, x), from y = x"
        " on, by the library's own loop: a function of (x, turns)"
    )
    checkpoint = _task("the same, and keeps nothing of a call for the backward sweep")

    def value_and_gradient_checkpointed(self, f: Function) -> Function:
        """Return value and gradient of the sum of y after `calls` calls of f.

        Each call, y = f(y, x, *data) from y = x on, is checkpointed.  A function of
        (x, calls, *data).
        """
        checkpointed = self.checkpoint(f)

        def total(x: Value, calls: int, *data: Value) -> Value:
            y = x
            for _ in range(calls):
                y = checkpointed(y, x, *data)
            return self.xp.sum(y)

        return self.value_and_gradient(total)

    def argument(self, x: Value) -> Value:
        """Return an argument to differentiate by, from NumPy or Python values."""
        return x

    def constant(self, x: Value) -> Value:
        """Return a constant, from NumPy or Python values."""
        return x

    def plain(self, result: Value) -> Value:
        """Return a result in NumPy; what is in NumPy already as it is."""
        return result

    def all_threads(self) -> None:
        """Use every core; called before anything runs.  One thread is the default."""

    def forget(self) -> None:
        """Forget what was compiled in this process (what lies on disk stays)."""

    def storing(self, folder: str) -> AbstractContextManager[None]:
        """Return a context in which what is compiled is kept in a folder, and found."""
        message = f"{self.name} keeps nothing on disk"
        raise DoesNotApplyError(message)

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
        if self.name in case.not_yet:
            raise NotYetError(case.not_yet[self.name])
        f = getattr(load(case.problem, self.xp), name)
        answer = getattr(self, case.task)(f)
        constants = [self.constant(one) for one in data]
        if case.full_call:
            return self.full_call(answer, argument, constants)
        x = self.argument(argument)
        return lambda: answer(x, *constants)

    def full_call(
        self, answer: Function, argument: Value, constants: list[Value]
    ) -> Callable[[], Value]:
        """Return a call that takes the argument from NumPy and gives NumPy back."""
        return lambda: self.plain(answer(self.argument(argument), *constants))
