"""The example of the recurrent network that goes on with a curve, in short."""

import pytest

pytest.importorskip("matplotlib", reason="needs the extra 'demo'")

from examples import rnn_forecast


def test_sixty_steps_forecast_a_period(tmp_path):
    """Of 300 steps sixty: an RMS error of 9e-4, a five-hundredth of the amplitude."""
    (error,) = rnn_forecast.main(tmp_path, quick=True)
    assert error <= 3e-3
    assert (tmp_path / "rnn_forecast.png").stat().st_size > 10_000
