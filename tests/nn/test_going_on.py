"""A checkpoint goes on as the training it is of, and as no other."""

import dataclasses
import json

import numpy as np
import pytest
from scipy import special

import adjoint as ad
from adjoint import nn
from adjoint.nn import _stored
from adjoint.nn._described import described

RNG = np.random.default_rng(0)
X = RNG.standard_normal((50, 3))
Y = np.sin(X @ np.ones((3, 1)))
BATCHES = [(X[:25], Y[:25]), (X[25:], Y[25:])]


def network(activation=nn.tanh, width=8, eps=1e-5):
    rng = np.random.default_rng(0)
    first, last = nn.Linear(3, width, rng=rng), nn.Linear(width, 1, rng=rng)
    return nn.Sequential(first, activation, nn.LayerNorm(width, eps=eps), last)


def fit(**options):
    options = {"epochs": 1, "rng": 1, "data": (X, Y), **options}
    options = {"model": network(), "loss": nn.squared_error, **options}
    return nn.fit(**{"optimizer": ad.optim.Adam(0.01), **options})


def scaled(factor):
    return nn.ModelLoss(lambda model, x, y: factor * nn.squared_error(model(x), y))


def steep(slope):
    return lambda x: nn.leaky_relu(x, slope)


@dataclasses.dataclass(frozen=True)
class Scaled:
    """A loss with a setting."""

    factor: float

    def __call__(self, prediction, y):
        return self.factor * nn.squared_error(prediction, y)


SGD = ad.optim.SGD
DIFFERENT = {
    "optimizer": (
        {"optimizer": ad.optim.Adam(0.01)},
        {"optimizer": ad.optim.AdamW(0.01)},
        "`optimizer` is adjoint.Adam in the file, adjoint.AdamW here",
    ),
    "learning rate": (
        {"optimizer": SGD(0.1)},
        {"optimizer": SGD(0.2)},
        "`optimizer.learning_rate` is 0.1 in the file, 0.2 here",
    ),
    "nesterov": (
        {"optimizer": SGD(0.1, momentum=0.9)},
        {"optimizer": SGD(0.1, momentum=0.9, nesterov=True)},
        "`optimizer.nesterov` is False",
    ),
    "schedule": (
        {"optimizer": SGD(ad.optim.StepDecay(0.1, every=5))},
        {"optimizer": SGD(ad.optim.StepDecay(0.1, every=6))},
        "`optimizer.learning_rate.every` is 5 in the file, 6 here",
    ),
    "inner optimizer": (
        {"optimizer": ad.optim.Accumulate(SGD(0.1), every=2)},
        {"optimizer": ad.optim.Accumulate(SGD(0.2), every=2)},
        "learning_rate` is 0.1 in the file, 0.2",
    ),
    "loss": (
        {},
        {"loss": nn.absolute_error},
        "`loss` is adjoint.squared_error in the file, adjoint.absolute_error here",
    ),
    "enclosed number": (
        {"loss": scaled(1.0)},
        {"loss": scaled(2.0)},
        "`loss.function.factor` is 1.0 in the file, 2.0 here",
    ),
    "default": (
        {"loss": lambda prediction, y, power=2: np.mean(abs(prediction - y) ** power)},
        {"loss": lambda prediction, y, power=4: np.mean(abs(prediction - y) ** power)},
        "`loss.power` is 2 in the file, 4 here",
    ),
    "loss's setting": (
        {"loss": Scaled(1.0)},
        {"loss": Scaled(2.0)},
        "`loss.factor` is 1.0",
    ),
    "data": ({}, {"data": (X, Y + 1.0)}, "`data.1` is float64 (50, 1), checksum"),
    "rows": ({}, {"data": (X[:40], Y[:40])}, "float64 (40, 3), checksum"),
    "batches": (
        {"data": BATCHES, "rng": None},
        {"data": BATCHES[::-1], "rng": None},
        "`data` is 2 batches, checksum",
    ),
    "batch_size": ({}, {"batch_size": 10}, "`data.batch_size` is 32 in the file, 10"),
    "order": ({}, {"shuffle": False}, "`shuffle` is True in the file, False here"),
    "activation": (
        {},
        {"model": network(nn.relu)},
        "`model.layers.1` is adjoint.tanh in the file, adjoint.relu",
    ),
    "activation of NumPy": (
        {},
        {"model": network(np.tanh)},
        "`model.layers.1` is adjoint.tanh in the file, numpy.tanh",
    ),
    "layer's setting": (
        {},
        {"model": network(eps=0.1)},
        "training: `model.layers.2.eps` is 1e-05 in the file, 0.1",
    ),
    "enclosed slope": (
        {"model": network(steep(0.1))},
        {"model": network(steep(0.2))},
        "`model.layers.1.slope` is 0.1 in the file, 0.2",
    ),
    "width": (
        {},
        {"model": network(width=9)},
        "run: `model.layers.0.weight` is float64 of shape (3, 8) in the file",
    ),
    "seed": ({}, {"rng": 2}, "`rng` is 1 in the file, 2 here"),
    "seed of a generator": (
        {"rng": np.random.default_rng(1)},
        {"rng": np.random.default_rng(2)},
        "`rng` is a generator PCG64 seeded by 1 () in the file",
    ),
    "validation": ({}, {"validation": (X, Y)}, "`validation"),
    "other validation": (
        {"validation": (X, Y)},
        {"validation": (X, 2.0 * Y)},
        "`validation.1` is",
    ),
    "metrics": (
        {"metrics": [nn.absolute_error]},
        {"metrics": [nn.absolute_error, nn.huber]},
        "`metrics.huber` is not there in the file, adjoint.huber here",
    ),
    "callbacks": (
        {"callbacks": [nn.EarlyStopping("loss", patience=3)]},
        {"callbacks": [nn.EarlyStopping("loss", patience=4)]},
        "`callbacks.0.patience` is 3 in the file, 4 here",
    ),
}


@pytest.mark.parametrize(
    ("first", "second", "sentence"), DIFFERENT.values(), ids=DIFFERENT
)
def test_another_training_is_refused_and_what_differs_is_named(
    tmp_path, first, second, sentence
):
    path = tmp_path / "run"
    fit(checkpoint=path, **first)
    before = path.read_bytes()
    with pytest.raises(ad.errors.CheckpointError) as caught:
        fit(checkpoint=path, resume=True, **{**first, **second})
    assert sentence in str(caught.value)
    assert "`like`" not in str(caught.value)
    assert before == path.read_bytes()
    fit(checkpoint=path, resume=True, **first)


def test_what_belongs_to_another_thing_is_not_told_of(tmp_path):
    fit(checkpoint=tmp_path / "run", optimizer=SGD(0.1))
    other = {"optimizer": ad.optim.Adam(0.2), "loss": nn.huber}
    with pytest.raises(ad.errors.CheckpointError) as caught:
        fit(checkpoint=tmp_path / "run", resume=True, **other)
    sentence = (
        "training: `optimizer` is adjoint.SGD in the file, adjoint.Adam here; "
        "`loss` is adjoint.squared_error in the file, adjoint.huber here. It was left"
    )
    assert sentence in str(caught.value)


def test_a_generator_that_has_moved_on_is_the_same_seed(tmp_path):
    """In a notebook, the one that made the model is still there."""
    rng = np.random.default_rng(3)
    fit(checkpoint=tmp_path / "run", rng=rng)
    rng.random(100)
    went_on = fit(checkpoint=tmp_path / "run", rng=rng, epochs=3, resume=True)
    whole = fit(rng=np.random.default_rng(3), epochs=3)
    assert whole.history == went_on.history


def test_a_seed_that_nothing_needs_does_not_count(tmp_path):
    options = {"checkpoint": tmp_path / "run", "shuffle": False}
    fit(rng=1, **options)
    assert 2 == fit(rng=2, resume=True, epochs=2, **options).history.epochs


def test_the_cure_of_the_message_works(tmp_path):
    """A new training begins from the model in the file."""
    path = tmp_path / "run"
    result = fit(checkpoint=path)
    again = nn.load(path, like=network())
    for name, array in result.model.parameters().items():
        np.testing.assert_array_equal(array, again.parameters()[name])


@pytest.mark.parametrize("like", [network(nn.relu), network(eps=0.5)])
def test_a_model_of_other_settings_is_not_loaded(tmp_path, like):
    nn.save(tmp_path / "model", network())
    fit(checkpoint=tmp_path / "run")
    for name in ("model", "run"):
        with pytest.raises(ad.errors.CheckpointError, match=r"`layers\.\d") as caught:
            nn.load(tmp_path / name, like=like)
        assert "with_parameters" in str(caught.value)
    loaded = nn.load(tmp_path / "model", like=network())
    like.with_parameters(loaded.parameters())


def test_a_layer_less_is_not_loaded(tmp_path):
    layer = nn.Linear(2, 2, rng=np.random.default_rng(0))
    nn.save(tmp_path / "model", nn.Sequential(layer, nn.tanh))
    with pytest.raises(ad.errors.CheckpointError, match=r"layers.1` is adjoint.tanh"):
        nn.load(tmp_path / "model", like=nn.Sequential(layer))


def test_a_file_of_the_format_before_is_refused(tmp_path, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(_stored, "VERSION", 1)
        nn.save(tmp_path / "model", network())
    with pytest.raises(ad.errors.CheckpointError, match=r"format 1, this one reads 2"):
        nn.load(tmp_path / "model", like=network())


def test_a_description_says_what_a_setting_is_made_of():
    words = described("it", {"a": [1, "b"], "f": np.tanh, "x": X[:1], "t": np.float32})
    assert {"it", "it.a", "it.f", "it.x", "it.t"} == set(words)
    assert ("[1, 'b']", "numpy.tanh") == (words["it.a"], words["it.f"])
    assert described("", X.T) == described("", np.ascontiguousarray(X.T))
    assert described("", X) != described("", X + 1e-15)
    long = described("", list(range(1000)))
    assert len(long[""]) < 100
    assert long != described("", [*range(999), 0])
    json.dumps(words)


def counting():
    calls = 0

    def metric(prediction, y):
        nonlocal calls
        calls += 1
        return float(np.mean(np.abs(prediction - y)))

    return metric


def test_a_function_that_counts_its_calls_is_the_same_afterwards(tmp_path):
    options = {"metrics": [counting()], "checkpoint": tmp_path / "run"}
    fit(**options)
    assert fit(**options, epochs=2, resume=True).history.epochs == 2


def test_compiled_functions_of_other_packages_are_told_apart():
    assert described("", np.tanh) == {"": "numpy.tanh"}
    assert described("", special.expit) == {"": "expit"}
    assert described("", special.erf) == {"": "erf"}
