"""Callbacks: what is done after each epoch.

A callback is a record of settings, as an optimizer is; what it remembers is a state
beside it, a tree, which stands in checkpoints.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import adjoint as ad
from adjoint.nn._described import Words, described, name_of
from adjoint.nn._training.history import History


class Epoch(NamedTuple):
    """Where a training stands after an epoch; a callback is given it.

    Attributes
    ----------
    number : int
        Counted from 1.
    model, statistics : tree
        As they are now; they stay so.
    history : History
        With the numbers of this epoch.
    """

    number: int
    model: Any
    statistics: Any
    history: History


class Callback:
    """Base of callbacks that remember something.

    Any function of an `Epoch` is a callback as well; if it returns a text, or True, the
    training stops.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> class Average(ad.nn.Callback):
    ...     '''The mean of the weights of all epochs, in the end.'''
    ...
    ...     def init(self, epoch):
    ...         return ad.tree.map(np.zeros_like, epoch.model)
    ...
    ...     def after_epoch(self, epoch, state):
    ...         share = 1.0 / epoch.number
    ...         mean = lambda old, new: old + share * (new - old)
    ...         return ad.tree.map(mean, state, epoch.model), None
    ...
    ...     def finish(self, epoch, state):
    ...         return state, epoch.statistics
    >>> x = np.linspace(-1.0, 1.0, 8)[:, None]
    >>> model = ad.nn.Linear(1, 1, rng=np.random.default_rng(0))
    >>> result = ad.nn.fit(model, (x, 2.0 * x), ad.nn.squared_error, ad.optim.SGD(1.0),
    ...                    epochs=40, rng=0, callbacks=[Average()])
    >>> bool(1.8 < result.model.weight.item() < 2.0)
    True
    """

    def init(self, epoch: Epoch) -> Any:
        """Return the state before the first epoch, a tree whose form stays the same."""
        del epoch
        return ()

    def after_epoch(self, epoch: Epoch, state: Any) -> tuple[Any, str | bool | None]:
        """Return the new state, and a reason to stop (or True), or None."""
        del epoch
        return state, None

    def finish(self, epoch: Epoch, state: Any) -> tuple[Any, Any]:
        """Return model and statistics of the result, after the last epoch."""
        del state
        return epoch.model, epoch.statistics


class _Function(Callback):
    """A function of the epoch."""

    def __init__(self, function: Callable[[Epoch], Any]) -> None:
        self.function = function

    def after_epoch(self, epoch: Epoch, state: Any) -> tuple[Any, str | bool | None]:
        return state, self.function(epoch)


def callback_of(callback: Any) -> Callback:
    """Return a callback of what the user gave.

    Raises
    ------
    InputError
        If it is neither a callback nor a function.
    """
    if isinstance(callback, Callback):
        return callback
    if not callable(callback) or isinstance(callback, type):
        kind = callback.__name__ if isinstance(callback, type) else repr(callback)
        msg = (
            f"fit: the callback {kind} is neither an object of adjoint.nn.Callback nor "
            "a function of the epoch."
        )
        raise ad.errors.InputError(msg)
    return _Function(callback)


def setting_of_callback(name: str, callback: Callback) -> Words:
    """Return the setting of a callback: of a function, its name alone."""
    if isinstance(callback, _Function):
        return {name: name_of(callback.function)}
    return described(name, callback)


@dataclass(frozen=True)
class EarlyStopping(Callback):
    """Stop when a number has not become better for some epochs.

    Parameters
    ----------
    name : str
        Of the history.
    patience : int
        How many epochs in a row may be no better than the best before them.
    largest : bool
        Whether more is better, as for an accuracy.

    Raises
    ------
    ValueError
        If patience is below 1; in training, if nothing of the name is measured.

    Notes
    -----
    Weights are those of the last epoch; `BestWeights` beside it gives the best.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> x = np.linspace(-1.0, 1.0, 8)[:, None]
    >>> model = ad.nn.Linear(1, 1, rng=np.random.default_rng(0))
    >>> result = ad.nn.fit(
    ...     model, (x, 2.0 * x), ad.nn.squared_error, ad.optim.SGD(1.0), epochs=1000,
    ...     batch_size=8, rng=0, callbacks=[ad.nn.EarlyStopping("loss", patience=3)])
    >>> result.history.epochs < 200
    True
    >>> print(result.stopped)
    EarlyStopping: `loss` has not become better for 3 epochs (best: epoch ...)
    """

    name: str = "validation_loss"
    patience: int = 5
    largest: bool = False

    def __post_init__(self) -> None:
        """Check the settings."""
        if self.patience < 1:
            msg = f"EarlyStopping: patience={self.patience} is below 1."
            raise ValueError(msg)

    def after_epoch(self, epoch: Epoch, state: Any) -> tuple[Any, str | bool | None]:
        """Return a reason to stop after ``patience`` epochs without a new best."""
        best = epoch.history.best(self.name, largest=self.largest)
        if epoch.number - best < self.patience:
            return state, None
        reason = (
            f"EarlyStopping: `{self.name}` has not become better for "
            f"{self.patience} epochs (best: epoch {best})"
        )
        return state, reason


@dataclass(frozen=True)
class BestWeights(Callback):
    """Give the model of the best epoch as the result.

    Parameters
    ----------
    name : str
        Of the history.
    largest : bool
        Whether more is better, as for an accuracy.

    Raises
    ------
    ValueError
        In training, if nothing of the name is measured.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> x = np.linspace(-1.0, 1.0, 8)[:, None]
    >>> model = ad.nn.Linear(1, 1, rng=np.random.default_rng(0))
    >>> result = ad.nn.fit(
    ...     model, (x, 2.0 * x), ad.nn.squared_error, ad.optim.SGD(1.4), epochs=9,
    ...     batch_size=3, rng=0, validation=(x, 2.0 * x),
    ...     callbacks=[ad.nn.BestWeights()])
    >>> reached = ad.nn.squared_error(result.model(x), 2.0 * x)
    >>> bool(np.isclose(reached, min(result.history["validation_loss"])))
    True
    """

    name: str = "validation_loss"
    largest: bool = False

    def init(self, epoch: Epoch) -> Any:
        """Return the first model, which any epoch replaces."""
        return {"model": epoch.model, "statistics": epoch.statistics}

    def after_epoch(self, epoch: Epoch, state: Any) -> tuple[Any, str | bool | None]:
        """Return the model if its epoch is the best, else the one before."""
        if epoch.history.best(self.name, largest=self.largest) == epoch.number:
            state = self.init(epoch)
        return state, None

    def finish(self, epoch: Epoch, state: Any) -> tuple[Any, Any]:
        """Return the best model."""
        del epoch
        return state["model"], state["statistics"]
