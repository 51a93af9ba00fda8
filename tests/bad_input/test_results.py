"""Results that cannot be differentiated, or do not depend on the input."""

import numpy as np
import pytest

import adjoint as ad
from adjoint import errors

from .judge import assert_says, sentence, total

# Results that cannot be differentiated


@pytest.mark.parametrize("transform", [ad.grad, ad.value_and_grad])
def test_array_results_are_refused_with_their_shape(transform):
    """The shape of the result, and the transforms that take arrays."""
    message = sentence(
        errors.OutputError, transform(lambda x: x * 2.0), np.ones((2, 3))
    )
    assert_says(message, "(2, 3)", "ad.jacobian")


def test_array_results_name_the_cures():
    """ad.jacobian for all slopes, ad.elementwise_grad for one an element."""
    message = sentence(errors.OutputError, ad.grad(np.sin), np.ones(3))
    assert_says(message, "grad", "(3,)", "ad.jacobian", "ad.elementwise_grad")


def test_an_array_of_one_element_is_an_array():
    """Shape (1,) is not a scalar."""
    assert_says(sentence(errors.OutputError, ad.grad(np.sin), np.ones(1)), "(1,)")


@pytest.mark.parametrize(
    ("result", "given"),
    [
        (lambda x: (np.sum(x), 1.0), "tuple"),
        (lambda x: None, "None"),
        (lambda x: "text", "str"),
        (lambda x: {"loss": np.sum(x)}, "dict"),
        (lambda x: [np.sum(x)], "list"),
    ],
    ids=["tuple", "None", "str", "dict", "list"],
)
def test_results_that_are_no_number_say_what_they_are(result, given):
    """A forgotten return, or an auxiliary value without has_aux."""
    assert_says(sentence(errors.OutputError, ad.grad(result), np.ones(2)), given)


def test_aux_that_is_not_a_pair():
    """has_aux=True wants the pair (value, aux)."""
    message = sentence(errors.TreeError, ad.grad(total, has_aux=True), np.ones(2))
    assert_says(message, "has_aux=True", "(value, aux)")
    assert "Taped" not in message


# Results that do not depend on the input


@pytest.mark.parametrize(
    "constant",
    [
        lambda x: 3.0,
        lambda x: np.float64(3.0),
        lambda x: np.sum(np.ones(3)),
        lambda x: np.array(3.0),
        lambda x: 0.0 * np.sum(x),
        lambda x: float(np.argmax(x)),
        np.argmax,
        lambda x: np.sum(x.astype(int)),
        lambda x: float(x.shape[0]),
        lambda x: np.sum(np.floor(x)),
        lambda x: np.sum(ad.stop_gradient(x)),
        lambda x: np.sum(np.zeros_like(x)),
    ],
)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_constant_result_has_zero_gradient(constant, dtype):
    """No error: a derivative exists and is zero, in the form of the input."""
    x = np.array([0.5, 1.5, 2.5], dtype)
    slopes = ad.grad(constant)(x)
    assert (np.ndarray, dtype, (3,)) == (type(slopes), slopes.dtype, slopes.shape)
    np.testing.assert_array_equal(slopes, np.zeros(3))
    _, tangent = ad.jvp(constant, (x,), (np.ones(3, dtype),))
    assert tangent == 0.0


def test_an_argument_not_used_has_zero_gradient():
    """Each leaf in its own form, used or not."""
    params = {"used": 2.0, "unused": np.ones((2, 2)), "empty": np.ones(0)}
    slopes = ad.grad(lambda p: p["used"] ** 2)(params)
    assert slopes["used"] == 4.0
    np.testing.assert_array_equal(slopes["unused"], np.zeros((2, 2)), strict=True)
    np.testing.assert_array_equal(slopes["empty"], np.zeros(0), strict=True)


def test_constant_results_have_zero_jacobians_and_hessians():
    """Shapes of results times shapes of inputs, filled with zeros."""
    for transform in (ad.jacobian, ad.jacfwd, ad.jacrev):
        zeros = transform(lambda x: np.ones(2))(np.ones(3))
        np.testing.assert_array_equal(zeros, np.zeros((2, 3)))
    np.testing.assert_array_equal(ad.hessian(np.sum)(np.ones(3)), np.zeros((3, 3)))
