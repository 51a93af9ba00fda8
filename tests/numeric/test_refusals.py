"""What numerical derivatives refuse, and that they say why."""

import math

import numpy as np
import pytest

import adjoint as ad
from adjoint import numeric
from adjoint.errors import InputError, OutputError

X = np.array([2.0, -5.0])


def partly_lost(x):
    return np.sum(np.abs(x) * x)


def wholly_lost(x):
    return np.sum(np.abs(x))


def filled(x):
    z = np.zeros(2)
    z[:] = x * x
    return np.sum(z)


@pytest.mark.parametrize(
    ("f", "x", "cause"),
    [
        (partly_lost, X, r"calls np\.absolute, which drops the imaginary part"),
        (wholly_lost, X, r"calls np\.absolute"),
        (np.linalg.norm, X, r"calls np\.norm"),
        (lambda x: np.sum(x.real * x), X, r"calls x\.real"),
        (lambda x: np.sum(np.conj(x) * x), X, r"calls np\.conjugate"),
        (np.std, X, r"calls np\.std"),
        (filled, X, r"z\[:\] = x \* x\): Casting complex values to real"),
        (math.sin, 1.0, "none: sin: Casting complex"),
        (lambda x: np.arctan2(x, 1.0), 1.0, ": ufunc 'arctan2' not supported"),
    ],
)
def test_a_lost_imaginary_part_is_named(f, x, cause):
    with pytest.raises(OutputError, match=f"complex step needs .*{cause}"):
        numeric.grad(f, method="complex")(x)
    with pytest.raises(OutputError, match=cause):
        numeric.hessian(f, method="complex")(x)


@pytest.mark.parametrize(
    "f",
    [
        lambda x: x * x if x > 0 else -x,
        lambda x: np.maximum(x, 0.0) * x,
        lambda x: np.where(x < 0, -x, x) * x,
    ],
)
def test_comparisons_of_the_real_part_are_no_loss(f):
    assert numeric.grad(f, method="complex")(1.0) == 2.0


@pytest.mark.parametrize("width", [1e-2, 1e-3, 1e-6])
def test_a_narrow_function_is_no_less_analytic(width):
    x = 1.0 + 0.5 * width
    z = (x - 1.0) / width
    slope = numeric.grad(
        lambda v: np.exp(-(((v - 1.0) / width) ** 2)), method="complex"
    )
    np.testing.assert_allclose(-2.0 * z / width * np.exp(-z * z), slope(x), rtol=1e-12)


@pytest.mark.filterwarnings("ignore:invalid value")
@pytest.mark.parametrize("f", [np.log, np.sqrt])
def test_a_function_that_is_nan_has_no_complex_step(f):
    """The complex logarithm is defined at -2, the real one is not."""
    assert np.isnan(numeric.grad(f, method="complex")(-2.0))
    assert np.isnan(numeric.hessian(f, method="complex")(-2.0))
    both = numeric.grad(lambda x: np.sum(f(x[1:])), method="complex")
    assert np.all(np.isnan(both(np.array([1.0, -2.0]))))


@pytest.mark.parametrize("method", ["central", "richardson"])
def test_a_complex_power_of_a_negative_float_is_nan(method):
    """Python's (-h) ** 1.5 is complex; its real part is no value of the function."""
    assert np.isnan(numeric.grad(lambda x: x**1.5, method=method)(0.0))
    assert np.isnan(numeric.hessian(lambda x: x**2.5, method=method)(0.0))
    np.testing.assert_allclose(
        1.5, numeric.grad(lambda x: x**1.5, method=method)(1.0), rtol=1e-9
    )


def test_complex_results_have_no_complex_step():
    with pytest.raises(
        OutputError, match="needs real results; <lambda> returned a comp"
    ):
        numeric.jacobian(lambda x: np.exp(1j * x), method="complex")(1.0)


@pytest.mark.parametrize(
    ("ask", "kind", "sentence"),
    [
        (
            lambda: numeric.grad(np.sin)(X),
            OutputError,
            r"returned a float64 array of sh",
        ),
        (
            lambda: numeric.grad(lambda x: (x, x))(1.0),
            OutputError,
            "returned 2 results",
        ),
        (lambda: numeric.grad(lambda x: None)(1.0), OutputError, "returned None"),
        (lambda: numeric.grad(lambda x: "text")(1.0), OutputError, "returned a str"),
        (lambda: numeric.grad(np.sum)(np.arange(3)), InputError, r"x\.astype\(float\)"),
        (lambda: numeric.grad(np.sum)("text"), InputError, "argument 0"),
        (lambda: numeric.grad(np.sin)(1j), InputError, "by real and imaginary parts"),
        (
            lambda: numeric.grad(np.sin, method="best"),
            InputError,
            "has no method 'best'",
        ),
        (
            lambda: numeric.grad(np.sin, with_error=True),
            InputError,
            "not know its error",
        ),
        (lambda: numeric.grad(np.sin, step=-1.0), InputError, "positive number"),
        (
            lambda: numeric.grad(np.sin, step=1e-20)(1.0),
            InputError,
            "is too small for 1",
        ),
        (
            lambda: numeric.grad(np.sin, 1.0),
            InputError,
            r"Write ad\.numeric\.grad\(f\)",
        ),
        (lambda: numeric.grad(np.sin, 1)(1.0), InputError, "argument 1"),
        (
            lambda: ad.grad(numeric.grad(np.sin))(1.0),
            InputError,
            "was given a traced va",
        ),
        (
            lambda: numeric.jacobian(lambda x: x[x > 2.0])(np.array([2.0, 3.0])),
            OutputError,
            "results of one form",
        ),
    ],
)
def test_it_says_what_was_wrong(ask, kind, sentence):
    with pytest.raises(kind, match=sentence):
        ask()


def test_complex_steps_of_large_numbers_are_checked_on_the_functions_scale():
    value = numeric.grad(np.sin, method="complex")(1e8)
    np.testing.assert_allclose(np.cos(1e8), value, rtol=1e-15)
    with pytest.raises(OutputError, match=r"calls np\.absolute"):
        numeric.grad(np.abs, method="complex")(-1e8)


def test_where_a_function_has_no_value_a_complex_step_gives_none():
    """``np.log(-1 + ih)`` is a complex number."""
    with np.errstate(invalid="ignore"):
        assert np.isnan(numeric.grad(np.log, method="complex")(-1.0))


def test_a_step_is_a_number():
    with pytest.raises(InputError, match="takes a positive number as its step"):
        numeric.grad(np.sin, step="a")
