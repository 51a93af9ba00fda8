"""Writes through many live views of one array: what is outdated is made again."""

import copy
import operator

import numpy as np
import pytest

import adjoint as ad
from adjoint._core.outdated import Outdated

X = np.array([0.3, -0.7, 1.1])


def fill_rows(x, n):
    """Write each row of an array while views of all rows are held."""
    a = np.zeros((n, 3)) * x[0]
    rows = [a[i] for i in range(n)]
    for i in range(n):
        rows[i][:] = x * i
        rows[i] += rows[i - 1]
    return np.sum(a[: n // 2] * rows[-1])


def test_rows_written_while_all_are_held():
    expected = (fill_rows(X + 1e-6, 5) - fill_rows(X - 1e-6, 5)) / 2e-6
    assert ad.jvp(lambda x: fill_rows(x, 5), (X,), (np.ones(3),))[1] == pytest.approx(
        expected, rel=1e-8
    )
    assert np.sum(ad.grad(fill_rows)(X, 5)) == pytest.approx(expected, rel=1e-8)


def test_each_of_many_rows_costs_the_same_on_the_tape():
    _, *entries = [  # the first run is a deep one
        len(ad.vjp(lambda x, n=n: fill_rows(x, n), X)[1]._entries)
        for n in (8, 16, 32, 48)
    ]
    assert entries[2] - entries[1] == entries[1] - entries[0]


def outdated_view(x):
    """A view of a traced array that was written since."""
    a = 2.0 * x
    view = a[1:]
    a[2] = x[0]
    return view


def test_the_view_used_below_is_outdated():
    def f(x):
        assert type(outdated_view(x)) is Outdated
        return 1.0

    ad.grad(f, plain_numpy=False)(X)


USES = {
    "left operand": lambda v: v * 3.0,
    "right operand": lambda v: 3.0 / v,
    "operand of a traced array": lambda v: np.exp(v) * v,
    "power": lambda v: v**2,
    "negated": lambda v: -v,
    "absolute": abs,
    "matrix product": lambda v: v @ np.ones((2, 2)),
    "ufunc": np.sin,
    "second argument of a ufunc": lambda v: np.add(1.0, v),
    "function": np.cumsum,
    "method": lambda v: v.dot(np.array([2.0, 3.0])),
    "attribute": lambda v: v.T,
    "index": lambda v: v[0] * 2.0,
    "iteration": lambda v: np.stack([2.0 * one for one in v]),
    "length": lambda v: v * len(v),
    "shape": lambda v: v * v.shape[0],
    "class": lambda v: v * isinstance(v, np.ndarray),
    "comparison": lambda v: np.where(v > 0.5, v, 2.0 * v),
    "membership": lambda v: v * (2.0 in v),
    "copy": copy.copy,
    "deep copy": copy.deepcopy,
    "augmented": lambda v: operator.imul(v, 4.0),
    "stored into": lambda v: operator.setitem(v, 0, 7.0 * v[1]) or v,
    "stored": lambda v: operator.setitem(w := np.zeros(2) * v[0], slice(None), v) or w,
    "conditions": lambda v: v if v.any() and bool(v[0]) else 2.0 * v,
    "text": lambda v: v * len(f"{v} {v!r} {v!s}") * 0.0,
    "view of a view": lambda v: v[::-1][1:],
    "jvp": lambda v: ad.jvp(np.sin, (v,), (v,))[1],
    "vmap": ad.vmap(np.square),
    "no gradient": lambda v: ad.stop_gradient(v) * v,
}


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_an_outdated_view_serves_as_any_other(use):
    def written(x):
        return np.sum(use(outdated_view(x)))

    def made(x):
        return np.sum(use(np.stack([2.0 * x[1], x[0]])))

    for transform in (ad.grad, ad.jacfwd, ad.hessian):
        assert np.array_equal(transform(written)(X), transform(made)(X))


def test_an_outdated_view_is_returned():
    assert np.array_equal([[0, 2, 0], [1, 0, 0]], ad.jacobian(outdated_view)(X))
    assert np.array_equal([[0, 2, 0], [1, 0, 0]], ad.jacfwd(outdated_view)(X))
    out = ad.vmap(outdated_view)(np.stack([X, 2.0 * X]))
    assert np.array_equal([[-1.4, 0.3], [-2.8, 0.6]], out)


def test_views_of_views_to_any_depth():
    def f(x):
        a = np.zeros(3000) * x[0]
        views = [a]
        while len(views[-1]) > 1:
            views.append(views[-1][1:])
        a[-1] = x[0] ** 2
        return views[-1][0] * x[1]

    assert np.array_equal([2 * 0.3 * -0.7, 0.3**2, 0.0], ad.grad(f)(X))


def test_an_outdated_view_is_read_first_inside_a_checkpoint():
    def f(x):
        view = outdated_view(x)
        inside = ad.checkpoint(lambda y: np.sum(np.sin(y * view)))(x[:2])
        return inside * np.sum(view)

    def plain(x):
        view = np.stack([2.0 * x[1], x[0]])
        return np.sum(np.sin(x[:2] * view)) * np.sum(view)

    assert ad.grad(f)(X) == pytest.approx(ad.grad(plain)(X), rel=1e-14)


def test_views_made_inside_a_checkpoint_are_outdated_when_it_ends():
    def inner(y):
        view = outdated_view(y)
        return view, np.sum(view)

    def f(x):
        view, total = ad.checkpoint(inner)(x)
        return np.sum(view) * total

    assert ad.grad(f)(X) == pytest.approx([2.0 * -1.1, 4.0 * -1.1, 0.0], rel=1e-14)


def test_views_of_a_workspace_show_what_is_left_in_it():
    workspace = np.zeros((2, 3))
    rows = [workspace[0], workspace[1]]

    def f(x):
        rows[0][:] = x
        rows[1][:] = 2.0 * x
        workspace[0, 0] = x[1]
        return np.sum(workspace * x)

    ad.grad(f)(X)
    assert np.array_equal([[-0.7, -0.7, 1.1], 2.0 * X], workspace)
    assert np.array_equal([-0.7, -0.7, 1.1], rows[0])


def test_a_view_that_outlives_its_transform():
    kept = []

    def f(x):
        kept.append(outdated_view(x))
        return np.sum(x)

    ad.grad(f, plain_numpy=False)(X)
    assert np.array_equal([-1.4, 0.3], ad.stop_gradient(kept[0]))
    with pytest.raises(ad.errors.LeakError):
        kept[0] * 2.0


def test_a_shape_is_set_while_a_view_waits():
    def f(x):
        a = np.zeros(4) * x[0]
        view = a[1:3]
        a[2] = x[0]
        a.shape = (2, 2)
        a[0, 1] = x[1] ** 2
        return np.sum(view * np.array([3.0, 5.0]))

    assert np.array_equal([5.0, 6.0 * X[1], 0.0], ad.grad(f)(X))
