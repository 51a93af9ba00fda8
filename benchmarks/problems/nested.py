"""Small functions for derivatives of derivatives."""

import numpy as np


def ridge_sum(x, directions):
    """Return the sum of exp(sin(a x)) over the rows a of `directions`."""
    return np.sum(np.exp(np.sin(np.dot(directions, x))))


def ridge_sum_hvp_by_hand(x, directions):
    """Return the Hessian of `ridge_sum` times ones, by the second derivative."""
    y = np.dot(directions, x)
    sin, cos = np.sin(y), np.cos(y)
    curvature = (cos * cos - sin) * np.exp(sin)
    return np.dot(directions.T, curvature * np.sum(directions, axis=1))


def exp_of_sin(x):
    """Return exp(sin x) of a number."""
    return np.exp(np.sin(x))


def exp_of_sin_third_by_hand(x):
    """Return the third derivative of `exp_of_sin`."""
    sin, cos = np.sin(x), np.cos(x)
    return cos * (cos * cos - 3.0 * sin - 1.0) * np.exp(sin)
