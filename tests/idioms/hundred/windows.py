"""Moving windows and pairs: averages, densities, distances."""

import collections

import numpy as np

from .kernels import gaussian, gram
from .register import idiom

SERIES = np.array([0.3, 0.9, -0.4, 1.2, 0.1, 0.7, -0.2])
POINTS = np.array([[0.1, 0.5], [0.9, -0.3], [-0.6, 0.8], [0.4, 1.1]])


@idiom(POINTS)
def pairwise_distances(points):
    """A symmetric matrix filled above and below the diagonal."""
    n = points.shape[0]
    D = np.zeros((n, n))
    for i in range(n):
        for j in range(i + 1, n):
            D[i, j] = D[j, i] = np.sqrt(np.sum((points[i] - points[j]) ** 2))
    return np.mean(D) + np.min(D[D > 0])


@idiom(SERIES)
def moving_average(series):
    """A running sum: one value enters, one leaves."""
    width = 3
    smooth = np.zeros(len(series) - width + 1)
    total = series[:width].sum()
    smooth[0] = total / width
    for i in range(1, len(smooth)):
        total += series[i + width - 1] - series[i - 1]
        smooth[i] = total / width
    return np.sum(smooth**2)


@idiom(SERIES)
def deque_of_the_last_three(series):
    """A deque as a window; its median is written down."""
    window = collections.deque(maxlen=3)
    medians = []
    for value in series:
        window.append(value)
        medians.append(np.median(list(window)))
    return np.array(medians).std()


@idiom(0.4)
def kernel_density(width):
    """A bandwidth chosen by leaving one out."""
    score = 0.0
    for i in range(len(SERIES)):
        others = np.delete(SERIES, i)
        density = np.zeros(1)
        for other in others:
            density += gaussian(SERIES[i] - other, width=width) / width
        score += np.log(density[0])
    return score / len(SERIES)


@idiom(SERIES)
def gaussian_process(observed):
    """A kernel matrix from a helper, a jitter on its diagonal, a solve."""
    K = gram(np.linspace(0.0, 2.0, 4), gaussian)
    K[np.diag_indices(4)] += 0.1 + observed[4:5] ** 2
    return observed[:4] @ np.linalg.solve(K, observed[:4]) + np.log(np.linalg.det(K))


@idiom(SERIES)
def smoothed_twice(series):
    """Level and trend, each an array that depends on its past."""
    level, trend = np.empty_like(series), np.empty_like(series)
    level[0], trend[0] = series[0], series[1] - series[0]
    for t in range(1, series.size):
        level[t] = 0.5 * series[t] + 0.5 * (level[t - 1] + trend[t - 1])
        trend[t] = 0.3 * (level[t] - level[t - 1]) + 0.7 * trend[t - 1]
    errors = series[1:] - (level + trend)[:-1]
    return np.sqrt(np.mean(errors**2))
