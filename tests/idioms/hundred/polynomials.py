"""Polynomials and splines: Horner, Clenshaw, differences, knots."""

import numpy as np

from .register import idiom

COEFFICIENTS = np.array([0.5, -1.2, 0.3, 0.8])
KNOTS = np.array([0.0, 0.4, 1.0, 1.5, 2.2])


@idiom(0.8)
def horner(x):
    """Coefficients from the highest down."""
    value = 0.0
    for c in COEFFICIENTS[::-1]:
        value = value * x + c
    return value


@idiom(COEFFICIENTS)
def horner_and_slope_together(coefficients):
    """Value and derivative at several points, both accumulated in place."""
    points = np.array([-0.5, 0.2, 1.1])
    value, slope = np.zeros(3), np.zeros(3)
    for c in coefficients:
        slope *= points
        slope += value
        value *= points
        value += c
    return np.sum(value * slope)


@idiom(np.array([0.4, -0.7, 0.2, 0.9, -0.3]))
def clenshaw(coefficients):
    """A Chebyshev series summed backwards with two running values."""
    total = 0.0
    for point in (-0.6, 0.1, 0.75):
        ahead = beyond = 0.0
        for c in coefficients[:0:-1]:
            ahead, beyond = c + 2 * point * ahead - beyond, ahead
        total += (coefficients[0] + point * ahead - beyond) ** 2
    return total


@idiom(np.array([0.1, 0.9, 0.4, -0.5]))
def divided_differences(values):
    """Newton's table in place of the data, column by column."""
    nodes = np.array([0.0, 0.7, 1.1, 2.0])
    table = values.copy()
    n = len(nodes)
    for k in range(1, n):
        table[k:] = (table[k:] - table[k - 1 : -1]) / (nodes[k:] - nodes[: n - k])
    result = table[-1]
    for k in range(n - 2, -1, -1):
        result = table[k] + (1.4 - nodes[k]) * result
    return result**2


@idiom(np.array([[0.0, 0.0], [0.4, 1.0], [1.2, 0.8], [1.5, -0.2]]))
def bezier_curve(control):
    """De Casteljau's construction, points overwritten level by level."""
    length, last = 0.0, control[0]
    for t in np.linspace(0.25, 1.0, 4):
        points = np.array(control)
        for level in range(len(points) - 1, 0, -1):
            for i in range(level):
                points[i] = (1 - t) * points[i] + t * points[i + 1]
        length += np.linalg.norm(points[0] - last)
        last = points[0]
    return length


@idiom(np.array([0.2, 0.8, 0.5, -0.3, 0.4]))
def natural_cubic_spline(values):
    """Second derivatives from a linear system, then a piece found by searchsorted."""
    n = len(KNOTS)
    h = np.diff(KNOTS)
    A, b = np.eye(n), np.zeros(n)
    for i in range(1, n - 1):
        A[i, i - 1 : i + 2] = h[i - 1] / 6, (h[i - 1] + h[i]) / 3, h[i] / 6
        b[i] = (values[i + 1] - values[i]) / h[i] - (values[i] - values[i - 1]) / h[
            i - 1
        ]
    bend = np.linalg.solve(A, b)
    total = 0.0
    for x in (0.3, 0.7, 1.9):
        i = np.searchsorted(KNOTS, x) - 1
        left, right = (KNOTS[i + 1] - x) / h[i], (x - KNOTS[i]) / h[i]
        total += left * values[i] + right * values[i + 1]
        total += (
            h[i] ** 2
            / 6
            * ((left**3 - left) * bend[i] + (right**3 - right) * bend[i + 1])
        )
    return total**2


@idiom(0.45)
def legendre_recurrence(x):
    """Three terms each, filled into a list made beforehand."""
    p = [None] * 7
    p[0], p[1] = 1.0, x
    for n in range(1, 6):
        p[n + 1] = ((2 * n + 1) * x * p[n] - n * p[n - 1]) / (n + 1)
    return sum(value**2 for value in p)


@idiom(0.85)
def b_spline_by_recursion(x):
    """Cox and de Boor's definition, written as it stands."""

    def basis(i, degree):
        if degree == 0:
            return 1.0 if KNOTS[i] <= x < KNOTS[i + 1] else 0.0
        left = (x - KNOTS[i]) / (KNOTS[i + degree] - KNOTS[i])
        right = (KNOTS[i + degree + 1] - x) / (KNOTS[i + degree + 1] - KNOTS[i + 1])
        return left * basis(i, degree - 1) + right * basis(i + 1, degree - 1)

    return basis(0, 3) + 2 * basis(0, 2) ** 2
