"""Minimize a function of two variables under two inequalities, in plain NumPy.

minimize    f(x) = exp(x1) (4 x1² + 2 x2² + 4 x1 x2 + 2 x2 + 1)
subject to  c1(x) = 1.5 + x1 x2 - x1 - x2 <= 0
            c2(x) = -x1 x2 - 10 <= 0
"""

import numpy as np

from adjoint._demo.arrays import Array, FloatArray

START = (-1.0, 1.0)


def objective(x: Array) -> Array:
    """Return f(x) of x, shape (2,)."""
    x1, x2 = x
    return np.exp(x1) * (4 * x1**2 + 2 * x2**2 + 4 * x1 * x2 + 2 * x2 + 1)


def constraints(x: Array) -> Array:
    """Return c1(x) and c2(x), shape (2,): what must not be positive."""
    x1, x2 = x
    return np.array([1.5 + x1 * x2 - x1 - x2, -x1 * x2 - 10.0])


def solution() -> FloatArray:
    """Return the minimum, shape (2,), in closed form.

    Notes
    -----
    Both constraints are active there, so x1 x2 = -10 and x1 + x2 = -8.5: x1 and x2 are
    the roots of t² + 8.5 t - 10.
    """
    half = np.sqrt(8.5**2 + 40.0) / 2
    return np.array([-4.25 - half, -4.25 + half])
