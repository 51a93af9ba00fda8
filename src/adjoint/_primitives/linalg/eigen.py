"""Eigenvalues and eigenvectors, of symmetric matrices and of others.

What happens where eigenvalues are equal stands in ``_gaps.py``, and where a matrix is
defective in ``_defective.py``.

A complex eigenvector can be multiplied by any phase.  The derivatives of functions that
do not depend on it are right.  For the others:

- ``eig`` keeps the component of largest modulus at its phase: LAPACK makes it real;
- ``eigh`` gives tangents that do not turn the vectors, Im(v_iᴴ v̇_i) = 0, whatever
  phases LAPACK chooses at another matrix.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from adjoint._core.arrays import Value
from adjoint._core.dispatch import bind, highest_trace
from adjoint._core.record import Example
from adjoint._core.registry import implements
from adjoint._primitives._makers import general
from adjoint._primitives.linalg._defective import pulled_back
from adjoint._primitives.linalg._gaps import (
    disagreement,
    gaps,
    have_cotangents,
    over_gap,
    turned,
    warned,
    without_phases,
)
from adjoint._primitives.linalg._matrices import (
    check_symmetric,
    conjugate_transposed,
    conjugated,
    diagonal_matrix,
    identity_like,
    is_complex,
    over_stack,
    real_spectrum,
    scale_columns,
    symmetric,
    transposed,
)

Pair = tuple[Value, Value]


def eigh_pullback(out_bar: Sequence[Value], out: Pair, _a: Value, _uplo: str) -> Value:
    """Return conj(v) (diag(w̄) + F ∘ (vᵀv̄ - v̄ᴴv*)/2) vᵀ, with F_ij = 1 / (w_j - w_i).

    NumPy reads one triangle of ``a`` only; the derivative is that of (a + aᴴ)/2.
    """
    w_bar, v_bar = out_bar
    w, v = out
    if w_bar is not None:
        w_bar = np.real(w_bar)
    if v_bar is None:
        return np.matmul(scale_columns(conjugated(v), w_bar), transposed(v))
    gap = gaps(w)
    of_v, used = np.matmul(transposed(v), v_bar), have_cotangents(v_bar)
    inner = turned(of_v, gap, used, alone=w_bar is None)
    inner = without_phases(inner)
    if w_bar is not None:
        inner = inner + diagonal_matrix(w_bar) + disagreement(w_bar, gap)
    return np.matmul(np.matmul(conjugated(v), inner), transposed(v))


def _eigh_evaluate(a: Value, uplo: str) -> Pair:
    w, v = np.linalg.eigh(a, uplo)  # type: ignore[call-overload]
    return w, v


_SYMMETRIC = (
    Example(((3, 3),), ("L",), symmetric),
    Example(((2, 3, 3),), ("U",), symmetric),
    Example(((1, 1),), ("L",), symmetric),
)

symmetric_eigen = general(
    np.linalg.eigh,
    _eigh_evaluate,
    (eigh_pullback,),
    outputs=2,
    batch=over_stack(_eigh_evaluate),
    examples=_SYMMETRIC,
    reference="Giles 2008, section 3.1",
)

_SymmetricResult: Any = type(np.linalg.eigh(np.eye(1)))


@implements(np.linalg.eigh)
def eigh(a: Value, UPLO: str = "L") -> Any:
    """Return eigenvalues, ascending, and eigenvectors of symmetric matrices.

    Of Hermitian ones, if they are complex.
    """
    check_symmetric(a, "np.linalg.eigh")
    return _SymmetricResult(*bind(symmetric_eigen, (a,), (UPLO,)))


def eigvalsh_pullback(out_bar: Value, _out: Value, a: Value, uplo: str) -> Value:
    """Return conj(v) diag(w̄) vᵀ: finite, also where eigenvalues are equal."""
    w, v = np.linalg.eigh(a, uplo)  # type: ignore[call-overload]
    w_bar = np.real(out_bar)
    if highest_trace((out_bar,)) is not None:  # it may depend on w: see `turned`
        w_bar = w_bar + 0.0 * w
    return np.matmul(scale_columns(conjugated(v), w_bar), transposed(v))


def _eigvalsh_pushforward(
    _out: Value, args: Sequence[Value], tangents: Sequence[Value], params: Any
) -> Value:
    """Return Re diag(vᴴ ȧ v)."""
    w, v = np.linalg.eigh(args[0], *params)
    along = np.matmul(conjugate_transposed(v), tangents[0]) * transposed(v)
    return np.real(np.sum(along, axis=-1)) + 0.0 * w  # it depends on w: see `turned`


def _eigvalsh_evaluate(a: Value, uplo: str) -> Value:
    return np.linalg.eigvalsh(a, uplo)  # type: ignore[call-overload]


symmetric_eigenvalues = general(
    np.linalg.eigvalsh,
    _eigvalsh_evaluate,
    (eigvalsh_pullback,),
    pushforward=_eigvalsh_pushforward,
    batch=over_stack(_eigvalsh_evaluate),
    examples=_SYMMETRIC,
    reference="Giles 2008, section 3.1",
)


@implements(np.linalg.eigvalsh)
def eigvalsh(a: Value, UPLO: str = "L") -> Value:
    """Return the eigenvalues of symmetric matrices, ascending."""
    check_symmetric(a, "np.linalg.eigvalsh")
    return bind(symmetric_eigenvalues, (a,), (UPLO,))


def eig_pullback(out_bar: Sequence[Value], out: Pair, a: Value) -> Value:
    """Return v⁻ᵀ (diag(w̄) + F ∘ (vᵀv̄ - vᵀv* Re diag(vᵀv̄) - vᵀp)) vᵀ.

    The second term is due to the columns of v having length 1, the third, which
    `_phases` returns, to their phases.  Of defective matrices see
    ``_defective.py``.
    """
    w_bar, v_bar = out_bar
    w, v = out
    inner = 0.0 if w_bar is None else diagonal_matrix(w_bar)
    if v_bar is not None:
        gap, x = gaps(w), np.matmul(transposed(v), v_bar)
        others = x * (1.0 - identity_like(x))
        blind = np.logical_and(np.equal(x, 0), np.equal(gap, 0))
        blind = np.logical_and(blind, np.expand_dims(have_cotangents(v_bar), -2))
        lengths = np.diagonal(x, axis1=-2, axis2=-1)
        cosines = np.matmul(transposed(v), conjugated(v)) - identity_like(x)
        inner = inner + over_gap(others, gap)
        if is_complex(v):
            inner = inner - over_gap(_phases(v, np.imag(lengths)), gap)
            lengths = np.real(lengths)
        inner = inner - over_gap(scale_columns(cosines, lengths), gap)
        inner = warned(inner * np.where(blind, np.nan, np.ones_like(inner)))
        if w_bar is not None:
            inner = inner + disagreement(w_bar, gap)
    return pulled_back(a, w, v, (inner, w_bar, v_bar))


def _phases(v: Value, turns: Value) -> Value:
    """Return i turns_j v_ki / v_kj for i other than j, where |v_kj| is largest.

    Component k of vector j keeps its phase, so Im(v̇_kj / v_kj) is 0.
    """
    largest = np.expand_dims(np.argmax(np.abs(v), axis=-2), -2)
    chosen = np.equal(largest, np.arange(v.shape[-1])[:, None])
    components = np.sum(np.where(chosen, v, 0.0), axis=-2)
    rows = np.matmul(transposed(v), chosen.astype(v.dtype))
    scaled = scale_columns(rows, np.multiply(1j, turns) / components)
    return scaled * (1.0 - np.eye(v.shape[-1], dtype=v.real.dtype))


def _eig_evaluate(a: Value) -> Pair:
    w, v = np.linalg.eig(a)
    return w, v


_SPECTRA = (
    Example(((3, 3),), (), real_spectrum),
    Example(((2, 2, 2),), (), real_spectrum),
)

general_eigen = general(
    np.linalg.eig,
    _eig_evaluate,
    (eig_pullback,),
    outputs=2,
    batch=over_stack(_eig_evaluate),
    examples=_SPECTRA,
    reference="Giles 2008, section 3.1; Boeddeker et al. 2017, eq. 4.77",
)

_Result: Any = type(np.linalg.eig(np.eye(1)))


@implements(np.linalg.eig)
def eig(a: Value) -> Any:
    """Return eigenvalues and eigenvectors of length 1."""
    return _Result(*bind(general_eigen, (a,)))


def eigvals_pullback(out_bar: Value, _out: Value, a: Value) -> Value:
    """Return v⁻ᵀ diag(w̄) vᵀ; nan at defective eigenvalues, see ``_defective.py``."""
    w, v = np.linalg.eig(a)
    return pulled_back(a, w, v, (diagonal_matrix(out_bar), out_bar, None))


general_eigenvalues = general(
    np.linalg.eigvals,
    np.linalg.eigvals,
    (eigvals_pullback,),
    batch=over_stack(np.linalg.eigvals),
    examples=_SPECTRA,
    reference="Giles 2008, section 3.1",
)


@implements(np.linalg.eigvals)
def eigvals(a: Value) -> Value:
    """Return the eigenvalues of square matrices."""
    return bind(general_eigenvalues, (a,))
