"""Derivatives of largest and smallest values, shared evenly where several are equal.

SymPy compares each argument with the largest of the others; where three are equal the
halves that it gives add up to more than one.
"""

import functools
from typing import Any

from adjoint._symbolic.loading import sympy


def differentiated(expression: Any, symbol: Any) -> Any:
    """Return SymPy's derivative, with shares 1/k where k arguments are equal."""
    sp = sympy()
    extrema = expression.atoms(sp.Max, sp.Min)
    if all(len(one.args) <= 2 for one in extrema):
        return sp.diff(expression, symbol)
    sharing = _sharing_functions()
    found = sp.diff(_replaced(expression, sharing), symbol)
    return _replaced(found, {made: known for known, made in sharing.items()})


def _replaced(expression: Any, functions: dict[Any, Any]) -> Any:
    for known, other in functions.items():
        expression = expression.replace(
            lambda one, known=known: one.func is known and len(one.args) > 2,
            lambda one, other=other: other(*one.args),
        )
    return expression


@functools.cache
def _sharing_functions() -> dict[Any, Any]:
    """Return by SymPy's functions those of the same values, with other derivatives."""
    sp = sympy()

    class Largest(sp.Function):  # type: ignore[misc, name-defined]
        """The largest argument."""

        extremum = sp.Max

        def fdiff(self, argindex: int) -> Any:
            largest = self.func.extremum(*self.args)
            shares = [
                sp.Piecewise((1, sp.Eq(one, largest)), (0, True)) for one in self.args
            ]
            return shares[argindex - 1] / sp.Add(*shares)

    class Smallest(Largest):
        """The smallest argument."""

        extremum = sp.Min

    return {sp.Max: Largest, sp.Min: Smallest}
