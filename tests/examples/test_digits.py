"""The example of handwritten digits, in short."""

import numpy as np
import pytest

pytest.importorskip("matplotlib", reason="needs the extra 'demo'")
pytest.importorskip("sklearn", reason="needs the extra 'demo'")

from examples import digits


def test_six_epochs_read_most_digits(tmp_path):
    """Of 40 and 30 epochs six: 94.2 % by the MLP, 96.9 % by the CNN, and a picture."""
    accuracies = digits.main(tmp_path, quick=True)
    (mlp,), (cnn,) = accuracies["MLP"], accuracies["CNN"]
    assert mlp >= 0.92
    assert cnn >= 0.95
    assert (tmp_path / "digits.png").stat().st_size > 10_000


def test_shifted_images_are_the_images_moved(rng):
    """Half of them by at most a pixel along each axis, and zeros come in."""
    images = rng.random((200, 8, 8, 1))
    moved = digits.shifted(images, rng)
    padded = np.pad(images, ((0, 0), (1, 1), (1, 1), (0, 0)))
    windows = [padded[:, i : i + 8, j : j + 8] for i in range(3) for j in range(3)]
    matches = np.array([(w == moved).all(axis=(1, 2, 3)) for w in windows])
    np.testing.assert_array_equal(1, matches.sum(axis=0))
    # 8 of 9 shifts of half the images move them: 44 % of 200, give or take 3 sigma.
    assert 67 <= 200 - matches[4].sum() <= 110
