"""Objects that are called: what runs is remembered by their class."""

import numpy as np
import pytest

import adjoint as ad

X = np.array([0.5, 1.5])


class Scale:
    def __init__(self, factor):
        self.factor = factor

    def __call__(self, x):
        out = np.zeros(2)
        out[0] = self.factor * x[0]  # needs a clone
        return np.sum(out) + np.sum(x)


class Hashed(Scale):
    __hash__ = None


def applied(function, x):
    return function(x) * 1.0


@pytest.mark.parametrize("kind", [Scale, Hashed])
def test_each_object_runs_with_its_own_attributes(kind):
    for factor in (2.0, 3.0, 4.0):
        gradient = ad.grad(applied, argnums=1)(kind(factor), X)
        np.testing.assert_array_equal(gradient, [factor + 1.0, 1.0])


def test_a_call_that_is_replaced_is_seen(monkeypatch):
    for _ in range(3):
        ad.grad(applied, argnums=1)(Scale(2.0), X)
    monkeypatch.setattr(Scale, "__call__", lambda self, x: np.sum(self.factor * x))
    np.testing.assert_array_equal(
        ad.grad(applied, argnums=1)(Scale(2.0), X), [2.0, 2.0]
    )


def test_an_object_with_a_rule_of_its_own_keeps_it():
    plain, ruled = Scale(2.0), Scale(2.0)
    for _ in range(3):
        ad.grad(applied, argnums=1)(plain, X)

    @ad.extend.implements(ruled)
    def _(x):
        return 7.0 * np.sum(x)

    try:
        for _ in range(3):
            np.testing.assert_array_equal(
                ad.grad(applied, argnums=1)(plain, X), [3.0, 1.0]
            )
            np.testing.assert_array_equal(
                ad.grad(applied, argnums=1)(ruled, X), [7.0, 7.0]
            )
    finally:
        ad.extend.withdraw(ruled)
