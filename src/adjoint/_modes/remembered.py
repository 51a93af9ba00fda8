"""What dual numbers remember of how they were made, for the derivative rewrites.

Forward mode has no tape to look back at.  So the result of a function that the table of
rewrites looks back at (``abs``, ``sqrt``, ``exp`` ...) remembers primals and tangents
of its arguments, as ``origin``; all other dual numbers remember nothing.  An origin
holds no dual numbers, so that memory does not grow with the length of a computation;
only sums of exponentials hold the origin of the exponential.

Origins are tuples as short as can be, since ``exp`` should not pay for them:

=====================================  ==============================================
``(record, x, x_dot)``                 a function of one argument
``(record, x, y, x_dot, y_dot)``       of two; a tangent is ``None`` for a constant
``(record, origin, e, params)``        a sum of an exponential ``e`` of that origin
=====================================  ==============================================
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np

from adjoint._core.arrays import SCALARS, Value
from adjoint._core.record import Record
from adjoint._primitives.arithmetic import float_power, multiply, power
from adjoint._primitives.contraction import dot, matmul
from adjoint._primitives.exponential import exp
from adjoint._primitives.rewrites import (
    AT_ANY_POWER,
    OF_EXPONENTIALS,
    OPERAND,
    REWRITES,
    SOURCES,
    Call,
    is_half,
    rewritten,
)

Origin: TypeAlias = tuple[Any, ...]
OF_ITSELF = frozenset({multiply, matmul, dot})
"""Products that count only if they are those of an operand with itself."""


def origin_of(
    record: Record,
    args: Sequence[Any],
    values: Sequence[Value],
    dots: Sequence[Value | None],
    params: tuple[Any, ...],
) -> Origin | None:
    """Return what the result of an operation remembers, ``None`` for most.

    Parameters
    ----------
    record : Record
    args : sequence
        The arguments, dual numbers among them.
    values, dots : sequence of values
        Their primals and tangents, ``None`` for constants.
    params : tuple
    """
    if record not in SOURCES:
        return None
    if record in OF_EXPONENTIALS:
        return _of_sum(record, args, values, dots, params)
    if record in OF_ITSELF and args[0] is not args[1]:
        return None
    if len(values) == 1:
        return (record, values[0], dots[0])
    kept = [
        value if dot is not None or type(value) in SCALARS else np.copy(value)
        for value, dot in zip(values, dots, strict=True)
    ]
    return (record, *kept, *dots)


def _of_sum(
    record: Record,
    args: Sequence[Any],
    values: Sequence[Value],
    dots: Sequence[Value | None],
    params: tuple[Any, ...],
) -> Origin | None:
    """Return the origin of a sum of one exponential and constants."""
    active = [k for k, dot in enumerate(dots) if dot is not None]
    if len(active) > 1:
        return None
    origin = args[active[0]].origin
    if origin is None or origin[0] is not exp:
        return None
    return (record, origin, values[active[0]], params)


def looking_back_at(record: Record) -> Callable[[Origin, Value], bool]:
    """Return what tells whether an origin may matter to a record, quickly.

    It takes the origin of an operand and, for powers, the exponent.
    """
    sources = REWRITES.get(record, {})

    def of_power(origin: Origin, p: Value) -> bool:
        if origin[0] not in sources:
            return False
        return origin[0] in AT_ANY_POWER or is_half(p) or is_half(origin[2])

    if record in {power, float_power}:
        return of_power
    return lambda origin, _y: origin[0] in sources


def rewritten_by_origin(
    record: Record,
    args: Sequence[Any],
    values: Sequence[Value],
    dots: Sequence[Value | None],
    out: Value,
) -> Call | None:
    """Return the call to differentiate in the place of another, if there is one.

    ``flows`` of a call are tangents.
    """
    k = OPERAND[record]
    if dots[k] is None or args[k].origin is None:
        return None
    if record is multiply and args[0] is not args[1]:
        return None
    made = _as_call(args[k].origin, values[k])
    return rewritten(Call(record, tuple(values), tuple(dots), (), out), made)


def _as_call(origin: Origin, out: Value) -> Call:
    """Return an origin in the words of the table."""
    record = origin[0]
    if len(origin) == 3:
        return Call(record, (origin[1],), (origin[2],), (), out)
    if len(origin) == 5:
        return Call(record, origin[1:3], origin[3:], (), out)
    _, before, e, params = origin
    exponential = _as_call(before, e)
    flows = (exponential.flows[0], None)
    return Call(record, (None, None), flows, params, out, lambda: exponential)
