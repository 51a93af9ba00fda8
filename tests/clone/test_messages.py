"""What a conversion error says: where the value went, and what can be done there."""

import array
import linecache
import operator
import statistics
import struct

import numpy as np
import pytest
from scipy import integrate, interpolate, optimize, special

import adjoint as ad


def message(f, x=0.5):
    """Return the text of the error that a gradient ends with."""
    with pytest.raises(ad.errors.ConversionError) as caught:
        ad.grad(f)(x)
    return str(caught.value)


def advises(given, advice):
    """Assert that a message has one advice, after what was asked."""
    whole = (
        f" {advice} Or use ad.stop_gradient(x), where no derivative is wanted. x has"
    )
    assert f"which would lose its derivative.{whole}" in given


def reader(t):
    return operator.index(t) * 1.0


HANDED_TO_PYTHON = {
    "scipy.integrate.quad": lambda x: integrate.quad(lambda s: s * x, 0, 1)[0],
    "scipy.integrate.solve_ivp": lambda x: integrate.solve_ivp(
        lambda t, y: -x * y, (0, 1), [1.0]
    ).y[0, -1],
    "scipy.optimize.brentq": lambda x: optimize.brentq(lambda s: s**3 - x, 0, 1),
    "scipy.interpolate.CubicSpline.__init__": lambda x: interpolate.CubicSpline(
        [0, 1, 2], [0, x, 2]
    )(0.5),
    "statistics.NormalDist.pdf": lambda x: statistics.NormalDist().pdf(x),
}


@pytest.mark.parametrize("name", HANDED_TO_PYTHON)
def test_a_function_of_another_package_is_named_with_both_cures(name):
    """By the name under which it is documented, not by that of a private module."""
    given = message(HANDED_TO_PYTHON[name])
    package = name.partition(".")[0]
    advises(
        given,
        f"The value was handed to {name}, which has no derivative rule and whose "
        "source transforms do not follow. Give it a rule with ad.extend.implements, or "
        f"have its source followed with ad.follow('{package}').",
    )


@pytest.mark.parametrize(
    ("name", "f"),
    [
        ("array.array", lambda x: array.array("d", [x])[0]),
        ("_struct.pack", lambda x: struct.unpack("d", struct.pack("d", x))[0]),
        ("_operator.index", lambda x: x * operator.index(x)),
    ],
)
def test_a_function_in_c_is_named_with_the_one_cure(name, f):
    given = message(f)
    advises(
        given,
        f"The value was handed to {name}, which has no derivative rule and is not "
        "written in Python. Give it a rule with ad.extend.implements.",
    )


def test_a_callback_of_a_package_is_named_with_its_caller():
    given = message(lambda x: integrate.quad(reader, 0, x)[0])
    assert "The value was handed to scipy.integrate.quad" in given
    names = {"__name__": "spam"}
    text = "def each(f, x):\n    return f(x)\n"
    exec(compile(text, "/site-packages/spam.py", "exec"), names)  # noqa: S102 - a package
    each = names["each"]
    advises(
        message(lambda x: each(reader, x)),
        "reader was called by spam.each, whose source transforms do not follow, nor "
        "what it calls back. Give spam.each a rule with ad.extend.implements, or have "
        "it followed with ad.follow('spam').",
    )


def test_what_code_in_c_calls_back_is_named():
    advises(
        message(lambda x: operator.call(reader, x)),
        "reader was called back by code in C, which transforms do not follow, so it "
        "ran as it is. Call it directly, or write it with NumPy functions alone.",
    )


def test_a_function_without_readable_source_says_so():
    names = {}
    exec("def f(x):\n    return float(x) * 2", names)  # noqa: S102 - the case at hand
    for function in (names["f"], lambda x: 2.0 * names["f"](x)):
        advises(
            message(function),
            "A transform runs f as it is, since it has no readable source: put it in "
            "a file or a notebook cell, or write it with functions of ad.numpy alone.",
        )


def test_a_function_whose_file_has_changed_says_so(tmp_path):
    file = tmp_path / "changing.py"
    text = "def f(x):\n    return float(x) * 2\n"
    names = {}
    exec(compile(text, str(file), "exec"), names)  # noqa: S102 - a module of its own
    file.write_text(text.replace("2", "3"))
    linecache.checkcache(str(file))
    advises(
        message(names["f"]),
        f"A transform runs f as it is, since it is no longer what stands in {file}: "
        "reload that module, or restart, or write it with functions of ad.numpy alone.",
    )


@pytest.mark.parametrize(
    "f",
    [
        lambda x: [1.0, 2.0][x],
        lambda x: range(x),  # noqa: PLW0108 - a callee that stands in the line
        lambda x: np.zeros(3)[x],
    ],
)
def test_what_is_no_call_of_a_function_needs_no_further_sentence(f):
    assert "handed to" not in message(f)
    assert "as it is" not in message(f)


def test_a_nested_transform_explains_once():
    def inner(y):
        return integrate.quad(lambda s: s * y, 0, 1)[0]

    given = message(lambda x: 2.0 * ad.grad(inner)(x))
    assert given.count("scipy.integrate.quad,") == 1


def test_a_missing_rule_names_the_door_for_it():
    with pytest.raises(ad.errors.MissingRuleError, match=r"ad\.extend\.implements"):
        ad.grad(lambda x: special.mathieu_a(1.0, [x, 1.0])[0])(0.5)
