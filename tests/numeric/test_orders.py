"""Errors of the schemes fall with the step as they should; default steps are near
best."""

import numpy as np
import pytest

from adjoint import numeric


def error(method, step, f=np.exp, exact=np.e, x=1.0):
    return abs(numeric.grad(f, method=method, step=step)(x) - exact)


@pytest.mark.parametrize(
    ("method", "order"), [("forward", 1), ("central", 2), ("complex", 2)]
)
def test_a_step_ten_times_as_small_leaves_an_error_of_the_order_less(method, order):
    coarse, fine = error(method, 1e-2), error(method, 1e-3)
    assert abs(np.log10(coarse / fine) - order) < 0.01


@pytest.mark.parametrize(
    ("method", "leading"),
    [("forward", np.e / 2), ("central", np.e / 6), ("complex", np.e / 6)],
)
def test_the_leading_error_is_that_of_taylors_series(method, leading):
    order = 1 if method == "forward" else 2
    h = 1e-3
    assert abs(error(method, h) / h**order - leading) < 1e-3 * leading + h


@pytest.mark.parametrize(
    ("method", "bound"),
    [("forward", 1e-7), ("central", 1e-9), ("complex", 0.0), ("richardson", 1e-12)],
)
@pytest.mark.parametrize("x", [0.0, 1e-3, 1.0, -3.0])
def test_default_steps_leave_the_digits_promised(method, bound, x):
    given = numeric.grad(np.sin, method=method)(x)
    assert abs(given - np.cos(x)) <= bound + 1.2e-16


@pytest.mark.parametrize(
    ("method", "bound"),
    [("forward", 1e-7), ("central", 1e-9), ("complex", 4e-16), ("richardson", 1e-12)],
)
@pytest.mark.parametrize("x", [3.0, 1e6, 1e200])
def test_default_steps_grow_with_the_argument(method, bound, x):
    """Rounding is that of the value, log x, which the bound grows with."""
    allowed = bound * max(np.log(x), 1.0)
    np.testing.assert_allclose(numeric.grad(np.log, method=method)(x), 1 / x, allowed)


@pytest.mark.parametrize("method", ["forward", "central", "complex", "richardson"])
def test_the_derivative_of_a_constant_is_exactly_zero(method):
    assert numeric.grad(lambda x: 3.0, method=method)(2.0) == 0.0


def test_forward_quotients_of_a_line_are_exact_because_steps_are_those_really_made():
    """(f(x + h) - f(x)) / (fl(x + h) - x) of f(x) = x is 1, whatever fl rounds."""
    for x in np.random.default_rng(0).normal(size=50) * 100:
        assert numeric.grad(lambda x: x, method="forward")(x) == 1.0
        assert numeric.grad(lambda x: x, method="central")(x) == 1.0


@pytest.mark.parametrize("x", [1e-280, 1e-19, 1e-3, 1.0, 1e19, 1e300])
def test_a_complex_step_is_exact_at_every_magnitude(x):
    np.testing.assert_allclose(numeric.grad(np.log, method="complex")(x), 1 / x, 4e-16)


def test_squire_and_trapps_function_to_the_last_digits():
    """Their example of 1998, against its derivative to twenty digits."""

    def f(x):
        return np.exp(x) / (np.sin(x) ** 3 + np.cos(x) ** 3)

    # d/dx at 3/2, by mpmath with 30 digits
    exact = 3.62203370071632
    given = numeric.grad(f, method="complex")(1.5)
    assert abs(given - exact) < 2e-14


@pytest.mark.parametrize(
    ("method", "bound"),
    [("forward", 3e-3), ("central", 3e-4), ("complex", 3e-7), ("richardson", 3e-5)],
)
def test_float32_in_gives_float32_with_the_digits_of_float32(method, bound):
    x = np.array([0.5, 2.0], np.float32)
    given = numeric.grad(lambda x: np.sum(np.exp(x)), method=method)(x)
    assert given.dtype == np.float32
    np.testing.assert_allclose(given, np.exp(x.astype(float)), rtol=bound)


def test_float32_inside_the_function_counts_as_its_rounding():
    def f(x):
        return np.exp(np.float32(x))

    assert abs(numeric.grad(f)(1.0) - np.e) < 3e-4 * np.e


@pytest.mark.parametrize(
    ("method", "bound"),
    [("forward", 1e-4), ("central", 1e-6), ("complex", 1e-9), ("richardson", 1e-8)],
)
def test_hessians_keep_the_digits_promised(method, bound):
    def f(x):
        return np.exp(x[0]) * np.sin(x[1])

    e, s, c = np.exp(0.5), np.sin(2.0), np.cos(2.0)
    expected = np.array([[e * s, e * c], [e * c, -e * s]])
    given = numeric.hessian(f, method=method)(np.array([0.5, 2.0]))
    np.testing.assert_allclose(given, expected, atol=bound)
    np.testing.assert_array_equal(given, given.T)
