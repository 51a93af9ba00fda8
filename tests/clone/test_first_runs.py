"""A function runs once: what it changes besides its result is changed once."""

import math
from functools import partial

import numpy as np
import pytest

import adjoint as ad
from adjoint._clone.kinds import key_of
from adjoint._clone.reach import may_store_elsewhere
from adjoint._modes.reverse import ReverseTrace
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


SPACE, OTHER, SUMS = np.zeros(2), np.zeros(2), {"all": np.zeros(2)}
RUNS = []


class Layer:
    def __init__(self):
        self.u = np.zeros(2)

    def write(self, x):
        self.u[1:] = x[1:]
        return np.sum(self.u**2)

    def halved(self, x):
        self.u = x.copy()
        self.u /= 2.0
        return np.sum(self.u)


class Network:
    def __init__(self):
        self.layers = [Layer()]


LAYER, NETWORK = Layer(), Network()


def store(z, x):
    z[:] = x
    return z


def scaled(x):
    z = OTHER
    z *= 0.0
    z += x * x
    return z


def with_out(x):
    np.multiply(x, 2.0, out=SUMS["all"])
    return SUMS["all"]


def through_names(x):
    def inner(y):
        return scaled(y)

    return inner(x)


def of_a_layer(x):
    return NETWORK.layers[0].write(x)


def with_default(x, work=SPACE):
    u, v = work, x
    u, v = v, u
    v[0] = x[0]
    return v


BRANCHES = {
    "a global": lambda x: store(SPACE, x),
    "an alias": scaled,
    "out": with_out,
    "a helper's helper": through_names,
    "a method": LAYER.write,
    "an attribute": LAYER.halved,
    "an object in a list of an object": of_a_layer,
    "a default": with_default,
    "a function of NumPy": lambda x: np.copyto(SUMS["all"], x) or SUMS["all"] ** 2,
    "a method of an array": lambda x: OTHER.fill(x[0]) or OTHER**2,
}


@pytest.mark.parametrize("name", BRANCHES)
def test_a_branch_taken_later_runs_once(name):
    """What it may do is read in its source, before it is ever taken."""
    branch = BRANCHES[name]

    def f(x, keep=False):
        RUNS.append(keep)
        return np.sum(branch(x)) if keep else np.sum(x**2)

    slopes = gradient(lambda x: f(x, True), X)[0]
    ad.grad(f)(X)
    RUNS.clear()
    np.testing.assert_allclose(ad.grad(f)(X, keep=True), slopes, atol=1e-9)
    assert [True] == RUNS


class Hidden:
    """Reached by nothing that the function names."""

    def __init__(self):
        self.u = np.zeros(2)

    def write(self, x):
        self.u[:] = x
        return np.sum(self.u**2)


def of_what_it_is_given(x, what=None):
    RUNS.append(what)
    return np.sum(x**2) if what is None else what.write(x)


def test_a_branch_that_nothing_told_of_runs_once_and_asks_to_be_called_again():
    ad.grad(of_what_it_is_given)(X)
    RUNS.clear()
    hidden = Hidden()
    with pytest.raises(ad.errors.ConversionError, match="call it again"):
        ad.grad(of_what_it_is_given)(X, what=hidden)
    assert [hidden] == RUNS
    slopes = ad.grad(of_what_it_is_given)(X, what=hidden)
    np.testing.assert_array_equal(2.0 * X, slopes)
    assert [hidden, hidden] == RUNS


def test_one_wrapper_for_objects_of_two_classes():
    class Squares:
        def loss(self, x):
            return np.sum(x**2)

    def wrapped(model):
        return lambda x: model.loss(x)  # noqa: PLW0108 - a wrapper

    for model in (Squares(), Momentum(), Squares(), Momentum()):
        ad.grad(wrapped(model))(X)
        assert getattr(model, "calls", 1) == 1

    def given(x, model):
        return model.loss(x)

    for model in (Squares(), Momentum()):
        ad.grad(given)(X, model)


def in_its_own(x):
    """Stores into what it makes; rebinds names, accumulates."""
    z = np.zeros(2)
    z[0], total = 1.0, 0.0
    rows = [[0.0] * 2 for _ in range(2)]
    table = {}
    for i, row in enumerate(rows):
        row[i] = x[i] * z[0]
        table[i] = row[i]
        total += table[i] + doubled(x)[i]
    y = x.copy()
    y += total
    y[1] *= 2.0
    a, b = x * 2.0, np.sin(x)
    a, b = b, a
    a[0] = b[1]
    total -= sum(row[0] for row in rows)
    return total + np.sum(y) + np.sum(a)


def doubled(x):
    out = 2.0 * x
    out[0] = x[1]
    return out


def cube(x):
    return x**3


def into_a_number(x):
    """Needs a deep run: what NumPy gives for one element is no array of ours."""
    r = np.empty(())
    np.dot(x, x, out=r)
    return r * x


def applied(f, x):
    return np.sum(2.0 * f(x))


@pytest.mark.parametrize(
    "wrapped",
    [
        lambda f: lambda x: applied(f, x),
        lambda f: lambda x, g=f: applied(g, x),
        lambda f: partial(applied, f),
        lambda f: partial(lambda fs, x: applied(fs["f"], x), {"f": f}),
        lambda f: partial(lambda fs, x: applied(fs[1], x), [np.sum, f]),
    ],
    ids=["closure", "default", "partial", "dict", "list"],
)
@pytest.mark.parametrize(
    ("transform", "expected"),
    [
        (ad.grad, lambda x: 2.0 * (2.0 * np.sum(x) * x + np.sum(x**2))),
        (
            ad.hessian,
            lambda x: 4.0 * (x[:, None] + x + np.sum(x) * np.eye(2)),
        ),
    ],
    ids=["grad", "hessian"],
)
def test_one_wrapper_for_functions_of_two_kinds(transform, expected, wrapped):
    """What it does is known of each function by itself."""
    for _ in range(3):
        transform(wrapped(cube))(X)
    for _ in range(3):
        given = transform(wrapped(into_a_number))(X)
        np.testing.assert_allclose(given, expected(X), rtol=1e-14)


def test_a_list_that_grows_leaves_the_kind_as_it_is():
    history = [cube]

    def f(x):
        return np.sum(x) * len(history)

    keys = set()
    for _ in range(40):
        keys.add(key_of(f, (X,)))
        history.append(0.5)
    assert 1 == len(keys)


@pytest.mark.parametrize("f", [in_its_own, doubled, store])
def test_stores_into_its_own_need_no_deep_run(f):
    assert not may_store_elsewhere(f, (ReverseTrace().lift(X),))


def test_layers_need_no_deep_run():
    """Those that hold others have properties, but none that computes."""
    nn, rng = ad.nn, np.random.default_rng(0)
    model = nn.Sequential(
        nn.Linear(2, 2, rng=rng),
        nn.Residual(nn.relu),
        nn.TransformerBlock(2, 1, rng=rng),
    )
    assert not may_store_elsewhere(lambda model, x: np.sum(model(x)), (model, X))


@pytest.mark.parametrize("f", [*BRANCHES.values(), partial(store, SPACE)])
def test_stores_into_others_do(f):
    assert may_store_elsewhere(f, (ReverseTrace().lift(X),))


def entered(u, value):
    u[0] = value
    return np.sum(u)


def entered_elsewhere(x, chosen):
    return entered(WORKSPACE, x) if chosen else x * x


WORKSPACE = np.zeros(2)


def test_a_function_whose_argument_is_its_own_copy_stores_elsewhere_for_others():
    np.testing.assert_array_equal([0.0, 1.0], ad.grad(entered)(X, 1.0))
    assert 4.0 == ad.grad(entered_elsewhere)(2.0, False)
    assert 1.0 == ad.grad(entered_elsewhere)(2.0, True)


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
