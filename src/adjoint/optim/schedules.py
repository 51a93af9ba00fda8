"""Learning-rate schedules: functions of the number of the step, counted from 0.

Each is a frozen record, so schedules print, compare, and stand inside one another.
Any function of the step will do in their place.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from adjoint.optim import _checks

Rate: TypeAlias = float | Callable[[int], float]


@dataclass(frozen=True)
class Constant:
    """The same rate at every step.

    Parameters
    ----------
    rate : float

    Raises
    ------
    ValueError
        If the rate is negative or not finite.

    Examples
    --------
    >>> import adjoint as ad
    >>> ad.optim.Constant(0.1)(1000)
    0.1
    """

    rate: float

    def __post_init__(self) -> None:
        """Check the settings."""
        _checks.nonnegative(self, "rate")

    def __call__(self, _step: int) -> float:
        """Return the rate of a step."""
        return self.rate


@dataclass(frozen=True)
class StepDecay:
    """A rate multiplied by ``factor`` after every ``every`` steps.

    rate · factor^⌊step / every⌋.

    Parameters
    ----------
    rate : float
        At step 0.
    every : int
    factor : float, optional
        Default is 0.1.

    Raises
    ------
    ValueError
        If a setting is out of its range.

    Examples
    --------
    >>> import adjoint as ad
    >>> schedule = ad.optim.StepDecay(1.0, every=10, factor=0.5)
    >>> schedule(9), schedule(10), schedule(20)
    (1.0, 0.5, 0.25)
    """

    rate: float
    every: int
    factor: float = 0.1

    def __post_init__(self) -> None:
        """Check the settings."""
        _checks.nonnegative(self, "rate")
        _checks.count(self, "every")
        _checks.nonnegative(self, "factor")

    def __call__(self, step: int) -> float:
        """Return the rate of a step."""
        return self.rate * self.factor ** (step // self.every)


@dataclass(frozen=True)
class ExponentialDecay:
    """A rate multiplied by ``factor`` at every step: rate · factor^step.

    Parameters
    ----------
    rate : float
        At step 0.
    factor : float

    Raises
    ------
    ValueError
        If a setting is negative or not finite.

    Examples
    --------
    >>> import adjoint as ad
    >>> ad.optim.ExponentialDecay(1.0, 0.5)(3)
    0.125
    """

    rate: float
    factor: float

    def __post_init__(self) -> None:
        """Check the settings."""
        _checks.nonnegative(self, "rate")
        _checks.nonnegative(self, "factor")

    def __call__(self, step: int) -> float:
        """Return the rate of a step."""
        return float(self.rate * self.factor**step)


@dataclass(frozen=True)
class CosineDecay:
    r"""Half a wave of the cosine, from a rate down to another.

    .. math:: \eta_{end} + \tfrac12 (\eta - \eta_{end}) (1 + \cos(\pi t / T))

    for :math:`t \le T`, and :math:`\eta_{end}` from then on.

    Parameters
    ----------
    rate : float
        η, at step 0.
    steps : int
        T.
    end : float, optional
        The last rate.  Default is 0.

    Raises
    ------
    ValueError
        If a setting is out of its range.

    References
    ----------
    Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts",
    2017, equation 5, without restarts.

    Examples
    --------
    >>> import adjoint as ad
    >>> schedule = ad.optim.CosineDecay(1.0, steps=100)
    >>> schedule(0), schedule(50), schedule(100)
    (1.0, 0.5, 0.0)
    """

    rate: float
    steps: int
    end: float = 0.0

    def __post_init__(self) -> None:
        """Check the settings."""
        _checks.nonnegative(self, "rate")
        _checks.count(self, "steps")
        _checks.nonnegative(self, "end")

    def __call__(self, step: int) -> float:
        """Return the rate of a step."""
        return _cosine(self.rate, self.end, step / self.steps)


@dataclass(frozen=True)
class WarmUp:
    """A rate or schedule that is reached along a straight line.

    At step t the factor ``start + (1 - start) t / steps`` applies, until it is 1; a
    schedule inside begins when the line ends, at its own step 0.

    Parameters
    ----------
    rate : float or schedule
    steps : int
        Length of the line.
    start : float, optional
        Factor at step 0, from 0 to 1.  Default is 0.

    Raises
    ------
    ValueError
        If a setting is out of its range.

    References
    ----------
    Goyal et al., "Accurate, large minibatch SGD", 2017, section 2.2.

    Examples
    --------
    >>> import adjoint as ad
    >>> schedule = ad.optim.WarmUp(ad.optim.ExponentialDecay(1.0, 0.5), steps=4)
    >>> [schedule(step) for step in range(7)]
    [0.0, 0.25, 0.5, 0.75, 1.0, 0.5, 0.25]
    """

    rate: Rate
    steps: int
    start: float = 0.0

    def __post_init__(self) -> None:
        """Check the settings."""
        _checks.nonnegative(self, "rate")
        _checks.count(self, "steps")
        _checks.fraction(self, "start")

    def __call__(self, step: int) -> float:
        """Return the rate of a step."""
        inner = max(step - self.steps, 0)
        rate = self.rate(inner) if callable(self.rate) else self.rate
        if step >= self.steps:
            return rate
        return rate * (self.start + (1.0 - self.start) * step / self.steps)


@dataclass(frozen=True)
class OneCycle:
    """One rise and one fall of the rate, both along a cosine.

    From ``peak / start_divisor`` at step 0 up to ``peak``, then down to the first rate
    divided by ``end_divisor`` at the last step, and there it stays.

    Parameters
    ----------
    peak : float
        The largest rate.
    steps : int
        Steps of the whole cycle, 2 or more.
    rise : float, optional
        Part of the cycle that rises, between 0 and 1.  Default is 0.3.
    start_divisor, end_divisor : float, optional
        Defaults are 25 and 1e4.

    Raises
    ------
    ValueError
        If a setting is out of its range.

    Notes
    -----
    The paper also lowers the momentum while the rate rises; here it stays as it is.

    References
    ----------
    Smith and Topin, "Super-convergence: very fast training of neural networks using
    large learning rates", 2019.

    Examples
    --------
    >>> import adjoint as ad
    >>> schedule = ad.optim.OneCycle(1.0, steps=101)
    >>> schedule(0), schedule(29), schedule(100)
    (0.04, 0.99975..., 4e-06)
    """

    peak: float
    steps: int
    rise: float = 0.3
    start_divisor: float = 25.0
    end_divisor: float = 1e4

    def __post_init__(self) -> None:
        """Check the settings."""
        _checks.nonnegative(self, "peak")
        _checks.count(self, "steps", least=2)
        _checks.positive(self, "rise")
        _checks.fraction(self, "rise")
        _checks.positive(self, "start_divisor")
        _checks.positive(self, "end_divisor")

    def __call__(self, step: int) -> float:
        """Return the rate of a step."""
        start = self.peak / self.start_divisor
        top, last = self.rise * self.steps - 1.0, self.steps - 1.0
        if step <= top:
            return _cosine(start, self.peak, step / top)
        end = start / self.end_divisor
        return _cosine(self.peak, end, (step - top) / (last - top))


@dataclass(frozen=True)
class Piecewise:
    """Rates or schedules that follow each other at given steps.

    Parameters
    ----------
    boundaries : sequence of int
        Steps at which the next one begins, in rising order.
    rates : sequence of float or schedule
        One more than boundaries.  A schedule counts from the step it begins at.

    Raises
    ------
    ValueError
        If their numbers do not fit, or the boundaries do not rise.

    Examples
    --------
    >>> import adjoint as ad
    >>> schedule = ad.optim.Piecewise([100, 200], [1e-2, 1e-3, 1e-4])
    >>> schedule(99), schedule(100), schedule(500)
    (0.01, 0.001, 0.0001)
    """

    boundaries: Sequence[int]
    rates: Sequence[Rate]

    def __post_init__(self) -> None:
        """Check the settings; keep both as tuples, so that schedules compare."""
        object.__setattr__(self, "boundaries", tuple(self.boundaries))
        object.__setattr__(self, "rates", tuple(self.rates))
        if len(self.rates) != len(self.boundaries) + 1:
            msg = (
                f"Piecewise: {len(self.boundaries)} boundaries part "
                f"{len(self.boundaries) + 1} rates; {len(self.rates)} were given."
            )
            raise ValueError(msg)
        if list(self.boundaries) != sorted(set(self.boundaries)):
            msg = f"Piecewise: the boundaries {self.boundaries} must rise."
            raise ValueError(msg)

    def __call__(self, step: int) -> float:
        """Return the rate of a step."""
        piece = sum(step >= boundary for boundary in self.boundaries)
        rate = self.rates[piece]
        begin = self.boundaries[piece - 1] if piece else 0
        return rate(step - begin) if callable(rate) else rate


def _cosine(begin: float, end: float, part: float) -> float:
    """Return the point of half a cosine wave from ``begin`` (0) to ``end`` (1)."""
    if part <= 0.0:
        return begin
    if part >= 1.0:
        return end
    return end + (begin - end) * (1.0 + math.cos(math.pi * part)) / 2.0
