"""Methods of ufuncs whose derivative is zero: ``logical_or.reduce``, ``less.outer``."""

from typing import Any

import numpy as np

from adjoint._core.arrays import Value
from adjoint._core.dispatch import bind
from adjoint._core.handle import Handle
from adjoint._core.record import Example
from adjoint._primitives._makers import constant
from adjoint._primitives.reduction import shift

Pairs = tuple[tuple[str, Any], ...]


def step_method(
    x: Value, ufunc: np.ufunc, method: str, axes: tuple[int, ...], options: Pairs
) -> Value:
    """Return ``ufunc.reduce(x)``, ``accumulate`` or ``reduceat``, over given axes.

    ``options`` are the other arguments by keyword.
    """
    if isinstance(x, Handle):
        return bind(stepping, (x,), (ufunc, method, axes, options))
    axis = axes[0] if len(axes) == 1 else axes
    return getattr(ufunc, method)(x, axis=axis, **dict(options))


def _truth(x: Value) -> tuple[Value]:
    return (np.greater(x, 0.0),)


stepping = constant(
    step_method,
    evaluate=step_method,
    batch=lambda args, _batched, _size, ufunc, method, axes, options: step_method(
        args[0], ufunc, method, shift(axes), options
    ),
    examples=(
        Example(((2, 3),), (np.logical_or, "reduce", (0, 1), (("keepdims", True),))),
        Example(((2, 3),), (np.logical_and, "accumulate", (1,), ())),
        Example(((4, 2),), (np.logical_or, "reduceat", (0,), (("indices", (0, 2)),))),
        Example(((2, 3),), (np.bitwise_xor, "reduce", (1,), ()), _truth),
        Example(((2, 3),), (np.less, "accumulate", (0,), ()), _truth),
    ),
)
