"""vmap: axes by key, axes that are not there, the loop, nothing in the batch."""

from collections import OrderedDict

import numpy as np
import pytest

import adjoint as ad
from transforms.compare import assert_same

A = np.arange(6.0).reshape(2, 3)


def test_ordered_axes_in():
    """Axes go by key, whatever the order of either mapping."""
    f = lambda p: p["b"] * 10.0 + p["a"]  # noqa: E731
    expected = A.T[:, 0] * 10.0 + np.arange(3.0)
    for tree in (
        OrderedDict([("b", A), ("a", np.arange(3.0))]),
        OrderedDict([("a", np.arange(3.0)), ("b", A)]),
    ):
        for axes in (
            OrderedDict([("a", 0), ("b", 1)]),
            OrderedDict([("b", 1), ("a", 0)]),
            {"a": 0, "b": 1},
            {"b": 1, "a": 0},
        ):
            given = ad.vmap(lambda p: f(p)[0], (axes,))(tree)
            assert_same(expected, given)


def test_ordered_axes_out():
    """And so do the axes of results; the mapping comes back in its own order."""

    def f(x):
        return OrderedDict([("b", x), ("a", x * 2.0)])

    for axes in (
        OrderedDict([("a", 0), ("b", 1)]),
        OrderedDict([("b", 1), ("a", 0)]),
        {"a": 0, "b": 1},
        {"b": 1, "a": 0},
    ):
        given = ad.vmap(f, out_axes=axes)(A)
        assert_same(OrderedDict([("b", A.T), ("a", A * 2.0)]), given)
        assert ["b", "a"] == list(given)


def test_keys_of_mixed_types():
    """Keys that cannot be sorted: axes in and out, and derivatives."""
    tree = {1: A, "a": np.arange(3.0), (2,): 5.0}
    axes = {(2,): None, "a": 0, 1: 1}
    f = lambda p: {"sum": np.sum(p[1]) + p["a"] + p[(2,)], 0: p["a"]}  # noqa: E731
    given = ad.vmap(f, (axes,), {0: 0, "sum": 0})(tree)
    assert_same({"sum": A.sum(axis=0) + np.arange(3.0) + 5.0, 0: np.arange(3.0)}, given)
    total = lambda p: np.sum(ad.vmap(f, (axes,))(p)["sum"])  # noqa: E731
    expected = {1: np.ones((2, 3)), "a": np.ones(3), (2,): np.float64(3.0)}
    assert_same(expected, ad.grad(total)(tree))


@pytest.mark.parametrize("axis", [2, -3, 7])
def test_an_output_axis_that_is_not_there(axis):
    """ShapeError that names out_axes, for batched results and for constants."""
    for f in (lambda x: x * 2.0, lambda x: np.ones(3), lambda x: (x, 3.0)):
        with pytest.raises(ad.errors.ShapeError, match="out_axes"):
            ad.vmap(f, out_axes=axis)(A)
    with pytest.raises(ad.errors.ShapeError, match="out_axes"):
        ad.vmap(np.sum, out_axes=1)(A)


@pytest.mark.filterwarnings("ignore::adjoint.errors.BatchFallbackWarning")
@pytest.mark.parametrize("axis", [2, -3, 7])
def test_an_output_axis_that_is_not_there_in_the_loop(axis):
    """The same error where the function is run sample by sample."""
    with pytest.raises(ad.errors.ShapeError, match="out_axes"):
        ad.vmap(lambda x: x if x[0] > 0.0 else -x, out_axes=axis)(A)


def test_an_input_axis_that_is_not_there():
    """ShapeError for arguments, too."""
    for axis in (2, -3):
        with pytest.raises(ad.errors.ShapeError, match="axis"):
            ad.vmap(np.sum, axis)(A)


def writes(x):
    if x[0] >= 0.0:
        x[0] = 100.0
    return x


def adds_in_place(x):
    if x[0] >= 0.0:
        x += 100.0
    return x


@pytest.mark.filterwarnings("ignore::adjoint.errors.BatchFallbackWarning")
@pytest.mark.parametrize("axis", [0, 1, -1])
@pytest.mark.parametrize("f", [writes, adds_in_place])
def test_the_loop_does_not_write_into_the_callers_array(f, axis):
    """A function that writes into its sample writes into a copy."""
    a = A.copy()
    given = ad.vmap(f, axis)(a)
    assert_same(A, a)
    expected = np.stack([f(row.copy()) for row in np.moveaxis(A, axis, 0)])
    assert_same(expected, given)
    assert not np.shares_memory(given, a)


@pytest.mark.filterwarnings("ignore::adjoint.errors.BatchFallbackWarning")
def test_the_loop_hands_out_memory_of_its_own():
    """Not even the identity returns a view of the argument, or a shared constant."""
    a, c = A.copy(), np.ones(3)

    def f(x):
        if x[0] >= 0.0:
            return x, c
        return x, c

    given = ad.vmap(f)(a)
    for part in given:
        part[:] = 7.0
    assert_same(A, a)
    assert_same(np.ones(3), c)


# Nothing in the batch


def test_empty_products():
    """No rows to multiply: an empty gradient, no error."""
    f = lambda x: np.sum(np.prod(x, axis=1))  # noqa: E731
    empty = np.zeros((0, 3))
    for derivative in (ad.grad, ad.jacfwd, ad.jacrev):
        assert_same(empty, derivative(f)(empty))
    assert_same(np.zeros((0, 3, 0, 3)), ad.hessian(f)(empty))
    assert_same((0.0, 0.0), tuple(map(float, ad.jvp(f, (empty,), (empty,)))))
    assert_same(
        np.zeros((3, 0)), ad.grad(lambda x: np.sum(x.prod(0)))(np.zeros((3, 0)))
    )


@pytest.mark.parametrize(
    "reduction",
    [np.sum, np.prod, np.max, np.min, np.mean, np.var, np.std, np.cumsum, np.ptp],
)
def test_empty_reductions(reduction):
    """Over the axis that has elements, of none: as NumPy, gradients empty."""
    empty = np.zeros((0, 3))
    assert (0,) == np.sum(empty, axis=1).shape
    try:
        given = ad.grad(lambda x: np.sum(reduction(x, axis=1)))(empty)
    except ad.errors.MissingRuleError:
        return
    assert_same(empty, given)


@pytest.mark.parametrize("function", [np.argmax, np.argmin])
def test_a_batch_of_none(function):
    """The positions of the largest of no samples: an empty array of integers."""
    given = ad.vmap(function)(np.zeros((0, 4)))
    assert_same(np.zeros(0, dtype=np.intp), given)
    by_axis = ad.vmap(lambda x: function(x, axis=1))(np.zeros((0, 2, 4)))
    assert_same(np.zeros((0, 2), dtype=np.intp), by_axis)


@pytest.mark.parametrize(
    "function",
    [np.sum, np.max, np.sin, np.prod, np.var, np.cumsum, lambda x: x @ x, np.any],
)
def test_functions_of_a_batch_of_none(function):
    """The shape is that of a batch of one, but for its length."""
    one = ad.vmap(function)(np.ones((1, 4)))
    none = ad.vmap(function)(np.zeros((0, 4)))
    assert (0, *one.shape[1:]) == none.shape
    assert one.dtype == none.dtype
