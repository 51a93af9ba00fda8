"""Quotients by the gaps between eigenvalues or singular values.

The derivative of an eigenvector has the terms x_ij / (λ_j - λ_i), where x_ij is half of
v_iᵀ v̄_j - v_jᵀ v̄_i (of complex vectors, the second is conjugated).  Where two
eigenvalues are equal there is none: any two vectors of their plane would do.  What such
a quotient is then:

- 0 if v̄_i and v̄_j are exactly 0, and the cotangents of the eigenvalues are equal:
  nothing depends on the choice of these vectors;
- 0 if x_ij is 0 but for rounding and nothing depends on eigenvalues at all: then the
  function depends on the plane alone (on a projector, say), which is smooth;
- nan, also then, if v_iᵀ v̄_j and v_jᵀ v̄_i are both exactly 0, as those of v_00 are
  where v is the identity: this says nothing of other vectors in the plane;
- infinite or nan else.  To take 0 whenever x_ij is 0 is tempting, but wrong: of
  v diag(λ) vᵀ, the matrix again, x_ij tends to 0 with the gap, and the quotient to an
  element of the cotangent.

Values alone, without vectors, have derivatives without such quotients.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from adjoint._core.arrays import Value, align, has_nonzero, has_zero
from adjoint._core.dispatch import bind, decide, highest_trace
from adjoint._core.errors import warn_of_convention
from adjoint._core.handle import strip
from adjoint._core.record import Example, Kink
from adjoint._primitives._makers import POSITIVE, REALS, elementwise, general
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


def of_positive(s: Value, x: Value) -> Value:
    """Return ``x`` where the singular value s is positive, else 0.

    At 0 it has a kink, as the absolute value has, of slope 0.  Beyond the first
    derivative nothing is known there: that of s² is smooth, that of s is not, and what
    both hand on is 0.  So its own slopes are nan.  Dispatches by itself.
    """
    if highest_trace((s, x)) is not None:
        return bind(at_positive, (s, x))
    return np.where(np.logical_or(np.greater(s, 0), np.isnan(x)), x, 0.0)


def _slope_of_sign(s: Value, x: Value) -> Value:
    """Return 0; nan where something other than 0 is left out."""
    left_out = np.logical_and(np.equal(s, 0), np.not_equal(x, 0))
    return np.where(left_out, np.nan, np.zeros_like(s))


def _slope_of_rest(s: Value) -> Value:
    """Return 1; nan at 0.  Products with it are plain ones: 0 times nan is nan."""
    if not decide("positive", has_zero, s):
        return np.ones_like(s)
    return warned(np.where(np.greater(s, 0), np.ones_like(s), np.nan))


def _push_positive(
    _out: Value, args: Sequence[Value], tangents: Sequence[Value], _params: Any
) -> Value:
    s, x = args
    s_dot, x_dot = tangents
    of_sign = 0.0 if s_dot is None else s_dot * _slope_of_sign(s, x)
    return of_sign if x_dot is None else of_sign + x_dot * _slope_of_rest(s)


at_positive = general(
    of_positive,
    of_positive,
    (
        lambda out_bar, _out, s, x: out_bar * _slope_of_sign(s, x),
        lambda out_bar, _out, s, _x: out_bar * _slope_of_rest(s),
    ),
    pushforward=_push_positive,
    batch=lambda args, batched, _size: of_positive(*align(args, batched)),
    domain=(POSITIVE, REALS),
    examples=(Example(((3,), (3,))),),
)


def one_if_known(s: Value) -> Value:
    """Return ones, whose derivative is nan where the singular value s is 0.

    Of a matrix that is not square, the derivative of such a value has one itself that
    is infinite, whatever is multiplied by it.
    """
    if highest_trace((s,)) is None:
        return np.ones_like(s)
    return bind(known, (s,))


def _slope_of_one(s: Value) -> Value:
    return np.where(np.equal(s, 0), np.nan, np.zeros_like(s))


known = general(
    one_if_known,
    one_if_known,
    (lambda out_bar, _out, s: out_bar * _slope_of_one(s),),
    pushforward=lambda _out, args, dots, _params: dots[0] * _slope_of_one(args[0]),
    batch=lambda args, _batched, _size: one_if_known(args[0]),
    domain=(POSITIVE,),
    examples=(Example(((3,),)),),
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


def turned(m: Value, gap: Value, used: Value, *, alone: bool) -> Value:
    """Return (m_ij - conj(m_ji)) / 2 over the gaps, by the rules of this module.

    ``used`` tells which vectors have a cotangent, ``alone`` says that nothing depends
    on the eigenvalues.
    """
    if not _meet(gap):
        return skew(m) / gap
    transpose = conjugate_transposed(m)
    blind = np.logical_and(np.equal(m, 0), np.equal(transpose, 0))
    blind = np.logical_and(blind, np.equal(gap, 0))
    either = np.logical_or(np.expand_dims(used, -1), np.expand_dims(used, -2))
    known = np.where(np.logical_and(blind, either), np.nan, np.ones_like(gap))
    if alone:
        return warned(known * over_gap(_without_rounding(m, gap), gap))
    return warned(0.5 * known * (over_gap(m, gap) - over_gap(transpose, gap)))


def have_cotangents(v_bar: Value) -> Value:
    """Tell of which vectors the cotangent is not 0."""
    return np.any(np.not_equal(v_bar, 0), axis=-2)


def warned(x: Value) -> Value:
    """Return quotients by gaps; warn if one is not finite."""
    if not np.all(np.isfinite(strip(x))):
        warn_of_convention(
            "A derivative depends on the vectors of equal eigenvalues or singular "
            "values, or of zero singular values, which any rotation among them would "
            "change: they have no derivative, so infinite or nan is returned. Second "
            "derivatives of the values alone depend on them too, and in forward mode "
            "also on those of values that the result does not use. For first "
            "derivatives use functions of the values alone, or of the plane the "
            "vectors span (projectors). For second ones write the result in terms of "
            "the matrix (np.sum(a * a) for the sum of squares), part the values, or "
            "take ad.jacrev(ad.grad(f)), where values that are not used do not matter."
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
