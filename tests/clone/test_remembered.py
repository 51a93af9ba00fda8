"""A function keeps its clone, which is that of no other, and goes with it."""

import copy
import functools
import gc
import weakref

import numpy as np

import adjoint as ad
from adjoint._clone.hooks import SHALLOW, SHALLOW_CALLS
from adjoint._clone.kinds import key_of


def closing_over(data):
    """Return a function that is found under no name, with an array of its own."""

    def loss(x):
        return np.sum(data * np.sin(x))

    return loss


def test_is_the_same_from_call_to_call():
    codes = []

    def make():
        def loss(x):
            codes.append(id(loss_of_now()))
            return x * x

        def loss_of_now():
            return loss

        return loss

    derivative = ad.grad(make())
    assert [derivative(2.0), derivative(3.0)] == [4.0, 6.0]
    assert codes[0] == codes[1]


def test_is_freed_with_its_function():
    loss = closing_over(np.arange(3.0))
    assert ad.grad(loss)(0.0) == 3.0
    assert ad.grad(loss)(0.0) == 3.0
    gone = weakref.ref(loss)
    del loss
    gc.collect()
    assert gone() is None


def test_one_each_of_functions_with_the_same_code():
    losses = [closing_over(np.array(k)) for k in (1.0, 2.0)]
    assert [ad.grad(loss)(0.0) for loss in losses * 2] == [1.0, 2.0, 1.0, 2.0]


def test_is_not_that_of_a_wrapper_with_the_same_code():
    def doubled(function):
        @functools.wraps(function)
        def call(x):
            return 2.0 * function(x)

        return call

    once = doubled(lambda x: x * x)
    assert ad.grad(once)(1.0) == 4.0
    twice = doubled(once)
    assert ad.grad(twice)(1.0) == 8.0
    assert ad.grad(twice)(1.0) == 8.0


def test_is_made_anew_of_other_code_and_defaults():
    def scaled(x, factor=2.0):
        return factor * x

    assert ad.grad(scaled)(1.0) == 2.0
    scaled.__defaults__ = (3.0,)
    assert ad.grad(scaled)(1.0) == 3.0
    scaled.__code__ = (lambda x, factor: factor * x * x).__code__
    assert ad.grad(scaled)(1.0) == 6.0


def scaled(x, factor=2.0):
    return factor * x


SPACE = np.zeros(1)


def test_a_helper_is_made_anew_of_other_defaults_in_runs_of_both_kinds():
    def shallow(x):
        return scaled(x)

    def deep(x):
        SPACE[0] = scaled(x)
        return SPACE[0]

    both = [ad.grad(shallow), ad.grad(deep)]
    assert [2.0] * 4 == [slope(1.0) for slope in both + both]
    defaults = scaled.__defaults__
    try:
        for factor in (3.0, 4.0):
            scaled.__defaults__ = (factor,)
            assert [factor] * 4 == [slope(1.0) for slope in both + both]
    finally:
        scaled.__defaults__ = defaults


def cubed(x, factor=1.0):
    return factor * x**3


def test_later_runs_are_of_other_code_and_defaults_too():
    """From the third run on nothing is asked but whether something has changed."""
    code, defaults = cubed.__code__, cubed.__defaults__
    slope = ad.grad(cubed)
    assert [3.0] * 4 == [slope(1.0) for _ in range(4)]
    try:
        cubed.__defaults__ = (2.0,)
        assert [6.0] * 4 == [slope(1.0) for _ in range(4)]
        cubed.__code__ = (lambda x, factor: factor * x).__code__
        assert [2.0] * 4 == [slope(1.0) for _ in range(4)]
    finally:
        cubed.__code__, cubed.__defaults__ = code, defaults
    assert [3.0] * 4 == [slope(1.0) for _ in range(4)]


def sine_of(x):
    return np.sin(x)


def test_later_runs_call_what_implements_a_function_from_then_on():
    slope = ad.grad(sine_of)
    assert [1.0] * 4 == [slope(0.0) for _ in range(4)]
    for implemented, expected in ((np.sin, 2.0), (sine_of, 2.0)):
        ad.extend.implements(implemented)(lambda x: 2.0 * x)
        try:
            assert [expected] * 4 == [slope(0.0) for _ in range(4)]
        finally:
            ad.extend.withdraw(implemented)
        assert [1.0] * 4 == [slope(0.0) for _ in range(4)]


def test_later_runs_are_of_other_defaults_also_where_something_was_implemented():
    defaults = cubed.__defaults__
    slope = ad.grad(cubed)
    assert [3.0] * 4 == [slope(1.0) for _ in range(4)]
    ad.extend.implements(sine_of)(np.sin)
    try:
        cubed.__defaults__ = (2.0,)
        assert [6.0] * 4 == [slope(1.0) for _ in range(4)]
    finally:
        ad.extend.withdraw(sine_of)
        cubed.__defaults__ = defaults
    assert [3.0] * 4 == [slope(1.0) for _ in range(4)]


def doubled_in_place(x, y):
    y *= 2.0
    return np.sum(x * y)


def test_later_runs_do_not_write_into_the_values_of_others():
    """``y`` is traced by an outer transform that runs its function as it is written."""

    def outer(y):
        return np.sum(ad.grad(doubled_in_place)(np.ones(2), y) * y)

    y = np.array([1.0, 3.0])
    for _ in range(4):
        ad.grad(doubled_in_place, (0, 1))(np.ones(2), np.ones(2))
    for _ in range(4):
        slopes = ad.grad(outer, plain_numpy=False)(y)
        np.testing.assert_array_equal([4.0, 12.0], slopes)
    np.testing.assert_array_equal([1.0, 3.0], y)


def kept_elsewhere(x, store):
    if store:
        SPACE[0] = x
        return SPACE[0] * x
    return x * x


def test_a_function_that_stores_later_is_followed_from_then_on():
    for _ in range(4):
        assert 4.0 == ad.grad(kept_elsewhere)(2.0, False)
    assert [4.0] * 3 == [ad.grad(kept_elsewhere)(2.0, True) for _ in range(3)]


def test_is_no_state_of_the_function():
    loss = closing_over(np.ones(2))
    for _ in range(2):  # the first run of a function is a deep one
        ad.grad(loss)(0.0)
    kept = vars(loss)["__adjoint_clone__"]
    assert copy.deepcopy(kept) is None


class Weights:
    def __init__(self, scale):
        self.scale = scale


def test_earlier_ones_go_when_the_defaults_change():
    def make():
        def loss(x, weights=None):
            return x * weights.scale

        return loss

    loss = make()
    given = []
    for k in (1.0, 2.0, 3.0):
        weights = Weights(k)
        given.append(weakref.ref(weights))
        loss.__defaults__ = (weights,)
        del weights
        assert [ad.grad(loss)(1.0), ad.grad(loss)(1.0)] == [k, k]
    gc.collect()
    kept = vars(loss)
    assert {"__adjoint_clone__", "__adjoint_deep_clone__"} == kept.keys()
    del kept["__adjoint_deep_clone__"]  # that of the first run, with its defaults
    gc.collect()
    assert [one() is None for one in given] == [True, True, False]


def test_has_the_attributes_that_the_function_has_now():
    loss = closing_over(np.ones(2))
    ad.grad(loss)(0.0)
    assert ad.grad(loss)(0.0) == 2.0
    clone = SHALLOW.remembered(loss)
    assert vars(clone) == {}
    loss.terminal = True
    assert SHALLOW.remembered(loss) is clone
    assert vars(clone) == {"terminal": True}
    del loss.terminal
    assert vars(SHALLOW.remembered(loss)) == {}


def test_is_not_taken_for_what_stands_for_its_function():
    """``legmul`` is cloned, but what is called in its place does more."""
    multiply = np.polynomial.legendre.legmul
    assert SHALLOW.clone(multiply) is not SHALLOW.clone(multiply)
    SHALLOW_CALLS.clear()  # as when a module is loaded again
    stand_in = SHALLOW_CALLS.of(multiply)
    assert stand_in.__code__ is not SHALLOW.clone(multiply).__code__
    assert SHALLOW_CALLS.of(multiply) is stand_in


def test_large_trees_are_looked_at_in_part():
    """What a function's key costs is bounded, whatever the function closes over."""
    asked = []

    class Counted:
        @property
        def __dict__(self):
            asked.append(self)
            return {}

    tree, chain = Counted(), [np.sin]
    for _ in range(4):
        tree = [tree] * 16 if type(tree) is Counted else [[*tree] for _ in range(16)]
    for _ in range(5000):
        chain = [chain]
    for data in (tree, chain):
        loss = lambda x, data=data: np.sum(x * x) if data else x  # noqa: E731
        assert [ad.grad(loss)(3.0), ad.grad(loss)(3.0)] == [6.0, 6.0]
    asked.clear()
    key_of(lambda: tree, ())
    assert 0 < len(asked) <= 64 * 16


def test_a_function_that_names_itself_as_wrapped_has_a_key():
    def leaf(x):
        return x

    leaf.__wrapped__ = leaf

    def around(x):
        return leaf(x)

    assert key_of(around, ()) == key_of(around, ())


def test_objects_that_refuse_to_be_looked_at_have_a_key():
    class Shy:
        @property
        def __class__(self):
            raise RuntimeError

        @property
        def __dict__(self):
            raise RuntimeError

    shy = Shy()

    def loss(x):
        return x if [shy] else 0.0

    assert key_of(loss, ()) == key_of(loss, ())
