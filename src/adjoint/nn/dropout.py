"""Dropout: some features to zero, at random, in training."""

from typing import Any

import numpy as np

from adjoint.nn._checks import check_generator, check_number
from adjoint.nn._module import Module

__all__ = ["Dropout"]


class Dropout(Module):
    """Each element to 0 with a probability, the others scaled up to keep the mean.

    Parameters
    ----------
    rate : float
        The probability, from 0 on, below 1.

    Raises
    ------
    ValueError
        For another rate.

    References
    ----------
    Srivastava, Hinton, Krizhevsky, Sutskever & Salakhutdinov, "Dropout: a simple way to
    prevent neural networks from overfitting", JMLR 15 (2014).

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> dropout = ad.nn.Dropout(0.5)
    >>> dropout(np.ones(4))
    array([1., 1., 1., 1.])
    >>> dropout(np.ones(4), rng=np.random.default_rng(0))
    array([2., 0., 0., 0.])
    >>> dropout(np.ones(4), mask=np.array([True, False, True, True]))
    array([2., 0., 2., 2.])
    """

    def __init__(self, rate: float) -> None:
        check_number(
            "Dropout",
            "rate",
            rate,
            lambda rate: 0.0 <= rate < 1.0,
            "one number from 0 on and below 1",
        )
        self.rate = float(rate)

    @property
    def takes_rng(self) -> bool:
        """Whether it draws random numbers in training."""
        return self.rate > 0.0

    def __call__(
        self, x: Any, *, rng: np.random.Generator | None = None, mask: Any = None
    ) -> Any:
        """Return x with elements dropped; x itself, if neither is given.

        Parameters
        ----------
        x : array
        rng : numpy.random.Generator, optional
            Draws which elements stay: those whose uniform number is not below ``rate``.
        mask : array of bool, optional
            Which elements stay, instead.

        Raises
        ------
        InputError
            If ``rng`` is no generator.
        """
        if mask is None:
            if rng is None or self.rate == 0.0:
                return x
            check_generator(self, rng)
            mask = rng.random(x.shape) >= self.rate
        return np.where(mask, x * (1.0 / (1.0 - self.rate)), 0.0)
