"""Vectors as sets: which elements stand in both, in one, in either.

What is chosen depends on equality, which is a constant for derivatives; what is chosen
is differentiated.  Of equal elements the first has the derivative.
"""

from typing import Any

import numpy as np

from adjoint._core.arrays import Value, in_dtype
from adjoint._core.dispatch import as_part, settle
from adjoint._core.registry import implements

_COUNT = "the number of distinct elements"


@implements(np.intersect1d)
def intersect1d(
    ar1: Value, ar2: Value, assume_unique: bool = False, return_indices: bool = False
) -> Any:
    """Return the elements that stand in both, in rising order; those of the first."""
    one, other = (np.ravel(as_part(ar)) for ar in (ar1, ar2))
    _, first, second = np.intersect1d(
        settle(one, _COUNT), settle(other, _COUNT), assume_unique, return_indices=True
    )
    values = in_dtype(np.take(one, first), np.result_type(one, other))
    return (values, first, second) if return_indices else values


@implements(np.union1d)
def union1d(ar1: Value, ar2: Value) -> Value:
    """Return the elements that stand in either, in rising order."""
    return np.unique(np.concatenate([as_part(ar1), as_part(ar2)], axis=None))


@implements(np.setdiff1d)
def setdiff1d(ar1: Value, ar2: Value, assume_unique: bool = False) -> Value:
    """Return the elements of the first that do not stand in the second."""
    one = np.ravel(as_part(ar1)) if assume_unique else np.unique(as_part(ar1))
    absent = ~np.isin(settle(one, _COUNT), settle(as_part(ar2), _COUNT))
    return np.take(one, np.flatnonzero(absent))


@implements(np.setxor1d)
def setxor1d(ar1: Value, ar2: Value, assume_unique: bool = False) -> Value:
    """Return the elements that stand in exactly one of both, in rising order."""
    one, other = as_part(ar1), as_part(ar2)
    if not assume_unique:
        one, other = np.unique(one), np.unique(other)
    joined = np.sort(np.concatenate([one, other], axis=None))
    if joined.size == 0:
        return joined
    plain = settle(joined, _COUNT)
    steps = np.concatenate([[True], plain[1:] != plain[:-1], [True]])
    return np.take(joined, np.flatnonzero(steps[1:] & steps[:-1]))


@implements(np.isin)
def isin(
    element: Value,
    test_elements: Value,
    assume_unique: bool = False,
    invert: bool = False,
    *,
    kind: str | None = None,
) -> Value:
    """Return where an element stands among others: a constant for derivatives."""
    plain, tested = (settle(as_part(ar), _COUNT) for ar in (element, test_elements))
    return np.isin(plain, tested, assume_unique, invert, kind=kind)  # type: ignore[arg-type]


if hasattr(np, "in1d"):  # up to NumPy 2.3

    @implements(np.in1d)  # noqa: NPY201 - as long as there is one
    def in1d(
        ar1: Value,
        ar2: Value,
        assume_unique: bool = False,
        invert: bool = False,
        *,
        kind: str | None = None,
    ) -> Value:
        """Return where an element of a vector stands among others."""
        return isin(np.ravel(as_part(ar1)), ar2, assume_unique, invert, kind=kind)
