"""Modules are trees, and every transform applies to them."""

import copy
import inspect
import pickle
from collections import OrderedDict, deque
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pytest

import adjoint as ad
from adjoint import nn


class Net(nn.Module):
    """Two layers in a list, a setting, a function, a mixed tuple."""

    def __init__(self, rng, scale=2.0):
        self.layers = [nn.Linear(3, 4, rng=rng), nn.Linear(4, 1, rng=rng)]
        self.act = nn.tanh
        self.scale = scale
        self.mixed = ("text", np.ones(1), {"b": np.zeros(1), "a": None})

    def __call__(self, x):
        hidden = self.act(self.layers[0](x))
        out = self.layers[1](hidden) * self.scale
        return out * self.mixed[1] + self.mixed[2]["b"]


def net(**options):
    return Net(np.random.default_rng(0), **options)


def loss(model, x):
    return np.sum(model(x) ** 2)


X = np.random.default_rng(1).standard_normal((5, 3))


def test_the_leaves_are_the_arrays_and_their_names_are_dotted():
    model = net()
    assert [
        "layers.0.weight",
        "layers.0.bias",
        "layers.1.weight",
        "layers.1.bias",
        "mixed.1",
        "mixed.2.b",
    ] == list(model.parameters())
    assert all(
        one is two
        for one, two in zip(
            model.parameters().values(), ad.tree.leaves(model), strict=True
        )
    )


def test_a_tree_put_together_is_the_module_again():
    model = net()
    leaves, structure = ad.tree.flatten(model)
    again = ad.tree.unflatten(structure, leaves)
    assert type(again) is Net
    assert again.mixed[0] == "text"
    assert again.mixed[2]["a"] is None
    assert again.act is nn.tanh
    np.testing.assert_array_equal(model(X), again(X))


def test_modules_in_lists_tuples_and_dictionaries_are_differentiated():
    model = net()
    nested = {"two": (model, [model.layers[0]])}
    slopes = ad.grad(lambda nested: loss(nested["two"][0], X))(nested)
    expected = ad.grad(loss)(model, X)
    np.testing.assert_array_equal(
        expected.layers[0].weight, slopes["two"][0].layers[0].weight
    )
    np.testing.assert_array_equal(np.zeros((3, 4)), slopes["two"][1][0].weight)


def test_a_dictionary_keeps_its_order():
    class Heads(nn.Module):
        def __init__(self):
            self.heads = {"b": np.ones(2), "a": np.zeros(2)}

        def __call__(self, x):
            return np.stack([x * weight for weight in self.heads.values()])

    model = Heads()
    assert ["heads.b", "heads.a"] == list(model.parameters())
    again = ad.tree.map(np.copy, model)
    np.testing.assert_array_equal(model(3.0), again(3.0))
    slopes = ad.grad(lambda m: np.sum(m(3.0)[0]))(model)
    np.testing.assert_array_equal([3.0, 3.0], slopes.heads["b"])


def test_static_fields_are_compared_by_equality():
    structure = ad.tree.structure
    assert structure(net()) == structure(net())
    assert structure(net()) != structure(net(scale=3.0))
    with pytest.raises(ad.errors.TreeError, match="structures"):
        ad.tree.map(lambda p, q: p, net(), net(scale=3.0))


def test_layers_without_parameters_are_equal_if_their_settings_are():
    def made(rate):
        return nn.Sequential(nn.Flatten(), {"a": [nn.Dropout(rate)]}["a"][0])

    assert ad.tree.structure(made(0.5)) == ad.tree.structure(made(0.5))
    assert ad.tree.structure(made(0.5)) != ad.tree.structure(made(0.25))
    assert "layers.1  Dropout" in made(0.5).summary()


def test_gradients_are_right_in_both_modes_and_to_second_order():
    ad.check_grads(loss, (net(), X), order=2)


@pytest.mark.parametrize("transform", [ad.grad, ad.value_and_grad])
def test_a_gradient_is_a_model(transform):
    found = transform(loss)(net(), X)
    slopes = found[1] if isinstance(found, tuple) else found
    assert isinstance(slopes, Net)
    assert ad.tree.structure(slopes) == ad.tree.structure(net())


def test_products_and_jacobians_take_models():
    model = net()
    direction = ad.tree.map(np.ones_like, model)
    slopes = ad.grad(loss)(model, X)
    total = sum(np.sum(leaf) for leaf in ad.tree.leaves(slopes))
    _, out_dot = ad.jvp(loss, (model, X), (direction, np.zeros_like(X)))
    np.testing.assert_allclose(total, out_dot, rtol=1e-12)
    _, pullback = ad.vjp(lambda model: model(X), model)
    np.testing.assert_allclose(
        slopes.layers[1].bias, pullback(2 * model(X))[0].layers[1].bias
    )
    rows = ad.jacobian(lambda model: model(X)[:, 0])(model)
    assert (5, 3, 4) == rows.layers[0].weight.shape
    curved = ad.hvp(lambda model: loss(model, X), model, direction)
    assert isinstance(curved, Net)
    assert isinstance(ad.linearize(lambda m: loss(m, X), model)[1](direction), float)


def test_a_model_is_mapped_over_a_batch():
    model = net()
    each = ad.vmap(ad.grad(loss), in_axes=(None, 0))(model, X[:, None, :])
    assert (5, 3, 4) == each.layers[0].weight.shape
    np.testing.assert_allclose(
        ad.grad(loss)(model, X).layers[0].weight,
        np.sum(each.layers[0].weight, axis=0),
        rtol=1e-12,
    )


def test_an_ensemble_is_mapped_over_the_models():
    models = [Net(np.random.default_rng(k)) for k in range(3)]
    stacked = ad.tree.map(lambda *leaves: np.stack(leaves), *models)
    found = ad.vmap(lambda model: model(X))(stacked)
    np.testing.assert_allclose([model(X) for model in models], found, rtol=1e-12)


def test_a_tree_of_something_else_keeps_its_form():
    model = net()
    shapes = ad.tree.map(np.shape, model)
    assert (3, 4) == shapes.layers[0].weight
    flags = ad.tree.map(lambda leaf: leaf.ndim > 1, model)
    assert [True, False, True, False, False, False] == ad.tree.leaves(flags)
    masked = ad.tree.map(lambda leaf, flag: leaf * flag, model, flags)
    np.testing.assert_array_equal(np.zeros(4), masked.layers[0].bias)


def test_a_list_changed_in_a_trained_model_counts():
    model = ad.tree.map(lambda leaf: leaf + 1.0, net())
    model.layers.append(nn.Linear(1, 1, rng=np.random.default_rng(0)))
    assert "layers.2.weight" in model.parameters()
    assert 3 == len(ad.tree.map(np.copy, model).layers)


class Parts(NamedTuple):
    """A container of another one."""

    arrays: list


class Holder(nn.Module):
    """An array, and a container that may be empty."""

    def __init__(self, held):
        self.weight = np.ones(2)
        self.held = held


@pytest.mark.parametrize("kind", [deque, lambda: Parts([]), dict, list, OrderedDict])
def test_an_array_put_into_an_empty_container_counts(kind):
    """Of whatever type that is; the module was flattened before."""
    model = Holder(kind())
    assert 1 == len(ad.tree.leaves(model))
    if isinstance(model.held, dict):
        model.held["new"] = np.ones(3)
    else:
        getattr(model.held, "arrays", model.held).append(np.ones(3))
    assert 2 == len(ad.tree.leaves(model))
    slopes = ad.grad(lambda m: sum(np.sum(x**2) for x in ad.tree.leaves(m)))(model)
    assert [(2,), (3,)] == [leaf.shape for leaf in ad.tree.leaves(slopes)]


def test_trees_in_the_places_of_arrays_keep_the_form():
    """What comes of a function with several results can be turned inside out."""
    layer = nn.Linear(3, 2, rng=np.random.default_rng(0))
    pairs = ad.tree.map(lambda leaf: (leaf, 2.0 * leaf), layer)
    np.testing.assert_array_equal(2.0 * layer.weight, pairs.weight[1])
    assert 4 == len(ad.tree.leaves(pairs))
    again = ad.tree.map(lambda leaf: -leaf, pairs)
    np.testing.assert_array_equal(-layer.weight, again.weight[0])
    assert ["weight.0", "weight.1", "bias.0", "bias.1"] == [*pairs.parameters()]


def test_a_module_is_closed_once_it_is_made():
    model = net()
    with pytest.raises(AttributeError, match="cannot set `scale` of this Net"):
        model.scale = 3.0
    with pytest.raises(AttributeError, match="cannot delete `act`"):
        del model.act
    with pytest.raises(AttributeError, match="cannot set `count`"):
        ad.tree.map(np.copy, model).count = 1


def test_one_array_in_two_places_is_refused():
    class Tied(nn.Module):
        def __init__(self):
            self.one = np.ones(2)
            self.two = {"w": self.one}

    with pytest.raises(ValueError, match=r"`one` and `two\.w` are one array"):
        Tied()


def test_equal_scalars_are_no_shared_array():
    class Two(nn.Module):
        def __init__(self):
            self.one = self.two = np.float64(1.0)

    assert ["one", "two"] == list(Two().parameters())

    def shared(w):  # of a traced value, nothing is trained
        class Tied(nn.Module):
            def __init__(self):
                self.one = self.two = w

        tied = Tied()
        return np.sum(tied.one * tied.two)

    np.testing.assert_array_equal([2.0, 4.0], ad.grad(shared)(np.array([1.0, 2.0])))


def test_slots_are_refused():
    with pytest.raises(TypeError, match="Slotted has __slots__"):

        class Slotted(nn.Module):
            __slots__ = ("weight",)


def test_a_list_is_no_layer():
    with pytest.raises(
        ad.errors.InputError, match=r"given a list; Sequential\(\*layers"
    ):
        nn.Sequential([nn.relu])


def test_declared_static_arrays_have_no_gradient():
    class Masked(nn.Module, static=("mask",)):
        def __init__(self, mask):
            self.weight = np.ones(3)
            self.mask = mask

    class Derived(Masked, static=("table",)):
        def __init__(self):
            super().__init__(np.array([1, 0, 1]))
            self.table = np.arange(3.0)

    model = Derived()
    assert ["weight"] == list(model.parameters())
    slopes = ad.grad(lambda m: np.sum(m.weight * m.mask * m.table))(model)
    np.testing.assert_array_equal([0.0, 0.0, 2.0], slopes.weight)
    assert ad.tree.structure(model) == ad.tree.structure(Derived())
    other = Masked(np.array([1, 1, 1]))
    assert ad.tree.structure(Masked(np.array([1, 0, 1]))) != ad.tree.structure(other)


def test_an_integer_array_is_a_leaf_and_refused_by_name():
    class Counted(nn.Module):
        def __init__(self):
            self.inner = [np.arange(3)]

    with pytest.raises(ad.errors.InputError, match=r"inner\.0"):
        ad.grad(lambda m: np.sum(m.inner[0]))(Counted())


def test_a_dataclass_may_be_a_module():
    @dataclass(frozen=True)
    class Affine(nn.Module):
        slope: np.ndarray
        power: int = 2

        def __call__(self, x):
            return self.slope * x**self.power

    slopes = ad.grad(lambda m: m(3.0))(Affine(np.array(2.0)))
    assert 9.0 == slopes.slope
    assert 2 == slopes.power


def test_a_registered_dataclass_inside_a_module_is_a_branch():
    @ad.tree.register_dataclass
    @dataclass
    class Pair:
        one: np.ndarray
        two: np.ndarray

    class Outer(nn.Module):
        def __init__(self):
            self.pair = Pair(np.ones(1), np.zeros(1))

    assert ["pair.one", "pair.two"] == list(Outer().parameters())


def test_plain_numpy_in_a_layer_of_the_user_is_followed_inside_sequential():
    class Filled(nn.Module):
        def __init__(self):
            self.weight = np.array([2.0, 3.0])

        def __call__(self, x):
            out = np.zeros(2)
            for k in range(2):
                out[k] = self.weight[k] * x[k]
            return out

    model = nn.Sequential(Filled(), lambda x: np.array([x[0], 1.0]))
    slopes = ad.grad(lambda m, x: np.sum(m(x)))(model, np.array([5.0, 7.0]))
    np.testing.assert_array_equal([5.0, 0.0], slopes.layers[0].weight)


def test_parameters_come_back_by_name():
    model = net()
    doubled = {name: 2 * array for name, array in model.parameters().items()}
    np.testing.assert_array_equal(
        2 * model.layers[0].weight, model.with_parameters(doubled).layers[0].weight
    )
    short = dict(list(doubled.items())[1:])
    with pytest.raises(ValueError, match=r"missing layers\.0\.weight"):
        model.with_parameters(short)
    with pytest.raises(ValueError, match="not known other"):
        model.with_parameters(doubled | {"other": 1.0})
    with pytest.raises(ad.errors.ShapeError, match=r"\(3, 4\).*shape \(2,\)"):
        model.with_parameters(doubled | {"layers.0.weight": np.ones(2)})


def test_a_module_is_copied_and_pickled():
    model = net()
    for other in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):  # noqa: S301
        np.testing.assert_array_equal(model(X), other(X))
        with pytest.raises(AttributeError, match="cannot set"):
            other.scale = 1.0


def test_the_summary_lists_layers_shapes_and_numbers():
    assert (
        "name      layer   parameters                number\n"
        "--------------------------------------------------\n"
        "          Net                                   23\n"
        "layers.0  Linear  weight (3, 4), bias (4,)      16\n"
        "layers.1  Linear  weight (4, 1), bias (1,)       5\n"
        "--------------------------------------------------\n"
        "23 parameters, 184 bytes" == net().summary()
    )


def test_the_repr_names_attributes_by_shape_and_dtype():
    rng = np.random.default_rng(0)
    assert "Linear(weight=float32[2, 1], bias=None)" == repr(
        nn.Linear(2, 1, rng=rng, bias=False, dtype=np.float32)
    )
    assert (
        "Sequential(\n"
        "  layers=(\n"
        "    Linear(weight=float64[2, 2], bias=float64[2]),\n"
        "    relu,\n"
        "  ),\n"
        ")"
    ) == repr(nn.Sequential(nn.Linear(2, 2, rng=rng), nn.relu))
    assert "4" in repr(net())


def test_a_wrong_shape_names_the_layer_its_path_and_both_shapes():
    model = net()
    sentence = (
        r"Linear `layers\.0` takes an input of shape \(\.\.\., 3\), but was given one "
        r"of shape \(5, 2\); its weight has shape \(3, 4\)"
    )
    with pytest.raises(ad.errors.ShapeError, match=sentence):
        model(X[:, :2])
    with pytest.raises(ad.errors.ShapeError, match=sentence):
        ad.grad(loss)(model, X[:, :2])


def test_a_seed_is_no_generator():
    with pytest.raises(ad.errors.InputError, match="default_rng"):
        nn.Linear(2, 2, rng=0)


@dataclass
class Scaled(nn.Module):
    scale: object
    power: int = 2


class Bare(nn.Module):
    pass


class Loose(nn.Module):
    def __init__(*args, **options):
        pass


@pytest.mark.parametrize(
    ("cls", "text"),
    [
        (nn.Flatten, "(axes: int = 1)"),
        (nn.Sequential, "(*layers: Any)"),
        (Scaled, "(scale: object, power: int = 2)"),
        (Bare, "()"),
        (Loose, "(*args, **options)"),
    ],
)
def test_a_class_shows_what_it_takes(cls, text):
    assert text == str(inspect.signature(cls)).replace("typing.", "").replace("'", "")
    assert "x" in inspect.signature(nn.Flatten()).parameters


def test_wrong_arguments_are_named_with_the_class_that_was_called():
    with pytest.raises(TypeError, match=r"^Conv2D\(\): missing .*'rng'"):
        nn.Conv2D(1, 2, 3)
    with pytest.raises(TypeError, match=r"^Scaled\(\): .*'width'"):
        Scaled(1.0, width=3)
    with pytest.raises(TypeError, match="object is not callable"):
        nn.Linear(1, 2, rng=np.random.default_rng(0), init=3)
