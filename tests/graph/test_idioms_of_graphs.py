"""A hundred idioms of plain NumPy, recorded: computed again, and differentiated."""

import numpy as np
import pytest

import adjoint as ad
from adjoint.errors import GuardError
from idioms.hundred import HUNDRED
from idioms.judge import fresh

each = pytest.mark.parametrize("idiom", HUNDRED, ids=lambda idiom: idiom.name)


def moved(x):
    """Inputs near by: most branches are taken as before."""
    return x * (1.0 + 1e-3 * np.cos(np.arange(np.size(x)).reshape(np.shape(x))))[()]


def replayed(graph, function, x):
    """What a graph gives; recorded again where it says that the way is another."""
    try:
        return graph(x)
    except GuardError:
        assert {"finite"} != {guard.kind for guard in graph.guards}
        return ad.trace(function)(x)(x)


@each
def test_graphs_of_idioms_compute_what_these_do(idiom):
    x = fresh(idiom.example)
    graph = ad.trace(idiom.function)(x)
    graph.check()
    for at in (x, moved(x)):
        expected = idiom.function(fresh(at))
        np.testing.assert_allclose(
            replayed(graph, idiom.function, at), expected, rtol=1e-15, atol=1e-15
        )
    np.testing.assert_array_equal(idiom.example, x)


@each
def test_tables_of_idioms_have_their_gradients(idiom):
    x = fresh(idiom.example)
    row = ad.trace(idiom.function)(x).table("reverse").rows[0]
    expected = ad.grad(idiom.function)(x)
    np.testing.assert_allclose(row.derivative, expected, rtol=1e-12, atol=1e-12)


@each
def test_graphs_of_gradients_compute_gradients(idiom):
    x = fresh(idiom.example)
    gradient = ad.grad(idiom.function)
    graph = ad.trace(gradient)(x)
    for at in (x, moved(x)):
        found = replayed(graph, gradient, at)
        np.testing.assert_allclose(found, gradient(at), rtol=1e-12, atol=1e-12)
