"""Determinants: det, and slogdet for those out of range.

The derivative of the determinant is the matrix of cofactors.  Where det(a) is not zero
that is det(a) a⁻ᵀ; on a singular matrix the cofactors still exist and are found from
the singular values, without a division.
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
from adjoint._primitives.linalg._matrices import (
    conjugate_transposed,
    conjugated,
    diagonal_matrix,
    identity_like,
    is_complex,
    over_stack,
    regular,
    scale_columns,
    transposed,
)
from adjoint._primitives.reduction import products_of_others


def cofactors(a: Value) -> Value:
    """Return the matrix of cofactors, exact at any rank.

    With a = u s vᴴ it is det(u) det(vᴴ) conj(u) p vᵀ, where p_i is the product of all
    singular values but s_i.  Dispatches by itself.
    """
    if highest_trace((a,)) is not None:
        return bind(minors, (a,))
    u, s, vh = np.linalg.svd(a)
    left = scale_columns(conjugated(u), products_of_others(s) * _sign(u, vh))
    return np.matmul(left, conjugated(vh))


def _sign(u: Value, vh: Value) -> Value:
    """Return det(u) det(vh), of modulus 1, for the columns of ``u``."""
    return np.expand_dims(np.sign(np.linalg.det(u) * np.linalg.det(vh)), -1)


def cofactors_pullback(out_bar: Value, _out: Value, a: Value) -> Value:
    """Return the cotangent of a matrix through its cofactors.

    In the bases of the singular vectors, with p_ij the product of all singular values
    but s_i and s_j, the tangent of cofactor ij is -p_ij ȧ_ji, that of cofactor ii is
    Σ_j p_ij ȧ_jj.
    """
    u, s, vh = np.linalg.svd(a)
    eye = identity_like(a)
    others = products_of_others(np.where(eye == 1, 1.0, np.expand_dims(s, -2)))
    p = np.where(eye == 1, 0.0, others)
    left, right = conjugate_transposed(u), conjugate_transposed(vh)
    bar = np.matmul(np.matmul(left, out_bar), right)
    on_diagonal = np.diagonal(bar, axis1=-2, axis2=-1)
    from_diagonal = np.matmul(p, np.expand_dims(on_diagonal, -1))[..., 0]
    inner = diagonal_matrix(from_diagonal) - p * transposed(bar)
    left = scale_columns(conjugated(u), _sign(u, vh))
    return np.matmul(np.matmul(left, inner), conjugated(vh))


minors = general(
    cofactors,
    cofactors,
    (cofactors_pullback,),
    batch=over_stack(cofactors),
    examples=(
        Example(((3, 3),), given=regular),
        Example(((2, 2, 2),), given=regular),
    ),
    reference="Giles 2008, section 2.2.4; Griewank & Walther 2008, exercise 4.3",
)


def _is_singular(det: Value) -> bool:
    """Tell whether a matrix of a stack has determinant 0 (then LU found no inverse)."""
    return bool(decide("singular", has_zero, det))


def _gradient_of_det(out: Value, a: Value) -> Value:
    if _is_singular(out):
        return cofactors(a)
    return np.expand_dims(out, (-2, -1)) * transposed(np.linalg.inv(a))


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
        with np.errstate(divide="ignore", invalid="ignore"):  # infinite on purpose
            slope = cofactors(a) / np.expand_dims(np.linalg.det(a), (-2, -1))
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
