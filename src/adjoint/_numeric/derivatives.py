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
from adjoint._numeric.extrapolation import ridders
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
        return _extrapolated(
            problem, scheme, 1, (x,), lambda t, scale: central(line, t * scale * h)
        )
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

    def quotient(t: float, scale: float) -> Vector:
        by_j = along_j(t * scale * k if scheme.method == "richardson" else k)
        return outer(problem.line(i, values=by_j), t * scale * h)

    if scheme.method == "richardson":
        return _extrapolated(problem, scheme, 2, (x, y), quotient)
    value = quotient(1.0, 1.0)
    return value, np.full(value.shape, np.nan)


def _extrapolated(
    problem: Problem,
    scheme: Scheme,
    order: int,
    numbers: tuple[float, ...],
    quotient: Callable[[float, float], Vector],
) -> tuple[Vector, Vector]:
    """Return Richardson's limit, from the better of two first steps.

    A function may change on the scale of 1 or on that of x.  The larger is tried first;
    if the error it leaves is large, the other one too.
    """
    base = [scheme.step_for(x, order, problem.eps) for x in numbers]
    steps, power = math.prod(base), order // len(numbers)
    spacing = [
        2.0 * problem.eps * abs(x) / h for x, h in zip(numbers, base, strict=True)
    ]

    def table(scale: float, noise: Vector) -> tuple[Vector, Vector]:
        def rounding(t: float) -> Vector:
            if t * scale < max(spacing):  # x + h would be x
                return np.full(noise.shape, np.inf)
            return noise / (steps**power * (t * scale) ** order)

        return ridders(lambda t: quotient(t, scale), rounding)

    best, error = table(1.0, noise_of(problem))
    smaller = min(min(1.0, abs(x)) / max(1.0, abs(x)) for x in numbers)
    poor = ~(error <= problem.eps**0.5 * np.abs(best))
    is_possible = 8.0 * max(spacing) < smaller < 0.5
    if scheme.step is None and is_possible and np.any(poor):
        other, its_error = table(smaller, noise_of(problem, 1.0))
        best, error = _better((best, error), (other, its_error))
    rounded = 2.0 * problem.eps * np.abs(best)  # in the last steps, and as it is stored
    return best, np.fmax(error, error + rounded)


def _better(
    one: tuple[Vector, Vector], other: tuple[Vector, Vector]
) -> tuple[Vector, Vector]:
    """Return, entry by entry, the limit that is known better.

    Where one of them has a digit, that with more digits: a step far too large gives
    small numbers with small errors.  Where none has, that with the smaller error, which
    is at least how far they are apart.
    """
    (first, its_error), (second, error) = one, other
    with np.errstate(all="ignore"):
        digits = its_error / np.abs(first), error / np.abs(second)
    has_digit = np.fmin(*digits) < 0.1
    better = np.where(has_digit, ~(digits[0] <= digits[1]), error < its_error)
    found = np.where(better, second, first)
    errors = np.where(better, error, its_error)
    apart = np.abs(first - second)
    is_unsure = ~has_digit & np.isfinite(apart)
    return found, np.where(is_unsure, np.maximum(errors, apart), errors)


def _matrix(columns: list[Vector], problem: Problem) -> Vector:
    """Return columns side by side; a matrix without columns for a point without any."""
    if columns:
        return np.stack(columns, axis=1)
    return np.zeros((problem.values(problem.base).size, 0))
