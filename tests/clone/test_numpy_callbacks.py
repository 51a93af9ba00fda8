"""NumPy's functions that call functions or walk through elements."""

import math

import numpy as np
import pytest

import adjoint as ad
from adjoint._core.registry import IMPLEMENTATIONS
from clone.judge import check

X = np.array([0.5, -1.25, 2.25])


def bent(t):
    """Branch and convert, as functions of one number do."""
    return math.sin(t) if t > 0 else float(t) ** 2


def scaled(row, by=1.0):
    return float(row[0]) * row * by


def first_times_last(row):
    return float(row[0]) * row[-1]


outside = np.vectorize(bent)


@np.vectorize
def decorated(t):
    return math.exp(t)


@np.vectorize(otypes=[float], excluded={"k"})
def with_options(t, k):
    return t**k if t > 0 else 0


def of_vectorize(x):
    made = np.vectorize(bent)
    return np.sum(made(x)) + made(x[0]) + outside(x)[1] + np.sum(decorated(x))


def of_vectorize_broadcasting(x):
    f = np.vectorize(lambda a, b, k=2: a * b**k)
    return np.sum(f(x, x[:, None])) + np.sum(f(x, 2.0)) + np.sum(f(x, x, k=3))


def of_vectorize_with_options(x):
    return np.sum(with_options(x, k=2) * with_options(x**2, k=x[0]))


def of_vectorize_with_two_results(x):
    first, second = np.vectorize(lambda a: (a, a * a))(x)
    return np.sum(first * second)


def of_vectorize_with_a_signature(x):
    f = np.vectorize(first_times_last, signature="(n)->()")
    g = np.vectorize(lambda row, k: row * k, signature="(n),()->(n)")
    rows = np.array([x, 2 * x])
    return np.sum(f(rows)) + np.sum(g(rows, np.array([x[0], 3.0])) ** 2)


def of_vectorize_over_what_it_closes_over(x):
    return np.sum(np.vectorize(lambda k: k * x[0])(np.arange(3.0)))


def of_frompyfunc(x):
    f = np.frompyfunc(bent, 1, 1)
    return np.sum(f(x)) + f(x[0])


def of_fromfunction(x):
    return np.sum(np.fromfunction(lambda i, j: i * x[0] + j * x[1], (3, 2)) ** 2)


def of_apply_over_axes(x):
    rows = np.array([x, x**2])
    return np.sum(np.apply_over_axes(np.sum, rows, [0, 1]) ** 2)


def of_apply_along_axis(x):
    rows = np.array([x, x**2])
    total = np.sum(np.apply_along_axis(first_times_last, 1, rows))
    return total + np.sum(np.apply_along_axis(scaled, 0, rows, by=3.0) * rows)


def of_piecewise(x):
    branches = [lambda t: t**2, np.sin]
    return np.sum(np.piecewise(x, [x < 0, x >= 0], branches))


def of_select_and_choose(x):
    total = np.sum(np.select([x < 0, x > 1], [x**2, 3 * x], x[0]))
    total += np.sum(np.choose([0, 1, 0], [x, x**2]))
    return total + np.sum(np.choose(np.array([0, 1, 1]), [[x[0], 1, 2], [3, x[1], 4]]))


def of_nditer(x):
    total = 0.0
    for v in np.nditer(x):
        total = total + v * v * total + v
    return total


def of_ndenumerate_and_ndindex(x):
    total = 0.0
    for (i, j), v in np.ndenumerate(np.outer(x, x)):
        total += v * (i + 2 * j)
    for i in np.ndindex(x.shape):
        total += x[i] * 2
    return total + sum(x[i] * j for i, j in np.ndindex(2, 2))


def of_flat(x):
    total = 0.0
    for v in np.outer(x, x).flat:
        total = total + v * v
    return total


def of_polynomials_of_numpy(x):
    p = np.polynomial.Polynomial([1.0, -2.0, 3.0])
    total = p(x[0]) + np.sum(p(x)) + p.deriv()(x[1])
    total += np.polynomial.polynomial.polyval(0.5, [1, x[0], 3])
    return total + np.polynomial.Chebyshev([1.0, -2.0, 0.5])(x[0])


def of_polynomials_with_traced_coefficients(x):
    p = np.polynomial.Polynomial([1.0, x[0], x[1]])
    return p(0.3) * np.polynomial.legendre.legval(0.25, x)


def of_poly1d(x):
    p = np.poly1d([1.0, -2.0, 3.0])
    return p(x[0]) + np.sum(p(x)) + p.deriv()(x[1])


FUNCTIONS = {
    name: function
    for name, function in list(globals().items())
    if name.startswith("of_")
}
NEEDS = {
    "of_apply_along_axis": np.apply_along_axis,
    "of_piecewise": np.piecewise,
    "of_poly1d": np.polyval,
}
"""What these call back, or forward, by an implementation of its own."""


@pytest.mark.filterwarnings("ignore::adjoint.errors.BatchFallbackWarning")
@pytest.mark.parametrize("name", FUNCTIONS)
def test_on_an_array(name):
    if name in NEEDS and NEEDS[name] not in IMPLEMENTATIONS:
        pytest.skip(f"np.{NEEDS[name].__name__} itself has no derivative here")
    check(FUNCTIONS[name], X)


def test_the_first_result_decides_the_type_as_in_numpy():
    """``np.vectorize`` cuts what follows an integer off; so do we."""
    f = np.vectorize(lambda t: 0 if t < 1 else 2.5 * t)
    x = np.array([0.5, 1.5])
    value, slope = ad.value_and_grad(lambda x: np.sum(f(x)) * x[0])(x)
    assert np.sum(f(x)) * 0.5 == value == 1.5
    np.testing.assert_array_equal(slope, [3.0, 0.0])


def test_nothing_to_apply_it_to():
    f = np.vectorize(bent, otypes=[float])
    assert ad.value_and_grad(lambda x: np.sum(f(x)) + 1.0)(np.zeros(0))[0] == 1.0


@pytest.mark.parametrize(
    ("f", "words"),
    [
        (lambda x: next(np.nditer(x, ["multi_index"])), "np.nditer was given a traced"),
        (lambda x: next(np.nditer([x, x]))[0], "and flags or further arrays"),
    ],
)
def test_what_nditer_cannot_follow_is_refused(f, words):
    with pytest.raises(ad.errors.MissingRuleError, match=words):
        ad.grad(f)(X)


@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.sum(np.mgrid[0 : x[2] : 1]) * x[0],
        lambda x: np.sum(np.ogrid[0 : x[2]]) * x[0],
    ],
)
def test_what_has_no_rule_says_so(f):
    with pytest.raises(ad.errors.AdjointError):
        ad.grad(f)(X)


def test_polynomials_hold_traced_coefficients():
    """``np.poly1d`` is written with functions that have rules."""
    p = np.array([1.0, 2.0, 3.0])

    def f(p):
        q = np.poly1d(p) * np.poly1d([1.0, 1.0]) + 2.0
        return q(2.0) + q.deriv()(1.0) + q.integ()(1.0)

    np.testing.assert_allclose(_slopes(f, p), ad.grad(f)(p), rtol=1e-6)


def _slopes(f, x):
    steps = 1e-6 * np.eye(len(x))
    return [(f(x + step) - f(x - step)) / 2e-6 for step in steps]
