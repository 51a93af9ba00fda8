"""Symbolic derivatives as functions: forms, branches, refusals, the way back."""

import sys

import numpy as np
import pytest
import sympy

import adjoint as ad
from adjoint import symbolic
from adjoint.errors import InputError, MissingRuleError, OutputError


def f(x1, x2):
    return np.log(x1) + x1 * x2 - np.sin(x2)


def test_the_textbook_function():
    gradient = symbolic.grad(f, argnums=(0, 1))
    assert gradient(2.0, 5.0) == (5.5, 2.0 - np.cos(5.0))
    assert tuple(map(str, gradient.expression)) == ("x2 + 1/x1", "x1 - cos(x2)")


def test_forms_are_those_of_automatic_derivatives():
    def g(p, y):
        return {"u": p["a"] * p["b"] * y, "v": np.sum(p["b"] ** 2)}

    args = ({"a": 2.0, "b": np.array([1.0, 3.0])}, 2.0)
    for argnums in (0, 1, (1, 0)):
        given = ad.tree.flatten(symbolic.jacobian(g, argnums)(*args))
        known = ad.tree.flatten(ad.jacobian(g, argnums)(*args))
        assert known[1] == given[1]
        for one, other in zip(given[0], known[0], strict=True):
            assert (other.shape, other.dtype) == (one.shape, one.dtype)
            np.testing.assert_allclose(one, other, rtol=1e-6)


def test_gradients_have_the_dtype_of_the_argument():
    x = np.array([1.0, 2.0], np.float32)
    assert symbolic.grad(lambda x: np.sum(x**2))(x).dtype == np.float32


def test_another_branch_has_other_formulas():
    def g(x):
        return x**2 if x > 0 else -x

    derivative = symbolic.grad(g)
    assert derivative(3.0) == 6.0
    assert str(derivative.expression) == "2*x"
    assert derivative(-3.0) == -1.0
    assert str(derivative.expression) == "-1"


def test_what_the_function_closes_over_is_read_at_every_call():
    data = np.array([1.0, 2.0])
    derivative = symbolic.grad(lambda x: np.sum(data * x**2))
    assert derivative(1.0) == 6.0
    data[0] = 10.0
    assert derivative(1.0) == 24.0


def test_formulas_are_derived_once_for_one_computation(monkeypatch):
    derivative = symbolic.grad(lambda x: np.sum(np.sin(x)))
    derivative(np.ones(3))
    formula = derivative.formula
    derivative(np.zeros(3))
    assert derivative.formula is formula
    derivative(np.ones(2))
    assert derivative.formula is not formula


def test_a_tie_is_shared_and_a_step_has_slope_zero():
    assert symbolic.grad(lambda x: np.maximum(x, 1.0))(1.0) == 0.5
    assert symbolic.grad(lambda x: np.sign(x) * x)(0.5) == 1.0
    assert symbolic.hessian(np.abs)(0.5) == 0.0


def test_branches_of_where_that_are_not_taken_warn_of_nothing():
    g = symbolic.grad(lambda x: np.where(x > 0, np.log(np.where(x > 0, x, 1.0)), 0.0))
    assert g(-1.0) == 0.0


X, Y = sympy.symbols("x y")


@pytest.mark.parametrize(
    ("ask", "kind", "sentence"),
    [
        (
            lambda: symbolic.grad(np.sin)(np.ones(2)),
            OutputError,
            r"of shapes \[\(2,\)\]",
        ),
        (
            lambda: symbolic.grad(np.sin).expression,
            InputError,
            "once it has been called",
        ),
        (lambda: symbolic.grad(np.sin).formula, InputError, "once it has been called"),
        (
            lambda: symbolic.grad(np.sum)(np.arange(3)),
            InputError,
            r"x\.astype\(float\)",
        ),
        (lambda: symbolic.grad(np.sin)(1j), InputError, "symbols are real"),
        (
            lambda: symbolic.grad(np.sin, 1.5),
            InputError,
            r"ad\.symbolic\.grad\(f\)\(x\)",
        ),
        (
            lambda: ad.grad(symbolic.grad(np.sin))(1.0),
            InputError,
            "given a traced value",
        ),
        (lambda: symbolic.to_sympy(np.sin), InputError, "to_sympy takes a graph"),
        (
            lambda: symbolic.from_sympy(sympy.Symbol("x") * sympy.Symbol("z"), X),
            InputError,
            "for the symbols x; the expression has z besides",
        ),
        (
            lambda: symbolic.jacobian(np.linalg.pinv)(np.eye(2)),
            MissingRuleError,
            "`pinv`",
        ),
    ],
)
def test_it_says_what_was_wrong(ask, kind, sentence):
    with pytest.raises(kind, match=sentence):
        ask()


def test_a_missing_package_is_named_with_its_extra(monkeypatch):
    symbolic.sympy.cache_clear()
    monkeypatch.setitem(sys.modules, "sympy", None)
    with pytest.raises(ImportError, match=r"pip install 'adjoint\[symbolic\]'"):
        symbolic.from_sympy(None, None)
    monkeypatch.undo()
    symbolic.sympy.cache_clear()


BACK = {
    "numbers": (sympy.sin(X) * Y + X**3, (X, Y), (0.5, 2.0)),
    "one symbol": (sympy.exp(-(X**2)), X, (0.5,)),
    "Max": (sympy.Max(X, Y) * X, (X, Y), (1.0, 2.0)),
    "Piecewise": (sympy.Piecewise((X**2, X < 0), (sympy.sin(X), True)), X, (0.5,)),
    "matrix": (sympy.Matrix([[X * Y, X], [Y, 1]]), (X, Y), (1.0, 2.0)),
    "list from vector": ([X * Y, X + Y], [[X, Y]], (np.array([1.0, 2.0]),)),
    "array": (np.array([X, Y * 2]), (X, Y), (1.0, 2.0)),
    "shared parts": ((X + Y) ** 2 * sympy.sin(X + Y), (X, Y), (1.0, 2.0)),
}


@pytest.mark.parametrize("name", BACK)
def test_expressions_become_functions_that_are_differentiated(name):
    expression, symbols, args = BACK[name]
    g = symbolic.from_sympy(expression, symbols)
    argnums = tuple(range(len(args)))
    given = ad.jacobian(g, argnums=argnums)(*args)
    flat = [X] if symbols is X else [X, Y]
    point = dict(zip(flat, np.ravel(args), strict=True))
    exact = np.array(
        [
            [float(sympy.diff(one, symbol).subs(point)) for symbol in flat]
            for one in np.ravel(np.array(expression, object))
        ]
    )
    rows = exact.shape[0]
    parts = [np.reshape(part, (rows, -1)) for part in given]
    np.testing.assert_allclose(np.hstack(parts), exact, rtol=1e-14)


def test_there_and_back_again_is_the_same_function():
    graph = ad.trace(f)(2.0, 5.0)
    symbols, (expression,) = symbolic.to_sympy(graph)
    back = symbolic.from_sympy(expression, symbols)
    assert back(2.0, 5.0) == f(2.0, 5.0)
    assert symbolic.expression(back)(2.0, 5.0) == expression


def test_variables_have_expressions():
    x = ad.variable(3.0, name="x")
    y = x * x + 2.0
    _, (expression,) = symbolic.to_sympy(ad.Graph.of(y.grad(x)))
    assert str(expression) == "2*x"


def test_elementwise_functions_take_arrays():
    g = symbolic.from_sympy(sympy.sin(X) ** 2, X)
    x = np.array([0.5, 1.0])
    np.testing.assert_allclose(
        ad.elementwise_grad(g)(x), 2 * np.sin(x) * np.cos(x), rtol=1e-15
    )


def test_real_and_imaginary_parts():
    for f in (
        lambda x: np.real(np.exp(1j * x)),
        lambda x: np.imag(np.exp(1j * x) * x),
        lambda x: np.real(np.conj(x + 1j) * (x + 2j * x)),
    ):
        np.testing.assert_allclose(ad.grad(f)(0.7), symbolic.grad(f)(0.7), rtol=1e-14)


@pytest.mark.parametrize("derivative", [symbolic.grad, symbolic.jacobian])
def test_complex_derivatives_are_refused(derivative):
    with pytest.raises(OutputError, match="formula is complex, -0"):
        derivative(lambda x: np.exp(1j * x))(0.3)


def test_matrices_too_large_for_formulas_are_refused():
    a = np.random.default_rng(0).random((7, 7))
    with pytest.raises(MissingRuleError, match="`inv` of a 7 x 7 matrix of symbols"):
        symbolic.grad(lambda a: np.sum(np.linalg.inv(a)))(a)
    few = lambda t: np.linalg.det(a[:5, :5] + t * np.eye(5))  # noqa: E731
    np.testing.assert_allclose(ad.grad(few)(0.5), symbolic.grad(few)(0.5), rtol=1e-10)


@pytest.mark.parametrize("n", [4, 5])
def test_determinants_of_symbols(n):
    a = np.random.default_rng(0).random((n, n))
    expected = ad.grad(np.linalg.det)(a)
    np.testing.assert_allclose(expected, symbolic.grad(np.linalg.det)(a), rtol=1e-10)


def test_long_formulas_by_many_symbols_are_refused():
    def long(x):
        return np.sum(np.sin(np.outer(x, x)) / (1 + x))

    with pytest.raises(MissingRuleError, match="parts, to be derived by 35 symbols"):
        symbolic.grad(long)(np.ones(35))


@pytest.mark.parametrize("f", [np.max, np.min, lambda x: np.max(x) ** 2 * x[0]])
@pytest.mark.parametrize(
    "x", [[1.0, 1.0, 1.0], [1.0, 2.0, 2.0], [2.0, 2.0, 1.0], [3.0, 1.0, 2.0]]
)
def test_ties_are_shared_evenly(f, x):
    x = np.array(x)
    np.testing.assert_allclose(ad.grad(f)(x), symbolic.grad(f)(x), rtol=1e-15)
    np.testing.assert_allclose(ad.hessian(f)(x), symbolic.hessian(f)(x), rtol=1e-15)


def test_public_names_are_those_that_are_listed():
    for module in (symbolic, ad.numeric):
        assert sorted(module.__all__) == dir(module)
