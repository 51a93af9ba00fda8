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


def test_a_formula_of_one_branch_is_no_formula():
    pytest.importorskip("sympy")

    @ad.extend.elementwise(lambda _out, x: np.where(x > 0.0, 2.0 * x, -1.0))
    def two_ways(x):
        return x * x if x > 0.0 else -x

    with pytest.raises(ad.errors.MissingRuleError, match=r"two_ways.*different ways"):
        ad.symbolic.expression(two_ways)(-0.5)


NAMES = [
    "<lambda>",
    "lambda",
    "of mine",
    *("function", "fallback", "Taped", "UNARY", "shape_of", "type", "len", "enter"),
]


@pytest.mark.parametrize("name", NAMES)
def test_any_name_will_do(name):
    one = ad.extend.elementwise(lambda out, _x: out, name=name)(np.exp)
    two = ad.extend.elementwise(
        lambda _out, _x, y: y, lambda _out, x, _y: x, name=name
    )(lambda x, y: x * y)
    f = lambda x: np.sum(two(one(x), x))  # noqa: E731
    expected = np.exp(X) * (1.0 + X)
    np.testing.assert_allclose(ad.grad(f)(X), expected, rtol=1e-14)
    each = ad.vmap(ad.grad(lambda x: two(one(x), x)))(X)
    np.testing.assert_allclose(each, expected, rtol=1e-14)
    assert name in str(ad.trace(f)(X))


# What the user's functions are handed, and hand out


def test_a_buffer_that_each_call_fills_anew_is_not_the_result():
    buffer = np.zeros(3)

    @ad.extend.elementwise(lambda _out, x: 2.0 * x)
    def squared(x):
        return np.multiply(x, x, out=buffer)

    @ad.extend.primitive(lambda out_bar, _out, x: np.multiply(out_bar, x, out=buffer))
    def halved_square(x):
        return np.multiply(0.5 * x, x, out=buffer)

    for square, share in ((squared, 1.0), (halved_square, 0.5)):
        f = lambda x, square=square: np.sum(np.sin(square(x)) * square(x + 1.0))  # noqa: E731
        y, z = share * X**2, share * (X + 1.0) ** 2
        expected = 2.0 * share * (np.cos(y) * X * z + np.sin(y) * (X + 1.0))
        np.testing.assert_allclose(ad.grad(f)(X), expected, rtol=1e-13)


def test_an_argument_that_is_returned_is_another_array():
    same = ad.extend.elementwise(lambda _out, _x: 1.0)(lambda x: x)
    own = ad.extend.primitive(lambda out_bar, _out, _x: out_bar)(lambda x: x)

    def f(x, identity):
        y = x * 1.0
        z = identity(y)
        z += 1.0
        z[0] = 5.0
        return np.sum(y * z)

    for identity in (same, own):
        slopes = ad.grad(f)(X, identity)
        np.testing.assert_array_equal([5.0, *(2.0 * X[1:] + 1.0)], slopes)
        assert slopes.flags.writeable
        pulled = ad.vjp(identity, X)[1](np.ones(3))[0]
        assert pulled.flags.writeable


def doubled_in_place(x):
    x *= 2.0
    return x


WRITERS = {
    "function": ad.extend.elementwise(lambda _out, _x: 2.0)(doubled_in_place),
    "slope": ad.extend.elementwise(lambda _out, x: doubled_in_place(x))(np.square),
    "slope of the result": ad.extend.elementwise(
        lambda out, _x: doubled_in_place(out), name="exp_2x"
    )(lambda x: np.exp(2.0 * x)),
    "primitive": ad.extend.primitive(lambda out_bar, _out, _x: 2.0 * out_bar)(
        doubled_in_place
    ),
    "pullback": ad.extend.primitive(
        lambda out_bar, _out, _x: doubled_in_place(out_bar), name="double"
    )(lambda x: 2.0 * x),
}


@pytest.mark.parametrize("writer", WRITERS.values(), ids=WRITERS)
def test_writes_into_what_the_tape_keeps_are_refused(writer):
    """The tape, and other operations, go on using it."""

    def f(x):
        y = x + 1.0
        z = y + 1.0
        return np.sum(np.sin(y) * writer(z) + z)

    with pytest.raises(ad.errors.MutationError, match=r"writes into an array.*copy"):
        ad.grad(f)(X)
    with pytest.raises(ad.errors.MutationError, match=r"writes into an array.*copy"):
        ad.grad(lambda x: np.sum(ad.grad(f)(x)))(X)


READERS = {
    "function": lambda a: ad.extend.elementwise(lambda _out, _x: 1.0)(lambda x: x * a),
    "slope": lambda a: ad.extend.elementwise(lambda _out, _x: a)(lambda x: 2.0 * x),
    "primitive": lambda a: ad.extend.primitive(lambda out_bar, _out, _x: out_bar)(
        lambda x: x * a
    ),
    "pullback": lambda a: ad.extend.primitive(lambda out_bar, _out, _x: out_bar * a)(
        lambda x: 2.0 * x
    ),
}


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
def test_traced_values_from_outside_are_refused(reader):
    """Rules give derivatives by arguments alone; that by ``a`` would be lost."""
    f = lambda a: np.sum(reader(a)(X * a))  # noqa: E731
    errors = ad.errors.MissingRuleError, ad.errors.LeakError
    with pytest.raises(errors, match="traced value"):
        ad.grad(f)(3.0)
    with pytest.raises(errors, match="traced value"):
        ad.jvp(f, (3.0,), (1.0,))


def test_values_of_an_outer_transform_are_constants_of_an_inner_one():
    """The rules say all of the inner derivative, and NumPy carries the outer one."""

    def slope(a):
        by = lambda _out, x: 2.0 * a * x  # noqa: E731
        scaled = ad.extend.elementwise(by)(lambda x: a * x * x)
        return ad.grad(scaled)(3.0)

    assert 6.0 == ad.grad(slope)(2.0)
    assert (12.0, 6.0) == ad.jvp(slope, (2.0,), (1.0,))
    np.testing.assert_array_equal([12.0, 6.0], ad.vmap(slope)(np.array([2.0, 1.0])))


def one(function, *, by):
    return ad.extend.elementwise(by, name="mine")(function)


def pulled(function, *, by):
    return ad.extend.primitive(by, name="mine")(function)


@pytest.mark.parametrize(
    ("operation", "error", "sentence"),
    [
        (
            one(np.sum, by=lambda _out, _x: 1.0),
            ad.errors.ShapeError,
            r"mine was declared elementwise: of \(3,\) it should return shape \(3,\)",
        ),
        (
            one(np.square, by=lambda _out, x: np.outer(x, x)),
            ad.errors.ShapeError,
            r"mine: a slope of a result of shape \(3,\).*returned shape \(3, 3\)",
        ),
        (
            one(lambda _x: None, by=lambda _out, _x: 1.0),
            ad.errors.OutputError,
            "mine: .*should each return an array or a number; <lambda> returned",
        ),
        (
            one(np.square, by=lambda _out, _x: None),
            ad.errors.OutputError,
            "mine: the operation and its rules should each return",
        ),
        (
            pulled(lambda x: (x, x), by=lambda out_bar, _out, _x: out_bar),
            ad.errors.OutputError,
            "mine: .*<lambda> returned a tuple",
        ),
        (
            pulled(np.sum, by=lambda _out_bar, _out, _x: None),
            ad.errors.OutputError,
            "mine: .*<lambda> returned",
        ),
        (
            pulled(np.sum, by=lambda _out_bar, _out, _x: 1.0),
            ad.errors.ShapeError,
            r"cotangent of shape \(\) for an argument of shape \(3,\)",
        ),
        (
            pulled(np.sum, by=lambda _out_bar, _out, _x: np.ones(2)),
            ad.errors.ShapeError,
            r"cotangent of shape \(2,\) for an argument of shape \(3,\)",
        ),
    ],
)
def test_results_that_cannot_be_are_refused(operation, error, sentence):
    with pytest.raises(error, match=sentence):
        ad.grad(lambda x: np.sum(operation(x)))(X)


def doubled(x):
    return 2.0 * x


def double_with(**more):
    by = lambda out_bar, _out, _x: 2.0 * out_bar  # noqa: E731
    return ad.extend.primitive(by, **more)(doubled)


SPACE = np.zeros(3)


@pytest.mark.parametrize(
    ("tangent", "error", "sentence"),
    [
        (
            lambda _out, _args, dots, _params: np.sum(dots[0]),
            ad.errors.ShapeError,
            r"doubled: the tangent of a result of shape \(3,\) .* returned shape \(\)",
        ),
        (
            lambda _out, _args, dots, _params: dots,
            ad.errors.OutputError,
            "doubled: .*<lambda> returned a tuple",
        ),
        (
            lambda _out, args, dots, _params: np.multiply(2.0, dots[0], out=args[0]),
            ad.errors.MutationError,
            "doubled, or one of its rules, writes into an array that it was given",
        ),
    ],
)
def test_tangents_that_cannot_be_are_refused(tangent, error, sentence):
    operation = double_with(pushforward=tangent)
    with pytest.raises(error, match=sentence):
        ad.jvp(operation, (X,), (X,))


@pytest.mark.parametrize("rows", [lambda x: x[0], np.sum])
def test_batches_that_cannot_be_are_refused(rows):
    operation = double_with(batch=lambda args, _batched, _size: rows(args[0]))
    sentence = r"doubled: the results of a batch of 2 .* <lambda> returned shape \("
    with pytest.raises(ad.errors.ShapeError, match=sentence):
        ad.vmap(operation)(np.ones((2, 3)))


def test_a_pushforward_and_a_batch_may_fill_one_buffer_again_and_again():
    def tangent(_out, _args, dots, _params):
        np.multiply(2.0, dots[0], out=SPACE)
        return SPACE

    def rows(args, _batched, _size):
        np.multiply(2.0, args[0], out=SPACE[None])
        return SPACE[None]

    operation = double_with(pushforward=tangent, batch=rows)
    f = lambda x: operation(x) + operation(3.0 * x)  # noqa: E731
    np.testing.assert_array_equal(8.0 * X, ad.jvp(f, (X,), (X,))[1])
    np.testing.assert_array_equal(8.0 * X[None], ad.vmap(f)(X[None]))


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
