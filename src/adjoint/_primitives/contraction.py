"""Contractions: matrix products and dot products."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from adjoint._core.arrays import Value, align, ndim_of
from adjoint._core.dispatch import as_operand, bind
from adjoint._core.finiteness import note_product
from adjoint._core.handle import Handle
from adjoint._core.record import Example
from adjoint._core.registry import implements
from adjoint._primitives._makers import multilinear
from adjoint._primitives.complexes import conjugated

_ndarray = np.ndarray  # one look-up fewer on the fast paths below


_LARGE = 2**15
"""Elements of a matrix from which on the form of a product matters."""


def _large_product(x: Value, out_bar: Value) -> Value:
    """Return ``xᵀ out_bar`` of plain matrices, whose result is large.

    ``dot`` clears its result first, ``matmul`` does not: 195 us against 172 at 16 rows
    and a result of 784 by 512, float64.  Of one row, ``matmul`` takes 390 us of the
    same, ``dot`` 502 (in float32 52), ``multiply`` 160; of 1024 by 1024 they take 1016,
    274 and 410 (OpenBLAS with its kernels for AVX-512, one thread).
    """
    if len(x) > 1:
        out = np.matmul(x.T, out_bar)
    elif out_bar.dtype.char == "d" and x.size * out_bar.size < 2**19:
        out = np.multiply(x.T, out_bar)
    else:
        out = x.T.dot(out_bar)
    note_product(out, x, out_bar)
    return out


def _is_better_turned(out_bar: Value) -> bool:
    """Tell whether of a large y ``(y @ out_barᵀ)ᵀ`` is faster than ``out_bar @ yᵀ``.

    In float32 with few rows it is: 54 us against 130 at 16 rows and a matrix of 512 by
    512 with OpenBLAS's kernels for AVX-512, and no slower with those for AVX2.
    """
    rows, columns = out_bar.shape
    return bool(1 < rows <= 32 and columns >= 128 and out_bar.dtype.char == "f")


def matmul_left(out_bar: Value, _out: Value, _x: Value, y: Value) -> Value:
    """Return the cotangent of ``x`` in ``x @ y``: out_bar yᵀ."""
    rank = y.ndim
    if rank == 2 == out_bar.ndim:
        if type(out_bar) is _ndarray is type(y):
            if y.size >= _LARGE and _is_better_turned(out_bar):
                return np.ascontiguousarray(y.dot(out_bar.T).T)
            return out_bar.dot(y.T)  # 0.2 us less than np.dot
        return np.dot(out_bar, y.T)
    if rank == 1:
        return np.expand_dims(out_bar, -1) * y
    if out_bar.ndim == rank - 1:
        row = np.expand_dims(out_bar, -2)
        return np.matmul(row, np.swapaxes(y, -1, -2))[..., 0, :]
    return np.matmul(out_bar, np.swapaxes(y, -1, -2))


def matmul_right(out_bar: Value, _out: Value, x: Value, y: Value) -> Value:
    """Return the cotangent of ``y`` in ``x @ y``: xᵀ out_bar."""
    rank, out_rank = x.ndim, out_bar.ndim
    if rank == 2 == out_rank:
        if type(x) is _ndarray is type(out_bar):
            if y.size < _LARGE:
                return x.T.dot(out_bar)
            return _large_product(x, out_bar)
        return np.dot(x.T, out_bar)
    if rank == 1:
        if out_rank == 0:
            return x * out_bar
        return np.expand_dims(x, -1) * np.expand_dims(out_bar, -2)
    if out_rank == rank - 1:
        column = np.expand_dims(out_bar, -1)
        return np.matmul(np.swapaxes(x, -1, -2), column)[..., 0]
    return np.matmul(np.swapaxes(x, -1, -2), out_bar)


def matmul_batch(args: Sequence[Value], batched: Sequence[bool], _size: int) -> Value:
    """Return a batch of matrix products; vectors get their missing axis for a while."""
    x, y = args
    if 0 in (ndim_of(x) - batched[0], ndim_of(y) - batched[1]):
        msg = (
            "matmul: an operand does not have enough dimensions (0, at least 1 needed)"
        )
        raise ValueError(msg)
    x_is_vector = ndim_of(x) - batched[0] == 1
    y_is_vector = ndim_of(y) - batched[1] == 1
    x = np.expand_dims(x, -2) if x_is_vector else x
    y = np.expand_dims(y, -1) if y_is_vector else y
    out = np.matmul(*align((x, y), batched))
    out = out[..., 0, :] if x_is_vector else out
    if y_is_vector:
        out = out[..., 0]
    return out


_EXAMPLES = (
    Example(((3, 4), (4, 2))),
    Example(((4,), (4, 2))),
    Example(((3, 4), (4,))),
    Example(((4,), (4,))),
)

matmul = multilinear(
    np.matmul,
    (matmul_left, matmul_right),
    batch=matmul_batch,
    examples=(
        *_EXAMPLES,
        Example(((2, 3, 4), (4, 2))),
        Example(((3, 4), (2, 4, 2))),
        Example(((4,), (2, 4, 3))),
        Example(((2, 3, 4), (4,))),
        Example(((5, 1, 3, 4), (2, 4, 2))),
    ),
    reference="Giles 2008, section 2.2.2",
)


def dot_of_matrices(x: Value, y: Value) -> Value:
    """Return the dot product of two plain arrays that are vectors or matrices.

    ``NotImplemented`` for everything else: `dot_product` deals with that.
    """
    if type(x) is _ndarray is type(y) and 0 < x.ndim < 3 and 0 < y.ndim < 3:
        return x.dot(y)  # 0.2 us less than np.dot
    return NotImplemented


dot = multilinear(
    np.dot,
    (matmul_left, matmul_right),
    batch=matmul_batch,
    examples=_EXAMPLES,
    reference="Giles 2008, section 2.2.2",
)


def vecdot_left(out_bar: Value, _out: Value, _x: Value, y: Value) -> Value:
    """Return the cotangent of ``x``, conjugated in dot products along the last axis."""
    return conjugated(np.expand_dims(out_bar, -1) * y)


def vecdot_right(out_bar: Value, _out: Value, x: Value, _y: Value) -> Value:
    """Return the cotangent of ``y`` in dot products along the last axis."""
    return np.expand_dims(out_bar, -1) * conjugated(x)


vecdot = multilinear(
    np.vecdot,
    (vecdot_left, vecdot_right),
    batch=lambda args, batched, _size: np.vecdot(*align(args, batched)),
    examples=(
        Example(((4,), (4,))),
        Example(((2, 4), (3, 1, 4))),
        Example(((0,), (0,))),
    ),
)


# As vecdot, but for the sums of complex64 that BLAS leaves to NumPy: vdot takes those
# in double precision.
dot_of_vectors = multilinear(
    np.vdot,
    (vecdot_left, vecdot_right),
    batch=lambda args, batched, _size: np.vecdot(*align(args, batched)),
    examples=(Example(((4,), (4,))), Example(((0,), (0,)))),
)


def _matvec_left(out_bar: Value, _out: Value, _x: Value, y: Value) -> Value:
    """Return the cotangent of the matrices in products of matrices and vectors."""
    return np.expand_dims(out_bar, -1) * np.expand_dims(y, -2)


def _matvec_right(out_bar: Value, _out: Value, x: Value, _y: Value) -> Value:
    """Return the cotangent of the vectors in products of matrices and vectors."""
    return np.matmul(np.swapaxes(x, -1, -2), np.expand_dims(out_bar, -1))[..., 0]


def _matvec_batch(args: Sequence[Value], batched: Sequence[bool], _size: int) -> Value:
    x, columns = align((args[0], np.expand_dims(args[1], -1)), batched)
    return np.matvec(x, columns[..., 0])


if hasattr(np, "matvec"):  # since NumPy 2.2
    multilinear(
        np.matvec,
        (_matvec_left, _matvec_right),
        batch=_matvec_batch,
        examples=(
            Example(((2, 3), (3,))),
            Example(((4, 1, 2, 3), (2, 3))),
            Example(((2, 2, 3), (3,))),
        ),
    )


def _vecmat_left(out_bar: Value, _out: Value, _x: Value, y: Value) -> Value:
    """Return the cotangent of the vectors, conjugated in their products."""
    return conjugated(np.matmul(y, np.expand_dims(out_bar, -1))[..., 0])


def _vecmat_right(out_bar: Value, _out: Value, x: Value, _y: Value) -> Value:
    """Return the cotangent of the matrices in products of vectors and matrices."""
    return np.expand_dims(conjugated(x), -1) * np.expand_dims(out_bar, -2)


def _vecmat_batch(args: Sequence[Value], batched: Sequence[bool], _size: int) -> Value:
    rows, y = align((np.expand_dims(args[0], -2), args[1]), batched)
    return np.vecmat(rows[..., 0, :], y)


if hasattr(np, "vecmat"):  # since NumPy 2.2
    multilinear(
        np.vecmat,
        (_vecmat_left, _vecmat_right),
        batch=_vecmat_batch,
        examples=(
            Example(((3,), (3, 2))),
            Example(((2, 3), (4, 1, 3, 2))),
            Example(((3,), (2, 3, 2))),
        ),
    )


def dot_of_stacks(a: Value, b: Value) -> Value:
    """Return dot over the last axis of ``a`` and the last but one of ``b``.

    NumPy takes each sum by itself, vector by vector; products of matrices, after a
    reshape, would be rounded otherwise.
    """
    return np.dot(a, b)


def _columns(y: Value) -> Value:
    """Return a stack, or a vector, as a matrix: the summed axis, and all others."""
    moved = np.moveaxis(y, max(y.ndim - 2, 0), 0)
    return np.reshape(moved, (moved.shape[0], math.prod(moved.shape[1:])))


def _stacked_left(out_bar: Value, _out: Value, _x: Value, y: Value) -> Value:
    """Return the cotangent of ``x``: the sum over all axes that ``y`` brought in."""
    own = out_bar.shape[: out_bar.ndim - (y.ndim - 1)]
    columns = _columns(y)
    flat = np.reshape(out_bar, (math.prod(own), columns.shape[1]))
    return np.reshape(np.dot(flat, np.transpose(columns)), (*own, columns.shape[0]))


def _stacked_right(out_bar: Value, _out: Value, x: Value, _y: Value) -> Value:
    """Return the cotangent of ``y``: the sum over all axes that ``x`` brought in."""
    own, shared = out_bar.shape[x.ndim - 1 :], x.shape[-1]
    rows = math.prod(x.shape[:-1])
    flat = np.reshape(out_bar, (rows, math.prod(own)))
    bar = np.dot(np.transpose(np.reshape(x, (rows, shared))), flat)
    bar = np.reshape(bar, (shared, *own))
    return np.moveaxis(bar, 0, -2) if own else bar


def _stacked_pushforward(
    _out: Value, args: Sequence[Value], tangents: Sequence[Value], _params: Any
) -> Value:
    """Return ẋ y + x ẏ, by products of matrices: twelve times as fast at n = 200."""
    (x, y), (x_dot, y_dot) = args, tangents
    if y_dot is None:
        return _by_matrices(x_dot, y)
    moved = _by_matrices(x, y_dot)
    return moved if x_dot is None else _by_matrices(x_dot, y) + moved


def _by_matrices(x: Value, y: Value) -> Value:
    """Return what `dot_of_stacks` does, rounded otherwise."""
    columns, own = _columns(y), y.shape[:-2] + y.shape[-1:] if y.ndim > 1 else ()
    rows = np.reshape(x, (math.prod(x.shape[:-1]), x.shape[-1]))
    return np.reshape(np.dot(rows, columns), (*x.shape[:-1], *own))


def _stacked_batch(args: Sequence[Value], batched: Sequence[bool], _size: int) -> Value:
    """Return a batch: products of single rows and columns, which sum as dot does."""
    x, y = args
    if not batched[1]:
        return np.dot(x, y)
    rank_x, rank_y = ndim_of(x) - batched[0], ndim_of(y) - 1
    rows = np.expand_dims(x, -2)
    columns = np.expand_dims(y if rank_y == 1 else np.swapaxes(y, -1, -2), -1)
    axes = tuple(range(batched[0] + rank_x - 1, batched[0] + rank_x - 1 + rank_y - 1))
    rows = np.expand_dims(rows, axes)
    return np.matmul(*align((rows, columns), batched))[..., 0, 0]


stacked_dot = multilinear(
    dot_of_stacks,
    (_stacked_left, _stacked_right),
    pushforward=_stacked_pushforward,
    batch=_stacked_batch,
    examples=(
        Example(((2, 3, 4), (4,))),
        Example(((4,), (2, 4, 3))),
        Example(((2, 3, 4), (4, 2))),
        Example(((3, 4), (2, 4, 2))),
        Example(((2, 1, 4), (3, 4, 2))),
        Example(((2, 0, 4), (4, 2))),
    ),
)


@implements(np.dot)
def dot_product(a: Value, b: Value) -> Value:
    """Return ``np.dot(a, b)``: products of scalars, vectors, matrices and stacks."""
    a, b = as_operand(a), as_operand(b)
    a_rank, b_rank = ndim_of(a), ndim_of(b)
    if 0 < a_rank < 3 and 0 < b_rank < 3:
        return (a if isinstance(a, Handle) else b).entries[dot](a, b)
    if a_rank == 0 or b_rank == 0:
        return np.multiply(a, b)
    return bind(stacked_dot, (a, b))


@implements(np.outer)
def outer(a: Value, b: Value) -> Value:
    """Return all products of an element of ``a`` with an element of ``b``."""
    return np.multiply(np.expand_dims(np.ravel(a), 1), np.ravel(b))
