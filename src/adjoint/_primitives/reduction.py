"""Reductions and scans: sum, product, extrema, running sum."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from adjoint._core.arrays import (
    Shape,
    Value,
    in_domain,
    in_dtype_of,
    ndim_of,
    normalize_axis,
    reduced_axes,
    with_axis,
)
from adjoint._core.dispatch import as_part, bind, bind_one, settle
from adjoint._core.handle import Handle
from adjoint._core.record import Example, Layout
from adjoint._core.registry import IMPLEMENTATIONS, UFUNC_METHODS, implements
from adjoint._primitives._makers import general, structural

Axes = tuple[int, ...]

_EXAMPLES = (
    Example(((3, 4),), ((0, 1), False)),
    Example(((3, 4),), ((1,), True)),
    Example(((2, 3, 2),), ((0, 2), False)),
)


def kept_shape(shape: Shape, axes: Axes) -> Shape:
    """Return a shape with the reduced axes at length 1."""
    return tuple(1 if k in axes else n for k, n in enumerate(shape))


def shift(axes: Axes) -> Axes:
    """Return axes counted with a batch axis in front."""
    return tuple(axis + 1 for axis in axes)


_add: Any = np.add  # NumPy's annotations of reduce take keepdims as a literal only
_multiply: Any = np.multiply


def _sum_evaluate(x: Value, axes: Axes, keepdims: bool) -> Value:
    return _add.reduce(x, axis=axes, keepdims=keepdims)


def sum_transpose(
    out_bar: Value,
    x_shape: Shape,
    axes: Axes,
    keepdims: bool,
) -> Value:
    """Return the cotangent of every term: that of the sum."""
    if not keepdims and len(axes) < len(x_shape):
        out_bar = np.reshape(out_bar, kept_shape(x_shape, axes))
    if type(out_bar) in _NUMPY_VALUES and math.prod(x_shape) <= _FILL_UP_TO:
        filled = np.empty(x_shape, out_bar.dtype)
        filled[...] = out_bar
        return filled
    return np.broadcast_to(out_bar, x_shape)


_NUMPY_VALUES = frozenset({np.ndarray, np.float64, np.float32})
_FILL_UP_TO = 4096
"""Elements: up to here filling is 2 us faster than ``broadcast_to``."""


summation = structural(
    np.sum,
    _sum_evaluate,
    sum_transpose,
    layout=Layout.REDUCTION,
    batch=lambda x, axes, keepdims: np.add.reduce(
        x, axis=shift(axes), keepdims=keepdims
    ),
    examples=_EXAMPLES,
)


@implements(np.sum)
def sum_over(
    a: Value,
    axis: int | Axes | None = None,
    *,
    keepdims: bool = False,
    where: Value = True,
    initial: Value = None,
    dtype: Any = None,
) -> Value:
    """Return the sum over axes; all of them by default."""
    axes = _ALL_AXES[a.ndim] if axis is None else reduced_axes(axis, a.ndim)
    if where is True and initial is None and dtype is None:
        return bind_one(summation, a, (axes, keepdims))
    options = _options(where, initial, dtype, as_part(a))
    out = bind(optional_sum, (as_part(a),), (axes, keepdims, options))
    if isinstance(initial, Handle):  # in the value already; the derivative of a term
        return out + in_domain(initial - _plain(initial), out)
    return out


def _plain(initial: Value) -> Value:
    return settle(initial, "the initial number of a reduction")


def _options(
    where: Value, initial: Value, dtype: Any, like: Value
) -> tuple[tuple[str, Any], ...]:
    """Return keywords of a reduction as pairs, without those that change nothing."""
    given: list[tuple[str, Any]] = []
    if where is not True:
        mask = np.array(settle(as_part(where), "which elements to reduce"), bool)
        given.append(("where", mask))
    if initial is not None:
        given.append(("initial", _plain(initial)))
    if dtype is not None and np.dtype(dtype) != like.dtype:
        given.append(("dtype", np.dtype(dtype)))
    return tuple(given)


_ALL_AXES = tuple(tuple(range(rank)) for rank in range(65))


def products_of_others(x: Value) -> Value:
    """Return, along the last axis, the product of all other elements; no division.

    Pairs are multiplied, the products of others found among the pair products, and each
    handed down to its pair: 3 n multiplications, exact with any number of zeros.
    """
    count = x.shape[-1]
    if count <= 1:
        return np.ones_like(x)
    if count % 2:
        others = products_of_others(np.concatenate([x, np.ones_like(x[..., :1])], -1))
        return others[..., :count]
    even, odd = x[..., 0::2], x[..., 1::2]
    above = products_of_others(even * odd)
    return np.reshape(np.stack([above * odd, above * even], axis=-1), x.shape)


def prod_pullback(
    out_bar: Value,
    _out: Value,
    x: Value,
    axes: Axes,
    _keepdims: bool,
) -> Value:
    """Return the cotangent of each factor: the product of the others."""
    shape = np.shape(x)
    if not axes:
        return out_bar
    last = tuple(range(-len(axes), 0))
    moved = np.moveaxis(x, axes, last)
    kept = moved.shape[: len(shape) - len(axes)]
    flat = np.reshape(moved, (*kept, math.prod(shape[axis] for axis in axes)))
    others = np.moveaxis(np.reshape(products_of_others(flat), moved.shape), last, axes)
    return np.reshape(out_bar, kept_shape(shape, axes)) * others


product = general(
    np.prod,
    lambda x, axes, keepdims: np.multiply.reduce(x, axis=axes, keepdims=keepdims),
    (prod_pullback,),
    layout=Layout.REDUCTION,
    batch=lambda args, _batched, _size, axes, keepdims: np.multiply.reduce(
        args[0], axis=shift(axes), keepdims=keepdims
    ),
    examples=_EXAMPLES,
)


@implements(np.prod)
def product_over(
    a: Value,
    axis: int | Axes | None = None,
    *,
    keepdims: bool = False,
    where: Value = True,
    initial: Value = None,
    dtype: Any = None,
) -> Value:
    """Return the product over axes; all of them by default."""
    axes = reduced_axes(axis, a.ndim)
    if where is True and initial is None and dtype is None:
        return bind(product, (a,), (axes, keepdims))
    options = _options(where, initial, dtype, as_part(a))
    out = bind(optional_product, (as_part(a),), (axes, keepdims, options))
    if isinstance(initial, Handle):  # in the value already; the derivative of a factor
        rest = product_over(a, axis, keepdims=keepdims, where=where, dtype=dtype)
        return out + in_domain(initial - _plain(initial), out) * rest
    return out


Options = tuple[tuple[str, Any], ...]
"""Keywords of a reduction, as pairs; NumPy adds what a mask lets through in another
order than all of it, so sums and products with them are records of their own."""


def optional_sum_of(x: Value, axes: Axes, keepdims: bool, options: Options) -> Value:
    """Return ``np.sum`` with options."""
    return _add.reduce(x, axis=axes, keepdims=keepdims, **dict(options))


def optional_product_of(
    x: Value, axes: Axes, keepdims: bool, options: Options
) -> Value:
    """Return ``np.prod`` with options."""
    return _multiply.reduce(x, axis=axes, keepdims=keepdims, **dict(options))


def _masked(value: Value, options: Options, fill: float) -> Value:
    """Return a value with ``fill`` where the mask among the options is false."""
    mask = dict(options).get("where")
    return value if mask is None else np.where(mask, value, fill)


def _optional_sum_pullback(
    out_bar: Value, _out: Value, x: Value, axes: Axes, keepdims: bool, options: Options
) -> Value:
    return _masked(sum_transpose(out_bar, np.shape(x), axes, keepdims), options, 0.0)


def _optional_sum_pushforward(
    _out: Value, _args: Sequence[Value], tangents: Sequence[Value], params: Any
) -> Value:
    axes, keepdims, options = params
    terms = {key: value for key, value in options if key != "initial"}
    return np.sum(tangents[0], axis=axes, keepdims=keepdims, **terms)


def _optional_product_pullback(
    out_bar: Value, out: Value, x: Value, axes: Axes, keepdims: bool, options: Options
) -> Value:
    given = dict(options)
    factors = _masked(x, options, 1.0)
    if "dtype" in given:
        factors = factors.astype(given["dtype"])
    bar = out_bar * given.get("initial", 1.0)
    return _masked(prod_pullback(bar, out, factors, axes, keepdims), options, 0.0)


_MASK = np.array([[True, False, True, True], [False] * 4, [True] * 4])
_OPTIONAL = tuple(
    Example(((3, 4),), params)
    for params in (
        ((0, 1), False, (("where", _MASK),)),
        ((1,), True, (("where", _MASK), ("initial", 0.5))),
        ((0,), False, (("initial", 2.0),)),
        ((0,), False, (("where", _MASK[:, :1]), ("initial", 1.5))),
    )
)


def _declare_optional(evaluate: Any, pullback: Any, pushforward: Any) -> Any:
    return general(
        evaluate,
        evaluate,
        (pullback,),
        layout=Layout.REDUCTION,
        pushforward=pushforward,
        batch=lambda args, _batched, _size, axes, keepdims, options: evaluate(
            args[0], shift(axes), keepdims, options
        ),
        examples=_OPTIONAL,
    )


optional_sum = _declare_optional(
    optional_sum_of, _optional_sum_pullback, _optional_sum_pushforward
)
optional_product = _declare_optional(
    optional_product_of, _optional_product_pullback, None
)


def share_of_extremum(out: Value, x: Value, axes: Axes) -> Value:
    """Return the slope of an extremum: 1 at its place, split equally among ties."""
    extremum = np.reshape(out, kept_shape(np.shape(x), axes))
    chosen = np.logical_or(np.equal(x, extremum), np.isnan(x))
    count = np.sum(chosen, axis=axes, keepdims=True)
    return in_dtype_of(x, np.where(chosen, np.divide(1.0, count), 0.0))


def _extremum_pullback(
    out_bar: Value,
    out: Value,
    x: Value,
    axes: Axes,
    _keepdims: bool,
) -> Value:
    kept = np.reshape(out_bar, kept_shape(np.shape(x), axes))
    return kept * share_of_extremum(out, x, axes)


def _extremum_pushforward(
    out: Value, args: Sequence[Value], tangents: Sequence[Value], params: Any
) -> Value:
    axes, keepdims = params
    share = share_of_extremum(out, args[0], axes)
    return np.sum(tangents[0] * share, axis=axes, keepdims=keepdims)


def _declare_extremum(function: Any, alias: Any, ufunc: np.ufunc, last: float) -> None:
    """Declare ``max`` or ``min``; ``last`` is what no element can lose against."""
    record = general(
        function,
        lambda x, axes, keepdims: ufunc.reduce(x, axis=axes, keepdims=keepdims),
        (_extremum_pullback,),
        layout=Layout.REDUCTION,
        pushforward=_extremum_pushforward,
        batch=lambda args, _batched, _size, axes, keepdims: ufunc.reduce(
            args[0], axis=shift(axes), keepdims=keepdims
        ),
        examples=_EXAMPLES,
    )

    @implements(function, alias)
    def extremum_over(
        a: Value,
        axis: int | Axes | None = None,
        *,
        keepdims: bool = False,
        where: Value = True,
        initial: Value = None,
    ) -> Value:
        axes = reduced_axes(axis, a.ndim)
        if initial is None:
            if where is not True:
                msg = (
                    f"reduction operation '{ufunc.__name__}' does not have an identity,"
                    " so to use a where mask one has to specify 'initial'"
                )
                raise ValueError(msg)
            return bind(record, (a,), (axes, keepdims))
        seen = a if where is True else np.where(where, a, last)
        if 0 in np.shape(a):
            shape = kept_shape(np.shape(a), axes)
            seen = np.broadcast_to(as_part(last), tuple(n or 1 for n in shape))
        out = bind(record, (seen,), (axes, keepdims))
        return ufunc(out, initial)


_declare_extremum(np.max, np.amax, np.maximum, -np.inf)
_declare_extremum(np.min, np.amin, np.minimum, np.inf)


def cumsum_transpose(out_bar: Value, _x_shape: Shape, axis: int) -> Value:
    """Return the running sum from the other end."""
    backwards = (*(slice(None),) * axis, slice(None, None, -1))
    return np.cumsum(out_bar[backwards], axis=axis)[backwards]


cumsum = structural(
    np.cumsum,
    lambda x, axis: np.cumsum(x, axis=axis),
    cumsum_transpose,
    layout=Layout.REDUCTION,
    batch=lambda x, axis: np.cumsum(x, axis=axis + 1),
    examples=(Example(((4,),), (0,)), Example(((3, 4),), (1,))),
)


@implements(np.cumsum)
def running_sum(a: Value, axis: int | None = None, dtype: Any = None) -> Value:
    """Return the running sum along an axis; of the ravelled array by default."""
    a = a if dtype is None else a.astype(dtype)
    if axis is None:
        return bind_one(cumsum, np.ravel(a), (0,))
    a = with_axis(a, axis)
    return bind_one(cumsum, a, (normalize_axis(axis, ndim_of(a)),))


def _reduce_method(function: Any) -> Any:
    """Return ``ufunc.reduce``: like the function, but over axis 0 by default."""

    def reduce(
        array: Value,
        axis: int | Axes | None = 0,
        dtype: Any = None,
        *,
        keepdims: bool = False,
        where: Value = True,
        initial: Value = None,
    ) -> Value:
        given: dict[str, Any] = {"initial": initial, "where": where}
        if dtype is not None and function in {np.sum, np.prod}:
            given["dtype"] = dtype
        elif dtype is not None:
            array = array.astype(dtype)
        unset = {"initial": initial is None, "where": where is True}
        given = {key: one for key, one in given.items() if not unset.get(key)}
        # Not by NumPy, which does not look for traced values at ``initial``.
        return IMPLEMENTATIONS[function](
            as_part(array), axis=axis, keepdims=keepdims, **given
        )

    return reduce


for _ufunc, _over in (
    (np.add, np.sum),
    (np.multiply, np.prod),
    (np.maximum, np.max),
    (np.minimum, np.min),
):
    UFUNC_METHODS[_ufunc, "reduce"] = _reduce_method(_over)
UFUNC_METHODS[np.add, "accumulate"] = lambda array, axis=0, dtype=None: np.cumsum(
    array, axis=axis, dtype=dtype
)
