"""Sums, products, quotients, powers, absolute value, extrema of two."""

import numpy as np

from adjoint._core.arrays import (
    PYTHON_REALS,
    PYTHON_SCALARS,
    Value,
    dtype_of,
    in_dtype_of,
)
from adjoint._core.record import Kink
from adjoint._primitives._makers import POSITIVE, REALS, elementwise, linear


# The tape has forms of their own for the rules with names (see ``entries.py``): what
# they do is less than it costs to call them.
def same(out_bar: Value, _out: Value, _x: Value, _y: Value) -> Value:
    """Return the cotangent as it is."""
    return out_bar


def opposite(out_bar: Value, _out: Value, _x: Value) -> Value:
    """Return minus the cotangent."""
    return -out_bar


def opposite_of_two(out_bar: Value, _out: Value, _x: Value, _y: Value) -> Value:
    """Return minus the cotangent, of an operation with two operands."""
    return -out_bar


def left_factor(_out: Value, x: Value, _y: Value) -> Value:
    """Return the slope of ``x * y`` by ``y``."""
    return x


def right_factor(_out: Value, _x: Value, y: Value) -> Value:
    """Return the slope of ``x * y`` by ``x``."""
    return y


add = linear(np.add, (same, same))
subtract = linear(np.subtract, (same, opposite_of_two))
negative = linear(np.negative, (opposite,))
positive = linear(np.positive, (lambda out_bar, _out, _x: out_bar,))

multiply = elementwise(np.multiply, (right_factor, left_factor))


def inverse(y: Value) -> Value:
    """Return 1 / y; of a Python number again one, whose dtype stays weak."""
    if type(y) in PYTHON_SCALARS and y != 0:
        return 1.0 / y
    return np.divide(1.0, y)


divide = elementwise(
    np.divide,
    (
        lambda _out, _x, y: inverse(y),
        lambda out, _x, y: np.divide(-out, y),
    ),
    domain=(REALS, POSITIVE),
    slope_may_be_infinite=True,
)
reciprocal = elementwise(
    np.reciprocal,
    (lambda out, _x: -np.square(out),),
    domain=(POSITIVE,),
    slope_may_be_infinite=True,
)
square = elementwise(np.square, (lambda _out, x: 2.0 * x,))


def power_slope_of_base(_out: Value, x: Value, y: Value) -> Value:
    """Return y x**(y-1), and 0 where both are 0 (x**0 is the constant 1, at 0 too)."""
    if type(y) in PYTHON_REALS:
        if y == 2:
            return 2.0 * x
        return y * np.power(x, y - 1.0) if y != 0 else np.zeros_like(x)
    both_zero = np.logical_and(np.equal(y, 0), np.equal(x, 0))
    return y * np.power(np.where(both_zero, 1.0, x), y - 1.0)


def power_slope_of_exponent(out: Value, x: Value, y: Value) -> Value:
    """Return x**y log x, and 0 where x is 0 and y not negative (the limit, y > 0).

    A real x below 0 has a complex logarithm where y is complex.
    """
    if dtype_of(out).kind == "c":
        x = x + 0j
    vanishing = np.logical_and(np.equal(x, 0), np.greater_equal(y, 0))
    slope = np.where(vanishing, 0.0, out * np.log(np.where(vanishing, 1.0, x)))
    return in_dtype_of(out, slope)  # the logarithm of a Python number is float64


_POWER_KINKS = (
    Kink((0.0, 0.0), (0.0, 0.0), "x**0 is 1; 0**y counts as constant at y = 0"),
    Kink((0.0, 1.0), (1.0, 0.0), "limits"),
    Kink((0.0, 2.0), (0.0, 0.0), "limits"),
)

power = elementwise(
    np.power,
    (power_slope_of_base, power_slope_of_exponent),
    domain=(POSITIVE, REALS),
    slope_may_be_infinite=True,
    kinks=_POWER_KINKS,
)
float_power = elementwise(
    np.float_power,
    (power_slope_of_base, power_slope_of_exponent),
    domain=(POSITIVE, REALS),
    slope_may_be_infinite=True,
    kinks=_POWER_KINKS,
)
sqrt = elementwise(
    np.sqrt,
    (lambda out, _x: np.divide(0.5, out),),
    domain=(POSITIVE,),
    slope_may_be_infinite=True,
    kinks=(Kink((0.0,), (np.inf,), "the one-sided limit"),),
)
cbrt = elementwise(
    np.cbrt,
    (lambda out, _x: np.divide(1.0 / 3.0, np.square(out)),),
    domain=(POSITIVE,),
    slope_may_be_infinite=True,
    kinks=(Kink((0.0,), (np.inf,), "the limit from both sides"),),
)

_ABSOLUTE_KINK = Kink((0.0,), (0.0,), "the symmetric subgradient")
absolute = elementwise(
    np.absolute, (lambda _out, x: np.sign(x),), kinks=(_ABSOLUTE_KINK,)
)
fabs = elementwise(np.fabs, (lambda _out, x: np.sign(x),), kinks=(_ABSOLUTE_KINK,))


def hypot_slope(out: Value, x: Value) -> Value:
    """Return x / hypot(x, y), and 0 at the origin (the symmetric subgradient)."""
    origin = np.equal(out, 0)
    return np.where(origin, 0.0, np.divide(x, np.where(origin, 1.0, out)))


hypot = elementwise(
    np.hypot,
    (lambda out, x, _y: hypot_slope(out, x), lambda out, _x, y: hypot_slope(out, y)),
    kinks=(Kink((0.0, 0.0), (0.0, 0.0), "the symmetric subgradient"),),
)

remainder = elementwise(
    np.remainder,
    (
        lambda _out, x, _y: np.ones_like(x),
        lambda _out, x, y: -np.floor_divide(x, y),
    ),
    domain=(REALS, POSITIVE),
    slope_may_be_infinite=True,
    kinks=(Kink((2.0, 1.0), (1.0, -2.0), "at a multiple: the right-hand slopes"),),
)
fmod = elementwise(
    np.fmod,
    (
        lambda _out, x, _y: np.ones_like(x),
        lambda _out, x, y: -np.trunc(np.divide(x, y)),
    ),
    domain=(REALS, POSITIVE),
    slope_may_be_infinite=True,
    kinks=(Kink((2.0, 1.0), (1.0, -2.0), "at a multiple: the right-hand slopes"),),
)
copysign = elementwise(
    np.copysign,
    (
        lambda _out, x, y: np.copysign(1.0, x) * np.copysign(1.0, y),
        lambda _out, x, _y: np.zeros_like(x),
    ),
)


def share_of_tie(out: Value, mine: Value, other: Value) -> Value:
    """Return 1 where ``mine`` was taken, else 0; 1/2 at ties; nan takes nan's side."""
    if type(out) is np.ndarray:
        taken = np.equal(out, mine)
        if np.not_equal(taken, np.equal(out, other)).all():  # no ties, no nan
            return taken.astype(out.dtype)
    won = np.logical_or(np.equal(out, mine), np.isnan(mine))
    tied = np.logical_or(np.equal(mine, other), np.isnan(other))
    # Not by np.where, which guesses each element and is ten times as long about it.
    halves = np.logical_and(won, np.logical_not(tied)) + won.astype(np.int8)
    return halves * dtype_of(out).type(0.5)


def share_of_number(out: Value, mine: Value, other: Value) -> Value:
    """Return the share in an extremum that passes over nan: a number beats nan."""
    alone = np.logical_and(np.isnan(other), np.logical_not(np.isnan(mine)))
    won = np.logical_or(np.equal(out, mine), alone)
    both_nan = np.logical_and(np.isnan(mine), np.isnan(other))
    tied = np.logical_or(np.equal(mine, other), both_nan)
    return in_dtype_of(out, np.where(tied, 0.5, np.where(won, 1.0, 0.0)))


_TIES = (Kink((1.0, 1.0), (0.5, 0.5), "ties split equally"),)
maximum, minimum = (
    elementwise(
        function,
        (share_of_tie, lambda out, x, y: share_of_tie(out, y, x)),
        kinks=_TIES,
    )
    for function in (np.maximum, np.minimum)
)
fmax, fmin = (
    elementwise(
        function,
        (share_of_number, lambda out, x, y: share_of_number(out, y, x)),
        kinks=(
            *_TIES,
            Kink((1.0, np.nan), (1.0, 0.0), "a number beats nan"),
            Kink((np.nan, 1.0), (0.0, 1.0), "a number beats nan"),
        ),
    )
    for function in (np.fmax, np.fmin)
)
