"""Questions about an array that have nothing to differentiate: shape, rank, dtype."""

from typing import Any

import numpy as np

from adjoint._core.arrays import Shape, Value, normalize_axis
from adjoint._core.handle import Handle
from adjoint._core.registry import implements


@implements(np.shape)
def shape(a: Value) -> Shape:
    """Return the shape."""
    return a.shape  # type: ignore[no-any-return]


@implements(np.ndim)
def ndim(a: Value) -> int:
    """Return the number of axes."""
    return a.ndim  # type: ignore[no-any-return]


@implements(np.size)
def size(a: Value, axis: int | None = None) -> int:
    """Return the number of elements, or the length of one axis."""
    if axis is None:
        return a.size  # type: ignore[no-any-return]
    return a.shape[normalize_axis(axis, a.ndim)]  # type: ignore[no-any-return]


@implements(np.iscomplexobj)
def is_complex(x: Value) -> bool:
    """Return whether the dtype is complex."""
    return x.dtype.kind == "c"  # type: ignore[no-any-return]


@implements(np.isrealobj)
def is_real(x: Value) -> bool:
    """Return whether the dtype is not complex."""
    return x.dtype.kind != "c"  # type: ignore[no-any-return]


@implements(np.result_type)
def result_type(*arrays_and_dtypes: Any) -> np.dtype[Any]:
    """Return the dtype that NumPy's promotion gives."""
    return np.result_type(
        *(arg.dtype if isinstance(arg, Handle) else arg for arg in arrays_and_dtypes)
    )


@implements(np.common_type)
def common_type(*arrays: Value) -> type:
    """Return the inexact scalar type that all arrays fit in."""
    found: type = np.common_type(*(np.empty(0, one.dtype) for one in arrays))
    return found
