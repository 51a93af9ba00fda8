"""Orders and places: which element stands where.  Constants for derivatives.

What they return is NumPy's own, ties in the order NumPy leaves them; only what
`adjoint._numpy.sorting` moves by such an order is stable (ties keep their order).
"""

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from adjoint._core.arrays import Value, dtype_of, ndim_of, normalize_axis
from adjoint._core.dispatch import as_part, bind, settle
from adjoint._core.options import check_sorting
from adjoint._core.record import Example
from adjoint._core.registry import implements
from adjoint._primitives._makers import constant

Kth = int | Sequence[int]
Side = Literal["left", "right"]


def _argsort(
    x: Value, axis: int, kind: Any, descending: Literal[True] | None = None
) -> Value:
    if descending is None:
        return np.argsort(x, axis=axis, kind=kind)
    falling: dict[str, Any] = {"stable": kind == "stable", "descending": True}
    return np.argsort(x, axis=axis, **falling)  # since NumPy 2.5, and without a kind


argsort = constant(
    np.argsort,
    evaluate=_argsort,
    batch=lambda args, _batched, _size, axis, *others: _argsort(
        args[0], axis + 1, *others
    ),
    examples=(Example(((3, 4),), (1, "stable")), Example(((3, 4),), (0, None))),
)


def without_fields(order: Any) -> None:
    """Raise NumPy's error if fields are named to sort by."""
    if order is not None:
        msg = "Cannot specify order when the array has no fields."
        raise ValueError(msg)


@implements(np.argsort)
def order_of(
    a: Value,
    axis: int | None = -1,
    kind: str | None = None,
    order: Any = None,
    *,
    stable: bool | None = None,
    descending: bool | None = None,
) -> Value:
    """Return the positions of the elements in rising, or falling, order along an axis.

    Raises
    ------
    ValueError
        For an ``order`` of fields, which traced arrays have not.
    """
    without_fields(order)
    check_sorting(kind=kind, stable=stable)
    if axis is None:
        a, axis = np.ravel(a), 0
    kind = "stable" if stable else kind
    params = (normalize_axis(axis, ndim_of(a)), kind)
    return bind(argsort, (a,), (*params, True) if descending else params)


argpartition = constant(
    np.argpartition,
    evaluate=lambda x, kth, axis: np.argpartition(x, kth, axis=axis),
    batch=lambda args, _batched, _size, kth, axis: np.argpartition(
        args[0], kth, axis=axis + 1
    ),
    examples=(Example(((3, 5),), (2, 1)), Example(((5, 3),), ((1, 3), 0))),
)


@implements(np.argpartition)
def partial_order_of(
    a: Value,
    kth: Kth,
    axis: int | None = -1,
    kind: str = "introselect",
    order: Any = None,
) -> Value:
    """Return positions that put the ``kth`` elements in their sorted places."""
    without_fields(order)
    if axis is None:
        a, axis = np.ravel(a), 0
    if kind != "introselect":
        msg = f"{kind!r} is not a kind of selection"
        raise ValueError(msg)
    return bind(argpartition, (a,), (kth, normalize_axis(axis, ndim_of(a))))


def _order_behind_partition(x: Value, kth: Kth, axis: int) -> Value:
    """Return the order in which ``np.partition`` leaves the elements.

    NumPy's partition and argpartition need not agree beyond the ``kth`` elements.  The
    sorted orders of input and output do: what is k-th here is k-th there.
    """
    before = np.argsort(x, axis=axis, kind="stable")
    after = np.argsort(np.partition(x, kth, axis=axis), axis=axis, kind="stable")
    inverse = np.argsort(after, axis=axis)
    return np.take_along_axis(before, inverse, axis=axis)


partition_order = constant(
    np.partition,
    name="partition_order",
    evaluate=_order_behind_partition,
    batch=lambda args, _batched, _size, kth, axis: _order_behind_partition(
        args[0], kth, axis + 1
    ),
    examples=(Example(((3, 5),), (2, 1)), Example(((5, 3),), ((1, 3), 0))),
)


def _searchsorted_batch(
    args: Sequence[Value], batched: Sequence[bool], size: int, side: Side
) -> Value:
    a, v = args
    if not batched[0]:
        return np.searchsorted(a, v, side=side)
    if size == 0:
        return np.zeros((0, *np.shape(v)[batched[1] :]), np.intp)
    return np.stack(
        [
            np.searchsorted(a[k], v[k] if batched[1] else v, side=side)
            for k in range(size)
        ]
    )


searchsorted = constant(
    np.searchsorted,
    arity=2,
    evaluate=lambda a, v, side: np.searchsorted(a, v, side=side),
    batch=_searchsorted_batch,
    examples=(Example(((1,), (3,)), ("left",)), Example(((1,), ()), ("right",))),
)


@implements(np.searchsorted)
def places_of(
    a: Value, v: Value, side: Side = "left", sorter: Value | None = None
) -> Value:
    """Return where ``v`` would be put into the sorted ``a``."""
    a = as_part(a)
    if sorter is not None:
        a = np.take(a, sorter)
    return bind(searchsorted, (a, as_part(v)), (side,))


@implements(np.digitize)
def bins_of(x: Value, bins: Value, right: bool = False) -> Value:
    """Return the number of the bin of each element, bins rising or falling.

    Raises
    ------
    TypeError
        For complex numbers, as NumPy does.
    """
    bins = as_part(bins)
    if "c" in (dtype_of(x).kind, bins.dtype.kind):
        msg = "np.digitize takes real numbers only: x may not be complex, nor bins"
        raise TypeError(msg)
    side: Side = "left" if right else "right"
    steps = np.diff(bins)
    if np.all(steps >= 0):
        return np.searchsorted(bins, x, side=side)
    if np.all(steps <= 0):
        other: Side = "right" if right else "left"
        return np.shape(bins)[0] - np.searchsorted(bins[::-1], x, side=other)
    msg = "bins must be monotonically increasing or decreasing"
    raise ValueError(msg)


_TRUE_PLACES = "the number of nonzero elements"


@implements(np.nonzero)
def nonzero(a: Value) -> tuple[Any, ...]:
    """Return the positions of the nonzero elements, one array an axis."""
    return np.nonzero(settle(a, _TRUE_PLACES))


@implements(np.flatnonzero)
def flatnonzero(a: Value) -> Value:
    """Return the positions of the nonzero elements in the ravelled array."""
    return np.flatnonzero(settle(a, _TRUE_PLACES))


@implements(np.argwhere)
def argwhere(a: Value) -> Value:
    """Return the positions of the nonzero elements, one row each."""
    return np.argwhere(settle(a, _TRUE_PLACES))


@implements(np.count_nonzero)
def count_nonzero(
    a: Value, axis: int | tuple[int, ...] | None = None, *, keepdims: bool = False
) -> Value:
    """Return the number of nonzero elements."""
    count = np.sum(np.not_equal(a, 0), axis=axis, keepdims=keepdims)
    return int(count) if type(count) is np.int64 and axis is None else count
