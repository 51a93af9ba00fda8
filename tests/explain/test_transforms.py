"""What transforms return says of which function it is, and reports see inside."""

import functools
import inspect
import pickle

import numpy as np
import pytest

import adjoint as ad
from adjoint._transforms.marking import transform_of


def cube(x):
    """Return x cubed."""
    return np.sum(x**3)


MADE = {
    "grad": (ad.grad, "reverse"),
    "value_and_grad": (ad.value_and_grad, "reverse"),
    "elementwise_grad": (ad.elementwise_grad, "reverse"),
    "jacfwd": (ad.jacfwd, "forward"),
    "jacrev": (ad.jacrev, "reverse"),
    "jacobian": (ad.jacobian, "auto"),
    "hessian": (ad.hessian, "forward"),
    "vmap": (ad.vmap, None),
}


@pytest.mark.parametrize("name", MADE)
def test_a_transformed_function_names_its_function_and_transform(name):
    make, mode = MADE[name]
    made = make(cube)
    assert cube is made.function
    assert (name, name) == (made.transform.name, str(made.transform))
    assert mode == made.transform.mode


@pytest.mark.parametrize("name", MADE)
def test_it_is_wrapped_as_before(name):
    made = MADE[name][0](cube)
    assert ("cube", "Return x cubed.") == (made.__name__, made.__doc__)
    assert inspect.signature(cube) == inspect.signature(made)
    with pytest.raises((AttributeError, pickle.PicklingError)):
        pickle.dumps(made)  # a closure, as it was


def test_the_function_is_the_users_without_plain_numpy_too():
    made = ad.grad(cube, plain_numpy=False)
    assert cube is made.function
    assert {"x": 12.0} == ad.explain(made, timing=False)(2.0).gradients


def test_a_users_wrapper_is_a_function_of_its_own():
    gradient = ad.grad(cube)

    @functools.wraps(gradient)
    def doubled(x):
        return 2.0 * gradient(x)

    assert transform_of(doubled) is None
    report = ad.explain(doubled, timing=False)(3.0)
    assert (54.0, {"x": 36.0}) == (report.value, report.gradients)


def test_titles_show_the_transforms():
    def title(fun):
        return ad.explain(fun, timing=False)(2.0).data["title"]

    assert "cube" == title(cube)
    assert "grad(grad(cube))" == title(ad.grad(ad.grad(cube)))
    assert "hessian(cube)" == title(ad.hessian(cube))


def test_a_gradient_is_its_function_in_reverse_mode():
    data = ad.explain(ad.grad(cube), timing=False)(2.0).data
    alone = ad.explain(cube, timing=False)(2.0).data
    assert ("grad", "cube", "reverse") == (
        data["transform"],
        data["function"],
        data["mode"],
    )
    assert alone["nodes"]["expression"] == data["nodes"]["expression"]


def test_a_gradient_of_a_gradient_is_the_graph_of_the_inner_one():
    report = ad.explain(ad.grad(ad.grad(lambda x: x**3)), timing=False)(2.0)
    assert (12.0, {"x": 12.0}) == (report.value, report.gradients)
    assert "x**2" in report.data["nodes"]["expression"]


def test_a_hessian_is_the_gradient_in_forward_mode():
    x = np.array([1.0, 2.0])
    data = ad.explain(ad.hessian(cube), timing=False)(x).data
    (output,) = data["outputs"]
    columns = [sweep["tangent"][output]["head"] for sweep in data["forward"]]
    assert ("forward", ad.hessian(cube)(x).tolist()) == (data["mode"], columns)


def test_the_mode_of_a_jacobian_is_that_with_fewer_sweeps():
    wide = ad.jacobian(np.sum)
    assert "reverse" == ad.explain(wide, timing=False)(np.ones(3)).data["mode"]
    tall = ad.jacobian(lambda t: np.stack([t, t * t]))
    assert "forward" == ad.explain(tall, timing=False)(1.0).data["mode"]


def test_elementwise_derivatives_have_one_seed_of_ones():
    data = ad.explain(ad.elementwise_grad(np.square), timing=False)(np.arange(3.0)).data
    (sweep,) = data["reverse"]
    assert ("v̄1 = ones", [0.0, 2.0, 4.0]) == (
        sweep["label"],
        sweep["adjoint"][0]["head"],
    )


def test_a_mapped_function_is_what_it_computes():
    report = ad.explain(ad.vmap(cube), timing=False)(np.ones((4, 2)))
    assert [2.0] * 4 == report.value.tolist()
    assert report.data["transform"] is None


def test_argnums_are_those_of_the_transform():
    report = ad.explain(ad.grad(lambda x, y: x * y, argnums=1), timing=False)(2.0, 5.0)
    assert {"y": 2.0} == report.gradients
    assert [None, 2.0, 1.0] == report.data["reverse"][0]["adjoint"]


def test_what_has_aux_hands_through_is_no_output():
    def loss(x):
        return x * x, {"half": x / 2.0}

    report = ad.explain(ad.grad(loss, has_aux=True), timing=False)(3.0)
    assert {"x": 6.0} == report.gradients
    assert ["x * x"] == [
        report.data["nodes"]["expression"][k] for k in report.data["outputs"]
    ]
    assert (9.0, {"half": 1.5}) == report.value
