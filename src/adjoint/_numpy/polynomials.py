"""Polynomials by their coefficients, the highest power first."""

import operator

import numpy as np

from adjoint._core.arrays import Value
from adjoint._core.registry import implements
from adjoint._primitives.shape import as_part


@implements(np.polyval)
def polyval(p: Value, x: Value) -> Value:
    """Return the values of a polynomial at ``x``, by Horner's scheme."""
    p, x = as_part(p), as_part(x)
    out: Value = np.zeros_like(x) if np.ndim(x) else np.zeros_like(x)[()]
    for coefficient in p:
        out = out * x + coefficient
    return out


@implements(np.vander)
def vander(x: Value, N: int | None = None, increasing: bool = False) -> Value:
    """Return the Vandermonde matrix: the powers of each element, one row each.

    Raises
    ------
    ValueError
        If ``x`` is no vector, as NumPy does.
    """
    if np.ndim(x) != 1:
        msg = "x must be a one-dimensional array or sequence."
        raise ValueError(msg)
    count = np.shape(x)[0] if N is None else operator.index(N)
    promoted = np.promote_types(x.dtype, int)
    x = x if x.dtype == promoted else x.astype(promoted)
    if count == 0:
        return np.reshape(x, (-1, 1))[:, :0]
    rows = np.broadcast_to(np.reshape(x, (-1, 1)), (np.shape(x)[0], count - 1))
    ones = np.ones((np.shape(x)[0], 1), x.dtype)
    powers = np.concatenate([ones, np.cumprod(rows, axis=1)], axis=1)
    return powers if increasing else powers[:, ::-1]
