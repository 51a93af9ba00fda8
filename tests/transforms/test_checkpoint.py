"""checkpoint: the same derivatives, less memory, one more evaluation."""

import tracemalloc

import numpy as np
import pytest

import adjoint as ad
from adjoint._modes.reverse import Taped
from transforms.compare import assert_close, assert_same

X = np.array([0.5, 1.0, 2.0])


def layer(x, w):
    return np.tanh(w * x) + np.sin(x)


def loss(step):
    return lambda x, w: np.sum(step(step(x, w), w) ** 2)


PLAIN, CUT = loss(layer), loss(ad.checkpoint(layer))


@pytest.mark.parametrize(
    "transform",
    [
        lambda f: f,
        lambda f: ad.value_and_grad(f, (0, 1)),
        lambda f: lambda x, w: ad.jvp(f, (x, w), (x, 1.0)),
        lambda f: lambda x, w: ad.vjp(f, x, w)[1](2.0),
        lambda f: lambda x, w: ad.linearize(f, x, w)[1](x, 1.0),
        lambda f: lambda x, w: ad.hvp(f, (x, w), (x, 1.0)),
        lambda f: ad.hessian(f, (0, 1)),
        lambda f: ad.jacrev(ad.jacrev(f)),
        lambda f: ad.jacfwd(ad.jacfwd(f)),
        lambda f: ad.jacrev(ad.jacfwd(f)),
        lambda f: ad.vmap(f, (0, None)),
        lambda f: ad.vmap(ad.grad(f, (0, 1)), (0, None)),
        lambda f: ad.grad(
            lambda x, w: np.sum(ad.vmap(f, (0, None))(x, w) ** 2), (0, 1)
        ),
        lambda f: ad.vmap(ad.hessian(f), (0, None)),
    ],
)
def test_values_and_derivatives_are_the_same(transform):
    """In every mode and nesting, to the last bits."""
    assert_close(transform(PLAIN)(X, 0.7), transform(CUT)(X, 0.7), rtol=1e-14)


@pytest.mark.parametrize("size", [3, 2000])
def test_the_function_runs_twice(size):
    """Once forward, once more for the backward pass."""
    calls = []  # whether on a tape

    @ad.checkpoint
    def step(x):
        calls.append(isinstance(x, Taped))
        return np.sin(x) * x

    x = np.ones(size)
    gradient = ad.grad(lambda x: np.sum(step(x)))(x)
    assert_close(np.cos(x) * x + np.sin(x), gradient)
    assert [True, True] == calls
    assert x.flags.writeable
    calls.clear()
    step(x)
    assert [False] == calls
    calls.clear()
    ad.jvp(step, (x,), (x,))
    assert [False] == calls  # dual numbers, once
    calls.clear()
    ad.jacrev(step)(np.ones(3))
    assert 2 == len(calls)


def test_a_result_that_is_not_used_is_not_run_again():
    """No cotangent, no second run."""
    calls = []

    @ad.checkpoint
    def step(x):
        calls.append(1)
        return x * x

    assert_same(np.float64(1.0), ad.grad(lambda x: (step(x), x)[1])(2.0))
    assert 1 == len(calls)


def peak_memory(call):
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory():
    """A chain of 20 stretches of 20 operations needs less than a third."""

    def stretch(x):
        for _ in range(20):
            x = np.sin(x)
        return x

    def chain(step):
        def run(x):
            for _ in range(20):
                x = step(x)
            return np.sum(x)

        return run

    x = np.full(2000, 0.5)
    plain, cut = ad.grad(chain(stretch)), ad.grad(chain(ad.checkpoint(stretch)))
    assert_close(plain(x), cut(x), rtol=1e-14)
    assert peak_memory(lambda: plain(x)) > 3.0 * peak_memory(lambda: cut(x))


def test_closed_over_traced_values():
    """They get their gradients, of this level and of outer ones."""

    def f(x, w):
        return ad.checkpoint(lambda x: np.sin(x * w) * w)(x)

    def g(x, w):
        return np.sin(x * w) * w

    assert_close(ad.grad(g, (0, 1))(0.5, 2.0), ad.grad(f, (0, 1))(0.5, 2.0))
    assert_close(ad.hessian(g, (0, 1))(0.5, 2.0), ad.hessian(f, (0, 1))(0.5, 2.0))
    mixed = lambda f: ad.grad(lambda w: ad.grad(f)(0.5, w))(2.0)  # noqa: E731
    assert_close(mixed(g), mixed(f))


def test_only_closed_over_values_are_traced():
    """A checkpointed function of plain arguments is right too."""
    f = lambda w: ad.checkpoint(lambda x: np.sin(x * w))(3.0)  # noqa: E731
    assert_close(3.0 * np.cos(6.0), ad.grad(f)(2.0))


def test_nested_checkpoints():
    """Checkpoints inside checkpoints, three deep."""
    f = np.sin
    for _ in range(3):
        f = ad.checkpoint(lambda x, f=f: f(f(x)) * x)

    def plain(x, depth=3):
        return np.sin(x) if depth == 0 else plain(plain(x, depth - 1), depth - 1) * x

    assert_close(ad.grad(plain)(0.7), ad.grad(f)(0.7))
    assert_close(ad.grad(ad.grad(plain))(0.7), ad.grad(ad.grad(f))(0.7))


def test_a_pullback_called_twice():
    """Each call runs the function again; arguments may have changed meanwhile."""
    step = ad.checkpoint(layer)
    x = X.copy()
    expected = ad.vjp(layer, X, 0.7)[1](np.ones(3))
    _, pullback = ad.vjp(step, x, 0.7)
    x[:] = 0.0
    assert_close(expected, pullback(np.ones(3)))
    assert_close(expected, pullback(np.ones(3)))


def test_trees_and_several_results():
    """Containers in and out; only some of the results used."""

    @ad.checkpoint
    def step(p, x, *, power=1):
        y = p["w"] * x**power
        return {"y": y, "x": x, "twice": (y, y), "constant": 3.0, "name": "step"}

    def f(p, x):
        out = step(p, x, power=2)
        assert "step" == out["name"]
        return np.sum(out["y"] * out["twice"][1] + out["x"]) * out["constant"]

    gp, gx = ad.grad(f, (0, 1))({"w": 2.0}, X)
    assert_close(3.0 * 2.0 * 2.0 * np.sum(X**4), gp["w"])
    assert_close(3.0 * (4.0 * 4.0 * X**3 + 1.0), gx)


def test_results_that_are_inputs():
    """The identity, and a function that does nothing traced."""
    assert_same(np.float64(1.0), ad.grad(ad.checkpoint(lambda x: x))(2.0))
    assert_same(np.float64(0.0), ad.grad(ad.checkpoint(lambda x: 3.0))(2.0))
    swap = ad.checkpoint(lambda x, y: (y, x, x * y))
    assert_same(
        (np.float64(36.0), np.float64(24.0)),
        ad.grad(lambda x, y: np.prod(np.stack(swap(x, y))), (0, 1))(2.0, 3.0),
    )


def test_random_numbers_raise():
    """The second run differs: StaleError, naming the function."""
    rng = np.random.default_rng(0)

    @ad.checkpoint
    def dropout(x):
        return x * rng.random(x.shape)

    with pytest.raises(ad.errors.StaleError, match="dropout"):
        ad.grad(lambda x: np.sum(dropout(x)))(X)


def test_a_seeded_generator_is_right():
    """Random numbers that are the same each time are no problem."""

    @ad.checkpoint
    def dropout(x):
        return x * np.random.default_rng(1).random(x.shape)

    expected = np.random.default_rng(1).random(3)
    assert_same(expected, ad.grad(lambda x: np.sum(dropout(x)))(X))


@pytest.mark.parametrize(
    "later",
    [
        lambda x: (x * x,),
        lambda x: (x * x, 3.0),
        lambda x: (x * x, x),
        lambda x: [x * x, x * 3.0],
        lambda x: (x * x, x * np.ones(1) * 3.0),
    ],
    ids=["fewer", "constant", "input", "list", "shape"],
)
def test_a_second_run_of_another_form_raises(later):
    """Other results than in the first run: StaleError, or right."""
    runs = iter([lambda x: (x * x, x * 3.0), later])

    @ad.checkpoint
    def step(x):
        return next(runs)(x)

    try:
        given = ad.grad(lambda x: np.sum(np.stack(step(x))))(1.0)
    except ad.errors.StaleError:
        return
    assert_same(np.float64(5.0), given)


@pytest.mark.parametrize("size", [3, 2000])
@pytest.mark.parametrize("start", [0.0, 1.0])
def test_a_plain_argument_overwritten_before_the_backward_pass(size, start):
    """A work buffer handed to a checkpointed call: right or loud, at zero as well."""
    buffer = np.zeros(size)
    step = ad.checkpoint(lambda x, b: x * b)

    def f(x):
        for factor in (1.0, 2.0, 3.0):
            buffer[:] = factor
            x = step(x, buffer)
        return np.sum(x)

    for call in (ad.grad(f), lambda x: ad.vjp(f, x)[1](1.0)[0]):
        try:
            given = call(np.full(size, start))
        except ad.errors.AdjointError:
            continue
        assert_same(np.full(size, 6.0), given)


@pytest.mark.parametrize("size", [3, 2000])
def test_a_plain_argument_changed_before_the_pullback(size):
    """vjp keeps copies, of what a checkpointed call reads too: right or loud."""
    c = np.full(size, 3.0)
    _, pullback = ad.vjp(lambda x: ad.checkpoint(np.multiply)(x, c), np.zeros(size))
    c[:] = 7.0
    try:
        given = pullback(np.ones(size))
    except ad.errors.AdjointError:
        return
    assert_same((np.full(size, 3.0),), given)


@pytest.mark.parametrize("late", [0, 1, 2, 3, 4, 5])
def test_a_value_kept_from_inside_is_right_or_loud(late):
    """A traced value that escapes a checkpointed call by a side effect."""
    kept = []

    def step(x):
        y = x
        for _ in range(4):
            y = np.sin(y)
        kept.append(y)
        return y * y

    def f(x):
        out = ad.checkpoint(step)(x)
        for _ in range(late):
            out = out * 1.0
        return out * kept[0]

    def plain(x):
        return np.sin(np.sin(np.sin(np.sin(x)))) ** 3

    try:
        given = ad.grad(f)(0.7)
    except ad.errors.AdjointError:
        return
    assert_close(ad.grad(plain)(0.7), given)


def test_an_exception_inside():
    """It passes through; the next gradient is right."""
    fails = [True]

    @ad.checkpoint
    def step(x):
        y = np.sin(x)
        if fails[0]:
            raise ZeroDivisionError
        return y

    def f(x):
        try:
            return step(x)
        except ZeroDivisionError:
            fails[0] = False
            return step(x) * 2.0

    assert_close(2.0 * np.cos(0.7), ad.grad(f)(0.7))
    fails[0] = True
    with pytest.raises(ZeroDivisionError):
        ad.grad(step)(0.7)


def test_an_exception_in_the_second_run():
    """It passes through, and arrays are writable again."""
    runs = []

    @ad.checkpoint
    def step(x):
        runs.append(1)
        if len(runs) == 2:
            raise ZeroDivisionError
        return x * x

    x = np.ones(2000)
    with pytest.raises(ZeroDivisionError):
        ad.grad(lambda x: np.sum(step(x)))(x)
    assert x.flags.writeable


def test_grad_inside_a_checkpoint():
    """Transforms inside the function run again with it."""
    step = ad.checkpoint(lambda x: ad.grad(lambda y: y**3 * x)(x))
    assert_close(9.0 * 4.0, ad.grad(step)(2.0))


def test_custom_rules_inside_a_checkpoint():
    """A custom rule is used in the second run as well."""
    f = ad.custom_vjp(lambda x: x * x)
    f.defvjp(lambda x: (x * x, x), lambda x, w: (7.0 * w,))
    step = ad.checkpoint(lambda x: f(x) * 2.0)
    assert_same(np.float64(14.0), ad.grad(step)(3.0))
    assert_same(np.float64(14.0), ad.jvp(step, (3.0,), (1.0,))[1])
