"""Where in an array a NaN or an infinity was made, and not merely passed on."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from adjoint._core.arrays import Value
from adjoint._core.handle import Handle, strip
from adjoint._core.outputs import KEPT
from adjoint._modes.batch import Batched

Index = tuple[int, ...]


def all_finite(value: Value) -> bool:
    """Tell whether no number at the bottom of a pile of handles is inf or nan."""
    value = strip(value)
    if isinstance(value, (float, np.float64)):
        return math.isfinite(value)
    kind = getattr(value, "dtype", None)
    if kind is None:
        return not isinstance(value, complex) or bool(np.isfinite(value))
    return kind.kind not in "fc" or bool(np.isfinite(value).all())


def has_nan(value: Value) -> bool:
    """Tell whether a number at the bottom of a pile of handles is nan."""
    return not all_finite(value) and bool(np.isnan(plain(value)).any())


def staying(x: Handle, index: Any) -> Any:
    """Return where an array is not finite and stays so when it is written at an index.

    ``None`` stands for nowhere.
    """
    if all_finite(x):
        return None
    bad = ~np.isfinite(plain(x))
    parts = index if isinstance(index, tuple) else (index,)
    batches: list[Any] = [slice(None)] * (bad.ndim - np.ndim(x))
    bad[(*batches, *parts)] = False
    return bad


def plain(value: Value) -> Any:
    """Return the plain array at the bottom of a pile of handles."""
    return np.asarray(strip(value))


def is_batched(value: Value) -> bool:
    """Tell whether a value carries a batch somewhere in its pile of handles."""
    while isinstance(value, Handle):
        if isinstance(value, Batched):
            return True
        value = value.value
    return False


def made_in(
    out: Value,
    operands: Sequence[Value],
    *,
    elementwise: bool,
    nan: bool,
    inf: bool,
    before: Any = None,
) -> Index | None:
    """Return where a result has a nan or an infinity that no operand accounts for.

    An infinity is accounted for by an operand that is not finite, a nan by one that is
    nan: ``inf - inf`` makes a nan.

    Parameters
    ----------
    out : value
    operands : sequence of values
        ``None`` for those that are not known.
    elementwise : bool
        Whether an operand accounts for its own place alone, not for all.
    nan, inf : bool
        What counts.
    before : ndarray of bool, optional
        Places that were not finite before.

    Returns
    -------
    tuple of int or None
        The first such place.
    """
    result = plain(out)
    bad = np.zeros(result.shape, bool)
    for wanted, of_result, of_operand in (
        (nan, np.isnan, np.isnan),
        (inf, np.isinf, lambda x: ~np.isfinite(x)),
    ):
        if not wanted:
            continue
        made = of_result(result)
        for operand in operands:
            if operand is not None and made.any() and not all_finite(operand):
                made &= ~_spread(of_operand(plain(operand)), operand, out, elementwise)
        bad |= made
    if before is not None:
        bad &= ~before
    if KEPT.get() is not None:
        bad &= _kept(bad.shape)
    return first_place(bad) if bad.any() else None


def first_place(mask: Any) -> Index:
    """Return the first place at which a mask holds; it does somewhere."""
    return tuple(int(axis[0]) for axis in np.nonzero(mask)) if mask.ndim else ()


def _kept(shape: tuple[int, ...]) -> Any:
    """Return which places of a result ``where=`` of a ufunc keeps."""
    try:
        return np.broadcast_to(plain(KEPT.get()), shape)
    except ValueError:
        return True


def _spread(mask: Any, operand: Value, out: Value, elementwise: bool) -> Any:
    """Return for which places of a result an operand's bad places account."""
    shape = np.shape(plain(out))
    aligned = mask.ndim == len(shape) or not (is_batched(operand) or is_batched(out))
    if elementwise and aligned:
        try:
            return np.broadcast_to(mask, shape)
        except ValueError:
            pass
    return np.broadcast_to(mask.any(), shape)


def number_at(value: Value, index: Index, shape: tuple[int, ...]) -> Any:
    """Return the number of an operand at a place of a result; ``None`` if unclear."""
    if value is None:
        return None
    array = plain(value)
    if array.dtype.kind not in "fciub":
        return None
    if array.size == 1:
        return array.reshape(())[()]
    if array.ndim < len(shape) and is_batched(value):
        return None
    try:
        return np.broadcast_to(array, shape)[index]
    except ValueError:
        return None
