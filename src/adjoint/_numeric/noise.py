"""How far rounding moves the values of a function: measured, not assumed.

Values at nearby, evenly spaced points lie on a line, except for rounding.  Their fourth
and higher differences have nothing of the function left in them, and the size of the
rounding times a known factor.
"""

import math

import numpy as np

from adjoint._numeric.problem import Problem
from adjoint._numeric.values import Vector

POINTS = 9
"""How many values are compared, the point itself in the middle."""

DEVIATIONS = 2.0
"""How many standard deviations are called the size of the rounding."""


def noise_of(problem: Problem, largest: float = math.inf) -> Vector:
    """Return the rounding of each result near the point; at least that of storing it.

    Parameters
    ----------
    problem : Problem
    largest : float
        The scale on which functions of large numbers change, if that is not theirs.

    References
    ----------
    Hamming 1973, section 10.7; Moré & Wild 2011, *SIAM J. Sci. Comput.* 33, 1292-1314.
    """
    eps = problem.eps
    # Not a multiple of the spacing of floats, so that roundings differ from each other.
    spacing = 0.309016994 * eps**0.5
    n = len(problem.components)
    numbers = [abs(problem.component(k)) or 1.0 for k in range(n)]
    sizes = np.minimum(numbers, largest)
    signs = np.random.default_rng(0).choice([-1.0, 1.0], n)
    line = problem.direction(spacing * signs * sizes)
    with np.errstate(all="ignore"):
        differences = np.stack([line(k - POINTS // 2)[1] for k in range(POINTS)])
        least = eps * np.abs(problem.values(problem.base))
        sizes_found = [least]
        for k in range(1, POINTS - 2):
            differences = np.diff(differences, axis=0)
            if k >= 4:
                factor = math.factorial(k) ** 2 / math.factorial(2 * k)
                spread = factor**0.5 * _root_mean_square(differences)
                sizes_found.append(DEVIATIONS * spread)
    return np.asarray(np.fmax.reduce(sizes_found))


def _root_mean_square(rows: Vector) -> Vector:
    """Return the root of the mean of squares, which may be beyond all floats."""
    sizes = np.abs(rows)
    largest = np.max(sizes, axis=0)
    unit = np.where((largest > 0.0) & np.isfinite(largest), largest, 1.0)
    return np.asarray(unit * np.sqrt(np.mean((sizes / unit) ** 2, axis=0)))
