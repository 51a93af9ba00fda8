"""Products composed of others: inner, tensordot, kron, cross, vdot.

Each multiplies and sums in NumPy's own order, so that values agree to the last bit.
"""

import math
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from adjoint._core.arrays import Value, ndim_of, normalize_axis, shape_of
from adjoint._core.dispatch import as_operand, bind
from adjoint._core.registry import implements
from adjoint._primitives.contraction import dot_of_vectors


@implements(np.inner)
def inner(a: Value, b: Value) -> Value:
    """Return sums of products over the last axes."""
    a, b = as_operand(a), as_operand(b)
    if 0 in (ndim_of(a), ndim_of(b)):
        return np.multiply(a, b)
    return np.dot(a, b if ndim_of(b) == 1 else np.swapaxes(b, -1, -2))


@implements(np.linalg.tensordot)
def tensordot_of_linalg(x1: Value, x2: Value, /, *, axes: Any = 2) -> Value:
    """Return sums of products over chosen axes of each operand."""
    return tensordot(x1, x2, axes)


@implements(np.tensordot)
def tensordot(a: Value, b: Value, axes: Any = 2) -> Value:
    """Return sums of products over chosen axes of each operand.

    Raises
    ------
    ValueError
        If the axes have different lengths, as NumPy does.
    """
    a, b = as_operand(a), as_operand(b)
    shape_a, shape_b = shape_of(a), shape_of(b)
    of_a, of_b = _paired_axes(axes, len(shape_a), len(shape_b))
    if [shape_a[k] for k in of_a] != [shape_b[k] for k in of_b]:
        msg = "shape-mismatch for sum"
        raise ValueError(msg)
    free_a = [k for k in range(len(shape_a)) if k not in of_a]
    free_b = [k for k in range(len(shape_b)) if k not in of_b]
    shared = math.prod(shape_a[k] for k in of_a)
    rows = tuple(shape_a[k] for k in free_a)
    columns = tuple(shape_b[k] for k in free_b)
    left = np.reshape(np.transpose(a, free_a + of_a), (math.prod(rows), shared))
    right = np.reshape(np.transpose(b, of_b + free_b), (shared, math.prod(columns)))
    return np.reshape(np.dot(left, right), rows + columns)


def _paired_axes(axes: Any, rank_a: int, rank_b: int) -> tuple[list[int], list[int]]:
    """Return the axes summed over, of either operand, as lists of one length."""
    if np.ndim(axes) == 0 and not isinstance(axes, Sequence):
        count = int(axes)
        return list(range(rank_a - count, rank_a)), list(range(count))
    one, other = (
        [int(k) for k in each] if np.iterable(each) else [int(each)] for each in axes
    )
    if len(one) != len(other):
        msg = "shape-mismatch for sum"
        raise ValueError(msg)
    return (
        [normalize_axis(k, rank_a) for k in one],
        [normalize_axis(k, rank_b) for k in other],
    )


@implements(np.vdot)
def vdot(a: Value, b: Value) -> Value:
    """Return the dot product of two arrays as vectors, the first conjugated."""
    a, b = as_operand(a), as_operand(b)
    return bind(dot_of_vectors, (np.reshape(a, (-1,)), np.reshape(b, (-1,))))


@implements(np.linalg.vecdot)
def vecdot(x1: Value, x2: Value, /, *, axis: int = -1) -> Value:
    """Return dot products of the vectors along an axis, the first conjugated."""
    if axis != -1:
        x1, x2 = np.moveaxis(x1, axis, -1), np.moveaxis(x2, axis, -1)
    return np.vecdot(as_operand(x1), as_operand(x2))


@implements(np.linalg.matmul)
def matmul(x1: Value, x2: Value, /) -> Value:
    """Return matrix products."""
    return np.matmul(as_operand(x1), as_operand(x2))


@implements(np.linalg.outer)
def outer(x1: Value, x2: Value, /) -> Value:
    """Return all products of an element of one vector with one of another.

    Raises
    ------
    ValueError
        If one is no vector, as NumPy does.
    """
    x1, x2 = as_operand(x1), as_operand(x2)
    if ndim_of(x1) != 1 or ndim_of(x2) != 1:
        msg = (
            "Input arrays must be one-dimensional, but they are "
            f"x1.ndim={ndim_of(x1)} and x2.ndim={ndim_of(x2)}."
        )
        raise ValueError(msg)
    return np.outer(x1, x2)


@implements(np.kron)
def kron(a: Value, b: Value) -> Value:
    """Return the Kronecker product: ``b`` scaled by each element of ``a``."""
    a, b = as_operand(a), as_operand(b)
    if 0 in (ndim_of(a), ndim_of(b)):
        return np.multiply(a, b)
    rank = max(ndim_of(a), ndim_of(b))
    of_a = (1,) * (rank - ndim_of(a)) + shape_of(a)
    of_b = (1,) * (rank - ndim_of(b)) + shape_of(b)
    wide = np.reshape(a, tuple(n for length in of_a for n in (length, 1)))
    tall = np.reshape(b, tuple(n for length in of_b for n in (1, length)))
    shape = tuple(m * n for m, n in zip(of_a, of_b, strict=True))
    return np.reshape(np.multiply(wide, tall), shape)


@implements(np.cross)
def cross(
    a: Value,
    b: Value,
    axisa: int = -1,
    axisb: int = -1,
    axisc: int = -1,
    axis: int | None = None,
) -> Value:
    """Return cross products of vectors of 3 (or, deprecated by NumPy, 2) elements.

    Raises
    ------
    ValueError
        For vectors of another length, as NumPy does.
    """
    if axis is not None:
        axisa = axisb = axisc = axis
    a = np.moveaxis(as_operand(a), axisa, -1)
    b = np.moveaxis(as_operand(b), axisb, -1)
    lengths = (a.shape[-1], b.shape[-1])
    if not {*lengths} <= {2, 3}:
        msg = "incompatible dimensions for cross product\n(dimension must be 2 or 3)"
        raise ValueError(msg)
    if 2 in lengths:
        _warn_of_pairs()
    (a0, a1, a2), (b0, b1, b2) = _components(a), _components(b)
    third = a0 * b1 - a1 * b0
    if lengths == (2, 2):
        return third
    first, second = _difference(a1, b2, a2, b1), _difference(a2, b0, a0, b2)
    return np.moveaxis(np.stack([first, second, third], axis=-1), -1, axisc)


def _components(a: Value) -> tuple[Value, Value, Value | None]:
    return a[..., 0], a[..., 1], a[..., 2] if a.shape[-1] == 3 else None


def _difference(a: Value, b: Value, c: Value, d: Value) -> Value:
    """Return ``a b - c d``, where a product with a missing component is none."""
    if a is None or b is None:
        return -(c * d)
    return a * b if c is None or d is None else a * b - c * d


def _warn_of_pairs() -> None:
    warnings.warn(
        "Arrays of 2-dimensional vectors are deprecated. Use arrays of 3-dimensional "
        "vectors instead. (deprecated in NumPy 2.0)",
        DeprecationWarning,
        stacklevel=4,
    )


@implements(np.linalg.cross)
def cross_of_three(x1: Value, x2: Value, /, *, axis: int = -1) -> Value:
    """Return cross products of vectors of 3 elements.

    Raises
    ------
    ValueError
        For vectors of another length, as NumPy does.
    """
    x1, x2 = as_operand(x1), as_operand(x2)
    if x1.shape[axis] != 3 or x2.shape[axis] != 3:
        msg = (
            "Both input arrays must be (arrays of) 3-dimensional vectors, "
            f"but they are {x1.shape[axis]} and {x2.shape[axis]} dimensional instead."
        )
        raise ValueError(msg)
    return cross(x1, x2, axis=axis)
