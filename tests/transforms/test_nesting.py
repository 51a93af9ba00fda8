"""Transforms inside transforms: levels are never confused."""

import threading

import numpy as np
import pytest

import adjoint as ad
from transforms.compare import assert_close, assert_same


def forward(f):
    """The derivative of a function of one number, by forward mode."""
    return lambda x: ad.jvp(f, (x,), (1.0,))[1]


def pulled(f):
    """The derivative by a pullback."""
    return lambda x: ad.vjp(f, x)[1](1.0)[0]


def pushed(f):
    """The derivative by linearize."""
    return lambda x: ad.linearize(f, x)[1](1.0)


DERIVATIVES = {
    "grad": ad.grad,
    "jvp": forward,
    "vjp": pulled,
    "linearize": pushed,
    "jacfwd": ad.jacfwd,
    "jacrev": ad.jacrev,
}
OUTER = pytest.mark.parametrize("outer", DERIVATIVES.values(), ids=DERIVATIVES)
INNER = pytest.mark.parametrize("inner", DERIVATIVES.values(), ids=DERIVATIVES)


@OUTER
@INNER
def test_perturbation_confusion(outer, inner):
    """d/dx x d/dy (x + y) = 1 (Siskind & Pearlmutter 2005)."""
    assert_same(np.float64(1.0), outer(lambda x: x * inner(lambda y: x + y)(1.0))(1.0))


@OUTER
@INNER
def test_a_product_with_the_outer_value(outer, inner):
    """d/dx x d/dy (x y²) at y = 3: 2 x · 6."""
    f = lambda x: x * inner(lambda y: x * y * y)(3.0)  # noqa: E731
    assert_close(24.0, outer(f)(2.0))


@OUTER
@INNER
def test_the_inner_point_is_the_outer_value(outer, inner):
    """d/dy x y³ at y = x is 3 x³, whose derivative at x = 2 is 36."""
    f = lambda x: inner(lambda y: x * y**3)(x)  # noqa: E731
    assert_close(36.0, outer(f)(2.0))


@OUTER
@INNER
def test_an_inner_derivative_that_is_constant(outer, inner):
    """The inner function ignores its own variable."""
    assert_same(np.float64(0.0), outer(lambda x: inner(lambda y: x * x)(3.0))(2.0))
    f = lambda x: x * x + inner(lambda y: x)(3.0)  # noqa: E731
    assert_same(np.float64(4.0), outer(f)(2.0))


@pytest.mark.parametrize("name", DERIVATIVES)
def test_third_and_fourth_derivatives(name):
    """Of x³ and of the sine, by one mode throughout."""
    d = DERIVATIVES[name]
    cube = lambda x: x**3  # noqa: E731
    assert_close(6.0, d(d(d(cube)))(2.0))
    assert_close(0.0, d(d(d(d(cube))))(2.0))
    assert_close(-np.cos(0.7), d(d(d(np.sin)))(0.7))
    assert_close(np.sin(0.7), d(d(d(d(np.sin))))(0.7))


@OUTER
@INNER
def test_third_derivatives_of_mixed_modes(outer, inner):
    """Alternating two modes."""
    assert_close(-np.cos(0.7), outer(inner(outer(np.sin)))(0.7))
    assert_close(-np.cos(0.7), inner(inner(outer(np.sin)))(0.7))


@OUTER
def test_derivative_of_a_function_with_a_hessian(outer):
    """d/dx of the trace of the Hessian of x Σ y³."""

    def f(x):
        h = ad.hessian(lambda y: x * np.sum(y**3))(np.array([1.0, 2.0]))
        return h[0, 0] + h[1, 1]

    assert_close(18.0, outer(f)(5.0))


def test_vmap_with_derivatives():
    """vmap of grad, grad of vmap, Hessians in vmap, vmap of vmap."""
    x = np.linspace(0.1, 1.0, 4)
    f = lambda x: np.sin(x) * x  # noqa: E731
    slope = np.cos(x) * x + np.sin(x)
    curvature = 2.0 * np.cos(x) - np.sin(x) * x
    assert_close(slope, ad.vmap(ad.grad(f))(x))
    assert_close(slope, ad.grad(lambda x: np.sum(ad.vmap(f)(x)))(x))
    assert_close(curvature, ad.vmap(ad.hessian(f))(x))
    assert_close(curvature, ad.vmap(ad.grad(ad.grad(f)))(x))
    m = np.outer(x, x)
    assert_close(np.cos(m) * m + np.sin(m), ad.vmap(ad.vmap(ad.grad(f)))(m))
    h = ad.vmap(ad.hessian(lambda x: np.sum(x**3)))(m)
    assert_close(np.stack([np.diag(6.0 * row) for row in m]), h)
    assert_close(np.diag(slope), ad.jacrev(ad.vmap(f))(x))
    assert_close(np.diag(slope), ad.jacfwd(ad.vmap(f))(x))
    assert_close(np.diag(curvature), ad.jacfwd(ad.vmap(ad.grad(f)))(x))


def test_a_mapped_function_closes_over_an_outer_value():
    """The outer value is the same for all samples, its gradient their sum."""
    x = np.arange(1.0, 4.0)
    f = lambda w: np.sum(ad.vmap(lambda x: w * x * x)(x))  # noqa: E731
    assert_close(14.0, ad.grad(f)(2.0))
    assert_close(14.0, ad.jacfwd(f)(2.0))
    g = lambda w: np.sum(ad.vmap(ad.grad(lambda x: w * w * x * x))(x))  # noqa: E731
    assert_close(48.0, ad.grad(g)(2.0))


def test_a_vmapped_outer_value_in_an_inner_derivative():
    """Each sample has an inner derivative of its own."""
    x = np.arange(1.0, 4.0)
    given = ad.vmap(lambda a: ad.grad(lambda y: a * y**2)(a))(x)
    assert_close(2.0 * x * x, given)
    given = ad.vmap(lambda a: ad.jacfwd(lambda y: a * y)(np.ones(2)))(x)
    assert_close(x[:, None, None] * np.eye(2), given)
    given = ad.vmap(lambda a: ad.jacrev(lambda y: a * y)(np.ones(2)))(x)
    assert_close(x[:, None, None] * np.eye(2), given)


def test_gradient_descent_differentiated():
    """The derivative of three steps of an inner optimisation by its step width."""

    def trained(width):
        x = np.array([1.0, 2.0])
        for _ in range(3):
            x = x - width * ad.grad(lambda x: np.sum(x * x))(x)
        return np.sum(x)

    assert_close(3.0 * 3.0 * (1.0 - 0.2) ** 2 * -2.0, ad.grad(trained)(0.1))
    assert_close(ad.grad(trained)(0.1), ad.jvp(trained, (0.1,), (1.0,))[1])


def test_inner_gradients_of_trees_and_forms():
    """Inside an outer transform the forms are the same."""

    def f(x):
        gradient = ad.grad(lambda p: p["a"] * x + p["b"][0] ** 2)({"a": 1.0, "b": [x]})
        assert {"a", "b"} == set(gradient)
        return gradient["a"] * gradient["b"][0]

    assert_close(8.0, ad.grad(f)(2.0))
    assert_close(8.0, ad.jvp(f, (2.0,), (1.0,))[1])


def test_four_threads():
    """Gradients of one shared large array at once, each right, the array writable."""
    x = np.linspace(0.0, 1.0, 20_000)
    results, errors = {}, []
    start = threading.Barrier(4)

    def work(k):
        try:
            start.wait()
            for _ in range(5):
                scaled = lambda x: np.sum(np.sin(x * (k + 1.0)) * x)  # noqa: E731
                gradient = ad.grad(scaled)(x)
                bar = ad.vjp(scaled, x)[1](1.0)[0]
                np.testing.assert_array_equal(gradient, bar)
                results[k] = gradient
        except BaseException as error:  # noqa: BLE001 - reported by the test
            errors.append(error)

    threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [] == errors
    for k in range(4):
        a = k + 1.0
        assert_close(np.cos(x * a) * a * x + np.sin(x * a), results[k], atol=1e-12)
    assert x.flags.writeable
