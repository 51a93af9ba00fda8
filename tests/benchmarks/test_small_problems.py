"""The problems of the suites small, batched and sparse, at tiny sizes.

Derivatives by hand are compared with central differences of the function and with
Adjoint's; a contender's other writing of a function with the function.
"""

import numpy as np
import pytest
import scipy.sparse
from benchmarks.agreement import disagreement
from benchmarks.problems import (
    banded,
    brusselator,
    gradbench_ba as ba,
    pendulum,
    rosenbrock,
)

import adjoint as ad

ROUNDING = 1e-12
"""Of derivatives computed in two ways, relative to the largest entry."""

DIFFERENCES = 1e-8
"""Of central differences: steps of 1e-5 err by about 1e-10 times the third derivative,
and rounding by 1e-11 times the value."""

STEP = 1e-5


def differences(f, x):
    """The Jacobian of f by central differences."""
    columns = [(f(x + e) - f(x - e)) / (2 * STEP) for e in STEP * np.eye(x.size)]
    return np.stack(columns, axis=-1)


def gradient_by_hand(x):
    return rosenbrock.value_and_gradient_by_hand(x)[1]


def rosenbrock_gradient(x):
    return ad.grad(rosenbrock.valley)(x)


JACOBIANS = {
    "bundle": (ba.reprojection_error, ba.jacobian_by_hand, ba.inputs()),
    "pendulum": (pendulum.motion, pendulum.jacobian_by_hand, pendulum.inputs()),
    "brusselator": (
        brusselator.rates,
        brusselator.sparse_jacobian_by_hand,
        brusselator.inputs(4),
    ),
    "banded": (banded.residuals, banded.sparse_jacobian_by_hand, banded.inputs(9)),
    "rosenbrock": (rosenbrock.valley, gradient_by_hand, rosenbrock.inputs(6)),
    "rosenbrock, second order": (
        rosenbrock_gradient,
        rosenbrock.hessian_by_hand,
        rosenbrock.inputs(6),
    ),
    "rosenbrock, second order, sparse": (
        rosenbrock_gradient,
        rosenbrock.sparse_hessian_by_hand,
        rosenbrock.inputs(6),
    ),
}


@pytest.mark.parametrize("name", JACOBIANS)
def test_by_hand_is_the_limit_of_central_differences(name):
    f, by_hand, (x, data) = JACOBIANS[name]
    expected = differences(lambda x: f(x, *data), x)
    assert disagreement(by_hand(x, *data), expected, DIFFERENCES) == ""


@pytest.mark.parametrize("name", JACOBIANS)
def test_adjoint_agrees_with_what_was_written_by_hand(name):
    f, by_hand, (x, data) = JACOBIANS[name]
    measured = ad.jacobian(f)(x, *data)
    assert disagreement(measured, by_hand(x, *data), ROUNDING) == ""


def test_rosenbrock_by_hand_gives_the_value_too():
    x, _ = rosenbrock.inputs(6)
    value, _ = rosenbrock.value_and_gradient_by_hand(x)
    assert rosenbrock.valley(x) == pytest.approx(value, rel=ROUNDING)


def test_jacobians_of_a_batch_are_those_of_its_rows(monkeypatch):
    """In blocks, the last of them short."""
    monkeypatch.setattr(ba, "BLOCK", 2)
    x, (feature,) = ba.inputs(5)
    rows = zip(x, feature, strict=True)
    expected = np.stack([ba.jacobian_by_hand(*row) for row in rows])
    assert disagreement(ba.jacobians_by_hand(x, feature), expected, ROUNDING) == ""
    measured = ad.vmap(ad.jacobian(ba.reprojection_error))(x, feature)
    assert disagreement(measured, expected, ROUNDING) == ""


def test_a_single_observation_is_the_first_of_a_batch():
    single, _ = ba.inputs()
    batch, _ = ba.inputs(3)
    np.testing.assert_array_equal(batch[0], single)


def test_rotation_keeps_lengths_and_its_axis():
    rotation = np.array([0.3, -0.2, 0.5])
    x = np.array([1.0, 2.0, -1.0])
    turned = ba.rotate(rotation, x)
    assert np.linalg.norm(x) == pytest.approx(np.linalg.norm(turned))
    np.testing.assert_allclose(rotation, ba.rotate(rotation, rotation))


def test_brusselator_rests_at_its_equilibrium():
    """At u = 1, v = FEED reaction and feed balance, and there is nothing to spread."""
    state = np.repeat([1.0, brusselator.FEED], 9)
    np.testing.assert_allclose(0.0, brusselator.rates(state), atol=1e-13)


def test_brusselator_cell_by_cell_is_the_same_function():
    state, _ = brusselator.inputs(4)
    expected = brusselator.rates(state)
    np.testing.assert_allclose(expected, brusselator.rates_cell_by_cell(state))


def test_sparse_results_are_compared_by_shape_dtype_and_values():
    sparse = scipy.sparse.diags_array([1.0, 2.0])
    assert disagreement(sparse.tocsc(), sparse, ROUNDING) == ""
    assert disagreement(sparse.toarray(), sparse, ROUNDING) == ""
    assert "off by 2" in disagreement(-1.0 * sparse / 2.0 + sparse * 0.5, sparse, 0.1)
    assert "float32" in disagreement(sparse.astype(np.float32), sparse, ROUNDING)
    assert "(3, 3)" in disagreement(scipy.sparse.eye_array(3), sparse, ROUNDING)
    missing = scipy.sparse.csr_array((2, 2))
    assert "off by 2" in disagreement(missing, sparse, ROUNDING)
    assert "off by nan" in disagreement(np.nan * sparse, sparse, ROUNDING)


def test_huge_sparse_results_are_never_filled_up():
    """Filled up, this one would take 8 TB."""
    large = scipy.sparse.eye_array(10**6, format="csr")
    assert disagreement(large.tocoo(), large, ROUNDING) == ""
