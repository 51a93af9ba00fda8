"""Median, quantiles, percentiles: elements at places of the sorted array.

They follow the stable order, so of equal elements the first in the array counts as the
smallest; the median of an even number averages its two.
"""

import functools
from typing import Any

import numpy as np

from adjoint._core.arrays import PYTHON_REALS, Value, normalize_axes
from adjoint._core.dispatch import as_part, settle
from adjoint._core.handle import Handle, strip
from adjoint._core.registry import implements
from adjoint._numpy.selecting import along_axis
from adjoint._numpy.statistics import stretched

Axis = int | tuple[int, ...] | None

_CONTINUOUS = {
    "interpolated_inverted_cdf": (0.0, 1.0),
    "hazen": (0.5, 0.5),
    "weibull": (0.0, 0.0),
    "median_unbiased": (1 / 3.0, 1 / 3.0),
    "normal_unbiased": (3 / 8.0, 3 / 8.0),
}
"""alpha and beta of Hyndman & Fan 1996: n q + alpha + q (1 - alpha - beta) - 1."""
_ELEMENTS = {"inverted_cdf", "closest_observation", "lower", "higher", "nearest"}
"""Methods that always take an element."""
_PLACES = "the places of quantiles"


def rows(a: Value, axis: Axis) -> Value:
    """Return ``a`` with the axes to reduce as one last axis."""
    axes = normalize_axes(axis, np.ndim(a))
    last = tuple(range(-len(axes), 0))
    moved = np.moveaxis(a, axes, last) if axes else a
    kept = moved.shape[: np.ndim(a) - len(axes)]
    return np.reshape(moved, (*kept, int(np.prod(moved.shape[len(kept) :], dtype=int))))


def kept_axes(out: Value, a: Value, axis: Axis, keepdims: bool) -> Value:
    """Return a reduced array with the reduced axes put back at length 1, if asked."""
    if not keepdims:
        return out
    ndim = np.ndim(a)
    return np.expand_dims(out, tuple(k - ndim for k in normalize_axes(axis, ndim)))


@implements(np.median)
def median(
    a: Value,
    axis: Axis = None,
    *,
    overwrite_input: bool = False,  # noqa: ARG001 - a permission, not used
    keepdims: bool = False,
) -> Value:
    """Return the middle element, or the mean of the middle two; nan if there is one."""
    flat = rows(a, axis)
    length = flat.shape[-1]
    if length == 0:
        return kept_axes(np.mean(flat, axis=-1), a, axis, keepdims)
    order = np.argsort(flat, axis=-1, kind="stable")
    middle = order[..., (length - 1) // 2 : length // 2 + 1]
    out = np.mean(along_axis(flat, middle, -1, distinct=True), axis=-1)
    # Nan sorts to the end: where the last is one, NumPy's median is nan.
    last = along_axis(flat, order[..., -1:], -1, distinct=True)[..., 0]
    out = np.where(np.isnan(last), np.nan, out)[()]
    return kept_axes(out, a, axis, keepdims)


@implements(np.nanmedian)
def nanmedian(
    a: Value,
    axis: Axis = None,
    *,
    overwrite_input: bool = False,  # noqa: ARG001 - a permission, not used
    keepdims: bool = False,
) -> Value:
    """Return the median of the numbers in ``a``; nan where there are none."""
    flat = rows(a, axis)
    count = np.sum(np.logical_not(np.isnan(flat)), axis=-1, keepdims=True)
    order = np.argsort(flat, axis=-1, kind="stable")
    low, high = (
        along_axis(flat, np.take_along_axis(order, place, axis=-1), -1, distinct=True)
        for place in (np.maximum(count - 1, 0) // 2, count // 2)
    )
    out = np.where(np.equal(low, high), low, (low + high) / 2.0)[..., 0]
    return kept_axes(out[()], a, axis, keepdims)


@implements(np.percentile)
def percentile(
    a: Value,
    q: Value,
    axis: Axis = None,
    *,
    overwrite_input: bool = False,  # noqa: ARG001 - a permission, not used
    method: str = "linear",
    keepdims: bool = False,
    weights: Value = None,
) -> Value:
    """Return the values below which ``q`` percent of the elements lie."""
    return _quantile(a, q, axis, method, keepdims, weights, scale=100)


@implements(np.quantile)
def quantile(
    a: Value,
    q: Value,
    axis: Axis = None,
    *,
    overwrite_input: bool = False,  # noqa: ARG001 - a permission, not used
    method: str = "linear",
    keepdims: bool = False,
    weights: Value = None,
) -> Value:
    """Return the values below which fractions ``q`` of the elements lie.

    Where a method goes from element to element in a straight line, the slope by ``q``
    is that of the line.  Weighted quantiles are elements; by weights, which choose
    them, the slope is 0.
    """
    return _quantile(a, q, axis, method, keepdims, weights)


@implements(np.nanpercentile)
def nanpercentile(
    a: Value,
    q: Value,
    axis: Axis = None,
    *,
    overwrite_input: bool = False,  # noqa: ARG001 - a permission, not used
    method: str = "linear",
    keepdims: bool = False,
    weights: Value = None,
) -> Value:
    """Return percentiles of the numbers in ``a``; nan where there are none."""
    return _nanquantile(a, q, axis, method, keepdims, weights, scale=100)


@implements(np.nanquantile)
def nanquantile(
    a: Value,
    q: Value,
    axis: Axis = None,
    *,
    overwrite_input: bool = False,  # noqa: ARG001 - a permission, not used
    method: str = "linear",
    keepdims: bool = False,
    weights: Value = None,
) -> Value:
    """Return quantiles of the numbers in ``a``; nan where there are none."""
    return _nanquantile(a, q, axis, method, keepdims, weights)


def _fractions(q: Value, scale: int) -> Value:
    """Return quantiles as fractions; Python numbers stay weak."""
    fractions = q if _is_weak(q) else as_part(q)
    return fractions if scale == 1 else fractions / scale


def _is_weak(q: Value) -> bool:
    """Tell whether a fraction is a Python number, and leaves the dtype to the array."""
    return type(strip(q)) in PYTHON_REALS


def _quantile(
    a: Value,
    q: Value,
    axis: Axis,
    method: str,
    keepdims: bool,
    weights: Value,
    *,
    scale: int = 1,
) -> Value:
    """Return quantiles; Python numbers as fractions leave the dtype to the array.

    Raises
    ------
    TypeError
        For complex numbers, as NumPy does.
    """
    _check_real(a)
    flat, q = rows(a, axis), _fractions(q, scale)
    of_rows = _rows_of_weights(weights, a, axis, method)
    out = _of_rows(flat, q, method, of_rows)
    return kept_axes(out[()], a, axis, keepdims)


def _of_rows(flat: Value, q: Value, method: str, weights: Any) -> Value:
    """Return the quantiles of rows, those of one fraction after the other."""
    length = flat.shape[-1]
    order = np.argsort(flat, axis=-1, kind="stable")
    last = along_axis(flat, order[..., length - 1 :], -1, distinct=False)
    if weights is not None:
        places = _weighted_places(settle(flat, _PLACES), q, weights)
        out = along_axis(flat, places, -1, distinct=False)
    else:
        low, high, weight = _places(length, q, method)
        below, above = (
            along_axis(
                flat, np.take(order, np.ravel(place), axis=-1), -1, distinct=False
            )
            for place in (low, high)
        )
        if weight is None:
            out = below
        else:
            out = _between(below, above, weight if _is_weak(q) else np.ravel(weight))
    out = np.where(np.isnan(last), np.nan, out)  # nan sorts to the end
    return np.reshape(np.moveaxis(out, -1, 0), np.shape(q) + flat.shape[:-1])


def _rows_of_weights(weights: Value, a: Value, axis: Axis, method: str) -> Any:
    """Return plain weights as rows, or None.

    Raises
    ------
    ValueError
        For another method than the one that takes weights, and negative weights.
    """
    if weights is None:
        return None
    if method != "inverted_cdf":
        msg = f"Only method 'inverted_cdf' supports weights. Got: {method}."
        raise ValueError(msg)
    plain = settle(as_part(weights), _PLACES)
    if np.any(plain < 0):
        msg = "Weights must be non-negative."
        raise ValueError(msg)
    wide = stretched(plain, a, axis)
    return rows(np.broadcast_to(wide, np.shape(a)), axis)


def _weighted_places(flat: Any, q: Value, weights: Any) -> Any:
    """Return which elements of plain rows the weighted quantiles are.

    Raises
    ------
    ValueError
        For weights of sum zero or not finite.
    """
    fractions = np.ravel(settle(q, _PLACES))
    _check_fractions(fractions)
    order = np.argsort(flat, axis=-1, kind="stable")
    running = np.cumsum(
        np.take_along_axis(weights, order, axis=-1), axis=-1, dtype=np.float64
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        running = running / running[..., -1:]
    if np.isnan(running[..., -1]).any():
        msg = "Weights included NaN, inf or were all zero."
        raise ValueError(msg)
    if fractions.dtype.kind == "f":
        running = running.astype(fractions.dtype)
    running = np.where(running == 0, -1, running)  # weight 0 is never chosen
    length, kept = flat.shape[-1], flat.shape[:-1]
    places = np.stack(
        [
            np.searchsorted(row, fractions, side="left")
            for row in np.reshape(running, (-1, length))
        ]
    )
    places = np.reshape(np.minimum(places, length - 1), (*kept, fractions.size))
    return np.take_along_axis(order, places, axis=-1)


def _nanquantile(
    a: Value,
    q: Value,
    axis: Axis,
    method: str,
    keepdims: bool,
    weights: Value,
    *,
    scale: int = 1,
) -> Value:
    """Return quantiles of numbers, row after row: each has its own count of them.

    Raises
    ------
    TypeError
        For complex numbers, as NumPy does.
    """
    _check_real(a)
    flat, q = rows(a, axis), _fractions(q, scale)
    of_rows = _rows_of_weights(weights, a, axis, method)
    kept, length = flat.shape[:-1], flat.shape[-1]
    table = np.reshape(flat, (-1, length))
    missing = np.isnan(settle(table, "the number of numbers in each row"))
    outs = []
    for k, gaps in enumerate(missing):
        (numbers,) = np.nonzero(~gaps)
        if numbers.size == 0:
            outs.append(np.full(np.shape(q), np.nan, flat.dtype))
            continue
        own = None if of_rows is None else np.reshape(of_rows, (-1, length))[k, numbers]
        outs.append(_of_rows(np.take(table[k], numbers), q, method, own))
    out = np.stack(outs, axis=-1)
    out = np.reshape(out, np.shape(q) + kept)
    if weights is None and kept and len(normalize_axes(axis, np.ndim(a))) > 1:
        out = _as_numpy_orders(out, np.ndim(q))
    return kept_axes(out[()], a, axis, keepdims)


def _as_numpy_orders(out: Value, rank: int) -> Value:
    """Return quantiles over several axes with the axes where NumPy puts them.

    Of fractions with ``rank`` axes it means these to come first, but moves the first of
    the others among them.
    """
    if rank < 2 or not _axes_go_astray():
        return out
    out = np.moveaxis(out, range(rank), range(-rank, 0))
    return np.moveaxis(out, range(-1, rank - 1), range(rank))


@functools.cache
def _axes_go_astray() -> bool:
    """Tell whether this NumPy does so; up to 2.5 each does."""
    fractions = np.zeros((2, 3))
    found = np.nanquantile(np.zeros((1, 1, 5)), fractions, axis=(0, 1))
    return found.shape != (2, 3, 5)


def _check_real(a: Value) -> None:
    if np.iscomplexobj(strip(a)):
        msg = "a must be an array of real numbers"
        raise TypeError(msg)


def _check_fractions(plain: Any) -> None:
    if not np.all((plain >= 0) & (plain <= 1)):
        msg = "Quantiles must be in the range [0, 1]"
        raise ValueError(msg)


def _places(length: int, q: Value, method: str) -> tuple[Any, Any, Value]:
    """Return the two places in the sorted array, and how far between them to go.

    Where a method always takes an element or a midpoint, NumPy's quantile of the
    numbers 0, 1, 2 ... is the place.

    Raises
    ------
    ValueError
        For fractions outside [0, 1], and unknown methods.
    """
    plain = np.asarray(settle(q, _PLACES))
    _check_fractions(plain)
    if method == "linear":
        place = (length - 1) * q
    elif method in _CONTINUOUS:
        alpha, beta = _CONTINUOUS[method]
        place = length * q + (alpha + q * (1 - alpha - beta)) - 1
    else:
        place = np.quantile(np.arange(length), plain, method=method)  # type: ignore[call-overload]
    plain = np.asarray(settle(place, _PLACES))
    floor = np.floor(plain)
    low = np.clip(floor, 0, length - 1).astype(int)
    high = np.where(plain < 0, 0, np.minimum(floor.astype(int) + 1, length - 1))
    if method in _ELEMENTS:
        return low, high, None
    if _is_weak(q):  # so the step from it stays weak
        numbers: Value = place if isinstance(place, Handle) else float(place)
        return low, high, numbers - float(floor)
    return low, high, place - floor


def _between(below: Value, above: Value, weight: Any) -> Value:
    """Return the point on the way from one element to another, as NumPy rounds it."""
    step = above - below
    return np.where(
        np.greater_equal(weight, 0.5),
        above - step * (1 - weight),
        below + step * weight,
    )
