"""Loops of one operation: what an operation costs when it has little to compute.

Each takes ``(x, c, turns)`` and returns the last y; ``total_of_...`` closes it by a
sum, so that it has a gradient on arrays too. Both have the same gradient by hand: the
loop forward and the loop backward.
"""

import numpy as np


def closed(chain):
    """Return the chain with its result summed."""

    def total(x, c, turns):
        return np.sum(chain(x, c, turns))

    return total


def seed(x):
    """Return the derivative of a sum: a float for a float, ones for an array."""
    return 1.0 if isinstance(x, float) else np.ones_like(x)


def add(x, c, turns):
    """Return x + c + c + ...: one argument that varies, a derivative of one."""
    y = x
    for _ in range(turns):
        y = y + c
    return y


def add_by_hand(x, c, turns):
    """Return the gradient of `add`."""
    add(x, c, turns)
    return seed(x)


def multiply(x, c, turns):
    """Return x * x * ...: both arguments of each product vary."""
    y = x
    for _ in range(turns):
        y = y * x
    return y


def multiply_by_hand(x, c, turns):
    """Return the gradient of `multiply`."""
    ys = []
    y = x
    for _ in range(turns):
        ys.append(y)
        y = y * x
    y_bar = seed(x)
    x_bar = y_bar * ys.pop()
    y_bar = y_bar * x
    while ys:
        x_bar = x_bar + y_bar * ys.pop()
        y_bar = y_bar * x
    return x_bar + y_bar


def call_multiply(x, c, turns):
    """Return the same as `multiply`, through the function by name."""
    y = x
    for _ in range(turns):
        y = np.multiply(y, x)
    return y


call_multiply_by_hand = multiply_by_hand


def multiply_add(x, c, turns):
    """Return y * c + x repeated: a constant factor, then a sum of two that vary."""
    y = x
    for _ in range(turns):
        y = y * c + x
    return y


def multiply_add_by_hand(x, c, turns):
    """Return the gradient of `multiply_add`."""
    multiply_add(x, c, turns)
    y_bar = x_bar = seed(x)
    for _ in range(turns - 1):
        y_bar = y_bar * c
        x_bar = x_bar + y_bar
    return x_bar + y_bar * c


def sin(x, c, turns):
    """Return sin(sin(...)): one function call an operation."""
    y = x
    for _ in range(turns):
        y = np.sin(y)
    return y


def sin_by_hand(x, c, turns):
    """Return the gradient of `sin`."""
    ys = []
    y = x
    for _ in range(turns):
        ys.append(y)
        y = np.sin(y)
    y_bar = seed(x)
    while ys:
        y_bar = y_bar * np.cos(ys.pop())
    return y_bar


def sin_along_ones(x, c, turns):
    """Return `sin` and its derivative along ones, side by side."""
    y, y_dot = x, seed(x)
    for _ in range(turns):
        y, y_dot = np.sin(y), np.cos(y) * y_dot
    return y, y_dot


def multiply_add_along_ones(x, c, turns):
    """Return `multiply_add` and its derivative along ones, side by side."""
    y = x
    y_dot = x_dot = seed(x)
    for _ in range(turns):
        y, y_dot = y * c + x, y_dot * c + x_dot
    return y, y_dot


def exp_of_negative(x, c, turns):
    """Return exp(-y) repeated: a negation and an exponential."""
    y = x
    for _ in range(turns):
        y = np.exp(-y)
    return y


def exp_of_negative_by_hand(x, c, turns):
    """Return the gradient of `exp_of_negative`."""
    ys = []
    y = x
    for _ in range(turns):
        y = np.exp(-y)
        ys.append(y)
    y_bar = seed(x)
    while ys:
        y_bar = -(y_bar * ys.pop())
    return y_bar


def dot(x, c, turns):
    """Return x c c ...: products of matrices, the right one constant."""
    y = x
    for _ in range(turns):
        y = np.dot(y, c)
    return y


def dot_by_hand(x, c, turns):
    """Return the gradient of `dot`."""
    dot(x, c, turns)
    y_bar = seed(x)
    for _ in range(turns):
        y_bar = np.dot(y_bar, c.T)
    return y_bar


total_of_add = closed(add)
total_of_multiply = closed(multiply)
total_of_call_multiply = closed(call_multiply)
total_of_multiply_add = closed(multiply_add)
total_of_sin = closed(sin)
total_of_exp_of_negative = closed(exp_of_negative)
total_of_dot = closed(dot)
