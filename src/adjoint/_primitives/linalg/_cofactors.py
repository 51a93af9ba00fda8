"""Cofactors of matrices that are singular, or nearly so, with all their derivatives.

With a = u m vᴴ, where u and v are those of the singular value decomposition *held
constant*, the determinant of a is that of m but for a factor of modulus 1, and m is
diagonal at this matrix, though not its tangents.  Let p be the part of m with the large
singular values, and t = m₂₂ - m₂₁ p⁻¹ m₁₂ the rest of it (the Schur complement).  Then

    det(m) = det(p) det(t),

where p is far from singular, and det(t) a polynomial of few small numbers.  No vector
is differentiated, so that equal singular values, and zeros, do not matter.
"""

from typing import Any

import numpy as np

from adjoint._core.arrays import Value
from adjoint._core.dispatch import decide
from adjoint._core.elements import held
from adjoint._core.handle import Handle
from adjoint._primitives.linalg._matrices import (
    conjugate_transposed,
    conjugated,
    identity_like,
    transposed,
)
from adjoint._primitives.reduction import products_of_others as _others


def cofactors(a: Value) -> Value:
    """Return the matrices of cofactors of nearly singular ones, with all derivatives.

    Rows and columns are scaled by powers of 2, constants, to a largest element near 1.
    Of matrices that are not finite, which have no singular values, all are nan, as
    their derivatives.
    """
    if decide("finite", _all_finite, a):
        return _of_finite(a, _constant(a))
    finite = np.all(np.isfinite(a), axis=(-2, -1), keepdims=True)
    with np.errstate(invalid="ignore"):
        lost = np.nan * np.sum(a, axis=(-2, -1), keepdims=True)
    a = np.where(finite, a, identity_like(a))
    return np.where(finite, _of_finite(a, _constant(a)), lost)


def _all_finite(a: Value) -> bool:
    return bool(np.isfinite(a).all())


def _of_finite(a: Value, a0: Value) -> Value:
    rows = _power_of_two(a0, -1)
    columns = _power_of_two(a0 / rows, -2)
    others = (
        _others(rows[..., 0])[..., None] * _others(columns[..., 0, :])[..., None, :]
    )
    return others * _of_scaled(a / rows / columns, a0 / rows / columns)


def _power_of_two(a: Value, axis: int) -> Value:
    largest = np.max(np.abs(a), axis=axis, keepdims=True)
    return 2.0 ** np.rint(np.log2(np.where(np.equal(largest, 0), 1.0, largest)))


def _of_scaled(a: Value, a0: Value) -> Value:
    """Return the cofactors of matrices, those of one rank taken together."""
    counts = _count_large(np.linalg.svd(a0, compute_uv=False))
    ranks = decide("rank", _distinct, counts)
    if len(ranks) == 1:
        return _of_rank(a, a0, ranks[0])
    total = np.zeros_like(a)
    for rank in ranks:
        chosen = np.equal(counts, rank)[..., None, None]
        another = np.diag(np.arange(a.shape[-1]) < rank).astype(a.dtype)
        given, given0 = np.where(chosen, a, another), np.where(chosen, a0, another)
        total = np.where(chosen, _of_rank(given, given0, rank), total)
    return total


def _constant(a: Value) -> Value:
    """Return ``a`` as a constant of all transforms."""
    below = a
    while isinstance(below, Handle):
        a, below = held(a), below.value
    return a


def _count_large(s: Value) -> Value:
    """Return how many singular values of each matrix are far from 0.

    That is from a thousandth of the largest.  The last one is always left to t.
    """
    return np.sum(np.greater(s[..., :-1], 1e-3 * s[..., :1]), axis=-1)


def _distinct(counts: Any) -> tuple[int, ...]:
    return tuple(int(count) for count in np.unique(counts))


def _of_rank(a: Value, a0: Value, rank: int) -> Value:
    u, _, vh = np.linalg.svd(a0)
    sign = np.linalg.det(u) * np.linalg.det(vh)
    m = np.matmul(np.matmul(conjugate_transposed(u), a), conjugate_transposed(vh))
    inner = _of_blocks(m, rank) * np.expand_dims(sign, (-2, -1))
    return np.matmul(np.matmul(conjugated(u), inner), conjugated(vh))


def _of_blocks(m: Value, rank: int) -> Value:
    """Return the cofactors of m, by blocks after the first ``rank`` rows.

    They are the slopes of det(p) det(t): through p, t, and what t is made of.
    """
    p, right, below = m[..., :rank, :rank], m[..., :rank, rank:], m[..., rank:, :rank]
    inverse, det_p = np.linalg.inv(p), np.expand_dims(np.linalg.det(p), (-2, -1))
    after, before = np.matmul(inverse, right), np.matmul(below, inverse)
    adjugate, det_t = adjugate_and_det(m[..., rank:, rank:] - np.matmul(below, after))
    own = det_p * adjugate
    of_p = det_p * np.expand_dims(det_t, (-2, -1)) * inverse
    of_p = of_p + np.matmul(np.matmul(after, own), before)
    top = np.concatenate([of_p, -np.matmul(after, own)], axis=-1)
    bottom = np.concatenate([-np.matmul(own, before), own], axis=-1)
    return transposed(np.concatenate([top, bottom], axis=-2))


def adjugate_and_det(t: Value) -> tuple[Value, Value]:
    """Return adj(t) and det(t), n > 0, by the recurrence of Faddeev and Le Verrier.

    m₁ = 1 and m_{k+1} = t m_k - tr(t m_k) / k; with n rows, adj(t) is (-1)ⁿ⁻¹ m_n, and
    det(t) is tr(t adj(t)) / n.  There is no division by an element.
    """
    eye = identity_like(t)
    m, count = eye + np.zeros_like(t), t.shape[-1]
    for k in range(1, count):
        m = np.matmul(t, m)
        m = m - np.expand_dims(np.trace(m, axis1=-2, axis2=-1) / k, (-2, -1)) * eye
    adjugate = m if count % 2 else -m
    det = np.trace(np.matmul(t, adjugate), axis1=-2, axis2=-1) / count
    return adjugate, det
