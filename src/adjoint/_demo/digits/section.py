"""The section of the digits: networks learn, and are judged by held-back images."""

import textwrap
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from adjoint._demo.digits.data import Digits, load
from adjoint._demo.digits.network import SIZES
from adjoint._demo.digits.picture import draw_learning, draw_reading
from adjoint._demo.digits.training import BATCH, EPOCHS, Training, train
from adjoint._demo.section import WIDTH, Lines, Outcome, Picture, Section

SEEDS = (0, 1, 2, 3, 4)


def lines(folder: Path, seeds: Sequence[int] = SEEDS, epochs: int = EPOCHS) -> Lines:
    """Give the accuracy of each initialisation; draw losses and predictions.

    Parameters
    ----------
    folder : Path
        Existing folder for the pictures.
    seeds : sequence of int, optional
        One initialisation for each.
    epochs : int, optional
        How often each image is seen.
    """
    digits = load()
    yield from textwrap.wrap(_introduction(digits), WIDTH)
    yield ""
    yield f"{'initialisation':16}{'loss':>10}{'read rightly':>16}{'':>12}{'seconds':>9}"
    trainings = []
    for seed in seeds:
        training = train(digits, seed, epochs)
        trainings.append(training)
        yield _line(training, digits)
    accuracies = [training.accuracy for training in trainings]
    mean = 100 * float(np.mean(accuracies))
    seconds = sum(training.seconds for training in trainings)
    yield f"{'mean':26}{'':16}{mean:10.2f} %{seconds:9.1f}"
    pictures = (
        Picture(
            draw_learning(trainings, folder),
            "Loss and share of held-back images misread, after each epoch.",
        ),
        Picture(
            draw_reading(trainings[0], digits, folder),
            "What the first network reads, and how sure it is: two rows of images that "
            "it reads rightly, then every one that it misreads.",
        ),
    )
    return Outcome(
        f"{mean:.2f} % of the held-back images read rightly, mean of "
        f"{len(trainings)} initialisations",
        pictures,
    )


def _introduction(digits: Digits) -> str:
    """Return what is done, in a sentence or two."""
    units = "-".join(map(str, SIZES))
    return (
        f"{digits.labels.size} images of scikit-learn's handwritten digits, 8 by 8 "
        f"pixels, {digits.held_back_labels.size} more held back. A network of {units} "
        f"rectified units, of ad.nn; cross entropy; trained by ad.nn.fit with AdamW on "
        f"batches of {BATCH}."
    )


def _line(training: Training, digits: Digits) -> str:
    """Return one row of the table."""
    count = digits.held_back_labels.size
    right = round(training.accuracy * count)
    loss = training.history["loss"][-1]
    return (
        f"seed {training.seed:<11}{loss:10.4f}{right:8} of {count:4}"
        f"{100 * training.accuracy:10.2f} %{training.seconds:9.1f}"
    )


SECTION = Section("digits", "Learning to read handwritten digits", lines)
