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
        return sp.Matrix(a).det()

    def inv(a: Any) -> Any:
        return np.array(sp.Matrix(a).inv().tolist(), object)

    def solve(a: Any, b: Any) -> Any:
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


def _extremum(function: Any, x: Any, axes: tuple[int, ...], keepdims: bool) -> Any:
    """Return the largest or smallest expression along axes."""
    kept = [axis for axis in range(x.ndim) if axis not in axes]
    rows = np.transpose(x, (*kept, *axes))
    shape = tuple(x.shape[axis] for axis in kept)
    out = np.empty(shape, object)
    for index in np.ndindex(shape):
        out[index] = function(*np.ravel(rows[index]))
    return np.expand_dims(out, axes) if keepdims else out[()]
