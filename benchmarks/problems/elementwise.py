"""Sums of elementwise formulas."""

import numpy as np


def tanh_of_product(x):
    """Return sum tanh(sin x cos x)."""
    return np.sum(np.tanh(np.sin(x) * np.cos(x)))


def tanh_of_product_by_hand(x):
    """Return value and gradient of `tanh_of_product`: (1 - y^2)(cos^2 - sin^2)."""
    sin, cos = np.sin(x), np.cos(x)
    y = np.tanh(sin * cos)
    return np.sum(y), (1.0 - y * y) * (cos * cos - sin * sin)
