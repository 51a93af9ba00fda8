"""stop_gradient, check_grads, and the functions of ad.tree."""

import fractions

import numpy as np
import pytest

import adjoint as ad
from transforms.compare import assert_close, assert_same

X = np.array([0.5, 1.0, 2.0])


# stop_gradient


def test_stop_gradient_in_every_mode():
    """The value stays, the derivative is that of the rest."""
    f = lambda x: np.sum(x * ad.stop_gradient(x * x))  # noqa: E731
    assert_close(X**2, ad.grad(f)(X))
    assert_close(np.sum(X**2 * X), ad.jvp(f, (X,), (X,))[1])
    assert_close(np.zeros((3, 3)), ad.hessian(f)(X))
    assert_close(np.sum(X**3), f(X))
    assert_close(X, ad.vmap(ad.grad(lambda x: x * ad.stop_gradient(x)))(X))
    assert_close(
        X, ad.grad(lambda x: np.sum(ad.vmap(lambda a: a * ad.stop_gradient(a))(x)))(X)
    )


def test_stop_gradient_of_trees():
    """Containers come back with plain values; what is not traced as it is."""
    marker = object()

    def f(p):
        q = ad.stop_gradient({"a": p["a"], "b": [p["b"], marker, None]})
        assert q["b"][1] is marker
        assert type(q["a"]) is float
        return q["a"] * p["b"] + q["b"][0]

    assert_same(
        {"a": np.float64(0.0), "b": np.float64(2.0)}, ad.grad(f)({"a": 2.0, "b": 5.0})
    )
    assert ad.stop_gradient(X) is X


def test_stop_gradient_stops_all_levels():
    """The inner and the outer derivative."""
    f = lambda x: ad.grad(lambda y: ad.stop_gradient(x * y) * y)(x)  # noqa: E731
    assert_close(0.0, ad.grad(f)(3.0))
    assert_close(9.0, f(3.0))


# check_grads


def test_check_grads_passes_kinks_nearby():
    """Steps cross the kinks of a network of ramps; smaller ones do not."""
    rng = np.random.default_rng(3)
    first, second = rng.standard_normal((200, 5)), rng.standard_normal(200)
    network = lambda x: second @ np.maximum(first @ x, 0.0)  # noqa: E731
    x = rng.standard_normal(5)
    ad.check_grads(network, (x,))
    ad.check_grads(np.abs, (1e-4,), order=1)
    ad.check_grads(lambda x: np.abs(x - 1), (np.float32(1.001),), order=1)


@pytest.mark.parametrize("kind", [np.float64, np.float32])
@pytest.mark.parametrize("x", [0.1, 1e4, 1e6, 1e12])
def test_check_grads_finds_slopes_that_are_0_by_mistake(x, kind):
    """No smaller step is tried that would not move x: all quotients would be 0."""
    wrong = lambda x: 2 * ad.stop_gradient(x)  # noqa: E731
    right = lambda x: 2 * x  # noqa: E731
    with pytest.raises(ad.errors.CheckError, match="forward mode gives"):
        ad.check_grads(lambda x: np.array([wrong(x), right(x)]), (kind(x),), order=1)


def test_check_grads_passes_what_is_right():
    """In trees, several arguments, float32, scalars, orders up to three."""
    ad.check_grads(np.sin, (0.5,), order=3)
    ad.check_grads(lambda p, y: {"a": p["x"] * y, "b": (y**2,)}, ({"x": X}, 2.0))
    ad.check_grads(lambda x: np.sum(x * x), (X.astype(np.float32),))
    ad.check_grads(lambda x: 3.0, (X,))
    ad.check_grads(lambda x: (x, np.ones(2), 3), (X,))
    ad.check_grads(np.exp, (X,), modes=("fwd",))
    ad.check_grads(np.exp, (X,), modes=("rev",), order=1)
    ad.check_grads(lambda x: x * 2, (3,))


def wrong_first(kind):
    """A sine whose slope is one percent too large."""
    if kind == "jvp":
        f = ad.custom_jvp(np.sin)
        f.defjvp(lambda p, t: (np.sin(p[0]), 1.01 * np.cos(p[0]) * t[0]))
    else:
        f = ad.custom_vjp(np.sin)
        f.defvjp(lambda x: (np.sin(x), x), lambda x, w: (1.01 * np.cos(x) * w,))
    return f


def wrong_second(kind):
    """A sine whose slope is right and constant."""
    stop = ad.stop_gradient
    if kind == "jvp":
        f = ad.custom_jvp(np.sin)
        f.defjvp(lambda p, t: (np.sin(p[0]), np.cos(stop(p[0])) * t[0]))
    else:
        f = ad.custom_vjp(np.sin)
        f.defvjp(lambda x: (np.sin(x), x), lambda x, w: (np.cos(stop(x)) * w,))
    return f


@pytest.mark.parametrize("kind", ["jvp", "vjp"])
@pytest.mark.parametrize("mode", ["fwd", "rev"])
@pytest.mark.parametrize("x", [0.5, X], ids=["scalar", "array"])
def test_check_grads_catches_what_is_wrong(kind, mode, x):
    """In each mode and order, naming them."""
    word = {"fwd": "forward", "rev": "reverse"}[mode]
    with pytest.raises(ad.errors.CheckError, match=f"{word} mode gives"):
        ad.check_grads(wrong_first(kind), (x,), modes=(mode,), order=1)
    ad.check_grads(wrong_second(kind), (x,), modes=(mode,), order=1)
    with pytest.raises(ad.errors.CheckError, match=f"{word} mode of {word}"):
        ad.check_grads(wrong_second(kind), (x,), modes=(mode,), order=2)


SYMMETRIC = np.array([[4.0, 1.0, 0.5], [1.0, 3.0, 0.2], [0.5, 0.2, 2.0]])


@pytest.mark.parametrize(
    "f",
    [
        *(np.linalg.cholesky, np.linalg.eigvalsh),
        lambda a: np.linalg.eigh(a)[1] ** 2,
        lambda a: np.linalg.pinv(a, hermitian=True),
        lambda a: np.linalg.cholesky(a, upper=True) @ a,
    ],
)
def test_check_grads_perturbs_symmetric_matrices_symmetrically(f):
    """Where a function of one triangle needs it; alone and beside other arguments."""
    ad.check_grads(f, (SYMMETRIC,))
    ad.check_grads(lambda p, x: f(p["a"]) * x, ({"a": SYMMETRIC}, 0.3), order=1)
    ad.check_grads(f, (SYMMETRIC.astype(np.float32),), order=1)


def test_check_grads_perturbs_hermitian_matrices_so():
    a = SYMMETRIC + 0.1j * np.triu(SYMMETRIC, 1) - 0.1j * np.tril(SYMMETRIC, -1)
    ad.check_grads(np.linalg.eigvalsh, (a,))
    ad.check_grads(lambda a: np.real(np.linalg.cholesky(a)), (a,))


def test_symmetric_arguments_hide_no_error():
    """A derivative that is wrong in other directions only is found."""
    w = np.arange(9.0).reshape(3, 3)

    @ad.custom_vjp
    def weighted(a):
        return np.sum(w * a)

    weighted.defvjp(lambda a: (np.sum(w * a), None), lambda _, bar: (bar * w.T,))
    with pytest.raises(ad.errors.CheckError, match="reverse mode gives"):
        ad.check_grads(weighted, (SYMMETRIC,), modes=("rev",), order=1)
    wrong = ad.custom_jvp(np.linalg.cholesky)
    push = lambda a, t: ad.jvp(np.linalg.cholesky, (a,), (t,))[1]  # noqa: E731
    wrong.defjvp(lambda p, t: (np.linalg.cholesky(p[0]), 1.01 * push(p[0], t[0])))
    with pytest.raises(ad.errors.CheckError, match="forward mode gives"):
        ad.check_grads(wrong, (SYMMETRIC,), order=1)


@pytest.mark.filterwarnings("ignore:.*not symmetric")
def test_check_grads_asks_for_a_symmetric_argument():
    """Where a function of one triangle was given another."""
    with pytest.raises(ad.errors.CheckError) as caught:
        ad.check_grads(np.linalg.cholesky, (SYMMETRIC + 1e-3 * np.tri(3),), order=1)
    assert any("symmetric to the last bit" in note for note in caught.value.__notes__)


def test_tolerances():
    """Given, they decide."""
    f = wrong_first("vjp")
    ad.check_grads(f, (0.5,), order=1, rtol=0.1)
    ad.check_grads(f, (0.5,), order=1, atol=0.1)
    with pytest.raises(ad.errors.CheckError):
        ad.check_grads(f, (0.5,), order=1, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(
    ("args", "settings"),
    [
        ((0.5,), {"modes": ("forward",)}),
        ((0.5,), {"modes": ()}),
        ((0.5,), {"order": 0}),
        (0.5, {}),
    ],
    ids=["unknown mode", "no mode", "order 0", "no tuple"],
)
def test_bad_arguments(args, settings):
    """A check that would check nothing is refused."""
    with pytest.raises(ad.errors.InputError, match="check_grads"):
        ad.check_grads(np.sin, args, **settings)


# ad.tree

TREE = {"b": [1.0, (2.0, None)], "a": X}


def test_flatten_and_unflatten():
    """Leaves in order of the keys; the same tree again."""
    leaves, structure = ad.tree.flatten(TREE)
    assert_same([X, 1.0, 2.0], leaves)
    again = ad.tree.unflatten(structure, leaves)
    assert_same(TREE, again)
    assert ad.tree.structure(TREE) == structure
    assert_same(leaves, ad.tree.leaves(TREE))
    assert [] == ad.tree.leaves(None)
    assert_same([3.0], ad.tree.leaves(3.0))


def test_structures_compare():
    """Equal exactly where the containers are; one leaf is one leaf."""
    structure = ad.tree.structure
    assert structure([1.0]) == structure([X])
    assert structure([1.0]) != structure((1.0,))
    assert structure(1.0) != structure([1.0])
    assert structure(1.0) == structure(X)
    assert structure(1.0) == structure(fractions.Fraction(1, 2))
    assert structure(None) != structure(1.0)


def test_map():
    """One tree or several of one structure."""
    assert_same([2.0, (4.0,)], ad.tree.map(lambda x: 2.0 * x, [1.0, (2.0,)]))
    assert_same({"a": 11.0}, ad.tree.map(lambda *x: sum(x), {"a": 1.0}, {"a": 10.0}))
    assert_same(3.0, ad.tree.map(lambda x, y: x + y, 1.0, 2.0))
    with pytest.raises(ad.errors.TreeError, match="structures"):
        ad.tree.map(lambda x, y: x, [1.0], [1.0, 2.0])


def test_map_inside_a_transform():
    """Traced values are leaves."""
    f = lambda p: ad.tree.reduce(lambda a, b: a + b, ad.tree.map(np.sin, p))  # noqa: E731
    assert_close((np.cos(1.0), np.cos(2.0)), ad.grad(f)((1.0, 2.0)))


def test_reduce():
    """From the left, with or without a start."""
    assert_same(10.0, ad.tree.reduce(lambda a, b: a * b, (2.0, [5.0])))
    assert_same("a12", ad.tree.reduce(lambda a, b: a + str(b), [1, 2], "a"))
    assert_same(0.0, ad.tree.reduce(lambda a, b: a + b, [], 0.0))


def test_the_wrong_number_of_leaves():
    """Refused, for containers and for one leaf."""
    for tree in ([1.0, 2.0], 1.0):
        with pytest.raises((ad.errors.TreeError, ValueError)):
            ad.tree.unflatten(ad.tree.structure(tree), [1.0, 2.0, 3.0])


def test_register():
    """Returns the class; metadata belong to the structure."""

    class Box:
        def __init__(self, content, label):
            self.content, self.label = content, label

    def unflatten(label, content):
        return Box(*content, label)

    registered = ad.tree.register(Box, lambda b: ((b.content,), b.label), unflatten)
    assert registered is Box
    assert_same([1.0], ad.tree.leaves(Box(1.0, "x")))
    structure = ad.tree.structure
    assert structure(Box(1.0, "x")) == structure(Box(2.0, "x"))
    assert structure(Box(1.0, "x")) != structure(Box(1.0, "y"))
    assert_same(
        np.float64(3.0), ad.grad(lambda b: 3.0 * b.content)(Box(1.0, "x")).content
    )
    batch = ad.vmap(lambda b: Box(b.content * 2.0, "y"))(Box(X, "x"))
    assert_same((2.0 * X, "y"), (batch.content, batch.label))
