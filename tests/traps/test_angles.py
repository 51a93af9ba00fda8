"""Trap 20: the angle at the origin, which no limit defines."""

import warnings

import numpy as np
import pytest

import adjoint as ad
from adjoint.errors import UndefinedDerivativeWarning
from traps.modes import assert_forward, assert_reverse, assert_slope

ORIGIN = np.zeros(2)
ANGLES = {
    "arctan2": lambda p: np.arctan2(p[0], p[1]),
    "angle": lambda p: np.angle(p[1] + 1j * p[0]),
}


@pytest.mark.parametrize("name", ANGLES)
@pytest.mark.parametrize("derivative", [ad.grad, ad.jacfwd, ad.jacrev])
def test_trap_20_at_the_origin(derivative, name):
    """The derivative is nan, and a warning says of what."""
    with pytest.warns(UndefinedDerivativeWarning, match="arctan2.*origin") as seen:
        assert np.all(np.isnan(derivative(ANGLES[name])(ORIGIN)))
    assert {__file__} == {one.filename for one in seen}


@pytest.mark.parametrize("name", ANGLES)
def test_trap_20_elsewhere_and_masked_out(name):
    """No warning where there is an angle, nor, backwards, where it is not used.

    Forward mode, which cannot know what comes later, gives it then.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        p = np.array([3.0, 4.0])
        assert_slope([4.0 / 25.0, -3.0 / 25.0], ANGLES[name], p)
        f = lambda p: np.where(p[0] > 0.0, ANGLES[name](p), 0.0)  # noqa: E731
        assert_reverse(ORIGIN, f, ORIGIN)
    with pytest.warns(UndefinedDerivativeWarning):
        assert_forward(ORIGIN, f, ORIGIN)
