"""Functions without a rule."""

import numpy as np
import pytest
import scipy.special

import adjoint as ad
from adjoint import errors

from .judge import assert_says, sentence


@pytest.mark.parametrize(
    ("function", "name", "position"),
    [
        (lambda x: scipy.special.mathieu_a(1.0, x), "mathieu_a", 1),
        (scipy.special.gamma, "gamma", 0),
        (lambda x: scipy.special.jv(1.0, x), "jv", 1),
    ],
    ids=["mathieu_a", "gamma", "jv"],
)
def test_a_function_without_rule_is_named(function, name, position):
    """The function, the argument, the line, and how to give it a rule."""
    x = np.full((2, 2), 0.5)
    message = sentence(
        errors.MissingRuleError, ad.grad(lambda x: np.sum(function(x))), x
    )
    assert_says(message, name, f"argument {position}", "test_missing_rules.py")
    assert_says(message, "ad.custom_vjp", "ad.stop_gradient")


def test_a_keyword_without_rule_is_named():
    """A keyword that the rule does not cover (NumPy may gain one) is not dropped."""
    message = sentence(
        errors.MissingRuleError,
        ad.grad(lambda x: np.einsum("i->", x, where=[True, False, True])),
        np.ones(3),
    )
    assert_says(message, "np.einsum", "where=")


def test_a_function_without_rule_may_take_plain_values():
    """Nothing traced, nothing to differentiate."""

    def loss(x):
        weights = np.sort(np.array([3.0, 1.0, 2.0])) * scipy.special.gamma(3.0)
        return np.sum(x * weights)

    np.testing.assert_allclose(ad.grad(loss)(np.ones(3)), [2.0, 4.0, 6.0])
