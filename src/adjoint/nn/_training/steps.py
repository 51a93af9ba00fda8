"""Steps over the batches of an epoch."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

import adjoint as ad
from adjoint.nn._training.batches import Batch, Data, rows_of
from adjoint.nn._training.checks import check_arguments
from adjoint.nn._training.failures import loss_is_no_number
from adjoint.nn._training.progress import Tell

_ORDER, _DRAWS = 0, 1
"""What random numbers are for: the order of an epoch's rows, the layers of a batch."""


class Steps:
    """One epoch of training after another.

    Every draw hangs on the seed and the numbers of epoch and batch alone, so that an
    epoch can be had again without those before it.

    Parameters
    ----------
    data : Data
    objective : OutputLoss or ModelLoss
    optimizer : Optimizer
    entropy : list of int, optional
    shuffle : bool
    """

    def __init__(
        self,
        data: Data,
        objective: Any,
        optimizer: Any,
        entropy: list[int] | None,
        shuffle: bool,
    ) -> None:
        self._data = data
        self._objective = objective
        self._optimizer = optimizer
        self._entropy = entropy
        self._shuffle = shuffle
        self._value_and_grad = ad.value_and_grad(objective, has_aux=True)

    def epoch(self, number: int, tree: dict[str, Any], tell: Tell) -> tuple[Any, float]:
        """Return model, optimizer's state and statistics after an epoch; its mean loss.

        Arrays of the model and of the optimizer's state in ``tree`` are overwritten.
        """
        model, state, statistics = tree["model"], tree["optimizer"], tree["statistics"]
        total, rows = 0.0, 0
        for place, batch in enumerate(self._batches(number), 1):
            if place == 1:
                check_arguments("the loss", self._objective, len(batch))
            where = f"epoch {number}, batch {place}"
            if self._data.batches is not None:
                where += f" of {self._data.batches}"
            try:
                value, model, state, statistics = self._step(
                    batch, model, state, statistics, number, place, where
                )
            except Exception as error:
                error.add_note(f"This was in {where} of adjoint.nn.fit.")
                raise
            count = rows_of(batch)
            total, rows = total + value * count, rows + count
            share = 0.0 if self._data.batches is None else place / self._data.batches
            tell(number - 1 + share, f"loss {value:.4g}")
        after = {"model": model, "optimizer": state, "statistics": statistics}
        return after, total / max(rows, 1)

    def _batches(self, number: int) -> Iterator[Batch]:
        rng = self._generator(number, _ORDER) if self._shuffle else None
        return self._data.epoch(number, rng)

    def _step(
        self,
        batch: Batch,
        model: Any,
        state: Any,
        statistics: Any,
        number: int,
        place: int,
        where: str,
    ) -> tuple[float, Any, Any, Any]:
        seen: list[Any] = []
        draws = self._objective.takes_rng

        def value_and_grad(model: Any) -> tuple[Any, Any]:
            rng = self._generator(number, _DRAWS, place) if draws else None
            context = {"rng": rng, "training": True}
            (value, kept), slopes = self._value_and_grad(
                model, batch, statistics, context
            )
            if not seen:  # a line search may go where the loss is infinite
                seen.extend((float(value), kept))
                if not math.isfinite(value):
                    rate = float(self._optimizer.rate(state["step"]))
                    msg = loss_is_no_number(float(value), where, rate, batch, model)
                    raise FloatingPointError(msg)
            return value, slopes

        _, model, state = self._optimizer.step(
            value_and_grad, state, model, donate=True
        )
        value, statistics = seen
        return value, model, state, statistics

    def _generator(self, *what: int) -> np.random.Generator | None:
        if self._entropy is None:
            return None
        return np.random.default_rng([*self._entropy, *what])
