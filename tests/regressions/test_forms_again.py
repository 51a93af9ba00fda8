"""Results, arguments, methods and memory: accepted exactly, or refused in words."""

import functools

import numpy as np
import pytest

import adjoint as ad
from transforms.compare import assert_disjoint, assert_same

X = np.array([1.0, 2.0, 3.0])
M = np.arange(1.0, 7.0).reshape(2, 3)

# Results that have no Jacobian


@pytest.mark.parametrize(
    "jacobian",
    [
        ad.jacobian,
        ad.jacfwd,
        ad.jacrev,
        functools.partial(ad.jacobian, mode="forward"),
        functools.partial(ad.jacobian, mode="reverse"),
        ad.hessian,
    ],
)
@pytest.mark.parametrize(
    "f",
    [
        lambda x: "abc",
        lambda x: ["abc", x],
        lambda x: None,
        lambda x: np.array([None, 1.0], dtype=object),
        lambda x: object(),
        lambda x: np.array(["a"]),
        lambda x: np.str_("a"),
        lambda x: np.array(["2026-01-01"], dtype="M8[D]"),
    ],
)
def test_a_result_without_jacobian(f, jacobian):
    """Text, nothing, objects: OutputError, in either mode."""
    with pytest.raises(ad.errors.OutputError):
        jacobian(f)(np.ones(2))


@pytest.mark.parametrize(
    ("f", "twin"),
    [
        (
            lambda x: np.abs(x * np.array([1j, 2.0])),
            lambda x: np.abs(x * np.array([1.0, 2.0])),
        ),
        (lambda x: np.real(x * 1j), lambda x: 0.0 * x),
        (lambda x: np.abs(x + 1j), lambda x: np.sqrt(x * x + 1.0)),
        (lambda x: np.real(np.array([1j, 2.0]) * x), lambda x: x * np.array([0.0, 2])),
        (lambda x: np.imag(np.exp(1j * x) ** 2), lambda x: np.sin(2.0 * x)),
        (lambda x: np.angle(np.exp(1j * x)), lambda x: x * 1.0),
        (lambda x: np.var(x + 1j * x, axis=()), lambda x: 2 * np.var(x, axis=())),
    ],
)
@pytest.mark.parametrize(
    "transform",
    [
        ad.jacobian,
        ad.jacfwd,
        ad.jacrev,
        ad.hessian,
        lambda f: ad.grad(lambda x: np.sum(f(x))),
        lambda f: lambda x: ad.jvp(f, (x,), (x,)),
        lambda f: lambda x: ad.vjp(f, x)[1](np.ones(2)),
        lambda f: lambda x: ad.linearize(f, x)[1](x),
    ],
)
def test_complex_numbers_on_the_way(transform, f, twin):
    """A real function that passes through complex numbers has its real derivatives."""
    x = np.array([0.7, -1.3])
    given, expected = transform(f)(x), transform(twin)(x)
    np.testing.assert_allclose(given, expected, rtol=1e-13, atol=1e-13)
    assert np.isrealobj(given)


def test_none_beside_a_result():
    """None is an empty container: it stays one."""
    for jacobian in (ad.jacobian, ad.jacfwd, ad.jacrev):
        assert_same((np.eye(3), None), jacobian(lambda x: (x, None))(X))


# float16, masked arrays and matrices


@pytest.mark.parametrize("function", [np.mean, np.var, np.std])
@pytest.mark.parametrize("axis", [None, 0, 1])
def test_float16_statistics(function, axis, rng):
    """The value is NumPy's, to the last bit and in its dtype."""
    x = rng.standard_normal((300, 7)).astype(np.float16) * np.float16(3.0)
    expected = function(x, axis=axis)
    f = lambda x: function(x, axis=axis)  # noqa: E731
    for given in (
        ad.jvp(f, (x,), (x,))[0],
        ad.vjp(f, x)[0],
        ad.linearize(f, x)[0],
        ad.vmap(f)(np.stack([x, x]))[1],
    ):
        assert np.float16 == given.dtype
        np.testing.assert_array_equal(given, expected)
    if axis is None:
        value, gradient = ad.value_and_grad(f)(x)
        assert expected == value
        assert np.float16 == gradient.dtype


NO_PRIMALS = [
    np.ma.masked_array(X, [False, True, False]),
    np.ma.masked_array(X),
    X[None].view(np.matrix),
]


@pytest.mark.parametrize("x", NO_PRIMALS)
@pytest.mark.parametrize(
    "transform",
    [
        lambda f, x: ad.grad(f)(x),
        lambda f, x: ad.value_and_grad(f)(x),
        lambda f, x: ad.jvp(f, (x,), (np.ones(x.shape),)),
        ad.vjp,
        ad.linearize,
        lambda f, x: ad.jacfwd(f)(x),
        lambda f, x: ad.jacrev(f)(x),
        lambda f, x: ad.hessian(f)(x),
        lambda f, x: ad.hvp(f, x, np.ones(x.shape)),
        lambda f, x: ad.elementwise_grad(f)(x),
        lambda f, x: ad.grad(lambda p: f(p["x"]))({"x": x}),
    ],
)
def test_masked_arrays_and_matrices_are_refused(transform, x):
    """Their arithmetic is another one: InputError names the kind."""
    with pytest.raises(ad.errors.InputError, match=type(x).__name__):
        transform(lambda x: np.sum(x * x), x)


@pytest.mark.parametrize("mask", [[0, 1], [1, 0], [0, 0]])
def test_masked_arrays_in_vmap(mask):
    """Refused, or mapped as the loop would: the mask is never dropped."""
    x = np.ma.masked_array([[1.0, 2.0], [3.0, 4.0]], [mask, [0, 0]])
    try:
        given = ad.vmap(np.sum)(x)
    except ad.errors.InputError as error:
        assert "MaskedArray" in str(error)  # noqa: PT017 - both are tested
        return
    expected = np.array([np.sum(row) for row in x])
    assert_same(expected, np.ma.getdata(given))


@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
def test_matrices_in_vmap():
    """Refused, or mapped as rows of an array: * is no matrix product."""
    x = M.view(np.matrix)
    try:
        given = ad.vmap(lambda row: np.sum(row * row))(x)
    except ad.errors.InputError as error:
        assert "matrix" in str(error)  # noqa: PT017 - both are tested
        return
    assert_same(np.array([14.0, 77.0]), given)


# Memory


@pytest.mark.parametrize(
    "call",
    [
        lambda: ad.jacfwd(lambda x: (x, x))(X),
        lambda: ad.jacrev(lambda x: (x, x))(X),
        lambda: ad.jacobian(lambda x: (x, x))(X),
        lambda: ad.jacfwd(lambda x: {"a": x * 2.0, "b": [x, x]})(X),
        lambda: ad.jacfwd(lambda x: (x * 2.0,) * 2)(X),
        lambda: ad.jacrev(lambda x: (x * 2.0,) * 2)(X),
        lambda: ad.jacrev(lambda x, y: x + y, (0, 1))(X, X),
        lambda: ad.jacfwd(lambda x, y: x + y, (0, 1))(X, X),
        lambda: ad.jacobian(lambda x, y: x + y, (0, 1))(X, X),
        lambda: ad.hessian(lambda x, y: np.sum(x * y), (0, 1))(X, X),
        lambda: ad.hessian(lambda x, y: np.sum(x + y), (0, 1))(X, X),
        lambda: ad.hessian(lambda p: np.sum(p[0] * p[1]))([X, X]),
        lambda: ad.jacrev(ad.jacrev(lambda x, y: np.sum(x * y), (0, 1)), (0, 1))(X, X),
        lambda: ad.grad(lambda x, y: np.sum(x + y), (0, 1))(X, X),
        lambda: ad.vjp(lambda x, y: (x + y, x), X, X)[1]((X, X)),
        lambda: ad.jvp(lambda x: (x, x), (X,), (X,))[1],
        lambda: ad.linearize(lambda x: (x, x), X)[1](X),
        lambda: ad.vmap(ad.grad(np.sum))(M),
        lambda: ad.hvp(lambda x, y: np.sum(x * y), (X, X), (X, X)),
    ],
)
def test_results_share_no_memory(call):
    """No two parts with each other, none with the argument; each can be written."""
    given = call()
    assert_disjoint(given, X, M)
    for leaf in ad.tree.leaves(given):
        assert leaf.flags.writeable


# Methods and parameters by position


def weights(shape):
    return np.arange(1.0, 1.0 + np.prod(shape, dtype=int)).reshape(shape)


ACCEPTED = {
    "x.sum(out=None)": lambda x: x.sum(out=None),
    "x.sum(0, None)": lambda x: x.sum(0, None),
    "x.sum(0, None, None, True)": lambda x: x.sum(0, None, None, True),
    "x.sum(1, keepdims=True)": lambda x: x.sum(1, keepdims=True),
    "np.sum(x, 0, None)": lambda x: np.sum(x, 0, None),
    "np.sum(x, 0, None, None, True)": lambda x: np.sum(x, 0, None, None, True),
    "x.prod(1, None)": lambda x: x.prod(1, None),
    "x.max(0, None)": lambda x: x.max(0, None),
    "x.min(1, None, True)": lambda x: x.min(1, None, True),
    "x.mean(0, None)": lambda x: x.mean(0, None),
    "x.mean(1, None, None, True)": lambda x: x.mean(1, None, None, True),
    "x.var(0, None, None, 1)": lambda x: x.var(0, None, None, 1),
    "x.std(1, None, None, 1, True)": lambda x: x.std(1, None, None, 1, True),
    "np.var(x, 0, None, None, 1)": lambda x: np.var(x, 0, None, None, 1),
    "x.cumsum(1, None)": lambda x: x.cumsum(1, None),
    "x.flatten('F')": lambda x: x.flatten("F"),
    "x.ravel('F')": lambda x: x.ravel("F"),
    "x.flatten(order='C')": lambda x: x.flatten(order="C"),
    "np.reshape(x, array)": lambda x: np.reshape(x, np.array([3, 2])),
    "x.reshape(array)": lambda x: x.reshape(np.array([3, 2])),
    "x.reshape(3, -1)": lambda x: x.reshape(3, -1),
    "x.reshape([3, 2], order='F')": lambda x: x.reshape([3, 2], order="F"),
    "np.reshape(x, (3, 2), 'F')": lambda x: np.reshape(x, (3, 2), "F"),
    "np.reshape(x, np.int64)": lambda x: np.reshape(x, np.int64(6)),
    "np.expand_dims(x, list)": lambda x: np.expand_dims(x, [0, 1]),
    "np.expand_dims(x, (0, -1))": lambda x: np.expand_dims(x, (0, -1)),
    "x.transpose(1, 0)": lambda x: x.transpose(1, 0),
    "x.transpose((1, 0))": lambda x: x.transpose((1, 0)),
    "x.transpose(None)": lambda x: x.transpose(None),
    "x.swapaxes(0, 1)": lambda x: x.swapaxes(0, 1),
    "x.item((0, 1))": lambda x: x.item((0, 1)),
    "x.item(0, 1)": lambda x: x.item(0, 1),
    "x.item(4)": lambda x: x.item(4),
    "x.item(-1)": lambda x: x.item(-1),
    "x.flat[3]": lambda x: x.flat[3],
    "x.flat[1:4]": lambda x: x.flat[1:4],
    "x.astype(float, 'K', 'unsafe')": lambda x: x.astype(float, "K", "unsafe"),
    "x.astype(...)": lambda x: x.astype(np.float64, "C", "same_kind", True, False),
    "x.astype(dtype=float)": lambda x: x.astype(dtype=float),
    "x.clip(1.5, 4.5)": lambda x: x.clip(1.5, 4.5),
    "x.clip(1.5, None)": lambda x: x.clip(1.5, None),
    "x.clip(min=1.5)": lambda x: x.clip(min=1.5),
    "x.round(0)": lambda x: x.round(0) + x,
    "x.round(1, None)": lambda x: x.round(1, None) + x,
    "x.copy('F')": lambda x: x.copy("F"),
    "x.squeeze()": lambda x: x[:1].squeeze(),
    "x.squeeze(0)": lambda x: x[:1].squeeze(0),
    "x.dot(b)": lambda x: x.dot(np.ones(3)),
    "np.clip(x, 1.5, 4.5, None)": lambda x: np.clip(x, 1.5, 4.5, None),
    "np.max(x, 0, None, True)": lambda x: np.max(x, 0, None, True),
    "np.mean(x, 0, None, None)": lambda x: np.mean(x, 0, None, None),
    "np.transpose(x, [1, 0])": lambda x: np.transpose(x, [1, 0]),
    "np.stack((x, x), 1)": lambda x: np.stack((x, x), 1),
    "np.sum(x, axis=array)": lambda x: np.sum(x, axis=np.int64(1)),
}
LOUD = {
    "x.sum(out=z)": lambda x: x.sum(0, out=np.zeros(3)),
    "x.sum(0, None, z)": lambda x: x.sum(0, None, np.zeros(3)),
    "np.sum(x, 0, None, z)": lambda x: np.sum(x, 0, None, np.zeros(3)),
    "np.mean(x, 0, None, z)": lambda x: np.mean(x, 0, None, np.zeros(3)),
}
MAY_BE_LOUD = {
    "x.trace()": lambda x: x.trace() + 0.0,
    "x.mean(where=)": lambda x: x.mean(where=x > 1.2),
    "np.mean(x, where=)": lambda x: np.mean(x, where=x > 1.2),
    "x.std(where=)": lambda x: x.std(where=x > 1.2),
    "x.sum(where=)": lambda x: x.sum(where=M > 2.0),
    "x.sum(initial=)": lambda x: x.sum(initial=2.0),
    "x.max(initial=)": lambda x: x.max(initial=3.5),
    "x.sum(dtype=float)": lambda x: x.sum(dtype=float),
    "x.sum(0, 'f4')": lambda x: x.sum(0, "f4"),
    "np.sum(x, 0, float)": lambda x: np.sum(x, 0, float),
    "x.mean(0, 'f4')": lambda x: x.mean(0, "f4"),
    "x.prod(where=)": lambda x: x.prod(where=M > 2.0),
    "x.take([1])": lambda x: x.take([1]),
    "x.repeat(2)": lambda x: x.repeat(2),
    "x.diagonal()": lambda x: x.diagonal(),
    "x.flat[[1, 2]]": lambda x: x.flat[[1, 2]],
    "x.ravel('K')": lambda x: x.T.ravel("K"),
    "x.ravel('A')": lambda x: x.T.ravel("A"),
    "x.flatten('K')": lambda x: x.T.flatten("K"),
    "x.reshape(order='A')": lambda x: x.T.reshape(6, order="A"),
    "x.ptp": lambda x: np.ptp(x, 0),
    "x.cumprod()": lambda x: x.cumprod(),
    "x.compress": lambda x: x.compress([True, False], 0),
    "x.nonzero()": lambda x: x[x.nonzero()],
    "x.argsort()": lambda x: x[0][x[0].argsort()],
    "x.view()": lambda x: x.view(),
    "x.base": lambda x: x * (x.base is None),
    "x.std(mean=)": lambda x: x.std(mean=np.full((1, 1), 3.5)),
    "np.var(correction=1)": lambda x: np.var(x, correction=1),
    "np.reshape(x, shape=)": lambda x: np.reshape(x, shape=(3, 2)),
    "x.reshape(copy=True)": lambda x: x.reshape((3, 2), copy=True),
    "np.reshape(copy=True)": lambda x: np.reshape(x, (3, 2), copy=True),
}


def quotient(f, shape):
    """Return the Jacobian of a (piecewise) smooth function by central differences."""
    h = 2.0**-12
    rows = []
    for place in np.ndindex(shape):
        step = np.zeros(shape)
        step[place] = h
        rows.append((f(M + step) - f(M - step)) / (2.0 * h))
    return np.moveaxis(np.array(rows), 0, -1)


def check_form(f):
    """Values as NumPy's, derivatives in both modes as by difference quotients."""
    expected = f(M)
    total = lambda x: np.sum(f(x) * weights(np.shape(expected)))  # noqa: E731
    slope = quotient(total, M.shape).reshape(M.shape)
    tangent = np.cos(M)
    out, dot = ad.jvp(f, (M,), (tangent,))
    np.testing.assert_array_equal(out, expected)
    loose = {"rtol": 1e-5, "atol": 1e-5}
    push = np.sum(dot * weights(np.shape(expected)))
    np.testing.assert_allclose(push, np.sum(slope * tangent), **loose)
    np.testing.assert_allclose(ad.grad(total)(M), slope, **loose)
    np.testing.assert_array_equal(ad.vjp(f, M)[0], expected)
    batch = ad.vmap(f)(np.stack([M, M + 1.0]))
    np.testing.assert_array_equal(batch, np.stack([expected, f(M + 1.0)]))


@pytest.mark.parametrize("form", ACCEPTED)
def test_methods_and_positions(form):
    """Every way NumPy lets it be written, in both modes and in batches."""
    check_form(ACCEPTED[form])


@pytest.mark.parametrize("form", LOUD)
@pytest.mark.parametrize(
    "transform",
    [
        lambda f: ad.jvp(f, (M,), (M,), plain_numpy=False),
        lambda f: ad.vjp(f, M, plain_numpy=False),
        lambda f: ad.grad(lambda x: np.sum(f(x)), plain_numpy=False)(M),
        lambda f: ad.vmap(f, plain_numpy=False)(M[None]),
    ],
)
def test_what_protocols_cannot_write_is_loud(form, transform):
    """An AdjointError, not NumPy's complaint and not a wrong value."""
    with pytest.raises(ad.errors.AdjointError):
        transform(LOUD[form])


@pytest.mark.parametrize("form", LOUD)
def test_a_clone_writes_it(form):
    """The plain array takes in the traced result."""
    check_form(LOUD[form])


@pytest.mark.filterwarnings("ignore:vmap runs .* in a loop")
@pytest.mark.parametrize("form", MAY_BE_LOUD)
def test_right_or_loud(form):
    """What may get a rule one day: right, or an AdjointError."""
    f = MAY_BE_LOUD[form]
    for transform in (
        lambda: ad.jvp(f, (M,), (M,)),
        lambda: ad.grad(lambda x: np.sum(f(x)))(M),
        lambda: ad.vmap(f)(M[None]),
    ):
        try:
            transform()
        except ad.errors.AdjointError:
            return
    check_form(f)


def test_the_item_of_a_scalar():
    """x.item() of one element is differentiated; of more it raises as NumPy does."""
    given = ad.grad(lambda x: x.item() * 3.0)(np.array([2.0]))
    assert_same(np.array([3.0]), given)
    with pytest.raises(ValueError, match="size 1"):
        ad.grad(lambda x: x.item())(X)


def test_casts_are_checked():
    """astype refuses what NumPy refuses."""
    with pytest.raises(TypeError):
        ad.grad(lambda x: x.astype("f4", "K", "safe").sum())(X)
