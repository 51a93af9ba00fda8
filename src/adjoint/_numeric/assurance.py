"""Extrapolated derivatives that much smaller steps confirm.

Large steps may pass over a narrow feature: to rows of steps of 0.3, 0.16 ... a bump of
width 0.01 is not there, and they agree on the derivative of what remains.  So a plain
central quotient at a small step, which knows few digits but is near the point, has to
agree with the limit within its own uncertainty; else tables begin with smaller steps.
"""

from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np

from adjoint._numeric.extrapolation import AMPLIFIED, SHRINK, ridders
from adjoint._numeric.values import Vector

OfStep: TypeAlias = Callable[[float], Vector]

CONTRACTION = 1 / 20
"""First step of a further table over that of the one before."""

NEARER = 0.6
"""How much of the distance to the limit a step smaller by 1.9 may leave: 0.28, and
room."""

SEEN = 5.0
"""How many times its rounding a quotient may be apart from the limit besides."""


def assured(
    quotient: OfStep,
    rounding: OfStep,
    eps: float,
    witnesses: Collection[float],
    smaller: float = 1.0,
) -> tuple[Vector, Vector]:
    """Return the limit of a quotient for small steps, and an error that bounds it.

    Parameters
    ----------
    quotient, rounding : callable
        As `ridders` takes them, of fractions of the largest first step.
    eps : float
        Relative rounding error: no estimate is smaller than that of storing the value.
    witnesses : collection of float
        Fractions of the largest step, at which quotients have to confirm the limit.
    smaller : float
        Another first step, for where the first leaves a large error.

    Notes
    -----
    A witness that is not finite says nothing.  If no table is confirmed, the error is
    the disagreement.  What is narrower than the smallest witness nobody sees.
    """
    with np.errstate(all="ignore"):
        seen = [_witness(quotient, rounding, t) for t in sorted(witnesses)]

        def table(scale: float) -> tuple[Vector, Vector]:
            value, error = ridders(
                lambda t: quotient(t * scale), lambda t: rounding(t * scale)
            )
            return value, np.fmax(error, _contradiction(value, seen))

        best, error = table(1.0)
        if smaller < 0.5 and np.any(~(error <= eps**0.5 * np.abs(best))):
            best, error = _better((best, error), table(smaller))
        scale = CONTRACTION
        while scale > min(witnesses) and np.any(
            _contradiction(best, seen) > eps**0.5 * np.abs(best)
        ):
            best, error = _better((best, error), table(scale))
            scale *= CONTRACTION
        rounded = 2.0 * eps * np.abs(best)  # in the last steps, and as it is stored
        return best, np.fmax(error, error + rounded)


class _Witness(NamedTuple):
    """Quotients near the point: at a step, at a larger one, and their rounding."""

    value: Vector
    coarse: Vector
    rounding: Vector


def _witness(quotient: OfStep, rounding: OfStep, t: float) -> _Witness:
    return _Witness(quotient(t), quotient(SHRINK * t), AMPLIFIED * rounding(t))


def _contradiction(value: Vector, seen: Sequence[_Witness]) -> Vector:
    """Return how far a limit is from witnesses that contradict it; 0 if none does.

    With the smaller step a quotient is nearer to the limit, by 1.9² where it is smooth.
    Witnesses come from the nearest on: one that nearer ones contradict is blind.
    """
    out = np.zeros(value.shape)
    at_most = np.full(value.shape, np.inf)
    for k, (near, coarse, rounded) in enumerate(seen):
        apart, doubt = np.abs(near - value), np.abs(near - coarse)
        at_most = np.fmin(at_most, apart + doubt + rounded)
        nearer = apart <= NEARER * np.abs(coarse - value) + SEEN * rounded
        contradicted = np.isfinite(apart + doubt + rounded) & ~nearer
        for other, its_coarse, its_rounded in seen[:k]:
            allowed = SEEN * its_rounded + np.abs(other - its_coarse) + 2.0 * doubt
            contradicted &= ~(np.abs(near - other) > allowed)
        out = np.where(contradicted, np.maximum(out, at_most), out)
    return out


def _better(
    one: tuple[Vector, Vector], other: tuple[Vector, Vector]
) -> tuple[Vector, Vector]:
    """Return, entry by entry, the limit that is known better.

    Where one of them has a digit, that with more digits: a step far too large gives
    small numbers with small errors.  Where none has, that with the smaller error, which
    is at least how far they are apart.
    """
    (first, its_error), (second, error) = one, other
    with np.errstate(all="ignore"):
        digits = its_error / np.abs(first), error / np.abs(second)
    has_digit = np.fmin(*digits) < 0.1
    better = np.where(has_digit, ~(digits[0] <= digits[1]), error < its_error)
    found = np.where(better, second, first)
    errors = np.where(better, error, its_error)
    apart = np.abs(first - second)
    is_unsure = ~has_digit & np.isfinite(apart)
    return found, np.where(is_unsure, np.maximum(errors, apart), errors)
