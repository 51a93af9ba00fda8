"""Gradient accumulation: one step for several batches."""

from dataclasses import dataclass
from typing import Any

import adjoint as ad
from adjoint.optim import _checks
from adjoint.optim._optimizer import Optimizer, Params, State


@dataclass(frozen=True)
class Accumulate(Optimizer):
    """An optimizer that steps once for every ``every`` gradients, by their mean.

    Between steps the parameters stay as they are.  With losses that are means over
    batches of one size, the step is that of one batch as large as all of them.

    Parameters
    ----------
    optimizer : Optimizer
        Takes the steps; its clipping sees the mean.
    every : int
        Gradients to a step.
    clip_value, clip_norm, check_finite
        See `Optimizer`; they apply to each gradient before it is added.

    Raises
    ------
    ValueError
        If ``every`` is no positive integer, or ``optimizer`` none.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> optimizer = ad.optim.Accumulate(ad.optim.SGD(0.5), every=2)
    >>> params = np.array([1.0])
    >>> state = optimizer.init(params)
    >>> for slope in (1.0, 3.0):
    ...     params, state = optimizer.update(np.array([slope]), state, params)
    ...     print(params)
    [1.]
    [0.]
    """

    optimizer: Optimizer
    every: int

    def __post_init__(self) -> None:
        """Check the settings."""
        super().__post_init__()
        _checks.optimizer(self, "optimizer")
        _checks.count(self, "every")

    def init(self, params: Params) -> State:
        """Return the state before the first step; see `Optimizer.init`."""
        return {**super().init(params), "inner": self.optimizer.init(params)}

    def update(
        self, grads: Params, state: State, params: Params, *, donate: bool = False
    ) -> tuple[Params, State]:
        """Return parameters and state after one gradient; see `Optimizer.update`."""
        _checks.checked_state(self._name, state, ("sum", "inner"))
        g, p = self.prepared(grads, params)
        before = ad.tree.leaves(state["sum"])
        _checks.check_slot(self._name, "sum", before, p)
        total = [one + other for one, other in zip(before, g, strict=True)]
        form = ad.tree.structure(params)
        step, inner = state["step"] + 1, state["inner"]
        if step % self.every == 0:
            mean = ad.tree.unflatten(form, [one / self.every for one in total])
            params, inner = self.optimizer.update(mean, inner, params, donate=donate)
            total = [0.0 * one for one in p]
        return params, {
            "step": step,
            "sum": ad.tree.unflatten(form, total),
            "inner": inner,
        }

    def rate(self, step: int) -> Any:
        """Return the learning rate that the gradient of this number is taken at."""
        return self.optimizer.rate(step // self.every)

    def _slots(self) -> tuple[str, ...]:
        return ("sum",)
