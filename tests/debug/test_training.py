"""A training whose loss is no number says how to find the line."""

import numpy as np
import pytest

import adjoint as ad
from adjoint import nn, optim


def log_of_nothing(output, target):
    return np.mean(np.log(output * 0.0) + target)


def training():
    rng = np.random.default_rng(0)
    model = nn.Linear(2, 1, rng=rng)
    data = (np.ones((4, 2)), np.ones((4, 1)))
    with np.errstate(all="ignore"):
        return nn.fit(model, data, log_of_nothing, optim.SGD(0.1), epochs=1, rng=0)


def test_the_error_of_fit_hints_at_the_debugger():
    with pytest.raises(FloatingPointError, match=r"within `with ad\.debug\(\):`"):
        training()


def test_the_debugger_names_the_line_within_fit():
    with ad.debug(), pytest.raises(ad.errors.NonFiniteError) as caught:
        training()
    assert "return np.mean(np.log(output * 0.0) + target)" == caught.value.text
    assert "np.log" == caught.value.operation
