"""A call of a function that brings its own derivative rule, in every mode.

One rule serves both modes.  A pushforward ``v -> J v`` is linear in ``v``; reverse
mode uses its transpose.  A pullback ``w -> Jᵀ w`` is linear in ``w``; forward mode uses
its transpose.  Batching maps function and rule alike, and hands both on to the levels
below.

Here arguments and results are flat lists of arrays; the trees of the user's functions
are dealt with where the calls are made (``adjoint._transforms.custom``).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Self

import numpy as np

from adjoint._core.arrays import Value, shape_of
from adjoint._core.dispatch import Trace, highest_trace
from adjoint._core.errors import ConversionError, LeakError, MissingRuleError, user_line
from adjoint._core.record import Calculus, Layout, Record
from adjoint._core.tree import flatten, map_leaves
from adjoint._core.views import read_only
from adjoint._modes.batch import BatchTrace
from adjoint._modes.forward import ForwardTrace
from adjoint._modes.record import RecordTrace
from adjoint._modes.reverse import ReverseTrace
from adjoint._modes.transpose import Transposed

Values = list[Value]


@dataclass(frozen=True, slots=True)
class CustomCall:
    """A function on flat lists of arrays, with one derivative rule.

    Parameters
    ----------
    name : str
        The function's name, for messages.
    evaluate : callable
        ``evaluate(args) -> outs``.
    push : callable or None
        ``push(args, dots) -> (outs, out_dots)``, linear in ``dots``.
    forward, pull : callable or None
        ``forward(args) -> (outs, residuals)`` and
        ``pull(residuals, out_bars) -> bars``, linear in ``out_bars``.  Either these two
        or ``push`` are given.
    """

    name: str
    evaluate: Callable[[Values], Values]
    push: Callable[[Values, Values], tuple[Values, Values]] | None = None
    forward: Callable[[Values], tuple[Values, Any]] | None = None
    pull: Callable[[Any, Values], Values] | None = None


def apply_custom(call: CustomCall, args: Values) -> Values:
    """Return the results of a call, by the highest trace among its arguments."""
    trace = highest_trace(args)
    if trace is None:
        return call.evaluate(args)
    trace.check_open()
    owned = [trace.owns(arg) for arg in args]
    values = [
        read_only(arg.value) if own else arg
        for arg, own in zip(args, owned, strict=True)
    ]
    if isinstance(trace, ReverseTrace):
        run = partial(_apply_reverse, call, trace, args, values, owned)
        return trace.called(run, args)
    if isinstance(trace, ForwardTrace):
        run = partial(_apply_forward, call, trace, args, values, owned)
        return trace.called(run, args)
    if isinstance(trace, BatchTrace):
        return _apply_batched(call, trace, values, owned)
    if isinstance(trace, RecordTrace):
        return _apply_recorded(call, trace, args, values)
    msg = f"no way to carry a custom rule through {type(trace).__name__}"
    raise TypeError(msg)


def _check_closed(call: CustomCall, trace: Trace, *trees: Any) -> None:
    """Raise if a rule's results depend on the trace other than through arguments.

    Raises
    ------
    MissingRuleError
        If they do: the rule says nothing of that dependence.
    """
    if any(trace.owns(leaf) for tree in trees for leaf in flatten(tree)[0]):
        raise MissingRuleError(_closure_message(call))


def _closure_message(call: CustomCall) -> str:
    return (
        f"{call.name} or its derivative rule reads a traced value from outside"
        f"{user_line()}, whose derivative the rule does not give. Pass it as an "
        "argument."
    )


def _apply_reverse(
    call: CustomCall,
    trace: ReverseTrace,
    args: Values,
    values: Values,
    owned: Sequence[bool],
) -> Values:
    active = [k for k, own in enumerate(owned) if own]
    if call.push is not None:
        outs, transposed = _transpose_push(call.push, values, active)

        def sweep_back(bars: Values) -> Values:
            return transposed(bars)
    else:
        outs, residuals = call.forward(values)  # type: ignore[misc]
        _check_closed(call, trace, residuals)
        residuals = map_leaves(trace.keep, residuals)

        def sweep_back(bars: Values) -> Values:
            given = call.pull(residuals, bars)  # type: ignore[misc]
            return [given[k] for k in active]

    def pullback(bars: Values) -> Values:
        try:
            return sweep_back(bars)
        except LeakError as error:
            raise MissingRuleError(_closure_message(call)) from error

    _check_closed(call, trace, outs)
    outs = [trace.keep(out) for out in outs]
    return list(
        trace.append_call(outs, tuple(args[k].payload for k in active), pullback)
    )


def _transpose_push(
    push: Callable[[Values, Values], tuple[Values, Values]],
    values: Values,
    active: Sequence[int],
) -> tuple[Values, Transposed]:
    """Return the results, and the pullback as the transpose of a pushforward."""
    found: list[Values] = []

    def linear_map(*dots: Value) -> Values:
        tangents = _tangents(values, dict(zip(active, dots, strict=True)))
        outs, out_dots = push(values, tangents)
        found.append(outs)
        return out_dots

    transposed = Transposed(linear_map, [np.ones_like(values[k])[()] for k in active])
    return found[0], transposed


def _tangents(values: Values, dots: dict[int, Value]) -> Values:
    """Return one tangent per argument: zeros where none is given."""
    return [_or_zeros(dots.get(k), value) for k, value in enumerate(values)]


def _or_zeros(derivative: Value | None, like: Value) -> Value:
    """Return a derivative; zeros where none is given."""
    return np.zeros_like(like)[()] if derivative is None else derivative


def _apply_forward(
    call: CustomCall,
    trace: ForwardTrace,
    args: Values,
    values: Values,
    owned: Sequence[bool],
) -> Values:
    dots = {k: args[k].payload for k, own in enumerate(owned) if own}
    outs, out_dots = _pushed(call, values, dots)
    _check_closed(call, trace, outs, out_dots)
    return [trace.lift(out, dot) for out, dot in zip(outs, out_dots, strict=True)]


def _pushed(
    call: CustomCall, values: Values, dots: dict[int, Value]
) -> tuple[Values, Values]:
    """Return the results of a call, and their tangents for those of some arguments."""
    if call.push is not None:
        return call.push(values, _tangents(values, dots))
    outs, residuals = call.forward(values)  # type: ignore[misc]

    def pull_active(*bars: Value) -> Values:
        given = call.pull(residuals, list(bars))  # type: ignore[misc]
        return [_or_zeros(given[k], values[k]) for k in dots]

    pushed = Transposed(pull_active, [np.ones_like(out)[()] for out in outs])
    return outs, pushed(list(dots.values()))


def _apply_batched(
    call: CustomCall, trace: BatchTrace, values: Values, owned: Sequence[bool]
) -> Values:
    try:
        outs = apply_custom(_batched(call, trace.size, owned), values)
    except (MissingRuleError, ConversionError):
        outs = _one_by_one(call, trace.size, values, owned)
    _check_closed(call, trace, outs)
    return [trace.lift(out) for out in outs]


def _one_by_one(
    call: CustomCall, size: int, values: Values, owned: Sequence[bool]
) -> Values:
    """Return the results of a function that cannot take a batch (it is not NumPy)."""
    samples = [
        apply_custom(
            call, [v[k] if own else v for v, own in zip(values, owned, strict=True)]
        )
        for k in range(size)
    ]
    return [np.stack(column) for column in zip(*samples, strict=True)]


def _batched(call: CustomCall, size: int, owned: Sequence[bool]) -> CustomCall:
    """Return the call that maps another over axis 0 of arguments marked ``owned``."""

    def evaluate(args: Values) -> Values:
        with _Batch(size) as batch:
            return batch.whole(call.evaluate(batch.lift(args, owned)))

    if call.push is not None:
        inner_push = call.push

        def push(args: Values, dots: Values) -> tuple[Values, Values]:
            with _Batch(size) as batch:
                outs, out_dots = inner_push(
                    batch.lift(args, owned), batch.lift(dots, owned)
                )
                return batch.whole(outs), batch.whole(out_dots)

        return CustomCall(call.name, evaluate, push=push)

    owner = object()  # tells this call's residuals from those of a call around it

    def forward(args: Values) -> tuple[Values, Any]:
        with _Batch(size, owner) as batch:
            outs, residuals = call.forward(batch.lift(args, owned))  # type: ignore[misc]
            return batch.whole(outs), map_leaves(batch.mark, residuals)

    def pull(residuals: Any, bars: Values) -> Values:
        with _Batch(size, owner) as batch:
            given = call.pull(  # type: ignore[misc]
                map_leaves(batch.unmark, residuals),
                batch.lift(bars, [True] * len(bars)),
            )
            return [
                None if bar is None else _reduced(batch.whole([bar])[0], own)
                for bar, own in zip(given, owned, strict=True)
            ]

    return CustomCall(call.name, evaluate, forward=forward, pull=pull)


def _reduced(bar: Value, own: bool) -> Value:
    """Return a cotangent: summed over the batch for an argument that all share."""
    return bar if own else np.sum(bar, axis=0)


@dataclass(frozen=True, slots=True)
class _Member:
    """A residual that differs from sample to sample of one batched call."""

    owner: object
    value: Value


class _Batch:
    """A batching level around a few lines of code."""

    def __init__(self, size: int, owner: object = None) -> None:
        self._trace = BatchTrace(size)
        self._owner = owner

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._trace.closed = True

    def lift(self, values: Values, owned: Sequence[bool]) -> Values:
        """Return handles for the values with a batch axis."""
        return [
            self._trace.lift(value) if own else value
            for value, own in zip(values, owned, strict=True)
        ]

    def whole(self, outs: Values) -> Values:
        """Return results with a leading batch axis, all of them."""
        size = self._trace.size
        return [
            out.value
            if self._trace.owns(out)
            else np.broadcast_to(out, (size, *shape_of(out)))
            for out in outs
        ]

    def mark(self, leaf: Any) -> Any:
        """Return a residual with a note whether it has a batch axis.

        A residual that a batch inside this one has marked is looked into.
        """
        if isinstance(leaf, _Member):
            return _Member(leaf.owner, self.mark(leaf.value))
        own = self._trace.owns(leaf)
        return _Member(self._owner, leaf.value) if own else leaf

    def unmark(self, leaf: Any) -> Any:
        """Return a residual as the rule saw it."""
        if not isinstance(leaf, _Member):
            return leaf
        if leaf.owner is self._owner:
            return self._trace.lift(leaf.value)
        return _Member(leaf.owner, self.unmark(leaf.value))


def _apply_recorded(
    call: CustomCall, trace: RecordTrace, args: Values, values: Values
) -> Values:
    """Record the call as one equation, which brings its rule with it."""
    outs = apply_custom(call, values)
    _check_closed(call, trace, outs)
    record = _as_record(call, len(outs))
    parents = tuple(trace.parent(arg) for arg in args)
    operation = record.evaluate
    if len(outs) == 1:
        return [trace.append(trace.constant(outs[0]), record, operation, parents)]
    outs = [trace.constant(out) for out in outs]
    return list(trace.append_call(outs, record, operation, parents))


def _as_record(call: CustomCall, count: int) -> Record:
    """Return a call with so many results as a record of a graph."""

    def evaluate(*args: Value) -> Value:
        outs = apply_custom(call, list(args))
        return outs[0] if count == 1 else tuple(outs)

    def pull(
        positions: Sequence[int], bar: Any, out: Value, *args: Value
    ) -> Sequence[Value]:
        outs, given = ([out], [bar]) if count == 1 else (out, bar)
        bars = [_or_zeros(w, one) for one, w in zip(outs, given, strict=True)]
        if call.push is not None:
            return _transpose_push(call.push, list(args), positions)[1](bars)
        _, residuals = call.forward(list(args))  # type: ignore[misc]
        pulled = call.pull(residuals, bars)  # type: ignore[misc]
        return [_or_zeros(pulled[k], args[k]) for k in positions]

    def push(
        _out: Value, args: Sequence[Value], tangents: Sequence[Any], _params: Any
    ) -> Value:
        dots = {k: dot for k, dot in enumerate(tangents) if dot is not None}
        out_dots = _pushed(call, list(args), dots)[1]
        return out_dots[0] if count == 1 else tuple(out_dots)

    return Record(
        name=call.name,
        function=evaluate,
        evaluate=evaluate,
        calculus=Calculus.GENERAL,
        layout=Layout.OPAQUE,
        rules=lambda _position: pull,  # one for all arguments
        reads=(),
        domain=(),
        outputs=count,
        shared=pull,
        pushforward=push,
    )
