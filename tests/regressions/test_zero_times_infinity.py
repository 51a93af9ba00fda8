"""Zero times infinity is zero in every mode; nan operands; poles of the slope."""

import itertools

import numpy as np
import pytest

import adjoint as ad
from transforms.compare import assert_close, assert_same
from traps.modes import quietly

X = np.array([0.0, 1.0, 4.0])


def full_jacobians(f, x):
    """Return the Jacobian of an elementwise function by every way there is."""
    f = quietly(f)
    n = np.size(x)
    eye = np.eye(n) if np.ndim(x) else [np.float64(1.0)]
    linear = ad.linearize(f, x)[1]
    pullback = ad.vjp(f, x)[1]
    total = lambda x: np.sum(f(x))  # noqa: E731
    ones = np.ones_like(x)
    with np.errstate(all="ignore"):
        return {
            "grad": ad.grad(total)(x),
            "elementwise_grad": ad.elementwise_grad(f)(x),
            "jvp": sum(ad.jvp(f, (x,), (e,))[1] for e in eye),
            "jvp of ones": ad.jvp(f, (x,), (ones,))[1],
            "linearize": sum(linear(e) for e in eye),
            "vjp": sum(pullback(e)[0] for e in eye),
            "vjp of ones": pullback(ones)[0],
            "jacrev": np.sum(np.atleast_2d(ad.jacrev(f)(x)), axis=0).reshape(
                ones.shape
            ),
            "jacfwd": np.sum(np.atleast_2d(ad.jacfwd(f)(x)), axis=0).reshape(
                ones.shape
            ),
        }


def sigmoid(x):
    return np.where(x >= 0.0, 1.0 / (1.0 + np.exp(-x)), np.exp(x) / (1.0 + np.exp(x)))


AT_POINTS = {
    "x log x": (
        lambda x: np.where(x > 0.0, x * np.log(x), 0.0),
        X,
        np.array([0.0, 1.0, 1.0 + np.log(4.0)]),
    ),
    "sqrt, masked": (
        lambda x: np.where(x > 0.0, np.sqrt(x), 0.0),
        X,
        np.array([0.0, 0.5, 0.25]),
    ),
    "1/x, masked": (
        lambda x: np.where(x > 0.0, 1.0 / x, 0.0),
        X,
        np.array([0.0, -1.0, -0.0625]),
    ),
    "sigmoid": (sigmoid, np.array([-800.0, 0.0, 800.0]), np.array([0.0, 0.25, 0.0])),
    "0 sqrt": (lambda x: 0.0 * np.sqrt(x), X, np.zeros(3)),
    "sqrt squared": (lambda x: np.sqrt(x) ** 2, X, np.array([1.0, 1.0, 1.0])),
    "sqrt times sqrt": (
        lambda x: np.sqrt(x) * np.sqrt(x),
        X,
        np.array([0.0, 1.0, 1.0]),
    ),
    "cbrt cubed": (lambda x: np.cbrt(x) ** 3, X[:2], np.array([1.0, 1.0])),
    "sqrt of square": (lambda x: np.sqrt(x * x), X, np.array([0.0, 1.0, 1.0])),
    "sqrt of a power": (lambda x: np.sqrt(x**2), X, np.array([0.0, 1.0, 1.0])),
}


@pytest.mark.parametrize("scalar", [False, True])
@pytest.mark.parametrize("name", AT_POINTS)
def test_first_derivatives(name, scalar):
    """Finite, and the same in forward and reverse mode."""
    f, points, expected = AT_POINTS[name]
    cases = zip(points, expected, strict=True) if scalar else [(points, expected)]
    for x, slope in cases:
        for given in full_jacobians(f, x).values():
            assert np.all(np.isfinite(given))
            assert_close(slope, given)


@pytest.mark.parametrize("missing", [np.nan, np.inf])
def test_constants_that_are_not_finite(missing):
    """Missing data masked out, by where, by index or by a zero: as in forward mode."""
    data = np.array([missing, 3.0])
    x = np.array([1.0, 2.0])
    for f, expected in (
        (lambda x: np.where(np.isfinite(data), x * data, 0.0), [0.0, 3.0]),
        (lambda x: (x * data)[1:], [0.0, 3.0]),
    ):
        for given in (
            sum(ad.jvp(f, (x,), (e,))[1] * e[:, None] for e in np.eye(2)).sum(axis=1),
            np.sum(ad.jacfwd(f)(x), axis=0),
            ad.grad(lambda x, f=f: np.sum(f(x)))(x),
            ad.vjp(f, x)[1](np.ones_like(f(x)))[0],
            np.sum(ad.jacrev(f)(x), axis=0),
        ):
            assert_same(np.array(expected), given)


def test_exact_zeros_at_zero():
    """At 0 itself the derivative is exact to the last bit, as a Python float too."""
    for name, (f, points, slopes) in AT_POINTS.items():
        for k in np.flatnonzero(points == 0.0):
            if name in {"sigmoid", "1/x, masked"}:  # Python's 1.0 / 0.0 raises
                continue
            for given in full_jacobians(f, float(points[k])).values():
                assert slopes[k] == given


def test_linearize_of_sqrt_at_zero():
    """The linear map takes 0 to 0, at the pole of the slope."""
    linear = ad.linearize(np.sqrt, 0.0)[1]
    assert 0.0 == linear(0.0)
    assert np.inf == linear(1.0)
    assert 0.0 == ad.jvp(np.sqrt, (0.0,), (0.0,))[1]
    assert 0.0 == ad.vjp(np.sqrt, 0.0)[1](0.0)[0]


# Second derivatives

NESTINGS = list(itertools.product([ad.jacfwd, ad.jacrev], repeat=2))


def test_sin_squared_at_zero():
    """(sin x)**2 has the second derivative 2 at 0, in all nestings."""
    for square in (lambda x: np.sin(x) ** 2, lambda x: np.sin(x) * np.sin(x)):
        for outer, inner in NESTINGS:
            assert_same(np.float64(2.0), outer(inner(square))(0.0))
        assert_same(np.float64(2.0), ad.grad(ad.grad(square))(0.0))
        assert_same(np.float64(2.0), ad.hessian(square)(0.0))
        assert_same(np.float64(2.0), np.float64(ad.hvp(square, 0.0, 1.0)))


SECOND = {
    "x log x": lambda x: np.sum(np.where(x > 0.0, x * np.log(x), 0.0)),
    "sigmoid": lambda x: np.sum(sigmoid(800.0 * x)),
    "sqrt squared": lambda x: np.sum(np.sqrt(x) ** 2),
    "sqrt of square": lambda x: np.sum(np.sqrt(x * x)),
    "cbrt cubed": lambda x: np.sum(np.cbrt(x) ** 3),
    "norm": lambda x: np.sqrt(np.sum(x * x)),
    "x sqrt x": lambda x: np.sum(x * np.sqrt(x)),
    "x**1.5": lambda x: np.sum(x**1.5),
    "x**2": lambda x: np.sum(x**2),
    "x**2.0 by array": lambda x: np.sum(x ** np.full(3, 2.0)),
    "x |x|": lambda x: np.sum(x * np.abs(x)),
    "prod": np.prod,
    "sin squared": lambda x: np.sum(np.sin(x) ** 2),
    "x/(1+x)": lambda x: np.sum(x / (1.0 + x)),
    "0 sqrt": lambda x: np.sum(0.0 * np.sqrt(x)),
    "arcsin of 1 - x": lambda x: np.sum(x * np.arcsin(1.0 - x[:2])[0]),
}


@pytest.mark.parametrize("name", SECOND)
def test_hessians_agree_between_nestings(name):
    """Where two of the four are finite they are equal."""
    f = quietly(SECOND[name])
    with np.errstate(all="ignore"):
        given = [outer(inner(f))(X) for outer, inner in NESTINGS]
    for one, two in itertools.combinations(given, 2):
        both = np.isfinite(one) & np.isfinite(two)
        np.testing.assert_allclose(one[both], two[both], rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("x**2", 2.0 * np.eye(3)),
        ("x**2.0 by array", 2.0 * np.eye(3)),
        ("sin squared", np.diag(2.0 * np.cos(2.0 * X))),
        ("prod", np.array([[0.0, 4.0, 1.0], [4.0, 0.0, 0.0], [1.0, 0.0, 0.0]])),
        ("x/(1+x)", np.diag(-2.0 / (1.0 + X) ** 3)),
    ],
)
def test_smooth_functions_at_zero(name, expected):
    """No trace of the rule for zero times infinity where nothing is infinite."""
    for outer, inner in NESTINGS:
        assert_close(expected, outer(inner(SECOND[name]))(X))


# Powers


@pytest.mark.parametrize("power", [np.power, lambda x, y: x**y, np.float_power])
def test_the_hessian_of_a_power_with_exponent_zero(power):
    """Symmetric, in all nestings: [[0, .5], [.5, log(2)**2]] at (2, 0)."""
    expected = np.array([[0.0, 0.5], [0.5, np.log(2.0) ** 2]])
    f = lambda p: power(p[0], p[1])  # noqa: E731
    for outer, inner in NESTINGS:
        given = outer(inner(f))(np.array([2.0, 0.0]))
        assert_close(expected, given)
    g = ad.hessian(power, (0, 1))(2.0, 0.0)
    assert_close(expected, np.array(g))
    assert_close(0.4804530139182014, g[1][1])


@pytest.mark.parametrize("x", [0.0, 2.0, -2.0])
def test_a_constant_exponent_zero(x):
    """x**0 is 1, its slope 0 everywhere, at 0 too."""
    for f in (lambda x: x**0, lambda x: x**0.0, lambda x: np.power(x, np.zeros(()))):
        for derivative in (ad.grad, ad.jacfwd, ad.jacrev):
            assert 0.0 == derivative(f)(x)
            assert 0.0 == derivative(derivative(f))(x)


# nan operands

PICKS = {"fmax": np.fmax, "fmin": np.fmin}


@pytest.mark.parametrize("name", PICKS)
def test_fmax_and_fmin_with_nan(name):
    """The number is the result, and has the whole slope; nan has none."""
    pick = PICKS[name]
    x = np.array([np.nan, 2.0])
    y = np.array([3.0, np.nan])
    assert_same(np.array([3.0, 2.0]), pick(x, y))
    expected = (np.array([0.0, 1.0]), np.array([1.0, 0.0]))
    total = lambda x, y: np.sum(pick(x, y))  # noqa: E731
    assert_same(expected, ad.grad(total, (0, 1))(x, y))
    assert_same(expected, ad.jacfwd(total, (0, 1))(x, y))
    assert_same(expected, ad.jacrev(total, (0, 1))(x, y))
    out, dot = ad.jvp(pick, (x, y), (np.full(2, 5.0), np.full(2, 7.0)))
    assert_same((np.array([3.0, 2.0]), np.array([7.0, 5.0])), (out, dot))
    assert_same(np.float64(1.0), ad.grad(pick)(2.0, np.nan))
    assert_same(np.float64(0.0), ad.grad(pick)(np.nan, 2.0))
    assert_same(expected[0], ad.grad(lambda x: np.sum(pick(x, y)))(x))
    assert_same(expected[0], ad.grad(lambda x: np.sum(pick(y, x)))(x))


# The slope's own poles


def test_forward_mode_with_every_warning_an_error():
    """A pole of the slope is none of the function's: no FloatingPointError."""
    with np.errstate(all="raise"):
        assert_same((np.float64(0.0), np.float64(np.inf)), _sqrt_pushed(0.0))
        assert 0.0 == ad.jvp(np.sqrt, (0.0,), (0.0,))[1]
        x = np.array([0.0, 4.0])
        out, dot = ad.jvp(np.sqrt, (x,), (np.ones(2),))
        assert_same((np.array([0.0, 2.0]), np.array([np.inf, 0.25])), (out, dot))
        assert_same(np.diag([np.inf, 0.25]), ad.jacfwd(np.sqrt)(x))
        assert_same(np.diag([np.inf, 0.25]), ad.jacrev(np.sqrt)(x))
        assert np.inf == ad.linearize(np.sqrt, 0.0)[1](1.0)
        assert np.inf == ad.grad(np.sqrt)(0.0)
        assert np.inf == ad.jvp(np.cbrt, (0.0,), (1.0,))[1]
        assert np.inf == ad.jvp(np.arcsin, (1.0,), (1.0,))[1]
        assert np.inf == ad.jvp(lambda x: x**0.5, (0.0,), (1.0,))[1]


@pytest.mark.parametrize("slope", [1e160, 1e-170])
@pytest.mark.parametrize("size", [3, 10_001])
def test_slopes_with_squares_out_of_range(slope, size):
    """They are finite, and looking whether they are warns of nothing."""
    with np.errstate(all="raise"):
        given = ad.grad(lambda x: np.sum(x * slope))(np.ones(size))
        (pulled,) = ad.vjp(lambda x: np.sum(x * slope), np.ones(size))[1](1.0)
    assert_same(np.full(size, slope), given)
    assert_same(np.full(size, slope), pulled)


def _sqrt_pushed(x):
    out, dot = ad.jvp(np.sqrt, (x,), (1.0,))
    return np.float64(out), np.float64(dot)


@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.sum(np.sqrt(x)),
        lambda x: np.sum(x**1.5),
        lambda x: np.sum(x * np.sqrt(x)),
        lambda x: np.sqrt(np.sum(x * x)),
        lambda x: np.sum(np.cbrt(x)),
        lambda x: np.sum(np.sqrt(x) ** 2),
        lambda x: np.sum(np.arcsin(1.0 - x)),
    ],
)
@pytest.mark.parametrize("nesting", NESTINGS)
def test_hessians_with_every_warning_an_error(f, nesting):
    """The value is fine, so nothing raises, whatever the second derivative is."""
    outer, inner = nesting
    with np.errstate(all="raise"):
        given = outer(inner(f))(np.array([0.0, 1.0]))
        ad.hessian(f)(np.array([0.0, 1.0]))
        ad.hessian(f)(np.zeros(2))
    assert (2, 2) == given.shape


def test_the_functions_own_warnings_stay():
    """What the plain function raises under the user's state is raised here too."""
    for call in (
        lambda: ad.jvp(np.log, (0.0,), (1.0,)),
        lambda: ad.grad(np.log)(0.0),
        lambda: ad.jacfwd(np.log)(np.zeros(2)),
    ):
        with np.errstate(all="raise"), pytest.raises(FloatingPointError):
            call()
