"""The convenience classes, ``Polynomial`` and its kin, of traced numbers."""

import numpy as np
import pytest
from numpy.polynomial import (
    Chebyshev,
    Hermite,
    HermiteE,
    Laguerre,
    Legendre,
    Polynomial,
)

import adjoint as ad

from .families import DATA, TIMES, C, D, X

CLASSES = [Polynomial, Chebyshev, Legendre, Hermite, HermiteE, Laguerre]

USES = {
    "p(x)": lambda kind, c, d: kind(c)(X),
    "p(traced x)": lambda kind, c, d: kind(C)(d),
    "domain": lambda kind, c, d: kind(c, domain=[d[1], d[0]], window=[-2.0, 2.0])(X),
    "p + q": lambda kind, c, d: (kind(c) + kind(d)).coef,
    "p - q": lambda kind, c, d: (kind(c) - kind(d)).coef,
    "p * q": lambda kind, c, d: (kind(c) * kind(d)).coef,
    "p // q": lambda kind, c, d: (kind(c) // kind(d)).coef,
    "p % q": lambda kind, c, d: (kind(c) % kind(d)).coef,
    "divmod": lambda kind, c, d: divmod(kind(c), kind(d))[1].coef,
    "p ** 2": lambda kind, c, d: (kind(d) ** 2).coef,
    "-p": lambda kind, c, d: (-kind(c)).coef,
    "p + number": lambda kind, c, d: (kind(c) + d[0]).coef,
    "number - p": lambda kind, c, d: (d[0] - kind(c)).coef,
    "number * p": lambda kind, c, d: (d[1] * kind(c)).coef,
    "p / number": lambda kind, c, d: (kind(c) / d[1]).coef,
    "p + list": lambda kind, c, d: (kind(c) + list(d[:2])).coef,
    "deriv": lambda kind, c, d: kind(c).deriv(2)(X),
    "integ": lambda kind, c, d: kind(c).integ(1, k=[d[0]], lbnd=d[1])(X),
    "roots": lambda kind, c, d: kind.fromroots(d).roots(),
    "fromroots": lambda kind, c, d: kind.fromroots(d).coef,
    "fit y": lambda kind, c, d: kind.fit(TIMES, DATA * d[0], 2).coef,
    "fit x": lambda kind, c, d: kind.fit(TIMES * d[0] + d[1], DATA, 2)(X),
    "fit w": lambda kind, c, d: kind.fit(TIMES, DATA, 2, w=1.0 + (TIMES * d[0]) ** 2)(
        X
    ),
    "fit, domain": lambda kind, c, d: kind.fit(TIMES, d[0] * DATA, 2, domain=[]).coef,
    "convert": lambda kind, c, d: kind(c).convert(kind=Polynomial).coef,
    "cast": lambda kind, c, d: Chebyshev.cast(kind(c)).coef,
    "linspace": lambda kind, c, d: kind(c).linspace(5)[1],
    "truncate": lambda kind, c, d: kind(c).truncate(2).coef,
    "cutdeg": lambda kind, c, d: kind(c).cutdeg(1).coef,
    "trim": lambda kind, c, d: kind(c).trim().coef,
    "copy": lambda kind, c, d: kind(c).copy()(X),
    "mapparms": lambda kind, c, d: np.stack(kind(c, domain=[d[1], d[0]]).mapparms()),
    "loop": lambda kind, c, d: np.stack([one * d[0] for one in kind(c)]),
    "degree": lambda kind, c, d: c * kind(c).degree(),
    "basis": lambda kind, c, d: kind.basis(2)(c),
    "identity": lambda kind, c, d: (kind.identity() * kind(c)).coef,
    "composition": lambda kind, c, d: kind(c)(kind(d)).coef,
}


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("use", USES)
def test_uses(kind, use):
    """Values as NumPy's to the last bit; both modes, and second order."""
    f = lambda c, d: USES[use](kind, c, d)  # noqa: E731
    d = np.array([-1.1, 0.4, 1.7]) if "roots" in use else D
    expected = f(C, d)
    for value in (ad.jvp(f, (C, d), (C, d))[0], ad.vjp(f, C, d)[0]):
        np.testing.assert_array_equal(value, expected, strict=True)
    order = 2 if kind is Chebyshev else 1  # the rest is theirs in common
    ad.check_grads(f, (C, d), order=order, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_the_hessian_of_a_fit(kind):
    """A residual of a least-squares fit, twice differentiated by the data."""

    def residual(y):
        return np.sum((kind.fit(TIMES, y, 2)(TIMES) - y) ** 2)

    hessian = ad.hessian(residual)(DATA)
    columns = np.stack([np.ones(6), TIMES, TIMES**2], axis=1)
    projector = np.eye(6) - columns @ np.linalg.pinv(columns)
    np.testing.assert_allclose(hessian, 2.0 * projector, atol=1e-12)


def test_a_polynomial_is_plain_again_after_the_transform():
    """What is kept holds the values, not traced ones."""
    kept = []

    def f(c):
        p = Polynomial(c)
        kept.append(p)
        return p(2.0)

    np.testing.assert_array_equal(ad.grad(f)(C), [1.0, 2.0, 4.0, 8.0])
    assert np.ndarray is type(kept[0].coef)
    np.testing.assert_array_equal(kept[0].coef, C)
    assert Polynomial(C)(2.0) == kept[0](2.0)
