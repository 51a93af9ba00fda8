"""Slopes of plain functions by differences, with an estimate of their own error.

Central differences of halved spacings, extrapolated (Ridders 1982; Press et al. 2007,
section 5.7). For smooth functions of size one the result is right to eleven digits or
so; near a kink or a jump the estimates of the error stay large, and tell.
"""

import numpy as np

SPACING = 0.02
HALVINGS = 7


def slope_at_zero(function, spacing=SPACING):
    """Derivative of a function of one number at 0, and the error it may have.

    The function may return an array: the error is that of its worst entry.

    Row k of the table holds the central difference of spacing h / 2^k, then, from left
    to right, what its combinations with the row above leave after the terms in h², h⁴,
    ... have cancelled. The best entry is the one that differs least from its parents.
    """
    best, error, above = np.nan, np.inf, []
    for k in range(HALVINGS):
        h = spacing / 2**k
        row = [(function(h) - function(-h)) / (2 * h)]
        for j, parent in enumerate(above):
            weight = 4.0 ** (j + 1)
            row.append((weight * row[j] - parent) / (weight - 1))
            off = max(largest(row[-1] - row[j]), largest(row[-1] - parent))
            if off < error:
                best, error = row[-1], off
        above = row
    return best, error


def largest(values):
    """Largest magnitude among numbers; infinite where one is not a number."""
    size = np.max(np.abs(values))
    return np.inf if np.isnan(size) else size


def slope_along(function, x, direction, spacing=SPACING):
    """Directional derivative of a function of an array or number, and its error."""
    return slope_at_zero(lambda t: function(x + t * direction), spacing)


def gradient(function, x, spacing=SPACING):
    """Gradient of a scalar function in the shape of x, and the largest error in it."""
    slopes, errors = np.zeros(np.shape(x)), [0.0]
    for place in np.ndindex(np.shape(x)):
        unit = np.zeros(np.shape(x))
        unit[place] = 1.0
        unit = unit if np.ndim(x) else 1.0
        slopes[place], error = slope_along(function, x, unit, spacing)
        errors.append(error)
    return slopes, max(errors)
