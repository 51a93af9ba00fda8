"""What cannot be explained is refused with a sentence; what is large, folded."""

import numpy as np
import pytest

import adjoint as ad
from adjoint.errors import GraphError, InputError, OutputError


@pytest.mark.parametrize(
    ("fun", "args", "error", "text"),
    [
        (3.0, (), InputError, r"takes a function; given was a float 3.0. Write"),
        (lambda x: "text", (1.0,), OutputError, "returned was str"),
        (lambda x: None, (1.0,), OutputError, "returned was nothing"),
        (lambda: 1.0, (), InputError, "given was no argument by position"),
        (lambda x: x * 2, (np.arange(3),), InputError, "given was int64"),
        (ad.grad(np.sum), (np.arange(3),), InputError, r"pass x.astype\(float\)"),
        (ad.grad(lambda x: (x, 1), has_aux=True), ("x",), InputError, "'x'"),
        (ad.grad(lambda x: x, has_aux=True), (1.0,), OutputError, "no.*pair"),
    ],
)
def test_refusals(fun, args, error, text):
    with pytest.raises(error, match=text):
        ad.explain(fun)(*args)


@pytest.mark.parametrize(
    ("keywords", "text"),
    [
        ({"mode": "both"}, 'takes mode="forward" or mode="reverse"'),
        ({"argnums": 3}, "argument 3"),
        ({"seed": (1.0, 2.0)}, "one cotangent for each output"),
        ({"seed": (1.0,), "mode": "forward"}, "one tangent for each input"),
    ],
)
def test_parameters_that_do_not_fit(keywords, text):
    with pytest.raises(InputError, match=text):
        ad.explain(lambda x, y: x * y, **keywords)(1.0, 2.0)


def test_argnums_belong_to_the_transform():
    with pytest.raises(InputError, match=r"ad.grad\(f, argnums=1\)"):
        ad.explain(ad.grad(np.multiply), argnums=1)


def test_inside_another_transform_there_are_no_numbers():
    with pytest.raises(GraphError, match="Call it outside of transforms"):
        ad.grad(lambda x: ad.explain(np.sin)(x).value)(1.0)
    with pytest.raises(GraphError, match="Call it outside of transforms"):
        ad.grad(lambda x: ad.explain(lambda y: y * x)(1.0).value)(1.0)


def test_a_constant_result_has_no_derivative_and_says_so():
    report = ad.explain(lambda x: np.ones(3), timing=False)(1.0)
    assert report.gradients == {"x": 0.0}
    assert "No result depends on the inputs: all derivatives are zero." in report.text()
    for form in (report.svg, report.dot, report.latex, report.json):
        assert form()


def test_arguments_of_any_kind_are_constants():
    report = ad.explain(lambda x, kind, flag: x * (2 if flag else 1), timing=False)(
        3.0, object(), True
    )
    assert {"x": 2.0} == report.gradients


def test_an_empty_array():
    report = ad.explain(np.sum, timing=False)(np.zeros((0, 3)))
    assert (0, 3) == next(iter(report.gradients.values())).shape
    assert report.text()
    assert report.svg()


def test_a_graph_of_twenty_thousand_nodes_is_folded():
    def walk(x):
        for _ in range(10_000):
            x = np.sin(x) * 1.01
        return x

    report = ad.explain(walk)(0.3)
    data = report.data
    assert 20_001 == len(data["nodes"]["name"])
    assert {"x": ad.grad(walk)(0.3)} == report.gradients
    assert data["notes"][0].startswith("The graph has 20,001 nodes: at most 2 seeds")
    assert data["reverse"][0]["terms"] is None
    assert 24 >= sum(group["parent"] == -1 for group in data["groups"])
    text = report.text(88)
    assert "Folded to" in text
    assert len(text.splitlines()) < 240
    assert report.svg().count('rx="5"') <= 40


@pytest.mark.parametrize(
    ("transformed", "returned"),
    [
        (ad.grad(lambda x: x * 2.0), "an array of shape (3,)"),
        (ad.value_and_grad(lambda x: (x[0], x[1])), "2 of them"),
        (ad.grad(lambda x: x[0] * 1j), "a complex number"),
        (ad.elementwise_grad(lambda x: x * 1j), "a complex array of shape (3,)"),
        (ad.elementwise_grad(lambda x: [x, x]), "2 of them"),
    ],
)
def test_what_a_transform_refuses_is_refused(transformed, returned):
    with pytest.raises(OutputError) as caught:
        ad.explain(transformed)(np.ones(3))
    assert f"<lambda> returned {returned}. ad.explain(<lambda>)" in str(caught.value)
    with pytest.raises(ad.errors.AdjointError):
        transformed(np.ones(3))


def test_the_result_of_a_holomorphic_function_is_complex():
    cube = ad.grad(lambda z: z**3, holomorphic=True)
    report = ad.explain(cube, timing=False)(1 + 2j)
    assert report.gradients["z"] == cube(1 + 2j)


def test_a_complex_cotangent_of_a_real_result_is_refused():
    with pytest.raises(InputError, match="v1 has dtype complex128, but v1 is real"):
        ad.explain(lambda x: x * x, seed=2j)(1.0)


def test_a_vectorized_function_takes_argnums():
    dots = ad.vmap(np.dot, (0, None))
    report = ad.explain(dots, argnums=1, timing=False)(np.ones((2, 3)), np.arange(3.0))
    (gradient,) = report.gradients.values()
    assert gradient.tolist() == [1.0, 1.0, 1.0]


def test_the_argument_belongs_to_the_function_returned():
    with pytest.raises(InputError) as caught:
        ad.explain(np.sin, np.ones(2))
    assert str(caught.value) == (
        "ad.explain takes the function alone and returns one that takes its arguments: "
        "write ad.explain(f)(x). Given was mode=a float64 array of shape (2,)."
    )


def test_inputs_and_outputs_of_large_graphs_keep_their_elements():
    """Their gradient is what the report is looked at for."""

    def f(p):
        y = p
        for _ in range(1500):
            y = np.sin(y) * 0.999
        return y * p

    data = ad.explain(f, timing=False)(np.array([0.5, 1.5])).data
    assert len(data["nodes"]["name"]) > 2000
    for column in (data["nodes"]["value"], data["reverse"][0]["adjoint"]):
        assert [2, 2] == [len(column[k]["head"]) for k in (0, -1)]
        assert 0 == len(column[1000]["head"])
    assert (
        "elements of arrays between inputs and outputs are left out."
        in (data["notes"][0])
    )
    assert "timing=False" not in data["notes"][0]
