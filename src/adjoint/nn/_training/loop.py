"""The function `fit`: from a model and data to a trained model."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

import adjoint as ad
from adjoint.nn._training.batches import Data, Rows, data_of
from adjoint.nn._training.callbacks import Callback, Epoch
from adjoint.nn._training.checks import (
    callbacks_of,
    check_model,
    check_optimizer,
    named_metrics,
)
from adjoint.nn._training.history import History
from adjoint.nn._training.measuring import Measuring
from adjoint.nn._training.objective import ModelLoss, OutputLoss, objective_of
from adjoint.nn._training.passing import check_generator_taken, check_passed_on
from adjoint.nn._training.progress import Tell, progress_bar, words_of
from adjoint.nn._training.setting import setting_of
from adjoint.nn._training.standing import Standing, TrainingFile
from adjoint.nn._training.steps import Steps


@dataclass(frozen=True, eq=False)
class FitResult:
    """A trained model, and how it got there.

    Attributes
    ----------
    model : tree
        Of the last epoch, or what a callback made of it (`BestWeights`).
    history : History
        Numbers of each epoch: ``loss`` (the mean over the batches, each before its
        step), ``validation_loss`` and ``validation_...`` of each metric (metrics alone,
        if there is no validation), ``learning_rate``.
    statistics : tree
        Of layers that keep some, to be passed to the model; else None.
    optimizer_state : dict
        Of the last epoch.
    stopped : str or None
        Why a callback stopped it.
    """

    model: Any
    history: History
    statistics: Any
    optimizer_state: Any
    stopped: str | None


def fit(
    model: Any,
    data: Any,
    loss: Any,
    optimizer: Any,
    *,
    epochs: int,
    batch_size: int | None = None,
    validation: Any = None,
    metrics: Mapping[str, Any] | Iterable[Any] | None = None,
    callbacks: Iterable[Any] = (),
    rng: np.random.Generator | int | None = None,
    shuffle: bool = True,
    statistics: Any = None,
    progress: bool | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    resume: bool = False,
) -> FitResult:
    """Return a model trained on data, in batches.

    Parameters
    ----------
    model : callable tree
        A `Module`, or another tree with a `ModelLoss`.  It is not changed.
    data : tuple of arrays, iterable of batches, or callable
        ``(x, y)``: rows are samples.  Or batches, tuples of arrays, gone through once
        an epoch.  Or a function ``data(epoch)`` that returns such an iterable.
    loss : callable
        ``loss(prediction, y)``, such as `adjoint.nn.cross_entropy`: the mean over the
        batch.  With other arrays in a batch ``loss(prediction, *others)``.  Or a
        `ModelLoss`, which calls the model itself.
    optimizer : adjoint.optim.Optimizer
        Its learning rate may be a schedule.
    epochs : int
        How often to go through the data.
    batch_size : int, optional
        Rows of a batch of arrays.  Default is 32; the last batch may have fewer.
    validation : as ``data``, optional
        Measured after each epoch, without dropout and by running statistics.
    metrics : dict of str to callable, or sequence of callables, optional
        Called as the loss is, but once after each epoch, on all rows of the validation,
        or else of the data.  A `ModelLoss` is given all rows at once, too.
    callbacks : sequence of Callback or callable
        `EarlyStopping`, `BestWeights`, your own, functions of an `Epoch`.
    rng : numpy.random.Generator or int
        For the order of rows and for layers that draw.  Must be given if either needs
        it.
    shuffle : bool
        Whether rows come in a new order each epoch.
    statistics : tree, optional
        To begin with; default is ``model.statistics()``.
    progress : bool, optional
        Whether to show a bar.  By default on a terminal, if rich is installed.
    checkpoint : path, optional
        Written after each epoch, see `save`; the one before stays in
        ``<path>.previous``.  Needs safetensors: ``pip install 'adjoint[nn]'``.
    resume : bool
        Whether to go on where the checkpoint is, if there is one.  It must be of the
        same training, see Notes; ``epochs`` may differ.

    Returns
    -------
    FitResult

    Raises
    ------
    FloatingPointError
        If the loss is nan or infinite, with epoch, batch and what to look at.
    InputError, ShapeError, ValueError
        If data, sizes, functions or random numbers are not as above, or data are empty;
        if a layer that draws or keeps statistics could not be passed what it needs.
    FileExistsError
        If there is a checkpoint and ``resume`` is False.
    CheckpointError
        If it is damaged or of another training; it is left as it is.

    Notes
    -----
    All draws are seeded by ``rng`` and the numbers of epoch and batch.  So a training
    that was killed at any moment and goes on ends with the same bits as one that was
    not, on the same machine with the same number of threads, if the data are the same;
    batches of an iterable must then be the same in each epoch, or come from a function
    ``data(epoch)``.

    A checkpoint tells the training it is of: the optimizer and the callbacks with their
    settings, loss and metrics, what is static in the model, the seed, and checksums of
    arrays (or lists of batches) given as data and validation.  Another training is
    refused, with what differs.  Functions count by their names and by the numbers and
    texts that they enclose or have as defaults, objects that are no dataclasses by the
    names of their classes: that the code of one has changed is not noticed.  A
    generator counts by its seed, and the draws go on as they were begun.

    A layer's random numbers and statistics are passed as `Sequential` does it: to a
    model with ``takes_rng`` by ``rng=``, to one with ``keeps_statistics`` as the second
    argument with ``training=``.  A `Module` has both from its layers and from the
    parameters of its ``__call__``; if a layer asks for what the modules around it do
    not take, that is refused.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> rng = np.random.default_rng(0)
    >>> nn = ad.nn
    >>> x = rng.uniform(-1.0, 1.0, (200, 2))
    >>> y = (x[:, 0] * x[:, 1] > 0.0).astype(int)
    >>> first, last = nn.Linear(2, 16, rng=rng), nn.Linear(16, 2, rng=rng)
    >>> model = nn.Sequential(first, nn.tanh, last)
    >>> result = nn.fit(model, (x, y), nn.cross_entropy, ad.optim.Adam(0.03),
    ...                 epochs=40, batch_size=20, metrics=[nn.accuracy], rng=rng)
    >>> result.history["accuracy"][-1] > 0.95
    True
    """
    _check_count("epochs", epochs)
    source = data_of("data", data, batch_size)
    held = _validation_of(validation, batch_size)
    objective = _objective(loss, model, statistics)
    check_optimizer(optimizer)
    named = named_metrics(metrics)
    measuring = Measuring(objective, named, model, source, held)
    called = callbacks_of(callbacks)
    shuffle = shuffle and isinstance(source, Rows)
    entropy = _entropy(rng, shuffle=shuffle, draws=objective.takes_rng)
    standing = _start(model, optimizer, statistics, called, entropy)
    file = None
    if checkpoint is not None:
        seed = rng if shuffle or objective.takes_rng else None
        setting = setting_of(
            optimizer, loss, named, source, held, called, seed, shuffle
        )
        file = TrainingFile(checkpoint, setting)
        standing = file.begin(standing, resume=resume)
    elif resume:
        msg = "fit: resume=True goes on with a checkpoint; say which: checkpoint=path."
        raise ad.errors.InputError(msg)
    steps = Steps(source, objective, optimizer, standing.entropy, shuffle)
    with progress_bar(progress, epochs, standing.epoch) as tell:
        while standing.epoch < epochs and standing.stopped is None:
            tree, mean = steps.epoch(standing.epoch + 1, _working(standing.tree), tell)
            now = _measured_epoch(standing, tree, mean, measuring)
            now.history["learning_rate"].append(_rate(optimizer, tree["optimizer"]))
            _call(called, standing, now, tree, tell)
            if file is not None:
                file.save(standing)
    return _result(called, standing)


def _objective(loss: Any, model: Any, statistics: Any) -> OutputLoss | ModelLoss:
    """Return the loss as what training calls; check that the model can be trained."""
    objective: OutputLoss | ModelLoss = objective_of(loss, model)
    check_model(model, called=isinstance(objective, OutputLoss))
    if isinstance(objective, OutputLoss):
        check_passed_on(model, statistics)
    elif not objective.takes_rng:
        check_generator_taken(model)
    return objective


def _start(
    model: Any,
    optimizer: Any,
    statistics: Any,
    callbacks: list[Callback],
    entropy: list[int] | None,
) -> Standing:
    """Return the standing before the first epoch."""
    model = _copied(model)
    if statistics is None and getattr(model, "keeps_statistics", False):
        statistics = getattr(model, "statistics", lambda: None)()
    first = Epoch(0, model, statistics, History())
    tree = {
        "model": model,
        "optimizer": optimizer.init(model),
        "statistics": statistics,
        "callbacks": [callback.init(first) for callback in callbacks],
    }
    return Standing(0, tree, History(loss=[]), entropy)


def _measured_epoch(
    standing: Standing,
    tree: dict[str, Any],
    mean: float,
    measuring: Measuring,
) -> Epoch:
    """Return an epoch with what was measured; its model is never overwritten."""
    number, model = standing.epoch + 1, _copied(tree["model"])
    history = standing.history
    history.add({"loss": mean, **measuring.after(number, model, tree["statistics"])})
    history.setdefault("learning_rate", [])
    return Epoch(number, model, tree["statistics"], history)


def _call(
    callbacks: list[Callback],
    standing: Standing,
    now: Epoch,
    tree: dict[str, Any],
    tell: Tell,
) -> None:
    """Call the callbacks of an epoch, and note where the training stands."""
    states = []
    for callback, state in zip(callbacks, standing.tree["callbacks"], strict=True):
        state, stop = callback.after_epoch(now, state)  # noqa: PLW2901 - the new one
        states.append(state)
        if stop and standing.stopped is None:
            standing.stopped = stop if isinstance(stop, str) else "a callback said so"
    standing.epoch = now.number
    standing.tree = {**tree, "model": now.model, "callbacks": states}
    tell(now.number, words_of({name: kept[-1] for name, kept in now.history.items()}))


def _result(callbacks: list[Callback], standing: Standing) -> FitResult:
    model, statistics = standing.tree["model"], standing.tree["statistics"]
    for callback, state in zip(callbacks, standing.tree["callbacks"], strict=True):
        last = Epoch(standing.epoch, model, statistics, standing.history)
        model, statistics = callback.finish(last, state)
    state = standing.tree["optimizer"]
    return FitResult(model, standing.history, statistics, state, standing.stopped)


def _copied(model: Any) -> Any:
    """Return a model with arrays of its own, in C order whatever they were.

    Products depend in their last bits on the order, which a file does not keep.
    """
    return ad.tree.map(lambda leaf: np.array(leaf, order="C"), model)


def _working(tree: dict[str, Any]) -> dict[str, Any]:
    """Return a tree whose model may be overwritten by steps."""
    return {**tree, "model": _copied(tree["model"])}


def _rate(optimizer: Any, state: Any) -> float:
    """Return the learning rate of the step that was taken last."""
    return float(optimizer.rate(max(state["step"] - 1, 0)))


def _validation_of(validation: Any, batch_size: int | None) -> Data | None:
    if validation is None:
        return None
    arrays = isinstance(validation, np.ndarray) or (
        isinstance(validation, tuple)
        and any(isinstance(part, np.ndarray) for part in validation[:1])
    )
    return data_of("validation", validation, batch_size if arrays else None)


def _entropy(rng: Any, *, shuffle: bool, draws: bool) -> list[int] | None:
    """Return what seeds the draws of a training.

    Raises
    ------
    InputError
        If it is needed and not given, or neither a generator nor a number.
    """
    if rng is None:
        if not (shuffle or draws):
            return None
        why = "fit takes the rows in a random order" if shuffle else "the model draws"
        msg = (
            f"{why}, for which a generator is passed: rng=np.random.default_rng(0), or "
            "an integer" + (", or shuffle=False." if shuffle and not draws else ".")
        )
        raise ad.errors.InputError(msg)
    if isinstance(rng, np.random.Generator):
        return [int(one) for one in rng.integers(0, 2**32, 4)]
    if not isinstance(rng, bool) and isinstance(rng, (int, np.integer)) and rng >= 0:
        return [int(rng)]
    msg = f"fit: rng={rng!r} is neither a numpy.random.Generator nor an integer from 0."
    raise ad.errors.InputError(msg)


def _check_count(name: str, count: Any) -> None:
    if isinstance(count, bool) or not isinstance(count, (int, np.integer)) or count < 1:
        msg = f"fit: {name}={count!r} is no integer from 1 on."
        raise ValueError(msg)
