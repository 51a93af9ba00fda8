"""``np.emath``: functions that turn complex where real numbers have no result.

Whether they do is decided by the values, for a whole array at once, as NumPy does.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from adjoint._core.arrays import Value
from adjoint._core.dispatch import as_part, settle
from adjoint._core.registry import implements

_KIND = "whether a number is outside the real domain"


def _where_real(x: Value, outside: Callable[[Any], Any]) -> Value:
    """Return ``x``, as complex numbers if a real one is outside the domain."""
    x = as_part(x)
    plain = settle(x, _KIND)
    if not np.any(np.isreal(plain) & outside(plain)):
        return x
    return x.astype(np.result_type(x.dtype, np.complex64))


def _not_negative(x: Value) -> Value:
    return _where_real(x, lambda plain: plain < 0)


def _within_one(x: Value) -> Value:
    return _where_real(x, lambda plain: abs(plain) > 1)


def _enter(
    function: Callable[..., Value],
    ufunc: np.ufunc,
    domain: Callable[[Value], Value],
) -> None:
    @implements(function)
    def of_complex(x: Value) -> Value:
        return ufunc(domain(x))


_ufunc: Any
for _function, _ufunc in (
    (np.emath.sqrt, np.sqrt),
    (np.emath.log, np.log),
    (np.emath.log2, np.log2),
    (np.emath.log10, np.log10),
):
    _enter(_function, _ufunc, _not_negative)
for _function, _ufunc in (
    (np.emath.arccos, np.arccos),
    (np.emath.arcsin, np.arcsin),
    (np.emath.arctanh, np.arctanh),
):
    _enter(_function, _ufunc, _within_one)


@implements(np.emath.logn)
def logn(n: Value, x: Value) -> Value:
    """Return the logarithm of ``x`` to the base ``n``."""
    return np.log(_not_negative(x)) / np.log(_not_negative(n))


@implements(np.emath.power)
def power(x: Value, p: Value) -> Value:
    """Return ``x**p``, complex where a number below 0 is raised."""
    p = as_part(p)
    if p.dtype.kind in "iu" and np.any(settle(p, _KIND) < 0):
        p = p * 1.0
    return np.power(_not_negative(x), p)
