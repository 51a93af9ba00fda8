"""A small image classifier: two tanh layers and a softmax cross-entropy."""

from itertools import pairwise

import numpy as np

LAYERS = (784, 512, 512, 10)


def inputs(dtype, batch):
    """Return normal weights and zero biases, normal images and one-hot labels.

    Parameters
    ----------
    dtype : type
        Of everything.
    batch : int
        Images.

    Returns
    -------
    parameters : list of ndarray
        Weights and biases in turn: (784, 512), (512,), (512, 512), (512,),
        (512, 10), (10,).
    data : tuple of ndarray
        Images, shape (batch, 784), and labels, shape (batch, 10).
    """
    rng = np.random.default_rng(4)
    parameters = []
    for fan_in, fan_out in pairwise(LAYERS):
        weights = rng.normal(size=(fan_in, fan_out)) / np.sqrt(fan_in)
        parameters += [weights.astype(dtype), np.zeros(fan_out, dtype)]
    images = rng.normal(size=(batch, LAYERS[0])).astype(dtype)
    labels = np.eye(LAYERS[-1], dtype=dtype)[rng.integers(0, LAYERS[-1], batch)]
    return parameters, (images, labels)


def cross_entropy(parameters, images, labels):
    """Return the mean cross-entropy of the network's scores."""
    w1, b1, w2, b2, w3, b3 = parameters
    hidden = np.tanh(images @ w1 + b1)
    hidden = np.tanh(hidden @ w2 + b2)
    scores = hidden @ w3 + b3
    shifted = scores - np.max(scores, axis=1, keepdims=True)
    totals = np.log(np.sum(np.exp(shifted), axis=1, keepdims=True))
    return -np.sum(labels * (shifted - totals)) / images.shape[0]


def cross_entropy_by_hand(parameters, images, labels):
    """Return value and gradient of `cross_entropy`."""
    w1, b1, w2, b2, w3, b3 = parameters
    first = np.tanh(images @ w1 + b1)
    second = np.tanh(first @ w2 + b2)
    scores = second @ w3 + b3
    shifted = scores - np.max(scores, axis=1, keepdims=True)
    weights = np.exp(shifted)
    totals = np.sum(weights, axis=1, keepdims=True)
    batch = images.shape[0]
    value = -np.sum(labels * (shifted - np.log(totals))) / batch
    scores_bar = (weights / totals - labels) / batch
    second_bar = (scores_bar @ w3.T) * (1.0 - second * second)
    first_bar = (second_bar @ w2.T) * (1.0 - first * first)
    return value, [
        images.T @ first_bar,
        np.sum(first_bar, axis=0),
        first.T @ second_bar,
        np.sum(second_bar, axis=0),
        second.T @ scores_bar,
        np.sum(scores_bar, axis=0),
    ]
