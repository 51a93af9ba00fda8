"""The traces and the methods of the demonstration, against formulas by hand."""

import numpy as np
import pytest

import adjoint as ad
from adjoint._demo.methods.section import by_hand, logistic, textbook
from adjoint._demo.traces.functions import POINT, f, neuron_loss
from adjoint._demo.traces.picture import draw
from adjoint._demo.traces.section import NEURON


def test_the_reverse_trace_ends_in_the_gradient():
    """The adjoints of the inputs are 1/x1 + x2 and x1 - cos x2."""
    rows = ad.trace(f)(*POINT).table("reverse").rows
    np.testing.assert_allclose(
        [5.5, 2 - np.cos(5)], [row.derivative for row in rows[:2]], rtol=1e-15
    )


def test_the_adjoints_of_a_neuron_are_those_of_the_formula():
    """With a = σ(w x + b): dL/dz = (a - t) a (1 - a), times x, 1 and w; by t, t - a."""
    w, b, x, t = NEURON
    a = 1 / (1 + np.exp(-(w * x + b)))
    by_z = (a - t) * a * (1 - a)
    rows = ad.trace(neuron_loss)(*NEURON).table("reverse").rows
    np.testing.assert_allclose(
        [by_z * x, by_z, by_z * w, t - a],
        [float(row.derivative) for row in rows[:4]],
        rtol=1e-14,
    )


def test_the_manual_gradient_is_right():
    """The formula that is compared is the gradient."""
    x = np.array(POINT)
    np.testing.assert_allclose(ad.grad(textbook)(x), by_hand(x), rtol=1e-15)


def test_the_logistic_map_is_steepest_at_its_ends():
    """Its slope is 4 - 8 l."""
    assert (4.0, 0.0, -4.0) == tuple(ad.grad(logistic)(v) for v in (0.0, 0.5, 1.0))


@pytest.mark.parametrize("drawn", [f, neuron_loss])
def test_a_trace_is_drawn(drawn, tmp_path):
    """The picture holds ink over its whole width."""
    pytest.importorskip("matplotlib", reason="needs the extra 'demo'")
    from matplotlib import image

    point = POINT if drawn is f else NEURON
    path = draw(ad.trace(drawn)(*point).table("reverse"), tmp_path)
    dark = image.imread(path)[..., :3].min(axis=2) < 0.9
    width = dark.shape[1]
    for part in range(4):
        assert dark[:, part * width // 4 : (part + 1) * width // 4].mean() > 0.003
