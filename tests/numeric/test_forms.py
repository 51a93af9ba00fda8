"""Numerical derivatives come in the forms of the exact ones."""

import numpy as np
import pytest

import adjoint as ad

METHODS = ("forward", "central", "complex", "richardson")
RNG = np.random.default_rng(1)


def assert_like(given, expected, tolerance=1e-5):
    leaves, structure = ad.tree.flatten(given)
    known, of_known = ad.tree.flatten(expected)
    assert of_known == structure
    for one, other in zip(leaves, known, strict=True):
        assert type(other) is type(one)
        assert other.shape == one.shape
        assert other.dtype == one.dtype
        np.testing.assert_allclose(one, other, rtol=tolerance, atol=tolerance)


def weighted(p):
    return p["a"] * np.sum(p["b"] ** 2) + p["c"][0] * p["c"][1]


TREE = {"a": 2.0, "b": RNG.normal(size=(2, 3)), "c": [np.float64(0.5), np.array(3.0)]}


@pytest.mark.parametrize("method", METHODS)
def test_gradients_of_trees(method):
    assert_like(ad.numeric.grad(weighted, method=method)(TREE), ad.grad(weighted)(TREE))


@pytest.mark.parametrize("method", METHODS)
def test_hessians_of_trees(method):
    given = ad.numeric.hessian(weighted, method=method)(TREE)
    assert_like(given, ad.hessian(weighted)(TREE), 1e-3)


@pytest.mark.parametrize("method", METHODS)
def test_jacobians_from_trees_to_trees(method):
    def f(p):
        return (p["a"] * p["b"], [np.sum(p["c"][1] * p["b"], axis=0)])

    given = ad.numeric.jacobian(f, method=method)(TREE)
    assert_like(given, ad.jacobian(f)(TREE))


@pytest.mark.parametrize("method", METHODS)
def test_several_arguments_and_keywords(method):
    def f(x, y, *, power):
        return np.sum(x**power) * y

    x = np.array([1.0, 2.0])
    given = ad.numeric.grad(f, argnums=(1, 0), method=method)(x, 3.0, power=2)
    assert_like(given, ad.grad(f, argnums=(1, 0))(x, 3.0, power=2))


def test_other_arguments_may_be_anything():
    def f(x, name):
        return x * len(name)

    assert ad.numeric.grad(f, method="complex")(2.0, "abc") == 3.0


def test_integers_are_taken_as_floats():
    assert ad.numeric.grad(lambda x: x * x, method="complex")(3) == 6.0


def test_an_empty_array_has_an_empty_gradient():
    assert ad.numeric.grad(np.sum)(np.zeros((0, 2))).shape == (0, 2)
    assert ad.numeric.hessian(np.sum)(np.zeros(0)).shape == (0, 0)
    assert ad.numeric.grad(np.sum, method="complex")(np.zeros(0)).shape == (0,)


def test_the_function_may_write_into_its_argument():
    def f(x):
        x *= 2.0
        return np.sum(x * x)

    x = np.array([1.0, 2.0])
    np.testing.assert_allclose(ad.numeric.grad(f)(x), [8.0, 16.0], rtol=1e-8)
    np.testing.assert_array_equal(x, [1.0, 2.0])


def test_a_function_may_return_the_same_buffer_each_time():
    out = np.zeros(2)

    def f(x):
        out[:] = x * x
        return out

    given = ad.numeric.jacobian(f)(np.array([1.0, 2.0]))
    np.testing.assert_allclose(given, [[2.0, 0.0], [0.0, 4.0]], rtol=1e-8)


def test_gradients_can_be_differentiated_numerically():
    given = ad.numeric.jacobian(ad.grad(np.prod), method="central")(np.arange(1.0, 4.0))
    np.testing.assert_allclose(
        given, ad.hessian(np.prod)(np.arange(1.0, 4.0)), atol=1e-8
    )
