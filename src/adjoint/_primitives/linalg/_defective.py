"""Left eigenvectors, and eigenvalues that have no derivative.

The tangent of an eigenvalue is y_iᵀ ȧ v_i, where v_i is its vector and y_i the row of
v⁻¹.  With s_i = 1 / (|y_i| |v_i|), the cosine between the two, it grows like 1/s_i.
A matrix that is *defective* has fewer vectors than rows: there s_i is 0, and the
eigenvalue moves like a root of what is added to the matrix.  [[1, 1], [t, 1]] has the
eigenvalues 1 ± sqrt(t).  Symmetric functions of them, such as the sum of their squares,
are smooth, but the cotangents of the values do not tell their derivative: it takes the
slopes at both values, and how these part.  So nan is returned, with a warning.

In floating point a defective matrix is one with values apart by the square root of
rounding, vectors as near, and derivatives without a right digit.  An eigenvalue counts
as defective if

- s_i is less than 32 sqrt(eps), and
- the first-order error of y_iᵀ v_i, eps |a| Σ_j 1 / (s_j |λ_j - λ_i|), is more than
  1/1024, measured where `_balance` has scaled rows and columns alike, as LAPACK does.

The first condition keeps equal values with vectors of their own, which are any two of
a plane, as they are.  The second keeps what is steep, but known.  Measured, of 2000
matrices x j x⁻¹, x normal: with a defective pair in j the largest s_i was 1.3e-7, 0.3
of the bound; with two equal values without that coupling the least was 2.6e-4.  The
zeros of (x - 1) ... (x - n) have s_i of 3e-11 at n = 10, derivatives right to 3e-9, and
are kept; to 2e-4 at 15, kept; at 20 without a digit, lost.  Rows of very different
sizes make s_i small, and mean nothing: of 2000 normal matrices scaled by up to 1e12
none is lost.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from adjoint._core.arrays import Value
from adjoint._core.dispatch import bind, decide, highest_trace
from adjoint._core.elements import held
from adjoint._core.errors import warn_of_convention
from adjoint._core.record import Example
from adjoint._primitives._makers import constant
from adjoint._primitives.linalg._gaps import over_gap
from adjoint._primitives.linalg._matrices import real_spectrum, transposed

Array = np.ndarray[Any, Any]


def pulled_back(a: Value, w: Value, v: Value, bars: Sequence[Value]) -> Value:
    """Return v⁻ᵀ m vᵀ, but nan where it depends on a defective eigenvalue.

    Parameters
    ----------
    a, w, v : arrays
        A matrix, its eigenvalues and its vectors.
    bars : sequence of three
        m, which is linear in cotangents, and these cotangents: of the values and of
        the vectors, or ``None``.
    """
    inner, w_bar, v_bar = bars
    left = rows_of_inverse(a, w, v)
    if not decide("defective", has_nan, left):
        left = left if highest_trace((v,)) is None else np.linalg.inv(v)
        return np.matmul(np.matmul(transposed(left), inner), transposed(v))
    _warn()
    bad = np.isnan(left[..., 0])
    left = np.where(bad[..., None], 0.0, left) + _steep(v, bad)
    inner = np.where(bad[..., None], 0.0, inner)
    a_bar = np.matmul(np.matmul(transposed(left), inner), transposed(v))
    used = 0.0 if w_bar is None else _use(w_bar, bad) + _of_zeros(a, w, w_bar, bad)
    if v_bar is not None:  # of no vector: each moves along all the others
        used = used + np.sum(_use(v_bar, _any(bad)), axis=-1)
    return a_bar + over_gap(_whole(used, a_bar), np.nan)


def _use(bar: Value, bad: Value) -> Value:
    """Return per matrix 0, or nan if a cotangent is not 0 where there is no derivative.

    Transposed, as forward mode takes it: 0 if the tangent of the matrix is 0, else nan,
    and that for these eigenvalues only.
    """
    return np.sum(over_gap(np.where(bad, bar, 0.0), np.nan), axis=-1)


def _of_zeros(a: Value, w: Value, w_bar: Value, bad: Value) -> Value:
    """Return nan per matrix with defective zeros where no cotangent differs from 0.

    So it is of the product of all values, and of powers of them.
    """
    size = np.sqrt(np.sum(np.abs(a) ** 2, axis=(-2, -1)))
    zero = np.less_equal(np.abs(w), np.expand_dims(size, -1) * _rounding(a))
    unused = np.all(np.equal(w_bar, 0), axis=-1)
    lost = np.logical_and(unused, np.any(np.logical_and(zero, bad), axis=-1))
    return np.where(lost, np.nan, np.zeros_like(w_bar[..., 0]))


def _rounding(a: Value) -> float:
    """Return by how much the equal eigenvalues of one block part: of three at most."""
    return float(2.0 * np.cbrt(np.finfo(a.dtype).eps))


def _whole(of_matrices: Value, a_bar: Value) -> Value:
    """Return a number per matrix as one per element."""
    return np.expand_dims(of_matrices, (-2, -1)) * np.ones_like(a_bar)


def _any(bad: Value) -> Value:
    return np.any(bad, axis=-1)[..., None, None]


def _steep(v: Value, bad: Value) -> Value:
    """Return 0 with derivative nan, where a matrix is defective."""
    moved = over_gap(np.where(_any(bad), v - held(v), 0.0), np.nan)
    return np.sum(moved, axis=(-2, -1), keepdims=True)


def has_nan(plain: Value) -> bool:
    """Tell whether an element of a plain array is nan."""
    return bool(np.isnan(plain).any())


def _warn() -> None:
    warn_of_convention(
        "An eigenvalue of a matrix that is defective (it has fewer eigenvectors than "
        "rows, up to rounding), or a multiple root of np.roots, has no derivative: it "
        "moves like a root of the change. nan stands for it, and for all vectors of "
        "that matrix; 0 where the result has slope 0 in it, which is right only if "
        "the result does not use it. Write symmetric functions of all eigenvalues in "
        "terms of the matrix (np.trace(a), np.trace(a @ a), np.linalg.det(a)) or of "
        "the polynomial's coefficients, or part the eigenvalues."
    )


def rows_of_inverse(a: Value, w: Value, v: Value) -> Value:
    """Return v⁻¹ as a constant, its rows nan for defective eigenvalues.

    Dispatches by itself.
    """
    if highest_trace((a, w, v)) is not None:
        return bind(inverse_or_nan, (a, w, v))
    with np.errstate(all="ignore"):  # what is infinite here is judged, not used
        left = _inverse(v)
        lengths = np.linalg.norm(left, axis=-1)  # those of v have length 1
        if np.all(lengths <= 0.5 / _least_cosine(v)):
            return left
        count = v.shape[-1]
        matrices = (np.reshape(x, (-1, count, count)) for x in (a, v, left))
        values = np.reshape(w, (-1, count))
        judged = [_judge(*one) for one in zip(*matrices, values, strict=True)]
    return np.reshape(np.stack(judged), left.shape)


def _inverse(v: Array) -> Array:
    """Return inverses; infinite where there are none, for the whole matrix."""
    try:
        return np.linalg.inv(v)
    except np.linalg.LinAlgError:
        if v.ndim == 2:
            return np.full_like(v, np.inf)
        return np.stack([_inverse(one) for one in v])


def _cosines(left: Array, v: Array) -> Array:
    """Return s_i: the cosines between left and right vectors, nan read as 0."""
    lengths = np.linalg.norm(left, axis=-1) * np.linalg.norm(v, axis=-2)
    cosines: Array = np.nan_to_num(1.0 / lengths)
    return cosines


def _least_cosine(v: Array) -> float:
    return 32.0 * float(np.sqrt(np.finfo(v.dtype).eps))


def _judge(a: Array, v: Array, left: Array, w: Array) -> Array:
    """Return v⁻¹ of one matrix, some of whose s_i are small: rows nan that are lost.

    The inverse of vectors that are nearly dependent is not exact in the others' rows
    either, and there may be none.  So these are found anew, see `_row`.
    """
    scales, eps = _balance(a), float(np.finfo(v.dtype).eps)
    a, v_scaled = a * scales / scales[:, None], v / scales[:, None]
    size = float(np.linalg.norm(a))
    distances = np.abs(w[:, None] - w)
    np.fill_diagonal(distances, np.inf)
    cosines = _cosines(left * scales, v_scaled)
    error = eps * size * np.sum(1.0 / (distances * cosines), axis=-1)
    bad = (_cosines(left, v) < _least_cosine(v)) & ~(error < 1.0 / 1024.0)
    if not bad.any():
        return left
    for i in np.flatnonzero(bad):  # for want of an inverse, maybe
        bad[i] = not (
            np.all(distances[i] > size * _rounding(v))
            and _has_left_vector(a, w[i], v_scaled[:, i : i + 1])
        )
    bad = bad | np.any(distances[:, bad] <= size * _rounding(v), axis=-1)
    rows, kept = np.full_like(left, np.nan), np.flatnonzero(~bad)
    for i in kept:
        rows[i] = _row(a, w[i], v_scaled[:, kept], kept == i) / scales
    return rows


def _has_left_vector(a: Array, value: Any, v: Array) -> bool:
    """Tell whether an eigenvalue far from all others has a left vector, s_i not 0."""
    row, eps = _row(a, value, v, np.ones(1)), np.finfo(v.dtype).eps
    residual = row @ a - value * row
    return bool(
        _cosines(row, v)[0] >= _least_cosine(v)
        and np.linalg.norm(residual) <= np.sqrt(eps) * np.linalg.norm(a) / len(a)
        and abs(row @ v[:, 0] - 1.0) <= np.sqrt(eps)
    )


def _row(a: Array, value: Any, v: Array, one: Array) -> Array:
    """Return y with yᵀ (a - λ) = 0 that is 1 with its own vector, 0 with others."""
    shifted = a - value * np.eye(len(a), dtype=a.dtype)
    size = np.linalg.norm(shifted) or 1.0
    system = np.concatenate([shifted / size, v], axis=1)
    right = np.concatenate([np.zeros(len(a)), one]).astype(system.dtype)
    row: Array = np.linalg.lstsq(system.T, right, rcond=None)[0]
    return row


def _balance(a: Array) -> Array:
    """Return d, powers of 2: rows and columns of a * d / d[:, None] are of one size.

    Sizes are those of the elements off the diagonal, as in LAPACK's xGEBAL.  A row or a
    column without any is that of an eigenvalue on the diagonal; scaling could make the
    rest as small as one likes, and is stopped at the size of that value.
    """
    sizes, own = np.abs(a), np.abs(np.diagonal(a))
    np.fill_diagonal(sizes, 0.0)
    scales = np.ones(len(a))
    for k in [*range(len(a))] * _SWEEPS:
        column, row = np.linalg.norm(sizes[:, k]), np.linalg.norm(sizes[k])
        least = min(own[k], max(column, row))
        column, row = column or least, row or least
        if column == 0 or row == 0:
            continue
        factor = 2.0 ** np.rint(0.5 * (np.log2(row) - np.log2(column)))
        if column * factor + row / factor < 0.95 * (column + row):
            scales[k] *= factor
            sizes[:, k] *= factor
            sizes[k] /= factor
    return scales


_SWEEPS = 20
"""More than ever needed: LAPACK's loop ends after 2 to 6."""


def _with_vectors(x: Value) -> tuple[Value, ...]:
    (a,) = real_spectrum(x)
    return (a, *np.linalg.eig(a))


def _batch(args: Sequence[Value], batched: Sequence[bool], size: int) -> Value:
    whole = (
        x if own else np.broadcast_to(x, (size, *x.shape))
        for x, own in zip(args, batched, strict=True)
    )
    return rows_of_inverse(*whole)


inverse_or_nan = constant(
    rows_of_inverse,
    arity=3,
    batch=_batch,
    examples=(Example(((3, 3),), given=_with_vectors),),
)
