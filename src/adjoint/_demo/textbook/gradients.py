"""One textbook function, differentiated in every way a newcomer may know."""

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

import adjoint as ad

Value: TypeAlias = Any
"""A number, or a traced value that stands for one."""

POINT = (2.0, 5.0)


@dataclass(frozen=True)
class Derivative:
    """Value and gradient of :func:`f` at one point, and the method that gave them."""

    method: str
    value: float
    gradient: tuple[float, float]


def f(x1: Value, x2: Value) -> Value:
    """Return ln x1 + x1 x2 - sin x2."""
    return np.log(x1) + x1 * x2 - np.sin(x2)


def dual_numbers(x1: float, x2: float) -> tuple[Value, Value]:
    """Return f at two dual points: x1 moves by ε, then x2 moves by ε."""
    return f(ad.dual(x1, 1.0), x2), f(x1, ad.dual(x2, 1.0))


def derivative_by_forward_mode(x1: float, x2: float) -> Derivative:
    """Return the gradient from one forward pass for each input."""
    along_x1, along_x2 = dual_numbers(x1, x2)
    gradient = (float(along_x1.tangent), float(along_x2.tangent))
    return Derivative("forward mode", float(along_x1.primal), gradient)


def derivative_by_reverse_mode(x1: float, x2: float) -> Derivative:
    """Return the gradient from one reverse pass for all inputs."""
    value, (by_x1, by_x2) = ad.value_and_grad(f, argnums=(0, 1))(x1, x2)
    return Derivative("reverse mode", float(value), (float(by_x1), float(by_x2)))


def derivative_by_differences(x1: float, x2: float) -> Derivative:
    """Return the gradient from central differences.

    Notes
    -----
    The step, the cube root of the unit roundoff, balances the truncation error h²
    against the rounding error 1/h: about two thirds of the digits survive.
    """
    h1, h2 = (np.cbrt(np.finfo(float).eps) * max(1.0, abs(x)) for x in (x1, x2))
    by_x1 = (f(x1 + h1, x2) - f(x1 - h1, x2)) / (2 * h1)
    by_x2 = (f(x1, x2 + h2) - f(x1, x2 - h2)) / (2 * h2)
    gradient = (float(by_x1), float(by_x2))
    return Derivative("central differences", float(f(x1, x2)), gradient)


def derivative_by_hand(x1: float, x2: float) -> Derivative:
    """Return the gradient from its formula: 1/x1 + x2 and x1 - cos x2."""
    gradient = (1 / x1 + x2, x1 - float(np.cos(x2)))
    return Derivative("by hand", float(f(x1, x2)), gradient)


def gradient_error(found: Derivative, exact: Derivative) -> float:
    """Return the largest distance between partial derivatives."""
    pairs = zip(found.gradient, exact.gradient, strict=True)
    return max(abs(one - other) for one, other in pairs)
