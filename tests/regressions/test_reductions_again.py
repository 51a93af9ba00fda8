"""Reductions, scans and products at the ends of what NumPy allows, as it has them."""

import warnings

import numpy as np
import pytest

import adjoint as ad

OF_A_NUMBER = {
    "sum": lambda x: np.sum(x * x, axis=-1),
    "sum, kept": lambda x: np.sum(x * x, axis=0, keepdims=True),
    "prod": lambda x: np.prod(x * x, axis=0),
    "max": lambda x: np.max(x * x, axis=-1),
    "ptp": lambda x: np.ptp(x, axis=0) + x * x,
    "argmax": lambda x: np.argmax(x, axis=0) + x * x,
    "any": lambda x: np.any(x, axis=-1) * x * x,
    "nansum": lambda x: np.nansum(x * x, axis=0),
    "cumsum": lambda x: np.cumsum(x * x, axis=-1)[0],
    "cumprod": lambda x: np.cumprod(x * x, axis=0)[0],
    "take": lambda x: np.take(x * x, [0, 0], axis=0)[1],
    "compress": lambda x: np.compress([True], x * x, axis=0)[0],
    "repeat": lambda x: np.repeat(x * x, 2, axis=-1)[1],
    "logaddexp.reduce": lambda x: np.logaddexp.reduce(x * x),
    "hypot.reduce": lambda x: np.hypot.reduce(-x * x, axis=-1, keepdims=True),
}


@pytest.mark.parametrize("f", OF_A_NUMBER.values(), ids=OF_A_NUMBER)
@pytest.mark.parametrize("x", [2.0, np.float32(2.0), np.array(2.0)], ids=repr)
def test_a_number_has_axis_0_where_numpy_gives_it_one(f, x):
    value, slope = ad.value_and_grad(f)(x)
    plain = f(x)
    assert np.asarray(plain).dtype == np.asarray(value).dtype
    assert (plain, 4.0, 2.0) == (value, slope, ad.hessian(f)(x))
    assert (plain, 4.0) == ad.jvp(f, (x,), (np.ones_like(x)[()],))
    batch = np.array([2.0, 3.0])
    assert [4.0, 6.0] == ad.vmap(ad.grad(f))(batch).tolist()
    assert [4.0, 6.0] == ad.grad(lambda y: np.sum(ad.vmap(f)(y)))(batch).tolist()


@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.sum(x, axis=1),
        lambda x: np.sum(x, axis=(0,)),
        lambda x: np.mean(x, axis=0),
        lambda x: np.cumsum(x, axis=-2),
        lambda x: np.take(x, [0], axis=1),
        lambda x: np.flip(x, axis=0),
    ],
)
def test_a_number_has_no_other_axes(f):
    for call in (f, lambda x: ad.jvp(f, (x,), (x,))):
        with pytest.raises(np.exceptions.AxisError):
            call(np.array(2.0))


@pytest.mark.skipif(not hasattr(np, "cumulative_sum"), reason="since NumPy 2.1")
@pytest.mark.parametrize("name", ["cumulative_sum", "cumulative_prod"])
def test_cumulative_sums_and_products_of_a_number(name):
    function = getattr(np, name)
    x = np.array(2.0)
    for first in (False, True):
        f = lambda x, first=first: function(x * x, include_initial=first)  # noqa: E731
        value, tangent = ad.jvp(f, (x,), (np.array(1.0),))
        np.testing.assert_array_equal(f(x), value)
        assert [0.0] * first + [4.0] == tangent.tolist()
        assert 4.0 == ad.grad(lambda x, f=f: np.sum(f(x)))(x)


def test_hypot_of_one_element_is_its_absolute_value():
    x = np.array([[-2.0], [0.0], [3.0]])
    f = lambda x: np.hypot.reduce(x, axis=-1)  # noqa: E731
    value, tangent = ad.jvp(f, (x,), (np.ones_like(x),))
    assert [2.0, 0.0, 3.0] == value.tolist()
    assert [-1.0, 0.0, 1.0] == tangent.tolist()
    gradient = ad.grad(lambda x: np.sum(f(x)))(x)
    assert [[-1.0], [0.0], [1.0]] == gradient.tolist()


def test_hypot_of_segments_of_one_element_is_that_element():
    """``reduceat`` does not begin with 0."""
    value, tangent = ad.jvp(
        lambda x: np.hypot.reduceat(x, [0, 1]), (np.array([-2.0, -3.0]),), (np.ones(2),)
    )
    assert [-2.0, -3.0] == value.tolist()
    assert [1.0, 1.0] == tangent.tolist()


@pytest.mark.parametrize(
    ("left", "right"),
    [((0,), (2, 0, 3)), ((2, 0), (2, 0, 3)), ((0, 2, 3), (3,)), ((1, 2, 3), (0, 3, 2))],
)
def test_dot_of_stacks_without_elements(left, right):
    a, b = np.ones(left), np.ones(right)
    value, pull = ad.vjp(np.dot, a, b)
    np.testing.assert_array_equal(np.dot(a, b), value)
    by_a, by_b = pull(np.ones_like(value))
    np.testing.assert_array_equal(np.zeros(left), by_a)
    np.testing.assert_array_equal(np.zeros(right), by_b)


@pytest.mark.parametrize("name", ["mean", "nanmean", "var", "nanvar", "average"])
def test_means_of_single_complex_numbers_are_numpys_to_the_last_bit(name):
    """NumPy divides by an integer, and so in double precision."""
    function = getattr(np, name)
    rng = np.random.default_rng(0)
    for axis in (None, 0, 1):
        x = rng.normal(size=(7, 40, 2)).astype(np.float32).view(np.complex64)[..., 0]
        value, _ = ad.vjp(lambda x, axis=axis: function(x, axis=axis), x)
        plain = function(x, axis=axis)
        assert plain.dtype == value.dtype
        assert plain.tobytes() == value.tobytes()


ORDERS = [None, 2, -2, 1, -1, np.inf, -np.inf, "fro"]


@pytest.mark.parametrize("p", ORDERS)
def test_condition_numbers_are_numpys_where_matrices_are_singular(p):
    f = lambda x: np.linalg.cond(x, p)  # noqa: E731
    singular = np.stack([np.diag([1.0, 0.0]), np.eye(2), np.zeros((2, 2))])
    for x in (singular, singular[0], singular[2], np.full((2, 2), np.nan)):
        if np.isnan(x).any() and p in {None, 2, -2}:
            continue  # NumPy's singular values of nan do not converge
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            plain = f(x)
            value, _ = ad.vjp(f, x)
            np.testing.assert_array_equal(plain, value)
    slopes = ad.grad(lambda x: np.linalg.cond(x, p)[1])(singular)
    regular = ad.grad(f)(singular[1])
    np.testing.assert_array_equal(regular, slopes[1])


def test_matrices_without_elements_have_no_condition_number():
    for call in (np.linalg.cond, ad.grad(np.linalg.cond)):
        with pytest.raises(np.linalg.LinAlgError, match="not defined on empty arrays"):
            call(np.zeros((0, 0)))


def test_the_pseudo_inverse_of_what_is_not_finite_is_numpys():
    x = np.diag([np.inf, 1.0])
    with np.errstate(all="ignore"):
        value, tangent = ad.jvp(np.linalg.pinv, (x,), (np.ones((2, 2)),))
        gradient = ad.grad(lambda x: np.sum(np.linalg.pinv(x)))(x)
        np.testing.assert_array_equal(np.linalg.pinv(x), value)
    assert np.isnan(tangent).any()
    assert np.isnan(gradient).any()
