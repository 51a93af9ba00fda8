"""Powers and chains of matrices, systems of tensors; in NumPy's order of products."""

import math
import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from adjoint._core.arrays import Value, ndim_of, shape_of
from adjoint._core.dispatch import as_operand
from adjoint._core.registry import implements


@implements(np.linalg.matrix_power)
def matrix_power(a: Value, n: int) -> Value:
    """Return square matrices to an integer power, by repeated squaring.

    Raises
    ------
    TypeError
        If the power is no integer, as NumPy does.
    """
    try:
        count = operator.index(n)
    except TypeError as error:
        msg = "exponent must be an integer"
        raise TypeError(msg) from error
    if count == 0:
        return np.broadcast_to(np.eye(a.shape[-1], dtype=a.dtype), a.shape).copy()
    if count < 0:
        a, count = np.linalg.inv(a), -count
    if count == 3:
        return np.matmul(np.matmul(a, a), a)
    square, result = a, None
    while True:
        count, bit = divmod(count, 2)
        if bit:
            result = square if result is None else np.matmul(result, square)
        if not count:
            return result
        square = np.matmul(square, square)


@implements(np.linalg.multi_dot)
def multi_dot(arrays: Sequence[Value]) -> Value:
    """Return the product of a chain of matrices, in the cheapest order.

    Raises
    ------
    ValueError
        For fewer than two arrays.
    """
    parts = [as_operand(one) for one in arrays]
    if len(parts) < 2:
        msg = "Expecting at least two arrays."
        raise ValueError(msg)
    if len(parts) == 2:
        return np.dot(parts[0], parts[1])
    first, last = ndim_of(parts[0]) == 1, ndim_of(parts[-1]) == 1
    if first:
        parts[0] = np.expand_dims(parts[0], 0)
    if last:
        parts[-1] = np.expand_dims(parts[-1], 1)
    if any(ndim_of(one) != 2 for one in parts):
        msg = "all arrays but the first and the last must be matrices"
        raise np.linalg.LinAlgError(msg)
    lengths = [shape_of(one)[0] for one in parts] + [shape_of(parts[-1])[1]]
    out = _multiplied(parts, _cheapest_cuts(lengths), 0, len(parts) - 1)
    if first and last:
        return out[0, 0]
    return np.ravel(out) if first or last else out


def _cheapest_cuts(lengths: Sequence[int]) -> dict[tuple[int, int], int]:
    """Return after which factor to cut each stretch (i, j) of a chain of matrices.

    Factor k is a ``lengths[k]`` by ``lengths[k + 1]`` matrix.  Of cuts that cost the
    same NumPy takes the first, but of three matrices the second.

    References
    ----------
    Cormen et al., *Introduction to Algorithms*, section 15.2.
    """
    count = len(lengths) - 1
    cost = {(i, i): 0 for i in range(count)}
    cuts: dict[tuple[int, int], int] = {}
    for width in range(1, count):
        for i in range(count - width):
            j = i + width
            costs = [
                cost[i, k]
                + cost[k + 1, j]
                + lengths[i] * lengths[k + 1] * lengths[j + 1]
                for k in range(i, j)
            ]
            cost[i, j] = min(costs)
            cuts[i, j] = i + costs.index(cost[i, j])
            if count == 3 and width == 2 and costs[0] == costs[1]:
                cuts[i, j] = 0
    return cuts


def _multiplied(
    parts: Sequence[Value], cuts: dict[tuple[int, int], int], i: int, j: int
) -> Value:
    """Return the product of the factors i to j."""
    if i == j:
        return parts[i]
    cut = cuts[i, j]
    left, right = (
        _multiplied(parts, cuts, i, cut),
        _multiplied(parts, cuts, cut + 1, j),
    )
    return np.dot(left, right)


@implements(np.linalg.matrix_transpose)
def matrix_transpose(x: Value, /) -> Value:
    """Return matrices with rows and columns exchanged."""
    return np.swapaxes(x, -1, -2)


@implements(np.linalg.tensorinv)
def tensorinv(a: Value, ind: int = 2) -> Value:
    """Return the inverse of a tensor as a map between its first and last axes."""
    shape = shape_of(a)
    columns = math.prod(shape[ind:])
    flat = np.reshape(a, (columns, columns))
    return np.reshape(np.linalg.inv(flat), (*shape[ind:], *shape[:ind]))


@implements(np.linalg.tensorsolve)
def tensorsolve(a: Value, b: Value, axes: Any = None) -> Value:
    """Return x such that ``tensordot(a, x, x.ndim)`` is ``b``."""
    a, b = as_operand(a), as_operand(b)
    if axes is not None:
        a = np.moveaxis(a, axes, tuple(range(ndim_of(a) - len(axes), ndim_of(a))))
    shape = shape_of(a)[ndim_of(b) :]
    size = math.prod(shape)
    return np.reshape(np.linalg.solve(np.reshape(a, (-1, size)), np.ravel(b)), shape)
