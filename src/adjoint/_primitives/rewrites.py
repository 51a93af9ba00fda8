"""Derivative rewrites: expressions that are smoother than their parts.

``abs(x)**2`` is x², with second derivative 2 at 0; but the chain rule multiplies by the
slope of ``abs`` there, which is 0 by convention, and finds 0.  ``log(sum(exp(x)))`` has
the softmax for gradient; but where ``exp`` overflows, the chain rule finds 0 or nan.
Where the second function of such a pair meets the result of the first, the derivative
is that of the expression below.  The value stays that of the functions as called.

=======================  ===========================  ==================================
as called                of (made by)                 differentiated as
=======================  ===========================  ==================================
square(y), y*y, y**p     abs(x), fabs(x)              x**p, for even p
                         abs(z), complex              (z conj(z))**(p/2), for even p
                         sqrt(x), norm, cbrt(x)       x**(p/2), x**(p/3)
                         hypot(x, c)                  (x² + c²)**(p/2), for p >= 2
                         maximum(x, c), minimum ...   m x**p + (1-m) c**p, m constant
sqrt(y), y**0.5          square(x), x*x, x**p         abs(x)**(p/2), for even p
                         x @ x                        norm(x)
log(y)                   sum(exp(x))                  max + log(sum(exp(x - max)))
                         c + exp(x)                   x + log(c exp(-x) + 1)
log1p(y)                 exp(x)                       x + log(exp(-x) + 1)
n / y                    c + exp(x)                   n exp(-x) / (c exp(-x) + 1)
=======================  ===========================  ==================================

The last four are rewritten only where a number is out of the range in which the plain
chain rule is as good.  All of this is about real numbers, but for the modulus.
"""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from adjoint._core.arrays import SCALARS, Value, dtype_of, has_nonzero
from adjoint._core.dispatch import decide
from adjoint._core.handle import Handle
from adjoint._core.record import Record
from adjoint._primitives.arithmetic import (
    absolute,
    add,
    cbrt,
    divide,
    fabs,
    float_power,
    fmax,
    fmin,
    hypot,
    maximum,
    minimum,
    multiply,
    power,
    share_of_number,
    share_of_tie,
    sqrt,
    square,
)
from adjoint._primitives.complexes import modulus_of_complex
from adjoint._primitives.contraction import dot, matmul
from adjoint._primitives.exponential import exp, log, log1p
from adjoint._primitives.linalg.roots import root
from adjoint._primitives.reduction import summation
from adjoint._primitives.smoother import (
    extremum_power,
    hypot_power,
    log_of_shifted,
    log_of_sum,
    modulus_power,
    quotient,
    root_of_power,
    root_power,
)


class Call(NamedTuple):
    """One operation as a mode remembers it, or as it is to be differentiated.

    Parameters
    ----------
    record : Record
    args : tuple of values
        Its arguments, ``None`` where nobody kept the value; in the records of this
        file, what their rules read.
    flows : tuple
        Where derivatives of each argument come from or go to, in the terms of the mode
        (a tangent, a place on the tape); ``None`` for constants.
    params : tuple
    out : value
        The result.
    before : callable or None
        Returns the call that made the first argument with a flow, or ``None``.
    """

    record: Record
    args: tuple[Value, ...]
    flows: tuple[Any, ...]
    params: tuple[Any, ...] = ()
    out: Value = None
    before: Callable[[], Any] | None = None


Rewrite: TypeAlias = Callable[[Call, Call], Call | None]
"""From a call, and the call that made its operand, to the one to differentiate."""


def rewritten(call: Call, made: Call) -> Call | None:
    """Return the call whose derivative a call has, if that is another one.

    Parameters
    ----------
    call : Call
        With its result.
    made : Call
        What made its operand number ``OPERAND[call.record]``.
    """
    rewrite = REWRITES[call.record].get(made.record)
    return None if rewrite is None else rewrite(call, made)


# Powers


def _exponent(call: Call) -> Any:
    """Return the exponent of a power that is a plain number, else ``None``."""
    if call.record is square or call.record is multiply:
        return 2
    p = call.args[1]
    return p if type(p) in SCALARS and call.flows[1] is None else None


def _power_of(
    rewrite: Callable[[Call, Value, Any], Call | None],
) -> Rewrite:
    """Return a rewrite from a function of the first call, its result, the exponent."""

    def rewrite_power(call: Call, made: Call) -> Call | None:
        p = _exponent(call)
        if p is None or dtype_of(p).kind == "c":
            return None
        return rewrite(made, call.args[0], p)

    return rewrite_power


def _of_absolute(made: Call, _y: Value, p: Any) -> Call | None:
    return Call(power, (*made.args, p), (*made.flows, None)) if _even(p) else None


def _even(p: Any) -> bool:
    return bool(p > 0 and p % 2 == 0)


def _of_modulus(made: Call, y: Value, p: Any) -> Call | None:
    if not _even(p):
        return None
    return Call(modulus_power, (made.args[0], y, p), (made.flows[0], None, None))


def _of_root(k: int) -> Callable[[Call, Value, Any], Call | None]:
    def rewrite(made: Call, y: Value, p: Any) -> Call | None:
        if p <= 0:
            return None
        return Call(root_power, (y, (p, k)), (made.flows[0], None))

    return rewrite


def _of_power(made: Call, y: Value, p: Any) -> Call | None:
    """A power with exponent 0.5 is a square root."""
    return _of_root(2)(made, y, p) if is_half(_exponent(made)) else None


def _of_root_of_power(made: Call, _y: Value, p: Any) -> Call | None:
    """A power of what was rewritten to abs(x)**(q/2) itself, q even."""
    x, q = made.args
    p = q / 2 * p
    return Call(power, (x, p), (made.flows[0], None)) if _even(p) else None


def is_half(p: Any) -> bool:
    """Tell whether an exponent, or ``None``, is the number 0.5."""
    return type(p) in FLOATS and bool(p == 0.5)


FLOATS = frozenset({float, np.float64, np.float32})


def _of_hypot(made: Call, y: Value, p: Any) -> Call | None:
    if p < 2:
        return None
    return Call(hypot_power, (*made.args, y, p), (*made.flows, None, None))


def _tied(a: Value, b: Value) -> bool:
    return bool(decide("tie", has_nonzero, np.equal(a, b)))


def _of_extremum(record: Record) -> Callable[[Call, Value, Any], Call | None]:
    def rewrite(made: Call, y: Value, p: Any) -> Call | None:
        if p <= 0 or not _tied(*made.args):
            return None  # the plain chain rule is right
        return Call(record, (*made.args, y, p), (*made.flows, None, None))

    return rewrite


# Square roots


def _of_square(call: Call, made: Call) -> Call | None:
    p = _exponent(made)
    twice = made.record is not multiply or made.flows[0] is made.flows[1]
    if p is None or not twice or not _even(p) or _is_complex(call.args[0]):
        return None
    return Call(root_of_power, (made.args[0], p), (made.flows[0], None))


def _is_complex(x: Value) -> bool:
    return dtype_of(x).kind == "c"


def _of_product(call: Call, made: Call) -> Call | None:
    if made.flows[0] is not made.flows[1] or _is_complex(call.args[0]):
        return None
    return Call(root, call.args[:1], call.flows[:1])


def _half_power(rewrite: Rewrite) -> Rewrite:
    """Return what rewrites ``y**0.5`` as another rewrites ``sqrt(y)``."""

    def rewrite_power(call: Call, made: Call) -> Call | None:
        return rewrite(call, made) if is_half(_exponent(call)) else None

    return rewrite_power


# Exponentials out of range


def in_range(y: Value, above_zero: bool = True) -> bool:
    """Tell whether the plain chain rule does: no power of ``y`` overflows on its way.

    ``above_zero`` asks the same of ``1 / y``.
    """
    test = _in_range_above_zero if above_zero else _in_range
    if not isinstance(y, Handle):
        return test(y)
    return decide("range", test, y)  # type: ignore[no-any-return]


def _in_range_above_zero(y: Value) -> bool:
    return _in_range(y, above_zero=True)


def _in_range(y: Value, above_zero: bool = False) -> bool:
    if type(y) is np.float64 or type(y) is float:
        return bool((y > _LEAST or not above_zero) and -_MOST < y < _MOST)
    flat = y if y.ndim == 1 else np.reshape(y, -1)
    if flat.dtype.kind == "c":
        return True  # nothing is rewritten
    limit = _MOST_SQUARED if flat.itemsize > 4 else _MOST_SQUARED_OF_SINGLE
    with np.errstate(all="ignore"):
        if not np.dot(flat, flat) < limit:
            return False
        if not above_zero:
            return True
        inverse_of_y = 1.0 / flat
        return bool(np.dot(inverse_of_y, inverse_of_y) < limit)


_MOST, _LEAST = 1e100, 1e-100
_MOST_SQUARED, _MOST_SQUARED_OF_SINGLE = 1e200, 1e24


def _exponential_in(made: Call) -> Call | None:
    """Return the call of ``exp`` in c + exp(x), if that is what made a sum of two."""
    if made.flows[0] is not None and made.flows[1] is not None:
        return None
    before: Call | None = made.before() if made.before else None
    if before is None or before.record is not exp or _is_complex(before.out):
        return None
    return before


def _log_of_sum_of_two(call: Call, made: Call) -> Call | None:
    before = _exponential_in(made)
    if before is None or in_range(call.args[0]):
        return None
    args = (before.out, call.args[0])
    return Call(log_of_shifted, args, (before.flows[0], None))


def _log1p_of_exp(call: Call, made: Call) -> Call | None:
    e = call.args[0]
    if _is_complex(e) or in_range(e, above_zero=False):
        return None
    return Call(log_of_shifted, (e, 1.0 + e), (made.flows[0], None))


def _quotient_by_sum(call: Call, made: Call) -> Call | None:
    before = _exponential_in(made)
    if (
        before is None
        or _is_complex(call.out)
        or in_range(call.args[1], above_zero=False)
    ):
        return None
    args = (before.out, call.args[1])
    return Call(quotient, args, (call.flows[0], before.flows[0]))


def _log_of_sum_of_exp(call: Call, made: Call) -> Call | None:
    before, total = made.before() if made.before else None, call.args[0]
    if before is None or before.record is not exp or _is_complex(total):
        return None
    if in_range(total):
        return None
    args = (before.args[0], before.out, total)
    return Call(log_of_sum, args, (before.flows[0], None, None), made.params)


# The table

_POWERS: dict[Record, Rewrite] = {
    record: _power_of(rewrite)
    for record, rewrite in (
        (absolute, _of_absolute),
        (fabs, _of_absolute),
        (modulus_of_complex, _of_modulus),
        (sqrt, _of_root(2)),
        (root, _of_root(2)),
        (cbrt, _of_root(3)),
        (root_of_power, _of_root_of_power),
        (power, _of_power),
        (float_power, _of_power),
        (hypot, _of_hypot),
        (maximum, _of_extremum(extremum_power(share_of_tie))),
        (minimum, _of_extremum(extremum_power(share_of_tie))),
        (fmax, _of_extremum(extremum_power(share_of_number))),
        (fmin, _of_extremum(extremum_power(share_of_number))),
    )
}
_ROOTS: dict[Record, Rewrite] = {
    square: _of_square,
    multiply: _of_square,
    power: _of_square,
    float_power: _of_square,
    matmul: _of_product,
    dot: _of_product,
}


def _either(one: Rewrite, other: Rewrite) -> Rewrite:
    return lambda call, made: one(call, made) or other(call, made)


_POWERS_AND_ROOTS = _POWERS | {
    record: _either(_half_power(rewrite), _POWERS[record])
    if record in _POWERS
    else _half_power(rewrite)
    for record, rewrite in _ROOTS.items()
}

REWRITES: dict[Record, dict[Record, Rewrite]] = {
    square: _POWERS,
    multiply: _POWERS,
    power: _POWERS_AND_ROOTS,
    float_power: _POWERS_AND_ROOTS,
    sqrt: _ROOTS,
    log: {summation: _log_of_sum_of_exp, add: _log_of_sum_of_two},
    log1p: {exp: _log1p_of_exp},
    divide: {add: _quotient_by_sum},
}
"""By the record of a call and that of the call that made its operand."""

OPERAND: dict[Record, int] = dict.fromkeys(REWRITES, 0) | {divide: 1}
"""Which operand it is; of a product, that with itself."""

OF_EXPONENTIALS = frozenset({summation, add})
"""Sums that count only if it is an exponential that they sum."""

AT_ANY_POWER = frozenset(_POWERS) - {power, float_power}
"""Records that a power looks back at whatever its exponent; others at a half only."""

SOURCES: frozenset[Record] = frozenset({exp}).union(*REWRITES.values())
"""Every record whose calls are looked back at."""
