"""Monte Carlo with seeded generators: paths, weights, resampling."""

import numpy as np

from .register import idiom


@idiom(np.array([0.05, 0.3]))
def geometric_brownian_paths(x):
    """Paths filled column by column from one seeded generator."""
    drift, volatility = x
    rng = np.random.default_rng(11)
    paths = np.empty((6, 9))
    paths[:, 0] = 1.0
    for t in range(1, 9):
        shocks = rng.standard_normal(6)
        growth = (drift - volatility**2 / 2) / 8 + volatility * shocks / np.sqrt(8)
        paths[:, t] = paths[:, t - 1] * np.exp(growth)
    return np.mean(paths[:, 1:].mean(axis=1) ** 2)


@idiom(np.array([1.0, 0.2]))
def antithetic_payoffs(x):
    """Each draw is used twice; payoffs go through a mask."""
    spot, volatility = x
    z = np.random.default_rng(3).normal(size=8)
    payoffs = np.zeros((2, 8))
    for row, sign in enumerate((1.0, -1.0)):
        end = spot * np.exp(sign * volatility * z - volatility**2 / 2)
        in_the_money = end > 1.0
        payoffs[row, in_the_money] = end[in_the_money] - 1.0
    return payoffs.mean()


@idiom(0.4)
def importance_weights(shift):
    """Weights normalised in place, an effective sample size at the end."""
    rng = np.random.RandomState(5)
    z = rng.normal(size=12)
    samples = z + shift
    weights = np.exp(-(samples**2) / 2 + z**2 / 2)
    weights /= weights.sum()
    mean = np.sum(weights * np.cos(samples))
    return mean + 0.1 / np.sum(weights**2)


@idiom(np.array([0.4, 1.3, -0.6, 0.9, 0.2]))
def bootstrap_means(data):
    """Means of resampled data fill an array, whose spread is wanted."""
    rng = np.random.default_rng(8)
    means = np.zeros(10)
    for b in range(10):
        chosen = rng.integers(0, len(data), size=len(data))
        means[b] = np.mean(data[chosen] ** 2)
    return means.std() + np.median(means)


@idiom(np.array([0.2, -0.1, 0.4]))
def stochastic_gradient_descent(weights):
    """Random minibatches, momentum kept in a buffer, weights updated in place."""
    rng = np.random.default_rng(13)
    inputs = rng.normal(size=(12, 3))
    targets = np.tanh(inputs @ np.array([0.5, -1.0, 0.25]))
    w = np.array(weights)
    momentum = np.zeros(3)
    for _ in range(5):
        batch = rng.permutation(12)[:4]
        residual = np.tanh(inputs[batch] @ w) - targets[batch]
        momentum *= 0.8
        momentum += inputs[batch].T @ residual / 4
        w -= 0.3 * momentum
    return np.sum((np.tanh(inputs @ w) - targets) ** 2)
