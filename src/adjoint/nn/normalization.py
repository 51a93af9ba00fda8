"""Normalisation: mean 0 and variance 1, along features or over a batch."""

from typing import Any, NamedTuple

import numpy as np

import adjoint as ad
from adjoint.nn._checks import (
    check_features,
    check_number,
    check_settings,
    name_of,
)
from adjoint.nn._module import Module

__all__ = ["BatchNorm", "BatchStatistics", "LayerNorm"]


class LayerNorm(Module):
    """Each sample to mean 0 and variance 1 along the last axis, scaled and shifted.

    y = (x - mean) / √(variance + eps) * weight + bias.

    Parameters
    ----------
    features : int
        Length of the last axis.
    eps : float
        Keeps the division away from 0.
    dtype : dtype

    Attributes
    ----------
    weight, bias : ndarray, shape (features,)

    References
    ----------
    Ba, Kiros & Hinton, "Layer normalization", arXiv:1607.06450 (2016).

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> ad.nn.LayerNorm(2, eps=0.0)(np.array([[1.0, 3.0], [0.0, 10.0]]))
    array([[-1.,  1.],
           [-1.,  1.]])
    """

    def __init__(
        self, features: int, *, eps: float = 1e-5, dtype: Any = np.float64
    ) -> None:
        check_settings(self, dtype, features=features)
        _check_eps(self, eps)
        self.eps = eps
        self.weight = np.ones(features, dtype)
        self.bias = np.zeros(features, dtype)

    def __call__(self, x: Any) -> Any:
        """Return x, shape (..., features), normalised along its last axis."""
        check_features(self, x, self.weight.shape[0])
        centred = x - np.mean(x, axis=-1, keepdims=True)
        variance = np.mean(centred * centred, axis=-1, keepdims=True)
        return centred / np.sqrt(variance + self.eps) * self.weight + self.bias


def _check_eps(layer: Module, eps: Any) -> None:
    kind = type(layer).__name__
    check_number(kind, "eps", eps, lambda eps: 0.0 <= eps < np.inf, "0 or a bit more")


class BatchStatistics(NamedTuple):
    """Running mean and variance of each feature; a tree of two arrays.

    Examples
    --------
    >>> import adjoint as ad
    >>> ad.nn.BatchNorm(2).statistics()
    BatchStatistics(mean=array([0., 0.]), variance=array([1., 1.]))
    """

    mean: Any
    variance: Any


class BatchNorm(Module):
    """Each feature to mean 0 and variance 1 over all other axes, scaled and shifted.

    In training, by the mean and variance of the batch; otherwise by running statistics.
    These are no part of the module: they are passed, and returned.

    Parameters
    ----------
    features : int
        Length of the last axis.
    eps : float
        Keeps the division away from 0.
    momentum : float
        Share of a batch in new running statistics.
    dtype : dtype

    Attributes
    ----------
    weight, bias : ndarray, shape (features,)

    Notes
    -----
    The running variance takes n - 1 for the number of samples, the normalisation n.
    Running statistics are constants to derivatives.

    References
    ----------
    Ioffe & Szegedy, "Batch normalization: accelerating deep network training by
    reducing internal covariate shift", ICML 2015.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> norm = ad.nn.BatchNorm(1)
    >>> x = np.array([[1.0], [3.0]])
    >>> def loss(norm, x, statistics):
    ...     y, statistics = norm(x, statistics, training=True)
    ...     return np.sum(y * y), statistics
    >>> slopes, statistics = ad.grad(loss, has_aux=True)(norm, x, norm.statistics())
    >>> statistics.mean, statistics.variance
    (array([0.2]), array([1.1]))
    >>> y, _ = norm(x, statistics)
    """

    keeps_statistics = True

    def __init__(
        self,
        features: int,
        *,
        eps: float = 1e-5,
        momentum: float = 0.1,
        dtype: Any = np.float64,
    ) -> None:
        check_settings(self, dtype, features=features)
        _check_eps(self, eps)
        check_number(
            "BatchNorm",
            "momentum",
            momentum,
            lambda share: 0.0 <= share <= 1.0,
            "one number from 0 to 1",
        )
        self.eps = eps
        self.momentum = momentum
        self.weight = np.ones(features, dtype)
        self.bias = np.zeros(features, dtype)

    def statistics(self) -> BatchStatistics:
        """Return the statistics to begin with: mean 0, variance 1."""
        features, dtype = self.weight.shape[0], self.weight.dtype
        return BatchStatistics(np.zeros(features, dtype), np.ones(features, dtype))

    def __call__(
        self, x: Any, statistics: BatchStatistics, *, training: bool = False
    ) -> tuple[Any, BatchStatistics]:
        """Return x normalised, and the new statistics (the old, but in training).

        Parameters
        ----------
        x : array, shape (..., features)
        statistics : BatchStatistics
        training : bool

        Raises
        ------
        ShapeError
            If x has other features.
        ValueError
            In training with one number a feature: it has no variance.
        TreeError
            If the statistics are no pair of a mean and a variance of each feature.
        """
        check_features(self, x, self.weight.shape[0])
        self._check(statistics)
        if not training:
            mean, variance = statistics
        else:
            count = x.size // self.weight.shape[0]
            if count < 2:
                msg = (
                    f"{name_of(self)}: x of shape {tuple(x.shape)} has {count} number "
                    "for each feature, which has no variance; train with more samples."
                )
                raise ValueError(msg)
            axes = tuple(range(x.ndim - 1))
            mean = np.mean(x, axis=axes)
            variance = np.mean((x - mean) ** 2, axis=axes)
            statistics = self._moved(statistics, mean, variance * (count / (count - 1)))
        scale = self.weight / np.sqrt(variance + self.eps)
        return (x - mean) * scale + self.bias, statistics

    def _check(self, statistics: Any) -> None:
        """Raise if statistics are not those of this layer.

        Raises
        ------
        TreeError
            Saying what they are, and what was given.
        """
        if isinstance(statistics, tuple | list):
            shapes = [np.shape(one) for one in statistics]
            if shapes == [self.weight.shape] * 2:
                return
            found = f"a {type(statistics).__name__} of shapes {shapes}"
        else:
            found = f"a {type(statistics).__name__}"
        msg = (
            f"{name_of(self)}: the statistics are a mean and a variance of shape "
            f"{self.weight.shape}, to begin with what `statistics()` returns, but were "
            f"given as {found}."
        )
        raise ad.errors.TreeError(msg)

    def _moved(self, old: BatchStatistics, mean: Any, variance: Any) -> BatchStatistics:
        share, (old_mean, old_variance) = self.momentum, old
        return BatchStatistics(
            (1.0 - share) * old_mean + share * ad.stop_gradient(mean),
            (1.0 - share) * old_variance + share * ad.stop_gradient(variance),
        )
