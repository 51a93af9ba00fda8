"""Complex inputs and outputs: which derivative is meant, and what is refused."""

import numpy as np
import pytest

import adjoint as ad
from adjoint.errors import InputError, OutputError

Z = np.array([1.0 + 2.0j, -0.5 + 0.3j])


def test_the_gradient_of_a_real_function_is_the_conjugate_of_the_direction_uphill():
    """d|z|^2 = Re(2 conj(z) dz): the gradient is 2x - 2iy."""
    given = ad.grad(lambda z: np.sum(np.abs(z) ** 2))(Z)
    np.testing.assert_allclose(given, 2.0 * np.conj(Z), rtol=1e-15)
    step = 0.1 * np.conj(given)
    assert np.sum(np.abs(Z - step) ** 2) < np.sum(np.abs(Z) ** 2)


def test_forms_of_complex_gradients():
    """A Python complex number gives a NumPy scalar, complex64 stays complex64."""
    assert ad.grad(abs)(3.0 - 4.0j) == np.complex128(0.6 + 0.8j)
    assert type(ad.grad(abs)(3.0 - 4.0j)) is np.complex128
    single = ad.grad(lambda z: np.sum(np.abs(z)))(Z.astype(np.complex64))
    assert single.dtype == np.complex64
    assert ad.grad(lambda _z: 3.0)(1.0j) == 0.0


@pytest.mark.parametrize(
    ("f", "slope"),
    [
        (np.exp, np.exp),
        (np.sin, np.cos),
        (np.log, lambda z: 1.0 / z),
        (lambda z: z**3, lambda z: 3.0 * z**2),
        (lambda z: 1.0 / z, lambda z: -1.0 / z**2),
        (np.sqrt, lambda z: 0.5 / np.sqrt(z)),
        (np.arctan, lambda z: 1.0 / (1.0 + z * z)),
    ],
)
def test_holomorphic_functions_have_their_complex_derivative(f, slope):
    """By grad, jacfwd, jacrev and jacobian alike."""
    z = 0.4 + 0.9j
    expected = slope(z)
    assert ad.grad(f, holomorphic=True)(z) == pytest.approx(expected, rel=1e-14)
    for jacobian in (ad.jacobian, ad.jacfwd, ad.jacrev):
        given = jacobian(f, holomorphic=True)(Z)
        np.testing.assert_allclose(given, np.diag(slope(Z)), rtol=1e-13)


def test_second_derivatives_of_a_holomorphic_function():
    """The Hessian of z0^2 z1, and grad of grad."""
    given = ad.hessian(lambda z: z[0] ** 2 * z[1], holomorphic=True)(Z)
    expected = [[2 * Z[1], 2 * Z[0]], [2 * Z[0], 0.0]]
    np.testing.assert_allclose(given, expected, rtol=1e-14)
    twice = ad.grad(ad.grad(np.sin, holomorphic=True), holomorphic=True)
    assert twice(1.0j) == pytest.approx(-np.sin(1.0j), rel=1e-14)


def test_real_inputs_and_complex_results_by_columns():
    """jacobian chooses columns, which say how both parts change."""
    x = np.array([0.3, 0.8])
    for jacobian in (ad.jacobian, ad.jacfwd):
        given = jacobian(lambda x: np.exp(1j * x))(x)
        np.testing.assert_allclose(given, np.diag(1j * np.exp(1j * x)), rtol=1e-15)


def test_complex_inputs_and_real_results_by_rows():
    """jacobian chooses rows; each is the gradient of one result."""

    def parts(z):
        return np.stack([np.abs(z[0]), np.imag(z[0] * z[1]), np.real(z[1])])

    rows = [ad.grad(lambda z, k=k: parts(z)[k])(Z) for k in range(3)]
    for jacobian in (ad.jacobian, ad.jacrev):
        np.testing.assert_allclose(jacobian(parts)(Z), np.stack(rows), rtol=1e-15)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: ad.grad(np.sin)(1.0j), OutputError, "holomorphic=True"),
        (lambda: ad.jacfwd(np.sin)(Z), InputError, "holomorphic=True"),
        (lambda: ad.hessian(lambda z: np.sum(np.abs(z)))(Z), InputError, "imaginary"),
        (lambda: ad.jacrev(np.sin)(Z), OutputError, "ad.jacfwd"),
        (lambda: ad.jacrev(lambda x: 1j * x)(np.ones(2)), OutputError, "ad.jacfwd"),
        (lambda: ad.grad(np.sin, holomorphic=True)(1.0), InputError, "complex inputs"),
        (
            lambda: ad.grad(np.abs, holomorphic=True)(1.0j),
            OutputError,
            "leave out holomorphic",
        ),
        (
            lambda: ad.vjp(np.abs, Z)[1](np.array([1j, 0.0])),
            InputError,
            "Give real numbers",
        ),
        (
            lambda: ad.jvp(np.sin, (1.0,), (1.0j,)),
            InputError,
            "Give real numbers",
        ),
    ],
)
def test_what_one_derivative_cannot_say_is_refused(call, error, words):
    """The sentence names the cure."""
    with pytest.raises(error, match="complex") as caught:
        call()
    assert words in str(caught.value)


def test_a_rule_of_the_user_sees_real_cotangents_for_real_results():
    """What arrives there may have passed through complex numbers."""
    seen = []

    @ad.custom_vjp
    def watched(x):
        return x * 2.0

    def backward(_, out_bar):
        seen.append(out_bar)
        return (2.0 * out_bar,)

    watched.defvjp(lambda x: (x * 2.0, None), backward)
    slope = ad.grad(lambda x: np.real(np.exp(1j * watched(x))))(0.3)
    assert slope == pytest.approx(-2.0 * np.sin(0.6), rel=1e-14)
    assert np.isrealobj(seen[0])


def test_vmap_and_checkpoint_carry_complex_values():
    """A batch of gradients, and a call that is recomputed."""
    given = ad.vmap(ad.grad(lambda z: np.abs(z) ** 2))(Z)
    np.testing.assert_allclose(given, 2.0 * np.conj(Z), rtol=1e-15)
    inner = ad.checkpoint(lambda z: np.exp(z) * z)
    loss = ad.grad(lambda z: np.sum(np.abs(inner(z))))(Z)
    plain = ad.grad(lambda z: np.sum(np.abs(np.exp(z) * z)))(Z)
    np.testing.assert_array_equal(loss, plain)
