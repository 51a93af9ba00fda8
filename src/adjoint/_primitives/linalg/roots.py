"""The square root of a sum of squares: what Euclidean norms end with.

The slope of a square root at 0 is infinite, but a norm is not steep there: it has a
kink, as the absolute value has, and the symmetric slope 0 is taken.
"""

import numpy as np

from adjoint._core.arrays import Value
from adjoint._core.dispatch import bind, highest_trace
from adjoint._core.record import Kink
from adjoint._primitives._makers import POSITIVE, elementwise


def root_of_squares(x: Value) -> Value:
    """Return ``sqrt(x)`` with slope 0 at 0; dispatches by itself."""
    if highest_trace((x,)) is not None:
        return bind(root, (x,))
    return np.sqrt(x)


def _slope(out: Value, _x: Value) -> Value:
    return 0.5 / np.where(np.equal(out, 0), np.inf, out)


root = elementwise(
    root_of_squares,
    (_slope,),
    domain=(POSITIVE,),
    kinks=(Kink((0.0,), (0.0,), "a norm at the zero vector has slope 0"),),
)
