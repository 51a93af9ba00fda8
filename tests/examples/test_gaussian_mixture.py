"""The example of the Gaussian mixture, with a third of its points."""

import numpy as np
import pytest
import scipy.stats

pytest.importorskip("matplotlib", reason="needs the extra 'demo'")
pytest.importorskip("sklearn", reason="needs the extra 'demo'")

from examples import gaussian_mixture as example


def test_the_gradient_reaches_what_em_reaches(tmp_path):
    """Both ways, and scikit-learn's, end at one log-likelihood."""
    reached = example.main(tmp_path, quick=True)
    assert reached["gradient"] == pytest.approx(reached["scikit-learn"], abs=1e-9)
    assert reached["gradient"] >= reached["EM"] - 1e-9
    assert (tmp_path / "gaussian_mixture.png").stat().st_size > 10_000


def test_the_density_is_that_of_the_mixture(rng):
    """Weight times SciPy's normal density, of any tree of numbers."""
    mixture = {
        "logits": rng.standard_normal(3),
        "means": rng.standard_normal((3, 2)),
        "shapes": rng.standard_normal((3, 2, 2)),
    }
    points = rng.standard_normal((5, 2))
    weights = np.exp(mixture["logits"]) / np.sum(np.exp(mixture["logits"]))
    factors = example.factors_of(mixture["shapes"])
    expected = [
        np.log(weight) + scipy.stats.multivariate_normal.logpdf(points, mean, L @ L.T)
        for weight, mean, L in zip(weights, mixture["means"], factors, strict=True)
    ]
    np.testing.assert_allclose(
        expected, example.log_joint(mixture, points), rtol=1e-10, atol=1e-10
    )
