"""Traps 8 to 10, 16, 17, 19 to 24: powers, dead branches, log space, limits."""

import numpy as np
import pytest

import adjoint as ad
from traps.modes import assert_curvature, assert_slope, quietly

POWERS = (np.power, lambda x, y: x**y, np.float_power)


@pytest.mark.parametrize("power", POWERS)
def test_trap_08_zero_to_the_power_zero(power):
    """x**0 is the constant 1; 0**y counts as constant at y = 0."""
    assert_slope([0.0, 0.0], lambda p: power(p[0], p[1]), np.zeros(2))


@pytest.mark.parametrize("power", POWERS)
def test_trap_09_zero_to_a_positive_power(power):
    """0**y is 0 for all y near 2: slope 0 by the exponent."""
    assert_slope([0.0, 0.0], lambda p: power(p[0], p[1]), np.array([0.0, 2.0]))
    assert_slope(0.0, lambda y: power(0.0, y), 2.0)


@pytest.mark.parametrize("power", POWERS)
def test_trap_10_a_negative_base(power):
    """Exact by the base; nan by the exponent, only if that is differentiated."""
    assert_slope([12.0, np.nan], lambda p: power(p[0], p[1]), np.array([-2.0, 3.0]))
    assert_slope(12.0, lambda x: power(x, 3.0), -2.0)
    assert_curvature(-12.0, lambda x: power(x, 3.0), -2.0)
    y = ad.jacfwd(lambda x: power(x, x.dtype.type(3.0)))(-2.0)
    assert 12.0 == y


def test_trap_16_the_logarithm_in_a_dead_branch():
    """A branch that is not taken contributes nothing."""
    f = lambda x: np.sum(np.where(x > 0.0, np.log(x), 0.0))  # noqa: E731
    x = np.array([0.0, -1.0, 2.0])
    assert_slope([0.0, 0.0, 0.5], f, x)
    assert_curvature(np.diag([0.0, 0.0, -0.25]), f, x)


def test_trap_17_sine_over_its_argument():
    """The quotient is not taken at 0: slope 0 there, as written."""
    f = lambda x: np.where(x == 0.0, 1.0, np.sin(x) / x)  # noqa: E731
    assert_slope(0.0, f, np.array(0.0))
    slope = (np.cos(2.0) - np.sin(2.0) / 2.0) / 2.0
    assert_slope(np.diag([0.0, slope]), f, np.array([0.0, 2.0]))


def test_trap_19_sinc_at_zero():
    """Its slope is 0, its second derivative -pi**2 / 3."""
    assert_slope(0.0, np.sinc, 0.0)
    assert_curvature(-(np.pi**2) / 3.0, np.sinc, 0.0)


@pytest.mark.parametrize("xlogx", [lambda x: x * np.log(x)])
def test_trap_21_x_log_x_at_zero(xlogx):
    """Its slope is -inf; masked out, 0."""
    assert_slope(-np.inf, xlogx, np.array(0.0))
    masked = lambda x: np.where(x > 0.0, xlogx(x), 0.0)  # noqa: E731
    assert_slope(np.diag([0.0, 1.0]), masked, np.array([0.0, 1.0]))
    assert_curvature(
        np.diag([0.0, 1.0]), lambda x: np.sum(masked(x)), np.array([0, 1.0])
    )


def naive_logsumexp(x):
    return np.log(np.sum(np.exp(x)))


def stable_logsumexp(x):
    top = np.max(x)
    top = np.where(np.isfinite(top), top, 0.0)
    return np.log(np.sum(np.exp(x - top))) + top


@pytest.mark.parametrize("logsumexp", [naive_logsumexp, stable_logsumexp])
def test_trap_22_no_term_in_log_space(logsumexp):
    """The logarithm of no term at all is -inf, with slopes 0."""
    empty = np.full(2, -np.inf)
    assert -np.inf == quietly(logsumexp)(empty)
    assert_slope([0.0, 0.0], logsumexp, empty)
    assert_slope([0.0, 1.0], logsumexp, np.array([-np.inf, 1.0]))


def test_trap_22_logaddexp():
    """The same for two terms."""
    f = lambda p: np.logaddexp(p[0], p[1])  # noqa: E731
    assert_slope([0.0, 0.0], f, np.full(2, -np.inf))
    assert_slope([0.0, 1.0], f, np.array([-np.inf, 1.0]))
    assert_slope([0.5, 0.5], f, np.array([-900.0, -900.0]))


def softmax(x):
    shares = np.exp(x - np.max(x))
    return shares / np.sum(shares)


@pytest.mark.parametrize(
    "x",
    [
        [1000.0, 0.0],
        [800.0, 801.0],
        [709.0, 709.5],
        [-1000.0, -1001.0],
        [-744.0, -745.0],
        [-1000.0, 0.0],
        [0.3, -0.2],
    ],
)
def test_trap_23_log_of_a_sum_of_exponentials(x):
    """The value is NumPy's, ±inf out of range; the derivatives are those of softmax."""
    x = np.array(x)
    shares = softmax(x)
    curvature = np.diag(shares) - np.outer(shares, shares)
    assert_slope(shares, naive_logsumexp, x)
    assert_curvature(curvature, naive_logsumexp, x)
    with np.errstate(all="ignore"):
        plain = naive_logsumexp(x)
        assert plain == ad.value_and_grad(naive_logsumexp)(x)[0]
        assert plain == ad.jvp(naive_logsumexp, (x,), (x,))[0]


def test_trap_23_along_an_axis():
    """Rows in range and rows out of it, with and without the axis kept."""
    x = np.array([[1.0, 2.0, 0.0], [800.0, 801.0, -3.0], [-900.0, -901.0, -902.0]])
    shares = np.stack([softmax(row) for row in x])
    for keepdims in (False, True):
        f = lambda x, keepdims=keepdims: np.log(  # noqa: E731
            np.sum(np.exp(x), axis=1, keepdims=keepdims)
        )
        with np.errstate(all="ignore"):
            out, pull = ad.vjp(quietly(f), x)
            ones = np.ones_like(out)
            np.testing.assert_allclose(pull(ones)[0], shares, rtol=1e-14)
            dots = ad.jvp(f, (x,), (x,))[1]
        np.testing.assert_allclose(np.ravel(dots), np.sum(shares * x, 1), rtol=1e-14)


def logistic(x):
    return 1.0 / (1.0 + np.exp(-x))


@pytest.mark.parametrize("x", [-1000.0, -700.0, -400.0, -30.0, 0.0, 30.0, 1000.0])
def test_trap_23_softplus(x):
    """log1p(exp(x)) and log(1 + exp(x)): slope 1/(1+exp(-x)), 1 for large x."""
    with np.errstate(all="ignore"):
        slope = 1.0 / (1.0 + np.exp(-x))
        curvature = slope * (1.0 / (1.0 + np.exp(x)))
    for f in SOFTPLUS:
        for point in (x, np.array(x), np.float64(x)):
            assert_slope(slope, f, point)
        assert_curvature(curvature, f, x, atol=1e-15)
        assert quietly(f)(np.array(x)) == ad.value_and_grad(quietly(f))(np.array(x))[0]


SOFTPLUS = (
    lambda x: np.log1p(np.exp(x)),
    lambda x: np.log(1.0 + np.exp(x)),
    lambda x: np.log(np.exp(x) + 1.0),
    lambda x: np.log(np.add(1, np.exp(x))),
)


@pytest.mark.parametrize("x", [-1000.0, -700.0, -400.0, -30.0, 0.0, 30.0, 1000.0])
def test_trap_23_the_logistic_function(x):
    """1/(1+exp(-x)): slope s (1 - s), to the last digits in the tails too."""
    with np.errstate(all="ignore"):
        s = 1.0 / (1.0 + np.exp(-x))
        rest = 1.0 / (1.0 + np.exp(x))
    for f in (
        logistic,
        lambda x: 1 / (np.exp(-x) + 1),
        lambda x: np.divide(1.0, 1.0 + np.exp(-x)),
    ):
        assert_slope(s * rest, f, x, atol=0.0)
        assert_curvature(s * rest * (rest - s), f, x, rtol=1e-9, atol=1e-20)
        assert_slope(s + x * s * rest, lambda x, f=f: x * f(x), x, atol=1e-300)


def test_trap_23_the_logarithm_of_the_logistic_function():
    """Its slope is 1 - s: not lost where s is tiny but not yet 0."""
    for x in (-700.0, -400.0, -350.0, 0.0, 5.0):
        assert_slope(1.0 / (1.0 + np.exp(x)), lambda x: np.log(logistic(x)), x)
    x = np.array([-400.0, 0.0, 400.0])
    expected = np.diag(1.0 / (1.0 + np.exp(x)))
    assert_slope(expected, lambda x: np.log(logistic(x)), x)


def test_trap_23_a_traced_numerator():
    """x/(1+exp(-x))."""
    f = lambda x: x / (1.0 + np.exp(-x))  # noqa: E731
    for x in (-1000.0, -400.0, 0.0, 2.0, 1000.0):
        with np.errstate(all="ignore"):
            s, rest = logistic(x), logistic(-x)
        assert_slope(s + x * s * rest, f, x, atol=1e-300)


def test_trap_24_exp_of_minus_one_over_x_squared():
    """Flat at 0: all derivatives are 0."""
    f = lambda x: np.exp(-1.0 / x**2)  # noqa: E731
    assert_slope(0.0, f, np.float64(0.0))
    assert_slope(0.0, f, np.array(0.0))
    assert_slope(np.diag([0.0, 2.0 * np.exp(-1.0)]), f, np.array([0.0, 1.0]))
