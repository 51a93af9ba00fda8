"""Functions of whole arrays that SymPy knows: extrema, determinants, linear systems."""

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from adjoint._primitives.mathematics import norm
from adjoint._symbolic.loading import sympy


@functools.cache
def matrix_functions() -> dict[Callable[..., Any], Callable[..., Any]]:
    """Return, by NumPy function, what takes an array of expressions and parameters."""
    sp = sympy()

    def det(a: Any) -> Any:
        if _is_small(a):
            return sp.Matrix(a).det()
        _require_at_most(10, a)
        return sp.Matrix(a).det(method="berkowitz")

    def inv(a: Any) -> Any:
        matrix = sp.Matrix(a)
        if _is_small(a):
            return np.array(matrix.inv().tolist(), object)
        _require_at_most(6, a)
        by_minors = matrix.adjugate("berkowitz") / matrix.det(method="berkowitz")
        return np.array(by_minors.tolist(), object)

    def solve(a: Any, b: Any) -> Any:
        if not _is_small(a):
            _require_at_most(6, a)
        right = sp.Matrix(b) if b.ndim == 2 else sp.Matrix(list(b))
        x = np.array(sp.Matrix(a).LUsolve(right).tolist(), object)
        return x if b.ndim == 2 else x[:, 0]

    return {
        math.fsum: np.sum,
        sum: np.sum,
        norm: lambda x: sp.sqrt(np.sum(x**2)),
        np.max: functools.partial(_extremum, sp.Max),
        np.min: functools.partial(_extremum, sp.Min),
        np.linalg.det: det,
        np.linalg.inv: inv,
        np.linalg.solve: solve,
    }


def _is_small(a: Any) -> bool:
    """Tell whether SymPy, which simplifies on the way, is quick with a matrix."""
    return len(a) <= 4


def _require_at_most(n: int, a: Any) -> None:
    """Raise for a matrix whose formulas would not end.

    Raises
    ------
    NotImplementedError
        If it has more rows.
    """
    if len(a) > n:
        msg = f" of a {len(a)} x {len(a)} matrix of symbols, {n} x {n} at most"
        raise NotImplementedError(msg)


def _extremum(function: Any, x: Any, axes: tuple[int, ...], keepdims: bool) -> Any:
    """Return the largest or smallest expression along axes."""
    kept = [axis for axis in range(x.ndim) if axis not in axes]
    rows = np.transpose(x, (*kept, *axes))
    shape = tuple(x.shape[axis] for axis in kept)
    out = np.empty(shape, object)
    for index in np.ndindex(shape):
        out[index] = function(*np.ravel(rows[index]))
    return np.expand_dims(out, axes) if keepdims else out[()]
