"""Tangents, cotangents and batches that do not fit."""

import numpy as np
import pytest

import adjoint as ad
from adjoint import errors

from .judge import assert_says, sentence


def assert_both_shapes_are_named(call):
    """What has another shape than an array of three, or would broadcast to it."""
    for other, shape in ((np.ones(2), "(2,)"), (np.ones(1), "(1,)"), (1.0, "()")):
        message = sentence(errors.ShapeError, call, np.ones(3), other)
        assert_says(message, "(3,)", shape)


@pytest.mark.parametrize(
    "call",
    [
        lambda x, v: ad.jvp(np.sin, (x,), (v,)),
        lambda x, v: ad.linearize(np.sin, x)[1](v),
        lambda x, v: ad.hvp(lambda x: np.sum(x**3), (x,), (v,)),
        lambda x, v: ad.hvp(lambda x: np.sum(x**3), x, v),
    ],
    ids=["jvp", "linearize", "hvp", "hvp of bare arrays"],
)
def test_a_tangent_of_another_shape(call):
    """Both shapes are named; a tangent that would broadcast does not fit either."""
    assert_both_shapes_are_named(call)


@pytest.mark.parametrize(
    "call",
    [
        lambda x, w: ad.vjp(np.sin, x)[1](w),
    ],
    ids=["vjp"],
)
def test_a_cotangent_of_another_shape(call):
    """Both shapes are named."""
    assert_both_shapes_are_named(call)


@pytest.mark.parametrize(
    ("primals", "tangents"),
    [
        (({"a": 1.0, "b": 2.0},), ({"a": 1.0},)),
        (((1.0, 2.0),), ([1.0, 2.0],)),
        (((1.0, 2.0),), ((1.0, 2.0, 3.0),)),
    ],
    ids=["missing key", "list for tuple", "one too many"],
)
def test_a_tangent_of_another_tree(primals, tangents):
    """Both structures are shown."""

    def loss(tree):
        return sum(tree.values()) if isinstance(tree, dict) else sum(tree)

    assert_says(sentence(errors.TreeError, ad.jvp, loss, primals, tangents), "tangent")


def test_too_many_tangents():
    """One tangent for each primal."""
    message = sentence(errors.TreeError, ad.jvp, np.sin, (1.0,), (1.0, 2.0))
    assert_says(message, "tangents", "primals")


def test_a_cotangent_of_another_tree():
    """The pullback of a pair wants a pair."""
    _, pullback = ad.vjp(lambda x: (np.sin(x), np.cos(x)), 1.0)
    assert_says(sentence(errors.TreeError, pullback, 1.0), "cotangent")
    assert_says(sentence(errors.TreeError, pullback, (1.0, 2.0, 3.0)), "cotangent")


@pytest.mark.parametrize("bad", ["text", None, np.array(["a", "b", "c"])])
def test_a_tangent_that_is_no_number(bad):
    """A tangent is a number or an array of numbers."""
    with pytest.raises((errors.InputError, errors.ShapeError, errors.TreeError)):
        ad.jvp(np.sin, (np.ones(3),), (bad,))


def test_batches_of_different_sizes():
    """vmap maps all its arguments over one axis length."""
    message = sentence(
        errors.ShapeError, ad.vmap(lambda x, y: x * y), np.ones(3), np.ones(2)
    )
    assert_says(message, "vmap", "3", "2")
