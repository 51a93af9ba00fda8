"""``ad.explain_rule``: what is told of a function's derivative."""

import functools
import json
from pathlib import Path

import numpy as np
import pytest

import adjoint as ad
from adjoint._core.record import Calculus
from adjoint._explain.rule import formulas_of
from adjoint._explain.sources import source_of
from adjoint._primitives import trigonometric
from adjoint.errors import InputError
from laws.draws import records


def test_a_ufunc_of_one_argument():
    """Formula, place, classes, modes."""
    told = ad.explain_rule(np.sin)
    assert "numpy.sin" == told.name
    assert "differentiable" == told.kind
    assert (("slope by x", "np.cos(x)"),) == told.formulas
    assert "one slope per argument, elementwise" == told.calculus
    assert "arguments broadcast together" == told.layout
    assert told.source.startswith("adjoint/_primitives/trigonometric.py, line ")
    assert "reverse, forward, batch" == told.modes
    assert "out, where, dtype, casting, order, signature" == told.keywords


def test_the_line_is_that_of_the_rule():
    told = ad.explain_rule(np.sin)
    line = int(told.source.rpartition(" ")[2])
    text = Path(trigonometric.__file__).read_text(encoding="utf-8")
    assert "np.cos(x)" in text.splitlines()[line - 1]


def test_two_rules_of_one_line_are_told_apart():
    told = ad.explain_rule(np.multiply)
    assert (("slope by x", "y"), ("slope by y", "x")) == told.formulas


def test_a_rule_that_is_one_expression_is_shown_as_that():
    """Whether it has a name or not."""
    assert (("slope by x", "out"),) == ad.explain_rule(np.exp).formulas
    bars = (("cotangent of x", "out_bar"), ("cotangent of y", "-out_bar"))
    assert bars == ad.explain_rule(np.subtract).formulas


def test_rules_that_are_constants_are_told_apart():
    """CPython 3.12 keeps no columns of them."""
    rules = (lambda _x: 1.0, lambda _x: -1, lambda x, _y: None, lambda _y: 1.0)
    assert ["1.0", "-1", "None", "1.0"] == [source_of(rule).text for rule in rules]


def test_a_rule_that_is_a_function_is_shown_whole():
    told = ad.explain_rule(np.linalg.pinv)
    (label, text) = told.formulas[0]
    assert "cotangent of a" == label
    assert text.startswith("def pinv_pullback(")
    assert "Golub & Pereyra" in told.reference


def test_every_rule_in_the_registry_is_found_in_its_file():
    """No record's formula is missing, whoever wrote it in which way."""
    silent = []
    for record in records():
        if record.calculus is Calculus.CONSTANT:
            continue
        for _, text in formulas_of(record)[0]:
            if text.startswith(("def ", "numpy.")) or text.isidentifier():
                continue
            assert compile(text, record.name, "eval")  # an expression
    assert [] == silent


def test_kinks_are_told_with_their_convention():
    told = ad.explain_rule(np.absolute)
    assert any(kink.startswith("at 0: ") for kink in told.kinks)


def test_a_function_whose_derivative_is_zero():
    for function in (np.floor, np.argmax, "numpy.isnan"):
        told = ad.explain_rule(function)
        assert "derivative zero by nature" == told.kind
        assert told.reason
        assert () == told.formulas


def test_a_function_without_derivative_says_why():
    told = ad.explain_rule(np.save)
    assert "without derivative" == told.kind
    assert "files" in told.reason


def test_a_composition_says_where_it_is_written():
    told = ad.explain_rule(np.var)
    assert "differentiable" == told.kind
    assert "adjoint/_numpy/statistics.py, line " in told.source
    for keyword in ("axis", "ddof", "keepdims"):
        assert keyword in told.keywords


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("numpy.sin", "numpy.sin"),
        ("np.sin", "numpy.sin"),
        ("np.linalg.norm", "numpy.linalg.norm"),
        ("np.add.reduce", "numpy.add.reduce"),
        (np.add.reduce, "numpy.add.reduce"),
        (np.multiply.outer, "numpy.multiply.outer"),
        (np.ndarray.sum, "numpy.sum"),
        ("numpy.ndarray.cumsum", "numpy.cumsum"),
        ("math.sin", "math.sin"),
        (np.polynomial.chebyshev.chebval, "numpy.polynomial.chebyshev.chebval"),
    ],
)
def test_functions_are_known_by_themselves_and_by_name(given, name):
    told = ad.explain_rule(given)
    assert name == told.name
    assert "differentiable" == told.kind


@pytest.mark.parametrize("name", ["np.sine", "nump.sin", "", "np.pi"])
def test_a_name_of_nothing_is_an_error_with_its_cure(name):
    with pytest.raises(InputError, match="explain_rule"):
        ad.explain_rule(name)


def test_a_function_of_the_users_is_followed():
    def mine(x):
        return x * x

    told = ad.explain_rule(mine)
    assert "differentiable" == told.kind
    assert "follow" in told.reason
    assert "test_explain_rule.py, line " in told.source


def test_a_function_of_nobody_we_know():
    told = ad.explain_rule(json.dumps)
    assert "unknown" == told.kind
    assert "ad.follow" in told.reason
    assert "ad.extend.implements" in told.reason


@pytest.mark.parametrize(
    ("method", "name"),
    [
        (np.ndarray.sum, "numpy.sum"),
        (np.ndarray.reshape, "numpy.reshape"),
        (np.ndarray.conjugate, "numpy.conjugate"),
        (np.ndarray.copy, "ndarray.copy"),
        (np.ndarray.astype, "ndarray.astype"),
        (np.ndarray.fill, "ndarray.fill"),
        (np.ndarray.tolist, "ndarray.tolist"),
        (np.ndarray.resize, "numpy.resize"),
    ],
)
def test_methods_of_arrays(method, name):
    told = ad.explain_rule(method)
    assert (name, "differentiable") == (told.name, told.kind)
    assert "adjoint/" in told.source


def test_methods_that_read_bits_say_so():
    told = ad.explain_rule(np.ndarray.tobytes)
    assert ("ndarray.tobytes", "without derivative") == (told.name, told.kind)
    assert "reads the bits" in told.reason


def test_objects_that_are_called_are_followed_too():
    """A callable object, a bound method, a partial function, a class of the user's."""

    class Scaled:
        __hash__ = None

        def __init__(self, a):
            self.a = a

        def __call__(self, x):
            return self.a * x

    for called in (
        Scaled(1.0),
        Scaled(1.0).__call__,
        functools.partial(Scaled(1.0), 2),
    ):
        told = ad.explain_rule(called)
        assert "differentiable" == told.kind
        assert "test_explain_rule.py, line " in told.source
    assert "differentiable" == ad.explain_rule(Scaled).kind


def test_a_custom_rule_is_shown():
    @ad.custom_jvp
    def cube(x):
        return x**3

    @cube.defjvp
    def _(primals, tangents):
        return cube(primals[0]), 3.0 * primals[0] ** 2 * tangents[0]

    told = ad.explain_rule(cube)
    ((label, text),) = told.formulas
    assert "pushforward" == label
    assert "3.0 * primals[0] ** 2 * tangents[0]" in text
    assert "ad.custom_jvp" in told.reason


def test_it_prints_as_a_table():
    lines = str(ad.explain_rule(np.multiply)).splitlines()
    assert "numpy.multiply: differentiable." == lines[0]
    assert "  slope by x  y" == lines[1]
    assert "  slope by y  x" == lines[2]
    assert repr(ad.explain_rule(np.multiply)) == "\n".join(lines)


def test_a_notebook_shows_escaped_html():
    page = ad.explain_rule(np.maximum)._repr_html_()
    assert page.startswith("<p>numpy.maximum: differentiable.</p><table><tr><th>slope")
    assert page.endswith("</table>")
    assert page.count("<tr>") == page.count("</tr>") > 3
    assert "<lambda>" not in page
