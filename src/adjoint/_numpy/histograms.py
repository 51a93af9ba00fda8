"""Histograms: counts are constants, sums of weights and the edges of bins are not.

Which bin an element falls into jumps; so by the elements only the edges that follow
from their least and greatest have a derivative.
"""

import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from adjoint._core.arrays import Value, dtype_of, in_dtype
from adjoint._core.dispatch import as_part, settle
from adjoint._core.registry import implements

_BLOCK = 65536
"""How many elements NumPy sums at once; its rounding depends on it."""
_WHAT = "the bin of each element"


@implements(np.histogram_bin_edges)
def histogram_bin_edges(
    a: Value, bins: Any = 10, range: Any = None, weights: Value = None
) -> Value:
    """Return the edges of bins: given ones, or even ones from least to greatest.

    Raises
    ------
    TypeError, ValueError
        As NumPy does, for bins that are none.
    """
    return _edges(np.ravel(as_part(a)), bins, range, weights)[0]


def _edges(a: Value, bins: Any, range: Any, weights: Value) -> tuple[Value, bool]:
    """Return the edges, and whether NumPy knows that they are evenly spaced."""
    plain = settle(a, _WHAT)
    if isinstance(bins, str) or np.ndim(bins) == 0:
        limits = None if range is None else tuple(settle(one, _WHAT) for one in range)
        weighed = None if weights is None else np.ones_like(plain)
        count = np.histogram_bin_edges(plain, bins, limits, weighed).size - 1
    else:
        bins = as_part(bins)
        np.histogram_bin_edges(plain, settle(bins, _WHAT))  # for its own errors
        return bins, False
    first, last = _outer_edges(a, range)
    kind = np.result_type(first, last, a)
    kind = np.result_type(kind, float) if kind.kind in "iu" else kind
    return np.linspace(first, last, count + 1, dtype=kind), True


def _outer_edges(a: Value, range: Any) -> tuple[Value, Value]:
    """Return where the first bin begins and the last one ends."""
    if range is not None:
        first, last = range
    elif a.size == 0:
        first, last = 0, 1
    else:
        first, last = np.min(a), np.max(a)
    if settle(first, _WHAT) == settle(last, _WHAT):
        return first - 0.5, last + 0.5
    return first, last


@implements(np.histogram)
def histogram(
    a: Value,
    bins: Any = 10,
    range: Any = None,
    density: bool | None = None,
    weights: Value = None,
) -> tuple[Value, Value]:
    """Return the counts in bins, or the sums of weights, and the edges.

    Raises
    ------
    ValueError
        If the weights have another shape.
    """
    a = as_part(a)
    if weights is not None:
        weights = as_part(weights)
        if weights.shape != a.shape:
            msg = "weights should have the same shape as a."
            raise ValueError(msg)
        weights = np.ravel(weights)
    a = np.ravel(a)
    edges, even = _edges(a, bins, range, weights)
    plain, plain_edges = settle(a, _WHAT), settle(edges, _WHAT)
    if weights is None:
        limits = None if range is None else tuple(settle(one, _WHAT) for one in range)
        total: Value = np.histogram(plain, bins if even else plain_edges, limits)[0]
    elif even:
        total = _sums_in_even_bins(plain, plain_edges, weights)
    else:
        total = _sums_in_bins(plain, plain_edges, weights)
    if density:
        widths = in_dtype(np.diff(edges), np.float64)
        total = total / widths / np.sum(total)
    return total, edges


def _sums_in_even_bins(a: Any, edges: Any, weights: Value) -> Value:
    """Return the sums of the weights in each bin, in NumPy's own order."""
    count = edges.size - 1
    total: Value = np.zeros(count, dtype_of(weights))
    for start in range(0, len(a), _BLOCK):
        part = a[start : start + _BLOCK]
        (kept,) = np.nonzero((part >= edges[0]) & (part <= edges[-1]))
        places = np.searchsorted(edges, part[kept].astype(edges.dtype), "right") - 1
        places = np.minimum(places, count - 1)
        weighed = np.take(weights[start : start + _BLOCK], kept)
        total = total + _counted(places, weighed, count)
    return total


def _counted(places: Any, weights: Value, count: int) -> Value:
    """Return ``np.bincount`` of weights in their own dtype, complex ones too."""
    if dtype_of(weights).kind != "c":
        sums = np.bincount(places, weights, minlength=count)
        return in_dtype(sums, weights.dtype)
    real, imaginary = (
        np.bincount(places, part, minlength=count)
        for part in (np.real(weights), np.imag(weights))
    )
    return (real + np.multiply(1j, imaginary)).astype(weights.dtype)


def _sums_in_bins(a: Any, edges: Any, weights: Value) -> Value:
    """Return the same for any edges: differences of running sums, as NumPy has them."""
    running: Value = np.zeros(edges.shape, dtype_of(weights))
    for start in range(0, len(a), _BLOCK):
        part = a[start : start + _BLOCK]
        order = np.argsort(part)
        rising = part[order]
        sums = np.cumsum(np.take(weights[start : start + _BLOCK], order))
        sums = np.concatenate([np.zeros(1, dtype_of(weights)), sums])
        upto = np.searchsorted(rising, edges[:-1], "left")
        last = np.searchsorted(rising, edges[-1:], "right")
        running = running + np.take(sums, np.concatenate([upto, last]))
    return np.diff(running)


@implements(np.histogramdd)
def histogramdd(
    sample: Any,
    bins: Any = 10,
    range: Any = None,
    density: bool | None = None,
    weights: Value = None,
) -> tuple[Value, Any]:
    """Return the counts of points in boxes, or the sums of weights, and the edges.

    Raises
    ------
    ValueError, TypeError
        As NumPy does, for bins that do not fit.
    """
    points = as_part(sample)
    if not hasattr(sample, "shape") or points.ndim != 2:
        points = np.transpose(np.atleast_2d(points))
    number = points.shape[1]
    columns = [points[:, k] for k in np.arange(number).tolist()]
    each = list(bins) if np.iterable(bins) else [bins] * number
    limits = (None,) * number if range is None else tuple(range)
    if len(each) != number:
        msg = "The dimension of bins must be equal to the dimension of the  sample x."
        raise ValueError(msg)
    if len(limits) != number:
        msg = "range argument must have one entry per dimension"
        raise ValueError(msg)
    edges = [
        _edges_of_axis(*given) for given in zip(columns, each, limits, strict=True)
    ]
    total = _sums_in_boxes(columns, edges, weights)
    if density:
        whole = np.sum(total)
        for k, one in enumerate(edges):
            shape = [1] * number
            shape[k] = -1
            total = total / np.reshape(np.diff(one), shape)
        total = total / whole
    return total, edges


def _edges_of_axis(column: Value, bins: Any, range: Any) -> Value:
    if np.ndim(bins) == 0:
        if bins < 1:
            msg = f"`bins` must be positive, when an integer (got {bins})"
            raise ValueError(msg)
        first, last = _outer_edges(column, range)
        return np.linspace(first, last, operator.index(bins) + 1)
    edges = as_part(bins)
    plain = settle(edges, _WHAT)
    if plain.ndim != 1 or np.any(plain[:-1] > plain[1:]):
        msg = "`bins` must be scalars or vectors that increase monotonically"
        raise ValueError(msg)
    return edges


def _sums_in_boxes(
    columns: Sequence[Value], edges: Sequence[Value], weights: Value
) -> Value:
    """Return how many points lie in each box, or the sums of their weights."""
    places = []
    for column, one in zip(columns, edges, strict=True):
        plain, bounds = settle(column, _WHAT), settle(one, _WHAT)
        place = np.array(np.searchsorted(bounds, plain, side="right"))
        place[plain == bounds[-1]] -= 1
        places.append(place)
    shape = tuple(len(one) + 1 for one in edges)  # an outlier on each end
    flat = np.ravel_multi_index(tuple(places), shape)
    if weights is not None:
        weights = as_part(weights)
    sums = np.bincount(flat, weights, minlength=int(np.prod(shape)))
    return np.reshape(in_dtype(sums, np.float64), shape)[(slice(1, -1),) * len(shape)]


@implements(np.histogram2d)
def histogram2d(
    x: Value,
    y: Value,
    bins: Any = 10,
    range: Any = None,
    density: bool | None = None,
    weights: Value = None,
) -> tuple[Value, Value, Value]:
    """Return the counts of points in rectangles, or sums of weights, and both edges.

    Raises
    ------
    ValueError
        If there are not as many x as y.
    """
    x, y = as_part(x), as_part(y)
    if len(x) != len(y):
        msg = "x and y must have the same length."
        raise ValueError(msg)
    if np.ndim(bins) and len(bins) not in {1, 2}:
        bins = [as_part(bins)] * 2
    total, edges = histogramdd([x, y], bins, range, density, weights)
    return total, edges[0], edges[1]
