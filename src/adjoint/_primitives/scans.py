"""Running products, without division: exact where factors are zero."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from adjoint._core.arrays import Value, ndim_of, normalize_axis, with_axis
from adjoint._core.dispatch import bind
from adjoint._core.record import Example, Layout
from adjoint._core.registry import UFUNC_METHODS, implements
from adjoint._primitives._makers import general


def recurrence(a: Value, b: Value) -> Value:
    """Return y with ``y[k] = a[k] y[k-1] + b[k]`` along the last axis, ``y[-1] = 0``.

    Two steps are one step with ``a[k] a[k-1]`` and ``b[k] + a[k] b[k-1]``.  So the
    elements in odd places obey a recurrence of half the length, and those in even
    places follow from them: 3 n multiplications in log2 n rounds (Blelloch 1990).
    """
    length = b.shape[-1]
    if length < 2:
        return b
    even, odd = slice(0, length - 1, 2), slice(1, None, 2)
    a_odd = a[..., odd]
    at_odd = recurrence(a_odd * a[..., even], b[..., odd] + a_odd * b[..., even])
    before = at_odd[..., : (length - 1) // 2]
    rest = b[..., 2::2] + a[..., 2::2] * before
    at_even = np.concatenate([b[..., :1], rest], -1)
    return _interleaved(at_even, at_odd)


def _interleaved(even: Value, odd: Value) -> Value:
    """Return elements of two arrays in turn; the first may have one more."""
    count = odd.shape[-1]
    pairs = np.stack([even[..., :count], odd], -1)
    flat = np.reshape(pairs, (*odd.shape[:-1], 2 * count))
    return np.concatenate([flat, even[..., count:]], -1)


def _running(x: Value) -> Value:
    """Return the products of all elements before each one."""
    return np.concatenate(
        [np.ones_like(x[..., :1]), np.cumprod(x[..., :-1], axis=x.ndim - 1)], -1
    )


def _last(x: Value, axis: int) -> Value:
    return np.moveaxis(x, axis, -1)


def cumprod_pullback(out_bar: Value, _out: Value, x: Value, axis: int) -> Value:
    """Return p[k] s[k]: products before k times s[k] = out_bar[k] + x[k+1] s[k+1].

    The k-th factor stands in all products from the k-th on; without it they are the
    product before k, and the running products of what comes after k.
    """
    x, bar = _last(x, axis), _last(out_bar, axis)
    if x.shape[-1] < 2:
        return out_bar
    following = np.concatenate([x[..., 1:], np.ones_like(x[..., :1])], -1)
    sums = recurrence(following[..., ::-1], bar[..., ::-1])[..., ::-1]
    return np.moveaxis(_running(x) * sums, -1, axis)


def cumprod_pushforward(
    _out: Value, args: Sequence[Value], tangents: Sequence[Value], params: Any
) -> Value:
    """Return the tangent t[k] = x[k] t[k-1] + x_dot[k] p[k], p the product before k."""
    (axis,) = params
    x, x_dot = _last(args[0], axis), _last(tangents[0], axis)
    if x.shape[-1] < 2:
        return tangents[0]
    return np.moveaxis(recurrence(x, x_dot * _running(x)), -1, axis)


cumprod = general(
    np.cumprod,
    lambda x, axis: np.cumprod(x, axis=axis),
    (cumprod_pullback,),
    layout=Layout.REDUCTION,
    pushforward=cumprod_pushforward,
    batch=lambda args, _batched, _size, axis: np.cumprod(args[0], axis=axis + 1),
    examples=(
        Example(((4,),), (0,)),
        Example(((3, 5),), (1,)),
        Example(((7, 2),), (0,)),
        Example(((1,),), (0,)),
        Example(((0,),), (0,)),
    ),
    reference="Blelloch 1990, Prefix sums and their applications, section 4",
)


@implements(np.cumprod)
def running_product(a: Value, axis: int | None = None, dtype: Any = None) -> Value:
    """Return the running product along an axis; of the ravelled array by default."""
    a = a if dtype is None else a.astype(dtype)
    if axis is None:
        return bind(cumprod, (np.ravel(a),), (0,))
    a = with_axis(a, axis)
    return bind(cumprod, (a,), (normalize_axis(axis, ndim_of(a)),))


UFUNC_METHODS[np.multiply, "accumulate"] = lambda array, axis=0, dtype=None: np.cumprod(
    array, axis=axis, dtype=dtype
)


def _declare_cumulative(function: Any, over: Any, first: float) -> None:
    """Declare the array API's name of a scan, which may begin with no term at all."""

    @implements(function)
    def cumulative(
        x: Value,
        /,
        *,
        axis: int | None = None,
        dtype: Any = None,
        include_initial: bool = False,
    ) -> Value:
        if axis is None:
            if ndim_of(x) > 1:
                msg = "For arrays which have more than one dimension ``axis`` argument "
                msg += "is required."
                raise ValueError(msg)
            axis = 0
        x = with_axis(x, axis)
        number = normalize_axis(axis, ndim_of(x))
        out = over(x if dtype is None else x.astype(dtype), axis=number)
        if not include_initial:
            return out
        shape = (*out.shape[:number], 1, *out.shape[number + 1 :])
        return np.concatenate([np.full(shape, first, out.dtype), out], axis=number)


if hasattr(np, "cumulative_sum"):  # since NumPy 2.1
    _declare_cumulative(np.cumulative_sum, np.cumsum, 0.0)
    _declare_cumulative(np.cumulative_prod, np.cumprod, 1.0)
