"""A multilayer network and its loss, in plain NumPy.

A network is a list of layers, a layer a dictionary of two arrays; Adjoint gives the
gradient of the loss in the same form.
"""

import itertools
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Array: TypeAlias = Any
"""An array, or a traced value that stands for one."""

Layers: TypeAlias = list[dict[str, Array]]


def initial_layers(sizes: Sequence[int], rng: np.random.Generator) -> Layers:
    """Return random layers between units of the given numbers.

    Weights have the variance 2 / (units below), so that activations of rectified
    units keep their size from layer to layer (He et al. 2015).
    """
    return [
        {
            "weights": rng.normal(0.0, np.sqrt(2.0 / below), (below, above)),
            "biases": np.zeros(above),
        }
        for below, above in itertools.pairwise(sizes)
    ]


def logits(layers: Layers, images: Array) -> Array:
    """Return one number for each image and class, shape (n, classes)."""
    *hidden_layers, last = layers
    hidden = images
    for layer in hidden_layers:
        hidden = np.maximum(hidden @ layer["weights"] + layer["biases"], 0.0)
    return hidden @ last["weights"] + last["biases"]


def logsumexp(z: Array) -> Array:
    """Return log Σ exp(z) along the last axis, without overflow."""
    top = np.max(z, axis=-1, keepdims=True)
    return top[..., 0] + np.log(np.sum(np.exp(z - top), axis=-1))


def cross_entropy(z: Array, labels: npt.NDArray[np.int64]) -> Array:
    """Return the mean of -log p(label), for logits z of shape (n, classes).

    log p(label) is z[label] - logsumexp(z): no probability is formed, so none can
    underflow.
    """
    of_label = z[np.arange(labels.size), labels]
    return np.mean(logsumexp(z) - of_label)


def loss(
    layers: Layers, images: Array, labels: npt.NDArray[np.int64], decay: float
) -> Array:
    """Return the cross entropy, plus decay times the sum of all squared weights."""
    penalty = sum(np.sum(layer["weights"] ** 2) for layer in layers)
    return cross_entropy(logits(layers, images), labels) + decay * penalty


def predicted(layers: Layers, images: Array) -> npt.NDArray[np.int64]:
    """Return the digit that the network sees in each image, shape (n,)."""
    return np.asarray(np.argmax(logits(layers, images), axis=-1))


def probabilities(layers: Layers, images: Array) -> Array:
    """Return the probability of each class, shape (n, classes)."""
    z = logits(layers, images)
    return np.exp(z - logsumexp(z)[:, None])
