"""The loss of a batch: the model called, with what training passes to it.

Transforms follow this file as they follow the user's code, whose model and loss it
calls.
"""

import inspect
from collections.abc import Callable
from typing import Any

import adjoint as ad
from adjoint.nn._training.checks import check_number, name_of_function
from adjoint.nn._training.passing import check_pair

_MEASURED = {"rng": None, "training": False}


class ModelLoss:
    """A loss of the model itself: ``function(model, *batch)``, a number.

    For losses that are more than one call of the model and a comparison: penalties,
    derivatives of the model by its input, several outputs.

    Parameters
    ----------
    function : callable
        It may have the keywords ``rng`` (a generator in training, else ``None``),
        ``training`` (a bool), and ``statistics``; with the last it returns a pair, the
        loss and the new statistics.  To train a model that draws (`Dropout`), it must
        have ``rng``, and passes it on.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> def penalised(model, x, y):
    ...     return ad.nn.squared_error(model(x), y) + 0.1 * np.sum(model.weight**2)
    >>> x = np.linspace(-1.0, 1.0, 8)[:, None]
    >>> model = ad.nn.Linear(1, 1, rng=np.random.default_rng(0))
    >>> loss = ad.nn.ModelLoss(penalised)
    >>> result = ad.nn.fit(model, (x, 2.0 * x), loss, ad.optim.SGD(0.5),
    ...                    epochs=50, batch_size=8, shuffle=False)
    >>> result.model.weight.round(3)
    array([[1.622]])
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self._keywords = {"rng", "training", "statistics"} & set(
            inspect.signature(function).parameters
        )
        self.takes_rng = "rng" in self._keywords

    def arguments(self, arrays: int) -> tuple[list[str], list[str]]:
        """Return what the function is called with, for batches of so many arrays."""
        return ["model", *_names(arrays)], sorted(self._keywords)

    def measure(
        self, output: Any, model: Any, batch: tuple[Any, ...], statistics: Any
    ) -> Any:
        """Return the loss without training."""
        del output
        return self._value(model, batch, statistics, _MEASURED)[0]

    def __call__(
        self, model: Any, batch: tuple[Any, ...], statistics: Any, context: Any
    ) -> tuple[Any, Any]:
        """Return the loss of a batch, and the statistics after it."""
        value, statistics = self._value(model, batch, statistics, context)
        check_number(f"the loss {name_of_function(self.function)}", value)
        return value, statistics

    def _value(
        self, model: Any, batch: tuple[Any, ...], statistics: Any, context: Any
    ) -> tuple[Any, Any]:
        options = {name: context[name] for name in context if name in self._keywords}
        if "statistics" in self._keywords:
            value, statistics = self.function(
                model, *batch, statistics=statistics, **options
            )
            return value, statistics
        return self.function(model, *batch, **options), statistics


class OutputLoss:
    """A loss of what the model returns: ``function(model(x), *targets)``."""

    def __init__(self, function: Callable[..., Any], model: Any) -> None:
        self.function = function
        self.takes_rng = bool(getattr(model, "takes_rng", False))
        self._keeps = bool(getattr(model, "keeps_statistics", False))

    def __call__(
        self, model: Any, batch: tuple[Any, ...], statistics: Any, context: Any
    ) -> tuple[Any, Any]:
        """Return the loss of a batch, and the statistics after it."""
        output, statistics = self._output(model, batch, statistics, context)
        value = self.function(output, *batch[1:])
        check_number(f"the loss {name_of_function(self.function)}", value)
        return value, statistics

    def arguments(self, arrays: int) -> tuple[list[str], list[str]]:
        """Return what the function is called with, for batches of so many arrays."""
        return ["prediction", *_names(arrays)[1:]], []

    def prediction(self, model: Any, batch: tuple[Any, ...], statistics: Any) -> Any:
        """Return what the model makes of a batch without training."""
        return self._output(model, batch, statistics, _MEASURED)[0]

    def measure(
        self, output: Any, model: Any, batch: tuple[Any, ...], statistics: Any
    ) -> Any:
        """Return the loss of what the model makes of a batch."""
        del model, statistics
        return self.function(output, *batch[1:])

    def _output(
        self, model: Any, batch: tuple[Any, ...], statistics: Any, context: Any
    ) -> tuple[Any, Any]:
        options = {"rng": context["rng"]} if self.takes_rng else {}
        if not self._keeps:
            return model(batch[0], **options), statistics
        training = context["training"]
        made = model(batch[0], statistics, training=training, **options)
        check_pair(made, model)
        output, statistics = made
        return output, statistics


def _names(arrays: int) -> list[str]:
    if arrays <= 2:
        return ["x", "y"][:arrays]
    return ["x", *(f"y{place}" for place in range(1, arrays))]


def objective_of(function: Any, model: Any) -> Any:
    """Return a loss, or a metric, as a function of model, batch, statistics, context.

    Raises
    ------
    InputError
        If it cannot be called.
    """
    if isinstance(function, ModelLoss):
        return function
    if not callable(function):
        msg = (
            "fit takes the loss as a function loss(prediction, target), such as "
            f"adjoint.nn.cross_entropy; this is a {type(function).__name__}."
        )
        raise ad.errors.InputError(msg)
    return OutputLoss(function, model)
