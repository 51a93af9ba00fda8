"""The methods of ufuncs, for all ufuncs that have rules: nothing is written one by one.

``reduce`` and ``accumulate`` of sums, products and extrema are NumPy functions of their
own (``np.sum``, ``np.cumprod``, ``np.max``); the rest is folded step by step.
"""

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from adjoint._core.arrays import (
    Value,
    in_dtype,
    ndim_of,
    normalize_axis,
    reduced_axes,
)
from adjoint._core.dispatch import as_operand, as_part, settle
from adjoint._core.errors import MissingRuleError, user_line
from adjoint._core.handle import Handle
from adjoint._core.record import Calculus
from adjoint._core.registry import IMPLEMENTATIONS, RECORDS, UFUNC_METHODS
from adjoint._numpy.catalogue import methods_of
from adjoint._primitives.folds import REORDERABLE, fold, in_type_of, scan
from adjoint._primitives.segments import fold_segments
from adjoint._primitives.steps import step_method

Axis = int | tuple[int, ...] | None

_LEFT_ALONE: dict[np.ufunc, float] = {
    np.subtract: 0.0,
    np.divide: 1.0,
    np.power: 1.0,
    np.float_power: 1.0,
    np.fmod: np.inf,
    np.hypot: 0.0,
    np.logaddexp: -np.inf,
    np.logaddexp2: -np.inf,
    np.maximum: -np.inf,
    np.minimum: np.inf,
    np.fmax: np.nan,
    np.fmin: np.nan,
}
"""What each ufunc may meet as its second argument without changing the first."""


def _is_step(ufunc: np.ufunc) -> bool:
    """Tell whether no element passes as it is: ``floor_divide`` keeps the first."""
    constant = RECORDS[ufunc].calculus is Calculus.CONSTANT
    return constant and ufunc is not np.floor_divide


def _reduce(ufunc: np.ufunc) -> Callable[..., Value]:
    """Return ``ufunc.reduce`` for values of which some are traced."""

    def reduce(
        array: Value,
        axis: Axis = 0,
        dtype: Any = None,
        *,
        keepdims: bool = False,
        initial: Value = np._NoValue,
        where: Value = True,
    ) -> Value:
        x = as_part(array)
        axes = reduced_axes(axis, ndim_of(x))
        if not ndim_of(x):  # a number: one element, and no axis to keep
            x, axes, keepdims = np.reshape(x, (1,)), (0,), False
        if len(axes) > 1 and ufunc not in REORDERABLE and not _is_step(ufunc):
            msg = f"reduction operation '{ufunc.__name__}' is not reorderable, so at "
            raise ValueError(msg + "most one axis may be specified")
        if _is_step(ufunc):
            return _step_reduce(ufunc, x, axes, dtype, keepdims, initial, where)
        x = in_type_of(ufunc, x, dtype)
        if where is not True:
            x = _where(ufunc, x, where, initial)
        if initial is None and 0 in x.shape:
            ufunc.reduce(np.empty(x.shape), axis=axis, initial=None)  # its own error
        if initial is np._NoValue or initial is None:
            return fold(x, ufunc, axes, keepdims)
        return _with_initial(ufunc, x, axes, keepdims, initial)

    return reduce


def _where(ufunc: np.ufunc, x: Value, where: Value, initial: Value) -> Value:
    """Return what is folded where a mask leaves elements out: what changes nothing.

    Raises
    ------
    ValueError
        If nothing may remain, and no ``initial`` number says what that is.
    MissingRuleError
        If the ufunc has no such number.
    """
    begins = initial is not np._NoValue and initial is not None
    if not begins and ufunc.identity is None:
        msg = (
            f"reduction operation '{ufunc.__name__}' does not have an identity, so to "
            "use a where mask one has to specify 'initial'"
        )
        raise ValueError(msg)
    if ufunc not in _LEFT_ALONE:
        msg = (
            f"np.{ufunc.__name__}.reduce(..., where=) has no derivative rule"
            f"{user_line()}: no number leaves the others alone. Reduce x[mask]."
        )
        error = MissingRuleError(msg)
        raise x.remember(error) if isinstance(x, Handle) else error
    return np.where(where, x, np.array(_LEFT_ALONE[ufunc], x.dtype))


def _with_initial(
    ufunc: np.ufunc, x: Value, axes: tuple[int, ...], keepdims: bool, initial: Value
) -> Value:
    """Return a fold that begins with a number, traced or not."""
    last = tuple(range(-len(axes), 0))
    moved = np.moveaxis(x, axes, last)
    rest = moved.shape[: x.ndim - len(axes)]
    flat = np.reshape(moved, (*rest, int(np.prod(moved.shape[len(rest) :]))))
    first = in_dtype(as_part(initial), x.dtype)
    joined = np.concatenate([np.broadcast_to(first, (*rest, 1)), flat], -1)
    out = fold(joined, ufunc, (len(rest),), False)
    return np.expand_dims(out, axes) if keepdims else out


def _step_reduce(
    ufunc: np.ufunc,
    x: Value,
    axes: tuple[int, ...],
    dtype: Any,
    keepdims: bool,
    initial: Value,
    where: Value,
) -> Value:
    options = {"keepdims": keepdims, "dtype": dtype}
    if initial is not np._NoValue:
        options["initial"] = settle(initial, "the initial number of a reduction")
    if where is not True:
        options["where"] = np.array(settle(where, "which elements to reduce"), bool)
    return step_method(x, ufunc, "reduce", axes, tuple(options.items()))


def _accumulate(ufunc: np.ufunc) -> Callable[..., Value]:
    """Return ``ufunc.accumulate`` for values of which some are traced."""

    def accumulate(array: Value, axis: int = 0, dtype: Any = None) -> Value:
        x = as_part(array)
        number = normalize_axis(axis, ndim_of(x))
        if _is_step(ufunc):
            return step_method(x, ufunc, "accumulate", (number,), (("dtype", dtype),))
        return scan(in_type_of(ufunc, x, dtype), ufunc, number)

    return accumulate


def _reduceat(ufunc: np.ufunc) -> Callable[..., Value]:
    """Return ``ufunc.reduceat`` for values of which some are traced.

    Raises
    ------
    IndexError
        For a place outside, as NumPy does.
    """

    def reduceat(array: Value, indices: Any, axis: int = 0, dtype: Any = None) -> Value:
        x = as_part(array)
        number = normalize_axis(axis, ndim_of(x))
        given = np.asarray(settle(as_part(indices), "where to begin a reduction"))
        places = tuple(operator.index(one) for one in given)
        for one in places:
            if not 0 <= one < x.shape[number]:
                msg = f"index {one} out-of-bounds in {ufunc.__name__}.reduceat "
                raise IndexError(msg + f"[0, {x.shape[number]})")
        if _is_step(ufunc):
            options = (("indices", places), ("dtype", dtype))
            return step_method(x, ufunc, "reduceat", (number,), options)
        return fold_segments(in_type_of(ufunc, x, dtype), ufunc, places, number)

    return reduceat


def _outer(ufunc: np.ufunc) -> Callable[..., Any]:
    """Return ``ufunc.outer``: each element of one with each of the other."""

    def outer(
        A: Value, B: Value, /, *, dtype: Any = None, where: Value = True, **named: Any
    ) -> Any:
        a, b = as_operand(A), as_operand(B)
        if dtype is not None:
            named["dtype"] = dtype
        if where is not True:
            named["where"] = where
        return ufunc(np.reshape(a, np.shape(a) + (1,) * ndim_of(b)), b, **named)

    return outer


_MAKERS = {
    "reduce": _reduce,
    "accumulate": _accumulate,
    "reduceat": _reduceat,
    "outer": _outer,
}


for _ufunc in list(vars(np).values()):  # dir(np) would load its submodules
    if not isinstance(_ufunc, np.ufunc) or _ufunc.nin != 2:
        continue
    if _ufunc in RECORDS or _ufunc in IMPLEMENTATIONS:
        for _method in methods_of(_ufunc):
            if _method in _MAKERS:
                _made = _MAKERS[_method](_ufunc)
                UFUNC_METHODS.setdefault((_ufunc, _method), _made)
