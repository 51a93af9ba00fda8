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
from adjoint._core.handle import Handle


def bottom(value: Value) -> Value:
    """Return the number or array below all handles."""
    while isinstance(value, Handle):
        value = value.value
    return value


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


def lies_in_rows(x: Value) -> bool:
    """Tell whether an array lies in memory row by row, without gaps.

    Where it does, NumPy's ``ravel`` is a view.
    """
    below = bottom(x)
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


def reshapes_without_copy(x: Handle, shape: Shape) -> bool:
    """Tell whether each sample of a batch could be reshaped without a copy."""
    below = bottom(x)
    if type(below) is not np.ndarray or below.ndim == x.ndim or not below.size:
        return False
    strides = sample_strides(x, below)
    reach = [(n - 1) * stride for n, stride in zip(x.shape, strides, strict=True)]
    start = -sum(step for step in reach if step < 0)
    memory = np.empty(sum(map(abs, reach)) + below.itemsize, np.uint8)
    model = np.ndarray(x.shape, below.dtype, memory, start, strides)
    return np.may_share_memory(np.reshape(model, shape), memory)
