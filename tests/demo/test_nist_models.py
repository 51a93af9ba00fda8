"""The eight models against certified values and complex-step derivatives."""

import numpy as np
import pytest

import adjoint as ad
from adjoint._demo.nist.data import load
from adjoint._demo.nist.fit import residual_function
from adjoint._demo.nist.models import MODELS

COMPLEX_STEP = 1e-30


def complex_step_jacobian(function, b):
    """Return the Jacobian of an analytic function, exact to rounding."""
    steps = 1j * COMPLEX_STEP * np.eye(b.size)
    return np.stack([function(b + h).imag / COMPLEX_STEP for h in steps], axis=1)


@pytest.mark.parametrize("name", MODELS)
def test_certified_parameters_give_the_certified_sum_of_squares(name):
    """At the certified minimum the sum of squares agrees to its printed digits."""
    data_set = load(name)
    residuals = residual_function(data_set)(data_set.parameters)
    # Eleven digits are printed: half a unit of the last is at most 5e-11.
    np.testing.assert_allclose(
        data_set.residual_sum_of_squares, residuals @ residuals, rtol=6e-11
    )


@pytest.mark.parametrize("mode", ["auto", "forward", "reverse"])
@pytest.mark.parametrize("name", MODELS)
def test_jacobian_agrees_with_the_complex_step(name, mode):
    """The exact Jacobian is right at both starting points and at the minimum."""
    data_set = load(name)
    residuals = residual_function(data_set)
    for b in (*data_set.starts, data_set.parameters):
        expected = complex_step_jacobian(residuals, b)
        found = ad.jacobian(residuals, mode=mode)(b)
        # Entries of one column cancel to different degrees: compare with its largest.
        scale = np.abs(expected).max(axis=0)
        np.testing.assert_allclose(
            expected / scale, found / scale, rtol=1e-13, atol=1e-14
        )
