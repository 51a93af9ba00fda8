"""jacobian, jacfwd, jacrev, hessian: layouts, modes, number of evaluations."""

import numpy as np
import pytest

import adjoint as ad
from adjoint._modes.forward import Dual
from adjoint._modes.reverse import Taped
from transforms.compare import assert_close, assert_disjoint

ALL = pytest.mark.parametrize(
    "jac",
    [
        ad.jacfwd,
        ad.jacrev,
        ad.jacobian,
        lambda f, *a, **k: ad.jacobian(f, *a, mode="forward", **k),
        lambda f, *a, **k: ad.jacobian(f, *a, mode="reverse", **k),
    ],
    ids=["jacfwd", "jacrev", "auto", "forward", "reverse"],
)

X = np.array([1.0, 2.0, 3.0])


@ALL
@pytest.mark.parametrize(
    ("f", "x", "expected"),
    [
        (lambda x: x * x, X, np.diag(2.0 * X)),
        (lambda x: np.sum(x * x), X, 2.0 * X),
        (lambda t: t * X, 2.0, X),
        (lambda t: t * t, 2.0, np.float64(4.0)),
        (lambda t: t * t, np.array(2.0), np.float64(4.0)),
        (lambda x: x[:, None] * X[:2], X, np.einsum("ik,j->ijk", np.eye(3), X[:2])),
        (lambda x: np.array([1.0, 2.0]), X, np.zeros((2, 3))),
        (lambda x: 3, X, np.zeros(3)),
        (lambda x: x[:0], X, np.zeros((0, 3))),
        (lambda x: np.sum(x) * np.ones(2), np.zeros(0), np.zeros((2, 0))),
        (lambda x: x * 2.0, np.zeros(0), np.zeros((0, 0))),
        (lambda x: x.T, np.ones((2, 1)), np.eye(2).reshape(1, 2, 2, 1)),
        (lambda x: x * 1.5, X.astype(np.float32), np.diag([np.float32(1.5)] * 3)),
    ],
    ids=[
        "square",
        "to a number",
        "from a number",
        "number to number",
        "0-d",
        "matrix",
        "constant",
        "integer constant",
        "no outputs",
        "no inputs",
        "neither",
        "transpose",
        "float32",
    ],
)
def test_values_and_shapes(jac, f, x, expected):
    """out.shape + x.shape, exact, of the input's precision, in all modes."""
    given = jac(f)(x)
    assert_close(expected, given, rtol=1e-14)
    assert np.asarray(expected).dtype == given.dtype
    assert_close(expected, jac(f)(x), rtol=1e-14)


@ALL
def test_trees_as_jax(jac):
    """An output tree whose leaves are trees of the input."""

    def f(p):
        return [p["a"] * p["b"], {"s": np.sum(p["b"])}]

    given = jac(f)({"a": 2.0, "b": X})
    expected = [
        {"a": X, "b": 2.0 * np.eye(3)},
        {"s": {"a": np.float64(0.0), "b": np.ones(3)}},
    ]
    assert_close(expected, given)


@ALL
def test_several_argnums(jac):
    """A tuple of blocks per output, in the order of argnums."""
    f = lambda x, c, y: (x * y, y)  # noqa: E731
    given = jac(f, (2, 0))(X, "unused", 2.0)
    assert_close(((X, 2.0 * np.eye(3)), (np.float64(1.0), np.zeros(3))), given)
    assert_close((X, np.float64(1.0)), jac(f, -1)(X, "unused", 2.0))


@ALL
def test_has_aux(jac):
    """The pair of Jacobian and aux, plain; twice, for the mode is chosen once."""
    jacobian = jac(lambda x: (x * x, {"y": x + 1.0}), has_aux=True)
    for _ in range(2):
        given, aux = jacobian(X)
        assert_close(np.diag(2.0 * X), given)
        assert type(aux["y"]) is np.ndarray
        assert_close({"y": X + 1.0}, aux)


@ALL
def test_keywords(jac):
    """Handed to the function."""
    assert_close(3.0 * X**2, np.diag(jac(lambda x, n=1: x**n)(X, n=3)))


@ALL
def test_branches_on_values(jac):
    """Primals are plain, only tangents or cotangents are batched."""
    f = lambda x: x * x if x[0] > 0 else -x  # noqa: E731
    assert_close(np.diag(2.0 * X), jac(f)(X))
    assert_close(-np.eye(3), jac(f)(-X))


@ALL
@pytest.mark.parametrize("size", [2, 50])
def test_memory(jac, size):
    """Blocks share memory with nothing and may be written into."""
    x, y = np.ones(size), np.ones(size)
    assert_disjoint(jac(lambda x, y: x + y, (0, 1))(x, y), x, y)
    blocks = jac(lambda x, y: (x + y, x, x), (0, 1))(x, y)
    assert_disjoint(blocks, x, y)
    for block in ad.tree.leaves(blocks):
        np.add(block, 1.0, out=block)
    assert_close(np.ones((size, size)) + np.eye(size), blocks[2][0])


def modes_seen(f, jacobian, *args):
    """The classes of the handles with which a Jacobian calls its function."""
    seen = []

    def spy(x):
        seen.append(next(k.__name__ for k in (Taped, Dual) if isinstance(x, k)))
        return f(x)

    of = jacobian(spy)
    for arg in args:
        of(arg)
    return seen


def test_auto_chooses_by_sizes():
    """Forward for n <= m, reverse for n > m; each call evaluates once."""
    tall = lambda x: np.concatenate([x, x])  # noqa: E731
    assert ["Taped", "Dual"] == modes_seen(tall, ad.jacobian, X, X)
    square = lambda x: x * x  # noqa: E731
    assert ["Taped", "Dual"] == modes_seen(square, ad.jacobian, X, X)
    wide = lambda x: x[:2]  # noqa: E731
    assert ["Taped", "Taped"] == modes_seen(wide, ad.jacobian, X, X)


def test_the_first_columns_are_those_of_the_later_ones():
    """They come from the tape that told the number of outputs."""

    def f(x):
        return {"a": np.outer(x, np.sin(x)), "b": np.exp(1j * x[0]) * x, "c": 3}

    jacobian = ad.jacobian(f)
    first, second = jacobian(X), jacobian(X)
    assert_close(second["a"], first["a"])
    assert_close(second["b"], first["b"])
    assert_close(second["c"], first["c"])
    assert first["b"].dtype == second["b"].dtype
    assert {} == ad.jacobian(lambda x: {})(np.ones(0))


def test_auto_chooses_for_each_shape():
    """Other shapes, other sizes: the choice is made again."""
    f = lambda x: np.sum(x) * np.ones(3)  # noqa: E731
    assert ["Taped", "Taped", "Dual", "Taped"] == modes_seen(
        f, ad.jacobian, np.ones(2), np.ones(4), np.ones(2), np.ones(4)
    )


@pytest.mark.parametrize(
    ("jacobian", "expected"),
    [
        (ad.jacfwd, ["Dual"]),
        (ad.jacrev, ["Taped"]),
        (ad.hessian, ["Taped"]),
        (lambda f: ad.jacobian(f, mode="forward"), ["Dual"]),
        (lambda f: ad.jacobian(f, mode="reverse"), ["Taped"]),
    ],
)
def test_one_evaluation(jacobian, expected):
    """All columns or rows from one run of the function."""
    assert expected == modes_seen(lambda x: np.sum(x * x), jacobian, X)


def test_outputs_whose_number_changes():
    """The mode chosen for the first call is right for any later one."""
    outputs = iter([2, 5, 1])

    def f(x):
        return np.sum(x * x) * np.ones(next(outputs))

    jacobian = ad.jacobian(f)
    for m in (2, 5, 1):
        assert_close(np.ones((m, 1)) * 2.0 * X, jacobian(X))


def test_an_unknown_mode():
    """A sentence with the modes there are, when the transform is made."""
    with pytest.raises(ad.errors.InputError, match="'auto', 'forward' or 'reverse'"):
        ad.jacobian(np.sin, mode="backward")


# Hessians


def test_hessian_of_an_array():
    """Second derivatives of x0² x1 + x2³."""
    f = lambda x: x[0] ** 2 * x[1] + x[2] ** 3  # noqa: E731
    expected = np.array([[4.0, 2.0, 0.0], [2.0, 0.0, 0.0], [0.0, 0.0, 18.0]])
    assert_close(expected, ad.hessian(f)(X))


def test_hessian_of_a_tree():
    """A tree of trees, symmetric: H[a][b] is the transpose of H[b][a]."""
    p = {"a": 2.0, "b": X, "c": [np.ones((2, 3))]}

    def f(p):
        return p["a"] ** 3 * np.sum(np.sin(p["b"]) * p["c"][0] ** 2)

    h = ad.hessian(f)(p)
    assert np.shape(h["a"]["a"]) == ()
    assert_close(12.0 * 2 * np.sum(np.sin(X)), h["a"]["a"])
    assert_close(h["a"]["b"], h["b"]["a"])
    assert_close(h["b"]["b"], h["b"]["b"].T)
    assert h["b"]["c"][0].shape == (3, 2, 3)
    assert_close(h["b"]["c"][0], np.moveaxis(h["c"][0]["b"], 2, 0))
    assert h["c"][0]["c"][0].shape == (2, 3, 2, 3)


def test_hessian_of_several_arguments():
    """Blocks in argnums order."""
    blocks = ad.hessian(lambda x, y: x**2 * y**3, (0, 1))(2.0, 3.0)
    assert_close(((54.0, 108.0), (108.0, 72.0)), blocks)


def test_hessian_of_a_vector():
    """One Hessian per element of the result."""
    expected = np.zeros((3, 3, 3))
    for k in range(3):
        expected[k, k, k] = 6.0 * X[k]
    assert_close(expected, ad.hessian(lambda x: x**3)(X))
    assert_close(6.0 * X, ad.hessian(lambda t: t**3 * X)(1.0))


@pytest.mark.parametrize("f", [np.sum, lambda x: 3.0, lambda x: np.sum(np.floor(x))])
def test_hessians_that_are_zero(f):
    """Linear and constant functions have a Hessian of zeros, writable."""
    h = ad.hessian(f)(X)
    assert_close(np.zeros((3, 3)), h)
    h += 1.0


def test_hessian_has_aux_and_memory():
    """aux is plain; blocks are separate arrays."""
    h, aux = ad.hessian(lambda x: (np.sum(x**3), x * 2.0), has_aux=True)(X)
    assert_close(np.diag(6.0 * X), h)
    assert type(aux) is np.ndarray
    assert_close(2.0 * X, aux)
    blocks = ad.hessian(lambda x, y: np.sum((x + y) ** 3), (0, 1))(X, X)
    assert_disjoint(blocks, X)


@pytest.mark.parametrize("outer", [ad.jacfwd, ad.jacrev])
@pytest.mark.parametrize("inner", [ad.jacfwd, ad.jacrev])
def test_second_derivatives_by_all_nestings(outer, inner):
    """Forward and reverse over forward and reverse agree."""
    f = lambda x: np.prod(np.sin(x)) + np.sum(x[1:] / x[:-1])  # noqa: E731
    assert_close(ad.hessian(f)(X), outer(inner(f))(X))
