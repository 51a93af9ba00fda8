"""Polynomials by their coefficients, the highest power first."""

import functools
import operator
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from adjoint._core.arrays import Value, in_dtype
from adjoint._core.dispatch import as_part, decide, settle
from adjoint._core.registry import implements


@implements(np.polyval)
def polyval(p: Value, x: Value) -> Value:
    """Return the values of a polynomial at ``x``, by Horner's scheme."""
    p, x = as_part(p), as_part(x)
    out: Value = np.zeros_like(x) if np.ndim(x) else np.zeros_like(x)[()]
    for coefficient in p:
        out = out * x + coefficient
    return out


@implements(np.vander)
def vander(x: Value, N: int | None = None, increasing: bool = False) -> Value:
    """Return the Vandermonde matrix: the powers of each element, one row each.

    Raises
    ------
    ValueError
        If ``x`` is no vector, as NumPy does.
    """
    if np.ndim(x) != 1:
        msg = "x must be a one-dimensional array or sequence."
        raise ValueError(msg)
    count = np.shape(x)[0] if N is None else operator.index(N)
    x = in_dtype(x, np.promote_types(x.dtype, int))
    if count == 0:
        return np.reshape(x, (-1, 1))[:, :0]
    rows = np.broadcast_to(np.reshape(x, (-1, 1)), (np.shape(x)[0], count - 1))
    ones = np.ones((np.shape(x)[0], 1), x.dtype)
    powers = np.concatenate([ones, np.cumprod(rows, axis=1)], axis=1)
    return powers if increasing else powers[:, ::-1]


@implements(np.poly)
def poly(seq_of_zeros: Value) -> Value:
    """Return the coefficients of the polynomial with given roots, or eigenvalues.

    Raises
    ------
    ValueError
        For what is no vector and no square matrix, as NumPy does.
    """
    zeros = np.atleast_1d(as_part(seq_of_zeros))
    if zeros.ndim == 2 and zeros.shape[0] == zeros.shape[1] != 0:
        zeros = np.linalg.eigvals(zeros)
    elif zeros.ndim != 1:
        msg = "input must be 1d or non-empty square 2d array."
        raise ValueError(msg)
    zeros = zeros.astype(np.mintypecode(zeros.dtype.char))
    if not len(zeros):
        return 1.0
    out: Value = np.ones(1, zeros.dtype)
    for zero in zeros:
        factor = np.stack([np.ones((), zeros.dtype), np.negative(zero)])
        out = np.convolve(out, factor)
    if zeros.dtype.kind == "c" and decide("conjugate", _are_conjugate, zeros):
        return np.real(out)
    return out


def _are_conjugate(roots: Any) -> bool:
    """Tell whether complex roots come in pairs, so that coefficients are real."""
    double = np.asarray(roots, complex)
    return bool(np.all(np.sort(double) == np.sort(double.conj())))


@implements(np.roots)
def roots(p: Value) -> Value:
    """Return the roots of a polynomial: the eigenvalues of its companion matrix.

    Coefficients that are zero at either end lower the degree, or give roots at 0; they
    are constants there.

    Raises
    ------
    ValueError
        For coefficients that are no vector, as NumPy does.
    """
    p = np.atleast_1d(p)
    if p.ndim != 1:
        msg = "Input must be a rank-1 array."
        raise ValueError(msg)
    (nonzero,) = np.nonzero(settle(p, "the number of nonzero elements"))
    if not len(nonzero):
        return np.array([])
    at_zero = len(p) - int(nonzero[-1]) - 1
    p = p[int(nonzero[0]) : int(nonzero[-1]) + 1]
    if len(p) < 2:
        return np.zeros(at_zero)
    first = -p[1:] / p[0]
    below = np.eye(len(p) - 2, len(p) - 1, dtype=p.dtype)
    found = np.linalg.eigvals(np.concatenate([first[None], below]))
    if (
        _eigenvalues_stay_complex()
        and p.dtype.kind != "c"
        and decide("real", _are_real, found)
    ):
        found = np.real(found)
    return np.concatenate([found, np.zeros(at_zero, found.dtype)])


@functools.cache
def _eigenvalues_stay_complex() -> bool:
    """Tell whether this NumPy has eigenvalues complex, even if all are real.

    From 2.5 on; its ``roots`` gives real ones as before.
    """
    return np.linalg.eigvals(np.ones((1, 1))).dtype.kind == "c"


def _are_real(roots: Any) -> bool:
    return bool(np.all(np.imag(roots) == 0.0))


@implements(np.polyint)
def polyint(p: Value, m: int = 1, k: Any = None) -> Any:
    """Return the coefficients of an integral taken ``m`` times, constants ``k``.

    Raises
    ------
    ValueError
        For a negative order, or too few constants, as NumPy does.
    """
    order = int(m)
    if order < 0:
        msg = "Order of integral must be positive (see polyder)"
        raise ValueError(msg)
    constants = np.atleast_1d(np.zeros(order) if k is None else as_part(k))
    if len(constants) == 1 and order > 1:
        constants = np.broadcast_to(constants, (order,))
    if len(constants) < order:
        msg = "k must be a scalar or a rank-1 array of length 1 or >m."
        raise ValueError(msg)
    out = as_part(p)
    for number in range(order):
        powers = np.arange(len(out), 0, -1)
        last = constants[number : number + 1]
        out = np.concatenate([np.true_divide(out, powers), last])
    return out


@implements(np.polyder)
def polyder(p: Value, m: int = 1) -> Any:
    """Return the coefficients of a derivative taken ``m`` times.

    Raises
    ------
    ValueError
        For a negative order, as NumPy does.
    """
    order = int(m)
    if order < 0:
        msg = "Order of derivative must be positive (see polyint)"
        raise ValueError(msg)
    out = as_part(p)
    for _ in range(order):
        out = out[:-1] * np.arange(len(out) - 1, 0, -1)
    return out


def _of_two(combine: Callable[[Value, Value], Value]) -> Callable[..., Any]:
    """Return a sum of polynomials: the shorter one is given leading zeros."""

    def combined(a1: Value, a2: Value) -> Any:
        one, other = _coefficients(a1), _coefficients(a2)
        missing = len(other) - len(one)
        zeros = np.zeros(abs(missing), one.dtype if missing > 0 else other.dtype)
        if missing > 0:
            one = np.concatenate([zeros, one])
        elif missing < 0:
            other = np.concatenate([zeros, other])
        return _like(combine(one, other), a1, a2)

    return combined


def _coefficients(a: Any) -> Value:
    return np.atleast_1d(a.coeffs if isinstance(a, np.poly1d) else as_part(a))


def _like(out: Value, *operands: Any) -> Any:
    """Return coefficients as a ``np.poly1d`` if an operand was one."""
    some = any(isinstance(one, np.poly1d) for one in operands)
    return np.poly1d(out) if some else out


implements(np.polyadd)(_of_two(np.add))
implements(np.polysub)(_of_two(np.subtract))


@implements(np.polymul)
def polymul(a1: Value, a2: Value) -> Any:
    """Return the coefficients of a product: the convolution of both."""
    one, other = (_without_leading_zeros(_coefficients(a)) for a in (a1, a2))
    return _like(np.convolve(one, other), a1, a2)


def _without_leading_zeros(a: Value) -> Value:
    """Return coefficients from the first that is not 0 on; of none a single 0."""
    trimmed = np.trim_zeros(a, "f")
    return trimmed if len(trimmed) else np.zeros(1, a.dtype)


@implements(np.polydiv)
def polydiv(u: Value, v: Value) -> tuple[Any, Any]:
    """Return quotient and remainder of two polynomials, by long division.

    How many leading coefficients of the remainder count as 0 is NumPy's choice.
    """
    a, b = _coefficients(u) + 0.0, _coefficients(v) + 0.0
    steps = len(a) - len(b) + 1
    dtype = np.result_type(a, b)
    scale = 1.0 / b[0]
    rest = in_dtype(a, dtype)
    quotient = []
    for k in range(steps):
        factor = scale * rest[k]
        quotient.append(factor)
        changed = rest[k : k + len(b)] - factor * b
        rest = np.concatenate([rest[:k], changed, rest[k + len(b) :]])
    q = np.stack(quotient) if quotient else np.zeros(1, dtype)
    q = in_dtype(q, dtype)
    while len(rest) > 1 and decide("zero", _counts_as_zero, rest[0]):
        rest = rest[1:]
    return _like(q, u, v), _like(rest, u, v)


def _counts_as_zero(coefficient: Any) -> bool:
    return bool(np.allclose(coefficient, 0, rtol=1e-14))


@implements(np.polyfit)
def polyfit(
    x: Value,
    y: Value,
    deg: int,
    rcond: float | None = None,
    full: bool = False,
    w: Value = None,
    cov: Any = False,
) -> Any:
    """Return the coefficients of the polynomial of least squares, in NumPy's own steps.

    With ``full`` also residuals, rank, singular values and ``rcond``; with ``cov`` the
    covariance of the coefficients.

    Raises
    ------
    TypeError, ValueError
        As NumPy does, for arguments that do not fit.
    """
    order = int(deg) + 1
    x, y = as_part(x) + 0.0, as_part(y) + 0.0
    _check_fit(x, y, deg)
    rcond = len(x) * np.finfo(x.dtype).eps if rcond is None else rcond
    lhs, rhs = np.vander(x, order), y
    if w is not None:
        w = as_part(w) + 0.0
        _check_weights(w, lhs, y)
        lhs = lhs * w[:, None]
        weighted = rhs * w[:, None] if rhs.ndim == 2 else rhs * w
        rhs = weighted.astype(rhs.dtype, copy=False)
    scale = np.sqrt(np.sum(lhs * lhs, axis=0))
    lhs = lhs / scale
    c, residuals, rank, singular = np.linalg.lstsq(lhs, rhs, rcond)
    c = (c.T / scale).T
    if rank != order and not full:
        warnings.warn(
            "Polyfit may be poorly conditioned",
            np.exceptions.RankWarning,
            stacklevel=_TO_THE_CALLER,
        )
    if full:
        return c, residuals, rank, singular, rcond
    if not cov:
        return c
    base = np.linalg.inv(np.dot(lhs.T, lhs))
    base = base / np.outer(scale, scale)
    factor: Value = 1
    if cov != "unscaled":
        if len(x) <= order:
            msg = "the number of data points must exceed order "
            raise ValueError(msg + "to scale the covariance matrix")
        factor = residuals / (len(x) - order)
    return c, (base if y.ndim == 1 else base[:, :, None]) * factor


_TO_THE_CALLER = 4


def _check_fit(x: Value, y: Value, deg: int) -> None:
    if deg < 0:
        msg = "expected deg >= 0"
        raise ValueError(msg)
    if x.ndim != 1:
        msg = "expected 1D vector for x"
        raise TypeError(msg)
    if x.size == 0:
        msg = "expected non-empty vector for x"
        raise TypeError(msg)
    if not 1 <= y.ndim <= 2:
        msg = "expected 1D or 2D array for y"
        raise TypeError(msg)
    if x.shape[0] != y.shape[0]:
        msg = "expected x and y to have same length"
        raise TypeError(msg)


def _check_weights(w: Value, lhs: Value, y: Value) -> None:
    if w.ndim != 1:
        msg = "expected a 1-d array for weights"
        raise TypeError(msg)
    if w.shape[0] != y.shape[0]:
        msg = "expected w and y to have the same length"
        raise TypeError(msg)
    for factor in (lhs, y):
        if not np.can_cast(w.dtype, factor.dtype, "same_kind"):
            msg = f"Cannot cast weights from {w.dtype!r} to {factor.dtype!r}"
            raise TypeError(msg)
