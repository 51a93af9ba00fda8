"""``float(x)`` and ``complex(x, y)``: Python's own numbers, weak beside arrays.

And `held`: a value that is to be a constant.
"""

from typing import Any

import numpy as np

from adjoint._core.arrays import Value, dtype_of, shape_of
from adjoint._core.dispatch import bind, bind_one
from adjoint._core.elements import held
from adjoint._core.handle import Handle
from adjoint._core.record import Example, Layout
from adjoint._core.registry import RECORDS
from adjoint._primitives._makers import constant, linear, structural


def as_float(x: Value) -> Value:
    """Return ``float(x)`` of a number, or of what NumPy lets pass for one.

    Of NumPy's complex numbers the real part is left, with NumPy's warning.

    Raises
    ------
    TypeError
        For arrays, as NumPy does (up to NumPy 2.3 not for those of one element), and
        for Python's complex numbers.
    """
    if not isinstance(x, Handle):
        return float(x)
    if x.shape:
        float(np.broadcast_to(0.0, x.shape))  # its own error, or warning
    if x.dtype.kind == "c":
        kind: type = x.__class__
        float(0j if kind is complex else np.complex128(0))  # type: ignore[arg-type]
        x = np.real(x)
    return bind_one(RECORDS[as_float], x, ())


def _batch(x: Value) -> Any:
    """Return a vector of Python's floats, which are double whatever they come from."""
    flat = np.real(np.reshape(x, (shape_of(x)[0],)))
    return flat if dtype_of(flat) == np.float64 else flat.astype(np.float64)


conversion = structural(
    as_float,
    as_float,
    lambda out_bar, x_shape: np.reshape(np.real(out_bar), x_shape),
    layout=Layout.REINDEXING,
    batch=_batch,
    examples=(Example(((),)),),
)


def as_complex(re: Value, im: Value) -> Value:
    """Return ``complex(re, im)`` of two real numbers."""
    if isinstance(re, Handle) or isinstance(im, Handle):
        return bind(RECORDS[as_complex], (re, im))
    if not shape_of(re) and not shape_of(im):
        return complex(re, im)
    like = np.result_type(re, im, np.complex64)
    out = np.empty_like(re, like, shape=np.broadcast_shapes(shape_of(re), shape_of(im)))
    out.real, out.imag = re, im
    return out


complex_conversion = linear(
    as_complex,
    (
        lambda out_bar, _out, _re, _im: np.real(out_bar),
        lambda out_bar, _out, _re, _im: -np.imag(out_bar),
    ),
    examples=(Example(((2, 3), (2, 3))),),
)

constant(held)
