"""Sorted, partitioned and distinct elements: moved by an order that is constant.

Ties keep their order (the sort is stable), so of equal elements the first in the array
is the first in the result, and gets its derivative.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from adjoint._core.arrays import Value, ndim_of, normalize_axis
from adjoint._core.dispatch import bind, settle
from adjoint._core.registry import implements
from adjoint._numpy.selecting import along_axis
from adjoint._primitives.ordering import partition_order
from adjoint._primitives.shape import as_part

_unique: Any = np.unique  # its annotations take the keywords as literals only


@implements(np.sort)
def sort(
    a: Value,
    axis: int | None = -1,
    kind: str | None = None,  # noqa: ARG001 - all kinds give the same values
    *,
    stable: bool | None = None,  # noqa: ARG001
) -> Value:
    """Return ``a`` in rising order along an axis."""
    if axis is None:
        a, axis = np.ravel(a), 0
    order = np.argsort(a, axis=axis, kind="stable")
    return along_axis(a, order, axis, distinct=True)


@implements(np.partition)
def partition(
    a: Value,
    kth: int | Sequence[int],
    axis: int | None = -1,
    kind: str = "introselect",  # noqa: ARG001 - NumPy knows no other
) -> Value:
    """Return ``a`` with its ``kth`` elements in their sorted places."""
    if axis is None:
        a, axis = np.ravel(a), 0
    number = normalize_axis(axis, ndim_of(a))
    order = bind(partition_order, (a,), (kth, number))
    return along_axis(a, order, number, distinct=True)


@implements(np.unique)
def unique(
    ar: Value,
    return_index: bool = False,
    return_inverse: bool = False,
    return_counts: bool = False,
    axis: int | None = None,
    *,
    equal_nan: bool = True,
) -> Any:
    """Return the distinct elements (or slices) in rising order.

    Of equal ones the first in the array has the derivative.  Indices, inverse and
    counts are constants.
    """
    ar = as_part(ar)
    plain = settle(ar, "the number of distinct elements")
    _, index, *others = _unique(
        plain,
        return_index=True,
        return_inverse=return_inverse,
        return_counts=return_counts,
        axis=axis,
        equal_nan=equal_nan,
    )
    values = np.take(ar, index, axis=axis)
    extra = [index] * return_index + others
    return (values, *extra) if extra else values
