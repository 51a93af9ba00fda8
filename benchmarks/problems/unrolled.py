"""A loop of two operations a turn: y = sin(y + x), from y = x on."""

import numpy as np


def step(y, x):
    """Return the next y: an addition and a sine."""
    return np.sin(y + x)


def last(x, turns):
    """Return the last y of a Python loop."""
    y = x
    for _ in range(turns):
        y = step(y, x)
    return y


def total(x, turns):
    """Return the sum of the last y, x being an array."""
    return np.sum(last(x, turns))


def last_by_hand(x, turns):
    """Return the last y and its slope, by the loop backward."""
    sums = []
    y = x
    for _ in range(turns):
        sums.append(y + x)
        y = np.sin(sums[-1])
    y_bar, x_bar = 1.0, 0.0
    while sums:
        y_bar = y_bar * np.cos(sums.pop())
        x_bar = x_bar + y_bar
    return y, x_bar + y_bar
