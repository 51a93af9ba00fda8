"""Windows that slide over an array, and their transpose: overlapping sums.

The windows are a view with overlapping strides, as NumPy's own: a sum over them is
rounded by the order in memory, which copies would not have.
"""

from typing import Any

import numpy as np

from adjoint._core.arrays import Value, normalize_axes, normalize_axis
from adjoint._core.dispatch import bind_one
from adjoint._core.handle import Handle
from adjoint._core.record import Example, Layout
from adjoint._core.registry import implements
from adjoint._core.views import link
from adjoint._primitives._makers import structural

Axes = tuple[int, ...]
_slide: Any = np.lib.stride_tricks.sliding_window_view


def overlap_add(y: Value, lengths: Axes, axes: Axes) -> Value:
    """Return an array to which every window is added in its place.

    Parameters
    ----------
    y : array
        Windows, as `sliding_window_view` gives them: their axes are the last.
    lengths, axes : tuple of int
        How long windows are along which axes, which may be named twice.

    Notes
    -----
    One axis after the other, by whole slices: as many as a window is long, or as there
    are windows, whichever is less.
    """
    if isinstance(y, Handle):
        return bind_one(overlapping, y, (lengths, axes))
    for length, axis in zip(reversed(lengths), reversed(axes), strict=True):
        y = _added_along(y, length, axis)
    return y


def _added_along(y: Any, length: int, axis: int) -> Any:
    """Return windows along one axis added up; their own axis is the last."""
    before, count = (slice(None),) * axis, y.shape[axis]
    shape = (*y.shape[:axis], count + length - 1, *y.shape[axis + 1 : -1])
    total = np.zeros_like(y, shape=shape)
    if length <= count:
        for k in range(length):
            total[(*before, slice(k, k + count))] += y[..., k]
    else:
        windows = np.moveaxis(y, -1, axis + 1)
        for k in range(count):
            total[(*before, slice(k, k + length))] += windows[(*before, k)]
    return total


def _shifted(axes: Axes) -> Axes:
    return tuple(axis + 1 for axis in axes)


_EXAMPLES = (
    Example(((5,),), ((2,), (0,))),
    Example(((5,),), ((4,), (0,))),
    Example(((4, 3),), ((2, 2), (0, 1))),
    Example(((2, 6),), ((2, 3), (1, 1))),
)

windowing = structural(
    _slide,
    _slide,
    lambda out_bar, _x_shape, lengths, axes: overlap_add(out_bar, lengths, axes),
    layout=Layout.REINDEXING,
    batch=lambda x, lengths, axes: _slide(x, lengths, _shifted(axes)),
    examples=_EXAMPLES,
)
overlapping = structural(
    overlap_add,
    overlap_add,
    lambda out_bar, _y_shape, lengths, axes: _slide(out_bar, lengths, axes),
    layout=Layout.REINDEXING,
    batch=lambda y, lengths, axes: overlap_add(y, lengths, _shifted(axes)),
    examples=(
        Example(((4, 2),), ((2,), (0,))),
        Example(((2, 4),), ((4,), (0,))),
        Example(((3, 2, 2, 2),), ((2, 2), (0, 1))),
        Example(((2, 3, 2, 3),), ((2, 3), (1, 1))),
    ),
)


@implements(_slide)
def sliding_window_view(
    x: Value,
    window_shape: Any,
    axis: Any = None,
    *,
    subok: bool = False,  # noqa: ARG001 - handles have no subclasses
) -> Value:
    """Return all windows of a shape, their axes last: a view that is not written into.

    Raises
    ------
    ValueError
        For windows that do not fit, as NumPy does.
    """
    lengths = tuple(np.atleast_1d(window_shape).tolist())
    given = normalize_axes(None, np.ndim(x)) if axis is None else axis
    axes = tuple(normalize_axis(k, np.ndim(x)) for k in np.atleast_1d(given).tolist())
    _slide(np.broadcast_to(0.0, np.shape(x)), lengths, axes)  # NumPy's own errors
    out = bind_one(windowing, x, (lengths, axes))
    if isinstance(out, Handle) and isinstance(x, Handle) and out.link is None:
        link(out, x, windowing, (lengths, axes))
    return out
