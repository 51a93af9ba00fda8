"""Arrays of others that reach a variable by patterns, descriptors and subclasses."""

import collections
import functools
import queue

import numpy as np
import pytest

import adjoint as ad

X = np.array([0.5, 1.25, 2.25])


def by_match(x):
    state = STATES["match"]
    state["u"][:] = x
    match state:
        case {"u": u} if u[0] > 0:
            return np.sum(u * x)
    return 0.0


def by_match_without_guard(x):
    state = STATES["match"]
    state["u"][:] = x
    match [state["u"], 1]:
        case [u, _]:
            return np.sum(u * x) if u[0] > 0 else 0.0


def by_pairs(x):
    pairs = STATES["pairs"]
    pairs[0][0][:] = x
    total = 0.0
    for u, v in pairs:
        if u[0] > 0:
            total = total + np.sum(u * v * x)
    return total


def by_items(x):
    named = STATES["named"]
    named["a"][0][0][:] = x
    return sum([np.sum(u * x) for _, ((u, _), *_) in named.items() if u[0] > 0])


def by_values(x):
    named = STATES["named"]
    named["a"][0][0][:] = x
    (((u, _), *rest),) = named.values()
    return np.sum(u * x) + len(rest) if u[0] > 0 else 0.0


STATES = {
    "match": {"u": np.zeros(3)},
    "pairs": [[np.zeros(3), np.ones(3)]],
    "named": {"a": [[np.zeros(3), None], 1, 2]},
}


@pytest.mark.parametrize(
    "f", [by_match, by_match_without_guard, by_pairs, by_items, by_values]
)
def test_what_is_taken_apart_is_followed(f):
    assert f(X) != 0
    value, gradient = ad.value_and_grad(f)(X)
    assert value == f(X)
    np.testing.assert_array_equal(gradient, 2 * X)


class Field:
    """A descriptor that notes what is set, and converts it."""

    def __get__(self, owner, _cls=None):
        return owner.__dict__["field"]

    def __set__(self, owner, value):
        owner.history.append(value)
        owner.__dict__["field"] = np.array(value, dtype=float)


class WithField:
    u = Field()

    def __init__(self):
        self.history = []
        self.calls = 0

    def loss(self, x):
        self.calls += 1
        if self.calls > 1:
            self.u = [x[0], x[1] * x[2], 1.0]
            return np.sum(self.u * x)
        return np.sum(x)


def test_descriptors_are_followed_and_not_called_again_afterwards():
    model = WithField()
    ad.grad(model.loss)(X)
    gradient = ad.grad(model.loss)(X)
    np.testing.assert_allclose(
        gradient, [2 * X[0], 2 * X[1] * X[2], X[1] ** 2 + 1], rtol=1e-15
    )
    assert model.history == [[X[0], X[1] * X[2], 1.0]]
    assert type(model.history[0][0]) is np.float64
    assert type(model.u) is np.ndarray


class Kernel:
    @functools.cached_property
    def matrix(self):
        return np.outer(self.x, self.x)

    def loss(self, x):
        self.x = x
        self.__dict__.pop("matrix", None)
        return np.sum(self.matrix) + self.matrix[0, 1]


def test_cached_properties_are_plain_afterwards():
    model, function = Kernel(), Kernel.__dict__["matrix"].func
    for _ in range(2):
        ad.grad(model.loss)(X)
        assert Kernel.__dict__["matrix"].func is function
        assert type(model.__dict__["matrix"]) is np.ndarray
        np.testing.assert_array_equal(model.matrix, np.outer(X, X))


def test_containers_of_python_are_plain_afterwards():
    listed, mapped, waiting = (
        collections.UserList(),
        collections.UserDict(),
        queue.Queue(),
    )

    def f(x):
        listed.append(np.sum(x))
        mapped["last"] = x * 2
        mapped.update(first=x[0])
        waiting.put((x[1],))
        return listed[-1] * mapped["last"][0]

    ad.grad(f)(X)
    ad.grad(f)(X)
    assert list(listed) == [np.sum(X)] * 2
    assert [type(one) for one in listed] == [np.float64] * 2
    assert type(mapped["last"]) is np.ndarray
    assert type(mapped["first"]) is np.float64
    assert [type(one) for (one,) in waiting.queue] == [np.float64] * 2


class History(list):
    pass


class Named(dict):
    __getattr__ = dict.__getitem__
    __setattr__ = dict.__setitem__

    def __setitem__(self, key, value):
        super().__setitem__(key, value)


def test_subclasses_of_containers_hold_what_they_are_given():
    def f(x):
        history, named, u = History(), Named(), np.zeros(3)
        history.append(u)
        named["u"] = u
        u[:] = x
        assert named["u"] is u
        assert history[0] is u
        return np.sum(history[0] * named["u"])

    np.testing.assert_array_equal(ad.grad(f)(X), 2 * X)


def test_objects_whose_getattr_raises_key_errors_are_followed():
    named = Named(u=np.zeros(3))

    def f(x):
        named.y = x**2
        named.u[:] = named.y
        return np.sum(named.u)

    for _ in range(2):
        np.testing.assert_array_equal(ad.grad(f)(X), 2 * X)
        assert type(named["y"]) is np.ndarray
