"""Points at which a derivative is undefined: nan, with a warning that says of what.

A record says so by a kink whose slopes are nan (``arctan2`` at the origin).  The
warning comes where the nan does: not if the cotangent there is zero.
"""

import functools
import math
from collections.abc import Sequence

import numpy as np

from adjoint._core.arrays import Value
from adjoint._core.errors import (
    UndefinedDerivativeWarning,
    user_line,
    warn_the_user,
)
from adjoint._core.handle import strip
from adjoint._core.record import Kink, Record
from adjoint._primitives.trigonometric import arctan2


def _undefined_points(record: Record) -> tuple[Kink, ...]:
    return tuple(
        kink
        for kink in record.kinks
        if all(slope is not None and math.isnan(slope) for slope in kink.slopes)
    )


UNDEFINED: dict[Record, tuple[Kink, ...]] = {arctan2: _undefined_points(arctan2)}
"""The points at which the derivative of a record is undefined, if it has any."""


def warn_if_undefined(record: Record, product: Value, args: Sequence[Value]) -> None:
    """Warn if a product with a slope is nan because the slope is undefined there."""
    lost = np.isnan(product)
    if not strip(lost).any():
        return
    for kink in UNDEFINED[record]:
        there = (np.equal(arg, at) for arg, at in zip(args, kink.at, strict=True))
        if not strip(functools.reduce(np.logical_and, there, lost)).any():
            continue
        point = ", ".join(f"{number:g}" for number in kink.at)
        message = (
            f"The derivative of np.{record.name} at ({point}) was asked "
            f"for{user_line()}: it is {kink.why}, and nan is given. Keep away from "
            "there, with np.where on the arguments, say."
        )
        warn_the_user(message, UndefinedDerivativeWarning)
