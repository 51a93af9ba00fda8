"""Rosenbrock's valley in n variables: a tridiagonal Hessian."""

import numpy as np
import scipy.sparse


def inputs(n):
    """Return a point of n variables near the valley's floor."""
    return np.random.default_rng(7).uniform(0.5, 1.5, n), ()


def valley(x):
    """Return sum 100 (x_i+1 - x_i^2)^2 + (1 - x_i)^2."""
    height = x[1:] - x[:-1] ** 2
    return np.sum(100.0 * height**2 + (1.0 - x[:-1]) ** 2)


def value_and_gradient_by_hand(x):
    """Return value and gradient of `valley`."""
    start = x[:-1]
    height = x[1:] - start * start
    rest = 1.0 - start
    gradient = np.zeros_like(x)
    gradient[1:] = 200.0 * height
    gradient[:-1] -= 400.0 * height * start + 2.0 * rest
    return 100.0 * np.dot(height, height) + np.dot(rest, rest), gradient


def hessian_by_hand(x):
    """Return the Hessian of `valley`, shape (n, n), filled up."""
    main, beside = _diagonals(x)
    return np.diag(main) + np.diag(beside, 1) + np.diag(beside, -1)


def sparse_hessian_by_hand(x):
    """Return the Hessian of `valley` by diagonals."""
    main, beside = _diagonals(x)
    return scipy.sparse.diags_array([beside, main, beside], offsets=[-1, 0, 1])


def _diagonals(x):
    """Return the main diagonal of the Hessian and the one beside it."""
    start = x[:-1]
    main = np.full_like(x, 200.0)
    main[0] = 0.0
    main[:-1] += 1200.0 * start * start - 400.0 * x[1:] + 2.0
    return main, -400.0 * start
