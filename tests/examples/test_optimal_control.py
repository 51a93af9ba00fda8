"""The example of optimal control, on a coarse grid."""

import numpy as np
import pytest

pytest.importorskip("matplotlib", reason="needs the extra 'demo'")

import adjoint as ad
from examples import optimal_control as example


def test_exact_derivatives_reach_the_effort_with_few_calls(tmp_path):
    """The effort of SciPy's differences, for a tenth of the calls or less."""
    exact, differences = example.main(tmp_path, quick=True).values()
    assert exact.success
    assert exact.effort == pytest.approx(differences.effort, rel=1e-6)
    assert 10 * exact.defect_calls <= differences.defect_calls
    assert np.max(np.abs(example.defects(exact.path))) < 1e-8
    assert np.max(np.abs(example.ends(exact.path))) < 1e-12
    assert (tmp_path / "optimal_control.png").stat().st_size > 10_000


def test_motion_without_a_force_keeps_the_energy(rng):
    """Its derivative along the motion, by jvp, is 0."""
    state = rng.standard_normal(4)

    def energy(state):
        _, angle, speed, turn = state
        across = speed + example.LENGTH * np.cos(angle) * turn
        up = example.LENGTH * np.sin(angle) * turn
        kinetic = example.CART * speed**2 + example.POLE * (across**2 + up**2)
        height = -example.LENGTH * np.cos(angle)
        return kinetic / 2 + example.POLE * example.GRAVITY * height

    _, change = ad.jvp(energy, (state,), (example.motion(state, 0.0),))
    assert abs(change) < 1e-12
