"""What layers ask for in training reaches them, or fit says why it cannot."""

import functools

import numpy as np
import pytest

import adjoint as ad
from adjoint import nn
from adjoint._clone.reach import may_store_elsewhere
from adjoint.nn._training.objective import objective_of

RNG = np.random.default_rng(0)
X = RNG.standard_normal((40, 3))
Y = X @ np.ones((3, 1))


def linear():
    return nn.Linear(3, 1, rng=np.random.default_rng(0))


class Dropping(nn.Module):
    """A model of a user, with a layer that draws somewhere in it."""

    def __init__(self, held):
        self.held = held
        self.linear = linear()

    def __call__(self, x, rng=None):
        return self.linear(self.drop()(x, rng=rng))

    def drop(self):
        held = self.held
        while not callable(held):
            held = held["in"] if isinstance(held, dict) else held[0]
        return held


class WithOptions(Dropping):
    def __call__(self, x, **options):
        return self.linear(self.drop()(x, **options))


class Deaf(Dropping):
    def __call__(self, x):
        return self.linear(self.drop()(x))


class Silenced(Deaf):
    takes_rng = False


class Asking(Dropping):
    takes_rng = True


class Noise(nn.Module):
    """A layer that draws by itself."""

    def __call__(self, x, rng=None):
        return x if rng is None else x + rng.standard_normal(x.shape)


class Normalised(nn.Module):
    def __init__(self):
        self.norm = nn.BatchNorm(3)
        self.linear = linear()

    def statistics(self):
        return {"norm": self.norm.statistics()}

    def __call__(self, x, statistics, *, training=False):
        x, kept = self.norm(x, statistics["norm"], training=training)
        return self.linear(x), {"norm": kept}


class Startless(nn.Module):
    def __init__(self):
        self.norm = nn.BatchNorm(3)

    def __call__(self, x, statistics, *, training=False):
        return self.norm(x, statistics, training=training)


class Forgetful(Startless):
    def __call__(self, x, statistics=None):
        return self.norm(x)


class Dropped(Normalised):
    """It does not return its statistics."""

    def __call__(self, x, statistics, *, training=False):
        return super().__call__(x, statistics, training=training)[0]


def fit(model, loss=nn.squared_error, **options):
    options = {"epochs": 1, "rng": 0, **options}
    return nn.fit(model, (X, Y), loss, ad.optim.SGD(0.0), **options)


NESTED = {
    "an attribute": lambda: nn.Dropout(0.5),
    "a list": lambda: [nn.Dropout(0.5)],
    "a dictionary in a tuple": lambda: ({"in": nn.Dropout(0.5)},),
    "a layer": lambda: nn.Sequential(nn.Dropout(0.5), nn.tanh),
}


@pytest.mark.parametrize("kind", [Dropping, WithOptions, Asking])
@pytest.mark.parametrize("held", NESTED.values(), ids=NESTED)
def test_a_model_with_dropout_is_trained_with_it(kind, held):
    """With a rate of 0 nothing moves: what differs are the draws."""
    model = kind(held())
    assert model.takes_rng
    assert fit(model).history["loss"] != fit(Silenced(held())).history["loss"]
    within = nn.Sequential(model)
    assert fit(model).history == fit(within).history


def test_a_layer_that_draws_by_itself_is_given_a_generator():
    model = nn.Sequential(Noise(), linear())
    assert fit(model).history["loss"] != fit(nn.Sequential(linear())).history["loss"]


@pytest.mark.parametrize(
    ("model", "sentence"),
    [
        (
            lambda: Deaf([nn.Dropout(0.5)]),
            r"model Deaf holds the Dropout `held.0`.*`self.held\[0\]\(..., rng=rng\)`",
        ),
        (
            lambda: nn.Sequential(nn.tanh, Deaf({"in": nn.Dropout(0.5)})),
            r"Deaf `layers.1` of the model Seq.*the Dropout `held.in`.*held\['in'\]",
        ),
        (Forgetful, r"holds the BatchNorm `norm`.*\(self, x, statistics, \*, training"),
        (Startless, "has no method `statistics"),
        (Dropped, "returns a pair"),
    ],
)
def test_a_model_that_does_not_pass_on_is_refused(model, sentence):
    with pytest.raises(ad.errors.InputError, match=sentence):
        fit(model())


def test_a_class_that_says_so_is_believed():
    model = Silenced(nn.Dropout(0.5))
    assert not model.takes_rng
    assert not nn.Sequential(model).takes_rng
    expected = nn.squared_error(model(X), Y)
    assert expected == pytest.approx(fit(model, batch_size=40).history["loss"][0])


def test_an_object_may_say_so_too():
    class Switched(Dropping):
        def __init__(self, held, drops):
            super().__init__(held)
            self.takes_rng = drops

    assert not Switched(nn.Dropout(0.5), False).takes_rng
    assert Switched(nn.Dropout(0.0), True).takes_rng


def test_a_model_with_normalisation_is_passed_statistics():
    model = Normalised()
    assert model.keeps_statistics
    result = fit(model, batch_size=40, shuffle=False)
    _, expected = model(X, model.statistics(), training=True)
    given = result.statistics["norm"].mean
    np.testing.assert_array_equal(expected["norm"].mean, given)
    nested = fit(nn.Sequential(model), batch_size=40, shuffle=False)
    np.testing.assert_array_equal(given, nested.statistics[0]["norm"].mean)
    first = nn.BatchNorm(3).statistics()
    broadcast = lambda out, y: np.mean((out - y) ** 2)  # noqa: E731
    started = fit(Startless(), broadcast, statistics=first, batch_size=40)
    np.testing.assert_allclose(expected["norm"].mean, started.statistics.mean)


def test_a_loss_of_a_model_that_draws_takes_the_generator():
    def loss(model, x, y):
        return nn.squared_error(model(x), y)

    def drawing(model, x, y, *, rng):
        return nn.squared_error(model(x, rng=rng), y)

    model = Dropping(nn.Dropout(0.5))
    with pytest.raises(ad.errors.InputError, match=r"Dropout `held`.*keyword `rng`"):
        fit(model, nn.ModelLoss(loss))
    assert fit(model).history == fit(model, nn.ModelLoss(drawing)).history
    fit(Silenced(nn.Dropout(0.5)), nn.ModelLoss(loss))
    metrics = {"error": nn.ModelLoss(loss)}  # measured without draws
    fit(model, metrics=metrics)


def test_a_loss_of_a_model_without_first_statistics_makes_its_own():
    def loss(model, x, y, *, statistics):
        first = model.norm.statistics() if statistics is None else statistics
        out, statistics = model(x, first, training=True)
        return np.mean((out - y) ** 2), statistics

    assert fit(Startless(), nn.ModelLoss(loss)).statistics is not None


def test_layers_and_a_loss_of_outputs_need_no_deep_run():
    model = nn.Sequential(linear(), nn.Dropout(0.5), nn.BatchNorm(1))
    context = {"rng": None, "training": True}
    arguments = (model, (X, Y), model.statistics(), context)
    loss = objective_of(nn.squared_error, model)
    assert not may_store_elsewhere(loss, arguments)


def test_a_model_of_the_user_and_its_loss_need_no_deep_run():
    class Plain(nn.Module):
        def __init__(self):
            self.layers = [linear(), nn.Dropout(0.5)]

        def __call__(self, x, rng=None):
            return self.layers[1](self.layers[0](x), rng=rng)

    loss = nn.ModelLoss(lambda model, x, y, rng: np.sum((model(x, rng=rng) - y) ** 2))
    context = {"rng": None, "training": True}
    assert not may_store_elsewhere(loss, (Plain(), (X, Y), None, context))


class Choosing(nn.Module):
    """A layer whose class is a setting, with calls of any keywords."""

    def __init__(self, kind):
        self.kind = kind
        self.kinds = {"others": [kind]}
        self.linear = linear()

    def __call__(self, x, *args, **options):
        return self.linear(x, *args, **options)


@pytest.mark.parametrize("kind", [nn.Linear, nn.Dropout, nn.BatchNorm])
def test_a_class_among_the_attributes_is_a_setting_and_no_layer(kind):
    model = Choosing(kind)
    assert not model.takes_rng
    assert not model.keeps_statistics
    fit(model, shuffle=False, rng=None)


class Scaled(nn.Module):
    def __init__(self):
        self.linear = linear()

    def scaled(self, x, factor, rng=None):
        assert isinstance(rng, np.random.Generator)
        return factor * self.linear(x)

    __call__ = functools.partialmethod(scaled, factor=2.0)


class Unsigned(nn.Module):
    """Nobody knows what a function in C takes."""

    def __init__(self):
        self.one = np.ones(1)

    __call__ = staticmethod(max)


def test_a_call_may_be_made_of_another_method_or_of_a_function_in_c():
    assert Scaled().takes_rng
    fit(Scaled())
    assert not Unsigned().takes_rng
    assert not Unsigned().keeps_statistics
