"""Loss and metrics of data, measured without a step.

The loss is a mean, so it is the mean of those of the batches, each as often as it has
rows.  A metric need not be one (the root of a mean, a quotient of sums): each is called
once, on the predictions and targets of all batches together.
"""

import math
from typing import Any

import numpy as np

import adjoint as ad
from adjoint.nn._training.batches import Batch, Data, rows_of
from adjoint.nn._training.checks import (
    check_arguments,
    check_model,
    check_number,
    name_of_function,
)
from adjoint.nn._training.failures import loss_is_no_number
from adjoint.nn._training.objective import ModelLoss, OutputLoss, objective_of


class Measuring:
    """What is measured after each epoch.

    Parameters
    ----------
    loss : OutputLoss or ModelLoss
    metrics : dict of str to callable
    model : tree
        As it is called.
    data : Data
    validation : Data, optional
        Measured, with the loss, instead of the data.

    Raises
    ------
    InputError
        If a function cannot be called with what a batch has, or the model with x.
    """

    def __init__(
        self,
        loss: Any,
        metrics: dict[str, Any],
        model: Any,
        data: Data,
        validation: Data | None,
    ) -> None:
        self._loss = None if validation is None else loss
        self._metrics = {
            name: objective_of(one, model) for name, one in metrics.items()
        }
        objectives = [*self._metrics.values(), self._loss]
        calls = (one for one in objectives if isinstance(one, OutputLoss))
        self._call = next(calls, None)
        check_model(model, called=self._call is not None)
        self._whole = any(isinstance(one, ModelLoss) for one in self._metrics.values())
        self._data = data if validation is None else validation
        self._prefix = "" if validation is None else "validation_"
        for name, metric in self._metrics.items():
            check_arguments(f"the metric `{name}`", metric, self._data.arrays)
        if validation is not None:
            check_arguments("the loss of the validation", loss, validation.arrays)

    def after(self, number: int, model: Any, statistics: Any) -> dict[str, float]:
        """Return loss and metrics by their names in the history.

        Raises
        ------
        FloatingPointError
            If the loss is nan or infinite.
        InputError
            If the loss or a metric is not one number.
        ShapeError
            If the arrays of the batches do not make one for the metrics.
        """
        if self._loss is None and not self._metrics:
            return {}
        found = self._measured(number, model, statistics)
        return {f"{self._prefix}{name}": value for name, value in found.items()}

    def _measured(self, number: int, model: Any, statistics: Any) -> dict[str, float]:
        kept: list[tuple[Any, Batch]] = []
        total, rows = 0.0, 0
        for place, batch in enumerate(self._data.epoch(number, None), 1):
            output = None
            if self._call is not None:
                output = self._call.prediction(model, batch, statistics)
            if self._loss is not None:
                args = output, model, batch, statistics
                value = _number("the loss", self._loss, *args)
                if not math.isfinite(value):
                    where = f"the validation after epoch {number}, batch {place}"
                    msg = loss_is_no_number(value, where, None, batch, model)
                    raise FloatingPointError(msg)
                count = rows_of(batch)
                total, rows = total + value * count, rows + count
            if self._metrics:
                kept.append((output, batch if self._whole else ((), *batch[1:])))
        found = {} if self._loss is None else {"loss": total / max(rows, 1)}
        return found | self._of_metrics(kept, model, statistics)

    def _of_metrics(
        self, kept: list[tuple[Any, Batch]], model: Any, statistics: Any
    ) -> dict[str, float]:
        """Return the metrics of predictions and batches; the latter may lack inputs."""
        if not self._metrics:
            return {}
        output, batch = _together(kept)
        return {
            name: _number(f"the metric `{name}`", one, output, model, batch, statistics)
            for name, one in self._metrics.items()
        }


def _number(
    what: str, objective: Any, output: Any, model: Any, batch: Batch, statistics: Any
) -> float:
    try:
        value = objective.measure(output, model, batch, statistics)
    except Exception as error:
        error.add_note(f"This was in {what} of adjoint.nn.fit.")
        raise
    name = name_of_function(objective.function)
    check_number(what if name in what else f"{what} {name}", value)
    return float(value)


def _together(parts: list[Any]) -> Any:
    """Return trees of arrays as one, rows after rows.

    Raises
    ------
    ShapeError
        If arrays have no rows, or differ in the other axes.
    """
    if len(parts) == 1:
        return parts[0]
    structure = ad.tree.structure(parts[0])
    columns = zip(*map(ad.tree.leaves, parts), strict=True)
    return ad.tree.unflatten(structure, [_joined(arrays) for arrays in columns])


def _joined(arrays: tuple[Any, ...]) -> Any:
    forms = {np.shape(array)[1:] if np.ndim(array) else None for array in arrays}
    if len(forms) > 1 or None in forms:
        shapes = " and ".join(str(one) for one in {np.shape(one): 1 for one in arrays})
        msg = (
            f"fit: predictions or targets of the batches have shapes {shapes}, which "
            "make no array of all rows. Each metric is called once, on all of them: "
            "let batches be alike but for the number of rows, or measure in a callback."
        )
        raise ad.errors.ShapeError(msg)
    return np.concatenate(arrays)
