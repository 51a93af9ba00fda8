"""checkpoint: levels, things that change before the second run, threads, escapes."""

import threading

import numpy as np
import pytest

import adjoint as ad
from transforms.compare import assert_close, assert_same

# A result of a higher level than the arguments


def inner(x):
    """Return the function of y that reads x through a checkpointed call."""
    return lambda y: ad.checkpoint(lambda t: np.sin(t) * y)(x) + 0.0 * np.exp(x) * y


ACROSS = {
    "grad": lambda x: ad.grad(inner(x))(2.0),
    "jvp": lambda x: ad.jvp(inner(x), (2.0,), (1.0,))[1],
    "vjp": lambda x: ad.vjp(inner(x), 2.0)[1](1.0)[0],
    "jacfwd": lambda x: ad.jacfwd(inner(x))(2.0),
    "jacrev": lambda x: ad.jacrev(inner(x))(2.0),
    "vmap": lambda x: np.sum(ad.vmap(inner(x))(np.array([0.25, 0.75]))),
    "vmap of grad": lambda x: np.sum(ad.vmap(ad.grad(inner(x)))(np.full(1, 2.0))),
}


@pytest.mark.parametrize("outer", [ad.grad, ad.jacrev, ad.jacfwd])
@pytest.mark.parametrize("within", ACROSS)
def test_a_result_of_a_higher_level(within, outer):
    """The derivative by x of d/dy (sin(x) y) is cos(x)."""
    assert_same(np.cos(0.5), outer(ACROSS[within])(0.5))


def test_the_reviews_line():
    """Exactly what was reported."""
    given = ad.grad(
        lambda x: ad.grad(
            lambda y: ad.checkpoint(lambda t: np.sin(t) * y)(x) + 0.0 * np.exp(x) * y
        )(2.0)
    )(0.5)
    assert_same(np.cos(0.5), given)


@pytest.mark.parametrize("outer", [ad.grad, ad.jacfwd])
@pytest.mark.parametrize("middle", [ad.grad, ad.jacfwd])
def test_results_of_several_levels(middle, outer):
    """A pair: one result of the level of the argument, one of the level above."""

    def f(x):
        def g(y):
            one, two = ad.checkpoint(lambda t: (np.sin(t) * y, np.exp(t)))(x)
            return one * two * y

        return middle(g)(2.0)

    plain = lambda x: 4.0 * np.sin(x) * np.exp(x)  # noqa: E731
    assert_close(ad.grad(plain)(0.5), outer(f)(0.5))


# Things that change before the second run


@pytest.mark.parametrize("x", [0.0, 1.0])
def test_a_loop_variable_bound_late(x):
    """At 0, too, where the results of both runs are equal: StaleError."""

    def f(x):
        for factor in (1.0, 2.0, 3.0):
            x = ad.checkpoint(lambda t: t * factor)(x)  # noqa: B023 - it is the fault
        return x

    for call in (ad.grad(f), lambda x: ad.vjp(f, x)[1](1.0), ad.jacrev(f)):
        with pytest.raises(ad.errors.StaleError, match="checkpoint"):
            call(x)
    assert_same(np.float64(6.0), ad.jacfwd(f)(x))


@pytest.mark.parametrize("x", [0.0, 1.0])
def test_a_branch_that_changes(x):
    """Another operation of equal result in the second run: StaleError."""
    runs = []

    @ad.checkpoint
    def step(x):
        runs.append(1)
        return x * x if len(runs) % 2 else x * x * x

    with pytest.raises(ad.errors.StaleError, match="step"):
        ad.grad(step)(x)


CALLS = {
    "grad": lambda f, x: ad.grad(f)(x),
    "vjp": lambda f, x: ad.vjp(f, x)[1](1.0)[0],
    "jacrev": lambda f, x: ad.jacrev(f)(x),
}


@pytest.mark.parametrize("how", CALLS)
@pytest.mark.parametrize("size", [3, 2000])
@pytest.mark.parametrize("x", [0.0, 1.0])
def test_a_buffer_reused_inside(x, size, how):
    """One buffer that each step fills anew: right or StaleError."""
    buffer = np.zeros(size)

    def f(x):
        for factor in (1.0, 2.0, 3.0):
            buffer[:] = factor
            x = ad.checkpoint(lambda t: t * buffer)(x)
        return np.sum(x)

    try:
        given = CALLS[how](f, np.full(size, x))
    except ad.errors.AdjointError as error:
        assert isinstance(  # noqa: PT017 - both outcomes are tested
            error, (ad.errors.StaleError, ad.errors.MutationError)
        )
        assert buffer.flags.writeable
        return
    assert_same(np.full(size, 6.0), given)


@pytest.mark.parametrize("size", [3, 2000])
@pytest.mark.parametrize("x", [0.0, 1.0])
@pytest.mark.parametrize("wrap", [lambda f: f, ad.checkpoint])
def test_a_buffer_overwritten_before_the_pullback(wrap, x, size):
    """Closed over or passed in: right or StaleError."""
    for passed_in in (False, True):
        buffer = np.full(size, 3.0)
        if passed_in:
            step = wrap(np.multiply)
            f = lambda t, step=step, buffer=buffer: step(t, buffer)  # noqa: E731
        else:
            f = wrap(lambda t, buffer=buffer: t * buffer)
        _, pullback = ad.vjp(f, np.full(size, x))
        buffer[:] = 7.0
        try:
            given = pullback(np.ones(size))
        except ad.errors.StaleError:
            continue
        assert_same((np.full(size, 3.0),), given)


def test_nan_constants_are_no_change():
    """A function that meets nan twice is the same function twice."""
    step = ad.checkpoint(lambda x: np.where(np.array([True, False]), x, np.nan) * 2.0)
    assert_same(np.array([2.0, 0.0]), ad.grad(lambda x: step(x)[0])(np.ones(2)))


# Threads


@pytest.mark.parametrize("depth", [1, 2])
def test_threads_that_share_a_pullback(depth):
    """Four threads call one pullback two hundred times: each gets the right value."""
    step = lambda x: np.sin(x) * x  # noqa: E731
    for _ in range(depth):
        step = ad.checkpoint(lambda x, step=step: step(step(x)))
    x = np.linspace(0.1, 1.0, 5)
    _, pullback = ad.vjp(step, x)
    cotangents = [np.full(5, 1.0 + k) for k in range(4)]
    expected = [pullback(bar) for bar in cotangents]
    gate = threading.Barrier(4)
    failures = []

    def work(k):
        gate.wait()
        try:
            for _ in range(200):
                assert_same(expected[k], pullback(cotangents[k]))
        except Exception as error:  # noqa: BLE001 - reported by the assert below
            failures.append(error)

    threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [] == failures


def test_a_pullback_called_inside_its_own_second_run():
    """A second run that calls the same pullback: right or loud, no deadlock."""
    inside = []

    @ad.checkpoint
    def step(x):
        if inside:
            pullback = inside.pop()
            assert_close((np.cos(0.5),), pullback(1.0))
        return np.sin(x)

    _, pullback = ad.vjp(step, 0.5)
    inside.append(pullback)
    try:
        given = pullback(1.0)
    except ad.errors.AdjointError:
        return
    assert_close((np.cos(0.5),), given)


# Values that escape


class Layer:
    """A layer that remembers its last activation."""

    def __init__(self):
        self.seen = None
        self.memo = {}

    def by_attribute(self, x):
        self.seen = np.sin(x)
        return self.seen * x

    def by_memo(self, x):
        if "sin" not in self.memo:
            self.memo["sin"] = np.sin(x)
        return self.memo["sin"] * x

    def by_list(self, x):
        self.memo.setdefault("all", []).append(np.sin(x))
        return self.memo["all"][-1] * x

    def last(self):
        seen = self.memo.get("sin", self.seen)
        return self.memo["all"][0] if "all" in self.memo else seen


ESCAPES = ["by_attribute", "by_memo", "by_list"]
LOUD = (ad.errors.LeakError, ad.errors.StaleError)


def plain(x):
    return np.sin(x) * x


@pytest.mark.parametrize("how", ESCAPES)
@pytest.mark.parametrize("after", [0, 1, 3])
def test_a_value_that_escapes_and_is_used(how, after):
    """Used after the call, near to it or later: LeakError or right."""

    def f(x):
        layer = Layer()
        out = ad.checkpoint(getattr(layer, how))(x)
        for _ in range(after):
            out = out + 0.0
        return out + np.cos(layer.last())

    expected = ad.grad(lambda x: plain(x) + np.cos(np.sin(x)))(0.7)
    for call in (ad.grad(f), lambda x: ad.vjp(f, x)[1](1.0)[0], ad.jacrev(f)):
        try:
            given = call(0.7)
        except LOUD:
            continue
        assert_close(expected, given)


@pytest.mark.parametrize("how", ESCAPES)
def test_a_value_that_escapes_into_the_next_call(how):
    """The second call of a layer finds what the first has stored: loud or right."""

    def f(x):
        layer = Layer()
        step = ad.checkpoint(getattr(layer, how))
        return step(step(x))

    expected = {
        "by_memo": ad.grad(lambda x: np.sin(x) ** 2 * x),
    }.get(how, ad.grad(lambda x: plain(plain(x))))(0.7)
    try:
        given = ad.grad(f)(0.7)
    except LOUD:
        return
    assert_close(expected, given)


def test_a_value_that_escapes_as_the_result():
    """The escaped value is all that the function returns: LeakError or right."""

    def f(x):
        layer = Layer()
        ad.checkpoint(layer.by_attribute)(x)
        return layer.seen

    for call in (ad.grad(f), lambda x: ad.vjp(f, x)[1](1.0)[0], ad.jacrev(f)):
        try:
            given = call(0.7)
        except LOUD:
            continue
        assert_close(np.cos(0.7), given)


def test_an_attribute_that_is_only_written():
    """A layer that remembers, and is never asked, is differentiated as it is."""

    def f(x):
        layer = Layer()
        return ad.checkpoint(layer.by_attribute)(x)

    assert_close(ad.grad(plain)(0.7), ad.grad(f)(0.7))


@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.linspace(0.5, 1.5, 3)[None, :] * x,
        lambda x: np.ones((2, 3)) - x,
        lambda x: np.linspace(0.5, 1.5, 3) ** x,
        lambda x: np.linspace(0.5, 1.5, 6).reshape(2, 3) @ x,
        lambda x: np.ones(3) * (np.ones(3) < x) + x,
    ],
)
def test_an_array_made_inside_may_stand_on_the_left(f):
    """In the first run it is a buffer, in the second an array: the tape is the same."""
    x = np.array([0.5, 1.0, 2.0])
    g = lambda x: np.sum(np.sin(f(x)))  # noqa: E731
    assert_close(ad.grad(ad.checkpoint(g))(x), ad.grad(g)(x))
