"""``numpy.polynomial`` on traced coefficients that happen to be 0.

NumPy drops coefficients that are 0 at the end: of operands, of results, and of what it
computes on the way (``legmul`` is a sum of products ``c[i] * xs``).  The derivative by
such a coefficient is not 0.  So traced ones stay while a function of the package runs.
Its result gets NumPy's length, which ends with the last coefficient other than 0; where
traced ones are dropped then, a `ConventionWarning` says so.
"""

import functools
import threading
from collections.abc import Callable
from typing import Any

import numpy as np

from adjoint._clone.records import Function, is_traced, joined_list, named_stand_in
from adjoint._core.arrays import Value
from adjoint._core.dispatch import settle
from adjoint._core.errors import warn_of_convention

_FAMILIES = {
    "polynomial": "poly",
    "chebyshev": "cheb",
    "legendre": "leg",
    "hermite": "herm",
    "hermite_e": "herme",
    "laguerre": "lag",
}


class _Keeping(threading.local):
    """Whether a function of the package runs, and has kept coefficients of 0."""

    running = False
    kept = False
    asked = False  # the user himself asks to trim


_state = _Keeping()


def _warn() -> None:
    warn_of_convention(
        "numpy.polynomial dropped a traced coefficient: it is 0, and the degree of a "
        "polynomial is that of its last coefficient other than 0. The derivative at "
        "constant degree is returned: directions that would raise the degree have no "
        "effect. Start from coefficients other than 0, or combine values, not series."
    )


def _traced(*args: Any) -> bool:
    return any(is_traced(joined_list(one)) for one in args)


def _run_keeping(call: Callable[[], Any]) -> tuple[Any, bool]:
    """Return what a call gives, and whether coefficients of 0 were kept in it."""
    _state.running, _state.kept = True, False
    try:
        return call(), _state.kept
    finally:
        _state.running = False


def _trimseq(trim: Function, _function: Function) -> Function:
    def trimseq(seq: Value) -> Value:
        if not is_traced(seq) or not len(seq) or seq[-1] != 0:
            return trim(seq)
        if _state.running:
            _state.kept = True
            return seq
        if not _state.asked:
            _warn()
        return trim(seq)

    return trimseq


def _trimcoef(trim: Function, _function: Function) -> Function:
    def trimcoef(*args: Any, **named: Any) -> Value:
        _state.asked = True
        try:
            return trim(*args, **named)
        finally:
            _state.asked = False

    return trimcoef


def _arithmetic(clone: Function, function: Function) -> Function:
    """Return a function of series whose result NumPy trims."""

    def call(*args: Any, **named: Any) -> Any:
        if _state.running or not _traced(*args):
            return clone(*args, **named)
        out, kept = _run_keeping(lambda: clone(*args, **named))
        if not kept:
            return out
        plain = function(*map(_settled, args), **named)
        if isinstance(out, tuple):
            return tuple(map(_like, out, plain))
        return _like(out, plain)

    return call


def _product(clone: Function, function: Function) -> Function:
    """Return a product; that with a constant 0 is a constant, of length one."""
    multiplied = _arithmetic(clone, function)

    def multiply(*args: Any) -> Any:
        constants = [one for one in args if not _traced(one)]
        if len(constants) == 1 and not np.any(constants[0]):
            return function(*map(_settled, args))
        return multiplied(*args)

    return multiply


def _settled(arg: Any) -> Any:
    joined = joined_list(arg)
    return settle(joined, "the degree of a polynomial") if is_traced(joined) else arg


def _like(out: Value, plain: Value) -> Value:
    """Return a result with NumPy's length, and its values to the last bit.

    Sums of more terms, though they are 0, may round otherwise.
    """
    if not is_traced(out):
        return plain
    if len(out) > len(plain):
        _warn()
        out = out[: len(plain)]
    values = settle(out, "the coefficients of a polynomial")
    gap = np.where(plain == values, 0.0, plain - values)
    return out + gap if gap.any() else out


def _division(clone: Function, function: Function) -> Function:
    """Return a division: the divisor's degree is that of its value."""
    divided = _arithmetic(clone, function)

    def divide(c1: Any, c2: Any) -> Any:
        divisor = joined_list(c2)
        if is_traced(divisor) and divisor.ndim == 1 and divisor.size:
            degree = settle(divisor, "the degree of a polynomial", np.flatnonzero)
            if degree.size and degree[-1] + 1 < divisor.size:
                _warn()
                divisor = divisor[: degree[-1] + 1]
        return divided(c1, divisor)

    return divide


def _times_x(clone: Function, function: Function) -> Function:
    """Return ``mulx``, which gives ``[0]`` for ``[0]``."""
    multiplied = _arithmetic(clone, function)

    def mulx(c: Any) -> Value:
        series = joined_list(c)
        if not is_traced(series) or series.size != 1 or not np.all(series == 0):
            return multiplied(c)
        if not _state.running:
            _warn()
            return clone(c)
        _state.kept = True
        return np.reshape(series, (1,)) * function(np.ones(1, series.dtype))

    return mulx


def _line(clone: Function, _function: Function) -> Function:
    def line(off: Value, scl: Value) -> Value:
        if is_traced(scl) and scl == 0:
            _warn()
        return clone(off, scl)

    return line


def _integral(clone: Function, _function: Function) -> Function:
    """Return ``int``: that of ``[0]`` has no term of degree one."""

    def integrate(c: Any, *args: Any, **named: Any) -> Value:
        series = joined_list(c)
        axis = args[4] if len(args) > 4 else named.get("axis", 0)
        one = is_traced(series) and (not series.ndim or series.shape[axis] == 1)
        if one and np.all(series == 0):
            _warn()
        return clone(c, *args, **named)

    return integrate


def _value(clone: Function, _function: Function) -> Function:
    """Return ``p(x)``, where ``x`` may be a polynomial too."""

    def call(self: Any, arg: Any) -> Any:
        kind: Any = np.polynomial.Polynomial.__base__
        if _state.running or not isinstance(arg, kind):
            return clone(self, arg)
        out, kept = _run_keeping(lambda: clone(self, arg))
        if kept and isinstance(out, kind) and is_traced(out.coef):
            values = settle(out.coef, "the degree of a polynomial")
            plain = np.polynomial.polyutils.trimseq(values)
            out.coef = _like(out.coef, plain)
        return out

    return call


def _enter(make: Callable[[Function, Function], Function], name: str) -> None:
    def maker(calls: Any, function: Any) -> Function:
        made = make(calls.clone(function), function)
        return functools.wraps(function, updated=())(made)

    named_stand_in(f"numpy.polynomial.{name}", maker)


_enter(_trimseq, "polyutils.trimseq")
_enter(_trimcoef, "polyutils.trimcoef")
_enter(_value, "_polybase.ABCPolyBase.__call__")
for _module, _prefix in _FAMILIES.items():
    _makers: dict[str, Callable[[Function, Function], Function]] = {
        **dict.fromkeys(("add", "sub", "pow", "fromroots", "2poly"), _arithmetic),
        "mul": _product,
        "div": _division,
        "mulx": _times_x,
        "line": _line,
        "int": _integral,
    }
    for _ending, _make in _makers.items():
        _enter(_make, f"{_module}.{_prefix}{_ending}")
    _enter(_arithmetic, f"{_module}.poly2{_prefix}")
