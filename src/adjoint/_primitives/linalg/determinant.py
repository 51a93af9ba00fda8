"""Determinants: det, and slogdet for those out of range.

The derivative of the determinant is the matrix of cofactors.  Where det(a) is not zero
that is det(a) a⁻ᵀ; on a singular matrix the cofactors still exist, and so do their
derivatives: see ``_cofactors.py``.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from adjoint._core.arrays import Value, has_zero
from adjoint._core.dispatch import bind, decide, highest_trace
from adjoint._core.errors import warn_of_convention
from adjoint._core.record import Example
from adjoint._core.registry import implements
from adjoint._primitives._makers import general
from adjoint._primitives.linalg._cofactors import cofactors
from adjoint._primitives.linalg._matrices import (
    identity_like,
    is_complex,
    over_stack,
    regular,
    transposed,
)


def _is_singular(det: Value) -> bool:
    """Tell whether a matrix of a stack has determinant 0 (then LU found no inverse)."""
    return bool(decide("singular", has_zero, det))


def _gradient_of_det(out: Value, a: Value) -> Value:
    """Return the cofactors: of matrices that are nearly singular by another way.

    Of a matrix that is singular but for rounding, det(a) a⁻ᵀ is right, but not its
    derivatives, where the large elements of a⁻¹ must cancel.  So only for these is the
    condition asked for: that of large matrices is seldom small.
    """
    det, eye = np.expand_dims(out, (-2, -1)), identity_like(a)
    if _is_singular(out):
        singular = np.equal(det, 0)
        inverse = np.linalg.inv(np.where(singular, eye, a))
        singular = np.logical_or(singular, _is_steep(inverse, a))
    else:
        inverse = np.linalg.inv(a)
        first = highest_trace((out, a)) is None
        if first or not decide("conditioned", _one_is_steep, inverse, a):
            return det * transposed(inverse)
        singular = _is_steep(inverse, a)
    regular = det * transposed(np.linalg.inv(np.where(singular, eye, a)))
    return np.where(singular, cofactors(np.where(singular, a, eye)), regular)


def _is_steep(inverse: Value, a: Value) -> Value:
    """Tell whether the condition, of Frobenius norms, is 1e4 or more.

    The error of a third derivative from a⁻¹ is its square times rounding.  What is not
    finite has no singular values to do better with.
    """
    squares = [
        np.sum(np.abs(x) ** 2, axis=(-2, -1), keepdims=True) for x in (inverse, a)
    ]
    finite = np.all(np.isfinite(a), axis=(-2, -1), keepdims=True)
    return np.logical_and(finite, np.greater_equal(np.multiply(*squares), 1e8))


def _one_is_steep(inverse: Value, a: Value) -> bool:
    if a.ndim == 2:  # the same, in a tenth of the time
        steep = abs(np.vdot(inverse, inverse) * np.vdot(a, a)) >= 1e8
        return bool(steep and np.isfinite(a).all())
    return bool(np.any(_is_steep(inverse, a)))


def det_pullback(out_bar: Value, out: Value, a: Value) -> Value:
    """Return the cofactors times the cotangent."""
    return np.expand_dims(out_bar, (-2, -1)) * _gradient_of_det(out, a)


def _det_pushforward(
    out: Value, args: Sequence[Value], tangents: Sequence[Value], _params: Any
) -> Value:
    return np.sum(_gradient_of_det(out, args[0]) * tangents[0], axis=(-2, -1))


_EXAMPLES = (
    Example(((3, 3),), given=regular),
    Example(((2, 2, 2),), given=regular),
    Example(((1, 1),)),
)

determinant = general(
    np.linalg.det,
    np.linalg.det,
    (det_pullback,),
    pushforward=_det_pushforward,
    batch=over_stack(np.linalg.det),
    examples=_EXAMPLES,
    reference="Giles 2008, section 2.2.4",
)


@implements(np.linalg.det)
def det(a: Value) -> Value:
    """Return the determinant of square matrices."""
    return bind(determinant, (a,))


def _log_bar(out_bar: Sequence[Value], sign: Value) -> Value | None:
    """Return the cotangent of the complex logarithm of the determinant."""
    sign_bar, log_bar = out_bar
    if not is_complex(sign):
        return log_bar
    turn = 0.0 if sign_bar is None else np.multiply(1j, np.imag(sign_bar * sign))
    return turn if log_bar is None else np.real(log_bar) + turn


def _without_rounding(cofactor: Value, a: Value) -> Value:
    """Return cofactors, exactly 0 where they are 0 but for rounding."""
    size = np.sqrt(np.sum(np.abs(a) ** 2, axis=(-2, -1), keepdims=True))
    count, eps = a.shape[-1], float(np.finfo(a.dtype).eps)
    least = count * eps * size ** (count - 1)
    return np.where(np.less_equal(np.abs(cofactor), least), 0.0, cofactor)


def slogdet_pullback(
    out_bar: Sequence[Value], out: tuple[Value, Value], a: Value
) -> Value:
    """Return a⁻ᵀ times the cotangent of the logarithm.

    The sign of a real determinant is constant; that of a complex one, z, turns by
    i Im tr(a⁻¹ ȧ), so that a⁻ᵀ is taken i Im(z̄ z) times more.

    On a singular matrix the logarithm is -inf and its slopes are infinite; nan where
    the cofactor is 0.
    """
    log_bar = _log_bar(out_bar, out[0])
    if log_bar is None:
        return np.zeros_like(a)
    if _is_singular(out[0]):
        warn_of_convention(
            "np.linalg.slogdet was given a singular matrix. Its logarithm is -inf, "
            "with infinite slopes, nan where the cofactor is 0. Use np.linalg.det, "
            "whose slopes are finite."
        )
        det = np.linalg.det(a)
        with np.errstate(divide="ignore", invalid="ignore"):  # infinite on purpose
            cofactor = _without_rounding(_gradient_of_det(det, a), a)
            slope = cofactor / np.expand_dims(det, (-2, -1))
    else:
        slope = transposed(np.linalg.inv(a))
    return np.expand_dims(log_bar, (-2, -1)) * slope


def _slogdet_evaluate(a: Value) -> tuple[Value, Value]:
    sign, logabsdet = np.linalg.slogdet(a)
    return sign, logabsdet


logdet = general(
    np.linalg.slogdet,
    _slogdet_evaluate,
    (slogdet_pullback,),
    outputs=2,
    batch=over_stack(_slogdet_evaluate),
    examples=_EXAMPLES,
    reference="Giles 2008, section 2.2.4",
)

_Result: Any = type(np.linalg.slogdet(np.eye(1)))


@implements(np.linalg.slogdet)
def slogdet(a: Value) -> Any:
    """Return the sign and the logarithm of the absolute value of the determinant."""
    return _Result(*bind(logdet, (a,)))
