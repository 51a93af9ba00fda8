"""Python's ``math`` on traced numbers: what stands for its functions in a clone.

``cmath``, whose functions are few, is here too.
"""

import cmath
import functools
import math
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from adjoint._clone.records import STAND_INS, Function, is_traced, stands_for
from adjoint._core.arrays import Value, in_dtype
from adjoint._core.dispatch import as_part, bind, holds_traced, settle
from adjoint._core.handle import Handle
from adjoint._core.protocols import missing_rule
from adjoint._core.record import Record
from adjoint._core.registry import RECORDS
from adjoint._modes import forward, reverse
from adjoint._modes.forward import Dual
from adjoint._modes.reverse import Taped
from adjoint._modes.watched_forward import WatchedDual, watched_dual
from adjoint._modes.watched_reverse import Watched, watched_entry
from adjoint._primitives.conversion import as_complex, as_float
from adjoint._primitives.mathematics import (
    LIKE_NUMPY,
    LIKE_NUMPY_COMPLEX,
    fsum,
    norm,
)

_FLOATS = frozenset({float, np.float64})
"""What ``math`` takes as it is, without a conversion."""


def as_number(x: Value) -> Value:
    """Return a number as ``math`` reads it: in double precision."""
    if isinstance(x, Handle):
        return x if not x.shape and x.dtype == np.float64 else as_float(x)
    return x if type(x) is float else math.copysign(x, x)


def entries_of(record: Record, function: Function) -> dict[type, Function]:
    """Return the fast entries of a record, by the kind of handle.

    ``function`` is what they evaluate: Python's own, which gives Python's numbers.
    """
    if len(record.reads) == 1:
        taped = reverse.make_unary(record, function, is_ufunc=False)
        dual = forward.make_unary(record, function)
    else:
        taped = reverse.make_binary(record, function, is_ufunc=False)
        dual = forward.make_binary(record, function)
    return {
        Taped: taped,
        Watched: watched_entry(record, taped),
        Dual: dual,
        WatchedDual: watched_dual(record, function),
    }


def _unary(function: Function) -> Function:
    """Return the stand-in of a function of one number."""
    record = RECORDS[function]
    entries = entries_of(record, function)
    taped = entries[Taped]

    def call(x: Value, /) -> Value:
        if type(x) is Taped and type(x.value) in _FLOATS:
            return taped(x)
        if not is_traced(x):
            return function(x)
        if type(x.value) in _FLOATS and type(x) in entries:
            return entries[type(x)](x)
        return bind(record, (as_number(x),))

    return call


def _binary(function: Function) -> Function:
    """Return the stand-in of a function of two numbers."""
    record = RECORDS[function]
    entries = entries_of(record, function)

    def call(x: Value, y: Value, /) -> Value:
        traced = x if is_traced(x) else y if is_traced(y) else None
        if traced is None:
            return function(x, y)
        x, y = as_number(x), as_number(y)
        entry = entries.get(type(traced))
        if entry is not None and _is_simple(x) and _is_simple(y):
            return entry(x, y)
        return bind(record, (x, y))

    return call


def _is_simple(x: Value) -> bool:
    """Tell whether a number is plain, or traced by one transform only."""
    return type(x) in _FLOATS or type(x.value) in _FLOATS


def _log(make: Callable[[Function], Function], plain: Function) -> Function:
    """Return the stand-in of a logarithm, which may be given a base.

    ``make`` makes that of the natural one.
    """
    natural = make(plain)

    def log(x: Value, /, *base: Value) -> Value:
        if not base:
            return natural(x)
        if len(base) > 1 or not holds_traced((x, *base)):
            return plain(x, *base)
        return natural(x) / natural(base[0])

    return log


def _hypot(plain: Function) -> Function:
    """Return the stand-in of ``math.hypot``, which takes any number of numbers."""
    of_two = _binary(plain)

    def hypot(*coordinates: Value) -> Value:
        if len(coordinates) == 2:
            return of_two(*coordinates)
        if not holds_traced(coordinates):
            return plain(*coordinates)
        return norm(_vector(coordinates))

    return hypot


def _vector(numbers: Iterable[Value]) -> Value:
    """Return numbers, some of them traced, as a vector of doubles."""
    return as_part([as_number(one) for one in numbers])


def dist(p: Iterable[Value], q: Iterable[Value], /) -> Value:
    """Return the distance of two points, as ``math.dist``."""
    p, q = list(p), list(q)
    if len(p) != len(q) or not holds_traced([p, q]):
        return math.dist(p, q)
    return norm(_vector(p) - _vector(q))


def total(seq: Iterable[Value], /) -> Value:
    """Return a sum that is rounded once, as ``math.fsum``."""
    numbers = list(seq)
    return fsum(_vector(numbers)) if holds_traced(numbers) else math.fsum(numbers)


def modf(x: Value, /) -> tuple[Value, Value]:
    """Return the fractional and the integer part, as ``math.modf``."""
    if not is_traced(x):
        return math.modf(x)
    whole = np.trunc(as_number(x))
    return x - whole, whole


# Complex numbers


def as_complex_number(x: Value) -> Value:
    """Return a number as ``cmath`` reads it: complex, in double precision."""
    if x.dtype.kind != "c":
        return as_complex(as_number(x), 0.0)
    return in_dtype(x, np.complex128)


def _of_complex(function: Function) -> Function:
    """Return the stand-in of a function of one complex number."""
    record = RECORDS[function]

    def call(z: Value, /) -> Value:
        if not is_traced(z):
            return function(z)
        return bind(record, (as_complex_number(z),))

    return call


def phase(z: Value, /) -> Value:
    """Return the argument of a complex number, as ``cmath.phase``."""
    if not is_traced(z):
        return cmath.phase(z)
    return STAND_INS[math.atan2](None)(np.imag(z), np.real(z))


def polar(z: Value, /) -> tuple[Value, Value]:
    """Return modulus and argument, as ``cmath.polar``."""
    return (abs(z), phase(z)) if is_traced(z) else cmath.polar(z)


def rect(r: Value, phi: Value, /) -> Value:
    """Return the complex number of a modulus and an argument, as ``cmath.rect``."""
    if not holds_traced((r, phi)):
        return cmath.rect(r, phi)
    sin, cos = STAND_INS[math.sin](None), STAND_INS[math.cos](None)
    return as_complex(r * cos(phi), r * sin(phi))


# Functions without derivative, or without rule


def _settled(what: str, function: Function) -> Function:
    """Return the stand-in of a function whose result has no derivative."""
    words = f"{what} ({function.__module__}.{function.__name__})"

    def call(*args: Value, **named: Value) -> Any:
        if len(args) == 1 and not named:
            return settle(args[0], words, function, function.__name__)
        values = [settle(one, words) for one in args]
        return function(
            *values, **{key: settle(one, words) for key, one in named.items()}
        )

    return call


def _without_rule(function: Function) -> Function:
    """Return the stand-in of a function that has no derivative rule here."""
    name = f"math.{function.__name__}"

    def call(*args: Value) -> Value:
        for one in args:
            if is_traced(one) and one.dtype.kind in "fc":
                raise one.remember(missing_rule(name, args))
        return function(*args)

    return call


def _enter(function: Function, make: Callable[[Function], Function]) -> None:
    """Enter a stand-in; it is made on first use, and bears its function's name."""

    @functools.cache
    def made() -> Function:
        call = make(function)
        call.__name__ = call.__qualname__ = function.__name__
        return call

    def maker(_calls: Any) -> Function:
        return made()

    STAND_INS[function] = maker


for _function in LIKE_NUMPY:
    _enter(_function, _unary if len(RECORDS[_function].reads) == 1 else _binary)
for _function in (math.erf, math.erfc):
    _enter(_function, _unary)
for _function in LIKE_NUMPY_COMPLEX:
    _enter(_function, _of_complex)
_enter(math.log, functools.partial(_log, _unary))
_enter(cmath.log, functools.partial(_log, _of_complex))
_enter(math.hypot, _hypot)
for _function, _call in (
    (math.dist, dist),
    (math.fsum, total),
    (math.modf, modf),
    (cmath.phase, phase),
    (cmath.polar, polar),
    (cmath.rect, rect),
):
    stands_for(_function)(_call)
for _what, _functions in {
    "one integer": (math.floor, math.ceil, math.trunc),
    "one truth value": (
        *(math.isnan, math.isinf, math.isfinite, math.isclose),
        *(cmath.isnan, cmath.isinf, cmath.isfinite, cmath.isclose),
    ),
    "integers": (math.comb, math.perm, math.factorial, math.gcd, math.lcm, math.isqrt),
    "one spacing": (math.ulp,),
}.items():
    for _function in _functions:
        _enter(_function, functools.partial(_settled, _what))
for _name in ("gamma", "lgamma", "remainder", "ldexp", "frexp", "nextafter", "fma"):
    if hasattr(math, _name):
        _enter(getattr(math, _name), _without_rule)
