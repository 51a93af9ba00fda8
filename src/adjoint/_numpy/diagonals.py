"""Diagonals and triangles of matrices."""

from typing import Any

import numpy as np

from adjoint._core.arrays import Value, normalize_axis
from adjoint._core.dispatch import as_operand, bind_one
from adjoint._core.elements import embed
from adjoint._core.registry import implements
from adjoint._primitives.diagonal import places_of_diagonal, taking_diagonal


@implements(np.diagonal)
def diagonal(a: Value, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Value:
    """Return the diagonal of the matrices in two axes, as the last axis.

    Raises
    ------
    ValueError
        If there are no two axes, as NumPy does.
    """
    if a.ndim < 2:
        msg = "diag requires an array of at least two dimensions"
        raise ValueError(msg)
    axes = normalize_axis(axis1, a.ndim), normalize_axis(axis2, a.ndim)
    if axes[0] == axes[1]:
        msg = "axis1 and axis2 cannot be the same"
        raise ValueError(msg)
    return bind_one(taking_diagonal, a, (int(offset), *axes))


@implements(np.linalg.diagonal)
def diagonal_of_matrices(x: Value, /, *, offset: int = 0) -> Value:
    """Return the diagonals of the matrices in the last two axes."""
    return diagonal(x, offset, -2, -1)


@implements(np.trace)
def trace(
    a: Value, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: Any = None
) -> Value:
    """Return the sum of a diagonal."""
    return np.sum(np.diagonal(a, offset, axis1, axis2), axis=-1, dtype=dtype)


@implements(np.linalg.trace)
def trace_of_matrices(x: Value, /, *, offset: int = 0, dtype: Any = None) -> Value:
    """Return the sums of the diagonals of the matrices in the last two axes."""
    return trace(x, offset, -2, -1, dtype)


@implements(np.diag)
def diag(v: Value, k: int = 0) -> Value:
    """Return the diagonal of a matrix, or the matrix with a given diagonal.

    Raises
    ------
    ValueError
        For arrays with no axis or more than two, as NumPy does.
    """
    if v.ndim == 2:
        return np.diagonal(v, k)
    if v.ndim != 1:
        msg = "Input must be 1- or 2-d."
        raise ValueError(msg)
    size = v.shape[0] + abs(k)
    places = places_of_diagonal(size, size, k)
    return np.reshape(embed(v, (size * size,), places), (size, size))


@implements(np.diagflat)
def diagflat(v: Value, k: int = 0) -> Value:
    """Return the matrix with the elements of ``v`` on a diagonal."""
    return diag(np.ravel(v), k)


def _triangle(m: Value, k: int) -> Any:
    """Return where the last two axes are on or below diagonal ``k``."""
    rows, columns = m.shape[-2:] if m.ndim > 1 else m.shape * 2
    return np.tri(rows, columns, k=k, dtype=bool)


@implements(np.tril)
def tril(m: Value, k: int = 0) -> Value:
    """Return matrices with zeros above diagonal ``k``."""
    m = as_operand(m)
    return np.where(_triangle(m, k), m, np.zeros((), m.dtype))


@implements(np.triu)
def triu(m: Value, k: int = 0) -> Value:
    """Return matrices with zeros below diagonal ``k``."""
    m = as_operand(m)
    return np.where(_triangle(m, k - 1), np.zeros((), m.dtype), m)
