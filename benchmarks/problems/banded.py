"""Broyden's banded residuals, a least-squares problem in which neighbours couple.

Residual i reads variables i - 5 to i + 1 (Moré, Garbow & Hillstrom 1981, problem 31).
"""

import numpy as np
import scipy.sparse

BELOW, ABOVE = 5, 1


def inputs(n):
    """Return a point of n variables."""
    return np.random.default_rng(9).uniform(-1.0, 0.0, n), ()


def residuals(x):
    """Return r_i = x_i (2 + 5 x_i^2) + 1 - sum of x_j (1 + x_j) over the others."""
    n = x.shape[0]
    coupling = x * (1.0 + x)
    edge = np.zeros_like(x[:BELOW])
    padded = np.concatenate([edge, coupling, edge[:ABOVE]])
    total = x * (2.0 + 5.0 * x * x) + 1.0 + coupling
    for shift in range(BELOW + ABOVE + 1):
        total = total - padded[shift : n + shift]
    return total


def sparse_jacobian_by_hand(x):
    """Return the Jacobian of `residuals` by its seven diagonals."""
    n = x.size
    diagonals = np.tile(-(1.0 + 2.0 * x), (BELOW + ABOVE + 1, 1))
    diagonals[BELOW] = 2.0 + 15.0 * x * x
    return scipy.sparse.dia_array(
        (diagonals, np.arange(-BELOW, ABOVE + 1)), shape=(n, n)
    )
