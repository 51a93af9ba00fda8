"""Traps 1 to 7 and 11 to 15: absolute values, roots, norms, extrema, ties."""

import numpy as np
import pytest

import adjoint as ad
from traps.modes import assert_curvature, assert_slope

ZEROS = np.zeros(3)


def test_trap_01_abs_at_zero():
    """The slope is 0, the symmetric subgradient."""
    for absolute in (abs, np.abs, np.absolute, np.fabs):
        assert_slope(0.0, absolute, 0.0)
    assert_slope(np.diag([-1.0, 0.0, 1.0]), np.abs, np.array([-2.0, 0.0, 2.0]))


@pytest.mark.parametrize("x", [0.0, -0.0, 3.0, -3.0])
@pytest.mark.parametrize("absolute", [abs, np.abs, np.fabs])
def test_trap_02_the_square_of_abs(absolute, x):
    """abs(x)**2 has the derivatives of x*x, however it is written."""
    for f in SQUARES:
        assert_slope(2.0 * x, lambda x, f=f: f(absolute(x)), x)
        assert_curvature(2.0, lambda x, f=f: f(absolute(x)), x)


SQUARES = (
    lambda y: y**2,
    lambda y: y**2.0,
    lambda y: y ** np.float64(2.0),
    lambda y: np.power(y, 2),
    lambda y: np.float_power(y, 2),
    np.square,
    lambda y: y * y,
    lambda y: np.multiply(y, y),
)


def test_trap_02_of_arrays():
    """Summed, and element by element."""
    x = np.array([0.0, -1.0, 2.0])
    for f in SQUARES:
        assert_slope(2.0 * x, lambda x, f=f: np.sum(f(np.abs(x))), x)
        assert_curvature(2.0 * np.eye(3), lambda x, f=f: np.sum(f(np.abs(x))), x)
        assert_slope(np.diag(2.0 * x), lambda x, f=f: f(np.abs(x)), x)


def test_trap_02_of_complex_numbers():
    """|z|**2 of z = x + iy is x*x + y*y, at 0 too."""
    for f in SQUARES:
        g = lambda p, f=f: f(np.abs(p[0] + 1j * p[1]))  # noqa: E731
        for p in (np.zeros(2), np.array([1.0, -2.0])):
            assert_slope(2.0 * p, g, p)
            assert_curvature(2.0 * np.eye(2), g, p)


def test_trap_03_sqrt_at_zero():
    """The slope is infinite; no exception, no warning."""
    with np.errstate(all="raise"):
        assert np.inf == ad.grad(np.sqrt)(0.0)
        assert np.inf == ad.jvp(np.sqrt, (0.0,), (1.0,))[1]
    assert_slope(np.inf, np.sqrt, 0.0)
    assert_slope(np.inf, lambda x: x**0.5, 0.0)


def test_trap_04_zero_times_sqrt():
    """What is multiplied by an exact zero has slope 0."""
    assert_slope(0.0, lambda x: 0.0 * np.sqrt(x), 0.0)
    assert_slope(ZEROS, lambda x: np.sum(np.zeros(3) * np.sqrt(x)), ZEROS)


ROOTS = (np.sqrt, lambda y: y**0.5, lambda y: np.power(y, 0.5))


@pytest.mark.parametrize("root", ROOTS)
@pytest.mark.parametrize("square", [*SQUARES[:6], lambda x: x * x])
def test_trap_04_the_root_of_a_square(root, square):
    """sqrt(x*x) has the derivatives of abs(x)."""
    f = lambda x: root(square(x))  # noqa: E731
    for x, slope in ((0.0, 0.0), (2.0, 1.0), (-2.0, -1.0), (1e-200, 1.0)):
        assert_slope(slope, f, x)
    assert_curvature(0.0, f, -2.0)
    assert_slope(np.diag([0.0, -1.0]), f, np.array([0.0, -2.0]))


@pytest.mark.parametrize("root", ROOTS)
def test_trap_04_the_root_of_a_higher_power(root):
    """sqrt(x**4) has the derivatives of x*x, sqrt(x**6) those of abs(x)**3."""
    for x in (0.0, 2.0, -2.0):
        assert_slope(2.0 * x, lambda x: root(x**4), x)
        assert_curvature(2.0, lambda x: root(x**4), x)
        assert_slope(3.0 * x * abs(x), lambda x: root(x**6), x)
        assert_curvature(6.0 * abs(x), lambda x: root(x**6), x)


NORMS = {
    "norm": np.linalg.norm,
    "norm, axis": lambda x: np.linalg.norm(x, axis=0),
    "norm, axis kept": lambda x: np.linalg.norm(x, axis=0, keepdims=True),
    "norm, kept": lambda x: np.linalg.norm(x, keepdims=True),
    "norm, 2": lambda x: np.linalg.norm(x, 2),
    "vector_norm": np.linalg.vector_norm,
    "vector_norm, kept": lambda x: np.linalg.vector_norm(x, keepdims=True),
    "Frobenius": lambda x: np.linalg.norm(x.reshape(1, 3)),
    "Frobenius, named": lambda x: np.linalg.norm(x.reshape(3, 1), "fro"),
    "Frobenius, kept": lambda x: np.linalg.norm(
        x.reshape(3, 1), "fro", (0, 1), keepdims=True
    ),
    "matrix_norm": lambda x: np.linalg.matrix_norm(x.reshape(3, 1)),
    "root of a sum": lambda x: np.sqrt(np.sum(x**2)),
    "root of a product": lambda x: np.sqrt(x @ x),
    "power of a sum": lambda x: np.sum(x * x) ** 0.5,
}


@pytest.mark.parametrize("name", NORMS)
def test_trap_05_the_norm_at_zero(name):
    """Slope 0; the second derivative there does not exist.

    In a batch x @ x is another product, in which 0 meets the infinite slope: nan.
    """
    batched = name != "root of a product"
    assert_slope(ZEROS, lambda x: np.sum(NORMS[name](x)), ZEROS, batched=batched)
    if not batched:
        total = lambda x: np.sum(ad.vmap(NORMS[name])(x))  # noqa: E731
        assert np.all(np.isnan(ad.grad(total)(np.zeros((2, 3)))))


@pytest.mark.parametrize("name", NORMS)
def test_trap_06_the_square_of_a_norm(name):
    """norm(x)**2 has the gradient 2 x and the Hessian 2 I."""
    for x in (ZEROS, np.array([1.0, 0.0, -2.0])):
        for f in SQUARES:
            g = lambda x, f=f: np.sum(f(NORMS[name](x)))  # noqa: E731
            assert_slope(2.0 * x, g, x)
            assert_curvature(2.0 * np.eye(3), g, x)


def test_trap_06_of_complex_vectors():
    """The squared norm of u + iv is u·u + v·v."""
    f = lambda x: np.linalg.norm(x[:2] + 1j * x[2:]) ** 2  # noqa: E731
    assert_slope(np.zeros(4), f, np.zeros(4))
    assert_curvature(2.0 * np.eye(4), f, np.zeros(4))


def test_trap_07_hypot_at_the_origin():
    """Slopes (0, 0), and derivatives of x*x + y*y for its square."""
    origin = np.zeros(2)
    assert_slope(origin, lambda p: np.hypot(p[0], p[1]), origin)
    for f in SQUARES:
        for p in (origin, np.array([3.0, -4.0])):
            g = lambda p, f=f: f(np.hypot(p[0], p[1]))  # noqa: E731
            assert_slope(2.0 * p, g, p)
            assert_curvature(2.0 * np.eye(2), g, p)
        for x in (0.0, 2.0):
            assert_curvature(2.0, lambda x, f=f: f(np.hypot(x, 0.0)), x)
            assert_curvature(2.0, lambda x, f=f: f(np.hypot(0.0, x)), x)


def test_trap_11_ties_of_two():
    """Split equally, so that max(x, 0) - max(-x, 0) has slope 1."""
    for extremum in (np.maximum, np.minimum, np.fmax, np.fmin):
        p = np.array([1.0, 1.0])
        assert_slope([0.5, 0.5], lambda p, e=extremum: e(p[0], p[1]), p)
        assert_slope(1.0, lambda x, e=extremum: e(x, 0.0) - e(-x, 0.0), 0.0)


def test_trap_12_ties_in_a_reduction():
    """Split equally; the weights sum to 1."""
    x = np.array([1.0, 3.0, 3.0])
    assert_slope([0.0, 0.5, 0.5], np.max, x)
    assert_slope([0.0, 0.5, 0.5], lambda x: -np.min(-x), x)
    assert_slope([1 / 3] * 3, np.max, np.ones(3))
    assert_slope([1 / 3] * 3, np.amin, np.ones(3))


def test_trap_13_clip_at_the_bound():
    """The bound belongs to the inside: slope 1 there."""
    x = np.array([-2.0, -1.0, 0.0, 1.0, 2.0])
    assert_slope(np.diag([0.0, 1.0, 1.0, 1.0, 0.0]), lambda x: np.clip(x, -1, 1), x)
    assert_slope(1.0, lambda x: x.clip(-1.0, 1.0), np.float64(1.0))
    assert_slope(0.5, lambda x: np.minimum(np.maximum(x, -1.0), 1.0), 1.0)
    assert_slope(0.0, lambda low: np.clip(-1.0, low, 1.0), -1.0)


@pytest.mark.parametrize("extremum", [np.maximum, np.minimum, np.fmax, np.fmin])
def test_trap_14_the_square_of_an_extremum(extremum):
    """At a tie it is half of x**2 and half of c**2, with constant halves."""
    for f in SQUARES:
        g = lambda x, f=f: f(extremum(x, 0.0))  # noqa: E731
        assert_slope(0.0, g, 0.0)
        assert_curvature(1.0, g, 0.0)
        h = lambda x, f=f: f(extremum(3.0, x))  # noqa: E731
        assert_slope(3.0, h, 3.0)
        assert_curvature(1.0, h, 3.0)
        taken = 2.0 if extremum(1.0, 0.0) == 1.0 else 0.0
        assert_curvature(taken, g, 1.0)
        assert_curvature(2.0 - taken, g, -1.0)


def test_trap_14_other_powers_and_two_arguments():
    """m x**p + (1-m) c**p, by each of the two."""
    p = np.array([2.0, 2.0])
    f = lambda p: np.maximum(p[0], p[1]) ** 3  # noqa: E731
    assert_slope([6.0, 6.0], f, p)
    assert_curvature(np.diag([6.0, 6.0]), f, p)
    x = np.array([-1.0, 0.0, 1.0])
    g = lambda x: np.sum(np.maximum(x, np.zeros((2, 3))) ** 2)  # noqa: E731
    assert_slope([0.0, 0.0, 4.0], g, x)
    assert_curvature(np.diag([0.0, 2.0, 4.0]), g, x)


def test_trap_14_the_rectifier():
    """relu'(0) = 0 as a branch, 1/2 as a maximum."""
    assert_slope(0.5, lambda x: np.maximum(x, 0.0), 0.0)
    assert_slope(0.0, lambda x: np.where(x > 0.0, x, 0.0), 0.0)


def test_trap_15_the_order_of_ties():
    """Sorting follows the stable permutation; the median averages its two."""
    x = np.array([2.0, 1.0, 2.0, 1.0])
    order = np.eye(4)[[1, 3, 0, 2]]
    assert_slope(order, np.sort, x)
    assert_slope(order, lambda x: x[np.argsort(x, kind="stable")], x)
    assert_slope((order[1] + order[2]) / 2, np.median, x)
    assert_slope(order[1], lambda x: np.percentile(x, 100 / 3), x, atol=1e-12)
    assert_slope(order[3], lambda x: np.quantile(x, 1.0), x)
