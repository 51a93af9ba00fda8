"""``adjoint.numpy``: NumPy's own objects, and those that make arrays."""

import numpy  # noqa: ICN001 - beside the other np
import pytest

import adjoint as ad
import adjoint.numpy as np

REPLACED = ["array", "asarray", "zeros", "ones", "empty", "full", "eye", "zeros_like"]


def test_most_objects_are_numpys_own():
    names = {name for name in numpy.__all__ if name != "test" and name[0] != "_"}
    own = {name for name in names if getattr(np, name) is getattr(numpy, name)}
    assert len(own) > 0.85 * len(names)
    assert {"sin", "sum", "float64", "linalg", "ndarray", "pi"} <= own


@pytest.mark.parametrize("name", REPLACED)
def test_some_are_not(name):
    assert getattr(np, name) is not getattr(numpy, name)


def test_outside_of_transforms_arrays_are_plain():
    assert type(np.zeros(3)) is numpy.ndarray
    assert type(np.array([1.0, 2.0])) is numpy.ndarray
    numpy.testing.assert_array_equal(
        [[1.0, 3.0], [2.0, 4.0]], np.c_[[1.0, 2.0], [3.0, 4.0]]
    )


SOURCE = """
def filled(x):
    z = np.zeros(3)
    z[0] = x[0]
    z[1:] = x
    return np.sum(np.array([z[0], z[2], 1.0]) * np.full(3, x[1])) + np.r_[x, 1.0][0]
"""


def test_a_function_without_source_can_use_it():
    space = {"np": np}
    exec(SOURCE, space)  # noqa: S102 - a function without source is what is tested
    x = numpy.array([2.0, 3.0])
    numpy.testing.assert_array_equal([4.0, 9.0], ad.grad(space["filled"])(x))
    numpy.testing.assert_array_equal(
        [4.0, 9.0], ad.grad(space["filled"], plain_numpy=False)(x)
    )


def test_a_name_that_numpy_lacks():
    with pytest.raises(AttributeError, match="no attribute 'not_there'"):
        _ = np.not_there
