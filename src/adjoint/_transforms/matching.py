"""Derivatives in the form of what they belong to: those users give, and those they get.

A tangent or cotangent that is given is checked against its primal or output; a gradient
is handed out with the shape and dtype of its input, in memory of its own.
"""

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

from adjoint._core.arrays import (
    PYTHON_REALS,
    PYTHON_SCALARS,
    Value,
    describe,
    dtype_of,
    in_domain,
    shape_of,
)
from adjoint._core.counts import EXACT_COUNTS
from adjoint._core.errors import InputError, ShapeError, TreeError
from adjoint._core.handle import Handle
from adjoint._core.tree import (
    Structure,
    Tree,
    describe_structure,
    flatten,
    leaf_path,
    same_structure,
)


def match_tree(
    given: Tree, leaves: Sequence[Value], structure: Structure, what: str, owner: str
) -> list[Value]:
    """Return the leaves of tangents or cotangents, checked against their partners.

    Parameters
    ----------
    given : tree
        What the user passed.
    leaves, structure
        The primals or outputs they belong to.
    what, owner : str
        ``"tangent"`` and ``"primal"``, or ``"cotangent"`` and ``"output"``.

    Raises
    ------
    TreeError
        If the structures differ.
    ShapeError
        If a shape differs.
    InputError
        If a leaf is no real number or array.
    """
    bars, shape_of_given = flatten(given)
    if not same_structure(shape_of_given, structure):
        msg = (
            f"The {what}s have the structure {describe_structure(shape_of_given)}, the "
            f"{owner}s {describe_structure(structure)}. Give one {what} per {owner}, "
            "in the same containers."
        )
        raise TreeError(msg)
    return [
        _match_leaf(bar, leaf, f"{what} {leaf_path(given, k)}".strip(), owner)
        for k, (bar, leaf) in enumerate(zip(bars, leaves, strict=True))
    ]


def _match_leaf(bar: Value, leaf: Value, what: str, owner: str) -> Value:
    """Return a tangent or cotangent in its partner's dtype."""
    if not hasattr(bar, "dtype"):
        if type(bar) not in PYTHON_SCALARS:
            msg = (
                f"The {what} is {describe(bar)}. Give a number or an array of the "
                f"shape of its {owner}, {shape_of(leaf)}."
            )
            raise InputError(msg)
        bar = np.asarray(bar, complex if type(bar) is complex else float)[()]
    dtype = dtype_of(leaf)
    if bar.dtype.kind not in ("fiubc" if dtype.kind == "c" else "fiub"):
        msg = (
            f"The {what} is {describe(bar)}, its {owner} {describe(leaf)}. Give "
            f"{'' if dtype.kind == 'c' else 'real '}numbers."
        )
        raise InputError(msg)
    if bar.shape != shape_of(leaf):
        msg = (
            f"The {what} has shape {tuple(bar.shape)}, its {owner} has shape "
            f"{shape_of(leaf)}. Give one of the same shape."
        )
        raise ShapeError(msg)
    if dtype.kind in "fc" and bar.dtype != dtype:
        bar = bar.astype(dtype)
    return bar


def as_gradients(leaves: Sequence[Value], bars: list[Value]) -> list[Value]:
    """Return cotangents in the form of the inputs they belong to.

    An array for an array, of its shape and dtype; a NumPy scalar for a number.  They
    share memory with nothing.
    """
    return [_as_gradient(leaf, bars, k) for k, leaf in enumerate(leaves)]


def _as_gradient(leaf: Value, bars: list[Value], k: int) -> Value:
    bar = bars[k]
    if bar is None:
        return zeros_like(leaf)
    if type(leaf) is float and type(bar) is np.float64:
        return bar
    if type(leaf) is np.ndarray is type(bar) and bar.dtype == leaf.dtype:
        return own(bar, bar.dtype)
    dtype = dtype_of(leaf)
    bar = in_domain(bar, leaf)
    if isinstance(bar, Handle):
        return bar if bar.dtype == dtype else bar.astype(dtype)
    if type(leaf) is np.ndarray or getattr(leaf, "shape", ()) != ():
        return own(bar, dtype)
    return dtype.type(bar)


def own(bar: Value, dtype: Any) -> Value:
    """Return ``bar`` as an array that nobody but one list holds, of a given dtype."""
    if type(bar) is not np.ndarray:
        plain = isinstance(bar, (np.generic, np.ndarray))
        return np.array(bar, dtype=dtype) if plain else bar
    if bar.dtype != dtype:
        return bar.astype(dtype)
    sole = bar.base is None and sys.getrefcount(bar) <= _SOLE_OWNER
    return bar if sole else bar.copy()


def _calibrate() -> int:
    """Return the reference count `own` sees of an array that only ``bars`` holds."""
    if not EXACT_COUNTS:
        return -1

    def count(bar: Value, bars: list[Value]) -> int:
        return sys.getrefcount(bar) if bars else -1

    def caller(bars: list[Value]) -> int:
        bar = bars[0]
        return count(bar, bars)

    return caller([np.zeros(1)])


_SOLE_OWNER = _calibrate()


def zeros_like(leaf: Value) -> Value:
    """Return the zero gradient of a leaf: an array for an array, else a scalar."""
    if type(leaf) in PYTHON_REALS:
        return np.float64(0.0)
    if type(leaf) is complex:
        return np.complex128(0.0)
    zeros = np.zeros_like(leaf)
    return zeros if leaf.shape or type(leaf) is np.ndarray else zeros[()]
