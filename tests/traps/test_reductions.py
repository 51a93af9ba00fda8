"""Traps 25 to 28: products with zeros, constant data, missing data."""

import numpy as np
import pytest

import adjoint as ad
from traps.modes import assert_curvature, assert_slope

FACTORS = {
    "no zero": [2.0, 3.0, -1.0],
    "one zero": [2.0, 0.0, -1.0],
    "two zeros": [0.0, 3.0, 0.0],
    "zeros": [0.0, 0.0, 0.0],
}


@pytest.mark.parametrize("name", FACTORS)
def test_trap_25_products_with_zeros(name):
    """The slope by a factor is the product of the others, however many are 0."""
    a, b, c = x = np.array(FACTORS[name])
    assert_slope([b * c, a * c, a * b], np.prod, x)
    curvature = [[0.0, c, b], [c, 0.0, a], [b, a, 0.0]]
    assert_curvature(curvature, np.prod, x)


@pytest.mark.parametrize("name", FACTORS)
def test_trap_26_running_products_with_zeros(name):
    """The same for each head of the row; nested too."""
    a, b, c = x = np.array(FACTORS[name])
    rows = [[1.0, 0.0, 0.0], [b, a, 0.0], [b * c, a * c, a * b]]
    assert_slope(rows, np.cumprod, x)
    curvature = np.array([[0.0, c + 1.0, b], [c + 1.0, 0.0, a], [b, a, 0.0]])
    assert_curvature(curvature, lambda x: np.sum(np.cumprod(x)), x)


def test_trap_27_the_spread_of_constant_data():
    """std is 0 with slope 0; one number as well; no degree of freedom gives nan."""
    x = np.full(3, 1.5)
    assert_slope(np.zeros(3), np.std, x)
    assert_slope(np.zeros(3), lambda x: np.std(x, ddof=1), x)
    assert_slope(np.zeros(3), np.var, x)
    assert_curvature(2.0 / 3.0 * (np.eye(3) - 1.0 / 3.0), np.var, x)
    assert_slope([0.0], np.std, np.ones(1))
    assert_slope([0.0], np.var, np.ones(1))


@pytest.mark.filterwarnings("ignore:Degrees of freedom")
@pytest.mark.parametrize("spread", [np.std, np.var])
def test_trap_27_no_degree_of_freedom(spread):
    """The value is inf or nan; the slope what exact zeros leave of it (conventions).

    A quotient by 0 is infinitely steep, but the square root at infinity has slope 0,
    and a single number the deviation 0: 0 times infinity is 0.
    """
    f = lambda x: spread(x, ddof=x.size)  # noqa: E731
    x = np.array([1.0, 2.0])
    with np.errstate(all="ignore"):
        assert not np.isfinite(f(x))
        assert np.isnan(f(np.ones(1)))
        for derivative in (ad.grad, ad.jacfwd, ad.jacrev):
            slope = derivative(f)(x)
            assert np.all(slope == 0.0 if spread is np.std else ~np.isfinite(slope))
    assert_slope([0.0], f, np.ones(1))


@pytest.mark.parametrize("square", [lambda x: x, lambda x: x**2, np.square, np.sqrt])
def test_trap_28_missing_data(square):
    """Entries that are nan have slope 0, through other functions too."""
    x = np.array([1.0, np.nan, 4.0])
    slope = ad.elementwise_grad(square)(x)
    slope = np.where(np.isnan(x), 0.0, slope)
    assert_slope(slope, lambda x: np.nansum(square(x)), x)
    assert_slope(slope / 2.0, lambda x: np.nanmean(square(x)), x)
    assert_slope(slope * [0, 0, 1], lambda x: np.nanmax(square(x)), x)


def test_trap_28_second_derivatives():
    """The Hessian of nanmean(x**2) has no nan either."""
    x = np.array([1.0, np.nan, 4.0])
    assert_curvature(np.diag([1.0, 0.0, 1.0]), lambda x: np.nanmean(x**2), x)
