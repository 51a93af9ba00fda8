"""Training: the same as by hand, measured, stopped, and loud about bad data."""

import sys

import numpy as np
import pytest

import adjoint as ad
from adjoint import nn

RNG = np.random.default_rng(0)
X = RNG.standard_normal((50, 3))
Y = np.sin(X @ RNG.standard_normal((3, 1)))


def network(seed=0, *layers):
    rng = np.random.default_rng(seed)
    first, last = nn.Linear(3, 8, rng=rng), nn.Linear(8, 1, rng=rng)
    return nn.Sequential(first, nn.tanh, *layers, last)


def fit(model=None, data=(X, Y), loss=nn.squared_error, optimizer=None, **options):
    options = {"epochs": 3, **options}
    if "shuffle" not in options:
        options.setdefault("rng", 1)
    model = network() if model is None else model
    return nn.fit(model, data, loss, optimizer or ad.optim.Adam(0.01), **options)


class Scale(nn.Module):
    """A model whose number is no parameter."""

    def __init__(self, factor):
        self.factor = factor

    def __call__(self, x):
        return self.factor * x


def numbers(tree):
    return [np.asarray(leaf).tolist() for leaf in ad.tree.leaves(tree)]


# What is trained


@pytest.mark.parametrize(
    "optimizer",
    [
        ad.optim.SGD(0.1, momentum=0.9),
        ad.optim.Adam(ad.optim.CosineDecay(0.1, steps=10)),
        ad.optim.Accumulate(ad.optim.SGD(0.1), every=2),
        ad.optim.LBFGS(),
    ],
)
def test_training_is_the_loop_one_would_write(optimizer):
    result = fit(optimizer=optimizer, batch_size=20, shuffle=False)
    model, state = network(), optimizer.init(network())
    means = []
    for _ in range(3):
        values = []
        for start in (0, 20, 40):
            x, y = X[start : start + 20], Y[start : start + 20]
            at = ad.value_and_grad(
                lambda model, x=x, y=y: nn.squared_error(model(x), y)
            )
            value, model, state = optimizer.step(at, state, model)
            values.append(value * len(x))
        means.append(sum(values) / 50)
    assert numbers(model) == numbers(result.model)
    assert numbers(state) == numbers(result.optimizer_state)
    np.testing.assert_allclose(means, result.history["loss"], rtol=1e-14)


def test_the_model_given_is_not_changed():
    model = network()
    before = numbers(model)
    fit(model)
    assert before == numbers(model)


def test_each_epoch_has_all_rows_once_in_another_order():
    seen = []

    def loss(model, x, y):
        seen.extend(np.asarray(x)[:, 0].tolist())
        return nn.squared_error(model(x), y)

    fit(loss=nn.ModelLoss(loss), epochs=2, batch_size=7)
    first, second = seen[:50], seen[50:]
    assert sorted(X[:, 0]) == sorted(first) == sorted(second)
    assert first != second


def test_a_seed_a_generator_or_a_list_of_the_batches_give_the_same():
    rng = np.random.default_rng(5)
    assert numbers(fit(rng=np.random.default_rng(5)).model) == numbers(
        fit(rng=rng).model
    )
    assert numbers(fit(rng=5).model) == numbers(fit(rng=5).model)
    assert numbers(fit(rng=5).model) != numbers(fit(rng=6).model)
    rows = fit(shuffle=False, batch_size=20)
    batches = [(X[at : at + 20], Y[at : at + 20]) for at in (0, 20, 40)]
    assert numbers(rows.model) == numbers(fit(data=batches).model)
    assert numbers(rows.model) == numbers(fit(data=lambda epoch: iter(batches)).model)


def test_arrays_in_any_layout_give_the_same():
    turned = np.asfortranarray(X), np.repeat(Y, 2, axis=0)[::2]
    assert numbers(fit().model) == numbers(fit(data=turned).model)
    batches = [(part, Y[:25]) for part in (np.asfortranarray(X[:25]), X[:25])]
    same = [(np.ascontiguousarray(x), y) for x, y in batches]
    assert numbers(fit(data=same).model) == numbers(fit(data=batches).model)


def test_single_precision_stays():
    rng = np.random.default_rng(0)
    model = nn.Linear(3, 1, rng=rng, dtype=np.float32)
    result = fit(model, (X.astype(np.float32), Y.astype(np.float32)))
    assert {np.dtype(np.float32)} == {p.dtype for p in ad.tree.leaves(result.model)}


def test_dropout_draws_in_training_only():
    model = network(0, nn.Dropout(0.5))
    result = fit(model, validation=(X, Y), epochs=2)
    expected = nn.squared_error(result.model(X), Y)
    assert result.history["validation_loss"][-1] == pytest.approx(expected, rel=1e-13)
    assert result.history["loss"] != fit(epochs=2).history["loss"]
    assert numbers(result.model) == numbers(fit(model, epochs=2).model)


def test_statistics_are_kept_and_returned():
    model = network(0, nn.BatchNorm(8))
    result = fit(model, epochs=1, batch_size=50, shuffle=False, validation=(X, Y))
    _, expected = model(X, model.statistics(), training=True)
    assert numbers(expected) == numbers(result.statistics)
    prediction, _ = result.model(X, result.statistics)
    reached = nn.squared_error(prediction, Y)
    assert result.history["validation_loss"] == [pytest.approx(reached, rel=1e-13)]


def test_a_loss_of_the_model_gets_what_it_names():
    seen = []

    def loss(model, x, y, *, rng, training, statistics):
        seen.append((training, rng is not None))
        out, statistics = model(x, statistics, training=training)
        return nn.squared_error(out, y), statistics

    model = network(0, nn.BatchNorm(8))
    options = {"epochs": 1, "batch_size": 50, "validation": (X, Y)}
    result = fit(model, loss=nn.ModelLoss(loss), **options)
    assert [(True, True), (False, False)] == seen
    assert numbers(fit(model, **options).model) == numbers(result.model)


# What is measured, and what follows


def test_history_has_losses_metrics_and_learning_rates():
    labels = (Y[:, 0] > 0).astype(int)
    model = nn.Linear(3, 2, rng=np.random.default_rng(0))
    schedule = ad.optim.Piecewise([2], [0.5, 0.25])
    result = fit(
        model,
        (X, labels),
        nn.cross_entropy,
        ad.optim.SGD(schedule),
        epochs=2,
        batch_size=25,
        validation=(X[:30], labels[:30]),
        metrics=[nn.accuracy, nn.ModelLoss(lambda model, x, y: len(x))],
    )
    names = ["loss", "validation_loss", "validation_accuracy", "validation_ModelLoss"]
    assert [*names, "learning_rate"] == list(result.history)
    assert [0.5, 0.25] == result.history["learning_rate"]
    reached = nn.accuracy(result.model(X[:30]), labels[:30])
    assert result.history["validation_accuracy"][-1] == pytest.approx(reached)
    assert [30.0, 30.0] == result.history["validation_ModelLoss"]
    assert result.stopped is None


def r2(prediction, y):
    return 1.0 - np.sum((y - prediction) ** 2) / np.sum((y - y.mean()) ** 2)


def test_a_metric_is_that_of_all_rows():
    """A quotient of sums, or a root, is no mean of those of batches."""
    metrics = {
        "r2": r2,
        "rmse": lambda prediction, y: np.sqrt(nn.squared_error(prediction, y)),
        "of the model": nn.ModelLoss(lambda model, x, y: r2(model(x), y)),
    }
    options = {"metrics": metrics, "batch_size": 7, "epochs": 1}
    held = (X[:15], Y[:15])
    for data in (held, [(X[:7], Y[:7]), (X[7:15], Y[7:15])]):
        result = fit(validation=data, **options)
        prediction = result.model(held[0])
        history = result.history
        assert [pytest.approx(r2(prediction, held[1]))] == history["validation_r2"]
        assert history["validation_r2"] == pytest.approx(
            history["validation_of the model"]
        )
        loss = nn.squared_error(prediction, held[1])
        assert [pytest.approx(np.sqrt(loss))] == history["validation_rmse"]
        assert [pytest.approx(loss)] == history["validation_loss"]
    result = fit(**options)
    assert [pytest.approx(r2(result.model(X), Y))] == result.history["r2"]


def test_predictions_that_are_trees_are_put_together():
    class Two(nn.Module):
        def __init__(self):
            self.net = network()

        def __call__(self, x):
            return {"mean": self.net(x), "rest": (x,)}

    def loss(prediction, y):
        return nn.squared_error(prediction["mean"], y)

    def seen(prediction, y):
        return np.sum(prediction["rest"][0]) + len(y)

    history = fit(Two(), loss=loss, metrics=[seen], epochs=1).history
    assert [pytest.approx(np.sum(X) + 50)] == history["seen"]


def test_batches_of_other_shapes_make_no_metric():
    batches = [(np.ones((2, 4, 3)), np.ones((2, 4, 1))), (X, Y)]
    sentence = r"shapes \(2, 4, 1\) and \(50, 1\), which make no array"
    with pytest.raises(ad.errors.ShapeError, match=sentence):
        fit(data=batches, metrics=[nn.absolute_error])
    fit(data=batches, validation=batches)


def test_early_stopping_counts_epochs_without_a_better_one():
    losses = iter([5.0, 3.0, 4.0, 3.0, 2.9, 3.0, 3.1, 3.2, 1.0])
    stop = nn.EarlyStopping("invented", patience=3)
    metric = {"invented": lambda prediction, y: next(losses)}
    result = fit(epochs=9, batch_size=50, metrics=metric, callbacks=[stop])
    assert 8 == result.history.epochs
    assert "best: epoch 5" in result.stopped


def test_best_weights_are_those_of_the_best_epoch():
    goodness = iter([0.1, 0.7, 0.7, 0.2])
    best = nn.BestWeights("good", largest=True)
    metric = {"good": lambda prediction, y: next(goodness)}
    result = fit(epochs=4, batch_size=50, metrics=metric, callbacks=[best])
    assert numbers(fit(epochs=2, batch_size=50).model) == numbers(result.model)


def test_a_function_is_a_callback_and_its_models_stay_as_they_are():
    models = []

    def look(epoch):
        models.append((epoch.model, numbers(epoch.model)))
        return epoch.number == 2

    result = fit(epochs=5, callbacks=[look], batch_size=10)
    assert 2 == result.history.epochs
    assert "a callback said so" == result.stopped
    assert all(before == numbers(model) for model, before in models)


def test_a_history_is_drawn():
    result = fit(validation=(X, Y), metrics={"error": nn.absolute_error})
    figure = result.history.plot()
    losses, others = figure.axes
    assert ["loss", "validation loss"] == [line.get_label() for line in losses.lines]
    drawn = list(others.lines[0].get_ydata())
    assert result.history["validation_error"] == drawn
    with pytest.raises(ValueError, match=r"no `los` was measured; there is: learning"):
        result.history.plot("los")


def test_a_learning_rate_is_drawn_apart_from_accuracies():
    pytest.importorskip("matplotlib", reason="needs the extra 'explain'")
    history = nn.History(learning_rate=[1e-3, 1e-4], accuracy=[0.5, 0.9])
    figure = history.plot("learning_rate", "accuracy")
    assert ["accuracy", "learning rate"] == [a.get_title("left") for a in figure.axes]


@pytest.mark.parametrize(
    ("losses", "scale"),
    [([3.0, 0.2], "log"), ([3.0, 0.4], "linear"), ([3, 0], "linear")],
)
def test_losses_of_more_than_a_decade_are_drawn_by_logarithm(losses, scale):
    pytest.importorskip("matplotlib", reason="needs the extra 'explain'")
    (axes,) = nn.History(loss=losses).plot().axes
    assert scale == axes.get_yscale()
    epochs = [tick for tick in axes.get_xticks() if 1 <= tick <= 2]
    assert [1.0, 2.0] == epochs  # no halves


def test_a_bar_is_drawn_when_asked_for_and_nothing_else_is_written(capsys):
    fit()
    assert ("", "") == capsys.readouterr()
    fit(progress=True)
    out, err = capsys.readouterr()
    assert "" == out
    assert "epoch 3/3" in err


def test_without_rich_a_bar_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "rich.progress", None)
    with pytest.raises(ImportError, match=r"pip install 'adjoint\[nn\]'"):
        fit(progress=True)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    fit()


# Bad numbers, bad data


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_loss_that_grows_beyond_bounds_says_where_and_names_the_rate():
    with pytest.raises(FloatingPointError) as caught:
        fit(
            nn.Linear(3, 1, rng=np.random.default_rng(0)),
            optimizer=ad.optim.SGD(1e30),
            epochs=20,
            batch_size=10,
            shuffle=False,
        )
    text = " ".join([str(caught.value), *caught.value.__notes__])
    assert "epoch 2, batch 2 of 5" in text  # the sixth step squares 1e180
    assert "learning rate, 1e+30" in text


def test_nan_in_the_data_is_found():
    broken = X.copy()
    broken[13, 2] = np.nan
    with pytest.raises(FloatingPointError) as caught:
        fit(data=(broken, Y), batch_size=10, shuffle=False)
    assert "the loss is nan in epoch 1, batch 2 of 5" in str(caught.value)
    assert "array 0 of the batch has nan at [3, 2]" in str(caught.value)
    with pytest.raises(
        FloatingPointError, match="the validation after epoch 1, batch 1"
    ):
        fit(validation=(broken, Y))


def test_an_error_in_a_batch_says_which():
    batches = [(X, Y), (X[:, :2], Y)]
    with pytest.raises(ad.errors.ShapeError) as caught:
        fit(data=batches)
    note = "This was in epoch 1, batch 2 of 2 of adjoint.nn.fit."
    assert note in caught.value.__notes__


@pytest.mark.parametrize(
    ("options", "error", "sentence"),
    [
        ({"data": (X[:0], Y[:0])}, ValueError, "has no rows"),
        ({"data": []}, ValueError, "has no batches"),
        ({"data": lambda epoch: []}, ValueError, "has no batches"),
        ({"data": (X, Y[:49])}, ad.errors.ShapeError, r"\(50, 3\), \(49, 1\)"),
        ({"data": (X, np.array(1.0))}, ad.errors.ShapeError, "no axis"),
        ({"data": (X, Y.tolist())}, ad.errors.InputError, r"data\[1\] is a list"),
        ({"data": 3}, ad.errors.InputError, "this is a int"),
        ({"data": iter([(X, Y)])}, ValueError, "an iterator, which the first epoch"),
        (
            {"data": [(X, Y)], "batch_size": 3},
            ad.errors.InputError,
            "batch_size=3 is for",
        ),
        ({"validation": (X, Y[:3])}, ad.errors.ShapeError, "arrays of validation"),
        ({"batch_size": 0}, ValueError, "at least one row"),
        ({"batch_size": 2.5}, ad.errors.InputError, "no integer"),
        ({"epochs": 0}, ValueError, "epochs=0"),
        ({"rng": None}, ad.errors.InputError, "or shuffle=False"),
        ({"rng": -1}, ad.errors.InputError, "rng=-1"),
        ({"loss": 1.0}, ad.errors.InputError, "this is a float"),
        ({"callbacks": [nn.BestWeights]}, ad.errors.InputError, "neither an object"),
        (
            {"callbacks": nn.EarlyStopping()},
            ad.errors.InputError,
            r"callbacks=\[EarlyStopping\(...\)\]",
        ),
        ({"callbacks": None}, ad.errors.InputError, r"in a list, but was given None\."),
        ({"validation": ()}, ValueError, "validation has no batches"),
        ({"callbacks": print}, ad.errors.InputError, r"callbacks=\[print\]"),
        ({"callbacks": [nn.BestWeights()]}, ValueError, "no `validation_loss`"),
        ({"metrics": {"loss": nn.accuracy}}, ValueError, "called `loss`"),
        (
            {"metrics": nn.absolute_error},
            ad.errors.InputError,
            r"metrics=\[absolute_error\]",
        ),
        ({"metrics": "accuracy"}, ad.errors.InputError, "was given 'accuracy'"),
        ({"metrics": ["accuracy"]}, ad.errors.InputError, "among them is 'accuracy'"),
        (
            {"metrics": [lambda p, y: 1.0, lambda p, y: 2.0]},
            ad.errors.InputError,
            "two metrics are called `<lambda>`.*dictionary",
        ),
        (
            {"metrics": [lambda x: 1.0]},
            ad.errors.InputError,
            r"metric `<lambda>` `<lambda>\(x\)` is called as <lambda>\(prediction, y\)",
        ),
        (
            {"metrics": {"error": lambda p, y: abs(p - y)}},
            ad.errors.InputError,
            r"metric `error` .*returned an array of shape \(50, 1\)",
        ),
        (
            {"metrics": {"error": lambda p, y: None}},
            ad.errors.InputError,
            "returned None; it should return one number",
        ),
        ({"optimizer": "adam"}, ad.errors.InputError, "was given 'adam'"),
        (
            {"optimizer": ad.optim.Adam},
            ad.errors.InputError,
            r"the class Adam; make one of it: Adam\(0.01\)",
        ),
        (
            {"loss": lambda model, x, y: np.sum(model(x) - y)},
            ad.errors.InputError,
            r"called as <lambda>\(prediction, y\).*ModelLoss\(<lambda>\)",
        ),
        (
            {"loss": nn.ModelLoss(lambda model, x: np.sum(model(x)))},
            ad.errors.InputError,
            r"called as <lambda>\(model, x, y\), since a batch has 2 arrays",
        ),
        (
            {"loss": lambda prediction, y: (prediction - y) ** 2},
            ad.errors.InputError,
            r"the loss `<lambda>` returned an array of shape \(32, 1\)",
        ),
        (
            {"loss": nn.ModelLoss(lambda model, x, y: None)},
            ad.errors.InputError,
            "the loss `<lambda>` returned None",
        ),
        (
            {"loss": lambda prediction, y: np.sum(prediction * 1j)},
            ad.errors.InputError,
            "returned a complex number",
        ),
        ({"data": [X, Y]}, ad.errors.InputError, r"as a tuple, \(x, y\); a list is"),
        ({"data": [[X, Y]]}, ad.errors.InputError, r"a batch of data is a list"),
        (
            {"data": lambda epoch: [[X, Y]]},
            ad.errors.InputError,
            r"a batch of data is a list",
        ),
        ({"data": X}, ad.errors.InputError, r"since a batch has 1 array, and"),
        ({"validation": X}, ad.errors.InputError, "the loss of the validation"),
        ({"model": nn.Linear}, ad.errors.InputError, "the class Linear"),
        ({"model": {"w": X}}, ad.errors.InputError, "is a dict, which cannot"),
        (
            {"model": nn.Sequential(nn.relu)},
            ad.errors.InputError,
            "Sequential has no parameters, so there is nothing to train",
        ),
        (
            {"model": Scale(2.0)},
            ad.errors.InputError,
            r"\(`factor`\) are settings: write self.factor = np.array\(factor\)",
        ),
        ({"resume": True}, ad.errors.InputError, "checkpoint=path"),
        ({"checkpoint": "no/such/folder"}, FileNotFoundError, "no folder no"),
    ],
)
def test_bad_arguments_are_refused_in_a_sentence(options, error, sentence):
    with pytest.raises(error, match=sentence):
        fit(**options)


def test_accuracy_refuses_shapes_that_would_broadcast():
    with pytest.raises(ad.errors.ShapeError, match=r"\(4, 2\), the labels \(4, 1\)"):
        nn.accuracy(np.ones((4, 2)), np.ones((4, 1)))


# Going on


def test_more_epochs_go_on_with_the_same_bits(tmp_path):
    path = tmp_path / "run.safetensors"
    first = fit(checkpoint=path, epochs=2)
    assert 2 == first.history.epochs
    second = fit(checkpoint=path, epochs=5, resume=True)
    whole = fit(epochs=5)
    assert numbers(whole.model) == numbers(second.model)
    assert whole.history == second.history


@pytest.mark.parametrize(
    "optimizer", [ad.optim.LBFGS(), ad.optim.Accumulate(ad.optim.Adam(0.1), every=3)]
)
def test_every_state_goes_on(tmp_path, optimizer):
    fit(optimizer=optimizer, checkpoint=tmp_path / "run", epochs=2)
    went_on = fit(
        optimizer=optimizer, checkpoint=tmp_path / "run", epochs=4, resume=True
    )
    assert numbers(fit(optimizer=optimizer, epochs=4).model) == numbers(went_on.model)


def test_a_stopped_training_stays_stopped(tmp_path):
    options = {"checkpoint": tmp_path / "run", "callbacks": [lambda epoch: "enough"]}
    fit(epochs=9, **options)
    again = fit(epochs=9, resume=True, **options)
    assert ("enough", 1) == (again.stopped, again.history.epochs)


def test_a_checkpoint_is_not_overwritten_unasked(tmp_path):
    fit(checkpoint=tmp_path / "run")
    before = (tmp_path / "run").read_bytes()
    with pytest.raises(FileExistsError, match="resume=True goes on"):
        fit(checkpoint=tmp_path / "run")
    assert before == (tmp_path / "run").read_bytes()


def test_a_damaged_checkpoint_is_refused_and_the_one_before_goes_on(tmp_path):
    path = tmp_path / "run"
    fit(checkpoint=path, epochs=3)
    path.write_bytes(path.read_bytes()[:-1])
    sentence = "damaged.*run.previous, is whole: give it the name run"
    with pytest.raises(ad.errors.CheckpointError, match=sentence):
        fit(checkpoint=path, epochs=5, resume=True)
    previous = (tmp_path / "run.previous").read_bytes()
    (tmp_path / "run.previous").write_bytes(previous[:-1])
    with pytest.raises(ad.errors.CheckpointError) as caught:
        fit(checkpoint=path, epochs=5, resume=True)
    assert "run.previous" not in str(caught.value)
    (tmp_path / "run.previous").write_bytes(previous)
    (tmp_path / "run.previous").replace(path)
    went_on = fit(checkpoint=path, epochs=5, resume=True)
    assert numbers(fit(epochs=5).model) == numbers(went_on.model)


def test_a_saved_tree_is_no_training(tmp_path):
    nn.save(tmp_path / "run", network())
    with pytest.raises(ad.errors.CheckpointError, match="not a checkpoint of fit"):
        fit(checkpoint=tmp_path / "run", resume=True)


def test_an_iterator_has_no_batches_left_to_measure():
    with pytest.raises(
        ValueError, match="data is an iterator, which the first epoch used"
    ):
        nn.fit(
            nn.Linear(3, 1, rng=np.random.default_rng(0)),
            iter([(np.ones((4, 3)), np.ones((4, 1)))]),
            nn.squared_error,
            ad.optim.SGD(0.1),
            epochs=1,
            metrics=[nn.absolute_error],
        )


def test_a_function_that_gives_nothing_in_an_epoch_is_not_called_an_iterator():
    batches = [(np.ones((4, 3)), np.ones((4, 1)))]
    with pytest.raises(ValueError, match="data has no batches"):
        nn.fit(
            nn.Linear(3, 1, rng=np.random.default_rng(0)),
            lambda epoch: iter(batches if epoch == 1 else []),
            nn.squared_error,
            ad.optim.SGD(0.1),
            epochs=2,
        )
