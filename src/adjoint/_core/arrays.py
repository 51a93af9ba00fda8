"""What the core asks of a value: its shape, its dtype, whether it is a plain constant.

A value is a Python scalar, a NumPy scalar, an ndarray, anything else that speaks
NumPy's protocols (NEP 13, NEP 18), or a handle of a lower level.  Nothing here forces a
value to be NumPy's.
"""

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np

Value: TypeAlias = Any
"""A number, an array, or a handle that stands for one."""

Shape: TypeAlias = tuple[int, ...]

NUMPY_SCALARS = frozenset(np.sctypeDict.values())
FLOAT64 = np.dtype(np.float64)
PYTHON_REALS = frozenset({float, int, bool})
PYTHON_SCALARS = PYTHON_REALS | {complex}
REAL_SCALARS = PYTHON_REALS | {np.float64, np.float32}
SCALARS = NUMPY_SCALARS | PYTHON_SCALARS
PLAIN = SCALARS | {np.ndarray}
"""Types of operands that are constants at first sight: one look-up on the fast path."""


def shape_of(value: Value) -> Shape:
    """Return the shape of a value; ``()`` for Python scalars."""
    return () if type(value) in PYTHON_SCALARS else value.shape


def ndim_of(value: Value) -> int:
    """Return the number of axes of a value; 0 for Python scalars."""
    return 0 if type(value) in PYTHON_SCALARS else value.ndim


def dtype_of(value: Value) -> np.dtype[Any]:
    """Return the dtype of a value; that of ``np.asarray`` for Python scalars."""
    if type(value) is float:
        return FLOAT64
    dtype = getattr(value, "dtype", None)
    return np.asarray(value).dtype if dtype is None else dtype


def in_dtype(value: Value, dtype: Any) -> Value:
    """Return an array in a dtype: itself, where that is its own."""
    return value if value.dtype == dtype else value.astype(dtype)


def in_dtype_of(value: Value, slope: Value) -> Value:
    """Return a slope made of plain numbers in the dtype of an array it belongs to.

    ``np.where(mask, 1.0, 0.5)`` is float64 whatever the arrays beside it are.
    """
    return in_dtype(slope, dtype_of(value))


def in_domain(bar: Value, like: Value) -> Value:
    """Return a derivative that belongs to a real value as a real one.

    Complex numbers on the way leave an imaginary part, which pairs with nothing:
    tangents of a real value are real.
    """
    stray = dtype_of(bar).kind == "c" and dtype_of(like).kind != "c"
    return np.real(bar) if stray else bar


def is_inexact(value: Value) -> bool:
    """Tell whether a value is real or complex: no integer, no truth value, no text."""
    if isinstance(value, (float, complex)):
        return True
    return getattr(getattr(value, "dtype", None), "kind", "") in {"f", "c"}


def is_array_like(value: Value) -> bool:
    """Tell whether a value has a shape and a dtype, or is a Python number."""
    return type(value) in SCALARS or hasattr(value, "dtype")


def has_zero(plain: Value) -> bool:
    """Tell whether an element of a plain array is 0."""
    return bool(np.any(plain == 0))


def has_nonzero(plain: Value) -> bool:
    """Tell whether an element of a plain array is not 0."""
    return bool(np.any(plain))


def describe(value: Value) -> str:
    """Return words for messages: ``"a float64 array of shape (3,)"``."""
    if value is None:
        return "None"
    if hasattr(value, "dtype") and hasattr(value, "shape"):
        what = f"{value.dtype} array of shape {tuple(value.shape)}"
        if value.shape == ():
            what = f"{value.dtype} scalar"
    else:
        what = f"{type(value).__name__} {value!r:.60}"
    return f"{'an' if what[0] in 'aeioAEIO' else 'a'} {what}"


def normalize_axis(axis: int, ndim: int) -> int:
    """Return a non-negative axis number.

    Raises
    ------
    numpy.exceptions.AxisError
        If ``axis`` is outside ``[-ndim, ndim)``, as NumPy does.
    """
    number = axis.__index__()
    if not -ndim <= number < ndim:
        raise np.exceptions.AxisError(number, ndim)
    return number % ndim if ndim else 0


def normalize_axes(axis: int | tuple[int, ...] | None, ndim: int) -> tuple[int, ...]:
    """Return sorted non-negative axes; all of them for ``None``.

    Raises
    ------
    numpy.exceptions.AxisError
        If an axis is outside ``[-ndim, ndim)``.
    ValueError
        If an axis is named twice.
    """
    if axis is None:
        return tuple(range(ndim))
    axes = axis if isinstance(axis, tuple) else (axis,)
    numbers = tuple(sorted(normalize_axis(one, ndim) for one in axes))
    if len(set(numbers)) < len(numbers):
        msg = "duplicate value in 'axis'"
        raise ValueError(msg)
    return numbers


def reduced_axes(axis: int | tuple[int, ...] | None, ndim: int) -> tuple[int, ...]:
    """Return the same of a reduction: NumPy lets a 0-d array have axis 0 and -1."""
    return () if not ndim and axis in (0, -1) else normalize_axes(axis, ndim)


def with_axis(a: Value, axis: int) -> Value:
    """Return a 0-d array with the axis 0 or -1 that some of NumPy's functions give it.

    Any other array as it is.
    """
    return np.reshape(a, (1,)) if not ndim_of(a) and axis in (0, -1) else a


def check_device(device: Any) -> None:
    """Raise NumPy's error for a device other than the one there is.

    Raises
    ------
    ValueError
        If so.
    """
    if device not in {None, "cpu"}:
        msg = f'Device not understood. Only "cpu" is allowed, but received: {device}'
        raise ValueError(msg)


def unbroadcast(value: Value, shape: Shape) -> Value:
    """Return ``value`` summed over the axes along which ``shape`` was broadcast."""
    extra = ndim_of(value) - len(shape)
    if extra and value.shape[extra:] == shape:  # of a bias, say: axes were put in front
        return np.add.reduce(value, axis=tuple(range(extra)))
    stretched = tuple(
        axis + extra
        for axis, length in enumerate(shape)
        if length == 1 and value.shape[axis + extra] != 1
    )
    if stretched:
        value = np.add.reduce(value, axis=stretched, keepdims=True)
    return np.add.reduce(value, axis=tuple(range(extra))) if extra else value


def align(values: Sequence[Value], batched: Sequence[bool]) -> list[Value]:
    """Return values whose leading batch axes meet when NumPy broadcasts.

    A batch of vectors, shape (B, n), against a matrix (m, n) becomes (B, 1, n).
    """
    rank = max(ndim_of(value) - own for value, own in zip(values, batched, strict=True))
    return [
        pad_rank(value, rank) if own else value
        for value, own in zip(values, batched, strict=True)
    ]


def pad_rank(value: Value, rank: int) -> Value:
    """Return a batch with axes of length 1 put after the batch axis, up to ``rank``."""
    missing = rank + 1 - value.ndim
    if missing <= 0:
        return value
    return np.reshape(value, (value.shape[0], *(1,) * missing, *value.shape[1:]))
