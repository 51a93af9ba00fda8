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
from adjoint.nn.containers import Flatten, Residual, Sequential
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

__all__ = [
    "Flatten",
    "Linear",
    "Module",
    "Residual",
    "Sequential",
    "absolute_error",
    "activations",
    "binary_cross_entropy",
    "cross_entropy",
    "elu",
    "gelu",
    "hinge",
    "huber",
    "initializers",
    "kl_divergence",
    "leaky_relu",
    "log_softmax",
    "logsumexp",
    "losses",
    "negative_log_likelihood",
    "relu",
    "selu",
    "sigmoid",
    "silu",
    "softmax",
    "softplus",
    "squared_error",
    "tanh",
]
