"""Problems with known solutions."""

import numpy as np

HS071_SOLUTION = np.array([1.0, 4.742999637, 3.821149984, 1.379408294])
"""Of Hock and Schittkowski, "Test examples for nonlinear programming codes", 1981."""

HS071_VALUE = 17.0140173


def rosenbrock(x):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


def rosenbrock_filled(x):
    """The same as a scientist writes it: an array filled in a loop."""
    terms = np.zeros(len(x) - 1)
    for i in range(len(x) - 1):
        terms[i] = 100.0 * (x[i + 1] - x[i] ** 2) ** 2 + (1.0 - x[i]) ** 2
    return np.sum(terms)


def hs071(x):
    return x[0] * x[3] * (x[0] + x[1] + x[2]) + x[2]


def product_less_25(x):
    return np.prod(x) - 25.0


def squares_less_40(x):
    return np.sum(x**2) - 40.0


def counted(fun):
    """The function, and the list of the arguments of its calls."""
    calls = []

    def count(*args):
        calls.append(args)
        return fun(*args)

    return count, calls
