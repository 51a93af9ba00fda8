"""Inputs that cannot be differentiated."""

import numpy as np
import pytest

import adjoint as ad
from adjoint import errors

from .judge import assert_says, sentence, total

FIRST_ORDER_OF_ONE_ARGUMENT = {
    "grad": ad.grad,
    "value_and_grad": ad.value_and_grad,
    "elementwise_grad": ad.elementwise_grad,
    "jacfwd": ad.jacfwd,
    "jacrev": ad.jacrev,
    "jacobian": ad.jacobian,
    "hessian": ad.hessian,
}


@pytest.mark.parametrize("name", FIRST_ORDER_OF_ONE_ARGUMENT)
@pytest.mark.parametrize(
    ("x", "given"),
    [
        (np.arange(3), "int64"),
        (np.array(2, np.int32), "int32"),
        (np.arange(3, dtype=np.uint8), "uint8"),
        (np.array([True, False]), "bool"),
    ],
    ids=["integers", "integer 0-d", "unsigned", "booleans"],
)
def test_integer_arrays_are_named_with_their_cure(name, x, given):
    """The transform, the dtype, the shape, and `.astype(float)`."""
    message = sentence(errors.InputError, FIRST_ORDER_OF_ONE_ARGUMENT[name](total), x)
    assert_says(message, name, given, ".astype(float)")


@pytest.mark.parametrize(
    "call",
    [
        lambda x: ad.jvp(total, (x,), (np.ones(3),)),
        lambda x: ad.vjp(total, x),
        lambda x: ad.linearize(total, x),
        lambda x: ad.hvp(total, (x,), (np.ones(3),)),
    ],
    ids=["jvp", "vjp", "linearize", "hvp"],
)
def test_integer_arrays_are_refused_by_the_other_transforms(call):
    """The same sentence where primals are given beside tangents."""
    assert_says(sentence(errors.InputError, call, np.arange(3)), ".astype(float)")


@pytest.mark.parametrize("name", FIRST_ORDER_OF_ONE_ARGUMENT)
def test_none_is_refused_but_within_containers(name):
    """There it stands for a value that is missing, and stays."""
    message = sentence(
        errors.InputError, FIRST_ORDER_OF_ONE_ARGUMENT[name](total), None
    )
    assert_says(message, name, "argument 0, None.")
    params = {"weights": 3.0, "bias": None}
    slopes = ad.grad(lambda params: params["weights"] ** 2)(params)
    assert {"weights": 6.0, "bias": None} == slopes


@pytest.mark.parametrize(
    ("call", "cure"),
    [
        (lambda x: np.arange(5.0)[x], "int(ad.stop_gradient(x))"),
        (lambda x: np.arange(5.0)[x * np.ones(2)], "ad.stop_gradient(x).astype(int)"),
    ],
    ids=["number", "array"],
)
def test_a_traced_index_is_refused_with_its_cure(call, cure):
    message = sentence(errors.ConversionError, ad.grad(lambda x: np.sum(call(x))), 1.0)
    assert_says(message, "using x as an index", f"Use {cure}; or")


def test_an_integer_leaf_is_named_by_its_path():
    """Deep in a container, the path leads to the leaf."""
    params = {"layers": [(np.ones(2), np.arange(2))], "scale": 1.0}

    def loss(params):
        weights, bias = params["layers"][0]
        return np.sum(weights * bias) * params["scale"]

    message = sentence(errors.InputError, ad.grad(loss), params)
    assert_says(message, "['layers'][0][1]", "int64", ".astype(float)")


def test_an_integer_argument_is_named_by_its_position():
    """With several arguments, the one at fault is told apart."""

    def loss(x, y):
        return np.sum(x * y)

    message = sentence(
        errors.InputError, ad.grad(loss, argnums=(0, 1)), np.ones(2), np.arange(2)
    )
    assert_says(message, "argument 1", "int64")


@pytest.mark.parametrize(
    ("x", "given"),
    [
        ("text", "str"),
        (True, "bool"),
        (np.array(["a"]), "<U1"),
        (np.array([1.0, None]), "object"),
        (np.array(["2020-01-01"], "datetime64[D]"), "datetime64"),
    ],
    ids=[
        "str",
        "bool",
        "str array",
        "object",
        "date",
    ],
)
def test_other_inputs_are_named_by_what_they_are(x, given):
    """Whatever is no floating-point number says what it is."""
    assert_says(sentence(errors.InputError, ad.grad(lambda x: x), x), "grad", given)


@pytest.mark.parametrize("x", [3, np.int64(3), np.float64(3.0), np.array(3.0)])
def test_integer_numbers_promote(x):
    """A Python or NumPy integer scalar is taken for the float it means."""
    assert ad.grad(lambda x: x * x)(x) == 6.0


def test_arguments_not_differentiated_may_be_anything():
    """Only the leaves under argnums must be floats."""

    def loss(x, n, name, flags):
        return np.sum(x**n) if name and flags["on"] is None else x[0]

    slopes = ad.grad(loss)(np.array([1.0, 2.0]), 3, "loss", {"on": None})
    np.testing.assert_allclose(slopes, [3.0, 12.0])


@pytest.mark.parametrize("argnums", [1, -2, (0, 1)])
def test_an_argument_that_is_not_there(argnums):
    """argnums beyond the arguments given."""
    with pytest.raises((errors.InputError, errors.TreeError)) as caught:
        ad.grad(total, argnums=argnums)(np.ones(2))
    assert_says(str(caught.value), "argnums")
