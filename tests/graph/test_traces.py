"""Graphs of functions: what they hold, how they are computed again, refusals."""

import queue
import tracemalloc

import numpy as np
import pytest

import adjoint as ad
from adjoint._core.graph import Graph, Guard, Signature
from adjoint._core.nodes import WEAK, ancestors
from adjoint.errors import GraphError, InputError


def operations(graph):
    return [node.record.name for node in graph.equations]


def test_equations_have_records_parents_shapes_dtypes_and_lines():
    def f(x, w):
        return np.sum(np.sin(x) * w)

    graph = ad.trace(f)(np.ones((2, 3), np.float32), 2.0)
    x, w = graph.inputs
    sine, product, total = graph.equations
    assert ["sin", "multiply", "sum"] == operations(graph)
    assert (sine.parents, product.parents) == ((x,), (sine, w))
    assert (total.parents, graph.outputs) == ((product,), (total,))
    assert [(2, 3), (2, 3), ()] == [node.shape for node in graph.equations]
    assert {np.dtype(np.float32)} == {node.dtype for node in graph.equations}
    assert (np.dtype(np.float32), WEAK) == (x.dtype, w.dtype)
    assert ("test_traces.py", "f") == (sine.line.file, sine.line.function)
    assert "return np.sum(np.sin(x) * w)" == sine.line.text
    assert {None} == {node.value for node in graph.equations}
    assert (3, "f") == (len(graph), graph.name)


def test_inputs_are_named_after_parameters_and_paths():
    def f(params, *rest, scale=1.0):
        return params["w"] @ params["b"][0] + rest[0] * rest[1] * scale

    tree = {"w": np.ones(2), "b": [np.ones(2)]}
    graph = ad.trace(f)(tree, 1.0, 2.0)
    names = ["params['b'][0]", "params['w']", "rest[0]", "rest[1]"]
    assert names == [node.name for node in graph.inputs]
    assert 4.0 + 6.0 == graph({"w": np.full(2, 2.0), "b": [np.ones(2)]}, 2.0, 3.0)


def test_results_come_back_in_their_containers():
    graph = ad.trace(lambda x: {"twice": 2 * x, "more": [x, (x + 1.0, "text", 7.0)]})(
        3.0
    )
    assert {"twice": 8.0, "more": [4.0, (5.0, "text", 7.0)]} == graph(4.0)


def test_composites_keep_the_name_the_user_called():
    graph = ad.trace(lambda x: np.var(x) + x.mean())(np.arange(3.0))
    callers = [node.function for node in graph.equations]
    assert np.var in callers
    assert np.mean in callers
    assert "in np.var" in str(graph)
    assert graph.equations[-1].function is np.add


def test_several_results_are_one_equation_and_one_line_each():
    def f(a):
        values, vectors = np.linalg.eigh(a)
        return values[0] + vectors[0, 0]

    graph = ad.trace(f)(np.diag([1.0, 2.0]))
    call = graph.equations[0]
    picked = [node for node in graph.equations if node.output is not None]
    assert ("eigh", None) == (call.record.name, call.shape)
    assert [0, 1] == [node.output for node in picked]
    assert {call} == {node.parents[0] for node in picked}
    graph.check()
    assert f(np.diag([3.0, 2.0])) == graph(np.diag([3.0, 2.0]))


@pytest.mark.parametrize(
    "transform",
    [
        ad.grad,
        lambda f: lambda x: ad.jvp(f, (x,), (np.ones(3),))[1],
        lambda f: lambda x: ad.vjp(f, x)[1](1.0)[0],
        ad.hessian,
        lambda f: ad.hessian(ad.trace(f)(np.ones(3))),
        lambda f: ad.vmap(ad.grad(lambda y: f(y * np.ones(3)))),
        lambda f: lambda x: ad.hvp(f, x, np.arange(3.0)),
        lambda f: ad.jacfwd(ad.grad(f)),
        lambda f: ad.grad(ad.checkpoint(f)),
    ],
)
def test_transforms_inside_are_recorded_as_what_they_compute(transform):
    def f(x):
        return np.sum(np.exp(x[1:]) * x[:-1] ** 2) / (1.0 + np.mean(x * x))

    g = transform(f)
    graph = ad.trace(g)(np.array([0.5, 1.0, 2.0]))
    graph.check()
    again = np.array([0.25, -1.0, 1.5])
    np.testing.assert_allclose(graph(again), g(again), rtol=1e-14)


def test_a_graph_is_a_function_for_transforms():
    f = lambda x, y: np.sin(x) * y**2  # noqa: E731
    graph = ad.trace(f)(1.0, 2.0)
    assert ad.grad(f, (0, 1))(0.5, 3.0) == ad.grad(graph, (0, 1))(0.5, 3.0)
    again = ad.trace(graph)(1.0, 2.0)
    assert operations(graph) == operations(again)
    xs = np.arange(3.0)
    batched = ad.vmap(graph, (0, None))(xs, 2.0)
    np.testing.assert_array_equal(np.sin(xs) * 4.0, batched)


def test_python_numbers_stay_weak():
    """2.0 * float32 is float32, though a float64 variable of NumPy's would not be."""
    f = lambda a, x: 2.0 * a * x + (a + 1)  # noqa: E731
    graph = ad.trace(f)(3.0, np.ones(2, np.float32))
    assert np.float32 == graph(5.0, np.ones(2, np.float32)).dtype
    assert type(ad.trace(lambda a: a * 2)(3)(4)) is int
    with pytest.raises(ZeroDivisionError):
        ad.trace(lambda a: 1.0 / a)(2.0)(0.0)


def test_masks_and_positions_stay_dataflow():
    def f(x):
        top = x[np.argmax(x)]
        return np.where(x > 0.5 * top, x, 0.0) + np.maximum(x, 1.0)

    graph = ad.trace(f)(np.array([1.0, 5.0, 3.0]))
    assert () == graph.guards
    again = np.array([7.0, 2.0, 6.0, 1.0][:3])
    np.testing.assert_array_equal(f(again), graph(again))


# Writes, and arrays of others


def test_writes_are_recorded():
    def f(x):
        y = np.zeros(3)
        for k in range(3):
            y[k] = x[k] ** k
        y[1:] *= 2.0
        x[0] = 9.0
        return y + x

    graph = ad.trace(f)(np.arange(3.0))
    graph.check()
    again = np.array([1.0, 2.0, 5.0])
    np.testing.assert_array_equal(f(again.copy()), graph(again))
    np.testing.assert_array_equal([1.0, 2.0, 5.0], again)


def test_plain_arrays_are_kept_as_they_were_when_met():
    buffer = np.zeros(1)

    def f(x):
        for factor in (1.0, 2.0, 3.0):
            buffer[:] = factor
            x = x * buffer
        return x

    graph = ad.trace(f)(np.array([1.0]))
    buffer[:] = 100.0
    np.testing.assert_array_equal([12.0], graph(np.array([2.0])))


def test_a_large_array_met_again_is_copied_once():
    big = np.ones(10_000)
    graph = ad.trace(lambda x: x * big + big)(2.0)
    one, other = (node.parents[1] for node in graph.equations)
    assert one is other
    assert not np.shares_memory(one, big)
    big[0] = 5.0
    assert 4.0 == graph(3.0)[0]


def test_a_workspace_of_the_surroundings_is_followed():
    class Model:
        def __init__(self):
            self.work = np.zeros(2)

        def run(self, x):
            self.work[0] = x
            self.work[1] = x * x
            return np.sum(self.work)

    model = Model()
    graph = ad.trace(model.run)(2.0)
    assert 12.0 == graph(3.0)
    np.testing.assert_array_equal([2.0, 4.0], model.work)


def test_the_function_is_a_clone_unless_told_otherwise():
    f = lambda x: np.array([x, 1.0])  # noqa: E731
    np.testing.assert_array_equal([3.0, 1.0], ad.trace(f)(2.0)(3.0))
    with pytest.raises(ad.errors.ConversionError):
        ad.trace(f, plain_numpy=False)(2.0)


def test_custom_rules_travel_with_their_call():
    @ad.custom_vjp
    def f(x):
        return np.sin(x)

    f.defvjp(lambda x: (np.sin(x), x), lambda x, bar: (10.0 * bar,))
    graph = ad.trace(lambda x: f(x) * 2.0)(1.0)
    assert 20.0 == ad.grad(graph)(5.0)
    assert 20.0 == graph.table("reverse").rows[0].derivative
    x = ad.variable(1.0)
    assert 20.0 == (f(x) * 2.0).grad(x).value


def test_a_stopped_gradient_is_no_constant_of_the_graph():
    f = lambda x: x * ad.stop_gradient(x * x)  # noqa: E731
    graph = ad.trace(f)(3.0)
    assert f(4.0) == graph(4.0)
    assert ad.grad(f)(4.0) == ad.grad(graph)(4.0) == 16.0
    assert 9.0 == graph.table("reverse").rows[0].derivative
    gradient = ad.trace(ad.grad(f))(3.0)
    assert 16.0 == gradient(4.0)
    x = ad.variable(3.0)
    assert 9.0 == f(x).grad(x).value
    assert 3.0 == ad.stop_gradient(x)
    rows = ad.trace(ad.vmap(f))(np.arange(3.0))
    np.testing.assert_array_equal([1.0, 8.0, 27.0], rows(np.arange(1.0, 4.0)))


def test_values_that_nobody_needs_any_more_are_freed():
    """A call holds what is still to be read, not every intermediate array."""

    def f(x):
        for _ in range(50):
            x = np.sin(x)
        return x

    graph = ad.trace(f)(np.ones(100_000))
    tracemalloc.start()
    graph(np.ones(100_000))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5 * 800_000


# What is refused


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (
            (np.ones(3), 2.0, "a"),
            r"shape \(2,\) and dtype float64; given was one of sh",
        ),
        (
            (np.ones(2), np.ones(2), "a"),
            "recorded for y, a Python number; given was one of shape",
        ),
        ((np.ones(2), 2.0, "b"), "the argument 'a', which is no number"),
        (([np.ones(2)], 2.0, "a"), "other containers"),
        ((np.ones(2), 2.0), "other containers"),
        ((np.ones(2, complex), 2.0, "a"), "dtype float64"),
    ],
)
def test_other_arguments_are_refused_in_words(args, words):
    graph = ad.trace(lambda x, y, _mode: x * y)(np.ones(2), 1.0, "a")
    with pytest.raises(InputError, match=words):
        graph(*args)


def test_arguments_that_lose_nothing_are_taken():
    graph = ad.trace(lambda x, y: x * y)(np.ones(2), 1.0)
    out = graph(np.ones(2, np.float32), 3)
    np.testing.assert_array_equal(np.full(2, 3.0), out, strict=True)


def test_values_that_outlive_their_graph_raise_where_no_hook_sees_them():
    kept, seen = queue.SimpleQueue(), []
    ad.trace(lambda x: kept.put(x) or seen.append(x) or x)(1.0)
    assert [1.0] == seen
    with pytest.raises(ad.errors.LeakError):
        kept.get() + 1.0


def broken(change):
    graph = ad.trace(lambda x, y: np.sin(x) * y + x)(np.ones(2), 2.0)
    change(*graph.equations)
    return graph


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda _s, p, _a: setattr(p, "shape", (3,)), "the equation says float64 of"),
        (lambda s, _p, _a: setattr(s, "dtype", np.dtype("f4")), "the operands give"),
        (lambda s, _p, a: setattr(s, "number", a.number + 1), "does not stand before"),
        (lambda s, p, _a: setattr(s, "parents", (*s.parents, p.parents[1])), "takes 1"),
        (lambda _s, p, _a: setattr(p, "parents", (p.parents[0], np.ones(5))), "cannot"),
    ],
)
def test_check_finds_what_is_not_legal(change, words):
    with pytest.raises(GraphError, match=words):
        Graph.check(_rebuilt(broken(change)))


def _rebuilt(graph):
    return Graph(graph.name, graph.inputs, graph.outputs)


def test_check_finds_an_operand_that_is_nowhere():
    graph = ad.trace(lambda x, y: x * y)(1.0, 2.0)
    with pytest.raises(GraphError, match="is no input"):
        Graph("f", graph.inputs[:1], graph.outputs).check()
    with pytest.raises(GraphError, match="one name twice"):
        Graph("f", graph.inputs[:1] * 2, graph.inputs[:1]).check()
    with pytest.raises(GraphError, match="is an equation"):
        Graph("f", graph.equations, graph.outputs).check()


# Reading


def test_long_graphs_are_folded_and_say_so():
    def f(x):
        for _ in range(1000):
            x = np.sin(x)
        return x

    graph = ad.trace(f)(1.0)
    assert 1000 == len(graph)
    text = str(graph)
    assert "... 700 equations not shown" in text
    assert 304 == len(text.splitlines())
    assert "700 equations not shown" in graph._repr_html_()


def test_arguments_of_graphs_have_no_names():
    graph = ad.trace(lambda a, b: a * b)(2.0, 3.0)
    with pytest.raises(InputError, match=r"by position, in the order \(a, b\)"):
        graph(2.0, b=3.0)
    with pytest.raises(InputError, match="a, b were given by keyword, as constants"):
        ad.trace(lambda a, b: a * b)(a=2.0, b=np.ones(2))
    assert 1 == len(ad.trace(lambda a, b: a * b)(2.0, b=3.0).inputs)
    assert 0 == len(ad.trace(lambda mode: 1.0)(mode="fast").inputs)


def test_listings_show_guards_and_escape():
    graph = ad.trace(lambda x: x * 2.0 if x < 1 else x)(0.5)
    assert "holds for bool(v1) == True" in str(graph)
    assert "v0 &lt; 1" in graph._repr_html_()
    assert "<Graph of <lambda>: 1 input, 2 equations, 1 output>" == repr(graph)


def test_a_graph_without_inputs_or_equations():
    assert 7.0 == ad.trace(lambda _x: 7.0)(1.0)(2.0)
    identity = ad.trace(lambda x: x)(np.ones(2))
    assert 0 == len(identity)
    identity.check()
    assert "returns v0" in str(identity)


def test_parts_of_a_graph_can_be_put_together_by_hand():
    """What passes over graphs will need: nodes go into another Graph as they are."""
    graph = ad.trace(lambda x: np.sin(x) * 2.0)(1.0)
    leaves = (*graph.inputs,)
    _, structure = ad.tree.flatten((0.0,))
    _, leaf = ad.tree.flatten(0.0)
    half = Graph(
        "half", leaves, graph.equations[:1], (), Signature(leaves, structure, leaf)
    )
    assert np.sin(0.5) == half(0.5)
    assert ancestors(half.outputs) == [*leaves, *half.equations]
    assert Guard("bool", bool, leaves, True).holds(np.True_)
