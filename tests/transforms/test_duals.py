"""Dual numbers made by hand."""

import numpy as np
import pytest

import adjoint as ad
from transforms.compare import assert_close, assert_same


def parts(x):
    return x.primal, x.tangent


@pytest.mark.parametrize(
    ("x", "text"),
    [
        (ad.dual(2.0, 1.0), "2.0 + 1.0ε"),
        (ad.dual(2.0, -1.5), "2.0 - 1.5ε"),
        (ad.dual(-2.0, 0.0), "-2.0 + 0.0ε"),
        (ad.dual(2, 1), "2.0 + 1.0ε"),
        (ad.dual(np.float64(2.0), -1.0), "2.0 - 1.0ε"),
    ],
)
def test_scalars_print_as_mathematics(x, text):
    """The sign of the tangent stands between."""
    assert text == repr(x)
    assert text == str(x)


def test_arrays_print():
    """Both parts are shown."""
    text = repr(ad.dual(np.array([1.0, 2.0]), np.array([3.0, -4.0])))
    assert "ε" in text
    for number in ("1.", "2.", "3.", "4."):
        assert number in text


@pytest.mark.parametrize(
    ("result", "primal", "tangent"),
    [
        (ad.dual(3.0, 1.0) * ad.dual(2.0, 5.0), 6.0, 17.0),
        (ad.dual(3.0, 1.0) + ad.dual(2.0, 5.0), 5.0, 6.0),
        (1.0 / ad.dual(2.0, 1.0), 0.5, -0.25),
        (2.0 - ad.dual(2.0, 1.0), 0.0, -1.0),
        (ad.dual(2.0, 1.0) ** 3, 8.0, 12.0),
        (2.0 ** ad.dual(3.0, 1.0), 8.0, 8.0 * np.log(2.0)),
        (-ad.dual(2.0, 1.0), -2.0, -1.0),
        (abs(ad.dual(-2.0, 1.0)), 2.0, -1.0),
        (np.exp(ad.dual(0.0, 2.0)), 1.0, 2.0),
        (np.float64(3.0) * ad.dual(2.0, 1.0), 6.0, 3.0),
        (ad.dual(2.0, 1.0) * np.ones(2), np.full(2, 2.0), np.ones(2)),
        (np.sum(ad.dual(np.arange(3.0), np.ones(3)) ** 2), 5.0, 6.0),
        (ad.dual(np.arange(3.0), np.ones(3))[1], 1.0, 1.0),
        (ad.dual(np.arange(3.0), np.ones(3)) @ np.ones(3), 3.0, 3.0),
    ],
)
def test_arithmetic(result, primal, tangent):
    """f(a + b ε) = f(a) + f'(a) b ε."""
    assert_close((primal, tangent), parts(result), rtol=1e-14)


def test_the_textbook_function():
    """f = ln x1 + x1 x2 - sin x2 at (2, 5): 5.5 and 2 - cos 5."""
    f = lambda x, y: np.log(x) + x * y - np.sin(y)  # noqa: E731
    assert_close(5.5, f(ad.dual(2.0, 1.0), 5.0).tangent)
    assert_close(2.0 - np.cos(5.0), f(2.0, ad.dual(5.0, 1.0)).tangent)


def test_comparisons_are_concrete():
    """So Python's control flow works."""
    x = ad.dual(2.0, 1.0)
    assert (True, False, True) == (x > 1.0, x < 1.0, x == 2.0)
    assert type(x > 1.0) in {bool, np.bool}
    assert_same(
        np.array([False, True]), ad.dual(np.array([0.0, 2.0]), np.ones(2)) > 1.0
    )
    assert 3.0 == max(ad.dual(3.0, 1.0), 2.0).primal


@pytest.mark.parametrize(
    ("primal", "tangent", "expected"),
    [
        (np.array(2.0), 1.0, np.array(1.0)),
        (np.array(2.0), np.array(1.0), np.array(1.0)),
        (2.0, np.array(1.0), 1.0),
        (np.float32(2.0), 1.0, np.float32(1.0)),
        (np.array([2.0], np.float32), np.array([1.0]), np.array([1.0], np.float32)),
        (np.array([2.0]), np.array([1.0], np.float32), np.array([1.0])),
    ],
)
def test_tangents_have_the_dtype_of_the_primal(primal, tangent, expected):
    """Also where one of them is an array of shape ()."""
    x = ad.dual(primal, tangent)
    assert_close(expected, x.tangent)
    square = x * x
    assert np.asarray(primal).dtype == np.asarray(square.tangent).dtype
    assert_close(2.0 * np.asarray(primal) * np.asarray(expected), square.tangent)


@pytest.mark.parametrize(
    ("primal", "tangent", "error"),
    [
        (np.ones(2), np.ones(3), ad.errors.ShapeError),
        (np.ones(2), 1.0, ad.errors.ShapeError),
        (1.0, np.ones(2), ad.errors.ShapeError),
        (np.arange(2), np.ones(2), ad.errors.InputError),
        ("a", 1.0, ad.errors.InputError),
        (1.0, None, ad.errors.InputError),
        ("1.0", 1.0, ad.errors.InputError),
        ([1.0], [1.0], ad.errors.InputError),
        (ad.dual(1.0, 1.0), 1.0, ad.errors.InputError),
    ],
)
def test_mistakes(primal, tangent, error):
    """Shapes that differ, and what is no real number or array."""
    with pytest.raises(error, match="dual"):
        ad.dual(primal, tangent)


def test_a_dual_inside_grad_is_a_constant():
    """The gradient of x a, for a dual a, is a: its tangent comes along."""
    a = ad.dual(3.0, 1.0)
    gradient = ad.grad(lambda x: x * x * a)(2.0)
    assert_close((12.0, 4.0), parts(gradient))
    out, dot = ad.jvp(lambda x: x * x * a, (2.0,), (1.0,))
    assert_close((12.0, 4.0), parts(out))
    assert_close((12.0, 4.0), parts(dot))


def test_derivatives_at_a_dual_point():
    """grad at a + b ε is f'(a) + f''(a) b ε."""
    x = ad.dual(2.0, 1.0)
    assert_close((12.0, 12.0), parts(ad.grad(lambda x: x**3)(x)))
    assert_close((12.0, 6.0), parts(ad.grad(ad.grad(lambda x: x**3))(x)))
    assert_close((12.0, 12.0), parts(ad.jvp(lambda x: x**3, (x,), (1.0,))[1]))
    assert_close((12.0, 12.0), parts(ad.jacfwd(lambda x: x**3)(x)))
    assert_close((12.0, 12.0), parts(ad.jacrev(lambda x: x**3)(x)))


def test_duals_of_custom_rules_and_checkpoints():
    """Both carry tangents outside any transform."""
    f = ad.custom_vjp(lambda x: x * x)
    f.defvjp(lambda x: (x * x, x), lambda x, w: (7.0 * w,))
    assert_close((4.0, 7.0), parts(f(ad.dual(2.0, 1.0))))
    assert_close((4.0, 4.0), parts(ad.checkpoint(lambda x: x * x)(ad.dual(2.0, 1.0))))
