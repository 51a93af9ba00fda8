"""A ufunc of two arguments from element to element: ``reduce``, ``accumulate``.

Both are one recurrence, y[k] = f(y[k-1], x[k]), and so are their derivatives: with the
slopes a[k] and b[k] of f, y_dot[k] = a[k] y_dot[k-1] + b[k] x_dot[k].  Nothing else is
asked of a ufunc than its own record; nothing is divided, so zeros do no harm.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from adjoint._core.arrays import Value, dtype_of, in_dtype_of
from adjoint._core.dispatch import bind
from adjoint._core.errors import MissingRuleError, user_line
from adjoint._core.handle import Handle
from adjoint._core.record import Calculus, Example, Layout
from adjoint._core.registry import RECORDS
from adjoint._primitives._makers import POSITIVE, general
from adjoint._primitives.reduction import (
    Axes,
    kept_shape,
    products_of_others,
    shift,
)
from adjoint._primitives.scans import recurrence

EXTREMA = frozenset({np.maximum, np.minimum, np.fmax, np.fmin})


def slopes(
    ufunc: np.ufunc, out: Value, before: Value, item: Value
) -> tuple[Value, Value]:
    """Return the slopes of out = f(before, item) by each."""
    record = RECORDS[ufunc]
    if record.calculus is Calculus.PARTIALS:
        by_before, by_item = (
            in_dtype_of(out, rule(out, before, item))  # type: ignore[misc]
            for rule in (record.rule(0), record.rule(1))
        )
        return by_before, by_item
    if record.calculus is Calculus.CONSTANT:
        zero = np.zeros_like(out)
        return zero, zero
    one = np.ones_like(out)
    return one, -one if ufunc is np.subtract else one


def _shares(out: Value, x: Value) -> tuple[Value, Value]:
    """Return the slopes of running extrema: ties so far share equally.

    The c-th of c equal ones takes 1/c and leaves (c-1)/c to those before it, so that in
    the end each has 1/c.
    """
    mine = _is_mine(out, x)
    before, after = out[..., :-1], out[..., 1:]
    both_nan = np.logical_and(np.isnan(before), np.isnan(after))
    same = np.logical_or(np.equal(before, after), both_nan)
    total = np.cumsum(mine, axis=np.ndim(mine) - 1)
    begun = np.where(same, 0, total[..., 1:] - mine[..., 1:])
    count = total[..., 1:] - np.maximum.accumulate(begun, axis=np.ndim(begun) - 1)
    share = np.where(mine[..., 1:], np.divide(1.0, np.maximum(count, 1)), 0.0)
    return in_dtype_of(out, 1.0 - share), in_dtype_of(out, share)


def _is_mine(out: Value, x: Value) -> Value:
    """Return where an element is the extremum; one nan is as good as another."""
    both_nan = np.logical_and(np.isnan(x), np.isnan(out))
    return np.logical_or(np.equal(x, out), both_nan)


def _weighed(ufunc: np.ufunc, bar: Value, slope: Value) -> Value:
    """Return a product with a slope: 0 where nothing depends on an infinite one."""
    if not RECORDS[ufunc].slope_may_be_infinite:
        return bar * slope
    dead = np.logical_and(np.equal(bar, 0), np.logical_not(np.isfinite(slope)))
    return np.where(dead, 0.0, bar) * np.where(dead, 0.0, slope)


def slope_of_fold(ufunc: np.ufunc, x: Value) -> Value:
    """Return the slope of ``ufunc.reduce(x, axis=-1)`` by each element.

    The k-th element enters with the slope b[k], and each later step multiplies by a.
    """
    if ufunc is np.add or x.shape[-1] < 2:
        return np.ones_like(x)
    if ufunc is np.multiply:
        return products_of_others(x)
    if ufunc in EXTREMA:
        mine = _is_mine(ufunc.reduce(x, axis=x.ndim - 1, keepdims=True), x)
        count = np.sum(mine, axis=-1, keepdims=True)
        return in_dtype_of(x, np.where(mine, np.divide(1.0, count), 0.0))
    running = ufunc.accumulate(x, axis=x.ndim - 1)
    a, b = slopes(ufunc, running[..., 1:], running[..., :-1], x[..., 1:])
    one = np.ones_like(x[..., :1])
    factors = np.concatenate([a, one], -1)[..., ::-1]
    later = np.cumprod(factors, axis=x.ndim - 1)[..., ::-1]
    entering = _weighed(ufunc, later[..., 1:], b)
    return np.concatenate([later[..., :1], entering], -1)


def fold(x: Value, ufunc: np.ufunc, axes: Axes, keepdims: bool) -> Value:
    """Return ``ufunc.reduce`` over axes."""
    if isinstance(x, Handle):
        return bind(folding, (x,), (ufunc, axes, keepdims))
    axis: Any = axes if len(axes) != 1 else axes[0]
    out = ufunc.reduce(x, axis=axis, keepdims=keepdims)
    if ufunc in FORGETFUL and x.shape[axis] > 2:
        steps = np.take(ufunc.accumulate(x, axis=axis), [-1], axis=axis)
        check_steps(ufunc, "reduce", np.reshape(steps, np.shape(out)), out)
    return out


FORGETFUL = frozenset({np.power, np.arctan2})
"""Ufuncs whose vectorized loops, on some processors, forget what they have folded."""


def check_steps(ufunc: np.ufunc, method: str, steps: Value, out: Value) -> None:
    """Raise if NumPy's value is not what its own steps give, one after the other.

    NumPy 2 has loops for AVX-512 that read the running result once, and return the last
    step of a wrong beginning: ``np.power.reduce([2.0, 3.0, 2.0])`` is 4.0 then, not 64.

    Raises
    ------
    MissingRuleError
        If so.
    """
    if np.allclose(steps, out, rtol=1e-6, atol=0.0, equal_nan=True):
        return
    msg = (
        f"np.{ufunc.__name__}.{method} gave a value that is not that of its steps, one "
        f"after the other{user_line()}: a fault of NumPy's on this processor, of which "
        f"there is no derivative. Write np.{ufunc.__name__}.accumulate(x)[-1]."
    )
    raise MissingRuleError(msg)


def _slope_over(ufunc: np.ufunc, x: Value, axes: Axes) -> Value:
    """Return the slope by each element of a fold over any axes, in the shape of x."""
    last = tuple(range(-len(axes), 0))
    moved = np.moveaxis(x, axes, last)
    flat = np.reshape(moved, (*moved.shape[: x.ndim - len(axes)], -1))
    if ufunc is np.hypot and flat.shape[-1] == 1:  # begins with 0: the absolute value
        slope = np.sign(flat)
    else:
        slope = slope_of_fold(ufunc, flat)
    return np.moveaxis(np.reshape(slope, moved.shape), last, axes)


def _pull_fold(
    out_bar: Value, _out: Value, x: Value, ufunc: np.ufunc, axes: Axes, _keepdims: bool
) -> Value:
    if 0 in x.shape:
        return np.zeros_like(x)
    kept = np.reshape(out_bar, kept_shape(x.shape, axes))
    return _weighed(ufunc, kept, _slope_over(ufunc, x, axes))


def _push_fold(
    _out: Value, args: Sequence[Value], tangents: Sequence[Value], params: Any
) -> Value:
    ufunc, axes, keepdims = params
    (x,), (x_dot,) = args, tangents
    if 0 not in x.shape:
        x_dot = _weighed(ufunc, x_dot, _slope_over(ufunc, x, axes))
    return np.sum(x_dot, axis=axes, keepdims=keepdims)


def signed(x: Value) -> tuple[Value]:
    """Return arguments of both signs of positive ones, for the laws tests."""
    return (x - 1.6,)


def spread(x: Value) -> tuple[Value]:
    """Return arguments so far apart that no step of a difference quotient ties them."""
    places = 3.0 * (7 * np.arange(x.size) % x.size)
    return (x + np.reshape(places, x.shape).astype(x.dtype),)


_FOLDED = (
    *((np.hypot, signed), (np.logaddexp, signed), (np.logaddexp2, signed)),
    *((np.fmax, spread), (np.fmin, spread)),
)
_IN_ORDER = (
    *(np.divide, np.remainder, np.fmod),
    *(np.copysign, np.heaviside, np.nextafter, np.floor_divide),
)
REORDERABLE = frozenset(
    {np.add, np.multiply, *EXTREMA, np.hypot, np.logaddexp, np.logaddexp2}
)
"""What may be taken over several axes at once."""

folding = general(
    fold,
    fold,
    (_pull_fold,),
    layout=Layout.REDUCTION,
    pushforward=_push_fold,
    batch=lambda args, _batched, _size, ufunc, axes, keepdims: fold(
        args[0], ufunc, shift(axes), keepdims
    ),
    domain=(POSITIVE,),
    examples=(
        *(Example(((3, 4),), (one, (1,), True), of) for one, of in _FOLDED),
        *(Example(((2, 3, 2),), (one, (0, 2), False), of) for one, of in _FOLDED),
        *(Example(((3, 2),), (one, (0,), False)) for one in _IN_ORDER),
        *(Example(((2, 3),), (one, (0,), False)) for one in (np.power, np.arctan2)),
        Example(((3, 4),), (np.subtract, (1,), False), signed),
        Example(((3, 4),), (np.maximum, (0, 1), False), spread),
        Example(((1, 3),), (np.arctan2, (0,), False)),
    ),
)


def scan(x: Value, ufunc: np.ufunc, axis: int) -> Value:
    """Return ``ufunc.accumulate`` along an axis."""
    if isinstance(x, Handle):
        return bind(scanning, (x,), (ufunc, axis))
    return ufunc.accumulate(x, axis=axis)


def _coefficients(ufunc: np.ufunc, out: Value, x: Value) -> tuple[Value, Value]:
    """Return the slopes of each step after the first, scanned along the last axis."""
    if ufunc in EXTREMA:
        return _shares(out, x)
    return slopes(ufunc, out[..., 1:], out[..., :-1], x[..., 1:])


def _pull_scan(
    out_bar: Value, out: Value, x: Value, ufunc: np.ufunc, axis: int
) -> Value:
    """Return b[k] s[k], where s[k] = out_bar[k] + a[k+1] s[k+1]."""
    x, out, bar = (np.moveaxis(one, axis, -1) for one in (x, out, out_bar))
    if x.shape[-1] < 2:
        return out_bar
    a, b = _coefficients(ufunc, out, x)
    following = np.concatenate([a, np.ones_like(x[..., :1])], -1)
    sums = recurrence(following[..., ::-1], bar[..., ::-1])[..., ::-1]
    parts = [sums[..., :1], _weighed(ufunc, sums[..., 1:], b)]
    return np.moveaxis(np.concatenate(parts, -1), -1, axis)


def _push_scan(
    out: Value, args: Sequence[Value], tangents: Sequence[Value], params: Any
) -> Value:
    """Return the tangent t[k] = a[k] t[k-1] + b[k] x_dot[k]."""
    ufunc, axis = params
    x, out, dot = (np.moveaxis(one, axis, -1) for one in (args[0], out, tangents[0]))
    if x.shape[-1] < 2:
        return tangents[0]
    a, b = _coefficients(ufunc, out, x)
    own = np.concatenate([dot[..., :1], _weighed(ufunc, dot[..., 1:], b)], -1)
    factors = np.concatenate([np.ones_like(x[..., :1]), a], -1)
    return np.moveaxis(recurrence(factors, own), -1, axis)


scanning = general(
    scan,
    scan,
    (_pull_scan,),
    layout=Layout.REDUCTION,
    pushforward=_push_scan,
    batch=lambda args, _batched, _size, ufunc, axis: scan(args[0], ufunc, axis + 1),
    domain=(POSITIVE,),
    examples=(
        *(Example(((2, 5),), (one, 1), of) for one, of in _FOLDED),
        Example(((2, 5),), (np.subtract, 1), signed),
        Example(((2, 5),), (np.maximum, 1), spread),
        Example(((2, 5),), (np.minimum, 1), spread),
        *(Example(((3, 2),), (one, 0)) for one in _IN_ORDER),
        *(Example(((3, 2),), (one, 0)) for one in (np.power, np.arctan2)),
        Example(((1,),), (np.hypot, 0)),
        Example(((0,),), (np.hypot, 0)),
    ),
)


def in_type_of(ufunc: np.ufunc, x: Value, dtype: Any) -> Value:
    """Return what a ufunc is folded over in the type in which NumPy does it."""
    own = dtype_of(x)
    if dtype is not None:
        target = np.dtype(dtype)
    elif own.kind in "fc" and ufunc is not np.float_power:
        target = own
    else:
        target = ufunc.resolve_dtypes((own, own, None))[-1]
    return x if own == target else x.astype(target)
