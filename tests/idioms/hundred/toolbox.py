"""Helpers that idioms reach through the module: ``toolbox.normalize(x)``."""

import math

import numpy as np

SCRATCH = np.zeros(3)
STEPS = 8


def normalize(values):
    """Divide a copy by its sum, in place."""
    result = np.array(values, dtype=float)
    result /= result.sum()
    return result


def integrate(function, low, high):
    """Simpson's rule of any function of one number."""
    nodes = np.linspace(low, high, STEPS + 1)
    heights = np.zeros(STEPS + 1)
    for i, node in enumerate(nodes):
        heights[i] = function(node)
    weights = np.full(STEPS + 1, 2.0)
    weights[1::2] = 4.0
    weights[0] = weights[-1] = 1.0
    return (high - low) / (3 * STEPS) * np.dot(weights, heights)


def decay(time, rate=1.5):
    """A function of floats, by the math module."""
    return math.exp(-rate * float(time))


def cumulate_into(out, values):
    """Running sums of values, written where the caller says."""
    total = 0.0
    for i, value in enumerate(values):
        total += value
        out[i] = total
