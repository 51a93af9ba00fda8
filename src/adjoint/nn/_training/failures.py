"""Sentences for a loss that is no number: where, and what to look at."""

from typing import Any

import numpy as np

import adjoint as ad


def loss_is_no_number(
    value: float, where: str, rate: float | None, batch: tuple[Any, ...], model: Any
) -> str:
    """Return what to tell of a loss that is nan or infinite.

    Parameters
    ----------
    value : float
    where : str
        ``"epoch 3, batch 17 of 20"``.
    rate : float, optional
        The learning rate there, in training.
    batch : tuple of arrays
    model : tree
    """
    said = f"fit: the loss is {value} in {where}. "
    said += _in_the_batch(batch) or _in_the_model(model, rate) or _in_the_loss(rate)
    return said


def _in_the_batch(batch: tuple[Any, ...]) -> str:
    for place, array in enumerate(batch):
        kind = getattr(array, "dtype", np.dtype(object)).kind
        if kind in "fc" and not np.all(np.isfinite(array)):
            index = tuple(int(axis[0]) for axis in np.nonzero(~np.isfinite(array)))
            return (
                f"The data are the reason: array {place} of the batch has "
                f"{array[index]} at {list(index)}. Look for it before training: "
                "np.isfinite(x).all()."
            )
    return ""


def _in_the_model(model: Any, rate: float | None) -> str:
    names = ad.tree.names(model)
    for name, leaf in zip(names, ad.tree.leaves(model), strict=True):
        if not np.all(np.isfinite(leaf)):
            return (
                f"The parameter `{name or 'leaf'}` is not finite any more, the batch "
                f"is. {_advice(rate)}"
            )
    return ""


def _in_the_loss(rate: float | None) -> str:
    return (
        "Batch and parameters are finite, so model or loss overflow, or divide by "
        f"zero, or take a logarithm of zero. {_advice(rate)} {_how_to_see(rate)}"
    )


def _how_to_see(rate: float | None) -> str:
    """Return what shows the line; only what is differentiated can be watched."""
    if rate is None:
        return "np.seterr(all='raise') shows the line."
    return "Run it again within `with ad.debug():`, which names the line and the cure."


def _advice(rate: float | None) -> str:
    if rate is None:
        return "Look at the history for when it began to grow."
    return (
        f"Look at the learning rate, {rate:.3g} at this step: take a tenth, a warm-up, "
        "or clip_norm=1.0 of the optimizer."
    )
