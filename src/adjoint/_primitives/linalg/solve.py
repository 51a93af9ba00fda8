"""Linear systems and inverses.

The cotangent of the right-hand side is the solution of the transposed system, and that
of the matrix an outer product with it: backward costs what forward costs.  The system
is factored again: NumPy does not hand out its factors, and at n = 10 two solutions take
13 us against 85 us in PyTorch (0.59 against 0.41 ms at n = 200, one thread).
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from adjoint._core.arrays import Value, align, ndim_of
from adjoint._core.dispatch import as_operand, bind
from adjoint._core.record import Example
from adjoint._core.registry import implements
from adjoint._primitives._makers import general, sharing
from adjoint._primitives.linalg._matrices import over_stack, regular, transposed


def solve_pullback(
    positions: Sequence[int], out_bar: Value, out: Value, a: Value, _b: Value
) -> list[Value]:
    """Return cotangents in ``a x = b``: b̄ = a⁻ᵀ x̄ and ā = -b̄ xᵀ."""
    if ndim_of(out) < ndim_of(a):  # one vector for each matrix
        b_bar = _solve_each(transposed(a), out_bar)
    else:
        b_bar = np.linalg.solve(transposed(a), out_bar)
    return [b_bar if k else _outer(-b_bar, out, ndim_of(a)) for k in positions]


def _solve_each(a: Value, b: Value) -> Value:
    """Return the solution for one vector a matrix, which NumPy takes as columns."""
    if ndim_of(b) == 1:
        return np.linalg.solve(a, b)
    return np.linalg.solve(a, np.expand_dims(b, -1))[..., 0]


def _outer(x: Value, y: Value, rank: int) -> Value:
    """Return x yᵀ; of single columns by broadcasting, which is twice as fast."""
    if ndim_of(y) < rank:
        return np.expand_dims(x, -1) * np.expand_dims(y, -2)
    y = transposed(y)
    return x * y if x.shape[-1] == 1 else np.matmul(x, y)


def _solve_pushforward(
    out: Value, args: Sequence[Value], tangents: Sequence[Value], _params: Any
) -> Value:
    """Return a⁻¹ (ḃ - ȧ x)."""
    a_dot, b_dot = tangents
    vectors = ndim_of(out) < ndim_of(args[0])
    solved = _solve_each if vectors else np.linalg.solve
    if a_dot is None:
        return np.linalg.solve(args[0], b_dot)
    if vectors:
        moved = -np.matmul(a_dot, np.expand_dims(out, -1))[..., 0]
    else:
        moved = -np.matmul(a_dot, out)
    return solved(args[0], moved if b_dot is None else b_dot + moved)


def _solve_batch(args: Sequence[Value], batched: Sequence[bool], _size: int) -> Value:
    a, b = args
    if ndim_of(b) - batched[1] > 1:
        return bind(system, align(args, batched))
    return bind(system, align((a, np.expand_dims(b, -1)), batched))[..., 0]


system = sharing(
    np.linalg.solve,
    np.linalg.solve,
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
