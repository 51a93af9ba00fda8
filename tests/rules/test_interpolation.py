"""np.interp at its knots and outside, sinc and logaddexp at their limits."""

import numpy as np
import pytest

import adjoint as ad

XP, FP = np.array([0.0, 1.0, 3.0]), np.array([0.0, 2.0, 3.0])


def test_slopes_at_knots_and_outside():
    """Right-hand slopes; the last segment's at the last knot; 0 outside."""
    x = np.array([-1.0, 0.0, 0.5, 1.0, 2.0, 3.0, 4.0])
    slopes = ad.elementwise_grad(lambda x: np.interp(x, XP, FP))(x)
    np.testing.assert_array_equal(slopes, [0.0, 2.0, 2.0, 0.5, 0.5, 0.5, 0.0])


def test_values_at_knots_are_those_given():
    """Bit by bit, at the last one too; and outside, left and right."""
    fp = np.array([0.1, 0.7, 1.0 / 3.0])
    x = np.array([*XP, -5.0, 5.0, np.nan])
    for keywords in ({}, {"left": -1.0, "right": 7.0}, {"period": 2.5}):
        expected = np.interp(x, XP, fp, **keywords)
        given = ad.vjp(lambda x, k=keywords: np.interp(x, XP, fp, **k), x)[0]
        np.testing.assert_array_equal(given, expected)


def test_values_outside_have_derivatives():
    """The end values, or left and right where given."""
    by_fp = ad.grad(lambda fp: np.interp(-1.0, XP, fp))(FP)
    np.testing.assert_array_equal(by_fp, [1.0, 0.0, 0.0])
    assert 1.0 == ad.grad(lambda left: np.interp(XP - 9.0, XP, FP + left * 0, left)[0])(
        5.0
    )


@pytest.mark.parametrize(
    ("args", "message"),
    [(([], []), "empty"), (([0.0], [1.0, 2.0]), "not of the same length")],
)
def test_bad_points_are_refused_as_by_numpy(args, message):
    """NumPy's own errors."""
    with pytest.raises(ValueError, match=message):
        ad.grad(lambda x: np.interp(x, *args))(0.5)


def test_sinc_to_fourth_order_at_zero():
    """sinc x = 1 - (pi x)**2/6 + (pi x)**4/120: no cancellation near 0."""
    derivative, expected = np.sinc, [0.0, -(np.pi**2) / 3, 0.0, np.pi**4 / 5]
    for number in expected:
        derivative = ad.grad(derivative)
        np.testing.assert_allclose(derivative(0.0), number, rtol=1e-14, atol=1e-14)
    below, above = (ad.grad(np.sinc)(0.25 + h) for h in (-1e-12, 1e-12))
    np.testing.assert_allclose(below, above, rtol=1e-10)


@pytest.mark.parametrize("function", [np.logaddexp, np.logaddexp2])
def test_logaddexp_far_apart(function):
    """The larger has slope 1; second derivatives are finite."""
    x = np.array([1000.0, 0.0])
    slopes = ad.grad(lambda x: function(x[0], x[1]))(x)
    np.testing.assert_allclose(slopes, [1.0, 0.0], atol=1e-300)
    hessian = ad.hessian(lambda x: function(x[0], x[1]))
    np.testing.assert_allclose(hessian(x), np.zeros((2, 2)), atol=1e-300)
    np.testing.assert_array_equal(hessian(np.full(2, -np.inf)), np.zeros((2, 2)))
