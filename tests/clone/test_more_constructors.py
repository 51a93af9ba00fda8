"""Arrays made of traced numbers: even steps, windows, requirements, order in memory."""

import numpy as np
import pytest

import adjoint as ad


def slope(f, x, h=1e-6):
    return (f(x + h) - f(x - h)) / (2.0 * h)


FUNCTIONS = {
    "stop": lambda x: np.sum(np.arange(0.0, x, 0.3)) * x,
    "start": lambda x: np.sum(np.arange(x, 3.0) ** 2),
    "step": lambda x: np.sum(np.arange(0.5, 4.0, x) ** 2),
    "one argument": lambda x: np.sum(np.arange(x)) * x,
    "by keyword": lambda x: np.sum(np.arange(x, stop=3.0, step=0.5) ** 3),
    "in a dtype": lambda x: np.sum(np.arange(x, 3.0, dtype=np.complex128) ** 2).real,
    "kaiser": lambda x: np.sum(np.kaiser(7, x) ** 2),
    "fftfreq": lambda x: np.sum(np.fft.fftfreq(5, x) ** 2),
    "require": lambda x: np.sum(np.require([x, x * x], requirements=["F", "O"])),
    "chkfinite": lambda x: np.sum(np.asarray_chkfinite([x, x * x])),
    "contiguous": lambda x: np.ascontiguousarray(x * x)[0],
    "fortran": lambda x: np.asfortranarray([[x, 1.0], [2.0, x * x]])[1, 1],
    "ordered": lambda x: np.sum(np.array([[x, 1.0], [2.0, x]], order="F") ** 2),
    "copied": lambda x: np.sum(np.asarray([x, 1.0], copy=True) ** 2),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_traced_numbers_make_arrays(name):
    """Value and slope are those of the plain function."""
    f, x = FUNCTIONS[name], 1.7
    value, gradient = ad.value_and_grad(f)(x)
    assert value == f(x)
    np.testing.assert_allclose(gradient, slope(f, x), rtol=1e-7)


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_few_numbers(count):
    """NumPy's count, however small."""
    given = ad.jvp(lambda x: np.arange(x, 0.5 + count), (0.6,), (1.0,))
    np.testing.assert_array_equal(np.arange(0.6, 0.5 + count), given[0])
    np.testing.assert_array_equal(np.ones(count), given[1])


def test_whole_numbers_are_constants():
    """An integer dtype has nothing to differentiate."""
    assert ad.grad(lambda x: np.sum(np.arange(0, x, dtype=int)) * 1.0)(3.5) == 0.0


def test_what_is_not_finite_is_refused():
    """NumPy's error."""
    with pytest.raises(ValueError, match="infs or NaNs"):
        ad.grad(lambda x: np.sum(np.asarray_chkfinite([x, np.inf])))(1.0)
