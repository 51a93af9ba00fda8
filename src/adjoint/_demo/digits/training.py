"""Train the network: `adjoint.nn.fit` with AdamW, from a seed."""

import time
from dataclasses import dataclass

import numpy as np

import adjoint as ad
from adjoint._demo import optional
from adjoint._demo.digits.data import PURPOSE, Digits
from adjoint._demo.digits.network import network

EPOCHS = 40
BATCH = 64
RATE = 3e-3
DECAY = 1e-2


@dataclass(frozen=True, eq=False)
class Training:
    """A trained network, and how it got there.

    Attributes
    ----------
    seed : int
        Seed of initialisation and batches.
    model : Sequential
        The network.
    history : History
        By epoch: the loss, and loss and accuracy of the held-back images, of which the
        training makes no use.
    seconds : float
        Time of the training.
    """

    seed: int
    model: ad.nn.Sequential
    history: ad.nn.History
    seconds: float

    @property
    def accuracy(self) -> float:
        """Share of the held-back images read rightly at the end."""
        return float(self.history["validation_accuracy"][-1])


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
    """
    begin = time.perf_counter()
    # Two threads for products as small as these wait for each other: on busy cores
    # they take eight times as long as one.
    with optional.load("threadpoolctl", PURPOSE).threadpool_limits(1):
        result = fitted(digits, seed, epochs)
    seconds = time.perf_counter() - begin
    return Training(seed, result.model, result.history, seconds)


def fitted(digits: Digits, seed: int, epochs: int) -> ad.nn.FitResult:
    """Return what fit makes of a network of random weights.

    Notes
    -----
    The rate falls to zero along half a cosine, so the last steps settle.
    """
    rng = np.random.default_rng(seed)
    steps = epochs * -(-digits.labels.size // BATCH)
    return ad.nn.fit(
        network(rng),
        (digits.images, digits.labels),
        ad.nn.cross_entropy,
        ad.optim.AdamW(ad.optim.CosineDecay(RATE, steps=steps), weight_decay=DECAY),
        epochs=epochs,
        batch_size=BATCH,
        rng=rng,
        validation=(digits.held_back_images, digits.held_back_labels),
        metrics=[ad.nn.accuracy],
        progress=False,  # the section says a line after each
    )
