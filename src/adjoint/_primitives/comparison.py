"""Comparisons, roundings, selections: where a derivative is zero, or switches."""

import math
from typing import Any

import numpy as np

from adjoint._core.arrays import Value, in_dtype_of, normalize_axis, with_axis
from adjoint._core.dispatch import bind, bind_operands
from adjoint._core.record import Example, Kink
from adjoint._core.registry import implements
from adjoint._primitives._makers import REALS, constant, elementwise, linear

for _of_two in (
    np.less,
    np.less_equal,
    np.greater,
    np.greater_equal,
    np.equal,
    np.not_equal,
    np.logical_and,
    np.logical_or,
    np.logical_xor,
    np.bitwise_and,
    np.bitwise_or,
    np.bitwise_xor,
    np.floor_divide,
):
    constant(_of_two, arity=2)

_COUNTS = (1, 6)
for _of_integers in (np.gcd, np.lcm, np.left_shift, np.right_shift):
    constant(_of_integers, arity=2, domain=_COUNTS)
constant(np.bitwise_count, domain=_COUNTS)

for _of_one in (
    np.logical_not,
    np.invert,
    np.isfinite,
    np.isinf,
    np.isnan,
    np.signbit,
    np.sign,
    np.floor,
    np.ceil,
    np.trunc,
    np.rint,
    np.spacing,
):
    constant(_of_one)

heaviside = elementwise(
    np.heaviside,
    (
        lambda _out, x, _y: np.zeros_like(x),
        lambda out, x, _y: in_dtype_of(out, np.where(np.equal(x, 0), 1.0, 0.0)),
    ),
    kinks=(Kink((0.0, 0.5), (0.0, 1.0), "a step; at 0 the value is the second"),),
)


where = linear(
    np.where,
    (
        None,
        lambda out_bar, _out, condition, _x, _y: np.where(condition, out_bar, 0.0),
        lambda out_bar, _out, condition, _x, _y: np.where(condition, 0.0, out_bar),
    ),
    domain=((0.0, 1.0), REALS, REALS),
)


@implements(np.where)
def select(condition: Value, x: Value = None, y: Value = None) -> Value:
    """Return ``x`` where the condition holds and ``y`` elsewhere."""
    if x is None and y is None:
        return np.nonzero(condition)
    if x is None or y is None:
        msg = "np.where takes an array or a number to choose, not None"
        raise TypeError(msg)
    return bind_operands(where, (condition, x, y))


def _inside(x: Value, low: Value, high: Value) -> Value:
    return np.logical_and(np.greater_equal(x, low), np.less_equal(x, high))


def _clip_slopes() -> tuple[Any, Any, Any]:
    """Return the partials of clip: who of x, low and high the result is."""

    def by_x(out: Value, x: Value, low: Value, high: Value) -> Value:
        return in_dtype_of(out, np.where(_inside(x, low, high), 1.0, 0.0))

    def by_low(out: Value, x: Value, low: Value, high: Value) -> Value:
        below = np.logical_and(np.less(x, low), np.less(low, high))
        return in_dtype_of(out, np.where(below, 1.0, 0.0))

    def by_high(out: Value, x: Value, low: Value, high: Value) -> Value:
        crossed = np.less_equal(high, low)
        above = np.logical_or(np.greater(x, high), crossed)
        above = np.logical_and(above, np.logical_not(_inside(x, low, high)))
        return in_dtype_of(out, np.where(above, 1.0, 0.0))

    return by_x, by_low, by_high


clip = elementwise(
    np.clip,
    _clip_slopes(),
    domain=(REALS, (-1.5, -0.5), (0.5, 1.5)),
    kinks=(
        Kink((1.0, 0.0, 1.0), (1.0, 0.0, 0.0), "the bound belongs to the inside"),
        Kink((0.0, 0.0, 1.0), (1.0, 0.0, 0.0), "the bound belongs to the inside"),
    ),
)


@implements(np.clip)
def clip_between(
    a: Value,
    a_min: Value = None,
    a_max: Value = None,
    *,
    min: Value = None,
    max: Value = None,
) -> Value:
    """Return ``a`` limited to an interval; ``None`` for no limit on that side."""
    low = min if a_min is None else a_min
    high = max if a_max is None else a_max
    return bind_operands(
        clip, (a, -np.inf if low is None else low, np.inf if high is None else high)
    )


@implements(np.round, np.around)
def round_half_even(a: Value, decimals: int = 0) -> Value:
    """Return ``a`` rounded: piecewise constant, so its derivative is zero."""
    return bind(rounding, (a,), (decimals,))


rounding = constant(
    np.round,
    evaluate=np.round,
    batch=lambda args, _batched, _size, decimals: np.round(args[0], decimals),
    examples=(Example(((3,),), (1,)),),
)


def _one_axis_batch(function: Any) -> Any:
    """Return the batch rule of a function with parameters (axis, keepdims)."""

    def batch(
        args: list[Value],
        _batched: list[bool],
        _size: int,
        axis: int | None,
        keepdims: bool,
    ) -> Value:
        x = args[0]
        if axis is None:
            size = x.shape[0]
            flat = np.reshape(x, (size, math.prod(x.shape[1:])))
            out = function(flat, axis=1)
            return np.reshape(out, (size, *(1,) * (x.ndim - 1))) if keepdims else out
        return function(x, axis=axis + 1, keepdims=keepdims)

    return batch


def _declare_index_function(function: Any) -> None:
    record = constant(
        function,
        evaluate=lambda x, axis, keepdims: function(x, axis=axis, keepdims=keepdims),
        batch=_one_axis_batch(function),
        examples=(Example(((3, 4),), (1, False)), Example(((3, 4),), (None, True))),
    )

    @implements(function)
    def index_of(a: Value, axis: int | None = None, *, keepdims: bool = False) -> Value:
        a = a if axis is None else with_axis(a, axis)
        number = None if axis is None else normalize_axis(axis, a.ndim)
        return bind(record, (a,), (number, keepdims))


for _of_axis in (np.argmax, np.argmin):
    _declare_index_function(_of_axis)


@implements(np.any)
def any_true(
    a: Value,
    axis: int | tuple[int, ...] | None = None,
    *,
    keepdims: bool = False,
    where: Value = True,
) -> Value:
    """Return whether any element is nonzero: a constant for derivatives."""
    if where is not True:
        a = np.logical_and(a, where)
    return np.not_equal(np.sum(np.not_equal(a, 0), axis=axis, keepdims=keepdims), 0)


@implements(np.all)
def all_true(
    a: Value,
    axis: int | tuple[int, ...] | None = None,
    *,
    keepdims: bool = False,
    where: Value = True,
) -> Value:
    """Return whether all elements are nonzero: a constant for derivatives."""
    if where is not True:
        a = np.logical_or(a, np.logical_not(where))
    return np.equal(np.sum(np.equal(a, 0), axis=axis, keepdims=keepdims), 0)


@implements(np.isclose)
def close(
    a: Value,
    b: Value,
    rtol: float = 1e-05,
    atol: float = 1e-08,
    equal_nan: bool = False,
) -> Value:
    """Return where two arrays agree within a tolerance: a constant for derivatives."""
    finite = np.logical_and(np.isfinite(a), np.isfinite(b))
    near = np.less_equal(np.absolute(a - b), atol + rtol * np.absolute(b))
    both_nan = np.logical_and(np.isnan(a), np.isnan(b)) if equal_nan else False
    return np.logical_or(np.where(finite, near, np.equal(a, b)), both_nan)


@implements(np.allclose)
def all_close(
    a: Value,
    b: Value,
    rtol: float = 1e-05,
    atol: float = 1e-08,
    equal_nan: bool = False,
) -> bool:
    """Return whether two arrays agree within a tolerance."""
    return bool(np.all(close(a, b, rtol, atol, equal_nan)))


@implements(np.array_equal)
def equal_arrays(a1: Value, a2: Value, equal_nan: bool = False) -> bool:
    """Return whether two arrays have the same shape and elements."""
    if np.shape(a1) != np.shape(a2):
        return False
    same = np.equal(a1, a2)
    if equal_nan:
        same = np.logical_or(same, np.logical_and(np.isnan(a1), np.isnan(a2)))
    return bool(np.all(same))
