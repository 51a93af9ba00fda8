"""``np.interp``: straight lines between given points.

At a knot the slope is that of the segment to its right, at the last knot that of the
last segment; outside it is 0.  Derivatives are by the places, the knots and the values.
"""

import numpy as np

from adjoint._core.arrays import Value, in_dtype
from adjoint._core.dispatch import as_part
from adjoint._core.registry import implements
from adjoint._primitives.taking import take


@implements(np.interp)
def interp(
    x: Value,
    xp: Value,
    fp: Value,
    left: Value = None,
    right: Value = None,
    period: float | None = None,
) -> Value:
    """Return the values at ``x`` of the lines through the points ``(xp, fp)``.

    Raises
    ------
    TypeError
        For complex places or knots, and for complex ends of real values, as NumPy does.
        With a period it warns instead, and takes their real parts.
    ValueError
        If there is no point, or ``xp`` and ``fp`` are not vectors of one length.
    """
    x, xp = (_real(part, safe=period is None) for part in (x, xp))
    fp = _double(fp)
    if np.ndim(xp) != 1 or np.shape(xp) != np.shape(fp):
        msg = "fp and xp are not of the same length."
        raise ValueError(msg)
    if np.size(xp) == 0:
        msg = "array of sample points is empty"
        raise ValueError(msg)
    if period is not None:
        x, xp, fp = _unrolled(x, xp, fp, period)
        left = right = None
    single = np.size(xp) == 1
    out = np.broadcast_to(fp[0], np.shape(x)) if single else _on_lines(x, xp, fp)
    end = _real if fp.dtype.kind == "f" else _double
    below = fp[0] if left is None else end(left)
    above = fp[-1] if right is None else end(right)
    out = np.where(np.less(x, xp[0]), below, out)
    return np.where(np.greater(x, xp[-1]), above, out)[()]


def _double(part: Value) -> Value:
    """Return an array of float64 or complex128, whatever NumPy is given."""
    part = as_part(part)
    double = np.complex128 if part.dtype.kind == "c" else np.float64
    return in_dtype(part, double)


def _real(part: Value, *, safe: bool = True) -> Value:
    """Return an array of float64; complex numbers are refused, if it is to be safe."""
    part = as_part(part)
    if safe and part.dtype.kind == "c":
        msg = (
            f"Cannot cast array data from {part.dtype!r} to dtype('float64') according "
            "to the rule 'safe': np.interp takes complex values at real places only."
        )
        raise TypeError(msg)
    return in_dtype(part, np.float64)


def _on_lines(x: Value, xp: Value, fp: Value) -> Value:
    """Return fp[j] + slope (x - xp[j]), j the knot on the left of ``x``."""
    last = np.shape(xp)[0] - 1
    knot = np.maximum(np.searchsorted(xp, x, side="right") - 1, 0)
    segment = np.minimum(knot, last - 1)
    start, end = (take(xp, segment + k) for k in (0, 1))
    rise = take(fp, segment + 1) - take(fp, segment)
    slope = rise / (end - start)
    return slope * (x - take(xp, knot)) + take(fp, knot)


def _unrolled(
    x: Value, xp: Value, fp: Value, period: float
) -> tuple[Value, Value, Value]:
    """Return the points of one period, and one on either side."""
    if period == 0:
        msg = "period must be a non-zero value"
        raise ValueError(msg)
    period = abs(period)
    x, xp = x % period, xp % period
    order = np.argsort(xp)
    xp, fp = take(xp, order), take(fp, order)
    knots = np.concatenate([xp[-1:] - period, xp, xp[:1] + period])
    return x, knots, np.concatenate([fp[-1:], fp, fp[:1]])
