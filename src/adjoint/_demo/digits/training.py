"""Train the network: shuffled batches, exact gradients, Adam."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

import adjoint as ad
from adjoint._demo import optional
from adjoint._demo.digits.data import CLASSES, PURPOSE, SIDE, Digits, FloatArray
from adjoint._demo.digits.network import Layers, initial_layers, loss, predicted
from adjoint._demo.progress import tracked

SIZES = (SIDE * SIDE, 128, 64, CLASSES)
EPOCHS = 40
BATCH = 64
RATE = 3e-3
DECAY = 1e-4

MEMORY_OF_MEAN = 0.9
MEMORY_OF_SQUARE = 0.999
TINY = 1e-8

value_and_gradient = ad.value_and_grad(loss)


@dataclass(frozen=True, eq=False)
class Training:
    """A trained network, and how it got there.

    Attributes
    ----------
    seed : int
        Seed of initialisation and batches.
    layers : list of dict
        The network.
    losses : ndarray, shape (steps,)
        Loss of each batch before its step.
    accuracies : ndarray, shape (epochs,)
        Share of the held-back images read rightly after each epoch; the training
        makes no use of it.
    seconds : float
        Time of the training.
    """

    seed: int
    layers: Layers
    losses: FloatArray
    accuracies: FloatArray
    seconds: float

    @property
    def accuracy(self) -> float:
        """Share of the held-back images read rightly at the end."""
        return float(self.accuracies[-1])


@dataclass
class Adam:
    """Steps along a running mean of gradients, over the root of their mean square.

    References
    ----------
    D. P. Kingma and J. Ba, Adam: a method for stochastic optimization, ICLR 2015.
    """

    mean: Layers
    square: Layers
    steps: int = 0

    def moved(self, layers: Layers, gradient: Layers, rate: float) -> Layers:
        """Return the layers after one step, and remember the gradient."""
        self.steps += 1
        self.mean = ad.tree.map(
            lambda m, g: m + (1 - MEMORY_OF_MEAN) * (g - m), self.mean, gradient
        )
        self.square = ad.tree.map(
            lambda s, g: s + (1 - MEMORY_OF_SQUARE) * (g * g - s), self.square, gradient
        )
        # Both began at zero: divided by the weight of what they have seen.
        of_mean = 1 - MEMORY_OF_MEAN**self.steps
        of_square = 1 - MEMORY_OF_SQUARE**self.steps
        moved: Layers = ad.tree.map(
            lambda x, m, s: x - rate * (m / of_mean) / (np.sqrt(s / of_square) + TINY),
            layers,
            self.mean,
            self.square,
        )
        return moved


def train(digits: Digits, seed: int, epochs: int = EPOCHS) -> Training:
    """Return a network trained from one initialisation.

    Parameters
    ----------
    digits : Digits
        Images and labels.
    seed : int
        Seed of initialisation and batches.
    epochs : int, optional
        How often each image is seen.

    Notes
    -----
    The rate falls to zero along half a cosine, so the last steps settle.
    """
    begin = time.perf_counter()
    # Two threads for products as small as these wait for each other: on busy cores
    # they take eight times as long as one.
    with optional.load("threadpoolctl", PURPOSE).threadpool_limits(1):
        layers, losses, accuracies = _trained(digits, seed, epochs)
    return Training(
        seed=seed,
        layers=layers,
        losses=np.array(losses),
        accuracies=np.array(accuracies),
        seconds=time.perf_counter() - begin,
    )


def _trained(
    digits: Digits, seed: int, epochs: int
) -> tuple[Layers, list[float], list[float]]:
    """Return the network, the loss of each batch and the accuracy of each epoch."""
    rng = np.random.default_rng(seed)
    layers = initial_layers(SIZES, rng)
    adam = Adam(*(ad.tree.map(np.zeros_like, layers) for _ in range(2)))
    losses: list[float] = []
    accuracies: list[float] = []
    for epoch in tracked(range(epochs), epochs, f"initialisation {seed}"):
        rate = RATE * 0.5 * (1 + np.cos(np.pi * epoch / epochs))
        for batch in batches(digits.labels.size, rng):
            value, gradient = value_and_gradient(
                layers, digits.images[batch], digits.labels[batch], DECAY
            )
            layers = adam.moved(layers, gradient, rate)
            losses.append(float(value))
        seen = predicted(layers, digits.held_back_images)
        accuracies.append(float(np.mean(seen == digits.held_back_labels)))
    return layers, losses, accuracies


def batches(count: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Give the numbers below a count, shuffled, a batch at a time."""
    order = rng.permutation(count)
    for begin in range(0, count, BATCH):
        yield order[begin : begin + BATCH]
