"""Activations: values, first and second derivatives, extremes and kinks."""

import itertools

import numpy as np
import pytest
from scipy import special

import adjoint as ad
from adjoint import nn

x = np.array([-30.0, -3.0, -0.7, -1e-3, 1e-3, 0.4, 2.0, 30.0])
s = special.expit(x)
c = special.expit(-x)
density = np.exp(-0.5 * x * x) / np.sqrt(2 * np.pi)
up = x > 0
k, m = np.sqrt(2 / np.pi), 0.044715
t = np.tanh(k * (x + m * x**3))
t1 = (1 - t * t) * k * (1 + 3 * m * x**2)
t2 = -2 * t * t1 * k * (1 + 3 * m * x**2) + (1 - t * t) * k * 6 * m * x
scale, alpha = 1.0507009873554805, 1.6732632423543772
e = np.exp(np.minimum(x, 0))

# value, first and second derivative by hand
FORMULAS = {
    "relu": (nn.relu, np.maximum(x, 0), up, 0 * x),
    "leaky_relu": (
        nn.leaky_relu,
        np.where(up, x, 0.01 * x),
        np.where(up, 1, 0.01),
        0 * x,
    ),
    "elu": (
        nn.elu,
        np.where(up, x, np.expm1(-abs(x))),
        np.where(up, 1, e),
        np.where(up, 0, e),
    ),
    "selu": (
        nn.selu,
        scale * np.where(up, x, alpha * np.expm1(-abs(x))),
        scale * np.where(up, 1, alpha * e),
        scale * np.where(up, 0, alpha * e),
    ),
    "sigmoid": (nn.sigmoid, s, s * c, s * c * (c - s)),
    "tanh": (
        nn.tanh,
        np.tanh(x),
        1 / np.cosh(x) ** 2,
        -2 * np.tanh(x) / np.cosh(x) ** 2,
    ),
    "softplus": (nn.softplus, -special.log_expit(-x), s, s * c),
    "silu": (nn.silu, x * s, s + x * s * c, 2 * s * c + x * s * c * (c - s)),
    "gelu": (
        nn.gelu,
        x * special.ndtr(x),
        special.ndtr(x) + x * density,
        (2 - x * x) * density,
    ),
    "gelu_tanh": (
        lambda x: nn.gelu(x, approximate=True),
        x * (1 + t) / 2,
        (1 + t) / 2 + x * t1 / 2,
        t1 + x * t2 / 2,
    ),
}
by_name = pytest.mark.parametrize("name", FORMULAS)


@by_name
def test_the_value_and_two_derivatives_are_the_formulas(name):
    f, value, first, second = FORMULAS[name]
    slope = ad.elementwise_grad(f)
    np.testing.assert_allclose(f(x), value, rtol=1e-13, atol=1e-14)
    np.testing.assert_allclose(slope(x), first, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(
        ad.elementwise_grad(slope)(x), second, rtol=1e-11, atol=1e-14
    )
    forward = ad.jvp(f, (x,), (np.ones_like(x),))[1]
    np.testing.assert_allclose(forward, first, rtol=1e-12, atol=1e-14)


LIMITS = {  # values at -1e3, 1e3, -inf, inf; slopes there
    "relu": ([0, 1e3, 0, np.inf], [0, 1, 0, 1]),
    "leaky_relu": ([-10, 1e3, -np.inf, np.inf], [0.01, 1, 0.01, 1]),
    "elu": ([-1, 1e3, -1, np.inf], [0, 1, 0, 1]),
    "selu": (
        [-scale * alpha, scale * 1e3, -scale * alpha, np.inf],
        [0, scale, 0, scale],
    ),
    "sigmoid": ([0, 1, 0, 1], [0, 0, 0, 0]),
    "tanh": ([-1, 1, -1, 1], [0, 0, 0, 0]),
    "softplus": ([0, 1e3, 0, np.inf], [0, 1, 0, 1]),
    "silu": ([0, 1e3, 0, np.inf], [0, 1, 0, 1]),
    "gelu": ([0, 1e3, 0, np.inf], [0, 1, 0, 1]),
    "gelu_tanh": ([0, 1e3, 0, np.inf], [0, 1, 0, 1]),
}


@by_name
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_values_and_derivatives_at_the_extremes_are_the_limits(name, dtype):
    f = FORMULAS[name][0]
    ends = np.array([-1e3, 1e3, -np.inf, np.inf], dtype)
    values, slopes = LIMITS[name]
    rtol = 1e-15 if dtype is np.float64 else 1e-6

    slope = ad.elementwise_grad(f)
    np.testing.assert_allclose(f(ends), values, rtol=rtol, atol=0)
    np.testing.assert_allclose(slope(ends), slopes, rtol=rtol, atol=0)
    forward = ad.jvp(f, (ends,), (np.ones_like(ends),))[1]
    np.testing.assert_allclose(forward, slopes, rtol=rtol, atol=0)
    np.testing.assert_array_equal(np.zeros(4), ad.elementwise_grad(slope)(ends))


@pytest.mark.parametrize(
    ("f", "slope"),
    [
        (nn.relu, 0.0),
        (nn.leaky_relu, 0.01),
        (nn.elu, 1.0),
        (lambda x: nn.elu(x, 0.5), 0.5),
        (nn.selu, scale * alpha),
        (nn.sigmoid, 0.25),
        (nn.softplus, 0.5),
        (nn.silu, 0.5),
        (nn.gelu, 0.5),
    ],
)
def test_the_slope_at_zero_is_that_of_the_left(f, slope):
    np.testing.assert_allclose(ad.grad(f)(0.0), slope, rtol=1e-15)
    np.testing.assert_allclose(ad.jvp(f, (0.0,), (1.0,))[1], slope, rtol=1e-15)


@by_name
def test_float32_gives_float32_and_nan_stays_nan(name):
    f = FORMULAS[name][0]
    single = x.astype(np.float32)
    assert np.float32 == f(single).dtype
    assert np.float32 == ad.elementwise_grad(f)(single).dtype
    assert np.isnan(f(np.array([np.nan]))).all()


@by_name
def test_a_batch_is_the_loop(name):
    f = FORMULAS[name][0]
    found = ad.vmap(ad.grad(f))(x)
    np.testing.assert_allclose(FORMULAS[name][2], found, rtol=1e-12, atol=1e-14)


@by_name
def test_variables_and_traces_know_the_same_derivatives(name):
    f, _, first, second = FORMULAS[name]
    np.testing.assert_allclose(ad.trace(f)(x)(0.5 * x), f(0.5 * x), rtol=1e-14)
    for k in (1, 5):
        v = ad.variable(x[k])
        slope = f(v).grad(v)
        np.testing.assert_allclose(slope.value, first[k], rtol=1e-12, atol=1e-14)
        np.testing.assert_allclose(
            slope.grad(v).value, second[k], rtol=1e-11, atol=1e-14
        )


def test_softmax_and_its_logarithm_agree_with_scipy():
    z = np.random.default_rng(0).standard_normal((3, 4, 2)) * 5
    for axis in (0, 1, -1, (0, 2)):
        np.testing.assert_allclose(
            special.softmax(z, axis), nn.softmax(z, axis), rtol=1e-14
        )
        np.testing.assert_allclose(
            special.log_softmax(z, axis), nn.log_softmax(z, axis), rtol=1e-13
        )
        np.testing.assert_allclose(
            special.logsumexp(z, axis), nn.logsumexp(z, axis), rtol=1e-14
        )
    np.testing.assert_allclose(special.logsumexp(z), nn.logsumexp(z), rtol=1e-14)
    assert (3, 1, 2) == nn.logsumexp(z, axis=1, keepdims=True).shape


@pytest.mark.parametrize("f", [nn.softmax, nn.log_softmax, nn.logsumexp])
def test_softmax_and_its_kin_have_right_derivatives(f):
    z = np.array([[0.3, -1.0, 2.0], [5.0, 5.0, 5.0]])
    ad.check_grads(f, (z,), order=2)
    assert np.float32 == f(z.astype(np.float32)).dtype


def test_the_jacobian_of_softmax_is_diag_p_minus_p_p():
    z = np.array([1.0, -2.0, 0.5])
    p = nn.softmax(z)
    np.testing.assert_allclose(
        np.diag(p) - np.outer(p, p), ad.jacobian(nn.softmax)(z), atol=1e-16
    )


def test_softmax_is_stable_at_extremes():
    z = np.array([1e3, -1e3, -np.inf, 1e3])
    p = [0.5, 0.0, 0.0, 0.5]
    np.testing.assert_array_equal(p, nn.softmax(z))
    np.testing.assert_allclose(1e3 + np.log(2), nn.logsumexp(z), rtol=1e-15)
    np.testing.assert_array_equal(p, ad.grad(nn.logsumexp)(z))
    np.testing.assert_allclose(
        [-np.log(2), -2e3 - np.log(2), -np.inf, -np.log(2)], nn.log_softmax(z)
    )
    np.testing.assert_array_equal(
        [0.5, 0.0, 0.0, -0.5], ad.grad(lambda z: nn.log_softmax(z)[0])(z)
    )


ALL_MODES = [
    lambda f: f,
    lambda f: lambda z: ad.vmap(f)(np.stack([z, z]))[1],
    lambda f: lambda z: ad.trace(f)(z)(z),
]


@pytest.mark.parametrize("wrap", ALL_MODES)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("other", [0.0, -np.inf, 1e4, -1e4])
def test_softmax_at_an_infinite_logit_is_the_limit(other, dtype, wrap):
    z = np.array([other, np.inf], dtype)
    np.testing.assert_array_equal([0.0, 1.0], wrap(nn.softmax)(z))
    np.testing.assert_array_equal([-np.inf, 0.0], wrap(nn.log_softmax)(z))
    for jacobian in (ad.jacfwd, ad.jacrev):
        found = wrap(jacobian(nn.softmax))(z)
        np.testing.assert_array_equal(np.zeros((2, 2)), found)
        found = wrap(jacobian(nn.log_softmax))(z)
        np.testing.assert_array_equal([[1.0, -1.0], [0.0, 0.0]], found)
        assert dtype == found.dtype
        for f in (nn.softmax, nn.log_softmax):
            second = jacobian(jacobian(f))(z)
            np.testing.assert_array_equal(np.zeros((2, 2, 2)), second)


def test_infinite_logits_that_tie_share_the_probability():
    z = np.array([np.inf, 3.0, np.inf])
    np.testing.assert_array_equal([0.5, 0.0, 0.5], nn.softmax(z))
    even = -np.log(2)
    np.testing.assert_array_equal([even, -np.inf, even], nn.log_softmax(z))


def test_the_slope_of_softplus_at_nan_is_nan():
    assert np.isnan(ad.grad(nn.softplus)(np.nan))
    assert np.isnan(ad.jvp(nn.softplus, (np.nan,), (1.0,))[1])
    assert np.isnan(ad.grad(ad.grad(nn.softplus))(np.nan))
    data = np.array([np.nan, 0.0])
    found = ad.grad(lambda x: np.sum(np.where(data == 0, nn.softplus(x * data), 0)))
    assert 0.0 == found(1.0)


def test_logsumexp_of_nothing_but_minus_infinity():
    empty = np.full(3, -np.inf)
    assert -np.inf == nn.logsumexp(empty)
    np.testing.assert_array_equal(np.zeros(3), ad.grad(nn.logsumexp)(empty))
    assert np.inf == nn.logsumexp(np.array([np.inf, 0.0]))


def test_elements_outside_where_take_no_part_in_softmax():
    z = np.array([[1.0, np.log(3.0), 100.0], [1e3, 5.0, 7.0]])
    inside = np.array([[True, False, False], [False, False, False]])
    np.testing.assert_array_equal(
        [[1.0, 0.0, 0.0], [0.0, 0.0, 0.0]], nn.softmax(z, where=inside)
    )
    inside = np.array([True, True, False])
    some = np.array([0.0, np.log(3.0), 100.0])
    np.testing.assert_allclose([0.25, 0.75, 0.0], nn.softmax(some, where=inside))
    ad.check_grads(lambda z: nn.softmax(z, where=inside), (some,), order=2)
    slopes = ad.jacobian(lambda z: nn.softmax(z, where=False & inside))(some)
    np.testing.assert_array_equal(np.zeros((3, 3)), slopes)


@pytest.mark.parametrize(
    ("outer", "inner"), [*itertools.product([ad.jacfwd, ad.jacrev], repeat=2)]
)
def test_second_derivatives_of_gelu_agree_in_all_nestings(outer, inner):
    found = outer(inner(nn.gelu))(0.7)
    expected = (2 - 0.49) * np.exp(-0.245) / np.sqrt(2 * np.pi)
    np.testing.assert_allclose(expected, found, rtol=1e-14)


@pytest.mark.parametrize("function", [nn.softmax, nn.log_softmax, nn.logsumexp])
def test_an_axis_may_be_an_integer_of_numpy(function):
    x = np.arange(6.0).reshape(2, 3)
    np.testing.assert_array_equal(function(x, axis=0), function(x, axis=np.int64(0)))
