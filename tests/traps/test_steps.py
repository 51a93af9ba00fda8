"""Traps 37 and 38: remainders, steps, interpolation at a knot."""

import numpy as np

import adjoint as ad
from traps.modes import assert_curvature, assert_slope


def test_trap_37_remainders():
    """d mod/dx = 1, d mod/dy = -floor(x/y); fmod truncates; right-hand at multiples."""
    for x, y in ((7.5, 2.0), (-7.5, 2.0), (7.5, -2.0), (6.0, 2.0)):
        p = np.array([x, y])
        for mod in (lambda p: p[0] % p[1], lambda p: np.mod(p[0], p[1])):
            assert_slope([1.0, -np.floor(x / y)], mod, p)
        assert_slope([1.0, -np.trunc(x / y)], lambda p: np.fmod(p[0], p[1]), p)


def test_trap_37_steps():
    """Slope 0, at the step too; // exists."""
    for f in (np.floor, np.ceil, np.round, np.trunc, np.rint, np.sign):
        for x in (1.0, 1.5, -0.3, 0.0):
            assert_slope(0.0, f, x)
    p = np.array([7.5, 2.0])
    assert_slope([0.0, 0.0], lambda p: p[0] // p[1], p)
    assert_slope([0.0, 0.0], lambda p: np.floor_divide(p[0], p[1]), p)
    assert_slope([0.0, 0.0], lambda p: divmod(p[0], p[1])[0], p)
    assert_slope([1.0, -3.0], lambda p: divmod(p[0], p[1])[1], p)
    assert 0.0 == ad.grad(lambda x: 1.0 * (x // 2.0))(5.0)


def test_trap_38_interpolation_at_a_knot():
    """The slope on the right; at the last knot that of the last segment; 0 outside."""
    xp, fp = np.array([0.0, 1.0, 3.0]), np.array([0.0, 2.0, 3.0])
    x = np.array([-1.0, 0.0, 0.5, 1.0, 2.0, 3.0, 4.0])
    slopes = np.array([0.0, 2.0, 2.0, 0.5, 0.5, 0.5, 0.0])
    assert_slope(np.diag(slopes), lambda x: np.interp(x, xp, fp), x)
    assert_slope([0.0, 0.5, 0.5], lambda fp: np.interp(2.0, xp, fp), fp)
    assert_slope([0.0, 0.0, 1.0], lambda fp: np.interp(4.0, xp, fp), fp)
    outside = lambda x: np.interp(x, xp, fp, left=np.nan, right=np.nan)  # noqa: E731
    assert_slope(0.0, outside, -1.0)
    assert_curvature(0.0, lambda x: np.interp(x, xp, fp) ** 1, 0.5)
