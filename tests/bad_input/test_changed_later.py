"""Inputs and constants that change between vjp and its pullback."""

import numpy as np
import pytest

import adjoint as ad

from .judge import LARGE, SMALL, right_or_loud


@pytest.mark.parametrize("size", [SMALL, LARGE])
@pytest.mark.parametrize("through", ["itself", "an older view"])
def test_an_input_changed_before_the_pullback(size, through):
    """The pullback uses the values of the call."""
    x = np.linspace(0.1, 0.9, size)
    view = x[:]
    expected = np.cos(x)
    _, pullback = ad.vjp(np.sin, x)
    (x if through == "itself" else view)[:] = 7.0
    (slopes,) = pullback(np.ones(size))
    np.testing.assert_allclose(slopes, expected)


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_an_input_changed_before_the_pushforward(size):
    """So does the pushforward of linearize."""
    x = np.linspace(0.1, 0.9, size)
    expected = np.cos(x)
    _, pushforward = ad.linearize(np.sin, x)
    x[:] = 7.0
    np.testing.assert_allclose(pushforward(np.ones(size)), expected)


@pytest.mark.parametrize("size", [SMALL, LARGE])
@pytest.mark.parametrize("through", ["itself", "an older view"])
def test_a_constant_changed_before_the_pullback(size, through):
    """Right by a copy, or loud; the caller's array is never left read-only."""
    weights = np.linspace(0.5, 1.5, size)
    view = weights[:]
    x = np.ones(size)
    expected = weights * np.cos(weights * x)
    _, pullback = ad.vjp(lambda x: np.sin(x * weights), x)
    assert weights.flags.writeable
    (weights if through == "itself" else view)[:] = 7.0
    right_or_loud(lambda: pullback(np.ones(size))[0], expected)


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_a_pullback_used_twice(size):
    """Before and after a change, with the same answer."""
    weights = np.linspace(0.5, 1.5, size)
    expected = weights.copy()
    _, pullback = ad.vjp(lambda x: x * weights, np.ones(size))
    np.testing.assert_allclose(pullback(np.ones(size))[0], expected)
    weights[:] = 7.0
    right_or_loud(lambda: pullback(np.ones(size))[0], expected)


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_results_share_no_memory(size):
    """Writing into a gradient, a value or a cotangent changes nothing else."""
    x = np.linspace(0.1, 0.9, size)
    cotangent = np.ones(size)
    _, pullback = ad.vjp(lambda x: x + 1.0, x)
    (slopes,) = pullback(cotangent)
    assert not np.shares_memory(slopes, cotangent)
    slopes[:] = 9.0
    np.testing.assert_array_equal(cotangent, np.ones(size))
    a, b = ad.grad(lambda x, y: np.sum(x + y), argnums=(0, 1))(x, x)
    assert not np.shares_memory(a, b)
    direction = np.ones(size)
    _, tangent = ad.jvp(lambda x: x, (x,), (direction,))
    assert not np.shares_memory(tangent, direction)
    value, _ = ad.value_and_grad(lambda x: np.sum(x) + 0.0 * x[0])(x)
    assert value == pytest.approx(np.sum(x))


def test_the_value_of_vjp_written_before_the_pullback():
    """The user owns the value; the pullback keeps its own."""
    for size in (SMALL, LARGE):
        x = np.linspace(0.1, 0.9, size)
        value, pullback = ad.vjp(np.exp, x)
        expected = np.exp(x)
        try:
            value[:] = 0.0
        except ValueError:
            continue
        np.testing.assert_allclose(pullback(np.ones(size))[0], expected)
