"""The derivative that others are measured against, to fifty digits where possible."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from adjoint._core.errors import AdjointError
from adjoint._numeric.derivatives import Scheme, first
from adjoint._numeric.problem import Problem
from adjoint._symbolic.formulas import Formula
from adjoint._symbolic.loading import sympy

DIGITS = 50


@dataclass(frozen=True, slots=True)
class Reference:
    """A Jacobian with more digits than any method has, and where it comes from.

    Attributes
    ----------
    values : list of list
        SymPy floats of 50 digits, or floats of Richardson's.
    source : str
        In words.
    estimate : float or None
        If it is Richardson's: its own error, over the largest entry.
    """

    values: list[list[Any]]
    source: str
    estimate: float | None = None

    def error_of(self, jacobian: Any) -> float:
        """Return the largest error of a Jacobian, over the largest entry of this one.

        An absolute error where all entries are 0.
        """
        largest = max((abs(one) for row in self.values for one in row), default=0)
        errors = [
            abs(_exact(given) - one)
            for row, given_row in zip(self.values, jacobian, strict=True)
            for one, given in zip(row, given_row, strict=True)
        ]
        if not all(np.isfinite(np.asarray(jacobian, float)).flat):
            return float("inf")
        return float(max(errors, default=0) / (largest or 1))


def reference_of(formula: Formula | str, problem: Problem) -> Reference:
    """Return the reference: SymPy's where there is a formula, else Richardson's.

    Parameters
    ----------
    formula : Formula or str
        The symbolic Jacobian, or why there is none.
    """
    if isinstance(formula, Formula):
        try:
            digits = _to_fifty_digits(formula)
        except (AdjointError, TypeError, ValueError, NotImplementedError) as cause:
            formula = f"SymPy cannot evaluate the derivative: {cause}"
        else:
            source = f"SymPy's derivative, evaluated to {DIGITS} digits"
            return Reference(digits, source)
    values, errors = first(problem, Scheme("richardson", None))
    source = f"Richardson extrapolation, because there is no formula ({formula})"
    largest = float(np.max(np.abs(values), initial=0.0)) or 1.0
    estimate = float(np.max(errors, initial=0.0)) / largest
    return Reference(values.tolist(), source, estimate)


def _to_fifty_digits(formula: Formula) -> list[list[Any]]:
    """Return a formula's derivatives at its own arguments.

    Raises
    ------
    ValueError
        If one is no finite real number.
    """
    numbers = np.concatenate([np.ravel(one) for one in formula.graph.arguments])
    point = dict(zip(formula.symbols, map(_exact, numbers), strict=True))

    def evaluate(expression: Any) -> Any:
        value = expression.evalf(DIGITS, subs=point)
        if not (value.is_Number and value.is_finite):
            msg = f"it is {value} at this point"
            raise ValueError(msg)
        return value

    return [[evaluate(one) for one in row] for row in formula.derivatives]


def _exact(number: Any) -> Any:
    """Return the fraction that a float is."""
    value = float(number)
    return sympy().Rational(*value.as_integer_ratio()) if np.isfinite(value) else value
