"""Differences of neighbours, and what is built of them, in NumPy's own order."""

from typing import Any

import numpy as np

from adjoint._core.arrays import Value, in_dtype_of, normalize_axes, normalize_axis
from adjoint._core.dispatch import as_part
from adjoint._core.registry import implements


def along(axis: int, part: Any) -> tuple[Any, ...]:
    """Return the index that takes a part along one axis."""
    return (*(slice(None),) * axis, part)


def _joined(a: Value, axis: int, before: Value, after: Value) -> Value:
    """Return ``a`` with values at its ends; a single number stands for a slice."""
    edge = (*a.shape[:axis], 1, *a.shape[axis + 1 :])
    parts = [
        np.broadcast_to(part, edge) if np.ndim(part) == 0 else part
        for part in (before, a, after)
        if part is not None
    ]
    return np.concatenate(parts, axis) if len(parts) > 1 else a


@implements(np.diff)
def diff(
    a: Value,
    n: int = 1,
    axis: int = -1,
    prepend: Value = None,
    append: Value = None,
) -> Value:
    """Return differences of neighbours along an axis, taken ``n`` times."""
    if n == 0:
        return a
    if n < 0:
        msg = f"order must be non-negative but got {n!r}"
        raise ValueError(msg)
    a = as_part(a)
    number = normalize_axis(axis, np.ndim(a))
    before, after = (
        None if part is None or part is np._NoValue else as_part(part)
        for part in (prepend, append)
    )
    a = _joined(a, number, before, after)
    for _ in range(n):
        a = a[along(number, slice(1, None))] - a[along(number, slice(None, -1))]
    return a


@implements(np.ediff1d)
def ediff1d(ary: Value, to_end: Value = None, to_begin: Value = None) -> Value:
    """Return differences of neighbours of the ravelled array, between given ends.

    Raises
    ------
    TypeError
        For ends that lose something in the array's dtype (complex ones of real
        numbers), as NumPy does.
    """
    flat = np.ravel(as_part(ary))
    steps = flat[1:] - flat[:-1]
    before, after = (
        flat[:0] if end is None else _end(flat, as_part(end), name)
        for name, end in (("to_begin", to_begin), ("to_end", to_end))
    )
    return np.concatenate([before, steps, after])


def _end(flat: Value, end: Value, name: str) -> Value:
    if not np.can_cast(end.dtype, flat.dtype, "same_kind"):
        msg = (
            f"dtype of `{name}` must be compatible with input `ary` under the "
            "`same_kind` rule."
        )
        raise TypeError(msg)
    return in_dtype_of(flat, np.ravel(end))


@implements(np.trapezoid)
def trapezoid(y: Value, x: Value = None, dx: Value = 1.0, axis: int = -1) -> Value:
    """Return the integral along an axis by the trapezoidal rule."""
    y = as_part(y)
    number = normalize_axis(axis, np.ndim(y))
    if x is None:
        width = dx
    else:
        x = as_part(x)
        if np.ndim(x) == 1:
            width = np.reshape(np.diff(x), (-1, *(1,) * (np.ndim(y) - number - 1)))
        else:
            width = np.diff(x, axis=axis)
    right = y[along(number, slice(1, None))]
    left = y[along(number, slice(None, -1))]
    return np.sum(width * (right + left) / 2.0, axis=number)


@implements(np.gradient)
def gradient(
    f: Value,
    *varargs: Value,
    axis: int | tuple[int, ...] | None = None,
    edge_order: int = 1,
) -> Any:
    """Return the slopes of sampled values, by central differences inside.

    Raises
    ------
    ValueError
        For an ``edge_order`` above 2, too few samples, or spacings that do not fit.
    """
    f = as_part(f)
    rank = np.ndim(f)
    if axis is None or isinstance(axis, tuple):
        axes = tuple(range(rank)) if axis is None else axis
    else:
        axes = (axis,)
    numbers = tuple(normalize_axis(one, rank) for one in axes)
    normalize_axes(axes, rank)  # raises where one is named twice
    if edge_order > 2:
        msg = "'edge_order' greater than 2 not supported"
        raise ValueError(msg)
    slopes = tuple(
        _slope(f, k, step, edge_order)
        for k, step in zip(numbers, _spacings(f, varargs, numbers), strict=True)
    )
    return slopes[0] if len(slopes) == 1 else slopes


def _spacings(f: Value, given: tuple[Value, ...], axes: tuple[int, ...]) -> list[Value]:
    """Return the spacing along each axis: a number, or a vector of differences."""
    if not given:
        return [1.0] * len(axes)
    if len(given) == 1 and np.ndim(given[0]) == 0:
        return list(given) * len(axes)
    if len(given) != len(axes):
        msg = "invalid number of arguments"
        raise TypeError(msg)
    return [_spacing(f, one, k) for one, k in zip(given, axes, strict=True)]


def _spacing(f: Value, given: Value, axis: int) -> Value:
    if np.ndim(given) == 0:
        return given
    places = as_part(given)
    if np.ndim(places) != 1:
        msg = "distances must be either scalars or 1d"
        raise ValueError(msg)
    if len(places) != f.shape[axis]:
        msg = "when 1d, distances must match the length of the corresponding dimension"
        raise ValueError(msg)
    steps = np.diff(places.astype(float) if places.dtype.kind in "iu" else places)
    # A plain even grid is the scalar case, as in NumPy; a traced one keeps its steps.
    return (
        steps[0] if type(steps) is np.ndarray and np.all(steps == steps[0]) else steps
    )


def _slope(f: Value, axis: int, step: Value, edge_order: int) -> Value:
    """Return the slopes along one axis: both ends, and the middle."""
    if f.shape[axis] < edge_order + 1:
        msg = (
            "Shape of array too small to calculate a numerical gradient, at least "
            "(edge_order + 1) elements are required."
        )
        raise ValueError(msg)
    ends = _linear_ends if edge_order == 1 else _quadratic_ends
    first, last = ends(f, axis, step)
    inside = _inside(f, axis, step)
    parts = [np.expand_dims(first, axis), inside, np.expand_dims(last, axis)]
    slopes = np.concatenate(parts, axis)
    return in_dtype_of(f, slopes) if f.dtype.kind == "f" else slopes


def _inside(f: Value, axis: int, step: Value) -> Value:
    left, middle, right = (
        f[along(axis, part)] for part in (slice(None, -2), slice(1, -1), slice(2, None))
    )
    if np.ndim(step) == 0:
        return (right - left) / (2.0 * step)
    column = (-1, *(1,) * (f.ndim - axis - 1))
    before, after = step[:-1], step[1:]
    a = -after / (before * (before + after))
    b = (after - before) / (before * after)
    c = before / (after * (before + after))
    return (
        np.reshape(a, column) * left
        + np.reshape(b, column) * middle
        + np.reshape(c, column) * right
    )


def _linear_ends(f: Value, axis: int, step: Value) -> tuple[Value, Value]:
    first, last = (step, step) if np.ndim(step) == 0 else (step[0], step[-1])
    return (
        (f[along(axis, 1)] - f[along(axis, 0)]) / first,
        (f[along(axis, -1)] - f[along(axis, -2)]) / last,
    )


def _quadratic_ends(f: Value, axis: int, step: Value) -> tuple[Value, Value]:
    """Return the slopes at the ends of the parabolas through the last three samples."""
    if np.ndim(step) == 0:
        first = (-1.5 / step, 2.0 / step, -0.5 / step)
        last = (0.5 / step, -2.0 / step, 1.5 / step)
    else:
        p, q = step[0], step[1]
        first = (
            -(2.0 * p + q) / (p * (p + q)),
            (p + q) / (p * q),
            -p / (q * (p + q)),
        )
        p, q = step[-2], step[-1]
        last = (q / (p * (p + q)), -(q + p) / (p * q), (2.0 * q + p) / (q * (p + q)))
    return (
        _combination(f, axis, first, (0, 1, 2)),
        _combination(f, axis, last, (-3, -2, -1)),
    )


def _combination(
    f: Value, axis: int, weights: tuple[Value, ...], places: tuple[int, ...]
) -> Value:
    a, b, c = weights
    i, j, k = places
    return a * f[along(axis, i)] + b * f[along(axis, j)] + c * f[along(axis, k)]
