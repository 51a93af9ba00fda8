"""Points at which a derivative is undefined: nan, with a warning that says of what.

A record says so by a kink whose slopes are nan (``arctan2`` at the origin).  The
warning comes where the nan does: not if the cotangent there is zero.
"""

import math
import warnings
from collections.abc import Sequence

import numpy as np

from adjoint._core.arrays import Value
from adjoint._core.dispatch import strip
from adjoint._core.errors import UndefinedDerivativeWarning, user_line
from adjoint._core.record import Kink, Record
from adjoint._core.registry import RECORDS


def _undefined_points(record: Record) -> tuple[Kink, ...]:
    return tuple(
        kink
        for kink in record.kinks
        if all(slope is not None and math.isnan(slope) for slope in kink.slopes)
    )


UNDEFINED: dict[Record, tuple[Kink, ...]] = {
    record: points
    for record in RECORDS.values()
    if (points := _undefined_points(record))
}
"""The points at which the derivative of a record is undefined, if it has any."""


def warn_if_undefined(record: Record, product: Value, args: Sequence[Value]) -> None:
    """Warn if a product with a slope is nan because the slope is undefined there."""
    lost = np.isnan(strip(product))
    if not np.any(lost):
        return
    values = [strip(arg) for arg in args]
    for kink in UNDEFINED[record]:
        there = [np.equal(v, at) for v, at in zip(values, kink.at, strict=True)]
        if not np.any(np.logical_and.reduce(np.broadcast_arrays(*there))):
            continue
        point = ", ".join(f"{number:g}" for number in kink.at)
        message = (
            f"The derivative of np.{record.name} at ({point}) was asked for"
            f"{user_line()}: it is {kink.why}, and nan is given. Keep away from that "
            "point, with np.where on the arguments, say."
        )
        warnings.warn(message, UndefinedDerivativeWarning, stacklevel=2)
