"""The derivative that others are measured against, to fifty digits where possible."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from adjoint._numeric.derivatives import Scheme, first
from adjoint._numeric.problem import Problem
from adjoint._symbolic.formulas import Formula
from adjoint._symbolic.loading import mpmath, sympy

DIGITS = 50
MOST_DIGITS = 960
"""Where digits that cancel are no longer replaced: what is left of them is a 0."""


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
        except (
            ArithmeticError,
            NameError,  # a function that mpmath has not
            NotImplementedError,
            TypeError,
            ValueError,
        ) as cause:
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

    By a program that computes what terms share once: SymPy's `evalf` walks through the
    formula as it is written out, again for every sum in which digits cancel, which may
    take hours.  Here all digits are doubled until fifty of the largest entry stay.

    Raises
    ------
    ValueError
        If one is no finite real number.
    """
    sp, mp = sympy(), mpmath().mp
    entries = list(formula.derivatives.flat)
    evaluate = sp.lambdify(formula.symbols, entries, "mpmath", cse=True, dummify=True)
    arguments = formula.graph.arguments
    numbers = [float(one) for leaf in arguments for one in np.ravel(leaf)]

    def values_with(digits: int) -> list[Any]:
        with mp.workdps(digits):
            try:
                found = [mp.mpmathify(one) for one in evaluate(*map(mp.mpf, numbers))]
            except ZeroDivisionError:
                msg = "it divides by 0 at this point"
                raise ValueError(msg) from None
        for one in found:
            if not (mp.isfinite(one) and mp.im(one) == 0):
                msg = f"it is {mp.nstr(one, 6)} at this point"
                raise ValueError(msg)
        return found

    digits = DIGITS + 10
    values = values_with(digits)
    while digits < MOST_DIGITS:
        digits *= 2
        last, values = values, values_with(digits)
        with mp.workdps(digits):
            largest = max(map(abs, values), default=0)
            if all(
                abs(one - other) <= largest * mp.mpf(10) ** -DIGITS
                for one, other in zip(values, last, strict=True)
            ):
                break
    exact = [sp.Float(mp.re(one), DIGITS) for one in values]
    columns = formula.derivatives.shape[1]
    return [exact[k : k + columns] for k in range(0, len(exact), columns or 1)]


def _exact(number: Any) -> Any:
    """Return the fraction that a float is."""
    value = float(number)
    return sympy().Rational(*value.as_integer_ratio()) if np.isfinite(value) else value
