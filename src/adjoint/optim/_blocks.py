"""Apply an update formula to one parameter array, in pieces that fit the cache.

An update reads and writes a few numbers per parameter and computes a dozen: at full
length each NumPy call would fetch its operands from main memory again.  In pieces of
some ten thousand numbers the formula can be written as in the paper, since what it
computes in between never leaves the cache.
"""

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

import adjoint as ad

Rule: TypeAlias = Callable[..., tuple[Any, ...]]
"""``rule(p, g, *slots) -> (p, *slots)``: elementwise, in NumPy's functions."""

BLOCK = 1 << 17
"""Bytes in a piece; half or twice as many cost the same."""


def apply(
    rule: Rule, p: Any, g: Any, *slots: Any, donate: bool = False
) -> tuple[Any, ...]:
    """Return the parameter and its slots after one step, as new arrays.

    Parameters
    ----------
    rule : callable
        The formula; real arrays only.
    p, g : array or scalar
        Parameter, and gradient of the same shape.
    *slots : array
        What the optimizer remembers of this parameter, of its shape and dtype.
    donate : bool, optional
        Write into the arrays of ``p`` and ``slots`` where that is safe and they are
        long.

    Notes
    -----
    A complex parameter counts as two real ones.  Its gradient is ∂/∂x - i ∂/∂y, so the
    conjugate is what the real pairs see.  Traced values take the formula as it is:
    derivatives of a step exist.
    """
    if _is_short(p, (g, *slots)):
        return rule(p, g, *slots)  # one piece, whose results are new arrays
    if isinstance(p, complex):
        return tuple(made[()] for made in apply(rule, np.asarray(p), g, *slots))
    if not _is_plain(p) or not issubclass(type(g), np.ndarray | np.generic):
        _refuse_complex(p)
        return rule(p, g, *slots)
    arrays = [np.asarray(p, order="C"), np.asarray(g, order="C")]
    if np.iscomplexobj(p):
        arrays[1] = np.conj(arrays[1].astype(arrays[0].dtype))
    arrays += [np.asarray(slot, order="C") for slot in slots]
    made = tuple(
        array if donate and _is_donated(array, arrays[1]) else np.empty_like(array)
        for array in (arrays[0], *arrays[2:])
    )
    before, after = [_flat(array) for array in arrays], [_flat(array) for array in made]
    length = BLOCK // after[0].itemsize
    for start in range(0, after[0].size, length):
        piece = slice(start, start + length)
        found = rule(*(array[piece] for array in before))
        for whole, part in zip(after, found, strict=True):
            whole[piece] = part
    return made


def _is_short(p: Any, others: tuple[Any, ...]) -> bool:
    """Tell whether the formula gives the right arrays in one piece."""
    return (
        type(p) is np.ndarray
        and p.dtype.kind == "f"
        and p.ndim > 0
        and p.nbytes <= BLOCK
        and all(type(x) is np.ndarray and x.dtype == p.dtype for x in others)
    )


def _is_donated(array: Any, g: Any) -> bool:
    """Tell whether an array can be written into while the gradient is still read."""
    flags = array.flags
    alone = flags.owndata and flags.writeable and flags.c_contiguous
    return bool(alone) and not np.may_share_memory(array, g)


def _refuse_complex(p: Any) -> None:
    """Raise for a complex value that cannot be seen as pairs of real numbers."""
    if np.iscomplexobj(p):
        msg = (
            f"A step of a complex parameter ({type(p).__name__}) is not "
            "differentiated: keep its real and imaginary parts as two parameters."
        )
        raise ad.errors.InputError(msg)


def _flat(array: Any) -> Any:
    """Return a contiguous array as one row of real numbers, sharing its memory."""
    row = array.reshape(-1)
    return row.view(row.real.dtype) if np.iscomplexobj(row) else row


def zeros(p: Any) -> Any:
    """Return a slot of zeros for a parameter, contiguous."""
    return np.zeros_like(p, order="C") if _is_plain(p) else np.zeros_like(p)


def _is_plain(p: Any) -> bool:
    """Tell whether a value is an array of NumPy itself; traced ones claim to be."""
    return issubclass(type(p), np.ndarray)
