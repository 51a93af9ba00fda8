"""Neural networks: layers, activations, initialisers and losses.

A model is a `Module`, which is a tree of its arrays: transforms take it as an argument
and return models of gradients.  Layers have their features on the last axis.

>>> import numpy as np
>>> import adjoint as ad
>>> rng = np.random.default_rng(0)
>>> model = ad.nn.Linear(2, 1, rng=rng)
>>> x, y = rng.standard_normal((8, 2)), rng.standard_normal((8, 1))
>>> def loss(model, x, y):
...     return ad.nn.squared_error(model(x), y)
>>> value, slopes = ad.value_and_grad(loss)(model, x, y)
>>> trained = ad.tree.map(lambda p, g: p - 0.1 * g, model, slopes)
>>> bool(loss(trained, x, y) < value)
True
"""

from adjoint.nn import (
    activations as activations,
    initializers as initializers,
    losses as losses,
)
from adjoint.nn._module import Module
from adjoint.nn._training.callbacks import BestWeights, Callback, EarlyStopping, Epoch
from adjoint.nn._training.history import History
from adjoint.nn._training.loop import FitResult, fit
from adjoint.nn._training.objective import ModelLoss
from adjoint.nn.activations import (
    elu,
    gelu,
    leaky_relu,
    log_softmax,
    logsumexp,
    relu,
    selu,
    sigmoid,
    silu,
    softmax,
    softplus,
    tanh,
)
from adjoint.nn.attention import MultiHeadAttention
from adjoint.nn.checkpoints import load, save
from adjoint.nn.containers import Flatten, Residual, Sequential
from adjoint.nn.convolution import Conv1D, Conv2D
from adjoint.nn.dropout import Dropout
from adjoint.nn.embedding import Embedding, positional_encoding
from adjoint.nn.linear import Linear
from adjoint.nn.losses import (
    absolute_error,
    binary_cross_entropy,
    cross_entropy,
    hinge,
    huber,
    kl_divergence,
    negative_log_likelihood,
    squared_error,
)
from adjoint.nn.metrics import accuracy
from adjoint.nn.normalization import BatchNorm, BatchStatistics, LayerNorm
from adjoint.nn.pooling import AvgPool1D, AvgPool2D, MaxPool1D, MaxPool2D
from adjoint.nn.recurrent import GRU, LSTM, RNN
from adjoint.nn.transformer import TransformerBlock

__all__ = [
    "GRU",
    "LSTM",
    "RNN",
    "AvgPool1D",
    "AvgPool2D",
    "BatchNorm",
    "BatchStatistics",
    "BestWeights",
    "Callback",
    "Conv1D",
    "Conv2D",
    "Dropout",
    "EarlyStopping",
    "Embedding",
    "Epoch",
    "FitResult",
    "Flatten",
    "History",
    "LayerNorm",
    "Linear",
    "MaxPool1D",
    "MaxPool2D",
    "ModelLoss",
    "Module",
    "MultiHeadAttention",
    "Residual",
    "Sequential",
    "TransformerBlock",
    "absolute_error",
    "accuracy",
    "activations",
    "binary_cross_entropy",
    "cross_entropy",
    "elu",
    "fit",
    "gelu",
    "hinge",
    "huber",
    "initializers",
    "kl_divergence",
    "leaky_relu",
    "load",
    "log_softmax",
    "logsumexp",
    "losses",
    "negative_log_likelihood",
    "positional_encoding",
    "relu",
    "save",
    "selu",
    "sigmoid",
    "silu",
    "softmax",
    "softplus",
    "squared_error",
    "tanh",
]
