"""Questions about an array that have nothing to differentiate: shape, rank, dtype."""

from typing import Any

import numpy as np

from adjoint._core.arrays import Shape, Value, dtype_of, normalize_axis, shape_of
from adjoint._core.dispatch import as_part, settle
from adjoint._core.handle import Handle, strip
from adjoint._core.registry import implements
from adjoint._core.text import TracedText

_function: Any


@implements(np.shape)
def shape(a: Value) -> Shape:
    """Return the shape."""
    return a.shape  # type: ignore[no-any-return]


@implements(np.ndim)
def ndim(a: Value) -> int:
    """Return the number of axes."""
    return a.ndim  # type: ignore[no-any-return]


@implements(np.size)
def size(a: Value, axis: int | None = None) -> int:
    """Return the number of elements, or the length of one axis."""
    if axis is None:
        return a.size  # type: ignore[no-any-return]
    return a.shape[normalize_axis(axis, a.ndim)]  # type: ignore[no-any-return]


@implements(np.iscomplexobj)
def is_complex(x: Value) -> bool:
    """Return whether the dtype is complex."""
    return x.dtype.kind == "c"  # type: ignore[no-any-return]


@implements(np.isrealobj)
def is_real(x: Value) -> bool:
    """Return whether the dtype is not complex."""
    return x.dtype.kind != "c"  # type: ignore[no-any-return]


@implements(np.result_type)
def result_type(*arrays_and_dtypes: Any) -> np.dtype[Any]:
    """Return the dtype that NumPy's promotion gives."""
    return np.result_type(
        *(arg.dtype if isinstance(arg, Handle) else arg for arg in arrays_and_dtypes)
    )


@implements(np.common_type)
def common_type(*arrays: Value) -> type:
    """Return the inexact scalar type that all arrays fit in."""
    found: type = np.common_type(*(np.empty(0, one.dtype) for one in arrays))
    return found


@implements(np.can_cast)
def can_cast(from_: Any, to: Any, casting: str = "safe") -> bool:
    """Return whether a cast is allowed, by the dtypes alone."""
    return np.can_cast(dtype_of(from_), to, casting)  # type: ignore[arg-type]


@implements(np.min_scalar_type)
def min_scalar_type(a: Value, /) -> np.dtype[Any]:
    """Return the smallest dtype that holds a number; of an array its own."""
    return np.min_scalar_type(strip(a))


@implements(np.einsum_path)
def einsum_path(*operands: Any, optimize: Any = "greedy", **options: Any) -> Any:
    """Return in which order to contract, which the shapes decide."""
    plain: Any = (
        np.broadcast_to(np.float64(0.0), one.shape) if isinstance(one, Handle) else one
        for one in operands
    )
    return np.einsum_path(*plain, optimize=optimize, **options)


def _of_shape(function: Any) -> None:
    """Let a function that asks for a shape see a plain array of it."""

    @implements(function)
    def asked(arr: Value, k: int = 0) -> Any:
        plain = np.broadcast_to(np.False_, shape_of(arr))
        return function(plain, k) if k else function(plain)


for _function in (np.tril_indices_from, np.triu_indices_from, np.diag_indices_from):
    _of_shape(_function)


def _of_memory(function: Any) -> None:
    """Let a function that asks for memory see the arrays below handles."""

    @implements(function)
    def shares(a: Value, b: Value, /, max_work: int | None = None) -> bool:
        given = {} if max_work is None else {"max_work": max_work}
        return bool(function(strip(a), strip(b), **given))


for _function in (np.shares_memory, np.may_share_memory):
    _of_memory(_function)


@implements(np.isposinf)
def isposinf(x: Value) -> Value:
    """Return where a number is plus infinity."""
    return np.logical_and(np.isinf(x), np.logical_not(np.signbit(x)))


@implements(np.isneginf)
def isneginf(x: Value) -> Value:
    """Return where a number is minus infinity."""
    return np.logical_and(np.isinf(x), np.signbit(x))


@implements(np.array_equiv)
def array_equiv(a1: Value, a2: Value) -> bool:
    """Return whether two arrays broadcast together, and are equal then."""
    one, other = as_part(a1), as_part(a2)
    try:
        np.broadcast_shapes(shape_of(one), shape_of(other))
    except ValueError:
        return False
    return bool(np.all(np.equal(one, other)))


def _of_text(function: Any) -> None:
    """Let a function that gives text see the plain array below a handle."""

    @implements(function)
    def text_of(a: Handle, *args: Any, **named: Any) -> str:
        return TracedText(function(strip(a), *args, **named), a._refuse_parsing)


for _function in (np.array2string, np.array_repr, np.array_str):
    _of_text(_function)


def _of_integers(function: Any) -> None:
    """Let a function of integers, which only batches trace, see one sample."""

    @implements(function)
    def of_sample(*args: Any, **named: Any) -> Any:
        what = f"one sample for np.{function.__name__}"
        plain = [_settled(arg, what) for arg in args]
        return function(*plain, **named)


def _settled(arg: Any, what: str) -> Any:
    if isinstance(arg, tuple):
        return tuple(_settled(one, what) for one in arg)
    return settle(arg, what)


for _function in (
    *(np.packbits, np.unpackbits, np.unravel_index, np.ravel_multi_index),
):
    _of_integers(_function)
