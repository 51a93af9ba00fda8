"""Variables: gradients as more graph, one sweep, zeros, refusals, memory."""

import copy
import gc
import operator
import pickle
import threading
import weakref

import numpy as np
import pytest

import adjoint as ad
from adjoint._core.nodes import Node
from adjoint.errors import (
    ConversionError,
    GraphError,
    InputError,
    MissingAttributeError,
    MutationError,
    OutputError,
    ShapeError,
)


def test_a_variable_has_value_shape_and_dtype():
    x = ad.variable(3.0)
    assert (3.0, (), np.float64) == (x.value, x.shape, x.dtype)
    w = ad.variable(np.ones((2, 3), np.float32))
    assert ((2, 3), np.float32) == (w.shape, w.dtype)
    assert "variable(3.0)" == repr(x)
    assert 6.0 == (2 * x).value


def test_the_issues_first_example():
    x = ad.variable(3.0)
    y = 2 * x + 10
    assert 2.0 == y.grad(x).value
    assert isinstance(y.grad(x), type(x))


def test_every_derivative_of_a_power_down_to_zero():
    x = ad.variable(2.0)
    derivative = x**3
    found = []
    for _ in range(5):
        derivative = derivative.grad(x)
        found.append(derivative.value)
    assert [12.0, 12.0, 6.0, 0.0, 0.0] == found


def test_several_targets_from_one_sweep():
    x, w = ad.variable(3.0), ad.variable(np.array([1.0, 2.0]))
    z = np.sum(w * w) * x
    by_x, by_w = z.grad([x, w])
    assert 5.0 == by_x.value
    np.testing.assert_array_equal([6.0, 12.0], by_w.value, strict=True)
    named = z.grad({"w": w, "rest": (x,)})
    assert 5.0 == named["rest"][0].value


def test_the_sweep_runs_once_for_all_targets(monkeypatch):
    """The slope of exp is asked for once, whatever is differentiated by."""
    calls = []
    record = next(one for one in ad.trace(np.exp)(1.0).equations).record
    inner = record.rules[0]

    def counted(self, k):
        if self is not record:
            return self.rules[k]
        return lambda out, x: calls.append(1) or inner(out, x)

    monkeypatch.setattr(type(record), "rule", counted)
    x, y = ad.variable(1.0), ad.variable(2.0)
    np.exp(x * y).grad([x, y])
    assert [1] == calls


def test_a_target_on_the_way_keeps_its_cotangent():
    """Each is differentiated by as if alone: flow goes on below an inner target."""
    x = ad.variable(3.0)
    w = x * x
    y = w * x
    assert [27.0, 3.0] == [one.value for one in y.grad([x, w])]
    assert [3.0, 27.0] == [one.value for one in y.grad([w, x])]
    assert 3.0 == y.grad(w).value
    assert 1.0 == y.grad(y).value


def test_an_argument_of_a_function_is_a_fresh_identity():
    x = ad.variable(3.0)
    assert 6.0 == ad.grad(lambda u: u * (x * 2))(x).value


def test_transforms_see_constants_and_results_are_recorded():
    x = ad.variable(3.0)
    slope = ad.grad(lambda u: np.sin(u * x))(2.0)
    np.testing.assert_allclose(3.0 * np.cos(6.0), slope.value)
    np.testing.assert_allclose(
        np.cos(6.0) - 6.0 * np.sin(6.0), slope.grad(x).value, rtol=1e-15
    )
    out, dot = ad.jvp(lambda u: u * x, (2.0,), (x,))
    assert (2.0, 6.0) == (out.grad(x).value, dot.grad(x).value)
    rows = ad.vmap(lambda u: u * x)(np.arange(3.0))
    assert 3.0 == np.sum(rows).grad(x).value
    hessian = ad.hessian(lambda u: np.sum(u**3) * x)(np.ones(2))
    np.testing.assert_array_equal(6.0 * np.eye(2) * 3.0, hessian.value)
    assert 12.0 == np.sum(hessian).grad(x).value


def test_dual_numbers_of_variables_carry_both():
    x = ad.variable(3.0)
    for y in (ad.dual(2.0, 1.0) * x, x * ad.dual(2.0, 1.0)):
        assert 3.0 == y.tangent.value
        assert 2.0 == y.primal.grad(x).value


def test_zeros_for_what_does_not_matter():
    x, w = ad.variable(3.0), ad.variable(np.ones(2, np.float32))
    zero = (x * x).grad(w)
    np.testing.assert_array_equal(np.zeros(2, np.float32), zero.value, strict=True)
    assert 0.0 == zero.grad(x, seed=np.ones(2)).value
    assert 0.0 == (np.floor(x) * 2.0).grad(x).value
    later = ad.variable(1.0)
    assert 0.0 == (x * x).grad(later).value


def test_gradients_have_the_form_of_their_targets():
    w = ad.variable(np.ones(2, np.float32))
    out = np.sum(w * np.ones(2)).grad(w)
    assert np.float32 == out.dtype
    x = ad.variable(2.0)
    z = np.sum((x * np.array([1.0, 1j])).imag)
    assert 1.0 == z.grad(x).value


def test_a_seed_is_a_cotangent():
    x = ad.variable(np.arange(3.0))
    y = x**2
    np.testing.assert_array_equal([0.0, 4.0, 0.0], y.grad(x, seed=[0, 2.0, 0]).value)
    seed = ad.variable(np.ones(3))
    assert 6.0 == np.sum(y.grad(x, seed=seed)).grad(seed, seed=1.0).value.sum()
    with pytest.raises(OutputError, match=r"y.grad\(x\) needs a seed: y is an array"):
        y.grad(x)
    with pytest.raises(ShapeError, match=r"the seed has shape \(2,\), y has shape"):
        y.grad(x, seed=np.ones(2))
    with pytest.raises(OutputError, match="a complex number"):
        (x[0] * 1j).grad(x)
    for wrong in (1j * np.ones(3), ["a", "b", "c"]):
        with pytest.raises(InputError, match="Give real numbers for a real y"):
            y.grad(x, seed=wrong)


@pytest.mark.parametrize(
    ("pair", "at"),
    [
        (lambda x: np.abs(x) ** 2, 0.0),
        (lambda x: np.sqrt(x * x) ** 2, 0.0),
        (lambda x: np.maximum(x, 0.0) ** 2, 0.0),
        (lambda x: np.log(1.0 + np.exp(x)), 800.0),
        (lambda x: np.log1p(np.exp(x)), 800.0),
        (lambda x: 1.0 / (1.0 + np.exp(-x)), -800.0),
        (lambda x: np.where(x > 0, x * np.log(x), 0.0), 0.0),
    ],
)
def test_pairs_of_functions_keep_the_derivatives_of_their_own(pair, at):
    with np.errstate(all="ignore"):
        x = ad.variable(at)
        first = pair(x).grad(x)
        assert ad.grad(pair)(at) == first.value
        assert ad.grad(ad.grad(pair))(at) == first.grad(x).value


def test_the_norm_squared_is_smooth_at_zero():
    x = ad.variable(np.zeros(3))
    hessian_row = (np.linalg.norm(x) ** 2).grad(x)[0].grad(x)
    np.testing.assert_array_equal([2.0, 0.0, 0.0], hessian_row.value)


def test_control_flow_looks_at_values():
    x = ad.variable(3.0)
    y = x * 2.0 if x > 1 else -x
    assert 2.0 == y.grad(x).value
    assert [9.0] == [one.value for one in [x * x] if one > x]


def test_writes_make_new_variables_of_what_is_written_into():
    x = ad.variable(np.arange(3.0))
    y = x * 1.0
    view = y[1:]
    y[1] = 10.0 * x[0]
    np.testing.assert_array_equal([0.0, 2.0], view.value)
    np.testing.assert_array_equal([11.0, 0.0, 1.0], np.sum(y).grad(x).value)
    with pytest.raises(ValueError, match="read-only"):
        y.value[0] = 1.0


def test_a_target_that_was_overwritten_is_refused():
    x = ad.variable(np.arange(3.0))
    y = np.sum(x * x)
    x[0] = 5.0
    with pytest.raises(MutationError, match="x was written into after y"):
        y.grad(x)
    np.testing.assert_array_equal([10.0, 2.0, 4.0], np.sum(x * x).grad(x).value)


def test_a_value_that_is_assigned_is_refused():
    """What was computed with the old one would be differentiated at it."""
    x = ad.variable(1.0)
    with pytest.raises(
        MutationError, match=r"cannot be assigned .*Make a new variable"
    ):
        x.value = 5.0
    assert 2.0 == (x * x).grad(x).value


@pytest.mark.parametrize(
    "change", [operator.iadd, operator.isub, operator.imul, operator.ipow]
)
def test_a_target_that_became_another_number_is_refused(change):
    x = ad.variable(2.0)
    y = x * x
    x = change(change(x, 3.0), 2.0)
    with pytest.raises(MutationError, match=r"was changed in place .* after y"):
        y.grad(x)
    assert 2.0 * x.value == (x * x).grad(x).value
    assert 0.0 == y.grad(x + 1.0).value


def test_a_name_is_shown():
    x = ad.variable(2.0, name="x")
    assert ["variable(2.0, name='x')", "variable(4.0)"] == [repr(x), repr(x * x)]


def test_constants_are_copied():
    x, factor = ad.variable(np.ones(2)), np.full(2, 3.0)
    y = np.sum(x * factor)
    factor[:] = 100.0
    np.testing.assert_array_equal([3.0, 3.0], y.grad(x).value)
    start = np.ones(2)
    x = ad.variable(start)
    y = np.sum(x * x)
    start[:] = 7.0
    np.testing.assert_array_equal([2.0, 2.0], y.grad(x).value)


def test_copies_have_a_history():
    x = ad.variable(np.ones(2))
    for other in (copy.copy(x), copy.deepcopy(x), x.copy()):
        np.testing.assert_array_equal([1.0, 1.0], np.sum(other).grad(x).value)


# Refusals


@pytest.mark.parametrize(
    "conversion",
    [float, complex, np.asarray, lambda x: np.array([x, 1.0]), hash, pickle.dumps],
)
def test_conversions_name_the_value(conversion):
    with pytest.raises(ConversionError, match=r"x\.value where the value alone"):
        conversion(ad.variable(3.0))


@pytest.mark.parametrize("value", ["text", None, np.arange(3)])
def test_what_is_no_real_number_is_refused(value):
    with pytest.raises(InputError, match="variable was asked to differentiate by"):
        ad.variable(value)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (
            [1.0, 2.0],
            r"given was a list\. Make an array of its numbers, np\.array\(x\)",
        ),
        ((1.0,), "given was a tuple"),
        ({"a": 1.0}, "given was a dict"),
        (True, r"given was a truth value\. Give a float"),
        (np.True_, "given was a truth value"),
    ],
)
def test_containers_and_truth_values_are_no_variables(value, said):
    with pytest.raises(InputError, match=f"takes a number or an array; {said}"):
        ad.variable(value)


def test_several_targets_may_be_given_one_by_one():
    x, w = ad.variable(3.0), ad.variable(2.0)
    assert (4.0, 12.0) == tuple(one.value for one in (x * w * w).grad(x, w))
    with pytest.raises(InputError, match=r"takes the variables .*: y\.grad\(x\)"):
        (x * w).grad()


def test_the_gradient_of_a_traced_value_is_the_transforms():
    with pytest.raises(MissingAttributeError, match=r"`x\.grad` belongs to variables"):
        ad.grad(lambda x: (x * x).grad(x))(2.0)
    assert 4.0 == ad.grad(lambda x: 0.0 if hasattr(x, "grad") else x * x)(2.0)


def test_traced_values_are_no_variables():
    with pytest.raises(InputError, match="recorded already"):
        ad.grad(lambda x: ad.variable(x) * 2.0)(1.0)
    with pytest.raises(InputError, match="recorded already"):
        ad.variable(ad.variable(1.0))
    assert 2.0 == ad.grad(lambda x: x * ad.variable(2.0).value)(1.0)


@pytest.mark.parametrize("target", [3.0, "x", np.ones(2)])
def test_only_variables_can_be_differentiated_by(target):
    x = ad.variable(2.0)
    with pytest.raises(InputError, match="takes the variables to differentiate by"):
        (x * x).grad(target)


def test_a_handle_of_a_transform_is_no_target():
    x = ad.variable(2.0)
    with pytest.raises(InputError, match="takes the variables"):
        ad.grad(lambda u: u * (x * x).grad(u))(1.0)


def in_thread(function):
    found = []

    def run():
        try:
            found.append(function())
        except Exception as error:  # noqa: BLE001 - handed to the test
            found.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return found[0]


def test_variables_of_two_threads_do_not_mix():
    x = ad.variable(2.0)
    for operation in (
        lambda: x * ad.variable(3.0),
        lambda: ad.variable(3.0) * x,
        lambda: np.stack([ad.variable(3.0), x]),
        lambda: np.hypot(x, ad.variable(1.0)),
    ):
        error = in_thread(operation)
        assert type(error) is GraphError
        assert "Variables of two threads met in one operation" in str(error)
    error = in_thread(lambda: ad.variable(3.0).grad(x))
    assert "one of another thread" in str(error)
    assert 4.0 == in_thread(lambda: (x * x).grad(x)).value


# Memory


def test_a_million_operations_need_no_recursion_and_leave_nothing():
    gc.collect()
    before = sum(type(one) is Node for one in gc.get_objects())
    gc.disable()
    try:
        x = ad.variable(1.0)
        y = x
        for _ in range(1_000_000):
            y = y + 1e-6
        slope = y.grad(x)
        assert 1.0 == slope.value
        text = str(ad.Graph.of(y))
        assert "... 999,700 equations not shown" in text
        del x, y, slope
        after = sum(type(one) is Node for one in gc.get_objects())
    finally:
        gc.enable()
    assert before == after


def test_a_long_chain_of_products_is_differentiated_twice():
    x = ad.variable(1.0)
    y = x
    for _ in range(3000):
        y = y * x
    assert 3001.0 * 3000.0 == y.grad(x).grad(x).value


def test_what_nothing_leads_to_is_freed_at_once():
    gc.disable()
    try:
        x = ad.variable(np.ones(10))
        y = np.exp(x)
        kept = weakref.ref(y.value)
        z = y * 2.0
        del y
        assert kept() is not None
        del z
        assert kept() is None
    finally:
        gc.enable()


# Their graphs


def test_the_graph_of_variables_has_their_names_and_values():
    x, w = ad.variable(3.0, name="x"), ad.variable(2.0)
    graph = ad.Graph.of({"loss": np.sin(x) * w})
    graph.check()
    assert ["x", ""] == [node.name for node in graph.inputs]
    assert [np.sin(3.0), np.sin(3.0) * 2.0] == [one.value for one in graph.equations]
    assert "v0  = x2" in str(graph)
    with pytest.raises(GraphError, match="cannot be computed for other values"):
        graph(1.0, 2.0)
    with pytest.raises(InputError, match="takes variables"):
        ad.Graph.of(3.0)


def test_a_gradient_has_a_graph():
    x = ad.variable(3.0)
    graph = ad.Graph.of((x**3).grad(x))
    graph.check()
    assert {"multiply", "square", "power"} >= {
        one.record.name for one in graph.equations
    }
