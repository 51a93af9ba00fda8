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


def noise_of(problem: Problem) -> Vector:
    """Return the rounding of each result near the point; at least that of storing it.

    References
    ----------
    Hamming 1973, section 10.7; Moré & Wild 2011, *SIAM J. Sci. Comput.* 33, 1292-1314.
    """
    eps = problem.eps
    # Not a multiple of the spacing of floats, so that roundings differ from each other.
    spacing = 0.309016994 * eps**0.5
    n = len(problem.components)
    sizes = np.array([abs(problem.component(k)) or 1.0 for k in range(n)])
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
                spread = np.sqrt(factor * np.mean(np.abs(differences) ** 2, axis=0))
                sizes_found.append(DEVIATIONS * spread)
    return np.asarray(np.fmax.reduce(sizes_found))
