"""``numpy.polynomial``, function by function, in every mode."""

import warnings

import numpy as np
import pytest

import adjoint as ad
from adjoint.errors import BatchFallbackWarning
from adjoint.testing import random_like

from .families import FAMILIES, C, D, X, calls

CALLS = {name: (f, args) for name, f, args in calls()}
BEYOND = {"zero", "one", "x", "domain", "gauss", "pts1", "pts2"}
"""Arrays of constants, and functions of a degree: their derivative is zero."""


@pytest.mark.parametrize("name", CALLS)
def test_values_are_numpys_to_the_last_bit(name):
    """No transform changes what the function returns."""
    f, args = CALLS[name]
    expected = f(*args)
    tangents = random_like(np.random.default_rng(0), args)
    for value in (ad.jvp(f, args, tangents)[0], ad.vjp(f, *args)[0]):
        assert type(expected) is type(value)
        assert expected.dtype == value.dtype
        np.testing.assert_array_equal(value, expected, strict=True)


@pytest.mark.parametrize("name", CALLS)
def test_derivatives_are_right_to_second_order(name):
    """Forward, reverse and all nestings of two, by difference quotients."""
    f, args = CALLS[name]
    ad.check_grads(f, args, order=2, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", CALLS)
def test_batches_equal_loops(name):
    """vmap gives the results one by one, of values and of gradients."""
    f, args = CALLS[name]
    stacked = [np.stack([arg, 1.0625 * arg, 0.9375 * arg]) for arg in args]
    rows = [tuple(column[k] for column in stacked) for k in range(3)]

    def gradient(*args):
        # NumPy 2.5 has the roots of some families complex, though they are real.
        return ad.grad(lambda *a: np.sum(np.sin(np.real(f(*a)))))(*args)

    with warnings.catch_warnings():
        # Trailing zeros are looked for, and matrices of Hankel's kind sorted: in loops.
        warnings.simplefilter("ignore", BatchFallbackWarning)
        values, slopes = ad.vmap(f)(*stacked), ad.vmap(gradient)(*stacked)
    for k, row in enumerate(rows):
        np.testing.assert_allclose(values[k], f(*row), rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(slopes[k], gradient(*row), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.prefix)
def test_no_function_of_a_family_is_left_out(family):
    """Each public function has a call above, or depends on nothing."""
    prefix = family.prefix
    endings = {
        name.removeprefix(prefix)
        for name in family.module.__all__
        if name.startswith(prefix)
    }
    tested = {name.partition(" ")[0].rstrip(",") for name in CALLS}
    missing = {one for one in endings if prefix + one not in tested} - BEYOND
    others = {"valfromroots", "interpolate", "2poly"}  # tested below
    assert missing <= others


def test_evaluation_needs_no_loop_over_a_batch():
    """Values at many points, with coefficients of their own, are computed at once."""
    for family in FAMILIES:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            given = ad.vmap(family.val)(np.stack([X, 2.0 * X]), np.stack([C, -C]))
        expected = np.stack([family.val(X, C), family.val(2.0 * X, -C)])
        np.testing.assert_array_equal(given, expected)


def test_conversions_between_families():
    """poly2cheb and its kin are linear: the slope is the function of the direction."""
    for family in FAMILIES[1:]:
        for convert in (
            getattr(family.module, f"poly2{family.prefix}"),
            getattr(family.module, f"{family.prefix}2poly"),
        ):
            value, pushed = ad.jvp(convert, (C,), (C[::-1].copy(),))
            np.testing.assert_array_equal(value, convert(C), strict=True)
            np.testing.assert_allclose(pushed, convert(C[::-1]), rtol=1e-14, atol=1e-15)
            ad.check_grads(convert, (C,))


def test_values_from_roots():
    """The slope by a root is minus the product of the other factors."""
    f = np.polynomial.polynomial.polyvalfromroots
    value, pullback = ad.vjp(f, 2.0, D)
    assert np.prod(2.0 - D) == value
    by_x, by_roots = pullback(1.0)
    others = np.array([np.prod(np.delete(2.0 - D, k)) for k in range(3)])
    np.testing.assert_allclose(by_roots, -others, rtol=1e-14)
    np.testing.assert_allclose(by_x, np.sum(others), rtol=1e-14)
    ad.check_grads(f, (X, D))


def test_interpolation_of_a_function_with_a_parameter():
    """chebinterpolate is linear in what the function gives at its points."""
    interpolate = np.polynomial.chebyshev.chebinterpolate

    def f(a):
        return interpolate(lambda x, a: np.sin(a * x), 4, args=(a,))

    points = np.polynomial.chebyshev.chebpts1(5)
    expected = interpolate(lambda x: x * np.cos(1.5 * x), 4)
    value, pushed = ad.jvp(f, (1.5,), (1.0,))
    np.testing.assert_array_equal(value, interpolate(lambda x: np.sin(1.5 * x), 4))
    np.testing.assert_allclose(pushed, expected, rtol=1e-13, atol=1e-15)
    assert points.shape == value.shape
    ad.check_grads(f, (1.5,))


def test_quadrature_is_a_constant_that_integrates_traced_functions():
    """d/da of the integral of exp(a x) over [-1, 1], by Gauss and Legendre's points."""

    def integral(a):
        nodes, weights = np.polynomial.legendre.leggauss(12)
        return np.sum(weights * np.exp(a * nodes))

    a = 0.75
    exact = (np.exp(a) + np.exp(-a)) / a - (np.exp(a) - np.exp(-a)) / a**2
    np.testing.assert_allclose(ad.grad(integral)(a), exact, rtol=1e-13)
