"""Real part, imaginary part, complex conjugate: what complex numbers add to the rules.

Cotangents pair with tangents without conjugation: ``Re sum(w * J v)`` equals
``Re sum((Jᵀ w) * v)`` (see docs/conventions.rst).  So the rules of holomorphic
functions are those of real ones, letter by letter.  Only where a complex argument gives
a real result must a rule do more: it takes the real part of its cotangent, since what
reaches a real value may carry an imaginary part that means nothing.
"""

import numpy as np

from adjoint._core.record import Example, Layout
from adjoint._primitives._makers import linear, structural

real = structural(
    np.real,
    np.real,
    lambda out_bar, _x_shape: np.real(out_bar),
    layout=Layout.REINDEXING,
    batch=np.real,
    examples=(Example(((2, 3),)), Example(((),))),
)
imag = structural(
    np.imag,
    np.imag,
    lambda out_bar, _x_shape: np.multiply(-1j, np.real(out_bar)),
    layout=Layout.REINDEXING,
    batch=np.imag,
    examples=(Example(((2, 3),)), Example(((),))),
)
conjugate = linear(np.conjugate, (lambda out_bar, _out, _x: np.conjugate(out_bar),))
