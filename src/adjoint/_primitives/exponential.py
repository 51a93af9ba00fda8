"""Exponentials and logarithms."""

import numpy as np

from adjoint._core.arrays import Value
from adjoint._core.record import Kink
from adjoint._primitives._makers import POSITIVE, elementwise
from adjoint._primitives.arithmetic import share_of_tie

LN2 = float(np.log(2.0))
LN10 = float(np.log(10.0))

_POLE = (Kink((0.0,), (np.inf,), "the one-sided limit"),)


def exp_slope(out: Value, x: Value) -> Value:  # noqa: ARG001 - named, so kept
    """Return the result; the argument is kept for ``log(sum(exp(x)))`` out of range."""
    return out


exp = elementwise(np.exp, (exp_slope,))
exp2 = elementwise(np.exp2, (lambda out, _x: LN2 * out,))
expm1 = elementwise(np.expm1, (lambda out, _x: out + 1.0,))
log = elementwise(
    np.log,
    (lambda _out, x: np.divide(1.0, x),),
    domain=(POSITIVE,),
    slope_may_be_infinite=True,
    kinks=_POLE,
)
log2 = elementwise(
    np.log2,
    (lambda _out, x: np.divide(1.0 / LN2, x),),
    domain=(POSITIVE,),
    slope_may_be_infinite=True,
    kinks=_POLE,
)
log10 = elementwise(
    np.log10,
    (lambda _out, x: np.divide(1.0 / LN10, x),),
    domain=(POSITIVE,),
    slope_may_be_infinite=True,
    kinks=_POLE,
)
log1p = elementwise(
    np.log1p,
    (lambda _out, x: np.divide(1.0, 1.0 + x),),
    domain=(POSITIVE,),
    slope_may_be_infinite=True,
    kinks=(Kink((-1.0,), (np.inf,), "the one-sided limit"),),
)


def share_of_sum(out: Value, mine: Value, other: Value, exponential: np.ufunc) -> Value:
    """Return exp(mine - out): which part of the sum of exponentials is mine.

    Two terms of exp(-inf) = 0 make no sum that could move: the share is 0.  An infinite
    sum belongs to its infinite terms.  Of nan it is nan, as the sum.
    """
    infinite = np.isinf(out)
    share = exponential(np.where(infinite, 0.0, mine - out))
    limit = np.where(np.less(out, 0), 0.0, share_of_tie(out, mine, other))
    return np.where(infinite, limit, share)


_LOG_SPACE_KINKS = (
    Kink((-np.inf, -np.inf), (0.0, 0.0), "log 0: no term, no derivative"),
    Kink((-np.inf, 1.0), (0.0, 1.0), "the limit"),
    Kink((np.inf, 1.0), (1.0, 0.0), "the limit"),
    Kink((np.inf, np.inf), (0.5, 0.5), "ties split equally"),
)
logaddexp = elementwise(
    np.logaddexp,
    (
        lambda out, x, y: share_of_sum(out, x, y, np.exp),
        lambda out, x, y: share_of_sum(out, y, x, np.exp),
    ),
    kinks=_LOG_SPACE_KINKS,
)
logaddexp2 = elementwise(
    np.logaddexp2,
    (
        lambda out, x, y: share_of_sum(out, x, y, np.exp2),
        lambda out, x, y: share_of_sum(out, y, x, np.exp2),
    ),
    kinks=_LOG_SPACE_KINKS,
)
