"""vmap: axes, trees, constants, the loop, sizes one and zero."""

import warnings
from collections import OrderedDict

import numpy as np
import pytest

import adjoint as ad
from transforms.compare import assert_close, assert_disjoint, assert_same

A = np.arange(24.0).reshape(2, 3, 4) / 7.0
B = np.cos(A)


@pytest.mark.parametrize("axis", [0, 1, 2, -1, -2, -3])
@pytest.mark.parametrize("out_axis", [0, 1, -1])
def test_axes(axis, out_axis):
    """The mapped axis goes where out_axes says, negative ones counted at each end."""
    expected = np.stack(
        [np.sum(a, axis=0) for a in np.moveaxis(A, axis, 0)], axis=out_axis
    )
    f = lambda a: np.sum(a, axis=0)  # noqa: E731
    assert_close(expected, ad.vmap(f, axis, out_axis)(A))


def test_axes_by_argument_and_none():
    """One axis per argument; None hands it over whole, as it is."""
    seen = []

    def f(a, b, options):
        seen.append(options)
        return a @ b

    options = {"x": [1]}
    given = ad.vmap(f, (1, None, None))(A[0], np.ones(3), options)
    assert_close(np.ones(3) @ A[0], given)
    assert seen[0] is not None
    assert {"x": [1]} == seen[0]


def test_trees_of_axes():
    """A tree, or the beginning of one, of axes for a tree of arguments."""

    def f(p, x):
        return {"y": p["w"] @ x + p["b"][0], "b": p["b"]}

    p = {"w": np.ones((3, 4)), "b": (np.arange(5.0), 2.0)}
    x = np.arange(20.0).reshape(4, 5)
    given = ad.vmap(f, ({"w": None, "b": (0, None)}, 1), {"y": 1, "b": 0})(p, x)
    expected = np.stack([np.ones((3, 4)) @ x[:, k] + k for k in range(5)], axis=1)
    assert_close(expected, given["y"])
    assert_close((np.arange(5.0), np.full(5, 2.0)), given["b"])


@pytest.mark.parametrize("kind", [dict, OrderedDict])
def test_axes_of_a_dictionary_go_by_key(kind):
    """Whatever the order of the keys."""
    p = kind([("b", np.ones((4, 2))), ("a", np.arange(3.0))])
    f = lambda p: np.sum(p["b"]) + p["a"]  # noqa: E731
    given = ad.vmap(f, (kind([("b", 0), ("a", None)]),))(p)
    assert_close(np.full((4, 3), 2.0) + np.arange(3.0), given)
    given = ad.vmap(f, (kind([("a", None), ("b", 0)]),))(p)
    assert_close(np.full((4, 3), 2.0) + np.arange(3.0), given)


def test_results_that_do_not_depend_on_the_batch():
    """They are repeated, in arrays of their own; with out_axes=None once."""
    c = np.arange(3.0)
    f = lambda a: (np.sum(a), 7.0, c, None)  # noqa: E731
    given = ad.vmap(f)(np.ones((2, 4)))
    assert_same((np.full(2, 4.0), np.full(2, 7.0), np.stack([c, c]), None), given)
    assert_disjoint(given, c)
    given[2][0] = 5.0
    assert_same(np.arange(3.0), c)
    assert_same(7.0, ad.vmap(lambda a: 7.0, out_axes=None)(np.ones(2)))


def test_out_axes_none_of_a_batched_result():
    """Refused, with a sentence."""
    with pytest.raises(ad.errors.ShapeError, match="out_axes=None"):
        ad.vmap(lambda a: a * 2.0, out_axes=None)(np.ones(2))


def test_keywords_are_not_mapped():
    """They arrive whole."""
    given = ad.vmap(lambda a, *, b: a @ b)(A[0], b=np.ones(4))
    assert_close(A[0] @ np.ones(4), given)


def branch(x):
    return x * 2.0 if x > 0 else -x


def test_the_loop():
    """One warning, naming the function, and the right result."""
    with pytest.warns(ad.errors.BatchFallbackWarning, match="branch") as caught:
        given = ad.vmap(branch)(np.array([1.0, -3.0]))
    assert 1 == len(caught)
    assert_same(np.array([2.0, 3.0]), given)
    with pytest.warns(ad.errors.BatchFallbackWarning):
        given = ad.grad(lambda x: np.sum(ad.vmap(branch)(x) * x))(np.array([1.0, -3.0]))
    assert_same(np.array([4.0, 6.0]), given)
    with pytest.warns(ad.errors.BatchFallbackWarning):
        given = ad.vmap(ad.grad(branch))(np.array([1.0, -3.0]))
    assert_same(np.array([2.0, -1.0]), given)


def test_the_loop_has_the_axes_of_the_batch():
    """in_axes, out_axes, trees, kwargs and constants as without the loop."""

    def f(p, c, *, k, loops):
        if loops:
            bool(p["a"][0] > 0)
        return {"y": p["a"] * c * k, "c": c, "n": 3.0}

    p, c = {"a": A[0]}, np.arange(3.0)

    def both(out_axes):
        mapped = ad.vmap(f, ({"a": 1}, None), out_axes)
        expected = mapped(p, c, k=2.0, loops=False)
        with pytest.warns(ad.errors.BatchFallbackWarning):
            assert_same(expected, mapped(p, c, k=2.0, loops=True))

    both({"y": 1, "c": 0, "n": 0})
    both({"y": -1, "c": -1, "n": 0})
    both({"y": 0, "c": None, "n": None})


def test_fallback_raise():
    """Control flow on a batch is refused, without a warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(ad.errors.BatchedControlError, match=r"np\.where"):
            ad.vmap(branch, fallback="raise")(np.ones(2))


def test_an_unknown_fallback():
    """Neither loop nor raise: refused."""
    with pytest.raises(ad.errors.InputError, match="fallback"):
        ad.vmap(branch, fallback="lop")(np.ones(2))


def test_only_the_inner_vmap_loops():
    """The level whose batch was asked loops; the outer stays a batch."""
    calls = []

    def f(x, y):
        calls.append(1)
        return x * (1.0 if y > 0 else 2.0)

    y = np.array([1.0, -1.0])
    with pytest.warns(ad.errors.BatchFallbackWarning):
        given = ad.vmap(lambda x: ad.vmap(f, (None, 0))(x, y))(np.arange(3.0))
    assert_same(np.outer(np.arange(3.0), [1.0, 2.0]), given)
    assert 3 == len(calls)


@pytest.mark.parametrize(
    ("call", "error", "phrase"),
    [
        (
            lambda: ad.vmap(np.add)(np.ones(2), np.ones(3)),
            ad.errors.ShapeError,
            r"2, 3",
        ),
        (lambda: ad.vmap(np.sin)(2.0), ad.errors.InputError, "no axes"),
        (lambda: ad.vmap(np.sin, 1)(np.ones(2)), ad.errors.ShapeError, "axis 1"),
        (lambda: ad.vmap(np.sin, -2)(np.ones(2)), ad.errors.ShapeError, "axis -2"),
        (lambda: ad.vmap(np.sin, None)(np.ones(2)), ad.errors.InputError, "None"),
        (lambda: ad.vmap(np.add, (0,))(A, A), ad.errors.TreeError, "in_axes"),
        (lambda: ad.vmap(np.sin, ({"a": 0},))(A), ad.errors.TreeError, "in_axes"),
        (lambda: ad.vmap(np.sin, 0, {"a": 0})(A), ad.errors.TreeError, "out_axes"),
        (lambda: ad.vmap(np.sin)(np.array(1.0)), ad.errors.ShapeError, "axis 0"),
    ],
)
def test_mistakes(call, error, phrase):
    """Each answered by a sentence."""
    with pytest.raises(error, match=phrase):
        call()


@pytest.mark.parametrize("size", [1, 0])
@pytest.mark.parametrize(
    "f",
    [
        np.sin,
        lambda a: np.sum(a, axis=0),
        lambda a: np.max(a, axis=1),
        lambda a: a @ np.ones((4, 2)),
        lambda a: a[1, ::2],
        lambda a: np.concatenate([a, a * 2.0]),
        lambda a: np.reshape(a, (-1,)),
        lambda a: a.T,
        lambda a: np.cumsum(a, axis=1),
        lambda a: 3.0,
    ],
)
def test_batches_of_one_and_none(size, f):
    """A batch of none gives an empty batch, of the shape that samples would have."""
    given = ad.vmap(f)(A[:size])
    assert (size, *np.shape(f(A[0]))) == given.shape
    if size:
        assert_close(np.stack([f(A[0])]), given)


def test_no_loop_over_nothing():
    """Control flow over an empty batch has no answer: refused, not warned alone."""
    with (
        pytest.warns(ad.errors.BatchFallbackWarning),
        pytest.raises(ad.errors.ShapeError, match="length 0"),
    ):
        ad.vmap(branch)(np.ones(0))


FUNCTIONS = {
    "sum all": np.sum,
    "sum axis": lambda a: np.sum(a, axis=-1),
    "sum keepdims": lambda a: np.sum(a, axis=0, keepdims=True) + a,
    "mean": lambda a: np.mean(a, axis=(0, 1)),
    "var": lambda a: np.var(a, axis=1),
    "max": lambda a: np.max(a, axis=0),
    "prod": lambda a: np.prod(a, axis=1),
    "argmax": lambda a: np.argmax(a, axis=1),
    "index": lambda a: a[0],
    "slice": lambda a: a[:, ::-2],
    "newaxis": lambda a: a[:, None, 1:2],
    "ellipsis": lambda a: a[..., -1],
    "concatenate": lambda a: np.concatenate([a, np.ones((3, 1))], axis=1),
    "concatenate negative": lambda a: np.concatenate([a, a], axis=-1),
    "stack": lambda a: np.stack([a, 2.0 * a], axis=-1),
    "transpose": lambda a: a.T * np.ones((4, 3)),
    "reshape": lambda a: a.reshape(2, 6),
    "broadcast": lambda a: a * np.arange(4.0) + np.arange(3.0)[:, None],
    "where": lambda a: np.where(a > 1.0, a, 0.0),
    "outer": lambda a: np.outer(a[0], a[1]),
    "cumsum": lambda a: np.cumsum(a, axis=0),
    "split": lambda a: np.split(a, 2, axis=1)[1],
    "ravel": np.ravel,
    "zeros_like": lambda a: np.zeros_like(a) + a,
    "shape": lambda a: a * a.shape[0] + a.ndim + len(a) + a.size,
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_batch_equals_loop(name):
    """Without the loop's warning: the function is run once."""
    f = FUNCTIONS[name]
    assert_close(np.stack([f(a) for a in A]), ad.vmap(f)(A))
    last = np.moveaxis(A, 0, -1)
    assert_close(np.stack([f(a) for a in A], -1), ad.vmap(f, -1, -1)(last))


SHAPES = [(3,), (3, 3), (2, 3, 3), (5, 2, 3, 3)]


@pytest.mark.parametrize("left", SHAPES, ids=str)
@pytest.mark.parametrize("right", SHAPES, ids=str)
@pytest.mark.parametrize("mapped", ["left", "right", "both"])
@pytest.mark.parametrize("function", [np.matmul, np.dot])
def test_products_of_all_ranks(function, left, right, mapped):
    """Vectors, matrices and stacks, one or both of them mapped."""
    rng = np.random.default_rng(0)
    size = 4
    x = rng.standard_normal((size, *left) if mapped != "right" else left)
    y = rng.standard_normal((size, *right) if mapped != "left" else right)
    axes = (None if mapped == "right" else 0, None if mapped == "left" else 0)
    rows = [
        function(x if axes[0] is None else x[k], y if axes[1] is None else y[k])
        for k in range(size)
    ]
    assert_close(np.stack(rows), ad.vmap(function, axes)(x, y), rtol=1e-12)


def test_the_function_sees_one_sample():
    """Shape, rank, length, type and dtype are those of a sample."""
    seen = []

    def f(a):
        seen.append((a.shape, a.ndim, len(a), a.dtype, isinstance(a, np.ndarray)))
        return a

    ad.vmap(f)(A)
    assert ((3, 4), 2, 3, np.dtype(float), True) == seen[0]


@pytest.mark.parametrize("size", [3, 2000])
def test_gradients_in_a_batch_share_memory_with_nothing(size):
    """vmap(grad) hands out arrays of its own, though a derivative be a constant."""
    x, c = np.ones((2, size)), np.full((2, size), 5.0)
    given = ad.vmap(ad.grad(lambda x, c: np.sum(x * c)))(x, c)
    assert_same(c, given)
    assert_disjoint(given, c, x)
    pair = ad.vmap(ad.grad(lambda x, y: np.sum((x + y) * 2.0), (0, 1)))(x, c)
    assert_disjoint(pair, x, c)


def test_an_array_filled_like_a_sample_has_its_shape():
    f = lambda x: np.sum(x) * np.full_like(x, 2.0).shape[0]  # noqa: E731
    assert np.array_equal([9.0, 9.0], ad.vmap(f)(np.ones((2, 3))))
