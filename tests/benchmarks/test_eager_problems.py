"""Problems of the suites eager and fused: what is written by hand is the derivative."""

import numpy as np
import pytest
from benchmarks.agreement import disagreement
from benchmarks.contenders.adjoint import Adjoint
from benchmarks.contenders.by_hand import ByHand
from benchmarks.problems import chains, elementwise, loops, nested, network
from benchmarks.suites import eager, fused
from scipy.special import ndtr

STEP = 1e-6
"""Of central differences: their error is about 1e-10 where all is of order one."""

TINY = [
    *eager.SUITE.cases,
    *(case for case in fused.SUITE.cases if case.x <= 100),
]


def differences(f, x, *data):
    """Return the gradient of f by central differences, in the form of its argument."""
    if isinstance(x, list):
        return [
            differences(lambda part, i=i: f([*x[:i], part, *x[i + 1 :]], *data), part)
            for i, part in enumerate(x)
        ]
    x = np.asarray(x)
    slopes = np.empty(x.shape)
    for index in np.ndindex(x.shape):
        change = np.zeros(x.shape)
        change[index] = STEP
        slopes[index] = (f(x + change, *data) - f(x - change, *data)) / (2.0 * STEP)
    return slopes


@pytest.mark.parametrize("case", TINY, ids=lambda case: case.name)
def test_by_hand_and_adjoint_give_the_same_answer(case):
    inputs = case.inputs()
    answer = Adjoint().prepare(case, inputs)()
    assert not disagreement(answer, ByHand().prepare(case, inputs)(), case.tolerance)


def test_nothing_is_said_to_be_missing():
    assert [] == [case.name for case in TINY if "adjoint" in case.not_yet]


@pytest.mark.parametrize("name", eager.CHAINS_ON_ARRAYS)
def test_gradients_of_chains_are_difference_quotients(name):
    case = eager.CHAINS_ON_ARRAYS[name]
    x, (c, _) = case.inputs()
    expected = differences(getattr(chains, case.function), x, c, 5)
    assert not disagreement(getattr(chains, case.by_hand)(x, c, 5), expected, 1e-7)


@pytest.mark.parametrize("name", ["sin", "multiply_add"])
def test_chains_along_ones_are_difference_quotients(name):
    f, along_ones = getattr(chains, name), getattr(chains, f"{name}_along_ones")
    c = 0.4
    value, slope = along_ones(0.7, c, 5)
    assert f(0.7, c, 5) == value
    expected = differences(f, 0.7, c, 5)
    assert not disagreement(np.asarray(slope), expected, 1e-7)


@pytest.mark.parametrize(
    ("f", "by_hand", "data"),
    [
        (loops.neighbours, loops.neighbours_by_hand, ()),
        (loops.smoothed, loops.smoothed_by_hand, ()),
        (loops.heat, loops.heat_by_hand, (3,)),
    ],
)
def test_gradients_of_loops_are_difference_quotients(f, by_hand, data):
    x = np.random.default_rng(1).uniform(0.5, 1.0, 6)
    assert not disagreement(by_hand(x, *data), differences(f, x, *data), 1e-7)


@pytest.mark.parametrize("formula", fused.FORMULAS, ids=lambda one: one.name)
def test_gradients_of_formulas_are_difference_quotients(formula):
    x, data = formula.inputs(4, np.float64)
    f = getattr(elementwise, formula.function)
    value, gradient = getattr(elementwise, f"{formula.function}_by_hand")(x, *data)
    assert f(x, *data) == pytest.approx(value, rel=1e-14)
    # The sum of prices is some 50, and so is the rounding of its differences.
    assert not disagreement(gradient, differences(f, x, *data), 1e-6)


def test_the_gradient_of_the_tanh_chain_is_difference_quotients():
    x = np.random.default_rng(1).uniform(0.5, 1.0, 3)
    _, gradient = elementwise.tanh_chain_by_hand(x, 4)
    expected = differences(elementwise.tanh_chain, x, 4)
    assert not disagreement(gradient, expected, 1e-7)


def test_the_distribution_function_is_the_normal_one():
    x = np.linspace(-4.0, 4.0, 81)
    np.testing.assert_allclose(elementwise.normal_cdf(x), ndtr(x), atol=7.5e-8)


def test_the_gradient_of_the_network_is_difference_quotients(monkeypatch):
    monkeypatch.setattr(network, "LAYERS", (4, 3, 3, 2))
    parameters, data = network.inputs(np.float64, 5)
    value, gradient = network.cross_entropy_by_hand(parameters, *data)
    assert network.cross_entropy(parameters, *data) == pytest.approx(value, rel=1e-14)
    expected = differences(network.cross_entropy, parameters, *data)
    assert not disagreement(gradient, expected, 1e-7)


def test_the_hessian_product_is_a_difference_of_gradients():
    rng = np.random.default_rng(1)
    x, directions = rng.normal(size=3), rng.normal(size=(4, 3))

    def slope(shift):
        return differences(nested.ridge_sum, x + shift, directions)

    step = 1e-3  # the gradients are good to 1e-10 only
    expected = (slope(step) - slope(-step)) / (2.0 * step)
    product = nested.ridge_sum_hvp_by_hand(x, directions)
    assert not disagreement(product, expected, 1e-4)


def test_the_third_derivative_is_a_third_difference():
    def f(i):
        return nested.exp_of_sin(0.7 + i * 1e-3)

    third = (f(2) - 2.0 * f(1) + 2.0 * f(-1) - f(-2)) / 2e-9
    assert nested.exp_of_sin_third_by_hand(0.7) == pytest.approx(third, rel=1e-5)
