"""Exponentials and logarithms."""

import numpy as np

from adjoint._core.record import Kink
from adjoint._primitives._makers import POSITIVE, elementwise

LN2 = float(np.log(2.0))
LN10 = float(np.log(10.0))

_POLE = (Kink((0.0,), (np.inf,), "the one-sided limit"),)

exp = elementwise(np.exp, (lambda out, _x: out,))
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
