"""GradBench's kmeans: the cost of cluster centres."""

import numpy as np


def cost(centroids, points):
    """Return sum_i min_j |P_i - C_j|^2, from |P|^2 - 2 P C + |C|^2.

    Parameters
    ----------
    centroids : ndarray, shape (k, d)
    points : ndarray, shape (n, d)

    Returns
    -------
    float

    Notes
    -----
    |P_i|^2 is the same for all centres, so it is added once the minimum is found: two
    sweeps over the (n, k) matrix fewer.
    """
    lengths = np.sum(centroids * centroids, axis=1)
    distances = lengths - 2.0 * np.matmul(points, np.transpose(centroids))
    return np.sum(points * points) + np.sum(np.min(distances, axis=1))


def newton_direction_by_hand(centroids, points):
    """Return gradient over curvature of `cost`, shape (k, d).

    With n_j points nearest to C_j and their sum S_j, the gradient is 2 (n_j C_j - S_j),
    and the Hessian is diagonal with the entries 2 n_j.
    """
    counts, sums = _clusters(centroids, points)
    return centroids - sums / counts[:, None]


def _clusters(centroids, points):
    """Return how many points each centre is nearest to, and their sums (k, d)."""
    k = len(centroids)
    lengths = np.sum(centroids * centroids, axis=1)
    nearest = np.argmin(lengths - 2.0 * points @ centroids.T, axis=1)
    sums = [np.bincount(nearest, column, k) for column in points.T]
    return np.bincount(nearest, minlength=k).astype(float), np.stack(sums, axis=1)
