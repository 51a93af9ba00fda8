"""Sorted, partitioned and distinct elements: moved by an order that is constant.

Ties keep their order (the sort is stable), so of equal elements the first in the array
is the first in the result, and gets its derivative.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from adjoint._core.arrays import Value, in_dtype, ndim_of, normalize_axis
from adjoint._core.dispatch import as_part, bind, settle
from adjoint._core.elements import scatter
from adjoint._core.options import check_sorting
from adjoint._core.registry import implements
from adjoint._numpy.selecting import along_axis
from adjoint._primitives.ordering import partition_order, without_fields

_unique: Any = np.unique  # its annotations take the keywords as literals only


@implements(np.sort)
def sort(
    a: Value,
    axis: int | None = -1,
    kind: str | None = None,  # all kinds give the same values
    order: Any = None,
    *,
    stable: bool | None = None,
    descending: bool | None = None,
) -> Value:
    """Return ``a`` in rising, or falling, order along an axis."""
    without_fields(order)
    check_sorting(kind=kind, stable=stable)
    if axis is None:
        a, axis = np.ravel(a), 0
    falling: Any = {"descending": True} if descending else {}  # since NumPy 2.5
    places = np.argsort(a, axis=axis, stable=True, **falling)
    return along_axis(a, places, axis, distinct=True)


@implements(np.partition)
def partition(
    a: Value,
    kth: int | Sequence[int],
    axis: int | None = -1,
    kind: str = "introselect",
    order: Any = None,
) -> Value:
    """Return ``a`` with its ``kth`` elements in their sorted places.

    Raises
    ------
    ValueError
        For another kind of selection, as NumPy does.
    """
    without_fields(order)
    if kind != "introselect":
        msg = f"sort kind must be 'introselect' (got '{kind}')"
        raise ValueError(msg)
    if axis is None:
        a, axis = np.ravel(a), 0
    number = normalize_axis(axis, ndim_of(a))
    places = bind(partition_order, (a,), (kth, number))
    return along_axis(a, places, number, distinct=True)


@implements(np.unique)
def unique(
    ar: Value,
    return_index: bool = False,
    return_inverse: bool = False,
    return_counts: bool = False,
    axis: int | None = None,
    *,
    equal_nan: bool = True,
    sorted: bool = True,
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
    if not sorted and axis is None and not others and not return_index:
        index = _in_order_of(_unique(plain, equal_nan=equal_nan, sorted=False), index)
    values = np.take(ar, index, axis=axis)
    extra = [index] * return_index + others
    return (values, *extra) if extra else values


def _in_order_of(values: Any, index: Any) -> Any:
    """Return where distinct elements stand, not in rising order but as given."""
    places = np.empty_like(index)
    places[np.argsort(values, kind="stable")] = index
    return places


@implements(np.unique_values)
def unique_values(x: Value) -> Value:
    """Return the distinct elements, in NumPy's order; each nan is one of its own."""
    x = as_part(x)
    plain = settle(x, "the number of distinct elements")
    _, index = _unique(plain, return_index=True, equal_nan=False)
    return np.take(x, _in_order_of(np.unique_values(plain), index))


@implements(np.unique_counts)
def unique_counts(x: Value) -> Any:
    """Return the distinct elements and how often each occurs."""
    return _Counts(*unique(x, return_counts=True, equal_nan=False))


@implements(np.unique_inverse)
def unique_inverse(x: Value) -> Any:
    """Return the distinct elements, and where each element stands among them."""
    return _Inverse(*unique(x, return_inverse=True, equal_nan=False))


@implements(np.unique_all)
def unique_all(x: Value) -> Any:
    """Return the distinct elements, their first places, inverse and counts."""
    return _All(
        *unique(
            x,
            return_index=True,
            return_inverse=True,
            return_counts=True,
            equal_nan=False,
        )
    )


@implements(np.bincount)
def bincount(x: Value, weights: Value = None, minlength: int = 0) -> Value:
    """Return how often each integer occurs, or the sums of the weights of each."""
    places = np.array(settle(as_part(x), "the number of bins"))
    if weights is None:
        return np.bincount(places, minlength=minlength)
    weights = as_part(weights)
    if not np.can_cast(weights.dtype, np.float64, "safe"):
        msg = (
            f"Cannot cast array data from {weights.dtype!r} to dtype('float64') "
            "according to the rule 'safe': np.bincount takes real weights."
        )
        raise TypeError(msg)
    plain = np.broadcast_to(0.0, weights.shape)  # for NumPy's own errors
    length = np.bincount(places, plain, minlength).size
    return scatter(in_dtype(weights, np.float64), (length,), (places,), False)


_Counts: Any = type(np.unique_counts(np.zeros(1)))
_Inverse: Any = type(np.unique_inverse(np.zeros(1)))
_All: Any = type(np.unique_all(np.zeros(1)))
