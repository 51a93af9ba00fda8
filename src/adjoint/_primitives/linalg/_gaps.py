"""Quotients by the gaps between eigenvalues or singular values.

The derivative of an eigenvector has the terms x_ij / (λ_j - λ_i), where x_ij is half of
v_iᵀ v̄_j - v_jᵀ v̄_i (of complex vectors, the second is conjugated).  Where two
eigenvalues are equal there is none: any two vectors of their plane would do.  What such
a quotient is then:

- 0 if v_iᵀ v̄_j and v_jᵀ v̄_i are exactly 0, and the cotangents of the eigenvalues are
  equal: nothing depends on the choice of these vectors;
- 0 if x_ij is 0 but for rounding and nothing depends on eigenvalues at all: then the
  function depends on the plane alone (on a projector, say), which is smooth;
- infinite or nan else.  To take 0 whenever x_ij is 0 is tempting, but wrong: of
  v diag(λ) vᵀ, the matrix again, x_ij tends to 0 with the gap, and the quotient to an
  element of the cotangent.

Values alone, without vectors, have derivatives without such quotients.
"""

import numpy as np

from adjoint._core.arrays import Value, has_nonzero, has_zero
from adjoint._core.dispatch import bind, decide, highest_trace
from adjoint._core.errors import warn_of_convention
from adjoint._core.handle import strip
from adjoint._core.record import Kink
from adjoint._primitives._makers import POSITIVE, REALS, elementwise
from adjoint._primitives.linalg._matrices import (
    conjugate_transposed,
    identity_like,
    is_complex,
)


def over_gap(x: Value, gap: Value) -> Value:
    """Return ``x / gap``, and 0 where x is exactly 0 and gap 0 or nan.

    Dispatches by itself.
    """
    if highest_trace((x, gap)) is not None:
        return bind(quotient, (x, gap))
    with np.errstate(divide="ignore", invalid="ignore"):
        out = np.divide(x, gap)
    undecided = np.logical_or(np.equal(gap, 0), np.isnan(gap))
    return np.where(np.logical_and(np.equal(x, 0), undecided), 0.0, out)[()]


quotient = elementwise(
    over_gap,
    (
        lambda _out, _x, gap: np.divide(1.0, gap),
        lambda out, _x, gap: np.divide(-out, gap),
    ),
    domain=(REALS, POSITIVE),
    slope_may_be_infinite=True,
    kinks=(Kink((0.0, 0.0), (np.inf, np.nan), "0 is the value only, not a limit"),),
)


_ROUNDING = 8.0
"""Units in the last place, of a sum of sizes, by which LAPACK may part equal values."""


def gaps(values: Value, sign: float = -1.0, *, fill: bool = True) -> Value:
    """Return λ_j + sign λ_i, 0 where that is rounding alone.

    At i = j, 1 is added, unless ``fill`` is false.
    """
    gap = np.expand_dims(values, -2) + sign * np.expand_dims(values, -1)
    size = np.sum(np.abs(values), axis=-1, keepdims=True)
    rounding = np.expand_dims(size, -1) * (_ROUNDING * np.finfo(values.dtype).eps)
    close = np.less_equal(np.abs(gap), rounding)
    gap = np.where(close, 0.0, gap)
    return gap + identity_like(values) if fill else gap


def turned(m: Value, gap: Value, *, alone: bool) -> Value:
    """Return (m_ij - conj(m_ji)) / 2 over the gaps, by the rules of this module.

    ``alone`` says that nothing depends on the eigenvalues.
    """
    if not _meet(gap):
        return skew(m) / gap
    if alone:
        return warned(over_gap(_without_rounding(m, gap), gap))
    return warned(0.5 * (over_gap(m, gap) - over_gap(conjugate_transposed(m), gap)))


def warned(x: Value) -> Value:
    """Return quotients by gaps; warn if one is not finite."""
    if not np.all(np.isfinite(strip(x))):
        warn_of_convention(
            "A result depends on the vectors of equal eigenvalues or singular values, "
            "which any rotation among them would change: they have no derivative, so "
            "infinite or nan is returned. Use functions of the values alone, or of the "
            "plane the vectors span (projectors), or part the values."
        )
    return x


def disagreement(bar: Value, gap: Value, sign: float = -1.0) -> Value:
    """Return 0, but infinity where values that meet have different cotangents.

    With ``sign`` 1, where the cotangents of values that meet at 0 are not 0.
    """
    if not _meet(gap):
        return 0.0
    difference = np.expand_dims(bar, -2) + sign * np.expand_dims(bar, -1)
    at_gap = np.where(np.equal(gap, 0), difference, 0.0)
    if not decide("equal", has_nonzero, at_gap):
        return 0.0
    return warned(over_gap(difference, np.where(np.equal(gap, 0), gap, np.inf)))


def _meet(gap: Value) -> bool:
    """Tell whether two values are equal, in any matrix of the stack."""
    return bool(decide("equal", has_zero, gap))


def _without_rounding(m: Value, gap: Value) -> Value:
    """Return `skew` of m, but 0 for what is rounding, where the gap is 0."""
    x, size = skew(m), np.sum(np.abs(m), axis=(-2, -1), keepdims=True)
    small = np.less_equal(np.abs(x), _ROUNDING * np.finfo(m.dtype).eps * size)
    return np.where(np.logical_and(small, np.equal(gap, 0)), 0.0, x)


def skew(x: Value) -> Value:
    """Return the antisymmetric (anti-Hermitian) part of matrices."""
    return 0.5 * (x - conjugate_transposed(x))


def without_phases(x: Value) -> Value:
    """Return matrices with zeros on the diagonal, if they are complex.

    There stands what a function gains if a vector is multiplied by a phase.  No
    equation determines the phases; tangents are those of vectors that do not turn.
    """
    return x * (1.0 - np.eye(x.shape[-1], dtype=x.real.dtype)) if is_complex(x) else x
