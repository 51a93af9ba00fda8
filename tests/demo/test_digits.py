"""The network that learns to read digits."""

import itertools

import numpy as np
import pytest

import adjoint as ad
from adjoint._demo.digits.network import (
    cross_entropy,
    initial_layers,
    logsumexp,
    loss,
    predicted,
    probabilities,
)
from adjoint._demo.digits.training import BATCH, EPOCHS, Adam, batches, train


def test_a_fifth_of_each_digit_is_held_back(digits):
    """Of 1,797 images 360 are held back, and every digit in proportion."""
    assert (1437, 64) == digits.images.shape
    assert (360, 64) == digits.held_back_images.shape
    assert (0.0, 1.0) == (digits.images.min(), digits.images.max())
    counts = np.bincount(digits.held_back_labels)
    assert 10 == counts.size
    assert {35, 36, 37} >= set(counts.tolist())


def test_a_trained_network_reads_held_back_digits(digits, training):
    """One initialisation, trained in full, reads at least 97 % rightly."""
    seen = predicted(training.layers, digits.held_back_images)
    assert training.accuracy == np.mean(seen == digits.held_back_labels)
    assert training.accuracy >= 0.97


def test_the_loss_falls(training):
    """It begins near that of guessing, log 10, and ends a hundred times lower."""
    assert EPOCHS == training.accuracies.size
    assert 1.0 < training.losses[0] < 5.0
    assert training.losses[-20:].mean() < 0.05


def test_the_same_seed_gives_the_same_network(digits):
    """A training is repeated to the last bit."""
    one, other = (train(digits, seed=3, epochs=1) for _ in range(2))
    np.testing.assert_array_equal(one.losses, other.losses)


def test_the_gradient_of_the_loss_is_right(digits, rng):
    """Along a random direction both modes agree with a central difference."""
    layers = initial_layers([64, 5, 10], rng)
    direction = ad.tree.map(lambda array: rng.normal(size=array.shape), layers)

    def at(layers):
        return loss(layers, digits.images[:7], digits.labels[:7], 0.1)

    def along(t):
        return at(ad.tree.map(lambda array, v: array + t * v, layers, direction))

    # No activation is so near to zero that a step of 1e-5 would turn it on or off.
    expected = (along(1e-5) - along(-1e-5)) / 2e-5
    products = ad.tree.map(np.vdot, ad.grad(at)(layers), direction)
    np.testing.assert_allclose(expected, sum(ad.tree.leaves(products)), rtol=1e-8)
    _, pushed = ad.jvp(at, (layers,), (direction,))
    np.testing.assert_allclose(expected, pushed, rtol=1e-8)


def test_the_gradient_of_the_cross_entropy_is_probability_less_truth(rng):
    """With respect to the logits it is (p - onehot) / n."""
    z, labels = rng.normal(size=(4, 3)), np.array([0, 2, 1, 1])
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(
        (p - np.eye(3)[labels]) / 4, ad.grad(cross_entropy)(z, labels), rtol=1e-13
    )


def test_logsumexp_neither_overflows_nor_underflows():
    """Logits of a thousand have finite losses and slopes."""
    z = np.array([[1000.0, 0.0], [-1000.0, -1000.0]])
    np.testing.assert_allclose([1000.0, np.log(2) - 1000.0], logsumexp(z), rtol=1e-15)
    slopes = ad.jacobian(logsumexp)(z[0])
    np.testing.assert_array_equal([1.0, 0.0], slopes)


def test_probabilities_sum_to_one(digits, training):
    """Whatever the logits, each image's probabilities do."""
    p = probabilities(training.layers, digits.held_back_images)
    np.testing.assert_allclose(1.0, p.sum(axis=1), rtol=1e-12)


def test_the_first_step_of_adam_has_the_length_of_the_rate():
    """With both means corrected it is rate times the gradient's sign."""
    layers, gradient = [{"w": np.array([1.0, 1.0])}], [{"w": np.array([4.0, -1e-3])}]
    zero = [{"w": np.zeros(2)}]
    (moved,) = Adam(zero, zero).moved(layers, gradient, 0.1)
    # The term that keeps the root from zero is 1e-8, beside gradients of 1e-3.
    np.testing.assert_allclose([0.9, 1.1], moved["w"], rtol=1e-5)


def test_batches_hold_each_number_once(rng):
    """They are a permutation, cut into pieces of one length and a rest."""
    pieces = list(batches(2 * BATCH + 3, rng))
    assert [BATCH, BATCH, 3] == [piece.size for piece in pieces]
    together = np.concatenate(pieces)
    assert not np.array_equal(np.arange(2 * BATCH + 3), together)
    np.testing.assert_array_equal(np.arange(2 * BATCH + 3), np.sort(together))


@pytest.mark.parametrize("sizes", [[64, 10], [64, 32, 16, 10]])
def test_layers_have_the_sizes_asked_for(sizes, rng):
    """Weights lead from each size to the next, with variance 2 / below."""
    layers = initial_layers(sizes, rng)
    shapes = [layer["weights"].shape for layer in layers]
    assert list(itertools.pairwise(sizes)) == shapes
    # 640 numbers and more: their variance is within a fifth of the intended one.
    np.testing.assert_allclose(2 / 64, layers[0]["weights"].var(), rtol=0.2)
