"""Evaluation traces: every line of the textbooks' tables, and gradients' values."""

import math

import numpy as np
import pytest

import adjoint as ad
from adjoint.errors import GraphError, InputError, ShapeError


def f(x1, x2):
    return np.log(x1) + x1 * x2 - np.sin(x2)


def lines(table):
    return [(row.name, row.operation, row.primal, row.derivative) for row in table.rows]


LN2, SIN5, COS5 = np.log(2.0), np.sin(5.0), np.cos(5.0)


def test_forward_trace_of_the_textbook():
    """Baydin et al. 2018, table 2: all seven lines."""
    expected = [
        ("v-1", "x1", 2.0, 1.0),
        ("v0", "x2", 5.0, 0.0),
        ("v1", "log(v-1)", LN2, 0.5),
        ("v2", "v-1 * v0", 10.0, 5.0),
        ("v3", "v1 + v2", LN2 + 10.0, 5.5),
        ("v4", "sin(v0)", SIN5, 0.0),
        ("v5", "v3 - v4", LN2 + 10.0 - SIN5, 5.5),
    ]
    assert expected == lines(ad.trace(f)(2.0, 5.0).table("forward"))


def test_reverse_trace_of_the_textbook():
    """Baydin et al. 2018, table 3: all seven lines."""
    expected = [
        ("v-1", "x1", 2.0, 5.5),
        ("v0", "x2", 5.0, 2.0 - COS5),
        ("v1", "log(v-1)", LN2, 1.0),
        ("v2", "v-1 * v0", 10.0, 1.0),
        ("v3", "v1 + v2", LN2 + 10.0, 1.0),
        ("v4", "sin(v0)", SIN5, -1.0),
        ("v5", "v3 - v4", LN2 + 10.0 - SIN5, 1.0),
    ]
    assert expected == lines(ad.trace(f)(2.0, 5.0).table("reverse"))


def test_local_partials_have_values_and_formulas():
    rows = ad.trace(f)(2.0, 5.0).table("reverse").rows
    expected = [
        (),
        (),
        (("v-1", 0.5, "1 / v-1"),),
        (("v-1", 5.0, "v0"), ("v0", 2.0, "v-1")),
        (("v1", 1.0, ""), ("v2", 1.0, "")),
        (("v0", COS5, "cos(v0)"),),
        (("v3", 1.0, ""), ("v4", -1.0, "")),
    ]
    assert expected == [tuple(map(tuple, row.partials)) for row in rows]


def test_another_seed_is_another_direction():
    graph = ad.trace(f)(2.0, 5.0)
    last = graph.table("forward", seed=(0.0, 1.0)).rows[-1]
    assert 2.0 - COS5 == last.derivative
    both = graph.table("forward", seed=[1.0, 2.0]).rows[-1].derivative
    assert ad.jvp(f, (2.0, 5.0), (1.0, 2.0))[1] == both
    assert 11.0 == graph.table("reverse", seed=2.0).rows[0].derivative


def test_cotangents_of_one_output_that_is_returned_twice_add_up():
    def twice(x):
        y = 2 * x
        return y, y, x

    rows = ad.trace(twice)(1.0).table("reverse", seed=[1.0, 2.0, 10.0]).rows
    assert [16.0, 3.0] == [row.derivative for row in rows]


def test_seeds_are_numbers_like_their_owners():
    graph = ad.trace(lambda x: 2 * x)(1.0)
    for wrong in ("a", 1j):
        with pytest.raises(InputError, match="real ones for real ones"):
            graph.table("forward", seed=wrong)
    of_complex = ad.trace(lambda z: 2 * z)(1j)
    assert 2j == of_complex.table("forward", seed=1j).rows[-1].derivative
    assert 2j == of_complex.table("reverse", seed=1j).rows[0].derivative


def test_a_difference_of_squares():
    rows = lines(ad.trace(lambda x, y: (x + y) * (x - y))(3.0, 2.0).table("reverse"))
    expected = [
        ("v-1", "x", 3.0, 6.0),
        ("v0", "y", 2.0, -4.0),
        ("v1", "v-1 + v0", 5.0, 1.0),
        ("v2", "v-1 - v0", 1.0, 5.0),
        ("v3", "v1 * v2", 5.0, 1.0),
    ]
    assert expected == rows


def test_a_quarter_of_a_sum():
    g = lambda x, y: (2 * x**2 + 2 * y) / 4  # noqa: E731
    graph = ad.trace(g)(3.0, 5.0)
    expected = [
        ("v-1", "x", 3.0, 3.0),
        ("v0", "y", 5.0, 0.5),
        ("v1", "v-1**2", 9.0, 0.5),
        ("v2", "2 * v1", 18.0, 0.25),
        ("v3", "2 * v0", 10.0, 0.25),
        ("v4", "v2 + v3", 28.0, 0.25),
        ("v5", "v4 / 4", 7.0, 1.0),
    ]
    assert expected == lines(graph.table("reverse"))
    tangents = [row.derivative for row in graph.table("forward").rows]
    assert [1.0, 0.0, 6.0, 12.0, 0.0, 12.0, 3.0] == tangents
    assert (3.0, 0.5) == ad.grad(g, (0, 1))(3.0, 5.0)


def neuron(w, x, b, t):
    sigmoid = 1.0 / (1.0 + np.exp(-(w * x + b)))
    return 0.5 * (sigmoid - t) ** 2


def test_every_adjoint_of_a_neurons_loss():
    """L = (σ(wx + b) - t)² / 2, y = σ(z), at w, x, b, t = 0.5, 2, -1, 1: y is 1/2."""
    at = (0.5, 2.0, -1.0, 1.0)
    table = ad.trace(neuron)(*at).table("reverse")
    by_y = -0.5  # y - t
    by_z = by_y * 0.25  # y (1 - y)
    expected = [
        ("v-3", "w", 0.5, by_z * 2.0),
        ("v-2", "x", 2.0, by_z * 0.5),
        ("v-1", "b", -1.0, by_z),
        ("v0", "t", 1.0, 0.5),
        ("v1", "v-3 * v-2", 1.0, by_z),
        ("v2", "v1 + v-1", 0.0, by_z),
        ("v3", "-v2", 0.0, -by_z),
        ("v4", "exp(v3)", 1.0, -by_z),
        ("v5", "1 + v4", 2.0, -by_z),
        ("v6", "1 / v5", 0.5, by_y),
        ("v7", "v6 - v0", -0.5, by_y),
        ("v8", "v7**2", 0.25, 0.5),
        ("v9", "0.5 * v8", 0.125, 1.0),
    ]
    assert expected == lines(table)
    gradient = ad.grad(neuron, (0, 1, 2, 3))(*at)
    assert list(gradient) == [row.derivative for row in table.rows[:4]]


def test_a_regularised_loss():
    """Σ l + λ ‖w‖², with arrays."""
    a = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])

    def loss(w, t, lam):
        return np.sum((a @ w - t) ** 2) + lam * np.linalg.norm(w) ** 2

    at = np.array([3.0, 4.0]), np.array([10.0, 25.0, 40.0]), 0.5
    graph = ad.trace(loss)(*at)
    rows = graph.table("reverse").rows
    r = a @ at[0] - at[1]
    np.testing.assert_array_equal(2.0 * a.T @ r + 2.0 * 0.5 * at[0], rows[0].derivative)
    np.testing.assert_array_equal(-2.0 * r, rows[1].derivative)
    assert 25.0 == rows[2].derivative
    expected = ad.grad(loss, (0, 1, 2))(*at)
    for one, row in zip(expected, rows, strict=False):
        np.testing.assert_array_equal(one, row.derivative)
    residual = next(row for row in rows if row.operation.endswith(" - v-1"))
    np.testing.assert_array_equal(2.0 * r, residual.derivative)
    dots = np.array([1.0, 0.0]), np.zeros(3), 0.0
    last = graph.table("forward").rows[-1]
    np.testing.assert_array_equal(ad.jvp(loss, at, dots)[1], last.derivative)


PROGRAMS = {
    "eigh": (
        lambda a: np.linalg.eigh(a @ a.T)[1][0, 0] + np.linalg.eigh(a)[0][1],
        (np.array([[2.0, 1.0], [1.0, 5.0]]),),
    ),
    "softplus": (lambda x: np.sum(np.log(1.0 + np.exp(x))), (np.array([800.0, 1.0]),)),
    "kink": (lambda x: np.abs(x) ** 2 * 3.0, (0.0,)),
    "mask": (
        lambda x, y: np.sum(np.where(x > y, x * y, y)),
        (np.ones(3), np.arange(3.0)),
    ),
    "write": (
        lambda x: np.sum(_filled(x) * np.arange(3.0)),
        (np.array([1.0, 2.0, 3.0]),),
    ),
    "hessian": (lambda x: np.sum(ad.hessian(lambda y: np.sum(y**4))(x)), (np.ones(2),)),
    "float32": (lambda x: np.mean(np.tanh(x)), (np.ones(3, np.float32),)),
    "unused": (lambda x, y: x * x + 0.0 * np.floor(y), (2.0, 3.0)),
}


def _filled(x):
    z = np.zeros(3)
    for k in range(3):
        z[k] = x[k] ** k
    return z


@pytest.mark.parametrize("name", PROGRAMS)
def test_derivatives_are_those_of_the_other_modes(name):
    function, args = PROGRAMS[name]
    with np.errstate(all="ignore"):
        graph = ad.trace(function)(*args)
        rows = graph.table("reverse").rows
        expected = ad.grad(function, tuple(range(len(args))))(*args)
        for one, row in zip(expected, rows, strict=False):
            np.testing.assert_allclose(row.derivative, one, rtol=1e-14, atol=1e-14)
        dots = tuple(np.full(np.shape(arg), 0.5)[()] for arg in args)
        last = graph.table("forward", seed=dots).rows[-1]
        np.testing.assert_allclose(
            last.derivative, ad.jvp(function, args, dots)[1], rtol=1e-14
        )


def test_an_operand_in_two_places_has_one_partial():
    row = ad.trace(lambda x: x * x)(3.0).table().rows[-1]
    assert (("v0", 6.0, "v0 + v0"),) == tuple(map(tuple, row.partials))


def test_lines_that_are_arrays_of_arrays_have_no_partial_numbers():
    row = ad.trace(np.cumsum)(np.ones(3)).table(seed=[np.ones(3)]).rows[-1]
    assert (("v1", None, ""),) == tuple(map(tuple, row.partials))
    np.testing.assert_array_equal([1.0, 2.0, 3.0], row.derivative)


def test_the_graph_of_variables_has_tables():
    x, y = ad.variable(2.0, name="x1"), ad.variable(5.0, name="x2")
    table = ad.Graph.of(f(x, y)).table("reverse")
    assert lines(ad.trace(f)(2.0, 5.0).table("reverse")) == lines(table)


def test_the_default_seed_of_an_array_is_its_first_element():
    rows = ad.trace(lambda x: np.sum(x * x))(np.array([3.0, 4.0])).table().rows
    np.testing.assert_array_equal([1.0, 0.0], rows[0].derivative)
    assert 6.0 == rows[-1].derivative


def test_constants_have_no_derivative():
    graph = ad.trace(lambda x, k: x * (k > 1))(2.0, np.array([1, 2]))
    rows = graph.table("forward").rows
    assert [False, True, True] == [row.derivative is None for row in rows[:3]]


# Reading


def test_text_fits_and_html_escapes():
    big = ad.trace(lambda x: np.sum(np.sin(x) * np.arange(100.0)) / 7.0)(np.ones(100))
    for mode in ("forward", "reverse"):
        text = str(big.table(mode))
        assert max(map(len, text.splitlines())) <= 88
        assert "[1 ... 1] 100" in text
    table = ad.trace(lambda x: np.where(x < 1, x, 2.0))(0.5).table()
    assert "v0 &lt; 1" in table._repr_html_()
    assert repr(table) == str(table)


def test_long_cells_take_several_lines_and_nothing_is_cut():
    x = np.array([0.12345678, 0.5, 0.75, 1.25, -2.5])
    table = ad.trace(lambda x: np.sin(x) * np.exp(-x))(x).table()
    whole = table.text(width=300).splitlines()
    assert 2 + len(table.rows) == len(whole)
    narrow = table.text(width=72).splitlines()
    assert max(map(len, narrow)) <= 72 < max(map(len, whole))
    words = sorted(" ".join(whole[2:]).split())
    assert words == sorted(" ".join(narrow[2:]).split())
    assert "..." not in "".join(narrow)


def test_listings_show_what_the_user_called():
    """Records and their parameters have names of their own, which are not shown."""

    def f(x):
        z = np.zeros(2)
        z[1] = math.sin(x[0])
        return np.reshape(np.concatenate([x, z]), (2, 2))

    text = str(ad.trace(f)(np.ones(2)))
    assert "= math.sin(v1) " in text
    assert "= setitem([0, 0], v2, index=1) " in text
    assert "= concatenate(v0, v3, axis=0) " in text
    assert "= reshape(v4, (2, 2)) " in text


def test_texts_of_html_are_aligned_to_the_left():
    graph = ad.trace(np.sin)(0.5)
    for page in (graph._repr_html_(), graph.table()._repr_html_()):
        assert page.count("<td") + page.count("<th") - page.count("<thead") == (
            page.count("text-align: left")
        )


def test_huge_graphs_are_folded_and_say_so():
    def chain(x):
        for _ in range(5000):
            x = x * 1.0001
        return x

    graph = ad.trace(chain)(1.0)
    table = graph.table("reverse", limit=50)
    assert (51, 4950) == (len(table), table.hidden)
    assert "... 4,950 equations not shown" in str(table)
    assert "4,950 equations not shown" in table._repr_html_()
    assert ad.grad(chain)(1.0) == table.rows[0].derivative
    assert ["v0", "v1"] == [row.name for row in table.rows[:2]]
    assert "v5000" == table.rows[-1].name


@pytest.mark.parametrize(
    ("error", "words", "call"),
    [
        (GraphError, "needs a seed", lambda g: g.table("reverse")),
        (InputError, "mode=", lambda g: g.table("sideways")),
        (
            InputError,
            "one tangent for each input, 1 in all",
            lambda g: g.table("forward", seed=[1.0, 2.0]),
        ),
        (
            ShapeError,
            r"cotangent of output 0 has shape \(3,\)",
            lambda g: g.table("reverse", seed=np.ones(3)),
        ),
    ],
)
def test_what_does_not_fit_is_refused(error, words, call):
    graph = ad.trace(lambda x: x * 2.0)(np.ones(2))
    with pytest.raises(error, match=words):
        call(graph)


def test_a_graph_inside_another_transform_has_no_table():
    def inside(x):
        with pytest.raises(GraphError, match="inside another transform"):
            ad.trace(lambda y: y * 2.0)(x).table()
        return x

    assert 1.0 == ad.grad(inside)(1.0)


def test_one_array_is_no_seed_of_two_inputs():
    graph = ad.trace(lambda a, b: a * b)(2.0, 3.0)
    with pytest.raises(InputError, match=r"2 in all, in a tuple: .* array of shape"):
        graph.table("forward", seed=np.array([0.0, 1.0]))


def test_adjoints_of_real_values_behind_complex_ones_are_real():
    table = ad.trace(lambda x: (x * x * (1 + 2j)).real)(3.0).table("reverse")
    assert [row.derivative for row in table.rows] == [6.0, 1.0, 1.0, 1.0]
