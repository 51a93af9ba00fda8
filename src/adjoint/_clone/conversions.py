"""Built-in functions that make a plain number or type of a traced value."""

from collections.abc import Callable
from typing import Any

import numpy as np

from adjoint._clone.mathematics import entries_of
from adjoint._clone.records import is_traced, stands_for
from adjoint._core.arrays import NUMPY_SCALARS, Value, dtype_of
from adjoint._core.buffers import Buffer
from adjoint._core.dispatch import as_part, holds_traced, settle
from adjoint._core.handle import Handle
from adjoint._core.registry import RECORDS
from adjoint._primitives.conversion import as_complex, as_float

_FLOAT = entries_of(RECORDS[float], float)


@stands_for(float)
def to_float(x: Value = 0.0, /) -> Value:
    """Return ``float(x)``, traced if ``x`` is."""
    if not is_traced(x):
        return float(x)
    kind = type(x.value)
    if kind is float:
        return x
    entry = _FLOAT.get(type(x))
    return entry(x) if entry is not None and kind is np.float64 else as_float(x)


@stands_for(complex)
def to_complex(*args: Any, **named: Any) -> Value:
    """Return ``complex(re, im)``, traced if one of the two is."""
    re, im = (*args, 0, 0)[:2]
    re, im = named.get("real", re), named.get("imag", im)
    if not (is_traced(re) or is_traced(im)):
        return complex(*args, **named)
    if "c" in {dtype_of(re).kind, dtype_of(im).kind}:
        return re + im * 1j
    parts = [as_float(one) if is_traced(one) else one for one in (re, im)]
    return as_complex(*parts)


@stands_for(int)
def to_int(*args: Any, **named: Any) -> int:
    """Return ``int(x)``: the derivative of a step function is zero."""
    if args and is_traced(args[0]):
        return settle(args[0], "one integer (int)", int, "int")  # type: ignore[no-any-return]
    return int(*args, **named)


@stands_for(round)
def rounded(number: Any, *args: Any, **named: Any) -> Value:
    """Return ``round(x)``: an integer, or with digits a traced step function."""
    if not is_traced(number) or isinstance(number, np.ndarray):
        return round(number, *args, **named)
    digits = args[0] if args else named.get("ndigits")
    if digits is None:
        return settle(number, "one integer (round)", round, "round")
    return np.round(number, digits)


@stands_for(memoryview)
def memory_of(x: Any) -> memoryview:
    """Return ``memoryview(x)``: of a buffer that of its array."""
    return memoryview(x.__array__() if type(x) is Buffer else x)


@stands_for(type)
def type_of(*args: Any, **named: Any) -> Any:
    """Return ``type(x)``: of a traced value, that of what it stands for."""
    if len(args) == 1 and isinstance(args[0], Handle):
        return args[0].__class__
    return type(*args, **named)


def _numpys(kind: type[np.generic]) -> Callable[..., Any]:
    """Return the stand-in of a scalar type of NumPy called on a value."""
    keeps = issubclass(kind, np.inexact)

    def convert(*args: Any, **named: Any) -> Value:
        if len(args) != 1 or named or not holds_traced(args[0]):
            return kind(*args, **named)
        x = as_part(args[0])
        if not keeps and not x.shape:
            return settle(x, f"one plain number (np.{kind.__name__})", kind, "value")
        return x.astype(kind)[()]

    return convert


for _kind in NUMPY_SCALARS:
    if issubclass(_kind, np.number | np.bool_):
        stands_for(_kind)(_numpys(_kind))
