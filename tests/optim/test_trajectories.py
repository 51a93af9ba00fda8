"""Optimizers and schedules do what PyTorch's do, to rounding.

What PyTorch does is in trajectories.json, written by write_trajectories.py.
"""

import json
from pathlib import Path

import numpy as np
import pytest

import adjoint as ad
from optim import problem

STORED = json.loads(Path(__file__).with_name("trajectories.json").read_text())

OPTIMIZERS = {
    "sgd": ad.optim.SGD(0.1, weight_decay=0.01),
    "momentum": ad.optim.SGD(0.1, momentum=0.9),
    "nesterov": ad.optim.SGD(0.05, momentum=0.8, nesterov=True, weight_decay=0.02),
    "adagrad": ad.optim.Adagrad(0.1, weight_decay=0.01),
    "rmsprop": ad.optim.RMSProp(0.01, weight_decay=0.01),
    "rmsprop centered": ad.optim.RMSProp(
        0.01, decay=0.9, momentum=0.5, centered=True, eps=1e-4
    ),
    "adam": ad.optim.Adam(0.05),
    "adam settings": ad.optim.Adam(0.02, 0.8, 0.95, eps=1e-3, weight_decay=0.1),
    "adamw": ad.optim.AdamW(0.05, weight_decay=0.1),
    "adamax": ad.optim.Adamax(0.05, weight_decay=0.01),
    "nadam": ad.optim.NAdam(0.05, weight_decay=0.01),
    "lbfgs": ad.optim.LBFGS(history=5),
    "lbfgs far": ad.optim.LBFGS(20.0, history=3),
    "lbfgs near": ad.optim.LBFGS(0.01, history=3),
    "lbfgs without search": ad.optim.LBFGS(0.3, history=4, line_search=None),
}

SCHEDULES = {
    "step": ad.optim.StepDecay(0.5, every=7, factor=0.3),
    "exponential": ad.optim.ExponentialDecay(0.5, 0.9),
    "cosine": ad.optim.CosineDecay(0.5, steps=40, end=0.01),
    "warm-up": ad.optim.WarmUp(0.5, steps=8, start=0.1),
    "one cycle": ad.optim.OneCycle(0.7, steps=40),
    "piecewise": ad.optim.Piecewise([5, 20], [0.5, 0.05, 0.005]),
}


def test_every_stored_trajectory_is_compared():
    assert {*STORED["trajectories"]} == {*OPTIMIZERS}
    assert {*STORED["rates"]} == {*SCHEDULES}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_trajectory_is_that_of_pytorch(name):
    optimizer, params = OPTIMIZERS[name], problem.START
    state = optimizer.init(params)
    value_and_grad = ad.value_and_grad(problem.loss)
    wanted = {int(n): point for n, point in STORED["trajectories"][name].items()}
    for step in range(max(wanted) + 1):
        _, params, state = optimizer.step(value_and_grad, state, params)
        for key, values in wanted.get(step, {}).items():
            np.testing.assert_allclose(
                params[key], values, rtol=1e-10, err_msg=f"{key}, step {step}"
            )


@pytest.mark.parametrize("name", SCHEDULES)
def test_the_rates_are_those_of_pytorch(name):
    wanted = STORED["rates"][name]
    found = [SCHEDULES[name](step) for step in range(len(wanted))]
    np.testing.assert_allclose(found, wanted, rtol=1e-12)
