"""Functions that treat complex and real arguments differently."""

import operator

import numpy as np

from adjoint._core.arrays import Value, dtype_of
from adjoint._core.dispatch import bind, bind_one
from adjoint._core.handle import Handle
from adjoint._core.registry import RECORDS, implements
from adjoint._primitives.complexes import modulus, unit


def is_complex(x: Value) -> bool:
    """Tell whether a value has a complex dtype."""
    return dtype_of(x).kind == "c"


@implements(np.real)
def real(val: Value) -> Value:
    """Return the real part: ``val`` itself, for real dtypes."""
    return bind_one(RECORDS[np.real], val, ()) if is_complex(val) else val


@implements(np.imag)
def imag(val: Value) -> Value:
    """Return the imaginary part: plain zeros, for real dtypes."""
    if is_complex(val):
        return bind_one(RECORDS[np.imag], val, ())
    zeros = np.zeros_like(val)
    zeros.flags.writeable = False  # as NumPy's: a write would go nowhere
    return zeros if val.shape else zeros[()]


@implements(np.conjugate)
def conjugate(x: Value) -> Value:
    """Return the complex conjugate: a copy of ``x``, for real dtypes."""
    return bind(RECORDS[np.conjugate], (x,)) if is_complex(x) else np.positive(x)


@implements(np.absolute)
def absolute(x: Value) -> Value:
    """Return |x|, whose slope at 0 is 0."""
    if is_complex(x):
        return bind(RECORDS[modulus], (x,), (np.absolute,))
    return _entry(np.absolute, x)


@implements(operator.abs)
def absolute_of_complex(z: Value) -> Value:
    """Return ``abs(z)`` of complex numbers."""
    return bind(RECORDS[modulus], (z,), (operator.abs,))


@implements(np.sign)
def sign(x: Value) -> Value:
    """Return the sign, piecewise constant; for complex z, z / |z|, and 0 at 0."""
    return bind(RECORDS[unit], (x,)) if is_complex(x) else _entry(np.sign, x)


@implements(np.angle)
def angle(z: Value, deg: bool = False) -> Value:
    """Return the argument of complex numbers, arctan2(y, x)."""
    radians = np.arctan2(np.imag(z), np.real(z))
    return radians * (180 / np.pi) if deg else radians


@implements(np.isreal)
def without_imaginary_part(x: Value) -> Value:
    """Return where the imaginary part is 0: a constant for derivatives."""
    return np.equal(np.imag(x), 0)


@implements(np.iscomplex)
def with_imaginary_part(x: Value) -> Value:
    """Return where the imaginary part is not 0: a constant for derivatives."""
    return np.not_equal(np.imag(x), 0)


@implements(np.real_if_close)
def real_if_close(a: Value, tol: float = 100) -> Value:
    """Return the real part, if all imaginary parts are within ``tol`` epsilons of 0.

    A ``tol`` of at most 1 is the bound itself.
    """
    if not is_complex(a):
        return a
    bound = np.finfo(a.dtype).eps * tol if tol > 1 else tol
    return np.real(a) if np.all(np.absolute(np.imag(a)) < bound) else a


def _entry(ufunc: np.ufunc, x: Handle) -> Value:
    """Return what the mode's own entry of a ufunc gives, past the choice made here."""
    return x.entries[RECORDS[ufunc]](x)
