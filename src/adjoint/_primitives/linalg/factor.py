"""Triangular factorisations: Cholesky and QR."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from adjoint._core.arrays import Value
from adjoint._core.dispatch import bind, decide
from adjoint._core.errors import MissingRuleError, user_line, warn_of_convention
from adjoint._core.record import Example
from adjoint._core.registry import implements
from adjoint._primitives._makers import general
from adjoint._primitives.linalg._factors import inverse_of_triangle
from adjoint._primitives.linalg._matrices import (
    check_symmetric,
    conjugate_transposed,
    conjugated,
    identity_like,
    over_stack,
    positive,
    regular,
    transposed,
)


def _lower_half(x: Value) -> Value:
    """Return the lower triangle with half of the diagonal."""
    n = x.shape[-1]
    return x * (np.tri(n, dtype=x.dtype) - 0.5 * np.eye(n, dtype=x.dtype))


def cholesky_pullback(out_bar: Value, out: Value, _a: Value, upper: bool) -> Value:
    """Return the cotangent of a in a = l lᴴ: l⁻ᵀ Φ(lᵀ l̄) conj(l⁻¹), made Hermitian.

    Φ takes the lower triangle with half of the diagonal.  NumPy reads one triangle of
    ``a`` only; the derivative is that of the factor of (a + aᴴ)/2.
    """
    if upper:
        out, out_bar = conjugate_transposed(out), conjugate_transposed(out_bar)
    inverse = inverse_of_triangle(out)
    inner = _lower_half(np.matmul(transposed(out), out_bar))
    a_bar = np.matmul(np.matmul(transposed(inverse), inner), conjugated(inverse))
    return 0.5 * (a_bar + conjugate_transposed(a_bar))


def _cholesky_evaluate(a: Value, upper: bool) -> Value:
    return np.linalg.cholesky(a, upper=upper)


cholesky_factor = general(
    np.linalg.cholesky,
    _cholesky_evaluate,
    (cholesky_pullback,),
    batch=over_stack(_cholesky_evaluate),
    examples=(
        Example(((3, 3),), (False,), positive),
        Example(((2, 3, 3),), (True,), positive),
        Example(((0, 0),), (False,)),
    ),
    reference="Murray 2016, 'Differentiation of the Cholesky decomposition', eq. 10",
)


@implements(np.linalg.cholesky)
def cholesky(a: Value, /, *, upper: bool = False) -> Value:
    """Return the Cholesky factor of positive definite symmetric matrices.

    Of Hermitian ones, if they are complex.
    """
    check_symmetric(a, "np.linalg.cholesky")
    return bind(cholesky_factor, (a,), (bool(upper),))


def qr_pullback(out_bar: Sequence[Value], out: tuple[Value, Value], a: Value) -> Value:
    """Return the cotangent of a in a = q r, q with as many columns as r has rows.

    Tall or square: ā = (q̄ + conj(q) S(conj(r) r̄ᴴ - q̄ᴴ conj(q))) r⁻ᵀ, where S copies
    the lower triangle, conjugated, over the upper one, and takes the real part of the
    diagonal: the diagonal of r is real, as LAPACK makes it, of complex matrices too.
    Wide, a = [x, y] and r = [u, qᴴ y] with x = q u square: y and the second part of r̄
    are accounted for first.
    """
    q, r = out
    q_bar = np.zeros_like(q) if out_bar[0] is None else out_bar[0]
    r_bar = np.zeros_like(r) if out_bar[1] is None else out_bar[1]
    rows, columns = a.shape[-2:]
    if rows >= columns:
        return _tall_qr_pullback(q, r, q_bar, r_bar)
    y, y_out_bar = a[..., rows:], r_bar[..., rows:]
    q_bar = q_bar + np.matmul(conjugated(y), conjugate_transposed(y_out_bar))
    x_bar = _tall_qr_pullback(q, r[..., :rows], q_bar, r_bar[..., :rows])
    return np.concatenate([x_bar, np.matmul(conjugated(q), y_out_bar)], axis=-1)


def _tall_qr_pullback(q: Value, r: Value, q_bar: Value, r_bar: Value) -> Value:
    if decide("rank", _one_is_deficient, r):
        warn_of_convention(
            "np.linalg.qr was given a matrix whose columns (the first ones of a wide "
            "matrix) are linearly dependent, up to rounding. Its factors have no "
            "derivative there: nan is returned. Pass independent columns, or use "
            "np.linalg.svd."
        )
        lost = _is_deficient(r)
        r = np.where(lost, identity_like(r), r)
        a_bar = _regular_qr_pullback(q, r, q_bar, r_bar)
        return a_bar * np.where(lost, np.nan, np.ones_like(a_bar))
    return _regular_qr_pullback(q, r, q_bar, r_bar)


def _is_deficient(r: Value) -> Value:
    """Tell whether an element on the diagonal of r is rounding, against its column.

    A column that depends on those before has there what is left of it.
    """
    diagonal = np.abs(np.diagonal(r, axis1=-2, axis2=-1))
    largest = np.max(np.abs(r), axis=-2, keepdims=True, initial=0.0)
    shares = np.abs(r) / np.where(np.equal(largest, 0), 1.0, largest)  # no overflow
    columns = largest[..., 0, :] * np.sqrt(np.sum(shares**2, axis=-2))
    least = 8.0 * r.shape[-1] * float(np.finfo(r.dtype).eps) * columns
    return np.any(np.less_equal(diagonal, least), axis=-1)[..., None, None]


def _one_is_deficient(r: Value) -> bool:
    return bool(np.any(_is_deficient(r)))


def _regular_qr_pullback(q: Value, r: Value, q_bar: Value, r_bar: Value) -> Value:
    of_q = np.matmul(conjugate_transposed(q_bar), conjugated(q))
    of_r = np.matmul(conjugated(r), conjugate_transposed(np.triu(r_bar)))
    half = _lower_half(of_r - of_q)
    whole = q_bar + np.matmul(conjugated(q), half + conjugate_transposed(half))
    return transposed(np.linalg.solve(r, transposed(whole)))


def _qr_evaluate(a: Value) -> tuple[Value, Value]:
    q, r = np.linalg.qr(a)
    return q, r


orthogonal_triangular = general(
    np.linalg.qr,
    _qr_evaluate,
    (qr_pullback,),
    outputs=2,
    batch=over_stack(_qr_evaluate),
    examples=(
        Example(((3, 3),), given=regular),
        Example(((4, 2),), given=regular),
        Example(((2, 4),), given=regular),
        Example(((2, 3, 2),), given=regular),
    ),
    reference="Walter & Lehmann 2018, 'Algorithmic differentiation of linear algebra "
    "functions', section 3.3",
)

_Result: Any = type(np.linalg.qr(np.eye(1)))


@implements(np.linalg.qr)
def qr(a: Value, mode: str = "reduced") -> Any:
    """Return the factors of ``a = q r``, or r alone.

    Raises
    ------
    MissingRuleError
        For ``mode="complete"`` of a tall matrix, whose last columns of q are not
        determined, and for ``mode="raw"``.
    """
    rows, columns = a.shape[-2:]
    if mode == "raw" or (mode == "complete" and rows > columns):
        msg = (
            f"np.linalg.qr(..., mode={mode!r}) of matrices of shape {a.shape[-2:]} has "
            f"no derivative rule{user_line()}: use mode='reduced' or mode='r'."
        )
        raise a.remember(MissingRuleError(msg))
    if mode not in {"reduced", "complete", "r"}:
        msg = f"Unrecognized mode '{mode}'"
        raise ValueError(msg)
    q, r = bind(orthogonal_triangular, (a,))
    return r if mode == "r" else _Result(q, r)
