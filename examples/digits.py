"""Reading handwritten digits: a multilayer network and a convolutional one.

The data are the 1,797 images of 8 by 8 pixels that come with scikit-learn (test part
of Alpaydin & Kaynak, "Optical recognition of handwritten digits", UCI repository,
1998).  A fifth of each digit is held back.  Both networks are trained by
`adjoint.nn.fit` from five initialisations; what counts is the mean of the five, not the
best.

The multilayer network knows nothing of images: pixels could be in any order.  The
convolutional one looks at neighbourhoods (LeCun et al., "Gradient-based learning
applied to document recognition", Proc. IEEE 86, 1998), and half of its images are
shifted by up to a pixel, anew in each epoch: a digit beside its place is the same
digit.
"""

import time
from typing import NamedTuple

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

import adjoint as ad
from _command import run
from _drawing import BLUE, GREEN, RED, name_curve, new_figure, tidy
from adjoint import nn

BATCH = 64
SEEDS = range(5)
SINGLE = np.float32
COLORS = {"MLP": BLUE, "CNN": RED}


class Digits(NamedTuple):
    """Images, shape (n, 8, 8, 1), and what they show; the same of those held back."""

    images: np.ndarray
    labels: np.ndarray
    held_images: np.ndarray
    held_labels: np.ndarray


def load():
    """Return the digits, brightness from 0 to 1, a fifth of each held back."""
    bundled = load_digits()
    images = (bundled.images / 16.0).astype(SINGLE)[..., None]
    learned, held, labels, held_labels = train_test_split(
        images,
        bundled.target,
        test_size=0.2,
        random_state=0,
        stratify=bundled.target,
    )
    return Digits(learned, labels, held, held_labels)


def mlp(rng):
    """Return 64-128-64-10 rectified units."""
    first, second, last = (
        nn.Linear(*size, rng=rng, dtype=SINGLE)
        for size in ((64, 128), (128, 64), (64, 10))
    )
    return nn.Sequential(
        nn.Flatten(),
        first,
        nn.relu,
        second,
        nn.relu,
        last,
    )


def cnn(rng):
    """Return three convolutions of 3 by 3 pixels, and a linear layer at the end."""
    first, second, third = (
        nn.Conv2D(*channels, 3, padding="same", rng=rng, dtype=SINGLE)
        for channels in ((1, 16), (16, 32), (32, 32))
    )
    return nn.Sequential(
        *(first, nn.relu),
        *(second, nn.relu, nn.MaxPool2D(2)),
        *(third, nn.relu, nn.MaxPool2D(2)),
        *(nn.Flatten(), nn.Dropout(0.3)),
        nn.Linear(128, 10, rng=rng, dtype=SINGLE),
    )


def shifted(images, rng):
    """Return the images, half of them moved by -1, 0 or 1 pixel along both axes."""
    count, height, width, _ = images.shape
    by = 1 + rng.integers(-1, 2, (2, count)) * (rng.random(count) < 0.5)
    padded = np.pad(images, ((0, 0), (1, 1), (1, 1), (0, 0)))
    rows = by[0][:, None, None] + np.arange(height)[:, None]
    columns = by[1][:, None, None] + np.arange(width)
    return padded[np.arange(count)[:, None, None], rows, columns]


def shifting_batches(digits, seed):
    """Return a function that gives the batches of an epoch: shuffled and shifted."""

    def batches(epoch):
        rng = np.random.default_rng([seed, epoch])
        images = shifted(digits.images, rng)
        order = rng.permutation(len(images))
        for begin in range(0, len(images), BATCH):
            rows = order[begin : begin + BATCH]
            yield images[rows], digits.labels[rows]

    return batches


def train(kind, digits, seed, epochs):
    """Return a network of a kind, "MLP" or "CNN", as `fit` has trained it.

    The rate falls along half a cosine, so that the last steps settle.  The held-back
    images are measured after each epoch for the picture alone: nothing is chosen by it.
    """
    rng = np.random.default_rng(seed)
    model = {"MLP": mlp, "CNN": cnn}[kind](rng)
    arrays = digits.images, digits.labels
    steps = epochs * -(-len(digits.images) // BATCH)
    rate = ad.optim.CosineDecay(3e-3, steps=steps)
    return nn.fit(
        model,
        shifting_batches(digits, seed) if kind == "CNN" else arrays,
        nn.cross_entropy,
        ad.optim.AdamW(rate, weight_decay=1e-2),
        epochs=epochs,
        batch_size=None if kind == "CNN" else BATCH,
        rng=rng,
        validation=(digits.held_images, digits.held_labels),
        metrics=[nn.accuracy],
    )


def draw(results, digits):
    """Return a figure: errors by epoch, and what the first MLP misreads."""
    figure = new_figure(11, 4.6)
    left, right = figure.subfigures(1, 2, width_ratios=(1.15, 1.0))
    draw_errors(left.subplots(), results)
    right.suptitle("what the first MLP misreads, and the first CNN's reading")
    draw_misread(right, {kind: runs[0].model for kind, runs in results.items()}, digits)
    return figure


def draw_errors(axes, results):
    """Draw the share of held-back images misread after each epoch."""
    for kind, runs in results.items():
        courses = 100 * (1 - np.array([r.history["validation_accuracy"] for r in runs]))
        epochs = np.arange(1, 1 + courses.shape[1])
        color = COLORS[kind]
        axes.plot(epochs, courses.T, color=color, linewidth=0.8, alpha=0.4)
        axes.plot(epochs, courses.mean(axis=0), color=color, linewidth=2.2)
        mean = 100 - courses[:, -1].mean()
        place = (epochs[-1], courses[:, -1].mean())
        text = f"{kind}\n{mean:.2f} %\nread rightly"
        name_curve(axes, text, place, color, fontsize=9)
    axes.set(ylim=(0, 10), xlim=(0, None), xlabel="epoch")
    axes.set_title("held-back images misread / %", fontsize=11, loc="left")
    tidy(axes)


def draw_misread(figure, models, digits, columns=5):
    """Draw up to ten images that the MLP reads wrongly, with both readings."""
    read = {
        kind: np.argmax(model(digits.held_images), axis=-1)
        for kind, model in models.items()
    }
    wrong = np.flatnonzero(read["MLP"] != digits.held_labels)[: 2 * columns]
    panels = figure.subplots(2, columns, squeeze=False).flat
    for panel in panels:
        panel.axis("off")
    for panel, index in zip(figure.axes, wrong, strict=False):
        panel.imshow(digits.held_images[index, ..., 0], cmap="Greys", vmin=0, vmax=1)
        truth = digits.held_labels[index]
        is_right = read["CNN"][index] == truth
        title = f"a {truth}\nMLP {read['MLP'][index]}, CNN {read['CNN'][index]}"
        panel.set_title(title, fontsize=9, color=GREEN if is_right else RED)


def main(folder, *, quick=False):
    """Train both networks, print the accuracies, save ``digits.png`` in the folder.

    Returns
    -------
    dict of str to list of float
        Share of the held-back images that each network of a kind reads rightly.
    """
    digits = load()
    results, accuracies = {}, {}
    for kind, epochs in {"MLP": 40, "CNN": 30}.items():
        results[kind], accuracies[kind] = [], []
        for seed in SEEDS[:1] if quick else SEEDS:
            begin = time.perf_counter()
            result = train(kind, digits, seed, 6 if quick else epochs)
            accuracy = result.history["validation_accuracy"][-1]
            results[kind].append(result)
            accuracies[kind].append(accuracy)
            right = round(accuracy * len(digits.held_labels))
            print(
                f"{kind}, initialisation {seed}: {100 * accuracy:.2f} % read rightly "
                f"({right} of {len(digits.held_labels)}), "
                f"{time.perf_counter() - begin:.1f} s",
                flush=True,
            )
        print(f"{kind}, mean: {100 * np.mean(accuracies[kind]):.2f} %\n")
    draw(results, digits).savefig(folder / "digits.png", dpi=110)
    return accuracies


if __name__ == "__main__":
    run(main, __doc__)
