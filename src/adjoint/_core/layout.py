"""How the elements of a traced array lie in memory: that decides what is a view.

``np.reshape`` and ``np.ravel`` give a view where the order in memory allows it, else a
copy, and only a view passes a write on.  A batch may lie otherwise than each of its
samples would: in ``x[:, mask]`` the batch axis is the innermost.  So what is asked here
is how one sample would lie if its batch axes were taken out.
"""

import math
from typing import Any

import numpy as np

from adjoint._core.arrays import Shape, Value
from adjoint._core.handle import Handle, strip


def sample_strides(x: Value, below: Any) -> tuple[int, ...]:
    """Return the strides of one sample of ``x``, without its batch axes.

    ``below`` is the array below all handles; its first axes are those of batches.
    """
    extra = below.ndim - x.ndim
    batches = [
        (abs(stride), length)
        for stride, length in zip(below.strides[:extra], below.shape, strict=False)
        if stride and length > 1
    ]
    return tuple(
        stride // math.prod(length for step, length in batches if step < abs(stride))
        for stride in below.strides[extra:]
    )


def address_of(array: Any) -> int:
    """Return where the first element of a plain array lies."""
    address: int = array.__array_interface__["data"][0]
    return address


def lies_in_rows(x: Value) -> bool:
    """Tell whether an array lies in memory row by row, without gaps.

    Where it does, NumPy's ``ravel`` is a view.
    """
    below = strip(x)
    if type(below) is not np.ndarray or not below.size:
        return True
    expected = below.itemsize
    for length, stride in zip(
        x.shape[::-1], sample_strides(x, below)[::-1], strict=True
    ):
        if length != 1 and stride != expected:
            return False
        expected *= length
    return True


def lies_in_columns(x: Value) -> bool:
    """Tell whether an array lies in Fortran order, and not in rows too."""
    return lies_in_rows(np.transpose(x)) and not lies_in_rows(x)


def is_spread(x: Value) -> bool:
    """Tell whether an array shows one element in many places, as a broadcast does."""
    below = strip(x)
    return type(below) is np.ndarray and 0 in below.strides and below.size > 1


def reshapes_without_copy(x: Handle, shape: Shape) -> bool:
    """Tell whether each sample of a batch could be reshaped without a copy."""
    below = strip(x)
    if type(below) is not np.ndarray or below.ndim == x.ndim or not below.size:
        return False
    model = sample_model(x)
    return np.may_share_memory(np.reshape(model, shape), model)


def sample_model(x: Handle) -> Any:
    """Return a plain array that lies in memory as one sample of ``x`` would."""
    below = strip(x)
    return _strided(x.shape, sample_strides(x, below), below.dtype)


def with_batch_outermost(x: Value) -> Value:
    """Return an array whose samples, along axis 0, lie one after another in memory.

    The order of the other axes stays.  A part of a sample is then a view where it would
    be one of the sample alone.
    """
    below = strip(x)
    if type(below) is not np.ndarray or x.ndim < 2 or not below.size:
        return x
    paces = [abs(stride) for stride in below.strides[below.ndim - x.ndim :]]
    if paces[0] >= max(paces):
        return x
    axes = [0, *sorted(range(1, x.ndim), key=lambda k: -paces[k])]
    back = sorted(range(x.ndim), key=axes.__getitem__)
    return np.transpose(np.copy(np.transpose(x, axes), order="C"), back)


_ROOMY = 4
"""How many times its own bytes a copy may take that keeps all strides of an array."""


def copy_as_it_lies(array: Any, *, to_write: bool = False) -> Any:
    """Return a copy of an array that lies in memory as it does, gaps included.

    NumPy sums in the order in memory, and BLAS has other loops for what lies in steps
    or backwards: the last bits of a value hang on the strides.

    Parameters
    ----------
    array : ndarray
    to_write : bool
        Whether the copy will be written into: then no two elements share memory.

    Notes
    -----
    A view may show little of a large array, a column of a wide matrix.  Where the
    strides span more than four times the bytes of the elements, the gaps shrink to one
    element each.  What is next to what, and in which direction, stays.
    """
    strides = array.strides
    if array.flags.forc or not array.size or array.dtype.hasobject:
        return array.copy(order="K")
    axes = _from_the_innermost(array)
    if _is_compact(array, axes) or (to_write and _overlap(array, axes)):
        return array.copy(order="K")
    if _span(array.shape, strides) > _ROOMY * array.nbytes:
        strides = _with_small_gaps(array, axes)
    copy = _strided(array.shape, strides, array.dtype)
    copy[...] = array
    return copy


def _from_the_innermost(array: Any) -> list[int]:
    """Return the axes longer than 1, those of the smallest steps first."""
    paces = array.strides
    axes = [k for k, length in enumerate(array.shape) if length > 1]
    return sorted(axes, key=lambda k: (abs(paces[k]), -k))


def _is_compact(array: Any, axes: list[int]) -> bool:
    """Tell whether elements fill their memory forwards, without gaps."""
    end = array.itemsize
    for k in axes:
        if array.strides[k] != end:
            return False
        end *= array.shape[k]
    return True


def _overlap(array: Any, axes: list[int]) -> bool:
    """Tell whether elements may share memory, as those of sliding windows do."""
    end = array.itemsize
    for k in axes:
        pace = abs(array.strides[k])
        if pace < end:
            return True
        end = pace * array.shape[k]
    return False


def _with_small_gaps(array: Any, axes: list[int]) -> tuple[int, ...]:
    """Return strides of the same order and signs, with one element in each gap."""
    strides = list(array.strides)
    size = end = new_end = array.itemsize
    for k in axes:
        pace = abs(array.strides[k])
        new = new_end if pace == end else new_end + size
        strides[k] = new if array.strides[k] > 0 else -new
        end, new_end = pace * array.shape[k], new * array.shape[k]
    return tuple(strides)


def _span(shape: Shape, strides: tuple[int, ...]) -> int:
    """Return the distance from the first byte in memory to the last element."""
    return sum((n - 1) * abs(step) for n, step in zip(shape, strides, strict=True))


def _strided(shape: Shape, strides: tuple[int, ...], dtype: Any) -> Any:
    """Return an array of a shape and strides, in memory of its own."""
    backwards = [min(step, 0) for step in strides]
    start = _span(shape, tuple(backwards))
    memory = np.zeros(_span(shape, strides) + dtype.itemsize, np.uint8)
    return np.ndarray(shape, dtype, memory, start, strides)


def lie_alike(x: Value, y: Value) -> bool:
    """Tell whether two arrays of one shape lie in the same order in memory."""
    one, other = strip(x), strip(y)
    if type(one) is not np.ndarray or type(other) is not np.ndarray:
        return True
    if one.strides == other.strides:
        return True
    pairs = zip(x.shape, sample_strides(x, one), sample_strides(y, other), strict=True)
    return not one.size or all(n == 1 or step == pace for n, step, pace in pairs)


def overwrites(target: Any, index: Any, source: Any) -> bool:
    """Tell whether NumPy's ``target[index] = source`` reads what it has overwritten.

    It is tried out on numbered elements that lie in memory as those of the two arrays,
    which overlap.
    """
    bounds = [np.lib.array_utils.byte_bounds(one) for one in (target, source)]
    start, end = min(low for low, _ in bounds), max(high for _, high in bounds)
    size = target.itemsize
    memory = np.arange((end - start) // size)

    def numbered(array: Any) -> Any:
        first = address_of(array) - start
        strides = [stride // size * memory.itemsize for stride in array.strides]
        place = first // size * memory.itemsize
        return np.ndarray(array.shape, memory.dtype, memory, place, strides)

    there, given = numbered(target), numbered(source)
    expected = there.copy()
    expected[index] = given.copy()
    there[index] = given
    return not np.array_equal(there, expected)


def owner_of(value: Any) -> Any:
    """Return the array whose memory a value shows; itself, if that is no view."""
    while isinstance(getattr(value, "base", None), np.ndarray):
        value = value.base
    return value
