"""``np.take``: whole slices at positions along one axis."""

import operator
from typing import Any

import numpy as np

from adjoint._core.arrays import Value, normalize_axis, with_axis
from adjoint._core.dispatch import as_part, bind_one
from adjoint._core.elements import scatter
from adjoint._core.handle import Handle
from adjoint._core.record import Example, Layout
from adjoint._core.registry import implements
from adjoint._primitives._makers import structural
from adjoint._primitives.gathering import at_traced_positions, gather_at

_EVERY = (slice(None),)

# The elements are those of x[:, indices], which lie in memory in another order: a sum
# over them would be rounded otherwise than NumPy's.
taking = structural(
    np.take,
    lambda x, indices, axis: np.take(x, indices, axis=axis),
    lambda out_bar, x_shape, indices, axis: scatter(
        out_bar, x_shape, (*_EVERY * axis, indices), False
    ),
    layout=Layout.REINDEXING,
    batch=lambda x, indices, axis: np.take(x, indices, axis=axis + 1),
    examples=(
        Example(((2, 3),), (np.array([2, 0, 2]), 1)),
        Example(((2, 3, 2),), (np.array([[1, -1], [0, 0]]), 1)),
    ),
)


@implements(np.take)
def take(
    a: Value, indices: Value, axis: int | None = None, *, mode: str = "raise"
) -> Value:
    """Return the slices of ``a`` at positions along an axis; of all elements for None.

    Raises
    ------
    IndexError
        If a position is outside and ``mode`` is ``"raise"``.
    """
    a = as_part(a)
    if axis is None:
        a, axis = np.ravel(a), 0
    a = with_axis(a, axis)
    number = normalize_axis(axis, np.ndim(a))
    positions = within(_positions(indices), a.shape[number], mode)
    if isinstance(positions, Handle):
        return at_traced_positions(a, (*_EVERY * number, positions))
    if positions.ndim == 0:
        return a[(*_EVERY * number, int(positions))]
    if number == 0:
        return gather_at(a, (positions,))
    return bind_one(taking, a, (positions, number))


def _positions(indices: Any) -> Value:
    """Return positions as integers: a private array, or a handle."""
    positions = as_part(indices)
    if isinstance(positions, Handle):
        if positions.dtype.kind not in "iub":
            operator.index(positions)  # raises: a floating value is no position
        return positions
    return np.array(positions, dtype=np.intp)  # NumPy truncates plain numbers too


def within(positions: Value, length: int, mode: str | None) -> Value:
    """Return positions wrapped round or clipped to an axis; as they are to be raised.

    Raises
    ------
    ValueError
        For another mode.
    """
    match "raise" if mode is None else mode:
        case "raise":
            return positions
        case "wrap":
            return np.remainder(positions, length)
        case "clip":
            return np.minimum(np.maximum(positions, 0), length - 1)
        case _:
            msg = f"clipmode must be one of 'clip', 'raise', or 'wrap' (got {mode!r})"
            raise ValueError(msg)
