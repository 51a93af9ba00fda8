"""Difference quotients along a line, and the steps at which they are most exact.

A *line* tells what a function does along one direction: ``line(t)`` returns the
displacement really made, and the values there.  In floating point x + t is rounded; the
quotient divides by what x moved, not by what it was asked to move, so that this
rounding costs nothing (Press et al. 2007, section 5.7).
"""

import math
from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from adjoint._numeric.values import Vector

Line: TypeAlias = Callable[[complex], tuple[float, Vector]]
Quotient: TypeAlias = Callable[[Line, float], Vector]


def forward(line: Line, h: float) -> Vector:
    """Return (f(x + h) - f(x)) / h: error h f''/2."""
    _, here = line(0.0)
    reached, ahead = line(h)
    return (ahead - here) / reached


def central(line: Line, h: float) -> Vector:
    """Return (f(x + h) - f(x - h)) / 2h: error h² f'''/6."""
    ahead, above = line(h)
    behind, below = line(-h)
    return (above - below) / (ahead - behind)


def complex_step(line: Line, h: float) -> Vector:
    """Return Im f(x + ih) / h: error h² f'''/6, and no difference to cancel.

    References
    ----------
    Squire & Trapp 1998, *SIAM Review* 40, 110-112.
    """
    _, values = line(1j * h)
    return values.imag / h


QUOTIENTS: dict[str, Quotient] = {
    "forward": forward,
    "central": central,
    "complex": complex_step,
}


def default_step(method: str, order: int, eps: float) -> float:
    """Return the step for numbers of magnitude 1 at which all errors are smallest.

    Rounding costs eps/h in a first, eps/h² in a second derivative, and a scheme of
    order p costs h^p besides: together least near eps^(1/(order + p)).  A complex step
    rounds nothing away, so its h² may vanish; with the second derivative it is the
    central difference around it that chooses.

    References
    ----------
    Gill, Murray & Wright 1981, section 8.6; Press et al. 2007, section 5.7.

    Parameters
    ----------
    method : {"forward", "central", "complex", "richardson"}
    order : {1, 2}
    eps : float
        Relative rounding error of the function's values.
    """
    if method == "complex":
        return IMAGINARY if order == 1 else eps ** (1 / 3)
    if method == "richardson":
        return FIRST_OF_MANY
    return float(eps ** (1 / (order + (1 if method == "forward" else 2))))


IMAGINARY = 2.0**-66
"""The imaginary step for numbers of magnitude 1: 1.4e-20, whose square is below every
precision, and a power of two, by which division is exact."""

FIRST_OF_MANY = 0.309016994
"""The largest step of an extrapolation: it tells by itself where it went too far.  Half
the golden section is no simple part of anything: a period that steps of 1/4, 1/8 ...
fall into would show no change at all."""


def power_of_two(x: float, eps: float) -> float:
    """Return the power of two nearest below abs(x); 1 for 0 and what is no number.

    Not so small that an imaginary step of that scale would leave the range of floats.
    """
    if x == 0.0 or not math.isfinite(x):
        return 1.0
    kind = np.float64 if eps < 1e-10 else np.float32
    smallest = float(np.finfo(kind).tiny) * 2.0**20 / IMAGINARY
    return max(math.ldexp(0.5, math.frexp(x)[1]), smallest)
