"""Numbers taken apart and put together: fraction, exponent, next number that there is.

``modf``, ``frexp`` and ``divmod`` give two results each, of which one is a step
function or an integer; each result is a function of its own here.
"""

import numpy as np

from adjoint._core.arrays import Value
from adjoint._core.dispatch import bind_operands
from adjoint._core.record import Kink
from adjoint._core.registry import implements
from adjoint._primitives._makers import REALS, constant, elementwise, linear

ldexp = linear(
    np.ldexp,
    (lambda out_bar, _out, _x, i: np.ldexp(out_bar, i), None),
    domain=(REALS, (-3, 3)),
)
nextafter = elementwise(
    np.nextafter,
    (
        lambda _out, x, _y: np.ones_like(x),
        lambda _out, x, _y: np.zeros_like(x),
    ),
    kinks=(Kink((1.0, 1.0), (1.0, 0.0), "the neighbour moves with the number"),),
)


def fraction(x: Value) -> Value:
    """Return the fractional part, of the sign of ``x``: ``np.modf(x)[0]``."""
    return np.modf(x)[0]


fraction_record = elementwise(
    fraction,
    (lambda _out, x: np.ones_like(x),),
    kinks=(Kink((2.0,), (1.0,), "at an integer: the slope on either side"),),
)


def exponent(x: Value) -> Value:
    """Return e in x = m 2**e with 1/2 <= abs(m) < 1: ``np.frexp(x)[1]``."""
    return np.frexp(x)[1]


exponent_record = constant(exponent)


@implements(np.ldexp)
def scaled(x1: Value, x2: Value) -> Value:
    """Return x1 * 2**x2, of an integer that has no derivative."""
    return bind_operands(ldexp, (x1, x2))


@implements(np.modf)
def modf(x: Value) -> tuple[Value, Value]:
    """Return the fractional part, of slope 1, and the integral part, a step."""
    return x.entries[fraction_record](x), np.trunc(x)


@implements(np.frexp)
def frexp(x: Value) -> tuple[Value, Value]:
    """Return the mantissa, of slope 2**-e, and the exponent e, an integer."""
    e = x.entries[exponent_record](x)
    return np.ldexp(x, np.negative(e)), e


@implements(np.divmod)
def divmod_of(x1: Value, x2: Value) -> tuple[Value, Value]:
    """Return the floor of the quotient, a step function, and the remainder."""
    return np.floor_divide(x1, x2), np.remainder(x1, x2)
