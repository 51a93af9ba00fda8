"""All methods beside each other: errors, references, sizes; expression swell."""

import itertools
import sys

import numpy as np
import pytest
import sympy

import adjoint as ad
from adjoint._comparison.operations import operations
from adjoint._symbolic.expanding import MOST_TERMS, expanded
from adjoint.errors import InputError, MissingRuleError, OutputError

METHODS = [
    "forward difference",
    "central difference",
    "complex step",
    "Richardson",
    "symbolic",
    "forward mode",
    "reverse mode",
]


def f(x):
    return np.log(x[0]) + x[0] * x[1] - np.sin(x[1])


def by_hand(x):
    return np.array([1 / x[0] + x[1], x[0] - np.cos(x[1])])


POINT = np.array([2.0, 5.0])


def row(comparison, name):
    return next(one for one in comparison.rows if one.method == name)


def test_the_textbook_function_by_every_method():
    comparison = ad.compare_methods(f, POINT, manual=by_hand)
    assert [*METHODS, "manual"] == [one.method for one in comparison.rows]
    bounds = [1e-7, 1e-9, 1e-16, 1e-12, 1e-16, 1e-16, 1e-16, 1e-16]
    for one, bound in zip(comparison.rows, bounds, strict=True):
        np.testing.assert_allclose(one.value, by_hand(POINT), rtol=1e-6)
        assert one.error < bound
        assert one.time > 0.0
    assert row(comparison, "forward difference").error > 1e-10
    assert comparison.reference == "SymPy's derivative, evaluated to 50 digits"
    assert (comparison.expression_size, comparison.expanded_size) == (4, 4)


def test_errors_are_measured_in_digits_beyond_floating_point():
    """1/3 is no float: the exact derivative of x²/6 at 1 is 5.6e-17 relative away."""
    comparison = ad.compare_methods(lambda x: x**2 / 6, 1.0)
    error = row(comparison, "reverse mode").error
    exact = sympy.Rational(1, 3)
    given = sympy.Rational(*float(1 / 3).as_integer_ratio())
    assert error == pytest.approx(float(abs(given - exact) / exact), rel=1e-10)


def test_a_wrong_manual_derivative_shows():
    comparison = ad.compare_methods(f, POINT, manual=lambda x: by_hand(x) * [1.0, 1.1])
    assert row(comparison, "manual").error == pytest.approx(0.0312, abs=1e-4)
    text = str(comparison)
    assert "\nmanual (!) " in text
    assert "(!) manual: this is not the derivative of f." in text
    assert "(!)" not in str(ad.compare_methods(f, POINT, manual=by_hand))


def test_a_tuple_is_the_arguments_of_a_function_of_several():
    comparison = ad.compare_methods(
        lambda a, b: a * b, (2.0, 5.0), manual=lambda a, b: (b, a)
    )
    assert [*METHODS, "manual"] == [one.method for one in comparison.rows]
    assert all((5.0, 2.0) == pytest.approx(one.value) for one in comparison.rows)
    as_one = ad.compare_methods(lambda p: p[0] * p[1], (2.0, 5.0))
    assert (5.0, 2.0) == as_one.rows[-1].value
    assert (0.6, 0.8) == pytest.approx(
        ad.compare_methods(np.hypot, (3.0, 4.0)).rows[-1].value
    )


@pytest.mark.parametrize("manual", [5.0, np.ones(2)])
def test_a_manual_derivative_is_a_function(manual):
    with pytest.raises(InputError, match=r"manual a function of x .* give a tuple"):
        ad.compare_methods(f, POINT, manual=manual)


def test_a_list_is_no_gradient_of_an_array():
    with pytest.raises(InputError, match=r"an array for an array, np\.array"):
        ad.compare_methods(f, POINT, manual=lambda x: list(by_hand(x)))


def test_a_manual_derivative_of_another_form_is_refused():
    with pytest.raises(InputError, match=r"parts of shapes \[\(3,\)\]"):
        ad.compare_methods(f, POINT, manual=lambda x: np.zeros(3))


def test_jacobians_and_trees_are_compared_too():
    comparison = ad.compare_methods(lambda p: p["a"] * p["b"], {"a": 2.0, "b": POINT})
    assert METHODS == [one.method for one in comparison.rows]
    assert all(one.error < 1e-7 for one in comparison.rows)
    np.testing.assert_array_equal(comparison.rows[-1].value["b"], 2 * np.eye(2))


def test_without_a_formula_richardson_is_the_reference_and_says_so():
    comparison = ad.compare_methods(lambda x: np.sum(np.sort(x) ** 2), POINT)
    assert row(comparison, "symbolic").value is None
    assert "no expression for `sort`" in row(comparison, "symbolic").note
    assert comparison.reference.startswith("Richardson extrapolation, because")
    assert 0.0 < row(comparison, "Richardson").error < 1e-12
    assert row(comparison, "reverse mode").error < 1e-12
    assert "there is no formula to count" in str(comparison)


def test_more_than_64_symbols_make_no_formula_but_a_sentence():
    comparison = ad.compare_methods(lambda x: np.sum(np.sin(x)), np.ones(65))
    assert "x has 65 numbers; a formula has at most 64 symbols" in str(comparison)
    assert comparison.expression_size is None
    full = ad.compare_methods(lambda x: np.sum(np.sin(x)), np.ones(64))
    assert full.expression_size == 64


def test_a_method_that_fails_has_a_note_and_the_others_go_on():
    comparison = ad.compare_methods(lambda x: np.abs(x) * x, 1.0)
    assert "calls np.absolute" in row(comparison, "complex step").note
    assert row(comparison, "complex step").error is None
    assert row(comparison, "reverse mode").error == 0.0
    assert "complex step: The complex step needs an analytic" in str(comparison)


def test_a_size_that_cannot_be_expanded_is_said():
    comparison = ad.compare_methods(lambda x: (np.sum(x) + 1) ** 40, np.full(8, 0.01))
    assert comparison.expanded_size is None
    assert "too long to be multiplied out" in comparison.size


def test_complex_results_are_refused():
    with pytest.raises(OutputError, match="needs real results"):
        ad.compare_methods(lambda x: np.exp(1j * x), 1.0)


def test_tables_are_shown_as_text_and_as_html():
    comparison = ad.compare_methods(f, POINT)
    lines = str(comparison).splitlines()
    assert lines[0] == "Derivative of f"
    assert lines[2].split() == ["method", "value", "rel.", "error", "time"]
    assert comparison._repr_html_().count("<tr>") == 8
    assert "<script" not in comparison._repr_html_()


def test_pictures_have_a_point_for_each_method():
    figure = ad.compare_methods(f, POINT).plot()
    left, right = figure.axes
    assert len(left.lines[0].get_xdata()) == 7
    assert len(right.lines[0].get_xdata()) == 7


def test_a_picture_without_matplotlib_names_the_extra(monkeypatch):
    comparison = ad.compare_methods(f, POINT)
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ImportError, match=r"pip install 'adjoint\[explain\]'"):
        comparison.plot()


# Expression swell: the logistic map (Baydin et al. 2018, table 1)


def logistic(x):
    return 4 * x * (1 - x)


def test_the_logistic_map_swells():
    swell = ad.symbolic.swell(logistic)
    assert list(range(1, 9)) == [one.n for one in swell.rows]
    sizes = [one.derivative_operations for one in swell.rows]
    assert sizes[:2] == [0, 2]
    assert all(later > 2.5 * sooner for sooner, later in itertools.pairwise(sizes[2:]))
    forward = [one.forward for one in swell.rows]
    reverse = [one.reverse for one in swell.rows]
    assert {8} == set(np.diff(forward[1:]))
    assert {8} == set(np.diff(reverse[1:]))


def test_the_derivatives_are_those_of_the_table():
    x = sympy.Symbol("x", real=True)
    table = [
        sympy.Integer(1),
        4 - 8 * x,
        16 * (1 - 10 * x + 24 * x**2 - 16 * x**3),
        64
        * (
            1
            - 42 * x
            + 504 * x**2
            - 2640 * x**3
            + 7040 * x**4
            - 9984 * x**5
            + 7168 * x**6
        )
        - 131072 * x**7,
    ]
    rows = ad.symbolic.swell(logistic, count=4).rows
    for one, exact in zip(rows, table, strict=True):
        assert sympy.expand(exact) == one.expanded
        assert sympy.expand(one.derivative) == one.expanded


def test_a_swell_has_at_least_one_row():
    with pytest.raises(InputError, match="1 or more; given was 0"):
        ad.symbolic.swell(logistic, count=0)


def test_swell_is_shown_and_drawn():
    swell = ad.symbolic.swell(logistic, count=3)
    assert str(swell).splitlines()[-1].split()[0] == "3"
    assert swell._repr_html_().count("<tr>") == 4
    assert len(swell.plot().axes[0].lines) == 4


# Multiplying out


@pytest.mark.parametrize(
    "text",
    [
        "(x + sin(x)/y)**3*(x + 1)/(x + 2)",
        "sin(x + 1)*(x + 1) + pi*(x + 1)",
        "3",
        "x",
        "0.1*(x + 0.5)**2",
        "sqrt(2)*(x + sqrt(2))",
        "(x + y)**12*(x - y)**3/7",
    ],
)
def test_what_is_multiplied_out_is_the_same_function(text):
    expression = sympy.sympify(text)
    point = {"x": sympy.Rational(3, 7), "y": sympy.Rational(5, 3)}
    difference = (expanded(expression) - expression).subs(point)
    assert abs(sympy.N(difference, 30)) < 1e-13


def test_polynomials_are_multiplied_out_as_sympy_does():
    x, y = sympy.symbols("x y")
    expression = (x + 2 * y) ** 5 * (x - y + 1) ** 2
    assert expanded(expression) == sympy.expand(expression)


def test_what_has_too_many_terms_is_left():
    x, y, z = sympy.symbols("x y z")
    assert expanded((x + y + z + 1) ** 60) is None
    assert len(expanded((x + 1) ** 60).args) == 61 < MOST_TERMS


# Counting operations


@pytest.mark.parametrize(
    ("g", "shapes", "count"),
    [
        (lambda x, y: x @ y, ((3, 4), (4, 5)), 2 * 3 * 4 * 5),
        (lambda x, y: x @ y, ((4,), (4,)), 8),
        (lambda x: np.sin(x) * x + 1.0, ((7,),), 21),
        (np.sum, ((7,),), 6),
        (lambda x: np.sum(x, axis=0), ((3, 4),), 8),
        (np.cumsum, ((5,),), 5),
        (lambda x: np.where(x > 0, x, 0.0)[::-1].reshape(1, -1), ((5,),), 0),
        (lambda x: x, ((5,),), 0),
    ],
)
def test_operations_are_counted(g, shapes, count):
    args = [
        np.linspace(0.1, 1.0, int(np.prod(shape))).reshape(shape) for shape in shapes
    ]
    assert count == operations(ad.trace(g)(*args))


def test_a_gradient_takes_a_small_multiple_of_the_functions_operations():
    def g(x):
        return np.sum(np.exp(-x) * x)

    ratios = [
        operations(ad.trace(ad.grad(g))(np.ones(n)))
        / operations(ad.trace(g)(np.ones(n)))
        for n in (10, 1000)
    ]
    assert all(ratio <= 4 for ratio in ratios)


def test_what_lapack_does_is_not_counted():
    with pytest.raises(MissingRuleError, match="`svd`"):
        operations(ad.trace(lambda a: np.linalg.svd(a)[1])(np.eye(2) + 0.1))


def kepler(mean):
    """Solve Kepler's equation E - e sin E = M by Newton's method."""
    anomaly = mean
    for _ in range(50):
        step = (anomaly - 0.3 * np.sin(anomaly) - mean) / (1 - 0.3 * np.cos(anomaly))
        anomaly = anomaly - step
        if abs(step) < 1e-12:
            break
    return anomaly


def test_fifty_digits_of_a_loop_are_computed_as_a_program():
    """Written out, its derivative has 34,000 parts, in which digits cancel."""
    comparison = ad.compare_methods(kepler, 1.0)
    assert "50 digits" in comparison.reference
    assert row(comparison, "reverse mode").error < 1e-15
    assert comparison.expanded_size is None


def test_digits_that_cancel_are_replaced():
    def flat(x):  # the derivative of (1 + x) - 1, both parts 1e40 times as large
        return ((1e40 + x) - 1e40) * 3.0 + 1e-30 * x

    comparison = ad.compare_methods(lambda x: np.cos(x) ** 2 + np.sin(x) ** 2, 0.7)
    assert row(comparison, "symbolic").error < 1e-15
    assert row(ad.compare_methods(flat, 2.0), "symbolic").error < 1e-15


def test_numbers_of_single_precision_have_fifty_digits_too():
    x = np.array([0.1, 0.2], np.float32)
    comparison = ad.compare_methods(lambda x: np.sum(x * x / 3), x)
    assert "50 digits" in comparison.reference
    assert row(comparison, "reverse mode").error < 2e-7


def test_where_a_formula_has_no_value_the_report_says_so():
    with np.errstate(all="ignore"):
        comparison = ad.compare_methods(np.sqrt, 0.0)
    assert "it divides by 0 at this point" in comparison.reference


def test_formulas_with_floats_are_multiplied_out_like_others():
    """SymPy's `expand` does not end here, before it collects."""
    x = sympy.Symbol("x", real=True)
    product = 3.7 * x * (1 - x)
    for _ in range(5):
        product = 3.7 * product * (1 - product)
    assert 64 == len(expanded(product).args)
    assert sympy.oo * x == expanded(sympy.oo * x)
    y = sympy.Symbol("y", real=True)
    assert 0.25 * x**2 + 1.5 * x * y == expanded(0.5 * x * (0.5 * x + 3 * y))


def test_operations_are_counted_at_one_number():
    with pytest.raises(
        InputError, match=r"one real number .* given was .*shape \(2,\)"
    ):
        ad.symbolic.swell(lambda x: x * x, at=np.ones(2))


def test_the_axis_says_where_smaller_errors_are_drawn():
    left = ad.compare_methods(lambda x: x * x, 3.0).plot().axes[0]
    assert left.get_xlabel().endswith("(smaller ones at 5.6e-17)")
    assert min(left.lines[0].get_xdata()) == np.finfo(float).eps / 4
