"""The section of the methods: one gradient by each, and formulas that swell."""

from pathlib import Path
from typing import Any

import numpy as np

import adjoint as ad
from adjoint._demo.drawing import save
from adjoint._demo.section import Lines, Outcome, Picture, Section
from adjoint._demo.traces.functions import POINT, f

ITERATES = 8


def textbook(x: Any) -> Any:
    """Return the textbook function of a point, shape (2,)."""
    return f(x[0], x[1])


def by_hand(x: Any) -> Any:
    """Return its gradient from the formula: 1/x1 + x2 and x1 - cos x2."""
    return np.array([1 / x[0] + x[1], x[0] - np.cos(x[1])])


def logistic(value: Any) -> Any:
    """Return 4 l (1 - l), one step of the logistic map."""
    return 4 * value * (1 - value)


def lines(folder: Path) -> Lines:
    """Give the comparison and the sizes of formulas; draw both."""
    comparison = ad.compare_methods(textbook, np.array(POINT), manual=by_hand)
    yield from str(comparison).splitlines()
    yield ""
    yield "Expression swell: l1 = x, l(n+1) = 4 l(n) (1 - l(n)). Operations of the"
    yield "formulas, and of what forward and reverse mode execute for the derivative:"
    yield ""
    swell = ad.symbolic.swell(logistic, ITERATES)
    yield from str(swell).splitlines()
    last = swell.rows[-1]
    errors = {row.method: row.error for row in comparison.rows}
    return Outcome(
        f"error {errors['reverse mode']:.0e} in reverse mode, "
        f"{errors['central difference']:.0e} by central differences",
        (
            Picture(
                save(comparison.plot(), folder, "methods"),
                "Error and time of each method, on logarithmic scales.",
            ),
            Picture(
                save(swell.plot(), folder, "swell"),
                f"The derivative of l{last.n} takes {last.derivative_operations} "
                f"operations as a formula, {last.reverse} in reverse mode.",
            ),
        ),
    )


SECTION = Section("methods", "The methods of differentiation compared", lines)
