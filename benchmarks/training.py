"""A step of training, as each library writes it: gradient and plain descent.

The network is 784-512-512-10 with relu, the loss the mean cross-entropy.  Each function
here takes starting parameters, images and labels as NumPy arrays and returns a function
that makes the step and returns new parameters.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

import adjoint as ad
from adjoint import nn

RATE = 0.1

Step = Callable[[], list[Any]]


def start(dtype: Any) -> list[Any]:
    """Return weights and biases in turn."""
    return ad.tree.leaves(_model(dtype))


def _model(dtype: Any) -> Any:
    options: dict[str, Any] = {"rng": np.random.default_rng(0), "dtype": dtype}
    return nn.Sequential(
        nn.Linear(784, 512, **options),
        nn.relu,
        nn.Linear(512, 512, **options),
        nn.relu,
        nn.Linear(512, 10, **options),
    )


def loss(model: Any, x: Any, labels: Any) -> Any:
    """Return the cross-entropy of a model of ours."""
    return nn.cross_entropy(model(x), labels)


_slopes_of = ad.grad(loss)


def ours(parameters: list[Any], x: Any, labels: Any) -> Step:
    """Return the step with layers of `adjoint.nn`."""
    like = _model(parameters[0].dtype)
    copies = [one.copy() for one in parameters]
    model = ad.tree.unflatten(ad.tree.structure(like), copies)
    del copies  # as in a training: the model alone holds its arrays

    def step() -> list[Any]:
        slopes = _slopes_of(model, x, labels)
        new = ad.tree.map(lambda p, slope: p - RATE * slope, model, slopes)
        return ad.tree.leaves(new)

    return step


def by_hand(parameters: list[Any], x: Any, labels: Any) -> Step:
    """Return the step as one writes it in NumPy, derivatives and all."""
    parameters = [one.copy() for one in parameters]
    rows = np.arange(len(labels))

    def step() -> list[Any]:
        w1, b1, w2, b2, w3, b3 = parameters
        z1 = x @ w1 + b1
        h1 = np.maximum(z1, 0.0)
        z2 = h1 @ w2 + b2
        h2 = np.maximum(z2, 0.0)
        z3 = h2 @ w3 + b3
        e = np.exp(z3 - z3.max(axis=1, keepdims=True))
        d3 = e / e.sum(axis=1, keepdims=True)
        d3[rows, labels] -= 1.0
        d3 /= len(labels)
        d2 = (d3 @ w3.T) * (z2 > 0.0)
        d1 = (d2 @ w2.T) * (z1 > 0.0)
        slopes = [x.T @ d1, d1.sum(0), h1.T @ d2, d2.sum(0), h2.T @ d3, d3.sum(0)]
        return [p - RATE * slope for p, slope in zip(parameters, slopes, strict=True)]

    return step


def torchs(parameters: list[Any], x: Any, labels: Any) -> Step:
    """Return the step in PyTorch, eager."""
    import torch

    torch.set_num_threads(1)
    leaves = [torch.tensor(one, requires_grad=True) for one in parameters]
    images, classes = torch.tensor(x), torch.tensor(labels)
    functional = torch.nn.functional

    def step() -> list[Any]:
        w1, b1, w2, b2, w3, b3 = leaves
        hidden = torch.relu(torch.addmm(b1, images, w1))
        hidden = torch.relu(torch.addmm(b2, hidden, w2))
        value = functional.cross_entropy(torch.addmm(b3, hidden, w3), classes)
        slopes = torch.autograd.grad(value, leaves)
        with torch.no_grad():
            return [p - RATE * slope for p, slope in zip(leaves, slopes, strict=True)]

    return step


def jaxs(parameters: list[Any], x: Any, labels: Any) -> Step:
    """Return the step in JAX, compiled whole."""
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)

    def value(parameters: list[Any], x: Any, labels: Any) -> Any:
        w1, b1, w2, b2, w3, b3 = parameters
        hidden = jax.nn.relu(x @ w1 + b1)
        hidden = jax.nn.relu(hidden @ w2 + b2)
        logs = jax.nn.log_softmax(hidden @ w3 + b3)
        return -jnp.mean(jnp.take_along_axis(logs, labels[:, None], axis=1))

    @jax.jit
    def new(parameters: list[Any], x: Any, labels: Any) -> list[Any]:
        slopes = jax.grad(value)(parameters, x, labels)
        return [p - RATE * slope for p, slope in zip(parameters, slopes, strict=True)]

    given = [*map(jnp.asarray, parameters)], jnp.asarray(x), jnp.asarray(labels)
    return lambda: jax.block_until_ready(new(*given))  # type: ignore[no-any-return]


PEERS: dict[str, Callable[..., Step]] = {"torch": torchs, "jax": jaxs}
"""By the package each of them needs."""
