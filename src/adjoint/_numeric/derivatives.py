"""First and second derivatives of a problem by any scheme, as matrices of numbers."""

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np

from adjoint._core.errors import InputError
from adjoint._numeric.analytic import carried, require_analytic, require_real_results
from adjoint._numeric.assurance import assured
from adjoint._numeric.noise import noise_of
from adjoint._numeric.problem import Point, Problem
from adjoint._numeric.schemes import QUOTIENTS, central, default_step, power_of_two
from adjoint._numeric.values import Vector

METHODS = (*QUOTIENTS, "richardson")


@dataclass(frozen=True, slots=True)
class Scheme:
    """A method with its step; ``step=None`` is the default of each component."""

    method: str
    step: float | None

    @classmethod
    def of(
        cls, method: str, step: float | None, with_error: bool, asked: str
    ) -> "Scheme":
        """Return the scheme a user asked for.

        Raises
        ------
        InputError
            For an unknown method, a step that is none, and the error of a method that
            does not estimate any.
        """
        if method not in METHODS:
            msg = (
                f"{asked} has no method {method!r}: use "
                f"{', '.join(map(repr, METHODS[:-1]))} or {METHODS[-1]!r}."
            )
            raise InputError(msg)
        if step is not None and not _is_positive(step):
            msg = f"{asked} takes a positive number as its step; given was {step!r}."
            raise InputError(msg)
        if with_error and method != "richardson":
            msg = (
                f"{asked}: the method {method!r} does not know its error; "
                "with_error=True goes with method='richardson'."
            )
            raise InputError(msg)
        return cls(method, None if step is None else float(step))

    def step_for(self, x: float, order: int, eps: float) -> float:
        """Return the step for a component x: the default for 1 times max(abs(x), 1).

        A complex step is scaled by abs(x) itself, to stay far below any x but 0.
        """
        if self.step is not None:
            return self.step
        base = default_step(self.method, order, eps)
        if self.method == "complex" and order == 1:
            return base * power_of_two(x, eps)
        return base * max(abs(x), 1.0)


def _is_positive(step: Any) -> bool:
    return isinstance(step, Real) and 0 < float(step) < math.inf


def first(problem: Problem, scheme: Scheme) -> tuple[Vector, Vector]:
    """Return the Jacobian, shape (m, n), and the errors that Richardson estimates."""
    if scheme.method == "complex":
        require_real_results(problem)
        require_analytic(problem)
    columns = [
        _partial(problem, scheme, component)
        for component in range(len(problem.components))
    ]
    values = _matrix([value for value, _ in columns], problem)
    errors = _matrix([error for _, error in columns], problem)
    return values, errors


def _partial(problem: Problem, scheme: Scheme, component: int) -> tuple[Vector, Vector]:
    """Return one column of the Jacobian, and its errors."""
    line = problem.line(component, values=_evaluation(problem, scheme))
    x = problem.component(component)
    h = scheme.step_for(x, 1, problem.eps)
    if scheme.method == "richardson":
        return _extrapolated(problem, scheme, 1, (x,), lambda t: central(line, t * h))
    value = QUOTIENTS[scheme.method](line, h)
    if scheme.method == "complex":  # log(-1 + ih) is a number, log(-1) is none
        value = np.where(np.isnan(problem.values(problem.base)), np.nan, value)
    return value, np.full(value.shape, np.nan)


def _evaluation(problem: Problem, scheme: Scheme) -> Callable[[Point], Vector]:
    """Return how a scheme evaluates the function."""
    if scheme.method == "complex":
        return lambda point: carried(problem, point)
    return problem.values


def second(problem: Problem, scheme: Scheme) -> tuple[Vector, Vector]:
    """Return the second derivatives, shape (m, n, n), and Richardson's errors."""
    n = len(problem.components)
    if scheme.method == "complex":
        require_real_results(problem)
        require_analytic(problem)
    shape = (problem.values(problem.base).size, n, n)
    values, errors = np.zeros(shape, problem.result_type), np.zeros(shape)
    for i, j in itertools.combinations_with_replacement(range(n), 2):
        value, error = _mixed(problem, scheme, i, j)
        values[:, i, j] = values[:, j, i] = value
        errors[:, i, j] = errors[:, j, i] = error
    if scheme.method == "complex":
        values[np.isnan(problem.values(problem.base))] = np.nan
    return values, errors


def _mixed(problem: Problem, scheme: Scheme, i: int, j: int) -> tuple[Vector, Vector]:
    """Return the derivative by components i and j: the quotient of a quotient."""
    x, y = problem.component(i), problem.component(j)
    eps = problem.eps
    h, k = scheme.step_for(x, 2, eps), scheme.step_for(y, 2, eps)
    if scheme.method == "complex":
        # Along i a difference of complex steps along j: there is one imaginary part.
        k = scheme.step_for(y, 1, eps)
    inner = QUOTIENTS.get(scheme.method, central)
    outer = central if scheme.method == "complex" else inner

    evaluate = _evaluation(problem, scheme)

    def along_j(size: float) -> Callable[[Point], Vector]:
        return lambda point: inner(problem.line(j, point, evaluate), size)

    def quotient(t: float) -> Vector:
        by_j = along_j(t * k if scheme.method == "richardson" else k)
        return outer(problem.line(i, values=by_j), t * h)

    if scheme.method == "richardson":
        return _extrapolated(problem, scheme, 2, (x, y), quotient)
    value = quotient(1.0)
    return value, np.full(value.shape, np.nan)


def _extrapolated(
    problem: Problem,
    scheme: Scheme,
    order: int,
    numbers: tuple[float, ...],
    quotient: Callable[[float], Vector],
) -> tuple[Vector, Vector]:
    """Return Richardson's limit, and a bound of its error.

    A function may change on the scale of 1 or on that of x.  The larger is tried first;
    if the error it leaves is large, the other one too.  Small steps on both scales have
    to confirm it.
    """
    eps = problem.eps
    base = [scheme.step_for(x, order, eps) for x in numbers]
    count = len(numbers)
    first_step = math.prod(base) ** (1 / count)
    swallowed = max(2.0 * eps * abs(x) / h for x, h in zip(numbers, base, strict=True))
    smaller = min(min(1.0, abs(x)) / max(1.0, abs(x)) for x in numbers)
    if scheme.step is not None or smaller <= 8.0 * swallowed:
        smaller = 1.0
    size = math.prod(max(abs(x), 1.0) for x in numbers) ** (1 / count)
    near = min(default_step("central", order, eps) * size / first_step, 1.0)
    nearest = near * eps ** (1 / 6)
    noise = noise_of(problem)
    # Of very large numbers the rounding looks like the function's own changes.
    fine_noise = noise_of(problem, 1.0) if smaller < eps**0.25 else noise

    def quotient_if_moved(t: float) -> Vector:
        if t < min(swallowed, 1.0):  # x + h would be x
            return np.full(noise.shape, np.nan)
        return quotient(t)

    def rounding(t: float) -> Vector:
        if t < min(swallowed, 1.0):
            return np.full(noise.shape, np.inf)
        return (fine_noise if t <= smaller else noise) / (first_step * t) ** order

    witnesses = {near, nearest, max(near * smaller, min(64.0 * swallowed, 1.0))}
    return assured(quotient_if_moved, rounding, eps, witnesses, smaller)


def _matrix(columns: list[Vector], problem: Problem) -> Vector:
    """Return columns side by side; a matrix without columns for a point without any."""
    if columns:
        return np.stack(columns, axis=1)
    return np.zeros((problem.values(problem.base).size, 0))
