"""Bounds in the user's form, as two vectors."""

from typing import Any

import numpy as np
from scipy.optimize import Bounds

import adjoint as ad
from adjoint.solve._unknowns import Unknowns, Vector, array_of_numbers


def pairs_of_bounds(unknowns: Unknowns, bounds: Any) -> Bounds | None:
    """Return SciPy's bounds from what a user gives `minimize`.

    Parameters
    ----------
    unknowns : Unknowns
    bounds : None, Bounds, sequence of pairs, or tree
        One ``(low, high)`` pair for each number of a vector, as in SciPy, or a tree
        like the unknowns with a pair, or None, in place of each leaf: one pair bounds
        all numbers of an array.

    Raises
    ------
    TreeError
        If the tree is another than the unknowns'.
    ValueError
        If a low bound is above the high one.
    """
    if bounds is None:
        return None
    if isinstance(bounds, Bounds):
        low, high = limits(unknowns, (bounds.lb, bounds.ub))
        return Bounds(low, high, bounds.keep_feasible)
    if _is_sequence_of_pairs(unknowns, bounds):
        pairs = list(bounds)
        if len(pairs) != unknowns.size:
            msg = (
                f"{unknowns.who}: {len(pairs)} pairs of bounds for {unknowns.size} "
                "unknowns; give one (low, high) for each."
            )
            raise ad.errors.TreeError(msg)
        sizes = [1] * unknowns.size
        shapes: list[tuple[int, ...]] = [()] * unknowns.size
    else:
        pairs = _up_to(unknowns, bounds)
        sizes, shapes = unknowns.sizes, unknowns.shapes
    both = [_pair(unknowns, *one) for one in zip(pairs, sizes, shapes, strict=True)]
    low = np.concatenate([one for one, _ in both])
    high = np.concatenate([other for _, other in both])
    return Bounds(*_ordered(unknowns, low, high))


def limits(unknowns: Unknowns, bounds: Any) -> tuple[Vector, Vector]:
    """Return two vectors from what a user gives `least_squares`.

    Parameters
    ----------
    unknowns : Unknowns
    bounds : Bounds or pair
        Lower and upper limits, each one number for all or a tree like the unknowns.
    """
    if isinstance(bounds, Bounds):
        bounds = (bounds.lb, bounds.ub)
    if not isinstance(bounds, tuple | list) or len(bounds) != 2:
        msg = (
            f"{unknowns.who}: bounds are a pair (lower, upper), each a number or a "
            f"tree like x0; {type(bounds).__name__} was given."
        )
        raise ad.errors.TreeError(msg)
    low, high = (_limit(unknowns, one) for one in bounds)
    return _ordered(unknowns, low, high)


def check_inside(unknowns: Unknowns, low: Vector, high: Vector) -> None:
    """Raise unless the start is within its bounds."""
    outside = (unknowns.start < low) | (unknowns.start > high)
    if np.any(outside):
        place = int(np.argmax(outside))
        msg = (
            f"{unknowns.who}: the start of {unknowns.names[place]} is "
            f"{unknowns.start[place]}, outside its bounds {low[place]} and "
            f"{high[place]}; start within them."
        )
        raise ValueError(msg)


def _limit(unknowns: Unknowns, limit: Any) -> Vector:
    """Return one side of the bounds as a vector."""
    if isinstance(limit, np.ndarray) and limit.dtype == object and limit.size == 1:
        limit = limit.item()  # a tree that went through SciPy's Bounds
    limit = array_of_numbers(limit)
    if np.shape(limit) in {(), (1,)} and not isinstance(limit, dict):
        return np.full(unknowns.size, np.ravel(limit)[0], dtype=float)
    return unknowns.vector(limit, "a bound")


def _is_sequence_of_pairs(unknowns: Unknowns, bounds: Any) -> bool:
    """Tell whether bounds are SciPy's: a pair for each number of one vector."""
    return (
        bool(unknowns.form.is_leaf())
        and isinstance(bounds, list | tuple | np.ndarray)
        and all(isinstance(pair, list | tuple | np.ndarray) for pair in bounds)
        and len(unknowns.shapes[0]) < 2
    )


def _up_to(unknowns: Unknowns, bounds: Any) -> list[Any]:
    """Return what a tree of bounds holds in place of each leaf of the unknowns."""
    try:
        return list(unknowns.form.flatten_up_to(bounds))
    except ValueError as error:
        msg = (
            f"{unknowns.who}: the bounds do not have the structure of the unknowns, "
            f"{ad.tree.describe(unknowns.form)}: give a (low, high) pair or None in "
            f"place of each number or array. ({error})"
        )
        raise ad.errors.TreeError(msg) from None


def _pair(
    unknowns: Unknowns, pair: Any, size: int, shape: tuple[int, ...]
) -> tuple[Vector, Vector]:
    """Return the two bounds of one leaf as vectors."""
    if pair is None:
        pair = (None, None)
    if not hasattr(pair, "__len__") or len(pair) != 2:
        msg = (
            f"{unknowns.who}: {pair!r} is no pair of bounds; give (low, high), None "
            "for no bound."
        )
        raise ad.errors.TreeError(msg)
    sides = []
    for side, none in zip(pair, (-np.inf, np.inf), strict=True):
        values = np.asarray(none if side is None else side, dtype=float)
        sides.append(np.broadcast_to(values, shape).reshape(size).copy())
    return sides[0], sides[1]


def _ordered(unknowns: Unknowns, low: Vector, high: Vector) -> tuple[Vector, Vector]:
    """Return bounds that leave room, or raise."""
    wrong = ~(low <= high)
    if np.any(wrong):
        place = int(np.argmax(wrong))
        msg = (
            f"{unknowns.who}: the bounds of {unknowns.names[place]} are {low[place]} "
            f"and {high[place]}; the lower must not exceed the upper."
        )
        raise ValueError(msg)
    return low, high
