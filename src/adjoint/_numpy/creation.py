"""Arrays made like a traced one."""

from typing import Any

import numpy as np

from adjoint._core.arrays import Shape, Value, check_device
from adjoint._core.handle import Handle, strip
from adjoint._core.registry import implements


def _prototype(a: Handle, shape: Shape | int | None) -> tuple[Value, Shape]:
    """Return a plain array of the kind below a handle, and the shape asked for."""
    if shape is None:
        shape = a.shape
    return strip(a), (shape,) if isinstance(shape, int) else tuple(shape)


def _declare(function: Any) -> None:
    """Declare a function that makes a plain array of the form of a traced one."""

    @implements(function)
    def like(
        a: Value,
        dtype: Any = None,
        order: Any = "K",
        subok: bool = True,
        *,
        shape: Shape | None = None,
        device: Any = None,
    ) -> Value:
        prototype, target = _prototype(a, shape)
        return function(
            prototype, dtype, order, subok, shape=target, **_on_device(device)
        )


def _on_device(device: Any) -> dict[str, Any]:
    """Return the keyword for a device, which NumPy checks: there is one only."""
    return {} if device is None else {"device": device}


_declare(np.zeros_like)
_declare(np.ones_like)


@implements(np.empty_like)
def empty_like(
    prototype: Value,
    dtype: Any = None,
    order: Any = "K",
    subok: bool = True,
    *,
    shape: Shape | None = None,
    device: Any = None,
) -> Value:
    """Return a plain array of the shape and dtype of ``prototype``, not initialised."""
    like, target = _prototype(prototype, shape)
    return np.empty_like(like, dtype, order, subok, shape=target, **_on_device(device))


@implements(np.full_like)
def full_like(
    a: Value,
    fill_value: Value,
    dtype: Any = None,
    order: Any = "K",
    subok: bool = True,
    *,
    shape: Shape | None = None,
    device: Any = None,
) -> Value:
    """Return an array of the shape of ``a`` filled with a value, traced or not."""
    if shape is None and isinstance(a, Handle):
        shape = a.shape  # without the axes of batches, which what is below has
    plain = np.full_like(
        strip(a), 0, dtype, order, subok, shape=shape, **_on_device(device)
    )
    if not isinstance(fill_value, Handle):
        plain[...] = fill_value
        return plain
    out = np.copy(np.broadcast_to(fill_value.astype(plain.dtype), plain.shape))
    return np.copy(out, "F") if plain.flags.fnc else out


if hasattr(np, "astype"):  # since NumPy 2.1

    @implements(np.astype)
    def astype(
        x: Value, dtype: Any, /, *, copy: bool = True, device: Any = None
    ) -> Value:
        """Return an array in another dtype; integers and booleans are constants."""
        check_device(device)
        return x.astype(dtype, copy=copy)


@implements(np.fix)
def fix(x: Value) -> Value:
    """Return numbers rounded towards zero: piecewise constant."""
    return np.trunc(x)
