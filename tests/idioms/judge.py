"""What an idiom's derivative is, found by difference quotients of the plain function.

Everything here runs the function on plain numbers and arrays only, so that the judge
shares no code with what it judges. Trees are walked by hand for the same reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

SEED = 20_260


def leaves(tree: Any) -> list[Any]:
    """Arrays and numbers of a tree of dicts, lists and tuples, in a fixed order."""
    if isinstance(tree, dict):
        return [leaf for key in sorted(tree) for leaf in leaves(tree[key])]
    if isinstance(tree, (list, tuple)):
        return [leaf for branch in tree for leaf in leaves(branch)]
    return [tree]


def rebuild(tree: Any, values: Iterator[Any]) -> Any:
    """The tree with its leaves replaced, in the order of `leaves`."""
    if isinstance(tree, dict):
        return {key: rebuild(tree[key], values) for key in sorted(tree)}
    if isinstance(tree, (list, tuple)):
        branches = [rebuild(branch, values) for branch in tree]
        if hasattr(tree, "_fields"):
            return type(tree)(*branches)
        return type(tree)(branches)
    return next(values)


def map_leaves(change: Callable[..., Any], tree: Any, *others: Any) -> Any:
    """The tree with `change` applied leaf by leaf, `others` alongside."""
    columns = zip(leaves(tree), *(leaves(other) for other in others), strict=True)
    return rebuild(tree, iter([change(*column) for column in columns]))


def fresh(tree: Any) -> Any:
    """A copy that shares no array with the tree, for functions that write."""
    return map_leaves(
        lambda leaf: leaf.copy() if isinstance(leaf, np.ndarray) else leaf, tree
    )


def directions_like(tree: Any) -> Any:
    """A fixed random tree of the same form, dtypes and kinds of leaf."""
    rng = np.random.default_rng(SEED)

    def direction(leaf: Any) -> Any:
        draw = rng.uniform(0.5, 1.5, np.shape(leaf))
        if isinstance(leaf, np.ndarray):
            return np.asarray(draw, leaf.dtype)
        return type(leaf)(draw)

    return map_leaves(direction, tree)


def moved(tree: Any, direction: Any, length: float) -> Any:
    """The tree plus `length` times the direction, each leaf keeping its type."""

    def move(leaf: Any, slope: Any) -> Any:
        if isinstance(leaf, np.ndarray):
            return np.asarray(leaf + length * slope, leaf.dtype)
        return type(leaf)(leaf + length * slope)

    return map_leaves(move, tree, direction)


def basis(tree: Any) -> Iterator[Any]:
    """Trees of zeros with a single one, for every number in the tree."""
    flat = [np.zeros(np.shape(leaf)) for leaf in leaves(tree)]
    for zeros in flat:
        for position in np.ndindex(zeros.shape):
            zeros[position] = 1.0
            yield fresh(rebuild(tree, iter(flat)))
            zeros[position] = 0.0


def slope_along(
    function: Callable[[Any], Any], x: Any, direction: Any, step: float
) -> np.ndarray:
    """Directional derivative by four-point differences, error of order step**4."""

    def at(length: float) -> np.ndarray:
        return np.asarray(function(moved(x, direction, length)), np.float64)

    near = at(step) - at(-step)
    far = at(2 * step) - at(-2 * step)
    return (8 * near - far) / (12 * step)


def gradient(function: Callable[[Any], Any], x: Any, step: float) -> Any:
    """Slopes of a scalar function in every leaf of x, in the form of x."""
    slopes = [slope_along(function, x, unit, step) for unit in basis(x)]
    return _in_the_form_of(x, np.array(slopes))


def _in_the_form_of(x: Any, flat: np.ndarray) -> Any:
    sizes = [np.size(leaf) for leaf in leaves(x)]
    pieces = np.split(flat, np.cumsum(sizes)[:-1])
    return map_leaves(
        lambda leaf, piece: piece.reshape(np.shape(leaf)),
        x,
        rebuild(x, iter(pieces)),
    )


def assert_close(expected: Any, got: Any, rtol: float) -> None:
    """Compare two trees of the same form; `rtol` also scales with the largest entry."""
    for want, have in zip(leaves(expected), leaves(got), strict=True):
        assert np.shape(want) == np.shape(have)
        scale = max(1.0, float(np.max(np.abs(want), initial=0.0)))
        np.testing.assert_allclose(have, want, rtol=rtol, atol=rtol * scale)


def assert_same_value(expected: Any, got: Any) -> None:
    """The transform's value is the function's own, to the last bit and the dtype.

    np.float64 is a float, and passes where the plain function returns one (x.item()).
    """
    assert type(expected) is type(got) or (type(expected), type(got)) == (
        float,
        np.float64,
    )
    if isinstance(expected, np.ndarray):
        assert expected.dtype == got.dtype
    np.testing.assert_array_equal(got, expected, strict=True)


def assert_same_form(x: Any, slopes: Any) -> None:
    """Gradients take the argument's form: arrays as arrays, numbers as scalars."""
    for leaf, slope in zip(leaves(x), leaves(slopes), strict=True):
        if isinstance(leaf, np.ndarray):
            assert type(slope) is np.ndarray
            assert (leaf.shape, leaf.dtype) == (slope.shape, slope.dtype)
        else:
            assert isinstance(slope, np.floating)
            assert np.asarray(leaf).dtype == slope.dtype
