"""The network that learns to read digits."""

import itertools

import numpy as np

from adjoint._demo.digits.network import SIZES, network, predicted, probabilities
from adjoint._demo.digits.training import EPOCHS, train


def test_a_fifth_of_each_digit_is_held_back(digits):
    """Of 1,797 images 360 are held back, and every digit in proportion."""
    assert (1437, 64) == digits.images.shape
    assert (360, 64) == digits.held_back_images.shape
    assert (0.0, 1.0) == (digits.images.min(), digits.images.max())
    counts = np.bincount(digits.held_back_labels)
    assert 10 == counts.size
    assert {35, 36, 37} >= set(counts.tolist())


def test_a_trained_network_reads_held_back_digits(digits, training):
    """One initialisation, trained in full, reads at least 97.5 % rightly."""
    seen = predicted(training.model, digits.held_back_images)
    assert training.accuracy == np.mean(seen == digits.held_back_labels)
    assert training.accuracy >= 0.975


def test_the_loss_falls(training):
    """It begins below that of guessing, log 10, and ends a hundred times lower."""
    losses = training.history["loss"]
    assert EPOCHS == len(losses)
    assert 0.5 < losses[0] < np.log(10)
    assert losses[-1] < 0.01


def test_the_same_seed_gives_the_same_network(digits):
    """A training is repeated to the last bit."""
    one, other = (train(digits, seed=3, epochs=1) for _ in range(2))
    assert one.history == other.history
    for name, array in one.model.parameters().items():
        np.testing.assert_array_equal(array, other.model.parameters()[name])


def test_probabilities_sum_to_one(digits, training):
    """Whatever the logits, each image's probabilities do, the seen digit's largest."""
    p = probabilities(training.model, digits.held_back_images)
    np.testing.assert_allclose(1.0, p.sum(axis=1), rtol=1e-12)
    seen = predicted(training.model, digits.held_back_images)
    np.testing.assert_array_equal(seen, p.argmax(axis=1))


def test_the_network_has_the_sizes_told(rng):
    """Weights lead from each size to the next."""
    shapes = [a.shape for a in network(rng).parameters().values() if a.ndim == 2]
    assert [*itertools.pairwise(SIZES)] == shapes
