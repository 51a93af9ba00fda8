"""What the tests write into, and the number they make of what was written."""

import numpy as np

VECTOR = np.array([0.7, 1.9, -1.3, 0.4])
MATRIX = np.array([[0.5, -1.2, 2.0], [1.1, 0.3, -0.7], [0.9, 1.4, -0.2]])
WEIGHTS = np.array([0.3, -1.1, 0.8, 0.5])
MASK = np.array([True, False, True, True])


def summed(y):
    """A number in which every element has its own share."""
    return np.sum(np.ravel(y) ** 2 * np.linspace(0.3, 1.4, np.size(y)))
