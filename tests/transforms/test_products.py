"""jvp, vjp, linearize and hvp: products of Jacobians and Hessians with vectors."""

import numpy as np
import pytest

import adjoint as ad
from transforms.compare import assert_close, assert_disjoint, assert_same


def field(x, y):
    """A map of R³ x R to a tree of a vector, a number, and constants."""
    return {
        "vector": np.sin(x) * y + x[::-1],
        "pair": (np.sum(x * x) * y, 7.0),
        "constant": np.array([1.0, 2.0]),
    }


X, Y = np.array([0.5, -1.0, 2.0]), 3.0
V, DY = np.array([1.0, 2.0, -1.0]), 0.5

EXPECTED_OUT = {
    "vector": np.sin(X) * Y + X[::-1],
    "pair": (np.sum(X * X) * Y, 7.0),
    "constant": np.array([1.0, 2.0]),
}
EXPECTED_DOT = {
    "vector": np.cos(X) * V * Y + np.sin(X) * DY + V[::-1],
    "pair": (2.0 * np.sum(X * V) * Y + np.sum(X * X) * DY, 0.0),
    "constant": np.zeros(2),
}
W = {
    "vector": np.array([1.0, -1.0, 2.0]),
    "pair": (2.0, 5.0),
    "constant": np.array([3.0, 4.0]),
}
EXPECTED_BARS = (
    np.cos(X) * Y * W["vector"] + W["vector"][::-1] + 2.0 * (2.0 * X * Y),
    np.sum(np.sin(X) * W["vector"]) + 2.0 * np.sum(X * X),
)


def test_jvp_of_a_tree():
    """Value and tangent have the tree of the result; constants have tangent zero."""
    out, dot = ad.jvp(field, (X, Y), (V, DY))
    assert_close(EXPECTED_OUT, out)
    assert_close(EXPECTED_DOT, dot)


def test_linearize_agrees_with_jvp():
    """The pushforward gives the same tangents for many directions, the result once."""
    calls = []

    def counted(x, y):
        calls.append(1)
        return field(x, y)

    out, pushforward = ad.linearize(counted, X, Y)
    assert_close(EXPECTED_OUT, out)
    for scale in (1.0, -2.0, 0.0, 1.0):
        expected = ad.tree.map(lambda leaf: scale * leaf, EXPECTED_DOT)  # noqa: B023
        assert_close(expected, pushforward(scale * V, scale * DY))
    assert 1 == len(calls)


def test_vjp_of_a_tree():
    """The pullback returns one cotangent per argument, however often it is called."""
    out, pullback = ad.vjp(field, X, Y)
    assert_close(EXPECTED_OUT, out)
    assert_close(EXPECTED_BARS, pullback(W))
    pullback(ad.tree.map(lambda leaf: 10.0 * leaf, W))
    assert_close(EXPECTED_BARS, pullback(W))


def test_pullback_and_pushforward_are_adjoint():
    """<w, J v> = <Jᵀ w, v>."""
    dot = ad.tree.leaves(ad.jvp(field, (X, Y), (V, DY))[1])
    weights = ad.tree.leaves(W)
    bar_x, bar_y = ad.vjp(field, X, Y)[1](W)
    left = sum(float(np.sum(w * d)) for w, d in zip(weights, dot, strict=True))
    assert left == pytest.approx(float(bar_x @ V + bar_y * DY), rel=1e-13)


def test_pullbacks_return_tuples():
    """One argument gives a tuple of one, of the argument's tree."""
    _, pullback = ad.vjp(lambda p: p["a"] * p["b"], {"a": 2.0, "b": np.float32(5.0)})
    assert_same(({"a": np.float64(5.0), "b": np.float32(2.0)},), pullback(1.0))


def test_has_aux():
    """The third part of the result is what the function handed out."""

    def f(x):
        return x * x, {"twice": 2.0 * x, "name": "square"}

    aux = {"twice": 6.0, "name": "square"}
    assert_same((9.0, np.float64(6.0), aux), ad.jvp(f, (3.0,), (1.0,), has_aux=True))
    out, pullback, given = ad.vjp(f, 3.0, has_aux=True)
    assert_same((9.0, (np.float64(6.0),), aux), (out, pullback(1.0), given))


@pytest.mark.parametrize(
    ("x", "dot"),
    [
        (3.0, np.float64(6.0)),
        (3, np.float64(6.0)),
        (np.int32(3), np.float64(6.0)),
        (np.float32(3.0), np.float32(6.0)),
        (np.array([3.0], np.float32), np.array([6.0], np.float32)),
        (np.array([[3.0]]), np.array([[6.0]])),
    ],
)
def test_forms(x, dot):
    """Tangents and cotangents have the dtype and shape of what they belong to."""
    one = np.ones(np.shape(x)) if np.shape(x) else 1.0
    f = lambda x: x * x  # noqa: E731
    assert_same(dot, ad.jvp(f, (x,), (one,))[1])
    assert_same(dot, ad.linearize(f, x)[1](one))
    assert_same((dot,), ad.vjp(f, x)[1](one))


def test_zero_dimensional_arrays():
    """A 0-d array gets a 0-d array as cotangent."""
    assert_same((np.array(1.0),), ad.vjp(np.sin, np.array(0.0))[1](1.0))


@pytest.mark.parametrize(
    "constant", [3, 3.0, True, np.float32(2.0), np.array([1.0]), np.arange(2)]
)
def test_constant_outputs_have_zero_derivatives(constant):
    """Of float dtype and the output's shape, in all three products."""
    out, dot = ad.jvp(lambda x: (x, constant), (2.0,), (1.0,))
    assert out[1] is constant
    assert np.shape(constant) == np.shape(dot[1])
    assert not np.any(dot[1])
    assert "f" == np.asarray(dot[1]).dtype.kind
    _, pushforward = ad.linearize(lambda x: (x, constant), 2.0)
    assert_same(dot, pushforward(1.0))
    _, pullback = ad.vjp(lambda x: (x, constant), 2.0)
    assert_same((np.float64(5.0),), pullback((5.0, np.ones(np.shape(constant))[()])))


def test_an_output_returned_twice():
    """Cotangents of the same result add up."""

    def f(x):
        y = x * x
        return y, (y, x)

    _, pullback = ad.vjp(f, 3.0)
    assert_same((np.float64(6.0 + 12.0 + 4.0),), pullback((1.0, (2.0, 4.0))))


def test_no_arguments_and_no_outputs():
    """Empty trees pass through."""
    out, pullback = ad.vjp(lambda x: (), 2.0)
    assert_same(((), (np.float64(0.0),)), (out, pullback(())))
    assert_same(((), ()), ad.jvp(lambda x: (), (2.0,), (1.0,)))
    assert_same((3.0, np.float64(0.0)), ad.jvp(lambda: 3.0, (), ()))


# Pullbacks as functions


def test_a_pullback_differentiated_by_its_cotangent():
    """It is linear: its derivative is the Jacobian."""
    _, pullback = ad.vjp(np.sin, X)
    assert_close(np.cos(X), ad.grad(lambda w: np.sum(pullback(w)[0]))(np.ones(3)))
    assert_close(np.diag(np.cos(X)), ad.jacfwd(lambda w: pullback(w)[0])(np.ones(3)))
    assert_close(np.diag(np.cos(X)), ad.jacrev(lambda w: pullback(w)[0])(np.ones(3)))


def test_a_pullback_made_inside_grad():
    """vjp inside grad: the derivative of a derivative."""
    slope = lambda x: ad.vjp(lambda x: x**3, x)[1](1.0)[0]  # noqa: E731
    assert_same(np.float64(12.0), ad.grad(slope)(2.0))
    assert_same(np.float64(12.0), ad.jvp(slope, (2.0,), (1.0,))[1])


def test_a_pullback_vmapped():
    """Rows of the Jacobian from a batch of cotangents."""
    _, pullback = ad.vjp(lambda x: np.cumsum(x * x), X)
    rows = ad.vmap(pullback)(np.eye(3))
    assert_close((np.tril(np.ones((3, 3))) * 2.0 * X,), rows)


def test_a_pushforward_differentiated_and_vmapped():
    """linearize's map is a function like any other."""
    _, pushforward = ad.linearize(lambda x: x**2, X)
    assert_close(2.0 * X, ad.grad(lambda v: np.sum(pushforward(v)))(np.ones(3)))
    assert_close(np.diag(2.0 * X), ad.vmap(pushforward)(np.eye(3)))
    inside = lambda x: ad.linearize(lambda x: x**3, x)[1](1.0)  # noqa: E731
    assert_same(np.float64(12.0), ad.grad(inside)(2.0))
    assert_same(np.float64(12.0), ad.jvp(inside, (2.0,), (1.0,))[1])


# Memory


@pytest.mark.parametrize("size", [3, 2000])
@pytest.mark.parametrize(
    "f", [lambda x: x, lambda x: (x, x), lambda x: (x[:], np.reshape(x, (-1,)))]
)
def test_results_share_memory_with_nothing(f, size):
    """Even of the identity: inputs, outputs and derivatives are separate arrays."""
    x, v = np.ones(size), np.ones(size)
    dot = ad.jvp(f, (x,), (v,))[1]
    assert_disjoint(dot, v, x)
    out, pullback = ad.vjp(f, x)
    bars = ad.tree.map(np.ones_like, out)
    assert_disjoint(pullback(bars), pullback(bars), bars, x, out)
    out, pushforward = ad.linearize(f, x)
    assert_disjoint(pushforward(v), pushforward(v), out, v, x)


@pytest.mark.parametrize("size", [3, 2000])
def test_inputs_changed_after_vjp_do_not_matter(size):
    """The pullback has what it needs, and the input is writable at once."""
    x, c = np.full(size, 2.0), np.full(size, 3.0)
    out, pullback = ad.vjp(lambda x: x * x * c, x)
    _, pushforward = ad.linearize(lambda x: x * x * c, x)
    x[:], c[:], out[:] = 7.0, 7.0, 7.0
    assert_same((np.full(size, 12.0),), pullback(np.ones(size)))
    assert_same(np.full(size, 12.0), pushforward(np.ones(size)))


def test_a_result_is_writable_and_its_own():
    """Writing into a pulled-back array does not change the next."""
    _, pullback = ad.vjp(lambda x: x * 2.0, np.ones(2000))
    w = np.ones(2000)
    first = pullback(w)[0]
    first[:] = 0.0
    assert_same((np.full(2000, 2.0),), pullback(w))
    assert_same(np.ones(2000), w)


# hvp


def cubic(x, y):
    return np.sum(x**3) * y + y**4


def test_hvp_bare():
    """Bare arrays in, a bare array out."""
    f = lambda x: np.sum(x**3) + x[0] * x[1]  # noqa: E731
    assert_close(ad.hessian(f)(X) @ V, ad.hvp(f, X, V))
    assert_same(np.float64(36.0), ad.hvp(lambda x: x**3, 2.0, 3.0))


def test_hvp_of_tuples():
    """One primal gives a bare value, several a tuple."""
    assert_close(6.0 * X * V, ad.hvp(lambda x: np.sum(x**3), (X,), (V,)))
    blocks = ad.hessian(cubic, (0, 1))(X, Y)
    expected = (
        blocks[0][0] @ V + blocks[0][1] * DY,
        blocks[1][0] @ V + blocks[1][1] * DY,
    )
    assert_close(expected, ad.hvp(cubic, (X, Y), (V, DY)))


def test_hvp_of_trees():
    """A dictionary in, a dictionary out."""
    p, v = {"a": 2.0, "b": X}, {"a": 1.0, "b": V}
    f = lambda p: p["a"] ** 2 * np.sum(p["b"] ** 2)  # noqa: E731
    expected = {
        "a": 2.0 * np.sum(X**2) + 4.0 * 2.0 * (X @ V),
        "b": 2.0 * 2.0 * 2.0 * X + 2.0 * 4.0 * V,
    }
    assert_close(expected, ad.hvp(f, p, v))
    assert_close(expected, ad.hvp(f, (p,), (v,)))


def test_hvp_inside_grad():
    """Third derivatives through a Hessian-vector product."""
    f = lambda x: ad.hvp(lambda x: x**4, x, 1.0)  # noqa: E731
    assert_close(np.float64(48.0), ad.grad(f)(2.0))
