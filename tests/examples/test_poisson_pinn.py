"""The example of Poisson's equation, with a smaller network."""

import numpy as np
import pytest

pytest.importorskip("matplotlib", reason="needs the extra 'demo'")

import adjoint as ad
from examples import poisson_pinn as example


def test_a_small_network_comes_near(tmp_path):
    """151 weights and 120 evaluations; the full example gets to 1e-5."""
    assert example.main(tmp_path, quick=True) <= 1e-3
    assert (tmp_path / "poisson_pinn.png").stat().st_size > 10_000


def test_the_source_is_that_of_the_solution():
    """-Δ of the exact solution, by the example's own Laplacian."""
    points = example.gauss_points(5)
    laplacian = example.laplacian(example.exact, points)
    np.testing.assert_allclose(example.source(points), -laplacian, atol=1e-11)


def test_rows_of_gradients_are_the_jacobian(rng):
    """Since each residual depends on its own point only."""
    model, points = example.Solution(3, rng), rng.random((4, 2))
    expected = ad.jacobian(example.residuals)(model, points)
    rows = example.rows_of_jacobian(model, points)
    for one, other in zip(ad.tree.leaves(expected), ad.tree.leaves(rows), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-9)
