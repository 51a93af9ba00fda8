"""Functions on elements that NumPy has no name for; they dispatch by themselves."""

from typing import Any

import numpy as np

from adjoint._core.arrays import Shape, Value
from adjoint._core.dispatch import bind_one
from adjoint._core.handle import Handle
from adjoint._core.registry import RECORDS


def embed(y: Value, shape: Shape, index: Any) -> Value:
    """Return zeros of a shape with ``y`` at a basic index: ``x[index]`` transposed.

    Parameters
    ----------
    y : array
        The elements; of the shape that ``np.zeros(shape)[index]`` has.
    shape : tuple of int
    index : int, slice, Ellipsis, None, or a tuple of these
    """
    if isinstance(y, Handle):
        return bind_one(RECORDS[embed], y, (shape, index))
    zeros = np.zeros_like(y, shape=shape)
    zeros[index] = y
    return zeros
