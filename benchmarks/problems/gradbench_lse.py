"""GradBench's lse: the logarithm of a sum of exponentials."""

import numpy as np


def log_sum_exp(x):
    """Return a + log sum_i exp(x_i - a) with a = max x, which no x_i overflows.

    Parameters
    ----------
    x : ndarray, shape (n,)

    Returns
    -------
    float
    """
    largest = np.max(x)
    return largest + np.log(np.sum(np.exp(x - largest)))


def log_sum_exp_by_hand(x):
    """Return the gradient of `log_sum_exp`, shape (n,): exp(x - a) / sum."""
    exponentials = np.exp(x - np.max(x))
    exponentials /= np.sum(exponentials)
    return exponentials
