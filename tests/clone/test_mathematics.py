"""Python's ``math`` and ``cmath`` as written: Python's values, NumPy's rules."""

import cmath
import math
import sys

import numpy as np
import pytest

import adjoint as ad
from clone.judge import check

UNARY = [
    *(math.sin, math.cos, math.tan, math.asin, math.acos, math.atan),
    *(math.sinh, math.cosh, math.tanh, math.asinh, math.atanh),
    *(math.exp, math.exp2, math.expm1, math.log, math.log2, math.log10, math.log1p),
    *(math.sqrt, math.cbrt, math.fabs, math.degrees, math.radians),
    *(math.erf, math.erfc),
]
BINARY = [math.atan2, math.hypot, math.pow, math.copysign, math.fmod]
COMPOSED = {
    "acosh": lambda x: math.acosh(1.0 + x),
    "log-base": lambda x: math.log(3.0, x) + math.log(x, 10.5) + math.log(x, x + 1),
    "dist": lambda x: math.dist([x, 1, 0.5], (0.25, x, 2.0)),
    "hypot-many": lambda x: math.hypot(x, 1.5, x * x) + math.hypot(x),
    "prod": lambda x: math.prod([x, 2, x + 1.0], start=0.5),
    "fsum": lambda x: math.fsum([x, 1e16, x * x, -1e16, 1]),
    "modf": lambda x: math.modf(3.5 * x)[0] * math.modf(x + 7.0)[1],
    "of-what-numpy-gives": lambda x: math.exp(np.sin(x)) + np.exp(math.sin(x)),
    "sum-in-a-loop": lambda x: sum(math.sin(k * x) / k for k in range(1, 6)),
    "remembered-name": lambda x, sqrt=math.sqrt: sqrt(x),
    "map": lambda x: sum(map(math.sin, [x, 2 * x, 3.0])),
}


@pytest.mark.parametrize("function", UNARY, ids=lambda one: one.__name__)
def test_functions_of_one_number(function):
    check(lambda x: function(x) * x, 0.3)


@pytest.mark.parametrize("function", BINARY, ids=lambda one: one.__name__)
def test_functions_of_two_numbers(function):
    check(lambda x: function(x, 0.7) + function(1.5, x) + function(x, x + 0.25), 0.6)


@pytest.mark.parametrize("function", COMPOSED.values(), ids=COMPOSED)
def test_functions_made_of_others(function):
    check(function, 0.6)


@pytest.mark.skipif(sys.version_info < (3, 12), reason="math.sumprod came with 3.12")
def test_sumprod():
    check(lambda x: math.sumprod([x, 1e9, 2], [x * x, 1e-9, x]), 0.6)


BIG, NUMPYS = 1e16, np.float64(0.1)
SUMS = {
    "from a float": (lambda x: sum((x for _ in range(10)), 0.0), 10),
    "from an integer": (lambda x: sum([BIG, x, -BIG], 1), 1),
    "from a traced number": (lambda x: sum([BIG, 1.5, -BIG], x), 1),
    "integers among them": (lambda x: sum([True, x, BIG, 1, 1, x, -BIG], 2), 2),
    "integers first": (lambda x: sum([2**53 - 1, 1, 1, x, 0.1, -BIG]), 1),
    "large integers": (lambda x: sum([2**53 + 1, 1, x, 2**60, 0.1, -(2**60)]), 1),
    "NumPy's among them": (lambda x: sum([BIG, x, NUMPYS, BIG, x, 0.1, -BIG]), 2),
    "no numbers": (lambda x: sum([(1.0, x), (2.0,)], ())[1], 1),
}
PRODUCTS = {
    "integers first": (lambda x: math.sumprod([3, 2**53, x, 3.0], [1, 1, 3.0, x]), 6),
    "integers between": (
        lambda x: math.sumprod([x, BIG, 3, x], [3, 1.0, 1, -BIG]),
        3 - BIG,
    ),
    "integers with floats": (
        lambda x: math.sumprod([x, BIG, -1], [3, x, BIG]),
        3 + BIG,
    ),
    "NumPy's among them": (
        lambda x: math.sumprod([x, BIG, NUMPYS, 1.0, x], [3, 1.0, 1.0, -BIG, 2]),
        5,
    ),
    "one": (lambda x: math.sumprod([2], [x]), 2),
}
if sys.version_info >= (3, 12):
    SUMS |= {f"products, {name}": case for name, case in PRODUCTS.items()}


@pytest.mark.parametrize(("function", "slope"), SUMS.values(), ids=SUMS)
def test_sums_are_as_exact_as_pythons(function, slope):
    """From Python 3.12 on `sum` makes up for the rounding of some numbers."""
    expected = function(0.6)
    value, found = ad.value_and_grad(function)(0.6)
    assert (expected, type(expected)) == (value, type(value))
    assert slope == found
    assert (expected, slope) == ad.jvp(function, (0.6,), (1.0,))


@pytest.mark.skipif(sys.version_info < (3, 12), reason="math.sumprod came with 3.12")
def test_products_of_numpys_numbers_are_added_as_a_loop_does():
    check(lambda x: math.sumprod(x, np.ones(10)), np.full(10, 0.1))


@pytest.mark.parametrize("at", [np.float32(0.3), np.array(0.3), np.float64(0.3)])
def test_numbers_of_numpy_are_read_in_double_precision(at):
    """As ``math`` reads them: the value is Python's, the gradient like the argument."""

    def f(x):
        return math.sin(x) * math.hypot(x, 1.0)

    value, slope = ad.value_and_grad(f)(at)
    assert f(at) == value
    assert (float, at.dtype) == (type(value), slope.dtype)
    x = float(at)
    root = math.sqrt(x * x + 1.0)
    expected = math.cos(x) * root + math.sin(x) * x / root
    assert slope == pytest.approx(
        expected, rel=1e-6 if at.dtype == np.float32 else 1e-12
    )


def test_second_derivatives():
    def f(x):
        return math.exp(math.sin(x)) * math.erf(x)

    slope = ad.grad(f)
    h = 1e-5
    expected = (slope(0.7 + h) - slope(0.7 - h)) / (2 * h)
    for nested in (ad.grad(ad.grad(f)), ad.jacfwd(ad.jacrev(f)), ad.hessian(f)):
        assert nested(0.7) == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize(
    ("f", "expected"),
    [
        (lambda x: x * math.floor(x), 2.0),
        (lambda x: x * math.ceil(x), 3.0),
        (lambda x: x * math.trunc(-x), -2.0),
        (lambda x: x if math.isfinite(x) and not math.isnan(x) else 0.0, 1.0),
        (lambda x: 2 * x if math.isclose(x, 2.5, rel_tol=1e-3) else x, 2.0),
        (lambda x: x * math.comb(math.floor(x) + 2, 2), 6.0),
        (lambda x: x * math.factorial(3) * math.gcd(4, 6), 12.0),
        (lambda x: x**2 if math.isinf(x) else x * math.ulp(1.0), math.ulp(1.0)),
    ],
)
def test_step_functions_are_concrete(f, expected):
    assert expected == ad.grad(f)(2.5)
    assert expected == ad.jvp(f, (2.5,), (1.0,))[1]


def test_a_step_function_of_a_batch_is_looped():
    """Each number of a batch has an integer of its own."""

    def f(x):
        return x * math.floor(x)

    with pytest.warns(
        ad.errors.BatchFallbackWarning, match=r"one integer .math.floor."
    ):
        given = ad.vmap(f)(np.array([1.5, 2.5]))
    np.testing.assert_array_equal(given, [1.5, 5.0])


@pytest.mark.parametrize(
    "f",
    [
        lambda x: math.sqrt(-x),
        lambda x: math.log(x - x),
        lambda x: math.acos(x + 2),
        lambda x: math.log(x, 1.0),
        lambda x: math.exp(1e4 * x),
        lambda x: math.sin(),
        math.factorial,
        lambda x: math.sin([x]),
        lambda x: math.atan2(x, "1"),
        lambda x: math.dist([x], [1.0, 2.0]),
        lambda x: math.sin(np.array([x, x])),
        lambda x: math.sqrt(complex(x, 1.0)),
    ],
)
def test_errors_are_maths_own(f):
    with pytest.raises(Exception) as plain:  # noqa: PT011 - whichever it is
        f(0.5)
    with pytest.raises(plain.type):
        ad.grad(f)(0.5)


@pytest.mark.parametrize("name", ["gamma", "lgamma"])
def test_what_has_no_rule_says_so(name):
    function = getattr(math, name)
    with pytest.raises(ad.errors.MissingRuleError) as caught:
        ad.grad(function)(1.5)
    assert f"math.{name} (traced argument 0) has no derivative rule" in str(
        caught.value
    )
    assert function(3.0) == ad.grad(lambda x: x * function(3.0))(1.0)


COMPLEX = [
    *(cmath.sin, cmath.cos, cmath.tan, cmath.asin, cmath.acos, cmath.atan),
    *(cmath.sinh, cmath.cosh, cmath.tanh, cmath.asinh, cmath.acosh, cmath.atanh),
    *(cmath.exp, cmath.log, cmath.log10, cmath.sqrt),
]


@pytest.mark.parametrize("function", COMPLEX, ids=lambda one: one.__name__)
def test_functions_of_a_complex_number(function):
    def f(x):
        z = function(complex(x, 0.5 * x)) * function(x)
        return z.real + 2.0 * z.imag

    check(f, 0.6)


def test_complex_numbers_made_and_taken_apart():
    def f(x):
        r, phi = cmath.polar(cmath.rect(x, 0.3 * x) + complex(imag=x))
        return r * phi + cmath.phase(complex(-1.0, x)) + abs(cmath.log(x, 2.0))

    check(f, 0.6)


def test_a_signed_zero_picks_the_side_of_the_cut():
    """``complex(x, -0.0)`` keeps its sign, as ``x + -0.0j`` would not."""
    below = ad.value_and_grad(lambda x: cmath.sqrt(complex(x, -0.0)).imag)(-4.0)
    above = ad.value_and_grad(lambda x: cmath.sqrt(complex(x, 0.0)).imag)(-4.0)
    assert (-2.0, 0.25) == below
    assert (2.0, -0.25) == above
