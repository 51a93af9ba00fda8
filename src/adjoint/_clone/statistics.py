"""Python's ``statistics`` on traced numbers: what stands for it in a clone."""

import statistics
import sys
from collections.abc import Iterable
from typing import Any

import numpy as np

from adjoint._clone.conversions import to_float
from adjoint._clone.mathematics import total
from adjoint._clone.records import Function, stands_for
from adjoint._clone.sums import exact_dot
from adjoint._core.arrays import Value
from adjoint._core.dispatch import as_part, holds_traced
from adjoint._core.handle import strip
from adjoint._primitives.statistical import (
    mean,
    pstdev,
    pvariance,
    pvariance_about,
    stdev,
    variance,
    variance_about,
)


def _statistic(
    plain: Function, traced: Function, about: Function | None = None
) -> Function:
    """Return the stand-in of a statistic, with or without a mean that is given."""

    def call(data: Iterable[Value], *center: Value, **named: Value) -> Value:
        numbers: Any = data if hasattr(data, "shape") else list(data)
        given = [one for one in (*center, *named.values()) if one is not None]
        if not holds_traced([*numbers, *given]):
            return plain(numbers, *center, **named)
        if given and about is not None:
            out = about(as_part(numbers), given[0])
        else:
            out = traced(as_part(numbers))
        return out if _has_numpys(numbers) else to_float(out)

    return call


def _has_numpys(numbers: Iterable[Value]) -> bool:
    """Tell whether a statistic of numbers is one of NumPy's, as one of them is."""
    return any(isinstance(strip(one), (np.generic, np.ndarray)) for one in numbers)


for _plain, _traced, _about in (
    (statistics.mean, mean, None),
    (statistics.variance, variance, variance_about),
    (statistics.pvariance, pvariance, pvariance_about),
    (statistics.stdev, stdev, None),
    (statistics.pstdev, pstdev, None),
):
    stands_for(_plain)(_statistic(_plain, _traced, _about))


@stands_for(statistics.fmean)
def fmean(data: Iterable[Value], weights: Iterable[Value] | None = None) -> Value:
    """Return the mean of floats, as ``statistics.fmean``."""
    numbers = list(data)
    weighing = None if weights is None else list(weights)
    if not numbers or not holds_traced([numbers, weighing]):
        return statistics.fmean(numbers, weighing)
    if weighing is None:
        return total(numbers) / len(numbers)
    if len(weighing) != len(numbers):
        return statistics.fmean([0.0] * len(numbers), [0.0] * len(weighing))
    if sys.version_info >= (3, 12):
        weighted = exact_dot(numbers, weighing)
    else:
        weighted = total(a * b for a, b in zip(numbers, weighing, strict=True))
    return weighted / total(weighing)
