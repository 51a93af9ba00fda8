"""Embeddings: a vector for each of a number of things, and for each place."""

from typing import Any

import numpy as np

import adjoint as ad
from adjoint.nn._checks import check_settings, first_outside, is_plain, name_of
from adjoint.nn._module import Module
from adjoint.nn.initializers import Initializer, normal

__all__ = ["Embedding", "positional_encoding"]


class Embedding(Module):
    """A table of vectors, read by number.

    Parameters
    ----------
    count : int
        How many vectors.
    features : int
        Their length.
    rng : numpy.random.Generator
    init : callable
    dtype : dtype

    Attributes
    ----------
    weight : ndarray, shape (count, features)

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> table = ad.nn.Embedding(10, 4, rng=np.random.default_rng(0))
    >>> table(np.array([[1, 2, 1]])).shape
    (1, 3, 4)
    """

    def __init__(
        self,
        count: int,
        features: int,
        *,
        rng: np.random.Generator,
        init: Initializer = normal,
        dtype: Any = np.float64,
    ) -> None:
        check_settings(self, dtype, count=count, features=features)
        self.weight = init(rng, (count, features), dtype)

    def __call__(self, numbers: Any) -> Any:
        """Return the vectors of numbers: shape (..., features) of shape (...).

        Raises
        ------
        InputError
            If they are no integers.
        ValueError
            If one is below 0, or not below ``count``.
        """
        count = self.weight.shape[0]
        if not hasattr(numbers, "dtype"):
            numbers = np.asarray(numbers)
        if numbers.dtype.kind not in "iu":
            msg = (
                f"{name_of(self)} takes integers, but was given {numbers.dtype} "
                f"numbers of shape {numbers.shape}."
            )
            raise ad.errors.InputError(msg)
        outside = first_outside(numbers, count)
        if outside is not None:
            msg = (
                f"{name_of(self)} has {count} vectors, numbered from 0 to "
                f"{count - 1}; asked for was {outside}."
            )
            raise ValueError(msg)
        if is_plain(numbers):
            return self.weight[numbers]
        # A batch of `vmap`: numbers below 0 were not seen, and must not count from the
        # end.
        rows = np.reshape(numbers, (-1, 1))
        vectors = np.take_along_axis(self.weight, rows, axis=0)
        known = np.where(rows < 0, np.nan, vectors)
        return np.reshape(known, (*numbers.shape, self.weight.shape[1]))


def positional_encoding(length: int, features: int, dtype: Any = np.float64) -> Any:
    """Return sines and cosines that tell places apart, shape (length, features).

    Parameters
    ----------
    length : int
        Of the sequence.
    features : int
        Even: sines in the first half, cosines in the second, of wavelengths from 2π to
        20,000π.
    dtype : dtype

    Raises
    ------
    ValueError
        If ``features`` is odd.

    References
    ----------
    Vaswani et al., "Attention is all you need", NeurIPS 2017, section 3.5 (which
    interleaves the two halves).

    Examples
    --------
    >>> import adjoint as ad
    >>> ad.nn.positional_encoding(2, 2)
    array([[0.        , 1.        ],
           [0.84147098, 0.54030231]])
    """
    if features % 2:
        msg = f"positional_encoding: features={features} should be even."
        raise ValueError(msg)
    half = features // 2
    rates = 10000.0 ** (-np.arange(half) / max(half, 1))
    angles = np.arange(length)[:, None] * rates
    return np.concatenate([np.sin(angles), np.cos(angles)], axis=1).astype(dtype)
