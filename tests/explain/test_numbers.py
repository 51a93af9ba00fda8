"""The numbers of a report: those of the textbook, and exactly those of grad and jvp."""

import math

import numpy as np
import pytest

import adjoint as ad


def f(x1, x2):
    return np.log(x1) + x1 * x2 - np.sin(x2)


@pytest.fixture(scope="module")
def report():
    return ad.explain(f, timing=False)(2.0, 5.0)


# Baydin, Pearlmutter, Radul & Siskind 2018, tables 2 and 3. Their v-1, v0 are x1, x2.


def test_the_primal_trace(report):
    nodes = report.data["nodes"]
    assert ["x1", "x2", "v1", "v2", "v3", "v4", "v5"] == nodes["name"]
    assert [
        "x1",
        "x2",
        "log(x1)",
        "x1 * x2",
        "v1 + v2",
        "sin(x2)",
        "v3 - v4",
    ] == nodes["expression"]
    log, sin = math.log(2.0), math.sin(5.0)
    assert [2.0, 5.0, log, 10.0, log + 10.0, sin, log + 10.0 - sin] == nodes["value"]
    assert [[], [], [0], [0, 1], [2, 3], [1], [4, 5]] == nodes["parents"]


def test_the_forward_tangent_traces(report):
    by_x1, by_x2 = report.data["forward"]
    cos = math.cos(5.0)
    assert ("ẋ1 = 1", [[0, 1.0]]) == (by_x1["label"], by_x1["seed"])
    assert [1.0, 0.0, 0.5, 5.0, 5.5, 0.0, 5.5] == by_x1["tangent"]
    assert [0.0, 1.0, 0.0, 2.0, 2.0, cos, 2.0 - cos] == by_x2["tangent"]


def test_the_reverse_adjoint_trace(report):
    (sweep,) = report.data["reverse"]
    assert [[6, 1.0]] == sweep["seed"]
    assert [5.5, 2.0 - math.cos(5.0), 1.0, 1.0, 1.0, -1.0, 1.0] == sweep["adjoint"]


def test_the_summands_of_adjoints_in_the_order_of_the_sweep(report):
    terms = report.data["reverse"][0]["terms"]
    assert [
        {"user": 3, "position": 0, "product": 5.0},
        {"user": 2, "position": 0, "product": 0.5},
    ] == terms[0]
    assert [
        {"user": 5, "position": 0, "product": -math.cos(5.0)},
        {"user": 3, "position": 1, "product": 2.0},
    ] == terms[1]
    assert [1, 1, 1, 1, 0] == list(map(len, terms[2:]))


def test_local_partials_as_formulas_and_values(report):
    partials = report.data["nodes"]["partials"]
    assert [{"parent": 0, "formula": "1 / x1", "value": 0.5}] == partials[2]
    assert [
        {"parent": 0, "formula": "x2", "value": 5.0},
        {"parent": 1, "formula": "x1", "value": 2.0},
    ] == partials[3]
    cosine = {"parent": 1, "formula": "cos(x2)", "value": math.cos(5.0)}
    assert [cosine] == partials[5]
    assert [1.0, -1.0] == [one["value"] for one in partials[6]]


# Against the transforms


def mlp(x, w, b):
    hidden = np.tanh(w @ x + b)
    for _ in range(3):
        hidden = hidden + 0.1 * np.tanh(w @ hidden)
    return np.mean(hidden**2)


def filled(x, y):
    z = np.zeros(4)
    for i in range(4):
        z[i] = x[i] ** 2 * y
    return np.sum(z / (1.0 + z))


def decomposed(a):
    values, vectors = np.linalg.eigh(a + a.T)
    return np.sum(values**2 * vectors[0])


def stacked(x):
    parts = np.concatenate([x, np.exp(x[::-1])])
    return np.sum(np.where(parts > 1.0, parts**3, parts)) / np.linalg.norm(x)


def rewritten(x):
    return np.sum(np.log(np.exp(x) + 1.0) + np.sqrt(x**2) + np.abs(x) ** 2)


def reused(x):
    return x * x * x + x / (x * x)


def dead(x):
    return np.sum(np.where(x > 0.0, x * np.log(x), 0.0))


RNG = np.random.default_rng(11)
SQUARE = RNG.normal(size=(4, 4))
FUNCTIONS = [
    (f, (2.0, 5.0)),
    (mlp, (RNG.normal(size=4), SQUARE, RNG.normal(size=4))),
    (filled, (RNG.normal(size=4) ** 2, 1.5)),
    (decomposed, (SQUARE,)),
    (stacked, (RNG.normal(size=5),)),
    (rewritten, (RNG.normal(size=5),)),
    (reused, (1.7,)),
    (lambda a, b: np.sum(np.linalg.solve(a, b) ** 2), (SQUARE, RNG.normal(size=4))),
    (lambda a: np.linalg.slogdet(a @ a.T)[1], (SQUARE,)),
    (lambda a, b: np.einsum("ij,jk->", a, b), (SQUARE, SQUARE + 1.0)),
    (lambda x: np.sum(np.fft.ifft(np.fft.fft(x) ** 2).real), (RNG.normal(size=6),)),
    (lambda x: np.max(x) * np.std(x) + np.prod(x), (RNG.normal(size=6),)),
    (lambda x: np.sum(np.cumsum(x) * x), (RNG.normal(size=6).astype(np.float32),)),
    (lambda p: p["w"] @ p["w"] * p["b"], ({"w": RNG.normal(size=3), "b": 2.0},)),
    (lambda z: np.abs(z) ** 2 + np.real(z * z), (1.0 + 2.0j,)),
    (lambda n: n**3 / 2, (3,)),
]


@pytest.mark.parametrize(("function", "args"), FUNCTIONS)
def test_gradients_are_those_of_grad_to_the_last_bit(function, args):
    report = ad.explain(ad.grad(function, tuple(range(len(args)))), timing=False)(*args)
    expected = ad.tree.flatten(ad.grad(function, tuple(range(len(args))))(*args))[0]
    found = list(report.gradients.values())
    assert len(expected) == len(found)
    for one, other in zip(expected, found, strict=True):
        assert np.shape(one) == np.shape(other)
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(("function", "args"), FUNCTIONS)
def test_the_value_is_that_of_the_function(function, args):
    report = ad.explain(function, timing=False)(*args)
    np.testing.assert_array_equal(function(*args), report.value)


@pytest.mark.parametrize(
    ("function", "args"),
    [(f, (2.0, 5.0)), (reused, (1.7,)), (lambda n: n**3 / 2, (3,))],
)
def test_tangents_are_those_of_jvp_to_the_last_bit(function, args):
    data = ad.explain(function, timing=False)(*args).data
    directions = np.eye(len(args))
    expected = [float(ad.jvp(function, args, tuple(one))[1]) for one in directions]
    (output,) = data["outputs"]
    assert expected == [sweep["tangent"][output] for sweep in data["forward"]]


@pytest.mark.parametrize(("function", "args"), FUNCTIONS)
def test_an_adjoint_is_the_sum_of_its_summands(function, args):
    (sweep, *_) = ad.explain(function, timing=False)(*args).data["reverse"]
    seeds = dict(sweep["seed"])
    for node, terms in enumerate(sweep["terms"]):
        adjoint = sweep["adjoint"][node]
        if isinstance(adjoint, float) and terms and node not in seeds:
            products = [one["product"] for one in terms]
            total = products[0]
            for one in products[1:]:
                total += one
            assert adjoint == total


def test_rows_and_columns_are_the_jacobian():
    def g(x):
        return np.stack([x[0] * x[1], np.sin(x[2])])

    x = np.array([1.0, 2.0, 3.0])
    jacobian = ad.jacobian(g)(x)
    data = ad.explain(g, timing=False)(x).data
    (output,) = data["outputs"]
    columns = [sweep["tangent"][output]["head"] for sweep in data["forward"]]
    rows = [sweep["adjoint"][0]["head"] for sweep in data["reverse"]]
    assert jacobian.tolist() == np.transpose(columns).tolist()
    assert jacobian.tolist() == rows
    assert ["ẋ[0] = 1", "ẋ[1] = 1", "ẋ[2] = 1"] == [
        one["label"] for one in data["forward"]
    ]


def test_many_elements_have_one_seed_for_each_array():
    data = ad.explain(lambda x: x**2, timing=False)(np.ones(13)).data
    assert ["ẋ = ones"] == [sweep["label"] for sweep in data["forward"]]
    assert ["v̄1 = ones"] == [sweep["label"] for sweep in data["reverse"]]
    assert 2.0 == data["reverse"][0]["adjoint"][0]["max"]
    assert 2 == len(data["notes"])


def test_a_seed_that_is_given():
    data = ad.explain(f, "forward", seed=(2.0, -1.0), timing=False)(2.0, 5.0).data
    (sweep,) = data["forward"]
    expected = ad.jvp(f, (2.0, 5.0), (2.0, -1.0))[1]
    assert ("seed given", float(expected)) == (sweep["label"], sweep["tangent"][-1])
    data = ad.explain(f, seed=-3.0, timing=False)(2.0, 5.0).data
    assert -16.5 == data["reverse"][0]["adjoint"][0]


def test_what_no_result_needs_is_left_out():
    data = ad.explain(lambda x: (x**2, np.sin(x))[0], timing=False)(1.0).data
    assert ["x", "v1"] == data["nodes"]["name"]


def test_nan_and_infinity_are_texts_and_are_counted():
    with np.errstate(all="ignore"):
        data = ad.explain(dead, timing=False)(np.array([0.0, 1.0, -1.0])).data
    nodes = data["nodes"]
    log = nodes["operation"].index("log")
    assert ["-inf", 0.0, "nan"] == nodes["value"][log]["head"]
    assert [1, 1] == nodes["nonfinite"][log]
    assert {"nan": 1, "inf": 1, "min": "-inf", "max": 0.0}.items() <= nodes["value"][
        log
    ].items()


def test_integers_count_as_real_where_there_are_no_others():
    assert 5.5 == ad.explain(f, timing=False)(2, 5).gradients["x1"]
    report = ad.explain(lambda x, n: x**n, timing=False)(2.0, 3)
    assert {"x": 12.0} == report.gradients
    assert report.data["notes"][0].startswith("Integers are constants here: n.")


def test_positions_count_parents_alone():
    data = ad.explain(lambda x: 0.5 * x * x, timing=False)(3.0).data
    (terms, *_) = data["reverse"][0]["terms"]
    assert [(2, 1), (1, 0)] == [(one["user"], one["position"]) for one in terms]


def test_what_comes_back_from_complex_numbers_to_real_ones_is_real():
    def through_complex(x, z):
        return np.sum((x * x + z) * z).imag

    x, z = np.array([1.0, 3.0]), np.array([1.0 + 2.0j, -1j])
    report = ad.explain(through_complex, timing=False)(x, z)
    expected = ad.grad(through_complex, (0, 1))(x, z)
    for found, exact in zip(report.gradients.values(), expected, strict=True):
        assert found.dtype == exact.dtype
        np.testing.assert_array_equal(found, exact)
    (sweep,) = report.data["reverse"]
    square = report.data["nodes"]["expression"].index("x * x")
    assert sweep["adjoint"][square]["head"] == [2.0, -1.0]
    assert [one["product"]["head"] for one in sweep["terms"][0]] == [[2.0, -3.0]] * 2


def test_gradients_have_the_dtype_of_their_inputs():
    report = ad.explain(lambda x: x * np.float32(2.0), timing=False)(3.0)
    assert report.gradients["x"].dtype == np.float64


def test_numbers_of_more_digits_than_pythons_are_rounded_to_these():
    def scaled(x, z):
        return x[0] * 0.25 + (x[1] * z).real

    x, z = np.array([3.0, 0.5], np.longdouble), np.clongdouble(1.5 + 2.5j)
    values = ad.explain(scaled, timing=False)(x, z).data["nodes"]["value"]
    assert values[0]["head"] == [3.0, 0.5]
    assert values[1] == {"re": 1.5, "im": 2.5}
    assert values[-1] == 1.5


def test_a_conjugate_has_no_partial_that_is_one_number():
    report = ad.explain(lambda z: (np.conj(z) * z + 2j * z).real, timing=False)(1 + 2j)
    nodes = report.data["nodes"]
    values = {
        expression: [one["value"] for one in partials]
        for expression, partials in zip(
            nodes["expression"], nodes["partials"], strict=True
        )
    }
    assert values["conjugate(z)"] == [None]
    assert values["2j * z"] == [{"re": 0.0, "im": 2.0}]


def test_complex_numbers_are_seeded_with_1_and_a_note_says_so():
    note = "Complex numbers are seeded with 1 alone"
    for function, given, noted in (
        (np.conj, 1 + 2j, True),
        (lambda x: np.sum(np.exp(1j * x)), np.ones(2), True),
        (np.sin, 1.0, False),
    ):
        notes = ad.explain(function, timing=False)(given).data["notes"]
        assert any(one.startswith(note) for one in notes) == noted


def test_of_more_arrays_than_seeds_the_first_ones_have_one_and_a_note_says_so():
    data = ad.explain(lambda *xs: sum(xs), timing=False)(*np.arange(13.0)).data
    assert len(data["forward"]) == 12
    (note,) = data["notes"]
    assert note == (
        "The inputs have more than 12 elements: forward mode has one seed of ones for "
        "each of the first 12 arrays, which gives the sum of its columns."
    )
