"""Richardson's estimate bounds the error, over functions that are hard to
differentiate."""

import mpmath
import numpy as np
import pytest

from adjoint import numeric

HARD = {
    "Squire and Trapp": (
        lambda x: np.exp(x) / (np.sin(x) ** 3 + np.cos(x) ** 3),
        lambda x: mpmath.exp(x) / (mpmath.sin(x) ** 3 + mpmath.cos(x) ** 3),
    ),
    "a fast wave": (lambda x: np.sin(100 * x), lambda x: mpmath.sin(100 * x)),
    "a wave that halving would miss": (
        lambda x: np.sin(32 * np.pi * x),
        lambda x: mpmath.sin(mpmath.mpf(32 * np.pi) * x),
    ),
    "a small fast wave on a slow one": (
        lambda x: np.sin(x) + 1e-6 * np.sin(1e4 * x),
        lambda x: mpmath.sin(x) + mpmath.mpf(1e-6) * mpmath.sin(mpmath.mpf(1e4) * x),
    ),
    "Runge": (lambda x: 1 / (1 + 25 * x * x), lambda x: 1 / (1 + 25 * x * x)),
    "a narrow pole pair": (
        lambda x: 1 / (1 + 1e4 * x * x),
        lambda x: 1 / (1 + 10000 * x * x),
    ),
    "flat at 0": (lambda x: np.exp(-1 / x**2), lambda x: mpmath.exp(-1 / x**2)),
    "cancellation": (
        lambda x: (
            x**7 - 7 * x**6 + 21 * x**5 - 35 * x**4 + 35 * x**3 - 21 * x**2 + 7 * x
        ),
        lambda x: (x - 1) ** 7 + 1,
    ),
    "cancellation at 0": (
        lambda x: (1 - np.cos(x)) / x**2,
        lambda x: (1 - mpmath.cos(x)) / x**2,
    ),
    "a large constant": (lambda x: 1e8 + np.sin(x), mpmath.sin),
    "a chirp": (lambda x: np.sin(10 * x**3), lambda x: mpmath.sin(10 * x**3)),
    "a steep step": (lambda x: np.tanh(50 * x), lambda x: mpmath.tanh(50 * x)),
    "a singularity": (lambda x: np.sin(1 / x), lambda x: mpmath.sin(1 / x)),
    "a logarithm": (np.log, mpmath.log),
    "a square root": (np.sqrt, mpmath.sqrt),
    "a kink in the second derivative": (
        lambda x: np.abs(x - 0.3) ** 3,
        lambda x: abs(x - mpmath.mpf(0.3)) ** 3,
    ),
    "a line": (lambda x: 7 * x + 0.1, lambda x: 7 * x + mpmath.mpf(0.1)),
}
POINTS = (0.07, 0.31, 0.9, 1.37, 2.6)


@pytest.mark.parametrize("name", HARD)
@pytest.mark.parametrize("x", POINTS)
def test_the_estimate_bounds_the_error(name, x):
    f, exactly = HARD[name]
    with mpmath.workdps(50):
        exact = float(mpmath.diff(exactly, mpmath.mpf(x)))
    value, error = numeric.grad(f, method="richardson", with_error=True)(x)
    rounding = 2.0**-53 * abs(exact)  # of the reference
    assert abs(value - exact) <= error + rounding


@pytest.mark.parametrize("width", [1e-1, 1e-2, 1e-3, 1e-4, 1e-6])
@pytest.mark.parametrize("at", [1.0, 100.0])
def test_a_feature_that_large_steps_pass_over_is_found(width, at):
    """Rows of large steps agree on 0; near the point the bump is all there is."""
    width *= at
    x = at + 0.5 * width

    def bump(v):
        return np.exp(-(((v - at) / width) ** 2))

    z = (x - at) / width
    exact = -2.0 * z / width * np.exp(-z * z)
    value, error = numeric.grad(bump, method="richardson", with_error=True)(x)
    assert abs(value - exact) <= error < 1e-2 * abs(exact)


def test_features_of_second_derivatives_are_found_too():
    def bump(v):
        return np.exp(-(((v - 1.0) / 0.01) ** 2))

    value, error = numeric.hessian(bump, method="richardson", with_error=True)(1.0)
    assert abs(value - -2e4) <= error < 1.0


def test_no_error_is_smaller_than_that_of_storing_the_value():
    ask = numeric.grad(
        lambda x: 0.0 * x + 3.0 * x, method="richardson", with_error=True
    )
    for x in (0.0, 1.0, 2.0, 1e6):
        value, error = ask(x)
        assert error >= np.finfo(float).eps * abs(value)


def test_small_arguments_have_features_of_their_own_scale():
    x = 1e-6
    ask = numeric.grad(
        lambda v: np.exp(-((v / x) ** 2)), method="richardson", with_error=True
    )
    value, error = ask(x)
    assert abs(value - -2e6 * np.exp(-1.0)) <= error < 1.0


@pytest.mark.parametrize("name", ["Runge", "a fast wave", "a logarithm", "a line"])
def test_the_estimate_is_small_where_the_function_is_smooth(name):
    f, _ = HARD[name]
    value, error = numeric.grad(f, method="richardson", with_error=True)(0.9)
    assert error < 1e-10 * abs(value)


def test_the_noise_of_the_function_is_found_and_counted():
    """A detour through float32 hides all but some digits of the slope."""

    def f(x):
        return np.float32(1000.0 + np.sin(x))

    value, error = numeric.grad(f, method="richardson", with_error=True)(1.0)
    assert abs(value - np.cos(1.0)) <= error
    assert error > 1e-5


def test_a_point_near_the_edge_of_the_domain_gets_small_steps():
    value, error = numeric.grad(np.sqrt, method="richardson", with_error=True)(1e-6)
    assert abs(value - 500.0) <= error < 1e-6


def test_a_large_argument_gets_steps_of_the_functions_own_scale():
    value, error = numeric.grad(np.sin, method="richardson", with_error=True)(1e4)
    assert abs(value - np.cos(1e4)) <= error < 1e-7


def test_where_nothing_is_finite_the_value_is_nan_and_the_error_infinite():
    with np.errstate(invalid="ignore"):
        both = numeric.grad(np.log, method="richardson", with_error=True)(-1.0)
    assert np.isnan(both[0])
    assert both[1] == np.inf


def test_errors_have_the_form_of_the_derivative():
    def f(p):
        return {"sum": p["a"] + np.sum(p["b"]), "products": p["a"] * p["b"]}

    point = {"a": 2.0, "b": np.array([1.0, 3.0])}
    value, error = numeric.jacobian(f, method="richardson", with_error=True)(point)
    np.testing.assert_allclose(value["products"]["b"], 2 * np.eye(2), atol=1e-12)
    assert error["products"]["b"].shape == (2, 2)
    assert error["sum"]["a"].shape == ()
    assert np.all(error["products"]["b"] < 1e-11)


def test_hessians_have_errors_too():
    def f(x):
        return np.exp(x[0]) * np.sin(x[1])

    e, s, c = np.exp(0.5), np.sin(2.0), np.cos(2.0)
    expected = np.array([[e * s, e * c], [e * c, -e * s]])
    ask = numeric.hessian(f, method="richardson", with_error=True)
    value, error = ask(np.array([0.5, 2.0]))
    assert np.all(np.abs(value - expected) <= error)
    assert np.all(error < 1e-8)


def test_complex_results_have_real_errors():
    ask = numeric.jacobian(
        lambda t: np.exp(1j * t), method="richardson", with_error=True
    )
    value, error = ask(1.0)
    assert abs(value - 1j * np.exp(1j)) <= error
    assert error.dtype == np.float64


@pytest.mark.parametrize("x", [1e8, 1e10, 1e12])
def test_a_step_that_is_far_too_large_does_not_win(x):
    """Its quotient, at most 2 over x, has a small error, and not one digit."""
    value, error = numeric.grad(np.sin, method="richardson", with_error=True)(x)
    assert abs(value - np.cos(x)) <= error < 1e-5


def test_a_step_across_a_pole_does_not_win():
    ask = numeric.grad(lambda x: 1 / x, method="richardson", with_error=True)
    value, error = ask(1e-20)
    assert abs(value + 1e40) <= error < 1e30


def test_no_step_is_tried_that_large_numbers_swallow():
    value, error = numeric.grad(np.sin, method="richardson", with_error=True)(1e16)
    assert np.isfinite(value)
    assert error > 0.0


def test_rounding_is_measured_up_to_the_largest_floats():
    ask = numeric.grad(lambda x: x * 1e-100 * x * 1e-100, method="richardson")
    np.testing.assert_allclose(2.0, ask(1e200), rtol=1e-12)


@pytest.mark.parametrize("x", [5e-5, -2.5e-5, 1.4e-6])
def test_no_error_is_smaller_than_the_rounding_of_the_value(x):
    value, error = numeric.grad(np.sin, method="richardson", with_error=True)(x)
    assert abs(value - np.cos(x)) <= error < 1e-12
    assert error >= np.finfo(float).eps * abs(value)
