"""Functions as expressions: each record's value and derivatives, on arrays too."""

import math

import numpy as np
import pytest
import scipy.special
import sympy

import adjoint as ad
from adjoint import symbolic
from adjoint._core.registry import RECORDS
from adjoint._symbolic.table import ALSO_CALLED, elementwise, special_functions

X = np.array([0.3, 1.2, -0.5])
A = np.array([[2.0, 1.0, 0.0], [1.0, 3.0, 1.0], [0.0, 1.0, 4.0]])


def filled(x):
    z = np.zeros(3)
    for i in range(3):
        z[i] = x[i] * x[i - 1]
    return np.sum(z * z)


PROGRAMS = {
    "matrix product": lambda x: np.sum((A @ x) ** 2),
    "branches of where": lambda x: np.sum(np.where(x > 0, x**2, np.sin(x))),
    "extrema": lambda x: np.max(x) * np.sum(np.maximum(x, 0.1)) + np.min(x, axis=0),
    "norm": lambda x: np.linalg.norm(x) ** 3,
    "statistics": lambda x: np.var(x) + np.std(x) + np.mean(x),
    "absolute value": lambda x: np.sum(np.abs(x) * x),
    "clip": lambda x: np.sum(np.clip(x, -0.1, 0.7) ** 2),
    "indices": lambda x: x[[0, 0, 2]] @ x + x[::-1][0] * np.prod(x),
    "running": lambda x: np.sum(np.cumsum(x) * np.cumprod(x)),
    "stacked": lambda x: np.sum(np.stack([x, x**2]) @ np.outer(x, x)),
    "system": lambda x: np.sum(np.linalg.solve(A + np.diag(x), x)),
    "systems": lambda x: np.sum(np.linalg.solve(A, np.outer(x, x))),
    "determinant": lambda x: np.linalg.det(A * x),
    "inverse": lambda x: np.sum(np.linalg.inv(A + np.diag(x))),
    "einsum": lambda x: np.einsum("i,ij,j->", x, A, x),
    "buffer": filled,
    "logistic": lambda x: np.sum(1 / (1 + np.exp(-x))),
    "mask": lambda x: np.sum(x[x > 0] ** 3),
    "mask as a number": lambda x: np.sum((x > 0) * x),
    "conditions": lambda x: np.sum(np.where((x > 0) & ~(x > 1), x**2, x)),
    "branch": lambda x: x[0] ** 2 if x[1] > 0 else x[2],
    "convolution": lambda x: np.sum(np.convolve(x, x) ** 2),
    "power": lambda x: np.sum(np.abs(x) ** x),
    "steps": lambda x: np.floor(x[0] * 5) * x[1] + np.ceil(x[2]) * x[0] + np.sign(x[2]),
    "heaviside": lambda x: np.sum(np.heaviside(x, 0.5) * x**2),
    "math": lambda x: math.sin(x[0]) * math.pow(x[1], 2) + math.hypot(x[0], x[1], x[2]),
    "sums of Python": lambda x: (
        math.fsum([x[0], x[1]]) * sum([x[1], x[2]]) + float(x[0])
    ),
    "copysign": lambda x: np.sum(np.copysign(x**2, x)),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_derivatives_by_formula_are_those_of_automatic_differentiation(name):
    f = PROGRAMS[name]
    np.testing.assert_allclose(symbolic.grad(f)(X), ad.grad(f)(X), 1e-12, 1e-13)
    np.testing.assert_allclose(symbolic.hessian(f)(X), ad.hessian(f)(X), 1e-10, 1e-11)


OF_BITS = {np.bitwise_and, np.bitwise_or, np.bitwise_xor, np.invert}
OF_NUMBERS = [one for one in elementwise() if isinstance(one, np.ufunc)]
OF_NUMBERS = [one for one in OF_NUMBERS if one not in OF_BITS]


@pytest.mark.parametrize("function", OF_NUMBERS, ids=lambda one: one.__name__)
def test_each_function_of_the_table_is_what_numpy_computes(function):
    """At points inside the domain its record states."""
    record = RECORDS[function]
    rng = np.random.default_rng(3)
    points = []
    for low, high in record.domain:
        wanted = max(low, -2.0), min(high, 2.0)
        points.append(float(rng.uniform(*wanted)))
    graph = ad.trace(function)(*points)
    symbols, (expression,) = symbolic.to_sympy(graph)
    value = expression.subs(dict(zip(symbols, points, strict=True)))
    expected = function(*points)
    if isinstance(expected, np.bool_):
        assert bool(expected) == bool(value)
    else:
        assert abs(float(value) - expected) <= 1e-14 * max(abs(expected), 1.0)


@pytest.mark.parametrize("signs", [(-1.0, -1.0), (-1.0, 1.0), (1.0, 1.0)])
def test_conditions_are_combined(signs):
    def f(x, y):
        a, b = x > 0, y > 0
        return [a & b, a | b, a ^ b, ~a, np.logical_xor(a, b), np.logical_not(b)]

    point = dict(zip(sympy.symbols("x y", real=True), signs, strict=True))
    given = [one.subs(point) for one in symbolic.expression(f)(*map(np.float64, signs))]
    assert list(map(int, f(*map(np.float64, signs)))) == given


def test_other_names_are_names_of_functions_in_the_table():
    for other, one in ALSO_CALLED.items():
        assert elementwise()[one] is elementwise()[other]
        arguments = (0.5,) * (
            2 if one in {np.power, np.hypot, np.arctan2, np.copysign} else 1
        )
        if one is np.arccosh:
            arguments = (1.5,)
        assert math.isclose(other(*arguments), one(*arguments), rel_tol=1e-15)


@pytest.mark.parametrize("name", special_functions())
def test_special_functions_are_those_of_scipy(name):
    function = getattr(scipy.special, name)
    points = [0.4, 0.7][: function.nin] if name != "jv" else [2, 0.7]
    expression = special_functions()[name](*map(sympy.Float, points))
    assert math.isclose(float(expression), function(*points), rel_tol=1e-13)


def test_numbers_are_exact_and_short():
    def f(x):
        return 2.0 * x + 0.5 * x**2 + 0.1 * x**3 + 0.30000000000000004 * x**4

    expression = symbolic.expression(f)(1.0)
    assert str(expression) == "0.30000000000000004*x**4 + 0.1*x**3 + x**2/2 + 2*x"
    assert sympy.Rational(expression.coeff(sympy.Symbol("x", real=True), 3)) == (
        sympy.Rational(*(0.1).as_integer_ratio())
    )


def test_symbols_bear_the_names_of_parameters():
    def f(x, w, params):
        return x * w[0, 1] + params["b"]

    args = (1.0, np.ones((2, 2)), {"b": 2.0})
    symbols, (expression,) = symbolic.to_sympy(ad.trace(f)(*args))
    assert str(expression) == "params_b + w_0_1*x"
    assert symbols[1].shape == (2, 2)


def test_symbols_of_different_inputs_are_different():
    def f(x, x_0, sin):
        return x[0] * x_0 + np.sin(sin)

    given = symbolic.grad(f, argnums=(0, 1, 2))(np.array([2.0]), 5.0, 0.0)
    assert (5.0, 2.0, 1.0) == (given[0][0], *given[1:])


def test_a_formula_too_long_for_sympy_is_refused_at_once():
    def f(x):
        for _ in range(200):
            x = np.sin(x) + x
        return x

    sentence = r"f has more than 20000 parts \(test_conv.*, line \d+\): written"
    with pytest.raises(ad.errors.MissingRuleError, match=sentence):
        symbolic.grad(f)(0.3)


def test_a_long_chain_that_is_not_used_twice_is_no_formula_too_long():
    def f(x):
        for _ in range(60):
            x = np.sin(x)
        return x

    assert abs(symbolic.grad(f)(0.3) - ad.grad(f)(0.3)) < 1e-15


def test_a_formula_too_deep_for_sympy_is_refused():
    def f(x):
        for _ in range(2000):
            x = np.sin(x)
        return x

    with pytest.raises(ad.errors.MissingRuleError, match="f is nested too deeply"):
        symbolic.grad(f)(0.3)


def test_results_keep_their_containers():
    given = symbolic.expression(lambda x: {"a": x * x, "b": (x[0], 2.0)})(np.ones(2))
    assert list(map(str, given["a"])) == ["x_0**2", "x_1**2"]
    assert list(map(str, given["b"])) == ["x_0", "2"]


@pytest.mark.parametrize(
    ("f", "name"),
    [
        (lambda x: np.sum(np.sort(x)), "sort"),
        (lambda x: np.linalg.eigvalsh(np.outer(x, x))[0], "eigvalsh"),
        (lambda x: np.sum(np.fft.rfft(x).real), "rfft"),
        (lambda x: np.sum(np.remainder(x, 2.0)), "remainder"),
    ],
)
def test_what_has_no_expression_is_named_with_its_line_and_what_there_is(f, name):
    sentence = (
        rf"no expression for `{name}` \(test_conversion.py, line \d+\)\. Functions "
        r"that can be written as expressions: absolute, .*, where; and whatever moves"
    )
    with pytest.raises(ad.errors.MissingRuleError, match=sentence):
        symbolic.expression(f)(X)


def test_stacks_of_matrices_have_no_expression():
    with pytest.raises(ad.errors.MissingRuleError, match="`det`"):
        symbolic.expression(np.linalg.det)(np.ones((2, 3, 3)))


@pytest.mark.parametrize(
    "expression",
    [
        sympy.zoo,
        sympy.Function("f")(sympy.Symbol("x")),
        sympy.Derivative(sympy.Function("f")(sympy.Symbol("x")), sympy.Symbol("x")),
    ],
)
def test_what_numpy_cannot_compute_is_refused_at_once(expression):
    with pytest.raises(ad.errors.InputError, match="NumPy has nothing to compute"):
        symbolic.from_sympy(expression, sympy.Symbol("x"))


@pytest.mark.parametrize("wrong", [None, object()])
def test_what_is_no_expression_is_refused(wrong):
    with pytest.raises(ad.errors.InputError, match="takes a SymPy expression"):
        symbolic.from_sympy(wrong, sympy.Symbol("x"))
