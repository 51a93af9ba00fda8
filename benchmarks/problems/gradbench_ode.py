"""GradBench's ode: Runge-Kutta through a system with a known solution."""

import numpy as np


def solution(x, steps):
    """Return y(2) by the classical Runge-Kutta method, from y(0) = 0.

    y' = f(y) with f_0 = x_0 and f_i = x_i y_(i-1).

    Parameters
    ----------
    x : ndarray, shape (n,)
    steps : int
        How many, each of length 2 / steps.

    Returns
    -------
    ndarray, shape (n,)
    """
    y = np.zeros_like(x)
    for _ in range(steps):
        y = _step(x, y, 2.0 / steps)
    return y


def solution_by_scan(x, steps):
    """Return `solution` by JAX's own loop: unrolled, it would compile for minutes."""
    start = np.zeros_like(x)
    y, _ = np.scan(lambda y, _: (_step(x, y, 2.0 / steps), None), start, length=steps)
    return y


def last_component(x, steps):
    """Return the last number of `solution`."""
    return solution(x, steps)[-1]


def last_component_by_scan(x, steps):
    """Return the last number of `solution_by_scan`."""
    return solution_by_scan(x, steps)[-1]


def _step(x, y, h):
    """Return y after a step of length h."""
    k1 = _slope(x, y)
    k2 = _slope(x, y + 0.5 * h * k1)
    k3 = _slope(x, y + 0.5 * h * k2)
    k4 = _slope(x, y + h * k3)
    return y + h / 6.0 * (k1 + 2.0 * (k2 + k3) + k4)


def _slope(x, y):
    """Return f(y): x times y moved by one place, 1 moved in."""
    return x * np.concatenate([np.ones_like(x[:1]), y[:-1]])
