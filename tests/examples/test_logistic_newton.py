"""The example of logistic regression by Newton's method, without its comparison."""

import numpy as np
import pytest

pytest.importorskip("matplotlib", reason="needs the extra 'demo'")
pytest.importorskip("sklearn", reason="needs the extra 'demo'")

import adjoint as ad
from examples import logistic_newton as example


def test_newton_ends_within_ten_steps(tmp_path):
    """Nine steps; in the last three each doubles the digits of the gradient."""
    course = example.main(tmp_path, quick=True)
    norms = course.gradient_norms
    assert len(norms) - 1 < 10
    assert norms[-1] < 1e-8
    # After a step the norm is c times the square of that before, with one c.
    ratios = norms[-3:] / norms[-4:-1] ** 2
    np.testing.assert_allclose(0.075, ratios, rtol=0.1)
    assert (tmp_path / "logistic_newton.png").stat().st_size > 10_000


def test_the_gradient_is_that_of_the_formula(rng):
    """Xᵀ (p - y) + ridge w, with p the logistic function of the logits."""
    samples = example.Samples(rng.standard_normal((20, 3)), rng.integers(0, 2, 20))
    weights = rng.standard_normal(4)
    p = 1 / (1 + np.exp(-example.logits(weights, samples.x)))
    rows = np.column_stack([samples.x, np.ones(20)])
    expected = rows.T @ (p - samples.label) + example.RIDGE * np.append(weights[:3], 0)
    slope = ad.grad(example.loss)(weights, samples)
    np.testing.assert_allclose(expected, slope, rtol=1e-12, atol=1e-12)
