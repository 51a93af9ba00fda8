"""Pseudo-inverses and least squares, at constant rank.

Where the rank changes neither is continuous.  The rules are those for the rank that
NumPy found: of the tangents, what would change it has no effect.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from adjoint._core.arrays import Value, ndim_of
from adjoint._core.dispatch import as_operand, bind
from adjoint._core.errors import warn_of_convention
from adjoint._core.handle import strip
from adjoint._core.record import Example
from adjoint._core.registry import implements
from adjoint._primitives._makers import general, sharing
from adjoint._primitives.linalg._matrices import (
    check_symmetric,
    conjugate_transposed,
    conjugated,
    over_stack,
    regular,
    symmetric,
    transposed,
)


def pinv_pullback(
    out_bar: Value, out: Value, a: Value, options: tuple[tuple[str, Any], ...]
) -> Value:
    """Return the cotangent of a, p being its pseudo-inverse.

    ā = -pᵀ p̄ pᵀ + conj((1 - a p) p̄ᵀ p pᴴ + pᴴ p p̄ᵀ (1 - p a))

    With ``hermitian=True`` NumPy reads the lower triangle of a; the derivative is that
    of (a + aᴴ)/2.
    """
    _check_rank(out, a, "np.linalg.pinv")
    if ("hermitian", True) in options:
        a_bar = _pinv_bar(out_bar, out, _of_lower_triangle(a))
        return 0.5 * (a_bar + conjugate_transposed(a_bar))
    return _pinv_bar(out_bar, out, a)


def _check_rank(p: Value, a: Value, function: str) -> None:
    """Warn if a matrix has not full rank; ``p`` is its pseudo-inverse.

    The trace of p a is the rank that NumPy found.
    """
    plain_p, plain_a = strip(p), strip(a)
    full = min(plain_a.shape[-2:])
    ranks = np.real(np.einsum("...ij,...ji->...", plain_p, plain_a))
    if not ranks.size or not np.min(ranks) <= full - 0.5:  # nan where a is not finite
        return
    rank = round(float(np.min(ranks)))
    warn_of_convention(
        f"{function} was given a matrix of rank {rank}, less than {full}. Where the "
        "rank changes there is no derivative; the one at constant rank is returned: "
        "directions that would change the rank have no effect. Pass a matrix of full "
        "rank, or add a small multiple of the identity."
    )


def _of_lower_triangle(a: Value) -> Value:
    """Return the Hermitian matrices with the lower triangles of others."""
    return np.tril(a) + conjugate_transposed(np.tril(a, -1))


def _pinv_bar(out_bar: Value, out: Value, a: Value) -> Value:
    p, p_t, p_bar_t = out, transposed(out), transposed(out_bar)
    p_h = conjugated(p_t)
    main = np.matmul(np.matmul(p_t, out_bar), p_t)
    left = p_bar_t - np.matmul(a, np.matmul(p, p_bar_t))
    right = p_bar_t - np.matmul(np.matmul(p_bar_t, p), a)
    rest = np.matmul(left, np.matmul(p, p_h)) + np.matmul(np.matmul(p_h, p), right)
    return conjugated(rest) - main


def _pinv_evaluate(a: Value, options: tuple[tuple[str, Any], ...]) -> Value:
    return np.linalg.pinv(a, **dict(options))


pseudo_inverse = general(
    np.linalg.pinv,
    _pinv_evaluate,
    (pinv_pullback,),
    batch=over_stack(_pinv_evaluate),
    examples=(
        Example(((3, 3),), ((),), regular),
        Example(((4, 2),), ((("rtol", 1e-10),),), regular),
        Example(((2, 2, 3),), ((),), regular),
        Example(((3, 3),), ((("hermitian", True),),), symmetric),
    ),
    reference="Golub & Pereyra 1973, 'The differentiation of pseudo-inverses and "
    "nonlinear least squares problems', eq. 4.12",
)


@implements(np.linalg.pinv)
def pinv(
    a: Value, rcond: Any = None, hermitian: bool = False, *, rtol: Any = np._NoValue
) -> Value:
    """Return the pseudo-inverse."""
    if hermitian:
        check_symmetric(a, "np.linalg.pinv(..., hermitian=True)")
    given = {"rcond": rcond, "rtol": rtol, "hermitian": bool(hermitian)}
    unset = {"rcond": None, "rtol": np._NoValue, "hermitian": False}
    options = tuple(
        (name, value) for name, value in given.items() if value is not unset[name]
    )
    return bind(pseudo_inverse, (a,), (options,))


def lstsq_pullback(
    positions: Sequence[int],
    out_bar: Sequence[Value],
    out: tuple[Value, Value, Value],
    a: Value,
    b: Value,
    rcond: float | None,
) -> list[Value]:
    """Return cotangents of a and b through x, |b - a x|² and the singular values.

    With p = a⁺, r = b - a x, y = pᵀ x̄ and * the conjugate:  b̄ = y and
    ā = -y xᵀ + r* (p y*)ᵀ + (pᵀ x*) (x̄* - p a x̄*)ᵀ; of the residuals, b̄ = 2 r* ρ̄ and
    ā = -2 r* ρ̄ xᵀ.
    """
    x, residuals, _ = out
    x_bar, rho_bar, s_bar = out_bar
    p = np.linalg.pinv(a, rcond=_cutoff(a, rcond))
    _check_rank(p, a, "np.linalg.lstsq")
    r_conj = conjugated(b - np.matmul(a, x))
    x_bar = np.zeros_like(x) if x_bar is None else x_bar
    y = np.matmul(transposed(p), x_bar)
    a_bar = np.matmul(r_conj, transposed(np.matmul(p, conjugated(y))))
    rest = conjugated(x_bar)
    rest = rest - np.matmul(p, np.matmul(a, rest))
    moved = np.matmul(transposed(p), conjugated(x))
    a_bar = a_bar + np.matmul(moved, transposed(rest))
    if rho_bar is not None and residuals.shape[-1]:
        y = y + 2.0 * r_conj * np.real(rho_bar)
    a_bar = a_bar - np.matmul(y, transposed(x))
    if s_bar is not None:
        u, _, vh = np.linalg.svd(a, full_matrices=False)
        a_bar = a_bar + np.matmul(conjugated(u) * np.real(s_bar), conjugated(vh))
    return [y if k else a_bar for k in positions]


def _cutoff(a: Value, rcond: float | None) -> float:
    """Return which part of the largest singular value counts as 0, by default."""
    eps = float(np.finfo(a.dtype).eps)
    return eps * max(a.shape) if rcond is None else eps if rcond < 0 else rcond


def _lstsq_evaluate(
    a: Value, b: Value, rcond: float | None
) -> tuple[Value, Value, Value]:
    x, residuals, _, s = np.linalg.lstsq(a, b, rcond)
    return x, residuals, s


fit = sharing(
    np.linalg.lstsq,
    _lstsq_evaluate,
    lstsq_pullback,
    arity=2,
    outputs=3,
    examples=(
        Example(((4, 2), (4, 3)), (None,), lambda a, b: (*regular(a), b)),
        Example(((3, 3), (3, 1)), (None,), lambda a, b: (*regular(a), b)),
        Example(((2, 4), (2, 2)), (None,), lambda a, b: (*regular(a), b)),
    ),
    reference="Golub & Pereyra 1973, sections 4 and 5",
)


@implements(np.linalg.lstsq)
def lstsq(a: Value, b: Value, rcond: float | None = None) -> tuple[Value, ...]:
    """Return the least-squares solution, its residuals, the rank, singular values."""
    a, b = as_operand(a), as_operand(b)
    column = ndim_of(b) == 1
    given = np.expand_dims(b, -1) if column else b
    x, residuals, s = bind(fit, (a, given), (rcond,))
    cutoff = _cutoff(a, rcond) * np.max(s, axis=-1, keepdims=True)
    rank = np.sum(np.greater(s, cutoff), axis=-1, dtype=np.intc)
    return x[..., 0] if column else x, residuals, rank, s
