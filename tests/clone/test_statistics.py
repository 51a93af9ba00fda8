"""Python's ``statistics``, whose values are exact sums rounded once."""

import statistics

import numpy as np
import pytest

import adjoint as ad
from clone.judge import check

X = np.array([0.1, -1.25, 2.3, 0.7])
STATISTICS = {
    "mean": lambda x: statistics.mean(x) * statistics.mean([x[0], 1.0, 2]),
    "fmean": lambda x: statistics.fmean(x) + statistics.fmean([x[0], 1.0]),
    "fmean-weights": lambda x: statistics.fmean(x, [1, 2, x[0], 0.1]),
    "variance": lambda x: statistics.variance(x) + statistics.variance([x[0], 1, x[2]]),
    "variance-about": lambda x: statistics.variance(x, 0.25 * x[1]),
    "pvariance": lambda x: statistics.pvariance(list(x)),
    "pvariance-about": lambda x: statistics.pvariance(x, mu=statistics.mean(x)),
    "stdev": statistics.stdev,
    "pstdev": lambda x: statistics.pstdev(t * t for t in x),
    "median": lambda x: statistics.median(x) + statistics.median([x[0], x[1], 0.0]),
    "median-of": lambda x: statistics.median_low(x) * statistics.median_high(x),
    "quantiles": lambda x: statistics.quantiles(x, n=3)[0],
}


@pytest.mark.filterwarnings("ignore::adjoint.errors.BatchFallbackWarning")
@pytest.mark.parametrize("f", STATISTICS.values(), ids=STATISTICS)
def test_statistics(f):
    check(f, X)


def test_second_derivatives():
    expected = 2 / 3 * (np.eye(4) - 1 / 4)
    np.testing.assert_allclose(ad.hessian(statistics.variance)(X), expected, atol=1e-15)


def test_single_precision_is_rounded_as_statistics_does():
    """The mean of numbers of one type is of that type."""
    x = X.astype(np.float32)
    value, slope = ad.value_and_grad(statistics.mean)(x)
    assert statistics.mean(x) == value
    assert (type(value), slope.dtype) == (np.float32, np.float32)


def test_what_does_not_deviate_has_slope_zero():
    np.testing.assert_array_equal(ad.grad(statistics.stdev)(np.ones(3)), np.zeros(3))


@pytest.mark.parametrize(
    "f",
    [
        lambda x: statistics.variance([x]),
        lambda x: statistics.mean([]) * x,
        lambda x: statistics.fmean([x, x], [1.0]),
    ],
)
def test_errors_are_statistics_own(f):
    with pytest.raises(statistics.StatisticsError) as plain:
        f(0.5)
    with pytest.raises(statistics.StatisticsError) as traced:
        ad.grad(f)(0.5)
    assert str(plain.value) == str(traced.value)
