"""np.dot in all its forms: lists, scalars, stacks, levels, batches."""

import numpy as np
import pytest

import adjoint as ad
from transforms.compare import assert_close, assert_same

X = np.array([1.0, 2.0, 3.0])
W = [4.0, 5.0, 6.0]

WITH_LISTS = {
    "np.dot(x, list)": (lambda x: np.dot(x, W), np.array(W)),
    "np.dot(list, x)": (lambda x: np.dot(W, x), np.array(W)),
    "x.dot(list)": (lambda x: x.dot(W), np.array(W)),
    "np.dot(matrix list, x)": (lambda x: np.dot([W], x)[0], np.array(W)),
    "np.dot(x, tuple)": (lambda x: np.dot(x, tuple(W)), np.array(W)),
    "np.matmul(x, list)": (lambda x: np.matmul(x, W), np.array(W)),
    "x @ list": (lambda x: x @ W, np.array(W)),
    "list @ x": (lambda x: W @ x, np.array(W)),
}
MODES = {
    "grad": lambda f: ad.grad(f)(X),
    "vjp": lambda f: ad.vjp(f, X)[1](1.0)[0],
    "jacfwd": lambda f: ad.jacfwd(f)(X),
    "jacrev": lambda f: ad.jacrev(f)(X),
    "vmap of grad": lambda f: ad.vmap(ad.grad(f))(X[None])[0],
    "grad of vmap": lambda f: ad.grad(lambda x: np.sum(ad.vmap(f)(x)))(X[None])[0],
    "grad of jvp": lambda f: ad.grad(
        lambda x: ad.jvp(lambda y: f(y * y), (x,), (np.full(3, 0.5),))[1]
    )(X),
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("form", WITH_LISTS)
def test_a_list_as_operand(form, mode):
    """A list of plain numbers counts as an array, in every mode."""
    f, expected = WITH_LISTS[form]
    assert_same(expected, MODES[mode](f))
    assert 32.0 == f(X)


def test_a_list_as_operand_by_jvp_and_vmap():
    """Values and tangents."""
    assert_same((np.float64(32.0), np.float64(15.0)), ad.jvp(*_push()))
    assert_same(np.array([4.0, 5.0, 6.0]), ad.vmap(lambda x: np.dot(x, W))(np.eye(3)))
    assert_same(np.array([4.0, 5.0, 6.0]), ad.vmap(lambda x: x.dot(W))(np.eye(3)))


def _push():
    return lambda x: np.dot(x, W), (X,), (np.ones(3),)


@pytest.mark.parametrize("shapes", [((), ()), ((), (3,)), ((3,), ()), ((2, 3), ())])
def test_scalars(shapes):
    """np.dot with a scalar is a product."""
    one, two = (np.full(shape, 2.0 + k) for k, shape in enumerate(shapes))
    f = lambda a, b: np.sum(np.dot(a, b))  # noqa: E731
    for gradient in (ad.grad(f, (0, 1)), ad.jacfwd(f, (0, 1)), ad.jacrev(f, (0, 1))):
        by_one, by_two = gradient(one, two)
        assert_close(ad.grad(lambda a, b: np.sum(a * b))(one, two), by_one)
        assert_close(ad.grad(lambda a, b: np.sum(a * b), 1)(one, two), by_two)
    assert 6.0 == np.dot(2.0, 3.0)
    assert_same(np.float64(3.0), ad.grad(lambda x: np.dot(x, 3.0))(2.0))
    assert_same(np.float64(3.0), ad.grad(lambda x: np.dot(3, x))(2.0))


SHAPES = [
    ((2, 3, 4), (4,)),
    ((4,), (2, 4, 3)),
    ((2, 3, 4), (4, 5)),
    ((3, 4), (2, 4, 5)),
    ((2, 3, 4), (3, 4, 2)),
    ((2, 3, 4), ()),
    ((), (2, 3, 4)),
    ((0, 3), (3, 2)),
    ((2, 0), (0, 3)),
]


@pytest.mark.parametrize("shapes", SHAPES)
def test_stacks(shapes, rng):
    """All pairs of stacks, as np.dot has them and np.matmul has not."""
    a, b = (rng.integers(-5, 6, shape).astype(float) for shape in shapes)
    weights = rng.integers(-5, 6, np.dot(a, b).shape).astype(float)
    f = lambda a, b: np.sum(np.dot(a, b) * weights)  # noqa: E731
    assert f(a, b) == ad.value_and_grad(f)(a, b)[0]
    forward, reverse = ad.jacfwd(f, (0, 1))(a, b), ad.jacrev(f, (0, 1))(a, b)
    for k, shape in enumerate(shapes):
        # By one coordinate at a time: the function is linear in each operand.
        expected = np.zeros(shape)
        for place in np.ndindex(shape):
            unit = np.zeros(shape)
            unit[place] = 1.0
            expected[place] = f(unit, b) if k == 0 else f(a, unit)
        np.testing.assert_array_equal(reverse[k], expected)
        np.testing.assert_array_equal(forward[k], expected)


@pytest.mark.parametrize("outer", [ad.grad, ad.jacfwd, ad.jacrev])
@pytest.mark.parametrize("inner", [ad.grad, ad.jacfwd, ad.jacrev])
@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (2, 2, 3)])
def test_levels_meet_in_one_product(shape, inner, outer):
    """An inner scalar times an outer array, and an outer scalar times an inner one."""
    a = np.arange(np.prod(shape, dtype=int)).reshape(shape) + 1.0

    def by_scalar(x):
        return inner(lambda s: np.sum(np.dot(s * x, a)))(2.0)

    assert_same(a.sum(), outer(by_scalar)(3.0))

    def by_array(x):
        return np.sum(inner(lambda b: np.sum(np.dot(x, b)))(a))

    assert_same(np.float64(a.size), outer(by_array)(3.0))

    def both(x):
        return inner(lambda s: np.sum(np.dot(np.dot(s, x * a), s)))(2.0)

    assert_same(4.0 * a.sum(), outer(both)(3.0))


@pytest.mark.parametrize("outer", [ad.grad, ad.jacfwd])
@pytest.mark.parametrize("inner", [ad.grad, ad.jacfwd])
def test_levels_meet_in_stacks(inner, outer, rng):
    """Three axes by two, one of each level."""
    a = rng.integers(-5, 6, (2, 3, 4)).astype(float)
    b = rng.integers(-5, 6, (4, 2)).astype(float)
    f = lambda x: np.sum(inner(lambda b: np.sum(np.dot(a * x, b)))(b))  # noqa: E731
    assert_same(2.0 * a.sum(), outer(f)(3.0))


def test_a_scalar_weight_shared_by_a_batch():
    """vmap inside grad, the weight a traced scalar."""
    x = np.arange(6.0).reshape(2, 3)
    for dot in (np.dot, lambda a, w: np.dot(w, a), lambda a, w: a.dot(w)):
        f = lambda w, dot=dot: np.sum(ad.vmap(lambda row: dot(row, w))(x))  # noqa: E731
        for derivative in (ad.grad, ad.jacfwd, ad.jacrev):
            assert_same(np.float64(15.0), derivative(f)(2.0))
        g = lambda w, dot=dot: np.sum(  # noqa: E731
            ad.vmap(lambda s: dot(s, w) * s)(x[1])
        )
        assert_same(np.float64(50.0), ad.grad(g)(2.0))
        assert_same(np.float64(50.0), ad.jacfwd(g)(2.0))


@pytest.mark.parametrize("axes", [(0, 0), (0, None), (None, 0)])
@pytest.mark.parametrize("ranks", [(0, 0), (0, 1), (1, 0), (1, 1), (2, 1), (1, 3)])
def test_batches_of_dot(ranks, axes):
    """A batch of np.dot is the stack of np.dot."""
    sizes = [(3,) * rank if rank < 3 else (2, 3, 2) for rank in ranks]
    args = []
    for k, (size, axis) in enumerate(zip(sizes, axes, strict=True)):
        shape = size if axis is None else (4, *size)
        args.append(np.arange(np.prod(shape, dtype=int)).reshape(shape) + 1.0 * k)
    rows = [
        np.dot(
            *(
                arg if axis is None else arg[k]
                for arg, axis in zip(args, axes, strict=1)
            )
        )
        for k in range(4)
    ]
    assert_same(np.stack(rows), ad.vmap(np.dot, axes)(*args))


@pytest.mark.parametrize("axes", [(0, 0), (0, None), (None, 0)])
def test_matmul_of_scalars_is_refused_as_numpy_does(axes):
    """Samples without axes: np.matmul raises ValueError, and so does its batch."""
    args = [2.0 if axis is None else np.ones(3) for axis in axes]
    with pytest.raises(ValueError, match="matmul"):
        np.matmul(2.0, 3.0)
    with pytest.raises(ValueError):  # noqa: PT011 - NumPy's own message
        ad.vmap(np.matmul, axes)(*args)
    with pytest.raises(ValueError):  # noqa: PT011
        ad.vmap(lambda a, b: a @ b, axes)(*args)
    with pytest.raises(ValueError):  # noqa: PT011
        ad.vmap(np.matmul)(np.ones(3), np.ones((3, 3)))


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.complex128])
@pytest.mark.parametrize("rows", [1, 2, 32, 33])
@pytest.mark.parametrize("shape", [(256, 160), (2048, 16)])
def test_products_with_large_matrices(rows, shape, dtype, rng):
    """The cotangents, which few rows and large matrices have in forms of their own."""
    whole = lambda *shape: rng.integers(-3, 4, shape).astype(dtype)  # noqa: E731
    x, w, bar = whole(rows, shape[0]), whole(*shape), whole(rows, shape[1])
    for product in (np.matmul, np.dot):
        _, pullback = ad.vjp(product, x, w)
        by_x, by_w = pullback(bar)
        assert_same(bar @ w.T, by_x)
        assert_same(x.T @ bar, by_w)
        assert by_x.flags.c_contiguous
        assert by_w.flags.c_contiguous
