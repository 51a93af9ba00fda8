"""The network: layers of `adjoint.nn`, one after another."""

from typing import Any

import numpy as np
import numpy.typing as npt

from adjoint import nn
from adjoint._demo.digits.data import CLASSES, SIDE

SIZES = (SIDE * SIDE, 128, 64, CLASSES)


def network(rng: np.random.Generator) -> nn.Sequential:
    """Return 64-128-64-10 rectified units with random weights."""
    below, middle, above, classes = SIZES
    return nn.Sequential(
        nn.Linear(below, middle, rng=rng),
        nn.relu,
        nn.Linear(middle, above, rng=rng),
        nn.relu,
        nn.Linear(above, classes, rng=rng),
    )


def predicted(model: Any, images: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """Return the digit that the network sees in each image, shape (n,)."""
    return np.asarray(np.argmax(model(images), axis=-1))


def probabilities(model: Any, images: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Return the probability of each class, shape (n, classes)."""
    return np.asarray(nn.softmax(model(images)))
