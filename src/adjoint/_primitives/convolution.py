"""Discrete convolution and correlation of sequences.

Everything is said with the full convolution, out_k = Σ_j a_{k-j} v_j: the other modes
are stretches of it, and its transpose by one sequence is the convolution of the
cotangent with the other sequence backwards.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from adjoint._core.arrays import Value, align, shape_of
from adjoint._core.dispatch import as_operand, bind
from adjoint._core.elements import embed
from adjoint._core.record import Example
from adjoint._core.registry import implements
from adjoint._primitives._makers import multilinear
from adjoint._primitives.complexes import conjugated

_TWO, _THREE = np.zeros(2), np.zeros(3)
_LENGTHS = {4: "full", 3: "same", 2: "valid"}
"""Modes by what they give of two elements and three."""
_BACKWARDS = (Ellipsis, slice(None, None, -1))


def _stretch(n: int, k: int, mode: str) -> slice:
    """Return which part of the full convolution of n >= k elements a mode keeps."""
    start, length = {
        "full": (0, n + k - 1),
        "same": ((k - 1) // 2, n),
        "valid": (k - 1, n - k + 1),
    }[mode]
    return slice(start, start + length)


def _evaluate(a: Value, v: Value, mode: str) -> Value:
    """Return the convolution along the last axis; ``a`` is no shorter than ``v``."""
    if np.ndim(a) == np.ndim(v) == 1:
        return np.convolve(a, v, mode)  # type: ignore[call-overload]
    n, k = a.shape[-1], v.shape[-1]
    padded = np.zeros_like(a, shape=(*a.shape[:-1], n + 2 * (k - 1)))
    padded[..., k - 1 : k - 1 + n] = a
    windows = np.lib.stride_tricks.sliding_window_view(padded, k, axis=-1)
    windows = windows[..., _stretch(n, k, mode), :]
    return np.matmul(windows, np.expand_dims(v[_BACKWARDS], -1))[..., 0]


def _pull(out_bar: Value, other: Value, n: int, k: int, mode: str) -> Value:
    """Return the correlation of the cotangent with one sequence: that of the other."""
    shape = (*out_bar.shape[:-1], n + k - 1)
    full = embed(out_bar, shape, (Ellipsis, _stretch(n, k, mode)))
    return bind(convolution, (full, other[_BACKWARDS]), ("valid",))


def _pull_long(out_bar: Value, _out: Value, a: Value, v: Value, mode: str) -> Value:
    return _pull(out_bar, v, a.shape[-1], v.shape[-1], mode)


def _pull_short(out_bar: Value, _out: Value, a: Value, v: Value, mode: str) -> Value:
    return _pull(out_bar, a, a.shape[-1], v.shape[-1], mode)


def _batch(
    args: Sequence[Value], batched: Sequence[bool], _size: int, mode: str
) -> Value:
    return bind(convolution, align(args, batched), (mode,))


convolution = multilinear(
    np.convolve,
    (_pull_long, _pull_short),
    evaluate=_evaluate,
    batch=_batch,
    examples=(
        Example(((5,), (3,)), ("full",)),
        Example(((5,), (2,)), ("same",)),
        Example(((5,), (4,)), ("same",)),
        Example(((4,), (3,)), ("valid",)),
        Example(((3,), (3,)), ("valid",)),
    ),
    reference="Giles 2008, section 2.1: transposes of linear maps",
)


@implements(np.convolve)
def convolve(a: Value, v: Value, mode: str = "full") -> Value:
    """Return the discrete convolution of two sequences."""
    a, v, mode = _sequences(a, v, mode)
    if v.shape[0] > a.shape[0]:
        a, v = v, a
    return bind(convolution, (a, v), (mode,))


@implements(np.correlate)
def correlate(a: Value, v: Value, mode: str = "valid") -> Value:
    """Return the correlation of two sequences, c_k = Σ_n a_{n+k} conj(v_n)."""
    if 0 in (np.ndim(a), np.ndim(v)):
        msg = "object of too small depth for desired array"
        raise ValueError(msg)
    a, v, mode = _sequences(a, v, mode)
    v = conjugated(v)
    if v.shape[0] > a.shape[0]:
        return bind(convolution, (v, a[::-1]), (mode,))[::-1]
    return bind(convolution, (a, v[::-1]), (mode,))


def _sequences(a: Value, v: Value, mode: Any) -> tuple[Value, Value, str]:
    """Return two sequences and a mode by its full name.

    Raises
    ------
    ValueError, TypeError
        NumPy's own, for modes it does not know.
    ValueError
        For arrays that are no sequences, and empty ones.
    """
    a, v = (np.atleast_1d(as_operand(one)) for one in (a, v))
    for one in (a, v):
        if one.ndim > 1 or shape_of(one) == (0,):
            msg = f"convolution takes sequences of one axis, not of shape {one.shape}"
            raise ValueError(msg)
    if type(mode) is str and mode in _LENGTHS.values():
        return a, v, mode
    return a, v, _LENGTHS[len(np.convolve(_TWO, _THREE, mode))]  # NumPy reads 0, 1, 2
