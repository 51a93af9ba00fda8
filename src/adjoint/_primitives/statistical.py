"""Python's ``statistics``: sums of exact fractions, rounded once.

No order of floating operations gives these values, so each function is a record of its
own: evaluated by ``statistics``, with the rules every textbook has.
"""

import statistics
from collections.abc import Callable
from typing import Any

import numpy as np

from adjoint._core.arrays import Value, shape_of
from adjoint._core.dispatch import bind
from adjoint._core.handle import Handle
from adjoint._core.record import Example, Layout
from adjoint._core.registry import RECORDS
from adjoint._primitives._makers import general
from adjoint._primitives.mathematics import row_by_row


def _evaluator(function: Callable[..., Any]) -> Callable[..., Value]:
    """Return what evaluates a function of a vector, and of a mean that is known."""

    def evaluate(*args: Value) -> Value:
        if any(isinstance(arg, Handle) for arg in args):
            return bind(RECORDS[evaluate], args)
        data, *mean = args
        return function(list(data), *mean)

    evaluate.__name__ = function.__name__
    return evaluate


def _deviations(data: Value) -> Value:
    return data - np.mean(data)


def _enter(
    function: Callable[..., Any], slope: Callable[[Value, Value, int], Value]
) -> Callable[..., Value]:
    """Enter the record of a statistic of a vector; return what evaluates it.

    ``slope(out, data, n)`` is its gradient.
    """
    evaluate = _evaluator(function)

    def pullback(out_bar: Value, out: Value, data: Value) -> Value:
        return out_bar * slope(out, data, shape_of(data)[0])

    general(
        evaluate,
        evaluate,
        (pullback,),
        layout=Layout.REDUCTION,
        batch=row_by_row(evaluate),
        examples=(Example(((4,),)),),
        name=f"statistics_{function.__name__}",
    )
    return evaluate


def _over(out: Value, data: Value, n: int) -> Value:
    """Return the gradient of a standard deviation, 0 where nothing deviates."""
    still = np.equal(out, 0)
    slope = _deviations(data) / (n * np.where(still, 1.0, out))
    return np.where(still, 0.0, slope)


mean = _enter(statistics.mean, lambda _out, data, n: np.ones_like(data) / n)
variance = _enter(
    statistics.variance, lambda _out, data, n: 2.0 / (n - 1) * _deviations(data)
)
pvariance = _enter(
    statistics.pvariance, lambda _out, data, n: 2.0 / n * _deviations(data)
)
stdev = _enter(statistics.stdev, lambda out, data, n: _over(out, data, n - 1))
pstdev = _enter(statistics.pstdev, _over)


def _enter_about(function: Callable[..., Any], lost: int) -> Callable[..., Value]:
    """Enter the record of a variance about a mean that is given.

    ``lost`` is the number of degrees of freedom that the mean has cost.
    """
    evaluate = _evaluator(function)

    def by_data(out_bar: Value, _out: Value, data: Value, mean: Value) -> Value:
        return out_bar * (2.0 / (shape_of(data)[0] - lost)) * (data - mean)

    def by_mean(out_bar: Value, _out: Value, data: Value, mean: Value) -> Value:
        return out_bar * (-2.0 / (shape_of(data)[0] - lost)) * np.sum(data - mean)

    general(
        evaluate,
        evaluate,
        (by_data, by_mean),
        layout=Layout.REDUCTION,
        batch=row_by_row(evaluate),
        examples=(Example(((4,), ())),),
        name=f"statistics_{function.__name__}_about",
    )
    return evaluate


variance_about = _enter_about(statistics.variance, 1)
pvariance_about = _enter_about(statistics.pvariance, 0)
