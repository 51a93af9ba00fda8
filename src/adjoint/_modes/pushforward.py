"""The pushforward of a record: the tangent of a result from those of the arguments."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from adjoint._core.arrays import Value, shape_of, unbroadcast
from adjoint._core.dispatch import bind
from adjoint._core.floating import silently
from adjoint._core.record import Calculus, Layout, Record
from adjoint._modes.sweep import pull_all, strong_product
from adjoint._modes.transpose import transpose
from adjoint._modes.undefined import UNDEFINED, warn_if_undefined


@silently  # at a pole of the slope the function itself is fine: nothing to warn of
def push(
    record: Record,
    out: Value,
    args: Sequence[Value],
    tangents: Sequence[Value | None],
    params: tuple[Any, ...],
) -> Value:
    """Return the tangent of a result (of each output): the pushforward of a record.

    Parameters
    ----------
    record : Record
    out : value
        The result.
    args, tangents : sequence of values
        Primals, and their tangents (``None`` where constant).
    params : tuple
    """
    match record.calculus:
        case Calculus.PARTIALS:
            tangent = _push_partials(record, out, args, tangents)
        case Calculus.STRUCTURAL:
            tangent = record.evaluate(tangents[0], *params)
        case Calculus.LINEAR:
            tangent = _push_linear(record, args, tangents, params)
        case Calculus.MULTILINEAR if record.pushforward is None:
            tangent = _sum_terms(
                bind(record, [*args[:k], dot, *args[k + 1 :]], params)
                for k, dot in enumerate(tangents)
                if dot is not None
            )
        case _:
            tangent = _push_general(record, out, args, tangents, params)
    if record.outputs > 1:
        return tuple(map(match_shape, tangent, out))
    return match_shape(tangent, out)


def match_shape(tangent: Value, out: Value) -> Value:
    """Return a tangent of the result's shape: broadcast where the result is."""
    shape = shape_of(out)
    if shape_of(tangent) == shape:
        return tangent
    return np.broadcast_to(tangent, shape)


def _push_partials(
    record: Record,
    out: Value,
    args: Sequence[Value],
    tangents: Sequence[Value | None],
) -> Value:
    return _sum_terms(
        _term(record, k, dot, out, args)
        for k, dot in enumerate(tangents)
        if dot is not None
    )


def _term(
    record: Record, k: int, dot: Value, out: Value, args: Sequence[Value]
) -> Value:
    """Return what one argument brings to a tangent: its own times the slope."""
    partial: Any = record.rule(k)
    product = strong_product(dot, partial(out, *args))
    if record in UNDEFINED:
        warn_if_undefined(record, product, args)
    return product


def _push_linear(
    record: Record,
    args: Sequence[Value],
    tangents: Sequence[Value | None],
    params: tuple[Any, ...],
) -> Value:
    """Apply a jointly linear function to all tangents at once, zeros for the missing.

    Elementwise functions take the number 0.0, which broadcasts; an argument that is not
    differentiated (the condition of ``where``) is passed as it is.
    """
    dots = []
    for k, (arg, dot) in enumerate(zip(args, tangents, strict=True)):
        if dot is not None:
            dots.append(dot)
        elif record.rule(k) is None:
            dots.append(arg)
        elif record.layout is Layout.ELEMENTWISE:
            dots.append(0.0)
        else:
            dots.append(np.zeros_like(arg))
    return bind(record, dots, params)


def _push_general(
    record: Record,
    out: Value,
    args: Sequence[Value],
    tangents: Sequence[Value | None],
    params: tuple[Any, ...],
) -> Value:
    """Use the record's own pushforward, or transpose its pullbacks."""
    if record.pushforward is not None:
        return record.pushforward(out, args, tangents, params)
    active = [k for k, dot in enumerate(tangents) if dot is not None]

    def pullback(*out_bars: Value) -> list[Value]:
        out_bar = list(out_bars) if record.outputs > 1 else out_bars[0]
        given = pull_all(record, active, out_bar, out, tuple(args), params)
        return [
            unbroadcast(q, shape_of(args[k]))
            for k, q in zip(active, given, strict=True)
        ]

    outs = out if record.outputs > 1 else [out]
    tangent = transpose(pullback, outs, [tangents[k] for k in active])
    return tangent if record.outputs > 1 else tangent[0]


def _sum_terms(terms: Any) -> Value:
    total = None
    for term in terms:
        total = term if total is None else total + term
    return total
