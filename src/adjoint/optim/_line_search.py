"""A step along a direction that satisfies the strong Wolfe conditions."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

DECREASE = 1e-4
"""c₁: a step of length t must lower the value by c₁ t |slope| at least."""

CURVATURE = 0.9
"""c₂: and leave at most this part of the slope."""


@dataclass(frozen=True, eq=False)
class Point:
    """Length of a step, with value, gradient and slope along the direction there."""

    t: float
    value: float
    gradient: Any
    slope: float


def strong_wolfe(
    at: Callable[[float], Point],
    start: Point,
    t: float,
    size: float,
    evaluations: int,
) -> Point:
    """Return a point along the direction with less value and less slope.

    Parameters
    ----------
    at : callable
        ``at(t)`` evaluates a step of length t.
    start : Point
        Where t is 0; its slope is negative.
    t : float
        First length to try.
    size : float
        Largest number of the direction: brackets shorter than 1e-9 / size are not
        searched further.
    evaluations : int
        Most lengths to try.

    Returns
    -------
    Point
        The best point found where the evaluations do not suffice.

    References
    ----------
    Nocedal and Wright, "Numerical optimization", 2006, algorithms 3.5 and 3.6, with
    equation 3.59 for the trial lengths, kept off the ends of a bracket as in Schmidt,
    "minFunc", 2005.
    """
    before, here, used = start, at(t), 1
    while True:
        rises = used > 2 and here.value >= before.value
        if rises or not _decreases(start, here):
            low, high = _ordered(before, here)
            break
        if _is_flat(start, here):
            return here
        if here.slope >= 0.0:
            low, high = _ordered(before, here)
            break
        if used > evaluations:
            low, high = _ordered(start, here)
            break
        near, far = here.t + 0.01 * (here.t - before.t), 10.0 * here.t
        trial = _cubic_minimum(before, here, near, far)
        before, here, used = here, at(trial), used + 1
    return _zoom(at, start, low, high, size, evaluations + 1 - used)


def _zoom(
    at: Callable[[float], Point],
    start: Point,
    low: Point,
    high: Point,
    size: float,
    evaluations: int,
) -> Point:
    """Return a point between two that satisfies the conditions, or the lower one."""
    left_behind = False
    for _ in range(evaluations):
        first, last = sorted((low.t, high.t))
        if (last - first) * size < 1e-9:
            break
        t, left_behind = _trial(low, high, left_behind)
        here = at(t)
        if not _decreases(start, here) or not here.value < low.value:
            low, high = _ordered(low, here)
            continue
        if _is_flat(start, here):
            return here
        if here.slope * (high.t - low.t) >= 0.0:
            high = low
        low = here
    return low


def _trial(low: Point, high: Point, left_behind: bool) -> tuple[float, bool]:
    """Return the next length in a bracket, and whether it is close to an end.

    One length within a tenth of an end is taken; the second in a row is moved inside.
    """
    first, last = sorted((low.t, high.t))
    t = _cubic_minimum(low, high, first, last)
    margin = 0.1 * (last - first)
    if min(last - t, t - first) >= margin:
        return t, False
    if not left_behind and first < t < last:
        return t, True
    return (last - margin if last - t < t - first else first + margin), False


def _decreases(start: Point, here: Point) -> bool:
    """Tell whether the value has fallen enough; nan has not."""
    return here.value <= start.value + DECREASE * here.t * start.slope


def _is_flat(start: Point, here: Point) -> bool:
    """Tell whether enough of the slope has gone."""
    return abs(here.slope) <= -CURVATURE * start.slope


def _ordered(one: Point, other: Point) -> tuple[Point, Point]:
    """Return two points with the lower first; nan counts as high."""
    return (other, one) if other.value < one.value else (one, other)


def _cubic_minimum(one: Point, other: Point, first: float, last: float) -> float:
    """Return the minimum of the cubic through two points, within two lengths.

    Where the cubic has none, or a value is not finite, it is the middle.
    """
    one, other = (one, other) if one.t <= other.t else (other, one)
    middle = (first + last) / 2.0
    given = (one.value, other.value, one.slope, other.slope)
    if not np.all(np.isfinite(given)):
        return middle
    d1 = one.slope + other.slope - 3.0 * (one.value - other.value) / (one.t - other.t)
    square = d1 * d1 - one.slope * other.slope
    if square < 0.0:
        return middle
    d2 = math.sqrt(square)
    bottom = other.slope - one.slope + 2.0 * d2
    if bottom == 0.0:
        return middle
    t = other.t - (other.t - one.t) * ((other.slope + d2 - d1) / bottom)
    return min(max(t, first), last)
