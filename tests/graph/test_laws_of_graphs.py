"""Every record, recorded: replay, gradients of graphs, gradients of variables.

No law knows a formula; graphs are held to plain NumPy and to the other modes.
"""

import numpy as np
import pytest

import adjoint as ad
from adjoint.testing import random_like
from laws.draws import UNEVEN

pytestmark = pytest.mark.filterwarnings(f"ignore:vmap runs .* in a loop.*({UNEVEN})")

EXACT = {"rtol": 1e-12, "atol": 1e-12}


def others(args):
    """Other arguments of the same domains: the elements change places."""
    return [np.roll(arg.ravel(), 1).reshape(arg.shape) for arg in args]


def replayed(graph, args):
    """What a graph gives, or None where it says that the way would be another."""
    try:
        return graph(*args)
    except ad.errors.GuardError:
        return None


@pytest.mark.constants_too
def test_a_graph_computes_what_its_function_does(draw):
    """For the recorded arguments and others, to the last bit, or it says why not."""
    args = [np.copy(arg) for arg in draw.args()]
    graph = ad.trace(draw.call)(*args)
    graph.check()
    np.testing.assert_array_equal(graph(*args), draw.call(*args), strict=True)
    again = others(args)
    out = replayed(graph, again)
    if out is None:
        assert any(guard.kind != "finite" for guard in graph.guards)
        out = ad.trace(draw.call)(*again)(*again)
    np.testing.assert_array_equal(out, draw.call(*again), strict=True)


def weighted(draw, args):
    """A scalar function of the differentiable arguments, and these."""
    f, active = draw.of_active(args)
    out = f(*active)
    w = random_like(np.random.default_rng(3), out)

    def scalar(*xs):
        nothing = 0.0 * sum(np.sum(x) for x in xs)  # np.imag depends on no real x
        return np.sum(np.real(w * f(*xs))) + nothing

    return scalar, active


def test_the_graph_of_a_gradient_computes_gradients(draw):
    """Transforms inside are recorded as what they compute."""
    args = [np.copy(arg) for arg in draw.args()]
    f, active = weighted(draw, args)
    gradient = ad.grad(f, tuple(range(len(active))))
    graph = ad.trace(gradient)(*active)
    graph.check()
    for at in (active, others(active)):
        out = replayed(graph, at)
        if out is None:
            assert at is not active
            assert any(guard.kind != "finite" for guard in graph.guards)
            out = ad.trace(gradient)(*at)(*at)
        for found, expected in zip(out, gradient(*at), strict=True):
            np.testing.assert_allclose(found, expected, **EXACT)


def test_gradients_of_variables_are_those_of_functions(draw):
    """At first order, of every argument from one sweep."""
    args = [np.copy(arg) for arg in draw.args()]
    f, active = weighted(draw, args)
    expected = ad.grad(f, tuple(range(len(active))))(*active)
    xs = [ad.variable(arg) for arg in active]
    found = f(*xs).grad(xs)
    for x, one, other in zip(xs, found, expected, strict=True):
        assert (x.shape, x.dtype) == (one.shape, one.dtype)
        np.testing.assert_allclose(one.value, other, **EXACT)


def test_second_derivatives_of_variables_are_those_of_functions(draw):
    """The gradient is a variable again: a product with the Hessian."""
    args = [np.copy(arg) for arg in draw.args()]
    f, active = weighted(draw, args)
    v = random_like(np.random.default_rng(4), tuple(active))

    def along(*xs):
        slopes = ad.grad(f, tuple(range(len(xs))))(*xs)
        return sum(np.sum(p * q) for p, q in zip(slopes, v, strict=True))

    expected = ad.grad(along, tuple(range(len(active))))(*active)
    xs = [ad.variable(arg) for arg in active]
    slopes = f(*xs).grad(xs)
    total = sum(np.sum(p * q) for p, q in zip(slopes, v, strict=True))
    for one, other in zip(total.grad(xs), expected, strict=True):
        np.testing.assert_allclose(one.value, other, rtol=1e-10, atol=1e-10)
