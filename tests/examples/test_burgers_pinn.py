"""The example of Burgers' equation, with a smaller network."""

import numpy as np
import pytest

pytest.importorskip("matplotlib", reason="needs the extra 'demo'")

from examples import burgers_pinn as example


def test_a_small_network_comes_near(tmp_path):
    """185 weights and 80 steps; the full example gets to 4e-4."""
    assert example.main(tmp_path, quick=True) <= 0.06
    assert (tmp_path / "burgers_pinn.png").stat().st_size > 10_000


def test_the_reference_solves_the_equation():
    """Its residual is 0 by the example's own derivatives, and so it starts."""
    x, t = np.meshgrid([-0.9, -0.3, 0.001, 0.05, 0.7], [0.1, 0.5, 1.0])
    residual = example.residual(
        lambda point: example.exact(point[..., 0], point[..., 1]),
        np.stack([x, t], axis=-1),
    )
    # Slopes are up to 150 and curvatures up to 1e4, and rounded to 1e-15 of that.
    np.testing.assert_allclose(0.0, residual, atol=1e-7)
    start = example.exact(x[0], np.full(5, 1e-10))
    np.testing.assert_allclose(-np.sin(np.pi * x[0]), start, atol=1e-6)


def test_a_network_starts_and_ends_as_it_has_to(rng):
    """At t = 0 it is -sin(π x), at x = -1 and 1 it is 0, whatever its weights."""
    model = example.Solution(4, rng)
    x = np.linspace(-1.0, 1.0, 9)
    begin = model(np.stack([x, np.zeros(9)], axis=-1))
    np.testing.assert_allclose(-np.sin(np.pi * x), begin, atol=1e-15)
    edges = model(np.array([[-1.0, 0.3], [1.0, 0.8]]))
    np.testing.assert_allclose(0.0, edges, atol=1e-15)
