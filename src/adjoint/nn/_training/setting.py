"""What makes one training the same as another, in words; it stands in checkpoints."""

from typing import Any

import numpy as np

from adjoint.nn._described import Words, described
from adjoint.nn._training.batches import Data
from adjoint.nn._training.callbacks import Callback, setting_of_callback
from adjoint.nn._training.objective import ModelLoss


def setting_of(
    optimizer: Any,
    loss: Any,
    metrics: dict[str, Any],
    data: Data,
    validation: Data | None,
    callbacks: list[Callback],
    rng: Any,
    shuffle: bool,
) -> Words:
    """Return the setting of a training, but for its model and the number of epochs.

    Parameters
    ----------
    optimizer, loss : object
    metrics : dict of str to callable
    data, validation : Data
    callbacks : list of Callback
    rng : numpy.random.Generator, int or None
        A generator counts by its seed, wherever it stands by now.
    shuffle : bool
    """
    words = described("optimizer", optimizer) | _function("loss", loss)
    for name, metric in metrics.items():
        words |= _function(f"metrics.{name}", metric)
    words |= data.setting()
    words |= {"validation": "None"} if validation is None else validation.setting()
    for place, callback in enumerate(callbacks):
        words |= setting_of_callback(f"callbacks.{place}", callback)
    return words | {"rng": _seed(rng), "shuffle": str(shuffle)}


def _function(name: str, function: Any) -> Words:
    words = described(name, function)
    if isinstance(function, ModelLoss):
        words |= described(f"{name}.function", function.function)
    return words


def _seed(rng: Any) -> str:
    if not isinstance(rng, np.random.Generator):
        return str(rng)
    bits = rng.bit_generator
    seeds: Any = getattr(bits, "seed_seq", None)
    return (
        f"a generator {type(bits).__name__} seeded by "
        f"{getattr(seeds, 'entropy', None)} {getattr(seeds, 'spawn_key', ())}"
    )
