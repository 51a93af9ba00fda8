"""Answers that Python was given: a replay for which one would be another raises."""

import math
import re

import numpy as np
import pytest

import adjoint as ad
from adjoint.errors import BatchedControlError, GuardError


def test_a_branch_is_a_guard():
    def f(x):
        return x * 2.0 if x > 0 else -x

    graph = ad.trace(f)(3.0)
    assert [("bool", True)] == [(one.kind, one.expected) for one in graph.guards]
    assert 8.0 == graph(4.0)
    with pytest.raises(GuardError, match=r"bool of v1 \(test_guards.py, line \d+\)"):
        graph(-4.0)
    assert 4.0 == ad.trace(f)(-4.0)(-4.0)


@pytest.mark.parametrize(
    ("f", "x", "same", "other", "kinds"),
    [
        (
            lambda x, n: sum(x for _ in range(n)),
            (2.0, 3),
            (5.0, 3),
            (5.0, 2),
            {"index"},
        ),
        (lambda x: x * int(x), (2.5,), (2.75,), (3.5,), {"int"}),
        (lambda x: x * round(x), (2.75,), (3.25,), (3.75,), {"round"}),
        (lambda x: x * math.floor(x), (2.5,), (2.75,), (3.5,), {"floor"}),
        (
            lambda x, k: x[int(k)],
            (np.ones(3), 1),
            (np.arange(3.0), 1),
            (np.ones(3), 2),
            {"int"},
        ),
        (
            lambda x: np.sum(x[x > 0]),
            (np.array([1.0, -1.0]),),
            (np.array([2.0, -3.0]),),
            (np.array([-1.0, 1.0]),),
            {"value"},
        ),
        (
            lambda x: np.linalg.norm(x) if np.all(x > 0) else 0.0 * x,
            (np.ones(2),),
            (np.full(2, 3.0),),
            (-np.ones(2),),
            {"bool"},
        ),
        (
            lambda xs, k: xs[k] * 2.0,
            ([1.0, 2.0], 1),
            ([1.0, 7.0], 1),
            ([1.0, 2.0], 0),
            {"index"},
        ),
    ],
)
def test_every_plain_answer_is_a_guard(f, x, same, other, kinds):
    graph = ad.trace(f)(*x)
    assert kinds == {guard.kind for guard in graph.guards}
    np.testing.assert_array_equal(f(*same), graph(*same))
    with pytest.raises(GuardError, match="Record it again"):
        graph(*other)


def test_a_loop_until_convergence_is_guarded_each_turn():
    def root(a):
        x = a
        while abs(x * x - a) > 1e-12:
            x = 0.5 * (x + a / x)
        return x

    graph = ad.trace(root)(2.0)
    turns = len(graph.guards)
    assert [True] * (turns - 1) + [False] == [one.expected for one in graph.guards]
    assert root(2.1) == graph(2.1)
    with pytest.raises(GuardError):
        graph(1e6)


def test_guards_below_other_handles_are_noted():
    """In a gradient inside, the tape asks the value below it."""
    f = lambda x: x**3 if x > 1 else x  # noqa: E731
    graph = ad.trace(ad.grad(f))(2.0)
    assert [True] == [one.expected for one in graph.guards if one.kind == "bool"]
    assert 27.0 == graph(3.0)
    with pytest.raises(GuardError):
        graph(0.0)


def test_an_error_that_is_caught_is_a_guard():
    """Where the operation raised, or did not, the function goes different ways."""

    def f(a):
        try:
            return np.sum(np.linalg.cholesky(a))
        except np.linalg.LinAlgError:
            return np.sum(a)

    good, bad = np.eye(2) * 4.0, np.array([[1.0, 2.0], [2.0, 1.0]])
    graph = ad.trace(f)(bad)
    assert ["error"] == [guard.kind for guard in graph.guards]
    assert -6.0 == graph(-bad)
    with pytest.raises(GuardError, match="was 'LinAlgError', and is ''"):
        graph(good)
    with pytest.raises(np.linalg.LinAlgError):
        ad.trace(f)(good)(bad)


def test_the_error_state_belongs_to_the_equation():
    def f(x):
        with np.errstate(divide="raise"):
            try:
                return 1.0 / np.square(x)
            except FloatingPointError:
                return x

    graph = ad.trace(f)(2.0)
    assert 0.0625 == graph(4.0)
    with pytest.raises(FloatingPointError):
        graph(0.0)
    assert 0.0 == ad.trace(f)(0.0)(0.0)
    with pytest.raises(GuardError):
        ad.trace(f)(0.0)(2.0)


def test_a_product_that_must_stay_finite_is_guarded():
    """Where 0 times infinity is met, another derivative stands: not a silent nan."""
    f = lambda x: np.where(x > 0, x * np.log(x), 0.0)  # noqa: E731
    gradient = ad.grad(f)
    graph = ad.trace(gradient)(2.0)
    assert re.search(r"\nholds for finite v\d+(, v\d+)*$", str(graph))
    assert gradient(3.0) == graph(3.0)
    with np.errstate(all="ignore"):
        assert 0.0 == gradient(0.0)
    with np.errstate(all="ignore"), pytest.raises(GuardError, match="finite"):
        graph(0.0)


def test_rewrites_out_of_range_are_guarded():
    f = lambda x: np.log(1.0 + np.exp(x))  # noqa: E731
    graph = ad.trace(ad.grad(f))(1.0)
    assert ad.grad(f)(2.0) == graph(2.0)
    with np.errstate(all="ignore"), pytest.raises(GuardError):
        graph(800.0)
    with np.errstate(all="ignore"):
        assert 1.0 == ad.trace(ad.grad(f))(800.0)(800.0)


def test_ties_are_guarded():
    gradient = ad.grad(lambda x: np.maximum(x, 1.0) ** 2)
    graph = ad.trace(gradient)(2.0)
    assert 6.0 == graph(3.0)
    with pytest.raises(GuardError, match="tie"):
        graph(1.0)


def test_guards_are_asked_again_where_a_graph_is_recorded():
    graph = ad.trace(lambda x: x if x > 0 else -x)(1.0)
    again = ad.trace(lambda x: 2.0 * graph(x))(3.0)
    assert ["bool"] == [guard.kind for guard in again.guards]
    with pytest.raises(GuardError):
        again(-1.0)


def test_a_batch_has_many_ways():
    """Samples that would go different ways are not replayed along one."""
    branch = ad.trace(lambda x: x * x if x > 0 else -x)(1.0)
    whole = ad.trace(lambda x: x * int(x))(1.5)
    for graph, what in (branch, "bool"), (whole, "int"):
        with pytest.raises(BatchedControlError, match=f"asks for the {what} of a"):
            ad.vmap(graph)(np.array([1.2, -2.2]))
