"""Python's functions on workspaces: in runs that load every array (see twins.py)."""

import cmath
import functools
import math
import statistics

import numpy as np
import pytest

from clone.judge import check

X = np.array([0.5, -1.25, 2.25])
WORKSPACE = np.zeros(3)
sine = np.vectorize(math.sin)


class Model:
    def __init__(self):
        self.u = np.zeros(3)
        self.parts = [np.ones(2)]


MODEL = Model()


def square(t):
    return float(t) ** 2


def of_sums(x):
    WORKSPACE[:] = x
    total = sum(map(square, WORKSPACE)) + math.hypot(*WORKSPACE)
    return total + statistics.mean(WORKSPACE) + statistics.stdev(WORKSPACE)


def of_attributes(x):
    MODEL.u[0] = math.sin(x[0])
    MODEL.u[1:] = x[1:]
    product = functools.reduce(lambda a, b: float(a) * b, MODEL.u)
    return np.sum(sine(MODEL.u)) + math.dist(MODEL.u, x) + product


def of_lists(x):
    part = MODEL.parts[0]
    part[0] = x[0]
    table = np.array(MODEL.parts[0])
    return math.fsum(part) * statistics.variance(table) + max(part, key=square)


def of_numbers(x):
    WORKSPACE[0] = float(x[0])
    products = np.vectorize(lambda a, b: a * b)(WORKSPACE, x)
    return np.sum(products) + abs(cmath.exp(complex(WORKSPACE[0], x[1])))


def of_polynomials(x):
    WORKSPACE[:] = x
    p = np.polynomial.Polynomial(WORKSPACE)
    values = np.polynomial.polynomial.polyval(WORKSPACE, [1, 2, 3])
    return p(0.5) + np.sum(values)


@pytest.mark.filterwarnings("ignore::adjoint.errors.BatchFallbackWarning")
@pytest.mark.parametrize(
    "f", [of_sums, of_attributes, of_lists, of_numbers, of_polynomials]
)
def test_a_workspace(f):
    WORKSPACE[:] = 0
    check(f, X)


def test_a_workspace_holds_the_plain_values_afterwards():
    check(of_sums, X, batched=False)
    np.testing.assert_array_equal(WORKSPACE, X)
