"""Layers, activations and losses give PyTorch's numbers, and so do their gradients.

The numbers are in torch.json, which says what made it.
"""

import json
from pathlib import Path

import numpy as np
import pytest

import adjoint as ad
from adjoint import nn

RECORD = json.loads(Path(__file__).with_name("torch.json").read_text(encoding="utf-8"))
CASES = RECORD["cases"]
TARGETS = {name: np.array(value) for name, value in RECORD["targets"].items()}
RNG = np.random.default_rng(0)
LAYERS = {
    "linear": nn.Linear(3, 2, rng=RNG),
    "conv2d": nn.Conv2D(4, 6, (3, 2), rng=RNG),
    "conv2d_stride": nn.Conv2D(4, 6, (3, 2), rng=RNG, stride=(2, 1), padding=(1, 2)),
    "conv2d_dilation": nn.Conv2D(
        4, 6, (3, 2), rng=RNG, dilation=(1, 2), padding="same"
    ),
    "conv2d_groups": nn.Conv2D(4, 6, (3, 2), rng=RNG, groups=2, stride=2),
    "conv1d": nn.Conv1D(2, 4, 3, rng=RNG, stride=2, dilation=2, padding=1, groups=2),
    "max_pool2d": nn.MaxPool2D(3, 2, padding=1),
    "avg_pool2d": nn.AvgPool2D((3, 2), 2, padding=1),
    "max_pool1d": nn.MaxPool1D(2),
    "avg_pool1d": nn.AvgPool1D(2),
    "embedding": nn.Embedding(5, 3, rng=RNG),
    "layer_norm": nn.LayerNorm(4),
    "batch_norm": nn.BatchNorm(3),
    "batch_norm_running": nn.BatchNorm(3),
    "rnn": nn.RNN(3, 4, rng=RNG),
    "gru": nn.GRU(3, 4, rng=RNG),
    "lstm": nn.LSTM(3, 4, rng=RNG),
    "attention": nn.MultiHeadAttention(6, 2, rng=RNG),
    "transformer": nn.TransformerBlock(6, 2, rng=RNG, hidden=5, causal=True),
}
RUNNING = nn.BatchStatistics(*map(np.array, CASES["batch_norm"]["running"]))


def with_memory(layer, x, hidden, memory):
    """The hidden states, and the last memory as one step more."""
    outputs, (_, memory) = layer(x, (hidden, memory))
    return np.concatenate([outputs, memory[:, None]], axis=1)


CALLS = {
    "embedding": lambda layer: layer(TARGETS["numbers"]),
    "batch_norm": lambda layer, x: layer(x, layer.statistics(), training=True)[0],
    "batch_norm_running": lambda layer, x: layer(x, in_dtype(RUNNING, x.dtype))[0],
    "rnn": lambda layer, x, state: layer(x, state)[0],
    "gru": lambda layer, x, state: layer(x, state)[0],
    "lstm": with_memory,
}
ACTIVATIONS = {
    "relu": nn.relu,
    "leaky_relu": nn.leaky_relu,
    "elu": nn.elu,
    "selu": nn.selu,
    "gelu": nn.gelu,
    "gelu_tanh": lambda x: nn.gelu(x, approximate=True),
    "silu": nn.silu,
    "sigmoid": nn.sigmoid,
    "tanh": nn.tanh,
    "softplus": nn.softplus,
    "softmax": nn.softmax,
    "log_softmax": nn.log_softmax,
    "logsumexp": lambda x: nn.logsumexp(x, axis=-1),
}
LOSSES = {
    "squared_error": lambda x: nn.squared_error(x, TARGETS["target"]),
    "absolute_error": lambda x: nn.absolute_error(x, TARGETS["target"]),
    "huber": lambda x: nn.huber(x, TARGETS["target"], delta=0.7),
    "cross_entropy": lambda x: nn.cross_entropy(x, TARGETS["labels"]),
    "cross_entropy_smooth": lambda x: nn.cross_entropy(
        x, TARGETS["labels"], label_smoothing=0.2
    ),
    "cross_entropy_probabilities": lambda x: nn.cross_entropy(
        x, TARGETS["target"], label_smoothing=0.1
    ),
    "binary_cross_entropy": lambda x: nn.binary_cross_entropy(x, TARGETS["ones"]),
    "negative_log_likelihood": lambda x: nn.negative_log_likelihood(
        x, TARGETS["labels"]
    ),
    "kl_divergence": lambda x: nn.kl_divergence(x, TARGETS["target"]),
    "hinge": lambda x: nn.hinge(x, TARGETS["signs"]),
}


def close(expected, found, dtype):
    """Equal up to rounding, which sums of a hundred terms multiply."""
    rtol, atol = (1e-11, 1e-13) if dtype == np.float64 else (2e-4, 2e-5)
    assert dtype == found.dtype
    np.testing.assert_allclose(found, expected, rtol=rtol, atol=atol)


def in_dtype(tree, dtype):
    return ad.tree.map(lambda leaf: np.array(leaf).astype(dtype), tree)


def test_every_case_is_compared():
    assert {*CASES} == {*LAYERS, *ACTIVATIONS, *LOSSES}
    assert "2.13" in RECORD["torch"]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_and_its_gradients_are_torchs(name, dtype):
    case = CASES[name]
    parameters = {k: np.array(v) for k, v in case["parameters"].items()}
    layer = in_dtype(LAYERS[name].with_parameters(parameters), dtype)
    inputs = [np.array(x, dtype) for x in case["inputs"]]
    w = np.array(case["cotangent"], dtype)
    call = CALLS.get(name, lambda layer, *inputs: layer(*inputs))
    close(case["output"], call(layer, *inputs), dtype)
    _, pullback = ad.vjp(call, layer, *inputs)
    slopes, *input_slopes = pullback(w)
    for k, expected in case["slopes"].items():
        close(expected, slopes.parameters()[k], dtype)
    for expected, found in zip(case["input_slopes"], input_slopes, strict=True):
        close(expected, found, dtype)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_an_activation_and_its_gradient_are_torchs(name, dtype):
    compare(CASES[name], ACTIVATIONS[name], dtype)


@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_and_its_gradient_are_torchs(name):
    compare(CASES[name], LOSSES[name], np.float64)


def compare(case, f, dtype):
    x = np.array(case["inputs"][0], dtype)
    close(case["output"], f(x), dtype)
    _, pullback = ad.vjp(f, x)
    (found,) = pullback(np.array(case["cotangent"], dtype))
    close(case["input_slopes"][0], found, dtype)


def test_running_statistics_are_torchs():
    case = CASES["batch_norm"]
    layer = nn.BatchNorm(3)
    _, found = layer(np.array(case["inputs"][0]), layer.statistics(), training=True)
    np.testing.assert_allclose(found.mean, RUNNING.mean, rtol=1e-14)
    np.testing.assert_allclose(found.variance, RUNNING.variance, rtol=1e-14)
