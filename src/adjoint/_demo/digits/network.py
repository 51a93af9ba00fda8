"""The network: layers of `adjoint.nn`, one after another."""

from typing import Any

import numpy as np
import numpy.typing as npt

import adjoint as ad
from adjoint._demo.arrays import FloatArray, IntArray
from adjoint._demo.digits.data import CLASSES, SIDE

SIZES = (SIDE * SIDE, 128, 64, CLASSES)


def network(rng: np.random.Generator) -> ad.nn.Sequential:
    """Return 64-128-64-10 rectified units with random weights."""
    below, middle, above, classes = SIZES
    return ad.nn.Sequential(
        ad.nn.Linear(below, middle, rng=rng),
        ad.nn.relu,
        ad.nn.Linear(middle, above, rng=rng),
        ad.nn.relu,
        ad.nn.Linear(above, classes, rng=rng),
    )


def predicted(model: Any, images: npt.ArrayLike) -> IntArray:
    """Return the digit that the network sees in each image, shape (n,)."""
    return np.asarray(np.argmax(model(images), axis=-1))


def probabilities(model: Any, images: npt.ArrayLike) -> FloatArray:
    """Return the probability of each class, shape (n, classes)."""
    return np.asarray(ad.nn.softmax(model(images)))
