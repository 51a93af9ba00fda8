"""Functions whose traces the textbooks show, in plain NumPy."""

from typing import Any, TypeAlias

import numpy as np

Value: TypeAlias = Any
"""A number or an array, or a traced value that stands for one."""

POINT = (2.0, 5.0)


def f(x1: Value, x2: Value) -> Value:
    """Return ln x1 + x1 x2 - sin x2, the function of Baydin et al. (2018)."""
    return np.log(x1) + x1 * x2 - np.sin(x2)


def neuron_loss(w: Value, b: Value, x: Value, t: Value) -> Value:
    """Return L = ½ (σ(w x + b) - t)², the loss of one neuron."""
    activation = 1 / (1 + np.exp(-(w * x + b)))
    return 0.5 * (activation - t) ** 2
