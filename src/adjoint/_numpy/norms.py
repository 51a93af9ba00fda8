"""Norms of vectors and matrices, and condition numbers, in NumPy's own order.

At 0 a norm has a kink; its slope there is 0, the symmetric one.  A second derivative at
0 does not exist, and what comes out for it means nothing.
"""

from typing import Any

import numpy as np

from adjoint._core.arrays import Value, ndim_of, normalize_axis, shape_of
from adjoint._core.dispatch import settle
from adjoint._core.handle import strip
from adjoint._core.registry import implements
from adjoint._numpy.complexes import is_complex
from adjoint._primitives.linalg.roots import root_of_squares

Axis = int | tuple[int, ...] | None


@implements(np.linalg.norm)
def norm(x: Value, ord: Any = None, axis: Axis = None, keepdims: bool = False) -> Value:
    """Return a norm of vectors or of matrices, by ``ord``.

    Raises
    ------
    ValueError
        For an order that NumPy does not know, or three axes and more.
    """
    rank = ndim_of(x)
    euclidean = ord is None or (ord in {"f", "fro"} and rank == 2)
    if axis is None and (euclidean or (ord == 2 and rank == 1)):
        flat = np.ravel(x, order="K")
        total = _dot_with_itself(flat)
        if keepdims:  # before the root: a square that follows must meet the root itself
            total = np.reshape(total, (1,) * rank)
        return root_of_squares(total)
    axes = tuple(range(rank)) if axis is None else axis
    if not isinstance(axes, tuple):
        axes = (axes,)
    numbers = tuple(normalize_axis(one, rank) for one in axes)
    if len(numbers) == 1:
        return _of_vectors(x, ord, numbers, keepdims)
    if len(numbers) == 2:
        return _of_matrices(x, ord, numbers, keepdims)
    msg = "Improper number of dimensions to norm."
    raise ValueError(msg)


def _dot_with_itself(x: Value) -> Value:
    """Return the sum of the squared moduli of a vector, as NumPy sums them."""
    if not is_complex(x):
        return np.dot(x, x)
    re, im = np.real(x), np.imag(x)
    return np.dot(re, re) + np.dot(im, im)


def _squares(x: Value) -> Value:
    """Return the squared moduli, as NumPy computes them."""
    return np.real(np.conjugate(x) * x) if is_complex(x) else x * x


def _of_vectors(x: Value, ord: Any, axes: tuple[int, ...], keepdims: bool) -> Value:
    """Return the norm of order ``ord`` along one axis."""
    if ord == np.inf:
        return _largest(np.abs(x), axes[0], keepdims)
    if ord == -np.inf:
        return np.min(np.abs(x), axis=axes, keepdims=keepdims)
    if ord == 0:
        return _number_of_nonzeros(x, axes, keepdims)
    if ord == 1:
        return np.sum(np.abs(x), axis=axes, keepdims=keepdims)
    if ord is None or ord == 2:
        return root_of_squares(np.sum(_squares(x), axis=axes, keepdims=keepdims))
    if isinstance(ord, str):
        msg = f"Invalid norm order '{ord}' for vectors"
        raise ValueError(msg)  # noqa: TRY004 - NumPy's own
    total = np.sum(np.power(np.abs(x), ord), axis=axes, keepdims=keepdims)
    return np.power(total, np.reciprocal(ord, dtype=total.dtype))


def _number_of_nonzeros(x: Value, axes: tuple[int, ...], keepdims: bool) -> Value:
    """Return how many numbers are not 0, in the real dtype of their moduli."""
    counted = np.not_equal(x, 0).astype(np.real(x).dtype)
    return np.sum(counted, axis=axes, keepdims=keepdims)


def _largest(x: Value, axis: int, keepdims: bool = False) -> Value:
    """Return the largest of numbers that are not negative, 0 of none."""
    if shape_of(x)[axis] == 0:
        return np.sum(x, axis=axis, keepdims=keepdims)
    return np.max(x, axis=axis, keepdims=keepdims)


def _of_matrices(x: Value, ord: Any, axes: tuple[int, int], keepdims: bool) -> Value:
    """Return the norm of order ``ord`` of the matrices in two axes."""
    if axes[0] == axes[1]:
        msg = "Duplicate axes given."
        raise ValueError(msg)
    x = np.moveaxis(x, axes, (-2, -1))
    if ord in {None, "fro", "f"}:
        total = np.sum(_squares(x), axis=(-2, -1))
        if keepdims:
            total = np.expand_dims(total, tuple(sorted(axes)))
        return root_of_squares(total)
    if ord in {1, -1, np.inf, -np.inf}:
        sums = np.sum(np.abs(x), axis=-2 if abs(ord) == 1 else -1)
        out = _largest(sums, -1) if ord > 0 else np.min(sums, axis=-1)
    elif ord in {2, -2, "nuc"}:
        values = np.linalg.svd(x, compute_uv=False)
        if ord == 2:
            out = _largest(values, -1)
        else:
            out = np.min(values, -1) if ord == -2 else np.sum(values, -1)
    else:
        msg = "Invalid norm order for matrices."
        raise ValueError(msg)
    if not keepdims:
        return out
    return np.expand_dims(out, tuple(sorted(axes)))


@implements(np.linalg.vector_norm)
def vector_norm(
    x: Value, /, *, axis: Axis = None, keepdims: bool = False, ord: Any = 2
) -> Value:
    """Return the norm of vectors; of all elements, or of those in some axes."""
    rank = ndim_of(x)
    axes = tuple(range(rank)) if axis is None else axis
    if isinstance(axes, int):
        return norm(x, ord, axes, keepdims)
    numbers = tuple(normalize_axis(one, rank) for one in axes)
    others = tuple(k for k in range(rank) if k not in numbers)
    moved = np.transpose(x, numbers + others)
    lengths = [1 if k in numbers else n for k, n in enumerate(shape_of(x))]
    if not keepdims:
        lengths = [lengths[k] for k in others]
    return norm(np.reshape(moved, (-1, *lengths)), ord, 0)


@implements(np.linalg.matrix_norm)
def matrix_norm(x: Value, /, *, keepdims: bool = False, ord: Any = "fro") -> Value:
    """Return the norm of the matrices in the last two axes."""
    return norm(x, ord, (-2, -1), keepdims)


@implements(np.linalg.cond)
def cond(x: Value, p: Any = None) -> Value:
    """Return the condition number: the norm times that of the inverse.

    Of a singular matrix it is infinite, and its derivative is not finite.

    Raises
    ------
    LinAlgError
        For matrices without elements, as NumPy does.
    """
    if 0 in shape_of(x)[-2:]:
        msg = "cond is not defined on empty arrays"
        raise np.linalg.LinAlgError(msg)
    if p is None or p in {2, -2}:
        values = np.linalg.svd(x, compute_uv=False)
        top, bottom = (-1, 0) if p == -2 else (0, -1)
        with np.errstate(all="ignore"):
            out = values[..., top] / values[..., bottom]
    else:
        # NumPy inverts single precision in double: its last places may differ.
        inverse = _inverse_or_infinite(x, p)
        with np.errstate(all="ignore"):
            out = norm(x, p, (-2, -1)) * norm(inverse, p, (-2, -1))
    whole = np.logical_not(np.any(np.isnan(x), axis=(-2, -1)))
    return np.where(np.logical_and(np.isnan(out), whole), np.inf, out)[()]


def _inverse_or_infinite(x: Value, p: Any) -> Value:
    """Return the inverses of matrices; those that have none are inf.

    For the nuclear norm (``p``) they are refused.
    """
    try:
        return np.linalg.inv(x)
    except np.linalg.LinAlgError:
        if p == "nuc":  # NumPy takes the singular values of what is not finite
            raise
        sign, _ = np.linalg.slogdet(settle(x, "which matrices are singular"))
        singular = np.equal(sign, 0)[..., None, None]
        safe = np.where(singular, np.eye(x.shape[-1]), x)
        return np.where(singular, np.inf, np.linalg.inv(safe))


@implements(np.linalg.matrix_rank)
def matrix_rank(
    A: Value, tol: Any = None, hermitian: bool = False, *, rtol: Any = None
) -> Any:
    """Return the rank, which is piecewise constant: of the plain matrix.

    Raises
    ------
    ValueError
        If both tolerances are given, as NumPy does.
    """
    if tol is not None and rtol is not None:
        msg = "`tol` and `rtol` can't be both set."
        raise ValueError(msg)
    if A.ndim < 2:
        return np.any(A != 0).astype(int)
    values = np.linalg.svd(A, compute_uv=False, hermitian=hermitian)
    if tol is not None:
        return np.sum(values > np.expand_dims(np.asarray(tol), -1), axis=-1)
    if rtol is None:
        rtol = max(A.shape[-2:]) * np.finfo(strip(A).dtype).eps
    else:
        rtol = np.expand_dims(np.asarray(rtol), -1)
    return np.sum(values > np.max(values, axis=-1, keepdims=True) * rtol, axis=-1)
