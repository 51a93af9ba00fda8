"""``float(x)``: the same number as Python's float, which is weak beside arrays."""

from typing import Any

import numpy as np

from adjoint._core.arrays import Value, shape_of
from adjoint._core.dispatch import bind_one
from adjoint._core.handle import Handle
from adjoint._core.record import Example, Layout
from adjoint._core.registry import RECORDS
from adjoint._primitives._makers import structural


def as_float(x: Value) -> Value:
    """Return ``float(x)`` of a number, or of an array of one element.

    Raises
    ------
    TypeError
        If there are more elements, as ``float`` does.
    """
    if not isinstance(x, Handle):
        return float(x)
    if x.shape and x.size != 1:
        msg = "only length-1 arrays can be converted to Python scalars"
        raise TypeError(msg)
    return bind_one(RECORDS[as_float], x, ())


def _batch(x: Value) -> Any:
    return np.reshape(x, (shape_of(x)[0],))


conversion = structural(
    as_float,
    as_float,
    np.reshape,
    layout=Layout.REINDEXING,
    batch=_batch,
    examples=(Example(((),)),),
)
