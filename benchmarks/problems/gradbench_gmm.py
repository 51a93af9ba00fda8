"""GradBench's gmm: the log posterior of a mixture of Gaussians."""

import math

import numpy as np

BLOCK = 2**16
"""Numbers in a block of components: more would need fresh pages at each operation."""


def log_posterior(parameters, points, wishart_m, wishart_gamma, constant):
    """Return the log of likelihood times prior of a mixture of k Gaussians.

    sum_i lse_k(alpha_k + sum_j q_kj - 0.5 |Q_k (x_i - mu_k)|^2) - n lse(alpha)
    - 0.5 gamma^2 sum_k (|exp q_k|^2 + |l_k|^2) + m sum_kj q_kj + constant,

    lse the log of a sum of exponentials, Q_k lower triangular with diagonal exp q_k and
    the strict triangle l_k, column by column.

    Parameters
    ----------
    parameters : list of four ndarrays
        alpha (k,), log weights; mu (k, d), means; q (k, d) and l (k, d (d - 1) / 2),
        the square roots of the inverse covariances.
    points : ndarray, shape (n, d)
    wishart_m, wishart_gamma : float
        The prior of the covariances.
    constant : float
        What does not depend on the parameters; see `log_normalization`.

    Returns
    -------
    float
    """
    alpha, mu, q, l = parameters  # noqa: E741 - the formula's letter
    scales = np.exp(q)
    heights = alpha + np.sum(q, axis=1)
    roots = inverse_roots(scales, l)
    beta = heights[:, None] - 0.5 * squared_distances(points, mu, roots)
    prior = 0.5 * wishart_gamma**2 * (np.sum(scales * scales) + np.sum(l * l))
    return (
        np.sum(log_sum_exp(beta))
        - len(points) * log_sum_exp(alpha)
        - prior
        + wishart_m * np.sum(q)
        + constant
    )


def log_normalization(n, d, k, wishart_m, wishart_gamma):
    """Return the constant of `log_posterior`, from the sizes and the prior.

    -n d / 2 log 2 pi + k (n' d (log gamma - 0.5 log 2) - log Gamma_d(n' / 2)) with
    n' = d + m + 1 and Gamma_d the gamma function of d dimensions.
    """
    freedom = d + wishart_m + 1
    log_gamma = 0.25 * d * (d - 1) * math.log(math.pi) + sum(
        math.lgamma(0.5 * (freedom + 1 - j)) for j in range(1, d + 1)
    )
    scale = freedom * d * (math.log(wishart_gamma) - 0.5 * math.log(2.0))
    return -0.5 * n * d * math.log(2.0 * math.pi) + k * (scale - log_gamma)


def inverse_roots(scales, l):  # noqa: E741 - the formula's letter
    """Return Q, shape (k, d, d): lower triangular, packed in scales and l.

    Notes
    -----
    Written with slices, since not everybody here differentiates index arrays.  A column
    of Q is a row of what is joined, so the axes are exchanged at the end.
    """
    k, d = scales.shape
    above = np.zeros_like(scales)
    columns, start = [], 0
    for j in range(d):
        stop = start + d - 1 - j
        columns += [above[:, :j], scales[:, j : j + 1], l[:, start:stop]]
        start = stop
    joined = np.concatenate(columns, axis=1)
    return np.swapaxes(np.reshape(joined, (k, d, d)), 1, 2)


def squared_distances(points, mu, roots):
    """Return |Q_k (x_i - mu_k)|^2, shape (k, n)."""
    blocks = [away for _, away in turned_distances(points, mu, roots)]
    return np.concatenate([np.sum(away * away, axis=1) for away in blocks])


def turned_distances(points, mu, roots):
    """Yield a slice of components and their Q_k (x_i - mu_k), shape (block, d, n)."""
    k, d = mu.shape
    n = len(points)
    columns = np.transpose(points)
    centres = np.matmul(roots, mu[:, :, None])
    size = max(1, BLOCK // (n * d))
    for start in range(0, k, size):
        block = slice(start, start + size)
        stacked = np.reshape(roots[block], (-1, d))
        turned = np.reshape(np.matmul(stacked, columns), (-1, d, n))
        yield block, turned - centres[block]


def log_sum_exp(x):
    """Return log sum exp over the first axis."""
    largest = np.max(x, axis=0)
    return largest + np.log(np.sum(np.exp(x - largest), axis=0))


def log_posterior_by_hand(parameters, points, wishart_m, wishart_gamma, constant):
    """Return the gradient of `log_posterior`, a list of the shapes of `parameters`.

    With the responsibility w_ki = softmax_k(beta_ki) and e = x_i - mu_k,
    d/dQ_k = -sum_i w_ki (Q_k e) e^T and d/dmu_k = sum_i w_ki Q_k^T Q_k e.
    """
    alpha, mu, q, l = parameters  # noqa: E741 - the formula's letter
    d = mu.shape[1]
    scales = np.exp(q)
    roots = inverse_roots(scales, l)
    blocks = list(turned_distances(points, mu, roots))
    beta = np.concatenate([np.sum(away * away, axis=1) for _, away in blocks])
    beta *= -0.5
    beta += (alpha + np.sum(q, axis=1))[:, None]
    weights = _softmax(beta)
    totals = np.sum(weights, axis=1)
    of_mu, of_roots = np.empty_like(mu), np.empty_like(roots)
    for block, away in blocks:
        weighted = away * weights[block][:, None]
        pull = np.sum(weighted, axis=2)[:, None]
        of_mu[block] = np.matmul(pull, roots[block])[:, 0]
        by_points = np.matmul(weighted.reshape(-1, len(points)), points)
        of_roots[block] = np.swapaxes(pull, 1, 2) * mu[block][:, None]
        of_roots[block] -= by_points.reshape(-1, d, d)
    columns, rows = np.triu_indices(d, 1)
    on_diagonal = np.diagonal(of_roots, axis1=1, axis2=2)
    shrink = wishart_gamma**2
    return [
        totals - len(points) * _softmax(alpha),
        of_mu,
        totals[:, None] + wishart_m + (on_diagonal - shrink * scales) * scales,
        of_roots[:, rows, columns] - shrink * l,
    ]


def _softmax(x):
    """Return exp x divided by its sum over the first axis."""
    exponentials = np.exp(x - np.max(x, axis=0))
    return exponentials / np.sum(exponentials, axis=0)
