"""Dynamic programming: tables filled from their neighbours."""

import functools

import numpy as np

from .register import idiom

WORD, OTHER = "kitten", "sitting"


@idiom(np.array([1.0, 0.8, 1.3]))
def soft_edit_distance(costs):
    """Insertion, deletion, substitution; the smallest of three, softly."""
    insert, delete, change = costs
    table = np.zeros((len(WORD) + 1, len(OTHER) + 1))
    table[:, 0] = delete * np.arange(len(WORD) + 1)
    table[0, :] = insert * np.arange(len(OTHER) + 1)
    for i, a in enumerate(WORD, start=1):
        for j, b in enumerate(OTHER, start=1):
            ways = np.array(
                [
                    table[i - 1, j] + delete,
                    table[i, j - 1] + insert,
                    table[i - 1, j - 1] + (0.0 if a == b else change),
                ]
            )
            table[i, j] = -0.3 * np.log(np.sum(np.exp(-ways / 0.3)))
    return table[-1, -1]


@idiom(np.array([[0.2, -0.5], [0.4, 0.1], [-0.3, 0.6], [0.5, 0.2]]))
def best_path_of_viterbi(scores):
    """The best sequence of states, traced back through a table of indices."""
    steps, states = scores.shape
    moves = np.array([[0.1, -0.2], [-0.3, 0.25]])
    best = np.full((steps, states), -np.inf)
    back = np.zeros((steps, states), dtype=int)
    best[0] = scores[0]
    for t in range(1, steps):
        for s in range(states):
            candidates = best[t - 1] + moves[:, s]
            back[t, s] = np.argmax(candidates)
            best[t, s] = scores[t, s] + candidates[back[t, s]]
    state = int(np.argmax(best[-1]))
    total = best[-1, state]
    for t in range(steps - 1, -1, -1):
        total = total + 0.1 * scores[t, state] ** 2
        state = back[t, state]
    return total


@idiom(np.array([100.0, 0.2, 0.03]))
def option_lattice(market):
    """An American put on a binomial lattice, values overwritten level by level."""
    spot, volatility, interest = market
    n, dt = 8, 1.0 / 8
    up = np.exp(volatility * np.sqrt(dt))
    chance = (np.exp(interest * dt) - 1 / up) / (up - 1 / up)
    values = np.zeros(n + 1)
    for k in range(n + 1):
        values[k] = max(106.0 - spot * up ** (2 * k - n), 0.0)
    for level in range(n - 1, -1, -1):
        for k in range(level + 1):
            kept = np.exp(-interest * dt) * (
                chance * values[k + 1] + (1 - chance) * values[k]
            )
            values[k] = max(kept, 106.0 - spot * up ** (2 * k - level))
    return values[0]


@idiom(np.array([[0.7, 0.3], [0.4, 0.6]]))
def hidden_markov_likelihood(transition):
    """The forward algorithm, rescaled at every step."""
    emission = np.array([[0.5, 0.4, 0.1], [0.1, 0.3, 0.6]])
    seen = [0, 2, 1, 1, 2]
    alpha = np.zeros((len(seen), 2))
    alpha[0] = np.array([0.6, 0.4]) * emission[:, seen[0]]
    log_likelihood = 0.0
    for t in range(1, len(seen)):
        alpha[t] = (alpha[t - 1] @ transition) * emission[:, seen[t]]
        scale = alpha[t].sum()
        alpha[t] /= scale
        log_likelihood += np.log(scale)
    return log_likelihood + alpha[-1, 0]


@idiom(np.array([0.4, 1.1, -0.3, 0.8, 0.2]))
def soft_time_warping(series):
    """Dynamic time warping against a fixed series, walls of infinity around it."""
    target = np.array([0.5, 0.9, 0.1, 0.3])
    cost = np.full((len(series) + 1, len(target) + 1), np.inf)
    cost[0, 0] = 0.0
    for i in range(len(series)):
        for j in range(len(target)):
            step = (series[i] - target[j]) ** 2
            near = [cost[i, j], cost[i, j + 1], cost[i + 1, j]]
            low = min(near)
            soft = low - 0.2 * np.log(sum(np.exp((low - c) / 0.2) for c in near))
            cost[i + 1, j + 1] = step + soft
    return cost[-1, -1]


@idiom(np.array([1.2, 0.7, 2.1, 0.9]))
def knapsack(values):
    """The best value for every capacity, items taken one after another."""
    weights = (2, 1, 3, 2)
    best = np.zeros(6)
    for value, weight in zip(values, weights, strict=True):
        for room in range(5, weight - 1, -1):
            best[room] = np.maximum(best[room], best[room - weight] + value**2)
    return best[5] + 0.1 * best[3]


@idiom(np.array([0.3, 1.2, 0.6, 0.9]))
def memory_in_a_dictionary(x):
    """Recursion that remembers its answers under tuples of integers."""
    known = {}

    def best(i, j):
        if (i, j) not in known:
            if i == j:
                known[i, j] = x[i]
            else:
                splits = [best(i, k) * best(k + 1, j) for k in range(i, j)]
                known[i, j] = functools.reduce(np.logaddexp, splits)
        return known[i, j]

    return best(0, 3)
