"""ad.extend.elementwise and primitive: functions of the user's that are one operation.

The laws tests hold them to all modes, orders and nestings (laws/own_operations.py).
"""

import numpy as np
import pytest

import adjoint as ad
from adjoint.errors import InputError

X = np.array([0.5, 1.0, 2.0])


@ad.extend.elementwise(lambda out, _x: out * (1.0 - out))
def logistic(x):
    """Return 1 / (1 + exp(-x))."""
    return 1.0 / (1.0 + np.exp(-x))


@ad.extend.primitive(lambda out_bar, _out, x, k: out_bar * k * x ** (k - 1))
def sum_of_powers(x, k):
    """Return the sum of powers."""
    return np.sum(x**k)


def test_they_are_one_equation_under_their_names():
    graph = ad.trace(lambda x: sum_of_powers(logistic(x), 3))(X)
    assert ["logistic", "sum_of_powers"] == [one.record.name for one in graph.equations]
    assert "sum_of_powers(v1, k=3)" in str(graph)


def test_plain_arguments_reach_the_function_itself():
    np.testing.assert_array_equal(1.0 / (1.0 + np.exp(-X)), logistic(X))
    assert 8.0 == sum_of_powers(2.0, 3)
    assert "Return 1 / (1 + exp(-x))." == logistic.__doc__


def test_lists_of_traced_numbers_are_arrays():
    def of_lists(x):
        return np.sum(logistic([x, 0.0])) + sum_of_powers([x, 2.0 * x], 2)

    out = 1.0 / (1.0 + np.exp(-0.5))
    assert ad.grad(of_lists)(0.5) == pytest.approx(out * (1.0 - out) + 5.0, rel=1e-14)


def test_buffers_and_views_are_arrays():
    def filled(x):
        z = np.zeros(3)
        before = sum_of_powers(logistic(z), 1)
        z[1:] = x
        row = z[1:]
        z[1] = 2.0 * x
        return before + sum_of_powers(row, 2) + np.sum(logistic(z[:1]))

    assert ad.value_and_grad(filled)(3.0) == (1.5 + 45.0 + 0.5, 30.0)


def test_numbers_give_numbers():
    assert type(ad.grad(logistic)(0.0)) is np.float64
    assert 0.25 == ad.jvp(logistic, (0.0,), (1.0,))[1]
    assert 12.0 == ad.jvp(lambda x: sum_of_powers(x, 3), (2.0,), (1.0,))[1]


def test_an_infinite_slope_is_guarded_where_it_is_declared():
    @ad.extend.elementwise(lambda out, _x: 0.5 / out, slope_may_be_infinite=True)
    def root(x):
        return np.sqrt(x)

    unused = lambda x: np.sum(root(x) * np.array([0.0, 1.0]))  # noqa: E731
    with np.errstate(divide="ignore"):
        pulled = ad.vjp(unused, np.array([0.0, 4.0]))[1](1.0)[0]
    np.testing.assert_array_equal([0.0, 0.25], pulled)


def test_watches_see_them():
    infinite = lambda x: sum_of_powers(x, -1)  # noqa: E731
    with (
        ad.debug(),
        np.errstate(divide="ignore"),
        pytest.raises(ad.errors.NonFiniteError, match="sum_of_powers"),
    ):
        ad.grad(infinite)(np.zeros(2))


def test_symbolic_formulas_are_those_of_the_text():
    pytest.importorskip("sympy")
    assert "1/(1 + exp(-x))" == str(ad.symbolic.expression(logistic)(0.5))


@pytest.mark.parametrize(
    ("declare", "sentence"),
    [
        (ad.extend.elementwise, r"slope\(out, .*none was given"),
        (
            lambda: ad.extend.primitive(None),
            r"pullback\(out_bar, out, x.*none was given",
        ),
        (lambda: ad.extend.elementwise(lambda x: x), r"rule 0 .* slope\(out, x\)"),
        (lambda: ad.extend.elementwise(np.cos), r"rule 0 should be a function"),
        (
            lambda: ad.extend.primitive(None, lambda bar, x: x),
            r"rule 1 .* pullback\(out_bar, out, x, y, \*params\)",
        ),
    ],
)
def test_rules_that_cannot_be_called_are_refused(declare, sentence):
    with pytest.raises(InputError, match=sentence):
        declare()


def test_a_traced_parameter_is_refused():
    """Taken for a constant, its derivative would be lost."""
    with pytest.raises(InputError, match="sum_of_powers: an argument behind its 1 arr"):
        ad.grad(lambda k: ad.grad(sum_of_powers)(X, k)[0])(2.0)


def test_a_parameter_may_be_an_array_that_the_function_makes():
    @ad.extend.primitive(lambda out_bar, _out, _x, weights: out_bar * weights)
    def weighted(x, weights):
        return np.dot(x, weights)

    def f(x):
        weights = np.zeros(3)
        weights[1] = 2.0
        return weighted(x, weights)

    np.testing.assert_array_equal([0.0, 2.0, 0.0], ad.grad(f)(X))
