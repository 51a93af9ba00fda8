"""Trigonometric and hyperbolic functions, and their inverses."""

import math

import numpy as np

from adjoint._core.arrays import Value, dtype_of
from adjoint._core.record import Kink
from adjoint._primitives._makers import elementwise

UNIT = (-0.9, 0.9)
ABOVE_ONE = (1.2, 3.0)
DEGREE = float(np.pi / 180.0)

sin = elementwise(np.sin, (lambda _out, x: np.cos(x),))
cos = elementwise(np.cos, (lambda _out, x: -np.sin(x),))
tan = elementwise(
    np.tan, (lambda out, _x: 1.0 + np.square(out),), domain=((-1.2, 1.2),)
)


def _one_minus_square(x: Value) -> Value:
    """Return 1 - x², for complex numbers on the side of the cut that x is on.

    There the sign of a zero imaginary part says which: that of 1 - x is lost.
    """
    if dtype_of(x).kind == "c":
        return np.negative(x - 1.0) * (1.0 + x)
    return (1.0 - x) * (1.0 + x)


arcsin = elementwise(
    np.arcsin,
    (lambda _out, x: np.divide(1.0, np.sqrt(_one_minus_square(x))),),
    domain=(UNIT,),
    slope_may_be_infinite=True,
    kinks=(Kink((1.0,), (np.inf,), "the one-sided limit"),),
)
arccos = elementwise(
    np.arccos,
    (lambda _out, x: np.divide(-1.0, np.sqrt(_one_minus_square(x))),),
    domain=(UNIT,),
    slope_may_be_infinite=True,
    kinks=(Kink((1.0,), (-np.inf,), "the one-sided limit"),),
)
arctan = elementwise(np.arctan, (lambda _out, x: np.divide(1.0, 1.0 + np.square(x)),))


def _squared_radius(x: Value, y: Value) -> Value:
    return np.square(x) + np.square(y)


arctan2 = elementwise(
    np.arctan2,
    (
        lambda _out, x, y: np.divide(y, _squared_radius(x, y)),
        lambda _out, x, y: np.divide(-x, _squared_radius(x, y)),
    ),
    domain=((0.3, 2.0), (-2.0, 2.0)),
    slope_may_be_infinite=True,
    kinks=(Kink((0.0, 0.0), (np.nan, np.nan), "undefined at the origin"),),
)
sinh = elementwise(np.sinh, (lambda _out, x: np.cosh(x),))
cosh = elementwise(np.cosh, (lambda _out, x: np.sinh(x),))


def tanh_slope(out: Value, _x: Value) -> Value:
    """Return 1 - out².

    In one array: a second one of a million elements costs five times as much as the
    arithmetic, in fresh pages of memory.
    """
    square = np.square(out)
    if type(square) is np.ndarray:
        return np.subtract(1.0, square, out=square)
    return 1.0 - square


tanh = elementwise(np.tanh, (tanh_slope,))


def arcsinh_slope(_out: Value, x: Value) -> Value:
    """Return 1 / sqrt(1 + x²), for real x without overflow."""
    if dtype_of(x).kind == "c":
        return np.divide(1.0, np.sqrt(1.0 + np.square(x)))
    return np.divide(1.0, np.hypot(x, 1.0))


arcsinh = elementwise(np.arcsinh, (arcsinh_slope,))
arccosh = elementwise(
    np.arccosh,
    (lambda _out, x: np.divide(1.0, np.sqrt(x - 1.0) * np.sqrt(x + 1.0)),),
    domain=(ABOVE_ONE,),
    slope_may_be_infinite=True,
    kinks=(Kink((1.0,), (np.inf,), "the one-sided limit"),),
)
arctanh = elementwise(
    np.arctanh,
    (lambda _out, x: np.divide(1.0, (1.0 - x) * (1.0 + x)),),
    domain=(UNIT,),
    slope_may_be_infinite=True,
    kinks=(Kink((1.0,), (np.inf,), "the one-sided limit"),),
)
deg2rad, radians = (
    elementwise(function, (lambda _out, _x: DEGREE,))
    for function in (np.deg2rad, np.radians)
)
rad2deg, degrees = (
    elementwise(function, (lambda _out, _x: 1.0 / DEGREE,))
    for function in (np.rad2deg, np.degrees)
)


_SINC_SERIES = tuple(
    (-1) ** k * 2 * k / math.factorial(2 * k + 1) for k in range(9, 0, -1)
)
"""Coefficients of d/du (sin u / u) in u, u**3 ... u**17, the highest first."""
_NEAR = 0.25
"""Where |x| is less, the series is exact to rounding, and the quotient is not."""


def sinc_slope(out: Value, x: Value) -> Value:
    """Return (cos(pi x) - sinc x) / x, near 0 by its series: slope 0, then -pi**2/3."""
    near = np.less(np.absolute(x), _NEAR)
    away = np.where(near, 1.0, x)
    quotient = (np.cos(math.pi * away) - np.where(near, 0.0, out)) / away
    u = math.pi * np.where(near, x, 0.0)
    square, series = np.square(u), 0.0
    for coefficient in _SINC_SERIES:
        series = series * square + coefficient
    return np.where(near, math.pi * u * series, quotient)


sinc = elementwise(np.sinc, (sinc_slope,), kinks=(Kink((0.0,), (0.0,), "the limit"),))
