"""``ad.diagnose``: zero gradients with their reasons; vanishing, exploding ones."""

import re
import warnings
from pathlib import Path

import numpy as np
import pytest

import adjoint as ad

X = np.array([1.0, 2.0])
HERE = Path(__file__).name


def dead_where(x):
    return np.sum(np.where(np.array([False, False]), x, 1.0))


def dead_maximum(x):
    return np.sum(np.maximum(x, 5.0))


def dead_clip(x):
    return np.sum(np.clip(x, 3.0, 4.0))


def integer_cast(x):
    return np.sum(x.astype(int) * 2.0)


def stopped(x):
    return np.sum(ad.stop_gradient(x) ** 2)


def comparison(x):
    return np.sum((x > 1.5) * 3.0)


def rounded(x):
    return np.sum(np.floor(x))


def not_used(_x):
    return 3.0


def computed_for_nothing(x):
    nothing = np.sin(x)
    assert nothing.shape == (2,)
    return 2.0


def times_zero(x):
    return np.sum(x * np.zeros(2))


def overwritten(x):
    y = x * 2.0
    y[:] = 1.0
    return np.sum(y)


def saturated(x):
    return np.sum(np.tanh(x * 100.0))


def canceling(x):
    return np.sum(x * 2.0 - x - x)


def minus_itself(x):
    return np.sum(x - x)


def not_selected(x):
    return np.max(np.concatenate([x, np.array([5.0])]))


def rule_of_zero(x):
    flat = ad.custom_vjp(lambda y: y * 1.0)
    flat.defvjp(lambda y: (y * 1.0, None), lambda _, bar: (bar * 0.0,))
    return np.sum(flat(x))


def counted(x):
    return int(x[1]) * 2.0


def an_index(x):
    return np.ones(3)[int(x[0])]


def switched(x):
    return 3.0 if x[0] else 4.0


REASONS = [
    (dead_where, "np.where takes the other branch at every element"),
    (dead_maximum, "the other operand of np.maximum is larger at every element"),
    (dead_clip, "np.clip takes a bound at every element"),
    (integer_cast, "a cast to integers or booleans has derivative 0"),
    (stopped, "ad.stop_gradient makes it a constant"),
    (comparison, "a comparison (np.greater) has derivative 0"),
    (rounded, "np.floor is piecewise constant: its derivative is 0"),
    (counted, "Python takes one integer (int) from it, which has derivative 0"),
    (an_index, "Python takes one integer (int) from it, which has derivative 0"),
    (switched, "Python takes one truth value (if, while, and, or) from it"),
    (not_used, "it is not used"),
    (computed_for_nothing, "what is computed of it does not lead to the result"),
    (times_zero, "it is multiplied by exactly 0"),
    (overwritten, "every element is overwritten"),
    (saturated, "np.tanh is saturated: its slope has underflowed to 0"),
    (canceling, "contributions to it cancel, as in x - x"),
    (minus_itself, "contributions to it cancel, as in x - x"),
    (not_selected, "its part of what np.concatenate returns has no influence"),
    (rule_of_zero, "a function with its own rule gives exactly 0"),
]


def line_in(function, text):
    first = function.__code__.co_firstlineno
    lines = Path(__file__).read_text(encoding="utf-8").splitlines()
    return first + next(k for k, line in enumerate(lines[first - 1 :]) if text in line)


@pytest.mark.parametrize(
    ("function", "reason"), REASONS, ids=[one.__name__ for one, _ in REASONS]
)
def test_a_zero_gradient_has_its_reason_and_line(function, reason):
    (found,) = ad.diagnose(function)(X).inputs
    assert found.is_zero
    assert (2, 2) == (found.zeros, found.size)
    (told,) = found.reasons
    assert told.startswith(reason)
    if function is not not_used:
        (number,) = re.findall(rf"\({HERE}:(\d+): `", told)
        marks = {"overwritten": "y[:]", "computed_for_nothing": "nothing ="}
        mark = marks.get(function.__name__, "return")
        assert line_in(function, mark) == int(number)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_value_that_is_nan_stands_out():
    (note,) = ad.diagnose(lambda x: np.sum(np.log(x)))(np.array([1.0, -2.0])).notes
    assert note.startswith("The value is not finite. Compute it once with debug=True")


def test_a_value_in_the_place_of_a_function_is_refused():
    with pytest.raises(ad.errors.InputError, match=r"Write ad\.diagnose\(f\)\(x\)"):
        ad.diagnose(dead_where(X))


def test_a_healthy_gradient_has_no_note():
    found = ad.diagnose(lambda x: np.sum(x**2))(X)
    assert () == found.notes
    assert 5.0 == found.value
    (one,) = found.inputs
    assert ("x", (2,), 4.0, 0, 2) == (
        one.name,
        one.shape,
        one.largest,
        one.zeros,
        one.size,
    )
    assert str(found).endswith("Nothing stands out.")


def test_an_empty_argument_has_no_zero_gradient():
    found = ad.diagnose(lambda x, y: np.sum(x) + np.sum(y))(np.zeros(0), X)
    assert [False, False] == [one.is_zero for one in found.inputs]
    assert () == found.notes


def test_a_gradient_that_is_not_finite_points_to_the_debugger():
    (note,) = ad.diagnose(lambda x: np.sum(np.sqrt(x)))(np.zeros(2)).notes
    assert note.startswith("x: its gradient is not finite.")
    assert "ad.grad(f, debug=True)" in note


def test_the_elements_of_a_mean_have_not_vanished():
    assert () == ad.diagnose(np.mean)(np.ones(2_000_000)).notes


def test_adjoints_that_vanish_at_an_input_are_told_with_its_name():
    (note,) = ad.diagnose(lambda x: np.sum(x * 1e-7))(X).notes
    assert note.startswith(
        "Adjoints vanish: from 1 at the result they fall to 1e-07 at x."
    )


def test_elements_that_are_zero_are_counted():
    (one,) = ad.diagnose(lambda x: np.sum(np.maximum(x, 1.5)))(X).inputs
    assert (1, 2, False) == (one.zeros, one.size, one.is_zero)


def test_leaves_of_trees_are_named_and_integers_left_out():
    def loss(weights, count, scale):
        return np.sum(weights["a"]) * count * scale

    found = ad.diagnose(loss)({"a": X, "b": X}, 3, 2.0)
    assert ["weights['a']", "weights['b']", "scale"] == [
        one.name for one in found.inputs
    ]
    assert [False, True, False] == [one.is_zero for one in found.inputs]


def deep(x, factor):
    for _ in range(50):
        x = np.sin(x) * factor
    return np.sum(x)


def test_adjoints_that_vanish_are_told_with_their_line():
    (note,) = ad.diagnose(deep, 0)(X, 0.25).notes
    assert note.startswith("Adjoints vanish: from 1 at the result they fall to ")
    assert f"({HERE}:{line_in(deep, 'np.sin')}: `x = np.sin(x) * factor`)" in note


def test_adjoints_that_explode_are_told_with_their_line():
    (note,) = ad.diagnose(lambda x: deep(x, 5.0), 0)(X * 1e-40).notes
    assert note.startswith("Adjoints explode: from 1 at the result they grow to ")
    assert f"({HERE}:{line_in(deep, 'np.sin')}: `x = np.sin(x) * factor`)" in note


def test_lines_stand_in_the_order_of_the_backward_pass():
    lines = ad.diagnose(deep, 0)(X, 1.0).lines
    assert [1, 100] == [one.count for one in lines]
    assert ["return np.sum(x)", "x = np.sin(x) * factor"] == [one.text for one in lines]
    assert lines[0].first == lines[0].last == 1.0


def test_a_dead_branch_after_a_checkpoint_is_found():
    def loss(x):
        return np.sum(np.minimum(ad.checkpoint(np.sin)(x), -2.0))

    (one,) = ad.diagnose(loss)(X).inputs
    assert "the other operand of np.minimum is smaller" in one.reasons[0]


def test_notebooks_get_a_table():
    page = ad.diagnose(dead_where)(X)._repr_html_()
    assert "<td" in page
    assert "np.where takes the other branch" in page
    assert page.count("<table>") == 2


def test_names_in_the_table_are_escaped():
    page = ad.diagnose(comparison)(X)._repr_html_()
    assert "(x &gt; 1.5)" in page
    assert "(x > 1.5)" not in page


def test_no_argument_to_differentiate_is_refused():
    with pytest.raises(ad.errors.InputError, match="no argument to differentiate by"):
        ad.diagnose(lambda n: n * 2)(3)


def test_a_whole_argument_without_influence_is_warned_of():
    with ad.debug(inputs=True), pytest.warns(ad.errors.NoInfluenceWarning) as seen:
        ad.grad(lambda x, y: np.sum(x) + 0 * y["a"].shape[0], (0, 1))(X, {"a": X})
    (one,) = seen
    assert str(one.message).startswith("Argument 1 does not influence the result")
    assert __file__ == one.filename


def test_a_result_without_any_influence_is_warned_of():
    with ad.debug(inputs=True), pytest.warns(ad.errors.NoInfluenceWarning) as seen:
        ad.grad(not_used)(X)
    assert str(seen[0].message).startswith("Argument 0 does not influence")


def test_arguments_with_influence_are_not_warned_of():
    with warnings.catch_warnings(), ad.debug(inputs=True):
        warnings.simplefilter("error")
        ad.grad(dead_where)(X)
        ad.grad(lambda x, y: np.sum(x * y[0]), (0, 1))(X, [X, X])
