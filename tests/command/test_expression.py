"""Formulas of the command line: what they mean, and what is refused."""

import numpy as np
import pytest

import adjoint as ad
from adjoint._command.expression import (
    FUNCTIONS,
    function_of,
    names_in,
    parse,
    value_of,
)
from adjoint.errors import InputError

HOSTILE = {
    "__import__('os').system('touch pwned')": "There are no attributes here",
    "__import__('os')": "There is no function __import__",
    "eval('1')": "There is no function eval",
    "open(x)": "There is no function open",
    "getattr(x, y)": "There is no function getattr",
    "x.__class__": "There are no attributes here",
    "x.T": "There are no attributes here",
    "sin.at(x)": "There are no attributes here",
    "().__class__.__bases__": "There are no attributes here",
    "(lambda: x)()": "There are no functions of one's own here",
    "lambda: x": "There are no functions of one's own here",
    "[x for x in y]": "There are no loops here",
    "{x for x in y}": "There are no loops here",
    "{x: x for x in y}": "There are no loops here",
    "sum(x for x in y)": "There are no loops here",
    "'text'": "There are no texts here",
    "b'text'": "There are no texts here",
    "f'{x}'": "There are no texts here",
    "x if x > 0 else y": "There is no if here",
    "x > 0 and y": "There is no and, or here",
    "(x := 3)": "Nothing is assigned here",
    "sum(*x)": "There is no * before an argument",
    "sum(x, 0)": "sum takes 1 argument here, not 2",
    "exp(x, y)": "exp takes 1 argument here, not 2",
    "where(x)": "where takes 3 arguments here, not 1",
    "max(x, y)": "max takes 1 argument here, not 2; of two, write maximum(x, y)",
    "sum(x, axis=0)": "Functions take no keywords here",
    "sin(**x)": "Functions take no keywords here",
    "x; y": "This is no formula",
    "import os": "This is no formula",
    "x = 3": "This is no formula",
    "9**9**9": "An exponent has no power in it",
    "x**(2*y**3)": "An exponent has no power in it",
    "9999999999999999999": "Whole numbers go to 2**53",
    "9" * 1_999: "Whole numbers go to 2**53",
    "1e999": "This number is not finite in float64",
    "1j": "There are no imaginary numbers here",
    "True": "There is no True, False or None here",
    "None": "There is no True, False or None here",
    "x ^ 2": "A power is written **",
    "x // y": "The operators are + - * / ** and @",
    "x << 9": "The operators are + - * / ** and @",
    "~x": "The operators are + - * / ** and @",
    "not x": "The operators are + - * / ** and @",
    "x < y < z": "Conditions are one of",
    "x in y": "Conditions are one of",
    "x[0:9]": "An index is a whole number",
    "x[y]": "An index is a whole number",
    "x[0.5]": "An index is a whole number",
    "[[[1]]]": "Lists are nested twice at most",
    "[]": "This list is empty",
    "(x, y)": "There is no Tuple in a formula",
    "{}": "There is no Dict in a formula",
    "...": "This is no number",
    "sin": "sin is a function",
    "sin()": "sin was given no argument",
    "x(2)": "There is no function x",
    "sin(x)(y)": "Only functions are called, by their name",
    "_x": "Names do not begin with _",
    "": "This is no formula",
    "x +": "This is no formula",
    "(" * 1_000: "Brackets are nested more than 50 deep",
    "-" * 1_999 + "x": "This is nested more than 100 deep",
    "+".join("x" * 200): "This is nested more than 100 deep",
    "(" * 500_000 + ")" * 500_000: "A formula has at most 2,000 characters",
    "x\n+ y": "A formula is one line of text",
    "x\0": "A formula is one line of text",
    "x\u202e": "A formula is one line of text",
}


@pytest.mark.parametrize(
    ("text", "reason"), HOSTILE.items(), ids=[text[:24] for text in HOSTILE]
)
def test_what_the_grammar_does_not_have_is_refused(text, reason, tmp_path, monkeypatch):
    """With the reason first, and nothing run."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError) as refused:
        parse(text)
    assert str(refused.value).startswith(reason)
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("x + y.T", 4),
        ("  x + y.T", 6),
        ("αβγ + 9**(x**2)", 6),
        ("sin(x) + 'a'", 9),
        ("x +* y", 3),
    ],
)
def test_a_mark_stands_below_the_place(text, place):
    """In characters, also after such as take several bytes."""
    with pytest.raises(InputError) as refused:
        parse(text)
    _, shown, mark = str(refused.value).split("\n")
    assert f"  {text}" == shown
    assert f"  {' ' * place}^" == mark


def test_of_a_long_formula_the_part_around_the_place_is_shown():
    """At most 76 characters, with dots where something is left out."""
    text = "x + " * 20 + "y.T" + " + x" * 20
    with pytest.raises(InputError) as refused:
        parse(text)
    _, shown, mark = str(refused.value).split("\n")
    assert shown.startswith("  ...")
    assert shown.endswith("...")
    assert "y" == shown[mark.index("^")]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2 + 3*4 - 6/4", 12.5),
        ("-2**2", -4.0),
        ("2**-1", 0.5),
        ("2**53", 2.0**53),
        ("pi", np.pi),
        ("e**2", np.e**2),
        ("sqrt(2)*sin(pi/4)", np.sqrt(2) * np.sin(np.pi / 4)),
        ("dot([1, 2], [3, 4])", 11.0),
        ("[1, 2] @ [3, 4]", 11.0),
        ("[5, 6, 7][-1]", 7.0),
        ("[[1, 2], [3, 4]][1, 0]", 3.0),
        ("where([1, 2] > 1.5, 1, 0)[1]", 1.0),
        ("norm([3, 4])", 5.0),
        ("maximum(2, 3)", 3.0),
    ],
)
def test_a_formula_means_what_numpy_means(text, value):
    assert value == value_of(text)


def test_lists_are_arrays_of_float64():
    value = value_of("[[1, 2], [3, pi]]")
    assert np.float64 == value.dtype
    np.testing.assert_array_equal([[1, 2], [3, np.pi]], value)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("9**9**2", "An exponent has no power in it"),
        ("(9**99)**99", "A number of the formula is not finite"),
        ("1/0", "A number of the formula is not finite"),
        ("(-1)**0.5", "A number of the formula is not real"),
        ("[1, [2, 3]]", "The elements of a list differ in shape"),
        ("y + 1", "y has no value here"),
    ],
)
def test_values_that_are_none_are_refused(text, reason):
    with pytest.raises(InputError, match=f"^{reason}"):
        value_of(text)


def test_whole_numbers_do_not_wrap_around():
    """They meet as floating ones: in int64, 3**41 would not be positive."""
    assert np.power(3.0, 41.0) == value_of("power(3, 41)")
    assert 3.0**41 * 3.0**41 == value_of("3**41*3**41")


def test_names_come_in_the_order_of_their_use():
    """Functions and constants are none."""
    assert ["z", "x", "y"] == names_in(parse("sin(z) + pi*x - e*y + z"))


WRITTEN = {
    "log(x)*y - sin(y)": lambda x, y: np.log(x) * y - np.sin(y),
    "x**y": lambda x, y: x**y,
    "where(x > y, x*y, x/y)": lambda x, y: np.where(x > y, x * y, x / y),
    "[x, y] @ [y, 2]": lambda x, y: np.stack([x, y]) @ np.stack([y, 2.0]),
}


@pytest.mark.parametrize(("text", "written"), WRITTEN.items(), ids=list(WRITTEN))
def test_gradients_are_those_of_the_same_python(text, written):
    """What is computed is what the text says."""
    found = ad.grad(function_of(text, ["x", "y"]), (0, 1), plain_numpy=False)(2.0, 5.0)
    assert ad.grad(written, (0, 1))(2.0, 5.0) == found


def test_every_function_is_differentiable_by_name():
    """Each name is that of a function that explain_rule knows."""
    for function in FUNCTIONS.values():
        assert "no rule" not in str(ad.explain_rule(function))


def test_the_source_line_of_a_formula_is_its_text():
    """Reports and messages show it in the place of a line of Python."""
    text = "log(x1) + x1*x2 - sin(x2)"
    function = function_of(text, ["x1", "x2"])
    report = ad.explain(function, plain_numpy=False, timing=False)(2.0, 5.0)
    assert [("expression", 1, text)] == [
        (line["name"], line["number"], line["text"]) for line in report.data["lines"]
    ]
    assert {"x1": 5.5, "x2": 2 - np.cos(5)} == report.gradients
