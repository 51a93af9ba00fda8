"""What transforms leave behind: no objects, no recursion."""

import gc
import sys
import warnings

import numpy as np
import pytest

import adjoint as ad
from transforms.compare import assert_close

X = np.arange(1.0, 4.0)


def f(x):
    return np.sum(np.sin(x) * x / (1.0 + x * x))


CUBE = ad.custom_jvp(lambda x: x**3)
CUBE.defjvp(lambda p, t: (p[0] ** 3, 3.0 * p[0] ** 2 * t[0]))
SQUARE = ad.custom_vjp(lambda x: x * x)
SQUARE.defvjp(lambda x: (x * x, x), lambda x, w: (2.0 * x * w,))
STEP = ad.checkpoint(lambda x: np.sin(x) * x)

CALLS = {
    "grad": lambda: ad.grad(f)(X),
    "grad of grad": lambda: ad.grad(ad.grad(np.sin))(1.0),
    "grad of a tree": lambda: ad.grad(lambda p: p["a"] * p["b"])({"a": 1.0, "b": 2.0}),
    "jvp": lambda: ad.jvp(f, (X,), (X,)),
    "vjp": lambda: ad.vjp(f, X)[1](1.0),
    "vjp, no call": lambda: ad.vjp(f, X),
    "linearize": lambda: ad.linearize(f, X)[1](X),
    "hessian": lambda: ad.hessian(f)(X),
    "jacobian": lambda: ad.jacobian(lambda x: x * x)(X),
    "jacrev": lambda: ad.jacrev(lambda x: x * x)(X),
    "hvp": lambda: ad.hvp(f, X, X),
    "vmap": lambda: ad.vmap(lambda x: x * x)(X),
    "vmap of grad": lambda: ad.vmap(ad.grad(np.sin))(X),
    "custom_jvp": lambda: ad.grad(lambda x: np.sum(CUBE(x)))(X),
    "custom_jvp forward": lambda: ad.jvp(CUBE, (X,), (X,)),
    "custom_vjp": lambda: ad.grad(lambda x: np.sum(SQUARE(x)))(X),
    "custom_vjp forward": lambda: ad.jvp(SQUARE, (X,), (X,)),
    "custom_vjp batched": lambda: ad.grad(lambda x: np.sum(ad.vmap(SQUARE)(x)))(X),
    "checkpoint": lambda: ad.grad(lambda x: np.sum(STEP(STEP(x))))(X),
    "checkpoint, vjp": lambda: ad.vjp(STEP, X)[1](X),
    "dual": lambda: np.sin(ad.dual(1.0, 1.0)),
    "elementwise_grad": lambda: ad.elementwise_grad(np.sin)(X),
}


@pytest.mark.parametrize("name", CALLS)
def test_nothing_is_left(name):
    """A thousand repeats with the collector off: no new objects, no cycles."""
    call = CALLS[name]
    repeats = 1000 if name in {"grad", "jvp", "vjp", "vmap"} else 200
    for _ in range(3):
        call()
    gc.collect()
    gc.disable()
    try:
        before = len(gc.get_objects())
        for _ in range(repeats):
            call()
        after = len(gc.get_objects())
        cycles = gc.collect()
    finally:
        gc.enable()
    # A few objects are the interpreter's own (caches, this frame's).
    assert after - before <= 5
    assert 0 == cycles


def raises():
    with pytest.raises(ad.errors.ConversionError):
        ad.grad(lambda x: [1.0, 2.0][x])(1.0)


def raises_later():
    with pytest.raises(ad.errors.OutputError):
        ad.grad(lambda x: x * x)(X)


def loops():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ad.vmap(lambda x: x if x > 2.0 else -x)(X)


def refused():
    with pytest.raises(ad.errors.BatchedControlError):
        ad.vmap(lambda x: x if x > 2.0 else -x, fallback="raise")(X)


@pytest.mark.parametrize("call", [raises, raises_later, loops, refused])
def test_errors_leave_nothing_after_a_collection(call):
    """Tracebacks may make cycles; the collector frees them all."""
    for _ in range(3):
        call()
    gc.collect()
    before = len(gc.get_objects())
    for _ in range(50):
        call()
    gc.collect()
    assert len(gc.get_objects()) - before <= 5


# Long chains

STEPS = 200_000


def chain(x):
    y = x
    for _ in range(STEPS):
        y = y * 1.00001
    return y


def test_a_long_chain_by_grad():
    """200,000 operations, no recursion in the sweep or in freeing."""
    assert STEPS > 10 * sys.getrecursionlimit()
    assert_close(1.00001**STEPS, ad.grad(chain)(1.0), rtol=1e-10)


def test_a_long_chain_by_vjp_called_twice():
    """The tape stays, and is freed without recursion."""
    out, pullback = ad.vjp(chain, 1.0)
    assert_close(out, pullback(1.0)[0], rtol=1e-10)
    assert_close(2.0 * out, pullback(2.0)[0], rtol=1e-10)
    del out, pullback


def test_a_long_chain_forward_and_as_a_dual():
    """Tangents do not form a chain."""
    out, dot = ad.jvp(chain, (1.0,), (1.0,))
    assert_close(out, dot, rtol=1e-10)
    y = chain(ad.dual(1.0, 1.0))
    assert_close(y.primal, y.tangent, rtol=1e-10)


def test_a_long_chain_of_checkpoints():
    """Thousands of replays one after the other do not recurse."""
    step = ad.checkpoint(lambda x: x * 1.001)

    def g(x):
        for _ in range(5_000):
            x = step(x)
        return x

    assert_close(1.001**5_000, ad.grad(g)(1.0), rtol=1e-10)


def test_a_long_chain_of_second_order():
    """A gradient through the tape of a gradient."""

    def g(x):
        y = x
        for _ in range(5_000):
            y = np.sin(y) + 0.1
        return y * x

    h = 1e-5
    slope = ad.grad(g)
    quotient = (slope(1.0 + h) - slope(1.0 - h)) / (2.0 * h)
    assert_close(quotient, ad.grad(slope)(1.0), rtol=1e-6, atol=1e-8)
