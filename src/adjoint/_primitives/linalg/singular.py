"""Singular values and vectors.

What happens where singular values are equal or zero stands in ``_gaps.py``.

Of a complex matrix, u_i and v_i can be multiplied by a common phase.  The derivatives
of functions that do not depend on it are right; tangents are those that do not turn
both, Im(u_iᴴ u̇_i + v_iᴴ v̇_i) = 0, whatever phases LAPACK chooses at another matrix.
"""

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np

from adjoint._core.arrays import Value, has_nonzero
from adjoint._core.dispatch import bind, decide, highest_trace
from adjoint._core.record import Example
from adjoint._core.registry import implements
from adjoint._primitives._makers import general
from adjoint._primitives.linalg._gaps import (
    disagreement,
    gaps,
    have_cotangents,
    of_positive,
    one_if_known,
    over_gap,
    turned,
    warned,
    without_phases,
)
from adjoint._primitives.linalg._matrices import (
    conjugate_transposed,
    conjugated,
    diagonal_matrix,
    is_complex,
    over_stack,
    regular,
    scale_columns,
    transposed,
)

Triple = tuple[Value, Value, Value]


def svd_pullback(
    out_bar: Sequence[Value], out: Triple, _a: Value, _full: bool
) -> Value:
    """Return the cotangent of a in a = u s vᴴ.

    u (K + diag(s̄)) vᵀ + (1 - u uᵀ) ū s⁻¹ vᵀ + u s⁻¹ v̄ᵀ (1 - v vᵀ), where
    K_ij = P_ij / (s_j - s_i) + Q_ij / (s_j + s_i), P and Q being half the sum and half
    the difference of uᵀū - ūᵀu and vᵀv̄ - v̄ᵀv.  Written so, two equal singular values
    matter to P alone, which is what turns u and v together.

    So for real matrices.  For complex ones the first u in each product is conj(u), the
    second v in 1 - v vᵀ as well, ūᵀ and v̄ᵀ are ūᴴ and v̄ᴴ, and Q has a diagonal: what
    turns the phases of u_i and v_i apart.
    """
    k = out[1].shape[-1]
    u, s, v = out[0][..., :k], out[1], conjugate_transposed(out[2])[..., :k]
    u_bar, s_bar, vh_bar = out_bar
    s_bar = None if s_bar is None else np.real(s_bar)
    v_bar = None if vh_bar is None else conjugate_transposed(vh_bar)
    if u_bar is None and v_bar is None:
        inner = diagonal_matrix(of_positive(s, s_bar))
    else:
        inner = _turning((u, s, v), (u_bar, s_bar, v_bar))
    left = conjugated(u)
    a_bar = np.matmul(np.matmul(left, inner), transposed(v))
    if u_bar is not None and u.shape[-2] > k:
        a_bar = a_bar + np.matmul(_outside(u, u_bar, s), transposed(v))
    if v_bar is not None and v.shape[-2] > k:
        outside = conjugate_transposed(_outside(v, v_bar, s))
        a_bar = a_bar + np.matmul(left, outside)
    return a_bar


def _turning(out: Triple, out_bar: Triple) -> Value:
    """Return K + diag(s̄): what happens within the spaces of the singular vectors."""
    u_bar, s_bar, v_bar = out_bar
    u, s, v = out
    k, alone = s.shape[-1], s_bar is None
    zero = np.zeros_like(u, shape=(*s.shape, k))
    of_u = zero if u_bar is None else np.matmul(transposed(u), u_bar[..., :k])
    of_v = zero if v_bar is None else np.matmul(transposed(v), v_bar[..., :k])
    difference, total = gaps(s), gaps(s, 1.0, fill=not is_complex(u))
    bars = [bar[..., :k] for bar in (u_bar, v_bar) if bar is not None]
    used = functools.reduce(np.logical_or, map(have_cotangents, bars))
    inner = without_phases(turned(of_u + of_v, difference, used, alone=alone))
    inner = inner + turned(of_u - of_v, total, used, alone=alone)
    if s_bar is None:
        return inner
    inner = inner + disagreement(s_bar, difference)
    square = u.shape[-2] == v.shape[-2]
    inner = inner + diagonal_matrix(s_bar if square else s_bar * one_if_known(s))
    return inner + disagreement(s_bar, total, 1.0)


def _outside(u: Value, u_bar: Value, s: Value) -> Value:
    """Return (1 - conj(u) uᵀ) ū s⁻¹: what turns the vectors out of their space.

    With ``full_matrices=True`` there are vectors beyond, of which only their space is
    determined; a derivative of theirs is infinite.
    """
    k = s.shape[-1]
    own = u_bar[..., :k]
    own = own - np.matmul(conjugated(u), np.matmul(transposed(u), own))
    size = np.sum(s, axis=-1, keepdims=True) * np.finfo(s.dtype).eps
    divisor = np.where(np.less_equal(s, size), 0.0, s)
    turned = over_gap(own, np.expand_dims(divisor, -2))
    if not decide("used", has_nonzero, u_bar[..., k:]):
        return warned(turned)
    beyond = np.sum(np.abs(u_bar[..., k:]), axis=(-2, -1), keepdims=True)
    return warned(turned + over_gap(beyond, np.zeros_like(beyond)))


def _svd_evaluate(a: Value, full: bool) -> Triple:
    u, s, vh = np.linalg.svd(a, full_matrices=full)
    return u, s, vh


decomposition = general(
    np.linalg.svd,
    _svd_evaluate,
    (svd_pullback,),
    outputs=3,
    batch=over_stack(_svd_evaluate),
    examples=(
        Example(((3, 3),), (True,), regular),
        Example(((4, 2),), (False,), regular),
        Example(((2, 4),), (False,), regular),
        Example(((2, 3, 2),), (False,), regular),
    ),
    reference="Giles 2008, section 3.2; Townsend 2016, 'Differentiating the singular "
    "value decomposition'",
)

_Result: Any = type(np.linalg.svd(np.eye(1)))


@implements(np.linalg.svd)
def svd(
    a: Value,
    full_matrices: bool = True,
    compute_uv: bool = True,
    hermitian: bool = False,
) -> Any:
    """Return the singular value decomposition, or the singular values alone.

    Of symmetric (Hermitian) matrices, if so stated, by way of their eigenvalues.
    """
    if hermitian:
        return _of_hermitian(a) if compute_uv else _values_of_hermitian(a)
    if not compute_uv:
        return bind(singular_values, (a,))
    rows, columns = a.shape[-2:]
    full = bool(full_matrices) and rows != columns
    return _Result(*bind(decomposition, (a,), (full,)))


def _of_hermitian(a: Value) -> Any:
    """Return u s vᴴ where the columns of v are those of u but for their signs."""
    w, u = np.linalg.eigh(a)
    signs, s = np.where(np.signbit(w), -1.0, 1.0).astype(w.dtype), np.abs(w)
    order = np.argsort(s)[..., ::-1]
    signs = np.take_along_axis(signs, order, axis=-1)
    s = np.take_along_axis(s, order, axis=-1)
    u = np.take_along_axis(u, order[..., None, :], axis=-1)
    return _Result(u, s, conjugate_transposed(scale_columns(u, signs)))


def _values_of_hermitian(a: Value) -> Value:
    return np.sort(np.abs(np.linalg.eigvalsh(a)))[..., ::-1]


def svdvals_pullback(out_bar: Value, out: Value, a: Value) -> Value:
    """Return conj(u) diag(s̄) vᵀ: finite, where values are equal or zero too."""
    u, s, vh = np.linalg.svd(a, full_matrices=False)
    s = out if highest_trace((out_bar,)) is None else s
    s_bar = of_positive(s, np.real(out_bar))
    return np.matmul(scale_columns(conjugated(u), s_bar), conjugated(vh))


def _svdvals_pushforward(
    _out: Value, args: Sequence[Value], tangents: Sequence[Value], _params: Any
) -> Value:
    """Return Re diag(uᴴ ȧ v), and 0 for zeros."""
    u, s, vh = np.linalg.svd(args[0], full_matrices=False)
    along = np.matmul(conjugate_transposed(u), tangents[0]) * conjugated(vh)
    return of_positive(s, np.real(np.sum(along, axis=-1)))


def _svdvals_evaluate(a: Value) -> Value:
    return np.linalg.svd(a, compute_uv=False)


singular_values = general(
    np.linalg.svdvals,
    _svdvals_evaluate,
    (svdvals_pullback,),
    pushforward=_svdvals_pushforward,
    batch=over_stack(_svdvals_evaluate),
    examples=(
        Example(((3, 3),), (), regular),
        Example(((2, 2, 3),), (), regular),
        Example(((3, 2),), (), regular),
    ),
    reference="Giles 2008, section 3.2",
)


@implements(np.linalg.svdvals)
def svdvals(x: Value, /) -> Value:
    """Return the singular values, descending."""
    return bind(singular_values, (x,))
