"""``np.i0``, the modified Bessel function, and those of higher order for its slopes.

I0' = I1 and 2 I_n' = I_(n-1) + I_(n+1) (Abramowitz & Stegun 1964, 9.6.26).  NumPy has
the order 0 alone; SciPy, loaded when a slope is first asked for, has the others.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from adjoint._core.arrays import Value
from adjoint._core.dispatch import bind
from adjoint._core.handle import Handle
from adjoint._core.record import Example, Layout
from adjoint._primitives._makers import elementwise, general


def bessel_i(x: Value, order: int) -> Value:
    """Return the modified Bessel function of the first kind of an integer order."""
    if isinstance(x, Handle):
        return bind(bessel, (x,), (order,))
    from scipy import special

    return special.iv(order, x)


def _slope(x: Value, order: int) -> Value:
    return 0.5 * (bessel_i(x, abs(order - 1)) + bessel_i(x, order + 1))


def _push(
    _out: Value, args: Sequence[Value], tangents: Sequence[Value], params: Any
) -> Value:
    return _slope(args[0], *params) * tangents[0]


bessel = general(
    bessel_i,
    bessel_i,
    (lambda out_bar, _out, x, order: out_bar * _slope(x, order),),
    layout=Layout.ELEMENTWISE,
    pushforward=_push,
    batch=lambda args, _batched, _size, order: bessel_i(args[0], order),
    examples=tuple(Example(((2, 3),), (order,)) for order in (0, 1, 2)),
    reference="Abramowitz & Stegun 1964, 9.6.26",
)
i0 = elementwise(
    np.i0,
    (lambda _out, x: bessel_i(x, 1),),
    reference="Abramowitz & Stegun 1964, 9.6.27",
)
