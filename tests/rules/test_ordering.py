"""Sorted elements, quantiles, running products: ties, zeros, nan, and constants."""

import inspect
import warnings

import numpy as np
import pytest

import adjoint as ad

TIED = np.array([2.0, 1.0, 2.0, 1.0])


def test_sorting_keeps_the_order_of_ties():
    """Of equal elements the first in the array is the first in the result."""
    weights = np.array([1.0, 2.0, 3.0, 4.0])
    gradient = ad.grad(lambda x: np.sum(np.sort(x) * weights))(TIED)
    np.testing.assert_array_equal(gradient, [3.0, 1.0, 4.0, 2.0])


@pytest.mark.skipif(
    "descending" not in inspect.signature(np.sort).parameters,
    reason="descending= came with NumPy 2.5",
)
def test_a_falling_order_keeps_that_of_ties():
    """And leaves nan at the end; the method sorts in place."""
    weights = np.array([1.0, 2.0, 3.0, 4.0])

    def in_place(x):
        y = x.copy()
        y.sort(stable=True, descending=True)
        return np.sum(y * weights)

    for f in (in_place, lambda x: np.sum(np.sort(x, descending=True) * weights)):
        np.testing.assert_array_equal(ad.grad(f)(TIED), [1.0, 3.0, 2.0, 4.0])
    x = np.array([[1.0, np.nan, 2.0], [5.0, 4.0, 6.0]])
    expected = np.sort(x, descending=True)
    np.testing.assert_array_equal(expected, [[2.0, 1.0, np.nan], [6.0, 5.0, 4.0]])
    value, _ = ad.jvp(lambda x: np.sort(x, descending=True), (x,), (x,))
    np.testing.assert_array_equal(value, expected)
    places = ad.vmap(lambda x: x.argsort(descending=True))(x)
    np.testing.assert_array_equal(places, [[2, 0, 1], [2, 0, 1]])


def test_the_median_averages_its_two():
    """Ties follow the stable order; an odd number has one middle."""
    np.testing.assert_array_equal(ad.grad(np.median)(TIED), [0.5, 0.0, 0.0, 0.5])
    np.testing.assert_array_equal(ad.grad(np.median)(np.ones(3)), [0.0, 1.0, 0.0])


def test_the_derivative_of_unique_goes_to_the_first():
    """Of equal elements the first in the array stands in the result."""
    x = np.array([3.0, 1.0, 3.0])
    _, tangent = ad.jvp(np.unique, (x,), (np.array([1.0, 2.0, 3.0]),))
    np.testing.assert_array_equal(tangent, [2.0, 1.0])

    def weighted(x):
        values, index, inverse, counts = np.unique(x, True, True, True)
        assert [1, 0] == index.tolist()
        assert [1, 0, 1] == inverse.tolist()
        return np.sum(values * counts)

    np.testing.assert_array_equal(ad.grad(weighted)(x), [2.0, 1.0, 0.0])


def test_partition_is_numpys_own_arrangement():
    """Beyond the k-th element the order is NumPy's, whatever it is."""
    x = np.random.default_rng(0).permutation(np.arange(200.0))
    value, pullback = ad.vjp(lambda x: np.partition(x, (20, 150)), x)
    np.testing.assert_array_equal(value, np.partition(x, (20, 150)))
    (bar,) = pullback(value)
    np.testing.assert_array_equal(bar, x)


def test_orders_and_places_are_constants():
    """argsort, argpartition, searchsorted and digitize give plain integers."""
    x = np.array([0.3, -1.0, 2.0])

    def f(x):
        weights = (
            np.argsort(x)
            + np.argpartition(x, 1)
            + np.searchsorted(np.array([-1.0, 0.0, 1.0]), x, side="right")
            + np.digitize(x, [1.0, 0.0])
            + np.searchsorted(x, 0.0, sorter=np.argsort(x))
        )
        assert type(weights) is np.ndarray
        return np.sum(weights * x)

    weights = ad.grad(f)(x)
    assert f(x) == weights @ x


def test_searchsorted_in_a_batch():
    """Tables and values may both belong to the batch."""
    tables = np.sort(np.sin(np.arange(12.0)).reshape(3, 4), axis=1)
    values = np.cos(np.arange(6.0)).reshape(3, 2)
    for flags in ((0, 0), (0, None), (None, 0)):
        args = [
            one if flag == 0 else one[0]
            for one, flag in zip((tables, values), flags, strict=True)
        ]
        expected = [
            np.searchsorted(
                *(a[k] if f == 0 else a for a, f in zip(args, flags, strict=True))
            )
            for k in range(3)
        ]
        given = ad.vmap(np.searchsorted, in_axes=flags)(*args)
        np.testing.assert_array_equal(given, expected)


def test_quantiles_at_elements_and_with_nan():
    """At an element the weight is that element's; a nan makes the value nan."""
    x = np.array([4.0, 1.0, 3.0])
    np.testing.assert_array_equal(
        ad.jacobian(lambda x: np.quantile(x, [0.0, 0.25, 1.0]))(x),
        [[0.0, 1.0, 0.0], [0.0, 0.5, 0.5], [1.0, 0.0, 0.0]],
    )
    missing = np.array([1.0, np.nan, 3.0])
    for function in (np.median, lambda x: np.quantile(x, 0.3)):
        value, gradient = ad.value_and_grad(function)(missing)
        assert np.isnan(value)
        np.testing.assert_array_equal(gradient, 0.0)


@pytest.mark.parametrize("method", ["linear", "hazen", "midpoint", "lower"])
def test_quantiles_have_slopes_by_their_fraction(method):
    """The line from element to element; 0 where a method always takes an element."""
    x = np.array([4.0, 1.0, 3.0, 8.0])
    h = 1e-6
    for q in (0.3, np.array([0.3, 0.8])):

        def total(q):
            return np.sum(np.quantile(x, q, method=method))

        expected = (total(q + h) - total(q - h)) / (2 * h)
        tangent = ad.jvp(total, (q,), (np.ones_like(q)[()],))[1]
        np.testing.assert_allclose(tangent, expected, atol=1e-8)
        np.testing.assert_allclose(np.sum(ad.grad(total)(q)), expected, atol=1e-8)
        percent = ad.grad(lambda q: np.sum(np.percentile(x, q, method=method)))
        np.testing.assert_allclose(np.sum(percent(100 * q)), expected / 100, atol=1e-8)


@pytest.mark.parametrize("x", [[2.0, 0.0, 3.0, 4.0], [2.0, 0.0, 3.0, 0.0], [0.0] * 4])
def test_running_products_with_zeros(x):
    """No division: exact with any number of zeros, to second order."""
    x, weights = np.array(x), np.array([1.0, 2.0, 3.0, 4.0])

    def by_hand(x):
        total, product = 0.0, 1.0
        for k in range(4):
            product = product * x[k]
            total = total + weights[k] * product
        return total

    def total(x):
        return np.sum(weights * np.cumprod(x))

    np.testing.assert_array_equal(ad.grad(total)(x), ad.grad(by_hand)(x))
    np.testing.assert_array_equal(ad.jacfwd(total)(x), ad.grad(by_hand)(x))
    np.testing.assert_array_equal(ad.hessian(total)(x), ad.hessian(by_hand)(x))


def test_missing_data_have_slope_zero():
    """Also behind a nonlinear function, which is nan there."""
    x = np.array([1.0, np.nan, 3.0])
    np.testing.assert_array_equal(ad.grad(lambda x: np.nanmean(x**2))(x), [1, 0, 3])
    np.testing.assert_array_equal(ad.grad(np.nanmax)(x), [0.0, 0.0, 1.0])
    np.testing.assert_array_equal(ad.grad(np.nanmedian)(x), [0.5, 0.0, 0.5])
    assert 2 == ad.vjp(np.nanargmax, x)[0]


@pytest.mark.parametrize(
    "function",
    [
        *(np.nansum, np.nanmean, np.nanmax, np.nanmin, np.nanvar, np.nanstd),
        *(np.nanmedian, np.nanprod),
    ],
)
def test_rows_without_numbers(function):
    """NumPy's value, and no nan in the gradients of other rows."""
    x = np.array([[1.0, np.nan], [np.nan, np.nan], [2.0, 2.0]])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        expected = function(x, axis=1)
        np.testing.assert_array_equal(
            ad.vjp(lambda x: function(x, axis=1), x)[0], expected
        )
        gradient = ad.grad(lambda x: np.sum(function(x, axis=1)[::2]))(x)
    assert np.all(np.isfinite(gradient))


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("axis", [(1, 0), (0, 2), (1,), 2, None])
def test_nanquantile_has_its_axes_where_numpy_puts_them(axis, keepdims):
    """Of fractions with two axes, over several axes: among the others."""
    a = np.cos(np.arange(24.0) ** 2).reshape(2, 3, 4)
    a[0, 1, 2] = np.nan
    q = np.array([[0.1, 0.5, 0.9], [0.2, 0.3, 0.4]])

    def f(a):
        return np.nanquantile(a, q, axis=axis, keepdims=keepdims)

    value, dot = ad.jvp(f, (a,), (np.ones_like(a),))
    np.testing.assert_array_equal(f(a), value)
    np.testing.assert_allclose(dot, np.ones_like(value), rtol=1e-12)
    slopes = ad.grad(lambda a: np.sum(f(a)))(a)
    np.testing.assert_allclose(np.sum(slopes), f(a).size, rtol=1e-12)
