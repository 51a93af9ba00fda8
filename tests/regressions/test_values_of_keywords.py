"""Values under transforms are NumPy's own to the last bit, types included."""

import numpy as np
import pytest

import adjoint as ad

X = np.array([0.3, 0.6, 1.7])
SINGLE = X.astype(np.float32)
MATRIX = np.array([[0.3, -1.1, 0.7], [2.0, 0.4, -0.6]])
OUTSIDE = np.array([True, False])

CASES = {
    "average-all": (lambda x: np.average(x, weights=x * x, returned=True), X),
    "average-single-weights": (
        lambda w: np.average(MATRIX, axis=1, weights=w, returned=True),
        SINGLE,
    ),
    "average-single": (
        lambda x: np.average(x, weights=[1.0, 0.1, 0.7], returned=True),
        SINGLE,
    ),
    "angle-degrees": (lambda x: np.angle(x + 1j * x[::-1], deg=True), SINGLE),
    "lstsq": (lambda b: np.linalg.lstsq(MATRIX.T, b), X),
    "polyfit-single": (
        lambda y: np.polyfit(np.arange(3.0), y, 1, w=np.array([1.0, 0.1, 0.7])),
        SINGLE,
    ),
    "outer-where": (
        lambda x: np.multiply.outer(x, x[:2], where=OUTSIDE, out=np.ones((3, 2))),
        X,
    ),
    "outer-order": (lambda x: np.power.outer(x, x, order="F", casting="safe"), X),
    "einsum-order": (lambda x: np.einsum("i,j->ij", x, x, order="F"), X),
    "einsum-order-view": (lambda x: np.einsum("i,j->ji", x, x, order="C"), X),
    "einsum-dtype": (lambda x: np.einsum("i,i", x, x, dtype=np.float64), SINGLE),
    "einsum-casting": (
        lambda x: np.einsum("i,j->ij", x, x, dtype="f4", casting="same_kind"),
        X,
    ),
}


def _parts(result):
    parts = result if isinstance(result, tuple) else (result,)
    return [
        (type(one), one.dtype, one.shape, one.flags.f_contiguous, one.tobytes())
        for one in parts
    ]


@pytest.mark.parametrize("name", CASES)
def test_values_types_and_order_are_numpys(name):
    f, x = CASES[name]
    plain = _parts(f(x))
    assert _parts(ad.jvp(f, (x,), (np.ones_like(x),))[0]) == plain
    assert _parts(ad.vjp(f, x)[0]) == plain


@pytest.mark.parametrize("name", [name for name in CASES if "single" not in name])
def test_derivatives_of_these_keywords(name):
    f, x = CASES[name]
    loose = {"atol": 2e-2, "rtol": 2e-2} if x is SINGLE or "casting" in name else {}

    def first(x):
        result = f(x)
        return result[0] if isinstance(result, tuple) else result

    if "casting" in name:  # quotients see the rounding; the slopes do not
        got = ad.jacobian(first)(x)
        expected = ad.jacobian(lambda x: np.multiply.outer(x, x))(x)
        np.testing.assert_allclose(got, expected, rtol=1e-6)
    else:
        ad.check_grads(first, (x,), **loose)


def test_einsum_refuses_a_cast_as_numpy_does():
    with pytest.raises(TypeError, match="according to the rule 'safe'"):
        np.einsum("i,i", X, X, dtype=np.float32)
    with pytest.raises(TypeError, match="according to the rule 'safe'"):
        ad.grad(lambda x: np.einsum("i,i", x, x, dtype=np.float32))(X)
