"""Richardson's extrapolation to the step zero, in Ridders' table with its own error.

D(h) = f' + c₂h² + c₄h⁴ + ...: central quotients at two steps give one without c₂, two
of those one without c₄.  The table knows how far its neighbours agree, and each of
its rows how much rounding it has amplified; the entry with the least of both is taken,
if the row after it confirms it.
"""

from collections.abc import Callable

import numpy as np

from adjoint._numeric.values import Vector

SHRINK = 1.9
"""From row to row the step gets smaller by this.  Not by 2: if a period fits n times
into the first step, n even, halving meets it again and again at the same phase, and all
rows agree on the derivative of a slower wave."""

ROWS = 20
"""Rows of the table at most: steps from the first down to 1/200,000 of it."""


def extrapolate(coarse: Vector, fine: Vector, power: float) -> Vector:
    """Return the combination of two quotients that cancels their leading error.

    Parameters
    ----------
    coarse, fine : ndarray
        At a step, and at a smaller one.
    power : float
        By what factor the error of ``fine`` is smaller: for central quotients the
        square of that between the steps.
    """
    return (power * fine - coarse) / (power - 1.0)


def ridders(
    quotient: Callable[[float], Vector], rounding: Callable[[float], Vector]
) -> tuple[Vector, Vector]:
    """Return the limit of a quotient for small steps, and an estimate of its error.

    Parameters
    ----------
    quotient : callable
        ``quotient(t)`` for t = 1, 1/1.9, 1/3.61 ..., fractions of the first step; its
        error is even in t.
    rounding : callable
        ``rounding(t)``: how far rounded function values alone may move ``quotient(t)``.

    Returns
    -------
    value, error : ndarray
        Where no three rows are finite, nan and infinity.

    Notes
    -----
    The table ends where rounding alone exceeds the error of the best entry: no further
    row can be better.

    References
    ----------
    Ridders 1982, *Advances in Engineering Software* 4, 75-76; Press et al. 2007,
    section 5.7.
    """
    with np.errstate(invalid="ignore", over="ignore"):
        return _table(quotient, rounding)


def _table(
    quotient: Callable[[float], Vector], rounding: Callable[[float], Vector]
) -> tuple[Vector, Vector]:
    above = [quotient(1.0)]
    last = best = np.full_like(above[0], np.nan)
    its_error = error = np.full(best.shape, np.inf)
    for k in range(1, ROWS):
        t = SHRINK**-k
        unavoidable = AMPLIFIED * rounding(t)
        if np.all(unavoidable >= error):
            break
        above, entry, estimate = _row(above, quotient(t))
        # What neighbours agree on by accident the next row does not confirm.
        confirmed = np.maximum(its_error, np.abs(entry - last))
        better = confirmed < error
        best, error = np.where(better, last, best), np.where(better, confirmed, error)
        last, its_error = entry, estimate + unavoidable
    return best, error


def _row(above: list[Vector], quotient: Vector) -> tuple[list[Vector], Vector, Vector]:
    """Return the next row, its entry that agrees best with its neighbours, how well."""
    row = [quotient]
    best = np.full_like(quotient, np.nan)
    error = np.full(best.shape, np.inf)
    for j, coarse in enumerate(above, 1):
        entry = extrapolate(coarse, row[-1], SHRINK ** (2 * j))
        apart = np.maximum(np.abs(entry - row[-1]), np.abs(entry - coarse))
        better = apart < error
        best, error = np.where(better, entry, best), np.where(better, apart, error)
        row.append(entry)
    return row, best, error


AMPLIFIED = 2.2
"""Bound of the weights with which rows enter an entry, in absolute value: 2.2."""
