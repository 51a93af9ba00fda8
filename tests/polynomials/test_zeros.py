"""Coefficients that are 0: NumPy drops them at the end, their derivative stays."""

import numpy as np
import pytest
from numpy.polynomial import Chebyshev, Legendre, Polynomial

import adjoint as ad
from adjoint.errors import ConventionWarning

from .families import FAMILIES, Family

INNER = np.array([1.0, 0.0, 0.0, 2.0])
OTHER = np.array([0.0, 1.0, 0.0, 0.0, 3.0])

KEPT = {
    "add": lambda m, c, d: m.add(c, d),
    "sub": lambda m, c, d: m.sub(d, c),
    "mul": lambda m, c, d: m.mul(c, d),
    "mulx": lambda m, c, d: m.mulx(c * d[4]),
    "pow": lambda m, c, d: m.pow(c, 3) * d[4],
    "quotient": lambda m, c, d: m.div(d + 0.25, c)[0],
    "fromroots": lambda m, c, d: m.fromroots(c) * d[4],
    "val": lambda m, c, d: m.val(d, c),
    "der": lambda m, c, d: m.der(c * d[4], 2),
    "int": lambda m, c, d: m.int(c * d[4], 2),
}


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.prefix)
@pytest.mark.parametrize("name", KEPT)
def test_zeros_within_a_series_keep_their_derivative(name, family):
    """Sums over c[i] * xs are what products are made of: NumPy trims each term."""
    f = lambda c, d: KEPT[name](family, c, d)  # noqa: E731
    value = ad.vjp(f, INNER, OTHER)[0]
    np.testing.assert_array_equal(value, f(INNER, OTHER), strict=True)
    ad.check_grads(f, (INNER, OTHER), rtol=1e-5)


@pytest.mark.parametrize("family", FAMILIES[1:], ids=lambda family: family.prefix)
def test_zeros_within_a_series_that_is_converted(family: Family):
    """To powers and back, and by the classes."""
    to_powers = getattr(family.module, f"{family.prefix}2poly")
    from_powers = getattr(family.module, f"poly2{family.prefix}")
    for convert in (to_powers, from_powers):
        value = ad.vjp(convert, INNER)[0]
        np.testing.assert_array_equal(value, convert(INNER), strict=True)
        ad.check_grads(convert, (INNER,))


@pytest.mark.parametrize(
    "f",
    [
        lambda c: Legendre(c).convert(kind=Chebyshev).coef,
        lambda c: Polynomial.cast(Chebyshev(c)).coef,
        lambda c: Chebyshev(c)(Chebyshev([0.5, 0.0, c[3]])).coef,
        lambda c: Polynomial([1.0, 0.0, 2.0])(Polynomial(c)).coef,
        lambda c: (Legendre(c) * Legendre(c) - Legendre([0.0, c[0]])).deriv().coef,
    ],
)
def test_zeros_in_the_classes(f):
    """Conversions and compositions go through many products and sums."""
    np.testing.assert_array_equal(ad.vjp(f, INNER)[0], f(INNER), strict=True)
    ad.check_grads(f, (INNER,))


DROPPED = {
    "operand": lambda m, c: m.mul(c, [1.0, 2.0]),
    "sum": lambda m, c: m.add(c, [0.0, 0.0, 0.0]),
    "difference": lambda m, c: m.sub([5.0, 2.0], c + np.array([3.0, 0.0, 0.0])),
    "divisor": lambda m, c: m.div([1.0, 2.0, 3.0], c)[0],
    "roots": lambda m, c: m.roots(c),
    "mulx of zero": lambda m, c: m.mulx(c[2:]),
    "int of zero": lambda m, c: m.int(c[2:]),
    "line": lambda m, c: m.line(c[0], c[2]),
}


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.prefix)
@pytest.mark.parametrize("name", DROPPED)
def test_zeros_that_are_dropped_at_the_end_are_told(name, family):
    """The value is NumPy's, and so its length; the derivative is at constant degree."""
    c = np.array([2.0, 3.0, 0.0])
    f = lambda c: DROPPED[name](family, c)  # noqa: E731
    with pytest.warns(ConventionWarning, match="dropped a traced coefficient"):
        value, pullback = ad.vjp(f, c)
    np.testing.assert_array_equal(value, f(c), strict=True)
    with pytest.warns(ConventionWarning, match="constant degree"):
        pushed = ad.jvp(f, (c,), (np.array([1.0, 1.0, 0.0]),))[1]
    (bar,) = pullback(np.ones(value.shape))
    np.testing.assert_allclose(np.sum(pushed), bar[0] + bar[1], rtol=1e-12, atol=1e-12)


def test_what_a_dropped_coefficient_does_to_the_others_is_kept():
    """x² = (T0 + T2)/2: of c[2] = 0 the part of T0 stays, that of T2 is dropped."""
    c = np.array([2.0, 3.0, 0.0])
    with pytest.warns(ConventionWarning, match="dropped"):
        jacobian = ad.jacrev(np.polynomial.chebyshev.poly2cheb)(c)
    np.testing.assert_array_equal(jacobian, [[1.0, 0.0, 0.5], [0.0, 1.0, 0.0]])


def test_trimming_that_is_asked_for_does_not_warn():
    """trimcoef and p.trim() are called to drop what is small."""
    c = np.array([2.0, 3.0, 0.0])
    trim = np.polynomial.polynomial.polytrim
    np.testing.assert_array_equal(ad.grad(lambda c: np.sum(trim(c)))(c), [1, 1, 0])
    grown = lambda c: np.sum(Polynomial(c).trim(1e-3).coef)  # noqa: E731
    np.testing.assert_array_equal(ad.grad(grown)(c + 1e-4), [1, 1, 0])


def test_constants_are_trimmed_without_a_word():
    """Zeros that nothing depends on have nothing to lose."""
    multiply = np.polynomial.legendre.legmul
    f = lambda c: multiply([1.0, 2.0, 0.0, 0.0], c)  # noqa: E731
    np.testing.assert_array_equal(ad.vjp(f, INNER)[0], f(INNER), strict=True)
    ad.check_grads(f, (INNER,))
    zero = lambda c: np.sum(c) * multiply([0.0, 0.0], c)  # noqa: E731
    np.testing.assert_array_equal(ad.vjp(zero, INNER)[0], [0.0], strict=True)


def test_zeros_in_batches_are_looped_over():
    """Each sample has a degree of its own."""
    rows = np.array([[1.0, 0.0, 2.0], [1.0, 2.0, 1.0]])
    multiply = np.polynomial.hermite.hermmul
    square = lambda c: np.sum(multiply(c, c) ** 2)  # noqa: E731
    with pytest.warns(ad.errors.BatchFallbackWarning):
        slopes = ad.vmap(ad.grad(square))(rows)
    np.testing.assert_array_equal(slopes, [ad.grad(square)(row) for row in rows])
