"""Custom rules around functions that NumPy's protocols do not reach."""

import numpy as np
import pytest
from scipy.special import expit

import adjoint as ad


@ad.custom_vjp
def sigmoid(x):
    """Return 1 / (1 + exp(-x)) by SciPy, which has no derivative rule."""
    return expit(x)


sigmoid.defvjp(
    lambda x: (sigmoid(x), x),
    lambda x, out_bar: (out_bar * sigmoid(x) * (1.0 - sigmoid(x)),),
)

X = np.array([-1.0, 0.0, 2.0])
SLOPE = expit(X) * (1.0 - expit(X))


@pytest.mark.parametrize(
    "derivative",
    [
        ad.elementwise_grad(sigmoid),
        lambda x: ad.jvp(sigmoid, (x,), (np.ones(3),))[1],
        ad.vmap(ad.grad(sigmoid)),
        ad.grad(lambda x: np.sum(ad.vmap(sigmoid)(x))),
        lambda x: np.diag(ad.jacobian(sigmoid)(x)),
    ],
    ids=["reverse", "forward", "vmap of grad", "grad of vmap", "jacobian"],
)
def test_a_scipy_function_with_a_rule_differentiates_in_every_mode(derivative):
    """A rule serves forward and reverse mode and both orders of batching."""
    np.testing.assert_allclose(derivative(X), SLOPE, rtol=1e-14)


def test_its_second_derivative_follows_the_rule():
    """The rule calls the function with a rule, so that it differentiates again."""
    expected = SLOPE * (1.0 - 2.0 * expit(X))
    given = ad.elementwise_grad(ad.elementwise_grad(sigmoid))(X)
    np.testing.assert_allclose(given, expected, rtol=1e-12, atol=1e-16)


def test_a_batch_is_evaluated_sample_by_sample():
    """Where the function cannot take a batch, vmap stacks its samples."""
    np.testing.assert_array_equal(expit(X), ad.vmap(sigmoid)(X))
