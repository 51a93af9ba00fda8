"""Transforms that fail leave no cycles: frames and arrays go at once."""

import contextlib
import gc
import struct
import warnings
import weakref

import numpy as np
import pytest
from scipy import special

import adjoint as ad

X = np.arange(1.0, 4.0)


def position(x):
    return [1.0, 2.0, 3.0][x[0]] * x[1]


def packed(x):
    return struct.unpack("d", struct.pack("d", np.sum(x)))[0]


def writes(x):
    z = np.zeros(3, int)
    z[0] = x[0]
    return np.sum(z)


def users_own(x):
    raise KeyError(x.shape)


def swallowed(x):
    try:
        return {x[0]: 1.0}[x[0]]
    except TypeError:
        return np.sum(x)


def no_rule(x):
    return np.sum(special.mathieu_a(1.0, x))


def into_out(x):
    return np.add(np.zeros(3), x, out=np.zeros(3, int), casting="unsafe")[0]


def wrapped(x):
    return np.sum(np.ma.masked_less(x, 0.0))


def vector(x):
    return x * x


FAILING = [
    position,
    packed,
    writes,
    users_own,
    swallowed,
    no_rule,
    into_out,
    wrapped,
]
TRANSFORMS = {
    "grad": lambda f: ad.grad(f)(X),
    "value_and_grad": lambda f: ad.value_and_grad(f)(X),
    "jvp": lambda f: ad.jvp(f, (X,), (X,)),
    "vjp": lambda f: ad.vjp(f, X),
    "linearize": lambda f: ad.linearize(f, X),
    "jacfwd": lambda f: ad.jacfwd(f)(X),
    "jacrev": lambda f: ad.jacrev(f)(X),
    "hessian": lambda f: ad.hessian(f)(X),
    "vmap": lambda f: ad.vmap(f)(X[None]),
    "vmap of grad": lambda f: ad.vmap(ad.grad(f))(X[None]),
    "checkpoint": lambda f: ad.grad(ad.checkpoint(f))(X),
}


def unreachable_after(call, repeats=50):
    """Return how many objects only the collector could free."""
    call()
    gc.collect()
    gc.disable()
    try:
        for _ in range(repeats):
            call()
        return gc.collect()
    finally:
        gc.enable()


@pytest.mark.parametrize("how", TRANSFORMS)
@pytest.mark.parametrize("f", FAILING)
def test_failures_leave_no_cycles(f, how):
    """Fifty failures with the collector off; it finds nothing afterwards."""

    def call():
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # vmap runs some of them in a loop
                TRANSFORMS[how](f)
        except (ad.errors.AdjointError, KeyError, TypeError):
            return  # a TypeError where vmap loops: plain NumPy refuses some of them too

    assert 0 == unreachable_after(call)


@pytest.mark.parametrize("f", FAILING)
def test_each_of_them_fails(f):
    """grad refuses every one of the functions above."""
    with pytest.raises((ad.errors.AdjointError, KeyError)):
        ad.grad(f)(X)


def test_a_result_that_is_refused():
    """grad of a vector: the tape goes with the error."""

    def call():
        try:
            ad.grad(vector)(X)
        except ad.errors.OutputError:
            return

    assert 0 == unreachable_after(call)


@pytest.mark.parametrize("fallback", ["loop", "raise"])
def test_the_loop_of_vmap(fallback):
    """Fallen back or refused, alone and inside a gradient."""
    f = lambda x: x * x if x > 2.0 else -x  # noqa: E731

    def call():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for g in (
                lambda: ad.vmap(f, fallback=fallback)(X),
                lambda: ad.grad(lambda x: np.sum(ad.vmap(f, fallback=fallback)(x)))(X),
                lambda: ad.vmap(ad.grad(f), fallback=fallback)(X),
            ):
                try:
                    g()
                except ad.errors.BatchedControlError:
                    assert "raise" == fallback

    assert 0 == unreachable_after(call)


def test_stale_and_leaking_values():
    """Errors of the backward sweep, and of values that outlive their transform."""
    kept = []
    big = np.ones(2000)
    older = big[:]

    def stale(x):
        y = x * big
        older[0] += 1.0
        return np.sum(y)

    def leak(x):
        kept[:] = [x]
        return np.sum(x)

    def call():
        with contextlib.suppress(ad.errors.StaleError):
            ad.grad(stale)(np.ones(2000))
        ad.grad(leak)(X)
        with contextlib.suppress(ad.errors.LeakError):
            kept[0] * 2.0
        kept.clear()

    assert 0 == unreachable_after(call)


def test_custom_rules_that_fail():
    """A rule of the user's that raises, in both modes."""
    f = ad.custom_jvp(lambda x: x * x)

    @f.defjvp
    def rule(primals, tangents):
        raise KeyError

    g = ad.custom_vjp(lambda x: x * x)

    def backward(x, w):
        raise KeyError

    g.defvjp(lambda x: (x * x, x), backward)

    def call():
        for function in (f, g):
            for transform in (
                lambda h: ad.grad(lambda x: np.sum(h(x)))(X),
                lambda h: ad.jvp(h, (X,), (X,)),
            ):
                try:
                    transform(function)
                except KeyError:
                    continue

    assert 0 == unreachable_after(call)


def test_an_array_goes_with_the_error():
    """Once the error is forgotten, the argument is freed without a collection."""
    gc.collect()
    gc.disable()
    try:
        x = np.ones(100_000)
        gone = weakref.ref(x)
        with contextlib.suppress(ad.errors.ConversionError):
            ad.grad(position)(x)
        del x
        assert gone() is None
    finally:
        gc.enable()
