"""The eight models as a scientist writes them: plain NumPy of parameters b and data x.

NIST counts parameters from 1, NumPy from 0: ``b1`` is ``b[0]``.
"""

from collections.abc import Callable, Mapping
from typing import TypeAlias

import numpy as np

from adjoint._demo.arrays import Array

Model: TypeAlias = Callable[[Array, Array], Array]


def misra1a(b: Array, x: Array) -> Array:
    """Return the volume adsorbed in one molecular layer at pressure x."""
    return b[0] * (1 - np.exp(-b[1] * x))


def chwirut2(b: Array, x: Array) -> Array:
    """Return the ultrasonic response at metal distance x."""
    return np.exp(-b[0] * x) / (b[1] + b[2] * x)


def lanczos3(b: Array, x: Array) -> Array:
    """Return a sum of three decaying exponentials."""
    return (
        b[0] * np.exp(-b[1] * x) + b[2] * np.exp(-b[3] * x) + b[4] * np.exp(-b[5] * x)
    )


def danwood(b: Array, x: Array) -> Array:
    """Return the energy that a carbon filament radiates at temperature x."""
    return b[0] * x ** b[1]


def quotient_of_cubics(b: Array, x: Array) -> Array:
    """Return a cubic over another one, whose constant is 1: seven parameters."""
    numerator = b[0] + b[1] * x + b[2] * x**2 + b[3] * x**3
    denominator = 1 + b[4] * x + b[5] * x**2 + b[6] * x**3
    return numerator / denominator


def hahn1(b: Array, x: Array) -> Array:
    """Return the coefficient of thermal expansion of copper at temperature x."""
    return quotient_of_cubics(b, x)


def mgh17(b: Array, x: Array) -> Array:
    """Return a constant and two decaying exponentials of opposite sign."""
    return b[0] + b[1] * np.exp(-x * b[3]) + b[2] * np.exp(-x * b[4])


def eckerle4(b: Array, x: Array) -> Array:
    """Return the transmittance, a Gaussian peak, at wavelength x."""
    return (b[0] / b[1]) * np.exp(-0.5 * ((x - b[2]) / b[1]) ** 2)


def thurber(b: Array, x: Array) -> Array:
    """Return the electron mobility of a semiconductor at log density x."""
    return quotient_of_cubics(b, x)


MODELS: Mapping[str, Model] = {
    "Misra1a": misra1a,
    "Chwirut2": chwirut2,
    "Lanczos3": lanczos3,
    "DanWood": danwood,
    "Hahn1": hahn1,
    "MGH17": mgh17,
    "Eckerle4": eckerle4,
    "Thurber": thurber,
}
"""Model of each data set, in NIST's order of difficulty."""
