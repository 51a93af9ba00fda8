"""GradBench's llsq: a polynomial fitted to a step by least squares."""

import numpy as np


def squared_error(x, t):
    """Return 0.5 sum_i (sign(t_i) - sum_j x_j t_i^j)^2.

    Parameters
    ----------
    x : ndarray, shape (m,)
        Coefficients of the polynomial, the constant first.
    t : ndarray, shape (n,)
        Where the step is sampled.

    Returns
    -------
    float
    """
    residual = np.sign(t) - np.matmul(x, powers(t, len(x)))
    return 0.5 * np.sum(residual * residual)


def squared_error_by_hand(x, t):
    """Return the gradient of `squared_error`, shape (m,): -powers @ residual."""
    basis = powers(t, len(x))
    return -np.matmul(basis, np.sign(t) - np.matmul(x, basis))


def powers(t, m):
    """Return t^0, ..., t^(m-1) as the rows of a matrix, shape (m, n).

    Each turn doubles the number of rows: t^(j + k) = t^j t^k for k the rows so far.
    """
    rows = np.stack([np.ones_like(t), t])
    step = t
    while len(rows) < m:
        step = step * step
        rows = np.concatenate([rows, rows * step])
    return rows[:m]
