"""Draw how networks learn, and what the trained one sees."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from adjoint._demo.digits.data import SIDE, Digits
from adjoint._demo.digits.network import predicted, probabilities
from adjoint._demo.digits.training import Training
from adjoint._demo.drawing import (
    AMBER,
    BLUE,
    GREEN,
    INK,
    RED,
    VIOLET,
    new_figure,
    save,
    tidy,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLORS = (BLUE, RED, GREEN, AMBER, VIOLET)
COLUMNS = 10
RIGHT_ROWS = 2


def draw_learning(trainings: Sequence[Training], folder: Path) -> Path:
    """Return the path of ``digits-learning.png``: loss and accuracy of each training.

    Raises
    ------
    ImportError
        If matplotlib is not installed.
    """
    figure = new_figure(13, 5, "A network of three layers learns to read digits")
    draw_curves(figure, trainings)
    return save(figure, folder, "digits-learning")


def draw_curves(figure: "Figure", trainings: Sequence[Training]) -> None:
    """Draw losses at the left and held-back errors at the right."""
    left, right = figure.subplots(1, 2)
    for training, color in zip(trainings, COLORS, strict=False):
        history = training.history
        numbers = np.arange(1, 1 + history.epochs)
        label = f"seed {training.seed}: {100 * training.accuracy:.1f} %"
        left.plot(numbers, history["loss"], color=color, linewidth=1.6)
        errors = 100 * (1 - np.array(history["validation_accuracy"]))
        right.plot(numbers, errors, color=color, linewidth=1.6, label=label)
    left.set_yscale("log")
    left.set_title("loss on the images learned from", fontsize=12, color=INK)
    right.set_title("held-back images misread / %", fontsize=12, color=INK)
    right.set_ylim(0, 10)
    right.legend(title="read rightly", frameon=False, labelcolor=INK)
    for axes in (left, right):
        axes.set_xlabel("epoch")
        tidy(axes)


def draw_reading(training: Training, digits: Digits, folder: Path) -> Path:
    """Return the path of ``digits-read.png``: images read rightly and wrongly.

    Raises
    ------
    ImportError
        If matplotlib is not installed.
    """
    wrong = np.flatnonzero(_seen(training, digits) != digits.held_back_labels)
    rows = RIGHT_ROWS + -(-wrong.size // COLUMNS)
    figure = new_figure(
        13, 1.55 * rows + 1, "Held-back digits, as the network reads them"
    )
    draw_images(figure, training, digits)
    return save(figure, folder, "digits-read")


def draw_images(figure: "Figure", training: Training, digits: Digits) -> None:
    """Draw two rows of images read rightly, then every one that was misread."""
    seen = _seen(training, digits)
    is_right = seen == digits.held_back_labels
    right = np.flatnonzero(is_right)[: RIGHT_ROWS * COLUMNS]
    wrong = np.flatnonzero(~is_right)
    rows = RIGHT_ROWS + -(-wrong.size // COLUMNS)
    panels = figure.subplots(rows, COLUMNS, squeeze=False).flat
    shown = np.concatenate([right, wrong])
    certainty = probabilities(training.model, digits.held_back_images).max(axis=1)
    for panel in panels:
        panel.axis("off")
    for panel, index in zip(figure.axes, shown, strict=False):
        _draw_image(panel, digits.held_back_images[index])
        percent = f"{100 * certainty[index]:.0f} %"
        if is_right[index]:
            panel.set_title(f"{seen[index]}   {percent}", fontsize=11, color=GREEN)
        else:
            label = digits.held_back_labels[index]
            panel.set_title(
                f"{seen[index]}   {percent}\nis {label}", fontsize=11, color=RED
            )


def _draw_image(axes: "Axes", image: np.ndarray) -> None:
    """Draw one image in shades of ink."""
    axes.imshow(image.reshape(SIDE, SIDE), cmap="Greys", vmin=0.0, vmax=1.0)


def _seen(training: Training, digits: Digits) -> np.ndarray:
    """Return what the network reads in the held-back images."""
    return predicted(training.model, digits.held_back_images)
