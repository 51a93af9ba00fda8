"""Rewritten derivatives: values stay, every mode agrees, and what is not rewritten."""

import itertools

import numpy as np
import pytest

import adjoint as ad
from transforms.compare import assert_close, assert_same
from traps.modes import NESTINGS, assert_curvature, assert_slope, quietly

PAIRS = {
    "abs squared": lambda x: np.abs(x) ** 2,
    "abs to the fourth": lambda x: np.abs(x) ** 4,
    "abs cubed": lambda x: np.abs(x) ** 3,
    "abs times itself": lambda x: twice(np.abs(x)),
    "root squared": lambda x: np.sqrt(x * x + 1.0) ** 2,
    "root cubed": lambda x: np.sqrt(x * x + 1.0) ** 3,
    "root to the fifth half": lambda x: np.sqrt(x * x + 1.0) ** 2.5,
    "cube root": lambda x: np.cbrt(x) ** 2,
    "power of a half": lambda x: ((x * x + 1.0) ** 0.5) ** 2,
    "root of a product": lambda x: np.sqrt(twice(x)),
    "root of a power": lambda x: np.sqrt(x**4) + (x**6) ** 0.5,
    "root of another product": lambda x: np.sqrt((x + 3.0) * (5.0 - x)),
    "hypot squared": lambda x: np.square(np.hypot(x, 2.0)),
    "hypot cubed": lambda x: np.hypot(x, x + 1.0) ** 3,
    "hypot, small power": lambda x: np.hypot(x, 2.0) ** 1.5,
    "maximum squared": lambda x: np.maximum(x, 0.1) ** 2,
    "minimum cubed": lambda x: np.minimum(0.3, np.sin(x)) ** 3,
    "fmax, itself": lambda x: twice(np.fmax(x, 2.0 * x)),
    "log sum exp": lambda x: np.log(np.sum(np.exp(x) * 1.0)),
    "softplus": lambda x: np.log1p(np.exp(x)) + np.log(np.exp(2.0 * x) + 2.0),
    "logistic": lambda x: 3.0 / (2.0 + np.exp(-x)),
    "swish": lambda x: x / (np.exp(-x) + 1.0),
    "softmax part": lambda x: np.exp(x) / (1.0 + np.exp(x)),
    "norm to the fourth": lambda x: np.linalg.norm(x * np.ones(2)) ** 4,
    "absolute of a square": lambda x: np.sqrt(np.abs(x) ** 2),
    "squares of squares": lambda x: np.square(np.abs(np.square(np.abs(x)))),
}


def twice(y):
    return y * y


@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.parametrize("x", [0.7, -1.3, 2.9])
def test_away_from_kinks_all_is_as_ever(name, x):
    """First and second derivatives agree with difference quotients."""
    f = PAIRS[name]
    h = 1e-4
    slope = (f(x - 2 * h) - 8 * f(x - h) + 8 * f(x + h) - f(x + 2 * h)) / (12 * h)
    assert_slope(slope, f, x, rtol=1e-8, atol=1e-8)
    g = ad.grad(f)
    curvature = (g(x - 2 * h) - 8 * g(x - h) + 8 * g(x + h) - g(x + 2 * h)) / (12 * h)
    assert_curvature(curvature, f, x, rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("name", PAIRS)
def test_third_derivatives_agree(name):
    """In all eight nestings."""
    modes = itertools.product([ad.jacfwd, ad.jacrev], repeat=3)
    first, *others = (a(b(c(PAIRS[name])))(0.7) for a, b, c in modes)
    for other in others:
        assert_close(first, other, rtol=1e-10, atol=1e-10)


AT_KINKS = {
    "abs": (lambda u: np.abs(u) ** 2, lambda u: u * u),
    "abs, four": (lambda u: np.abs(u) ** 4, lambda u: u**4),
    "abs, twice": (lambda u: np.abs(u) ** 2 * np.abs(u) ** 2, lambda u: u**4),
    "abs, nested": (lambda u: np.abs(np.square(np.abs(u))) ** 2, lambda u: u**4),
    "root": (lambda u: np.sqrt(u) ** 2, lambda u: u),
    "root, four": (lambda u: np.sqrt(u) ** 4, lambda u: u * u),
    "root, half": (lambda u: (u**0.5) ** 2, lambda u: u),
    "root of square": (lambda u: np.square(np.sqrt(u * u)), lambda u: u * u),
    "root of fourth": (lambda u: np.sqrt(u**4), lambda u: u * u),
    "cube root": (lambda u: np.cbrt(u) ** 3, lambda u: u),
    "cube root, six": (lambda u: np.cbrt(u) ** 6, lambda u: u * u),
    "hypot": (lambda u: np.hypot(u, 3.0 * u) ** 2, lambda u: 10.0 * u * u),
    "hypot, four": (lambda u: np.hypot(u, 0.0) ** 4, lambda u: u**4),
    "norm": (lambda u: np.linalg.norm(np.stack([u, 2.0 * u])) ** 2, lambda u: 5 * u**2),
    "extremum": (lambda u: np.maximum(u, 0.0) ** 2, lambda u: 0.5 * u * u),
    "extremum, three": (lambda u: np.minimum(u, 0.0) ** 3, lambda u: 0.5 * u**3),
}


@pytest.mark.parametrize("name", AT_KINKS)
def test_a_pair_at_its_kink_is_its_smooth_form(name):
    """Inside and outside other functions, to the third order, in every nesting."""
    pair, smooth = AT_KINKS[name]
    inside = lambda x: np.sin(x) * np.exp(x)  # noqa: E731
    around = lambda f: lambda x: np.exp(x) * (f(inside(x)) + 1.0) ** 2  # noqa: E731
    f, g = quietly(around(pair)), quietly(around(smooth))
    for order in (1, 2, 3):
        for modes in itertools.product([ad.jacfwd, ad.jacrev], repeat=order):
            one, other = f, g
            for mode in modes:
                one, other = mode(one), mode(other)
            for x in (0.0, np.zeros(())):
                with np.errstate(all="ignore"):
                    assert_close(other(x), one(x), rtol=1e-11, atol=1e-11)


VALUES = {
    **PAIRS,
    "log1p": lambda x: np.log1p(np.exp(x)),
    "log": lambda x: np.log(np.sum(np.exp(np.stack([x, x + 1.0])))),
    "quotient": lambda x: 1.0 / (1.0 + np.exp(-x)),
    "underflow": lambda x: np.sqrt(x * x),
}


@pytest.mark.parametrize("name", VALUES)
@pytest.mark.parametrize("x", [0.0, -1.3, 800.0, -800.0, 1e-200, 1e200, np.inf, np.nan])
def test_a_rewrite_never_changes_a_value(name, x):
    """log1p(exp(800)) is inf, as NumPy says."""
    f = quietly(VALUES[name])
    plain = f(np.float64(x))
    with np.errstate(all="ignore"):
        given = ad.value_and_grad(f)(np.float64(x))[0]
        pushed = ad.jvp(f, (np.float64(x),), (np.float64(1.0),))[0]
    np.testing.assert_array_equal(given, plain)
    np.testing.assert_array_equal(pushed, plain)


def test_the_third_derivative_of_a_cubed_norm_of_one():
    """|x|**3 = sqrt(x*x)**3 has the third derivative 6 on the right."""
    f = lambda x: np.sqrt(x * x) ** 3  # noqa: E731
    for a, b, c in itertools.product([ad.jacfwd, ad.jacrev], repeat=3):
        assert_close(np.float64(6.0), a(b(c(f)))(0.5), rtol=1e-10)


# Where the two functions meet


def test_through_levels():
    """The source may belong to another transform, or be closed over."""
    inner = lambda x: ad.grad(lambda y: x * y + np.abs(x * y) ** 2)(0.0)  # noqa: E731
    assert_close(np.float64(1.0), ad.grad(inner)(2.0))
    both = lambda x: ad.grad(lambda y: np.abs(x + y) ** 2)(0.0)  # noqa: E731
    assert_close(np.float64(2.0), ad.grad(both)(0.0))
    assert_close(np.float64(2.0), ad.jacfwd(both)(0.0))
    mixed = lambda x: ad.grad(lambda y: np.hypot(x, y) ** 2)(0.0)  # noqa: E731
    assert_close(np.float64(0.0), ad.grad(mixed)(0.0))
    outer = lambda x: ad.jacfwd(lambda y: np.maximum(x, y) ** 2)(0.0)  # noqa: E731
    assert_close(np.float64(0.0), ad.grad(outer)(0.0))
    shifted = lambda x: ad.grad(lambda y: np.log(x + np.exp(y)))(0.5)  # noqa: E731
    assert_close(-np.exp(0.5) / (1.0 + np.exp(0.5)) ** 2, ad.grad(shifted)(1.0))


def test_through_checkpoints_and_linearize():
    """A call that is run again finds its sources where they were."""
    f = lambda x: np.sum(np.abs(x) ** 2)  # noqa: E731
    x = np.array([0.0, 2.0])
    for g in (ad.checkpoint(f), lambda x: ad.checkpoint(np.square)(np.abs(x)).sum()):
        assert_close(2.0 * x, ad.grad(g)(x))
        assert_close(2.0 * np.eye(2), ad.jacrev(ad.grad(g))(x))
        assert_close(2.0 * np.eye(2), ad.jacfwd(ad.grad(g))(x))
    linear = ad.linearize(ad.grad(f), x)[1]
    assert_close(np.array([2.0, 2.0]), linear(np.ones(2)))
    pullback = ad.vjp(ad.grad(f), x)[1]
    assert_close(np.array([2.0, 2.0]), pullback(np.ones(2))[0])


def test_dual_numbers_made_by_hand():
    """They remember as those of a transform do."""
    x = ad.dual(0.0, 1.0)
    assert 1.0 == (np.sqrt(x) ** 2).tangent
    assert 0.0 == (np.abs(x) ** 2).tangent


def test_in_batches():
    """Under vmap, over it, and with levels in both orders."""
    f = lambda x: np.linalg.norm(x) ** 2 + np.sum(np.abs(x) ** 2)  # noqa: E731
    x = np.array([[0.0, 0.0], [1.0, 0.0]])
    expected = np.stack([4.0 * np.eye(2)] * 2)
    for outer, inner in NESTINGS:
        assert_close(expected, ad.vmap(outer(inner(f)))(x))
    total = lambda x: np.sum(ad.vmap(f)(x))  # noqa: E731
    for outer, inner in NESTINGS:
        given = np.reshape(outer(inner(total))(x), (4, 4))
        assert_close(4.0 * np.eye(4), given)


def test_large_arrays():
    """Beyond what the tape keeps of exp: exact in range, nan where nothing tells."""
    x = np.linspace(-5.0, 5.0, 2000)
    f = lambda x: np.log(np.sum(np.exp(x)))  # noqa: E731
    shares = np.exp(x) / np.sum(np.exp(x))
    assert_close(shares, ad.grad(f)(x))
    assert_close(shares, ad.grad(f)(x + 300.0), rtol=1e-10)
    with np.errstate(all="ignore"):
        assert np.all(np.isnan(ad.grad(f)(x + 800.0)))
        assert np.all(np.isnan(ad.grad(f)(x - 800.0)))
        dot = ad.jvp(f, (x + 800.0,), (x,))[1]
        masked = lambda x: np.where(f(x) < np.inf, f(x), 0.0)  # noqa: E731
        assert_close(np.zeros(2000), ad.grad(masked)(x + 800.0))
    assert_close(np.sum(shares * x), dot)


# What is no pair of the table


def test_what_does_not_meet_is_not_rewritten():
    """Two calls of sqrt, or an element taken between: exact zeros as ever."""
    assert 0.0 == ad.grad(lambda x: np.sqrt(x) * np.sqrt(x))(0.0)
    between = lambda x: np.sum(np.abs(x)[0] ** 2)  # noqa: E731
    assert_same(np.zeros((1, 1)), ad.jacrev(ad.grad(between))(np.zeros(1)))


def test_exponents_that_are_no_plain_number():
    """Arrays and traced exponents keep their own rules, with both derivatives."""
    x, p = 1.5, 2.0
    f = lambda x, p: np.abs(x) ** p  # noqa: E731
    expected = (p * x ** (p - 1), x**p * np.log(x))
    assert_close(tuple(map(np.float64, expected)), ad.grad(f, (0, 1))(x, p))
    g = lambda x: np.sum(np.abs(x) ** np.array([1.0, 2.0, 3.0]))  # noqa: E731
    assert_close(np.array([-1.0, -2.0, -3.0]), ad.grad(g)(-np.ones(3)))


def test_complex_roots_keep_their_branch():
    """sqrt(z*z) is z or -z, not abs(z)."""
    f = lambda z: np.sqrt(z * z)  # noqa: E731
    for z, slope in ((1.0 + 2.0j, 1.0), (-1.0 + 2.0j, -1.0)):
        assert_close(slope + 0j, ad.grad(f, holomorphic=True)(z))
        g = lambda z: np.log(1.0 + np.exp(z)) + 1.0 / (1.0 + np.exp(z))  # noqa: E731
        s = np.exp(z) / (1.0 + np.exp(z))
        assert_close(s - s / (1.0 + np.exp(z)), ad.grad(g, holomorphic=True)(z))
        h = lambda z: np.sqrt(z) ** 3  # noqa: E731
        assert_close(1.5 * np.sqrt(z), ad.grad(h, holomorphic=True)(z))


def test_no_warning_beyond_the_functions_own():
    """Looking at magnitudes raises nothing, whatever the error state."""
    with np.errstate(all="raise"):
        x = np.array([300.0, -300.0])
        f = lambda x: np.sum(np.log1p(np.exp(x)) + np.log(np.exp(x) + 1.0))  # noqa: E731
        assert_close(np.array([2.0, 0.0]), ad.grad(f)(x))
        assert_close(np.float64(2.0), ad.jvp(f, (x,), (np.ones(2),))[1])
