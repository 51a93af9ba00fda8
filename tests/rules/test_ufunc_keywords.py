"""Keywords of ufunc calls on traced values: where=, dtype=, axes=."""

import numpy as np
import pytest

import adjoint as ad

VECTOR = np.array([-1.0, 4.0, 9.0])
POSITIVE = VECTOR > 0.0


def test_what_a_mask_leaves_out_is_a_constant_zero():
    """NumPy leaves there what was in memory; its slope is 0, and nothing warns."""

    def f(x):
        return np.sqrt(x, where=x > 0.0, out=None)

    with np.errstate(all="raise"):
        value, tangent = ad.jvp(f, (VECTOR,), (np.ones(3),))
        gradient = ad.grad(lambda x: np.sum(f(x)))(VECTOR)
    np.testing.assert_array_equal([0.0, 2.0, 3.0], value)
    np.testing.assert_array_equal([0.0, 0.25, 1 / 6], tangent)
    np.testing.assert_array_equal([0.0, 0.25, 1 / 6], gradient)


def test_what_a_mask_keeps_warns_like_numpy():
    """Where the mask holds the user's error state rules."""
    mask = np.array([True, True, False])
    with np.errstate(invalid="raise"), pytest.raises(FloatingPointError):
        ad.grad(lambda x: np.sum(np.sqrt(x, where=mask, out=None)))(VECTOR)


def test_single_precision_stays_with_python_numbers():
    """A mask does not widen float32, nor does a Python number beside it."""
    x = VECTOR.astype(np.float32)
    out = ad.jvp(lambda x: np.power(x, 0.5, where=POSITIVE, out=None), (x,), (x,))
    assert [np.float32] * 2 == [part.dtype for part in out]


def test_a_batch_has_a_mask_each():
    """vmap gives each sample its own mask."""
    batch = np.stack([VECTOR, -VECTOR])
    given = ad.vmap(lambda x: np.sqrt(x, where=x > 0.0, out=None))(batch)
    np.testing.assert_array_equal([[0.0, 2.0, 3.0], [1.0, 0.0, 0.0]], given)


def test_dtype_chooses_the_loop():
    """The value is computed in that type; the gradient has the argument's."""
    value, pullback = ad.vjp(lambda x: np.multiply(x, 2.0, dtype=np.float32), VECTOR)
    assert value.dtype == np.float32
    (gradient,) = pullback(np.ones(3, np.float32))
    np.testing.assert_array_equal(np.full(3, 2.0), gradient, strict=True)


@pytest.mark.parametrize(
    "keywords", [{"dtype": np.float32, "casting": "safe"}, {"dtype": int}]
)
def test_casts_that_numpy_refuses_are_refused(keywords):
    """The error is NumPy's own."""
    with pytest.raises(TypeError) as plain:
        np.sin(VECTOR, **keywords)
    with pytest.raises(TypeError) as traced:
        ad.grad(lambda x: np.sum(np.sin(x, **keywords)))(VECTOR)
    assert type(plain.value) is type(traced.value)


def test_unknown_keywords_are_numpys_error():
    """NumPy itself says which."""
    with pytest.raises(TypeError, match="colour"):
        ad.grad(lambda x: np.sum(np.sin(x, colour=1)))(VECTOR)


@pytest.mark.parametrize("keywords", [{"axis": 0}, {"keepdims": True}])
def test_matrices_have_axes_not_an_axis(keywords):
    """NumPy's error for matmul."""
    square = np.ones((3, 3))
    with pytest.raises(TypeError):
        np.matmul(square, square, **keywords)
    with pytest.raises(TypeError):
        ad.grad(lambda x: np.sum(np.matmul(x, x, **keywords)))(square)
