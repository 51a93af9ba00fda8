"""Values that outlive their transform."""

import queue

import numpy as np
import pytest

import adjoint as ad
from adjoint import errors

from .judge import assert_says, sentence


def leak_from(transform):
    """A traced value of a transform that has ended, kept where no hook sees it."""
    kept = queue.SimpleQueue()

    def keep(x):
        kept.put(x * 2.0)
        return x * x

    transform(keep)
    return kept.get()


LEAKS = {
    "grad": lambda f: ad.grad(f)(3.0),
    "vjp": lambda f: ad.vjp(f, 3.0)[1](1.0),
    "jvp": lambda f: ad.jvp(f, (3.0,), (1.0,)),
    "vmap": lambda f: ad.vmap(f)(np.ones(2)),
    "jacobian": lambda f: ad.jacobian(f)(3.0),
    "linearize": lambda f: ad.linearize(f, 3.0)[1](1.0),
}
USES = {
    "operator": lambda x: x + 1.0,
    "operator on the right": lambda x: 2.0 * x,
    "negation": lambda x: -x,
    "with itself": lambda x: x * x,
    "ufunc": np.sin,
    "binary ufunc": lambda x: np.add(np.ones(2), x),
    "function": np.sum,
    "list": lambda x: np.stack([x, x]),
    "method": lambda x: x.sum(),
    "where": lambda x: np.where(np.array([True, False]), x, 0.0),
}


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("transform", LEAKS)
def test_a_leaked_value_is_refused(transform, use):
    """What outlived its transform is no number any more."""
    leaked = leak_from(LEAKS[transform])
    message = sentence(errors.LeakError, USES[use], leaked)
    assert_says(message, "transform", "return")


@pytest.mark.parametrize("second", LEAKS)
@pytest.mark.parametrize("first", LEAKS)
def test_a_global_cache_is_plain_for_the_next_transform(first, second):
    """A memo filled in one transform and read in the next: as in plain calls."""
    memo = {}

    def gravity(x):
        if "g" not in memo:
            memo["g"] = 9.81 * x
        return memo["g"] * x

    given = LEAKS[first](gravity)
    filled = 9.81 * (1.0 if first == "vmap" else 3.0)
    assert memo == {"g": filled}
    if first in {"grad", "jacobian"}:
        assert given == pytest.approx(2.0 * 9.81 * 3.0)
    given = LEAKS[second](gravity)
    if second in {"grad", "jacobian"}:
        assert given == pytest.approx(filled)


def test_an_inner_value_becomes_one_of_the_outer_transform():
    """The inner transform ends before the outer one."""

    def outer(x):
        kept = []

        def inner(y):
            kept.append(y * y)
            return y * x

        return ad.grad(inner)(x) + kept[0]

    assert ad.grad(outer)(2.0) == 5.0


def test_an_inner_value_that_no_hook_sees_does_not_leak_into_the_outer_transform():
    def outer(x):
        kept = queue.SimpleQueue()

        def inner(y):
            kept.put(y * y)
            return y * x

        return ad.grad(inner)(x) + kept.get()

    assert_says(sentence(errors.LeakError, ad.grad(outer), 2.0), "transform")


def test_a_value_leaked_by_a_failed_transform_is_refused():
    """A transform that raised has ended too."""
    kept = queue.SimpleQueue()

    def fails(x):
        kept.put(x)
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        ad.grad(fails)(1.0)
    assert_says(sentence(errors.LeakError, np.sin, kept.get()), "transform")


def test_a_generator_that_outlives_its_transform():
    """A generator resumed after the transform uses values of the past."""

    def powers(x):
        while True:
            x = x * x
            yield x

    made = []

    def loss(x):
        made.append(powers(x))
        return next(made[0])

    assert ad.grad(loss)(3.0) == 6.0
    assert_says(sentence(errors.LeakError, next, made[0]), "transform")


def test_a_result_handed_out_by_has_aux_is_plain():
    """The cure that the sentence names."""
    slope, aux = ad.grad(lambda x: (x * x, {"twice": 2.0 * x}), has_aux=True)(3.0)
    assert (6.0, 6.0) == (slope, aux["twice"])
    assert isinstance(aux["twice"], float)


def test_a_stopped_value_may_be_kept():
    """The other cure that the sentence names."""
    kept = []

    def loss(x):
        kept.append(ad.stop_gradient(x * 2.0))
        return x * x

    ad.grad(loss)(3.0)
    assert kept == [6.0]
    assert isinstance(kept[0], float)
