"""Traced values at arguments that NumPy does not look at when it dispatches."""

import numpy as np
import pytest

import adjoint as ad

DATA = np.array([0.5, -1.0, 2.0, 3.0])
GAPS = np.array([np.nan, 1.0, np.inf, np.nan])

CASES = {
    "sum": (lambda x: np.sum(DATA, initial=x[0]), [1.0, 0.0]),
    "prod": (lambda x: np.prod(DATA, initial=x[0]), [-3.0, 0.0]),
    "max": (lambda x: np.max(DATA - 9.0, initial=x[0]), [1.0, 0.0]),
    "nansum": (lambda x: np.nansum(DATA, initial=x[0]), [1.0, 0.0]),
    "nanmax": (lambda x: np.nanmax(DATA - 9.0, initial=x[0]), [1.0, 0.0]),
    "add.reduce": (lambda x: np.add.reduce(DATA, initial=x[0]), [1.0, 0.0]),
    "hypot.reduce": (lambda x: np.hypot.reduce(0 * DATA, initial=x[0]), [1.0, 0.0]),
    "nanvar": (lambda x: np.nanvar(DATA, mean=x[0]), [-1.65, 0.0]),
    "pad": (lambda x: np.sum(np.pad(DATA, 2, constant_values=x[0])), [4.0, 0.0]),
    "pad of two": (
        lambda x: np.sum(np.pad(DATA, 1, constant_values=(x[0], x[1]))),
        [1.0, 1.0],
    ),
    "select": (lambda x: np.sum(np.select([DATA > 0], [DATA], x[0])), [1.0, 0.0]),
    "select by name": (
        lambda x: np.sum(np.select([DATA > 0], [DATA], default=x[0])),
        [1.0, 0.0],
    ),
    "nan_to_num": (
        lambda x: np.sum(np.nan_to_num(GAPS, nan=x[0], posinf=x[1])),
        [2.0, 1.0],
    ),
    "piecewise": (
        lambda x: np.sum(np.piecewise(DATA, [DATA > 0], [x[0], x[1]])),
        [3.0, 1.0],
    ),
    "polyint": (lambda x: np.sum(np.polyint(DATA, 2, k=[x[0], x[1]])), [1.0, 1.0]),
}


@pytest.mark.filterwarnings("ignore::adjoint.errors.BatchFallbackWarning")
@pytest.mark.parametrize("name", CASES)
def test_every_run_finds_a_traced_value_where_numpy_does_not_look(name):
    """The first run follows all arrays and found it; later, shallow ones did not."""
    f, expected = CASES[name]
    x = np.array([0.3, 0.8])
    for _ in range(3):
        np.testing.assert_allclose(ad.grad(f)(x), expected, atol=1e-12)
        value, slope = ad.jvp(f, (x,), (np.ones(2),))
        assert value == f(x)
        np.testing.assert_allclose(slope, sum(expected), atol=1e-12)
    rows = np.stack([x, 2 * x])
    np.testing.assert_allclose(ad.vmap(f)(rows), [f(row) for row in rows])


def test_what_refuses_a_plain_array_still_does():
    """An order of a norm is no number to differentiate by: it is said, not lost."""
    with pytest.raises(ad.errors.ConversionError, match="hash"):
        ad.grad(lambda x: np.linalg.norm(DATA, ord=x))(3.0)


def _twice(f):
    """A gradient of a gradient, with two wrappers around the function."""

    def inner(x):
        return np.sum(np.sin(f(x)))

    gradient = ad.grad(inner)
    return lambda x: np.sum(gradient(x))


def test_the_kind_of_a_run_is_known_for_what_wrappers_of_wrappers_close_over():
    """A first function needed no deep run; the second, of the same wrappers, does."""
    x = np.array([0.3, -0.7, 1.2])
    np.testing.assert_allclose(ad.grad(_twice(np.sin))(x).shape, (3,))
    ad.grad(_twice(lambda x: x * x))(x)
    found = ad.grad(_twice(lambda x: np.polynomial.Hermite(x)(x[0])))(x)

    def value(x):
        return np.sin(np.polynomial.hermite.hermval(x[0], x))

    np.testing.assert_allclose(found, ad.hessian(value)(x).sum(0), rtol=1e-12)


def test_functions_that_close_over_themselves_have_a_kind():
    """The search for what is closed over ends."""

    def of(f):
        def nested(x):
            def walk(tree):
                return sum(map(walk, tree)) if isinstance(tree, list) else f(tree)

            return walk([x[0], [x[1]]])

        def again(x, k=1):
            return nested(x) if k == 0 else again(x, k - 1)

        return again

    for _ in range(2):
        assert list(ad.grad(of(np.square))(np.array([1.0, 2.0]))) == [2.0, 4.0]
