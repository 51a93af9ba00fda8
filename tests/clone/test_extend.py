"""``ad.extend.implements``: a derivative for a function of another package."""

import colorsys

import numpy as np
import pytest
from scipy import integrate, special

import adjoint as ad
from clone.judge import check


@pytest.fixture
def implement():
    """Return ``ad.extend.implements``; what it declares is withdrawn afterwards."""
    declared = []

    def implements(function):
        declared.append(function)
        return ad.extend.implements(function)

    yield implements
    for function in {id(one): one for one in declared}.values():
        ad.extend.withdraw(function)


def implement_gammaln(implement):
    @implement(special.gammaln)
    @ad.custom_jvp
    def gammaln(x):
        return special.gammaln(x)

    @gammaln.defjvp
    def _(primals, tangents):
        (x,), (x_dot,) = primals, tangents
        return gammaln(x), digamma(x) * x_dot

    @implement(special.digamma)
    @ad.custom_jvp
    def digamma(x):
        return special.digamma(x)

    @digamma.defjvp
    def _(primals, tangents):
        (x,), (x_dot,) = primals, tangents
        return special.digamma(x), special.polygamma(1, x) * x_dot


def test_a_ufunc_of_scipy(implement):
    implement_gammaln(implement)
    check(lambda x: special.gammaln(x) * x, 1.5)
    check(lambda x: np.sum(special.gammaln(x) ** 2), np.array([0.5, 1.5, 4.0]))


def test_second_derivatives_pass_from_rule_to_rule(implement):
    implement_gammaln(implement)
    expected = special.polygamma(1, 1.5)
    f = special.gammaln
    for nested in (ad.grad(ad.grad(f)), ad.hessian(f), ad.jacfwd(ad.jacfwd(f))):
        assert nested(1.5) == pytest.approx(expected, rel=1e-12)


def test_a_batch_of_a_ufunc_is_computed_at_once(implement):
    """Not one by one: the ufunc is elementwise, whatever the rule calls."""
    shapes = []

    @implement(special.erfcx)
    @ad.custom_jvp
    def erfcx(x):
        out = special.erfcx(x)
        shapes.append(np.shape(out))
        return out

    erfcx.defjvp(lambda primals, tangents: (erfcx(*primals), tangents[0]))
    x = np.array([[0.5, 1.0], [2.0, 3.0]])
    np.testing.assert_array_equal(ad.vmap(special.erfcx)(x), special.erfcx(x))
    assert [(2,)] == shapes
    inner = ad.vmap(ad.vmap(special.erfcx))(x)
    np.testing.assert_array_equal(inner, special.erfcx(x))


def test_without_the_clone_ufuncs_reach_it_by_protocols(implement):
    implement_gammaln(implement)
    slope = ad.grad(lambda x: special.gammaln(x), plain_numpy=False)(1.5)  # noqa: PLW0108
    assert special.digamma(1.5) == pytest.approx(slope)


def test_a_plain_function_in_the_place_of_one_that_converts(implement):
    """Conversions in the replacement are followed, as in any function of the user's."""

    @implement(integrate.cumulative_simpson)
    def cumulative_simpson(y, *, dx=1.0, initial=None):
        total = [0.0 if initial is None else float(initial)]
        for k in range(1, len(y)):
            total.append(float(total[-1] + dx * (y[k - 1] + y[k]) / 2))
        return np.array(total)

    def f(y):
        return integrate.cumulative_simpson(y, dx=0.5, initial=0.0)[-1]

    y = np.array([1.0, 2.0, 4.0])
    assert ad.value_and_grad(f)(y)[0] == 2.25  # the replacement's, not Simpson's
    np.testing.assert_array_equal(ad.grad(f)(y), [0.25, 0.5, 0.25])


def test_calls_without_traced_arguments_run_the_function_itself(implement):
    @implement(colorsys.rgb_to_hsv)
    def rgb_to_hsv(r, g, b):
        return r, g, b

    def f(x):
        return x * colorsys.rgb_to_hsv(0.5, 0.2, 0.1)[2]

    assert colorsys.rgb_to_hsv(0.5, 0.2, 0.1)[2] == ad.grad(f)(2.0)
    assert ad.grad(lambda x: colorsys.rgb_to_hsv(0.5, 0.2, x)[2])(0.1) == 1.0


def test_traced_values_in_containers_and_keywords_count(implement):
    @implement(np.unwrap)
    def unwrap(p, discont=None, *, period=6.0):
        return period * np.stack(list(p))

    slope = ad.grad(lambda x: np.sum(np.unwrap([x, 1.0], period=4.0)))(0.5)
    assert slope == 4.0
    assert ad.grad(lambda x: np.unwrap([1.0], period=x)[0])(2.0) == 1.0


def test_a_numpy_function_given_another_rule_gets_its_own_back():
    ad.extend.implements(np.tanh)(lambda x: 3.0 * x)
    assert ad.grad(np.tanh)(0.0) == 3.0
    assert ad.jvp(np.tanh, (0.0,), (1.0,))[1] == 3.0
    ad.extend.withdraw(np.tanh)
    assert ad.grad(np.tanh)(0.0) == 1.0


def test_the_last_of_two_holds(implement):
    implement(np.i0)(lambda x: 2.0 * x)
    implement(np.i0)(lambda x: 5.0 * x)
    assert ad.grad(np.i0)(0.5) == 5.0


def test_a_method_of_another_package(implement):
    poly = np.polynomial.Polynomial

    @implement(poly.__call__)
    def horner(self, x):
        out = 0.0
        for c in reversed(self.coef):
            out = out * x + float(c)
        return out

    p = poly([1.0, 2.0, 3.0])
    check(p, 0.5)


def test_a_replacement_that_comes_back_to_itself_is_refused(implement):
    """For a function that is no ufunc, nothing below would ever compute it."""

    @implement(np.sinc)
    def sinc(x):
        return np.sinc(x)

    with pytest.raises(ad.errors.MissingRuleError, match=r"sinc .traced argument 0"):
        ad.grad(np.sinc)(0.5)


@pytest.mark.parametrize("what", [3, "scipy.special.gammaln", None])
def test_only_what_can_be_called_is_implemented(what):
    with pytest.raises(ad.errors.InputError, match="cannot be called"):
        ad.extend.implements(what)


def test_only_what_was_declared_is_withdrawn():
    with pytest.raises(ad.errors.InputError, match="nothing implements it"):
        ad.extend.withdraw(np.cos)
