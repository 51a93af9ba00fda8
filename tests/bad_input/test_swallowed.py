"""Errors in the user's function: ours cannot be swallowed, others pass through."""

import array

import numpy as np
import pytest
import scipy.special

import adjoint as ad
from adjoint import errors

from .judge import assert_says, sentence, total


def swallow(x):
    try:
        return [1.0, 2.0, 3.0][x]
    except TypeError:
        return 0.0


def swallow_everything(x):
    try:
        return {x: 1.0}[x]
    except Exception:  # noqa: BLE001 - what some users write
        return x * x


def swallow_a_store_and_fail(x):
    z = array.array("d", [0.0])
    try:
        z[0] = x
    except TypeError as wrapped:
        raise RuntimeError("cannot store") from wrapped
    return z[0]


@pytest.mark.parametrize(
    "function", [swallow, swallow_everything, swallow_a_store_and_fail]
)
@pytest.mark.parametrize("outer", [False, True], ids=["alone", "nested"])
def test_a_refusal_cannot_be_swallowed(function, outer):
    """The transform raises at its end what a try block has hidden."""
    transform = (lambda f: ad.grad(lambda y: ad.grad(f)(y) * y)) if outer else ad.grad
    assert_says(sentence(errors.ConversionError, transform(function), 2.0), "float64")


def test_a_refusal_of_the_outer_value_inside_an_inner_transform():
    """The level that lost its derivative is the one that raises."""

    def outer(x):
        def inner(y):
            try:
                return y * [1.0, 2.0, 3.0][x]
            except TypeError:
                return y * 1.0

        return ad.grad(inner)(1.0) * x

    assert_says(sentence(errors.ConversionError, ad.grad(outer), 2.0), "index")


def test_errors_of_the_user_pass_through():
    """An exception raised by the function itself stays what it was."""

    def checks(x):
        if x < 0:
            raise ValueError("temperature below zero")
        return x

    with pytest.raises(ValueError, match="temperature below zero") as caught:
        ad.grad(checks)(-1.0)
    assert type(caught.value) is ValueError


def test_errors_of_numpy_pass_through():
    """Shapes that do not broadcast are NumPy's own affair."""
    with pytest.raises(ValueError, match="broadcast") as caught:
        ad.grad(lambda x: np.sum(x * np.ones(4)))(np.ones(3))
    assert not isinstance(caught.value, errors.AdjointError)


def test_transforms_work_after_an_error():
    """A refusal leaves no state behind."""
    for function in (
        lambda x: [1.0, 2.0][x[0]],
        lambda x: np.sum(scipy.special.mathieu_a(1.0, x)),
        lambda x: {x[0]: 1.0}[x[0]],
    ):
        with pytest.raises(errors.AdjointError):
            ad.grad(function)(np.ones(3))
        np.testing.assert_allclose(ad.grad(total)(np.ones(3)), 2.0)
