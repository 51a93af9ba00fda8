"""Arrays made like a traced one."""

from typing import Any

import numpy as np

from adjoint._core.arrays import Shape, Value
from adjoint._core.dispatch import strip
from adjoint._core.handle import Handle
from adjoint._core.registry import implements


def _prototype(a: Handle, shape: Shape | int | None) -> tuple[Value, Shape]:
    """Return a plain array of the kind below a handle, and the shape asked for."""
    if shape is None:
        shape = a.shape
    return strip(a), (shape,) if isinstance(shape, int) else tuple(shape)


@implements(np.zeros_like)
def zeros_like(a: Value, dtype: Any = None, *, shape: Shape | None = None) -> Value:
    """Return plain zeros of the shape and dtype of ``a``."""
    like, target = _prototype(a, shape)
    return np.zeros_like(like, dtype=dtype, shape=target)


@implements(np.ones_like)
def ones_like(a: Value, dtype: Any = None, *, shape: Shape | None = None) -> Value:
    """Return plain ones of the shape and dtype of ``a``."""
    like, target = _prototype(a, shape)
    return np.ones_like(like, dtype=dtype, shape=target)


@implements(np.empty_like)
def empty_like(
    prototype: Value, dtype: Any = None, *, shape: Shape | None = None
) -> Value:
    """Return a plain array of the shape and dtype of ``prototype``, not initialised."""
    like, target = _prototype(prototype, shape)
    return np.empty_like(like, dtype=dtype, shape=target)


@implements(np.full_like)
def full_like(
    a: Value, fill_value: Value, dtype: Any = None, *, shape: Shape | None = None
) -> Value:
    """Return an array of the shape of ``a`` filled with a value, traced or not."""
    if shape is None:
        shape = np.shape(a)
    target = strip(a).dtype if dtype is None and isinstance(a, Handle) else dtype
    if not isinstance(fill_value, Handle):
        return np.full_like(strip(a), fill_value, dtype=target, shape=shape)
    return np.broadcast_to(
        fill_value if target is None else fill_value.astype(target), shape
    )


if hasattr(np, "astype"):  # since NumPy 2.1

    @implements(np.astype)
    def astype(x: Value, dtype: Any, /, *, copy: bool = True) -> Value:
        """Return an array in another dtype; integers and booleans are constants."""
        return x.astype(dtype, copy=copy)


@implements(np.fix)
def fix(x: Value) -> Value:
    """Return numbers rounded towards zero: piecewise constant."""
    return np.trunc(x)
