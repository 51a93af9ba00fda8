"""A function runs once: what it changes besides its result is changed once."""

import math
import warnings

import numpy as np
import pytest

import adjoint as ad
from differences import gradient

X = np.array([0.3, 0.7])


class Momentum:
    """State that advances with each call, plain and traced."""

    def __init__(self):
        self.m = np.ones(2)
        self.calls = 0

    def loss(self, p):
        self.calls += 1
        self.m *= 0.9
        self.m += p
        return np.sum(self.m**2)


@pytest.mark.parametrize(
    "call",
    [
        lambda f: ad.value_and_grad(f)(X)[0],
        lambda f: ad.jvp(f, (X,), (X,))[0],
        lambda f: ad.vjp(f, X)[0],
        lambda f: ad.vmap(f)(X[None])[0],
    ],
    ids=["value_and_grad", "jvp", "vjp", "vmap"],
)
def test_the_first_call_runs_the_function_once(call):
    plain, traced = Momentum(), Momentum()
    for _ in range(3):
        assert plain.loss(X) == call(traced.loss)
    assert plain.calls == traced.calls
    np.testing.assert_array_equal(plain.m, traced.m)


def test_random_numbers_are_drawn_once():
    space = np.zeros(2)

    def noisy(rng):
        def f(x):
            space[:] = x * rng.normal(size=2)
            return np.sum(space)

        return f

    expected = noisy(np.random.default_rng(1))(X)
    value = ad.value_and_grad(noisy(np.random.default_rng(1)))(X)[0]
    assert expected == value


SPACE = np.zeros(2)
RUNS = []


def on_a_branch(x, keep=False):
    RUNS.append(keep)
    if keep:
        SPACE[:] = x
        return np.sum(SPACE**2)
    return np.sum(x**2)


def test_a_branch_taken_later_runs_twice_and_says_so():
    ad.grad(on_a_branch)(X)
    with pytest.warns(ad.errors.SecondRunWarning, match="on_a_branch was run twice"):
        slopes = ad.grad(on_a_branch)(X, keep=True)
    np.testing.assert_array_equal(2.0 * X, slopes)
    RUNS.clear()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ad.grad(on_a_branch)(X, keep=True)
    assert [True] == RUNS


def test_new_code_of_a_function_is_run():
    """What ``%autoreload`` does."""

    def first(x):
        return np.sum(helper_of_reload(x))

    assert 2.0 == ad.grad(first)(1.0)
    old = helper_of_reload.__code__
    helper_of_reload.__code__ = (lambda x: np.array([x, x, x])).__code__
    try:
        assert 3.0 == ad.grad(first)(1.0)
    finally:
        helper_of_reload.__code__ = old


def helper_of_reload(x):
    return np.array([x, x])


@pytest.mark.parametrize("name", ["shuffle", "permutation"])
@pytest.mark.parametrize("make", [np.random.default_rng, np.random.RandomState])
def test_rows_are_shuffled_as_numpy_does(make, name):
    weights = np.arange(8.0).reshape(4, 2)

    def f(x):
        rows = x.copy()
        moved = getattr(make(3), name)(rows)
        return np.sum((rows if moved is None else moved) * weights)

    x = np.arange(8.0).reshape(4, 2) + 0.1
    slopes, _ = gradient(f, x)
    value, given = ad.value_and_grad(f)(x)
    assert f(x) == value
    np.testing.assert_allclose(given, slopes, atol=1e-8)


STATE = np.zeros((3, 2))
POSITIONS, TURNED, FLAT = STATE[:, 0], STATE.T, STATE.reshape(-1)


def by_views_made_outside(x):
    POSITIONS[:] = x[0]
    TURNED[1] = x[1]
    FLAT[-1] *= 2.0
    return np.sum(STATE[0] * STATE[2])


def checkpointed_fill(x):
    z = np.zeros(2)
    z[0] = x[0] * x[1]
    return np.sum(z**2)


def into_an_array_of_ours(x):
    z = np.empty(3)
    np.random.default_rng(0).standard_normal(out=z)
    z[0] = x[0]
    return np.sum(z**2) * x[1]


def shown(x):
    return float(len(f"{x[0]} {x}") > 0) * x[0] ** 2 * x[1]


@pytest.mark.parametrize(
    "f",
    [
        by_views_made_outside,
        ad.checkpoint(checkpointed_fill),
        into_an_array_of_ours,
        shown,
    ],
)
def test_derivatives(f):
    slopes, _ = gradient(f, X)
    np.testing.assert_allclose(ad.grad(f)(X), slopes, atol=1e-9)
    np.testing.assert_allclose(ad.jacfwd(f)(X), slopes, atol=1e-9)
    assert np.all(np.isfinite(ad.hessian(f)(X)))


def test_a_rule_is_followed_in_every_nesting():
    @ad.custom_vjp
    def exp(x):
        return math.exp(x)

    exp.defvjp(
        lambda x: (math.exp(x), np.array([x, 1.0])),
        lambda kept, bar: (bar * math.exp(kept[0]),),
    )
    assert math.exp(0.5) == pytest.approx(ad.grad(ad.grad(exp))(0.5))
    np.testing.assert_allclose(
        ad.vmap(ad.grad(exp))(np.array([0.5, 1.0])), np.exp([0.5, 1.0])
    )
