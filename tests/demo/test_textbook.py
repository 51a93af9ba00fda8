"""The textbook gradient by every method."""

import numpy as np
import pytest

from adjoint._demo.textbook import gradients

EXACT = (5.5, 2 - np.cos(5))

METHODS = [
    (gradients.derivative_by_forward_mode, 1e-15),
    (gradients.derivative_by_reverse_mode, 1e-15),
    # A central difference keeps about two thirds of the sixteen digits.
    (gradients.derivative_by_differences, 1e-10),
    (gradients.derivative_by_hand, 0.0),
]


@pytest.mark.parametrize(("method", "rtol"), METHODS)
def test_value_and_gradient_at_the_textbook_point(method, rtol):
    """Each method gives ln 2 + 10 - sin 5 and (5.5, 2 - cos 5) to its accuracy."""
    found = method(2.0, 5.0)
    np.testing.assert_allclose(np.log(2) + 10 - np.sin(5), found.value, rtol=1e-15)
    np.testing.assert_allclose(EXACT, found.gradient, rtol=rtol)


def test_dual_numbers_carry_value_and_derivative():
    """A dual input moves the result by its partial derivative."""
    along_x1, along_x2 = gradients.dual_numbers(2.0, 5.0)
    assert gradients.f(2.0, 5.0) == along_x1.primal == along_x2.primal
    np.testing.assert_allclose(EXACT, (along_x1.tangent, along_x2.tangent), rtol=1e-15)


def test_gradient_error_is_the_largest_distance():
    """The error is that of the worse partial derivative."""
    exact = gradients.Derivative("exact", 0.0, (1.0, 2.0))
    found = gradients.Derivative("found", 0.0, (1.25, 1.5))
    assert 0.5 == gradients.gradient_error(found, exact)
