"""Functions of the user's own that are one operation, as those of NumPy are.

A custom rule (``custom.py``) runs a function of the user's on the values below, and may
be anything; that takes some 45 us a call.  Here the user states what a record of the
rule book states, and the engine runs it as one: in 1 to 15 us, in all modes.
"""

import functools
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from adjoint._core.arrays import PLAIN, Value
from adjoint._core.buffers import plain
from adjoint._core.dispatch import as_part, bind, bind_operands, holds_traced
from adjoint._core.errors import InputError, MissingRuleError, user_line
from adjoint._core.handle import Handle
from adjoint._core.record import Calculus, Layout, Reads, Record, Rule, read_names
from adjoint._transforms.apart import (
    apart,
    batch_apart,
    elementwise_apart,
    pushforward_apart,
    slope_apart,
)

F = TypeVar("F", bound=Callable[..., Any])


def elementwise(
    *slopes: Callable[..., Any],
    name: str | None = None,
    slope_may_be_infinite: bool = False,
) -> Callable[[F], F]:
    """Make an elementwise function one operation, by its slopes.

    Parameters
    ----------
    *slopes : callable
        ``slope(out, x, y, ...)`` for each argument: the partial derivative, written
        with NumPy functions, in the dtype of ``out``.  A parameter whose name starts
        with an underscore is not read, and what no slope reads is not kept.
    name : str, optional
        What graphs, tables and messages call it; the function's own name by default.
    slope_may_be_infinite : bool
        Whether 0 times a slope is to be 0 also where the slope is infinite or nan.

    Returns
    -------
    callable
        A decorator of a function of as many arrays or numbers, which broadcast, written
        with NumPy functions.

    Raises
    ------
    InputError
        If there is no slope, or one takes other parameters.
    OutputError, ShapeError
        In a call or its derivative, if the function or a slope returns no array or
        number, or one of another shape than the arguments broadcast to.
    MutationError
        If one of them writes into what it was given.

    Notes
    -----
    The function sees plain values alone, and its slopes make all derivatives, of any
    order: nobody checks that they are right.  `adjoint.check_grads` does.  Arrays they
    are handed cannot be written into.

    A call costs 1 to 5 us, against some 45 us of `adjoint.custom_jvp`.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> @ad.extend.elementwise(lambda out, _x: out * (1.0 - out))
    ... def logistic(x):
    ...     return 1.0 / (1.0 + np.exp(-x))
    >>> ad.grad(logistic)(0.0)
    np.float64(0.25)
    >>> ad.grad(ad.grad(logistic))(0.0)
    np.float64(0.0)
    """
    rules = _checked("elementwise", slopes, 0, "slope(out, {})")
    arity = len(rules)

    def declare(function: F) -> F:
        @functools.wraps(function)
        def call(*args: Value) -> Value:
            if len(args) == 1 == arity:
                (x,) = args
                if type(x) in PLAIN:
                    return function(x)
                if isinstance(x, Handle):
                    return _closed(x.entries[record](x))
            if len(args) == arity and any(map(holds_traced, args)):
                return _closed(bind_operands(record, args))
            return function(*args)

        call.__name__ = name or call.__name__
        record = _record(
            call,
            rules,
            slope_apart,
            evaluate=elementwise_apart(function, call.__name__, call),
            calculus=Calculus.PARTIALS,
            layout=Layout.ELEMENTWISE,
            slope_may_be_infinite=slope_may_be_infinite,
        )
        return call  # type: ignore[return-value]

    return declare


def primitive(
    *pullbacks: Callable[..., Any] | None,
    pushforward: Callable[..., Any] | None = None,
    batch: Callable[..., Any] | None = None,
    name: str | None = None,
) -> Callable[[F], F]:
    """Make a function of arrays one operation, by its pullbacks.

    Parameters
    ----------
    *pullbacks : callable or None
        ``pullback(out_bar, out, x, y, ..., *params)`` for each array: its cotangent,
        written with NumPy functions; ``None`` for one that is not differentiated.  A
        parameter whose name starts with an underscore is not read, and what no pullback
        reads is not kept.
    pushforward : callable, optional
        ``pushforward(out, args, tangents, params)``: the tangent of the result;
        ``None`` stands for a tangent that is zero.  Without it the pullbacks are
        transposed.
    batch : callable, optional
        ``batch(args, batched, size, *params)``: the results of a batch of that size,
        along axis 0; ``batched`` says which arguments have that axis.  Without it
        `adjoint.vmap` loops.
    name : str, optional
        What graphs, tables and messages call it; the function's own name by default.

    Returns
    -------
    callable
        A decorator of a function that takes these arrays, and then its parameters, by
        position.  It returns an array or number of its own, no view.

    Raises
    ------
    InputError
        If there is no pullback, or one takes other parameters; in a call, if one of
        ``params`` is traced.
    OutputError, ShapeError
        In a call or its derivative, if the function or a rule returns no array or
        number, or a rule one of another shape than its argument, the result or the
        batch has.
    MutationError
        If one of them writes into what it was given.

    Notes
    -----
    As `elementwise`.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> @ad.extend.primitive(lambda out_bar, _out, x, k: out_bar * k * x ** (k - 1))
    ... def sum_of_powers(x, k):
    ...     return np.sum(x**k)
    >>> ad.grad(sum_of_powers)(np.array([1.0, 2.0]), 3)
    array([ 3., 12.])
    """
    rules = _checked("primitive", pullbacks, 1, "pullback(out_bar, out, {}, *params)")
    arity = len(rules)

    def declare(function: F) -> F:
        @functools.wraps(function)
        def call(*args: Value) -> Value:
            arrays = args[:arity]
            if len(arrays) == arity and any(map(holds_traced, arrays)):
                operands = [as_part(x) if type(x) is list else x for x in arrays]
                return _closed(bind(record, operands, _plain(record, args[arity:])))
            return function(*args)

        call.__name__ = name or call.__name__
        record = _record(
            call,
            rules,
            apart,
            evaluate=apart(function, call.__name__),
            calculus=Calculus.GENERAL,
            layout=Layout.OPAQUE,
            pushforward=pushforward and pushforward_apart(pushforward, call.__name__),
            batch=batch and batch_apart(batch, call.__name__),
        )
        return call  # type: ignore[return-value]

    return declare


def _closed(out: Value) -> Value:
    """Return the result of an operation.

    Raises
    ------
    MissingRuleError
        If the operation has found a value of the same transform otherwise than among
        its arguments: the rules say nothing of that.
    """
    if isinstance(out, Handle):
        trace = out.trace
        for below in (out.value, out.payload):
            if isinstance(below, Handle) and below.trace.level >= trace.level:
                msg = (
                    f"An operation declared by ad.extend reads a traced value from "
                    f"outside{user_line()}, whose derivative its rules do not give. "
                    "Pass it as an argument."
                )
                error = MissingRuleError(msg)
                trace.note(error)
                raise error
    return out


def _plain(record: Record, params: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the parameters of a call, none of which may be traced.

    Raises
    ------
    InputError
        If one is: its derivative would be lost.
    """
    params = tuple(map(plain, params))
    if any(map(holds_traced, params)):
        msg = (
            f"{record.name}: an argument behind its {len(record.reads)} arrays is "
            "traced, but ad.extend.primitive differentiates by arrays alone. Give it a "
            "pullback, None if it has no derivative."
        )
        raise InputError(msg)
    return params


def written_of(function: Any) -> Callable[..., Any] | None:
    """Return the user's function of one declared here; ``None`` for all others."""
    known = isinstance(getattr(function, "record", None), Record)
    return function.__wrapped__ if known else None


def _record(
    call: Any,
    written: tuple[Rule | None, ...],
    kept_apart: Callable[[Rule, str], Rule],
    *,
    calculus: Calculus,
    **more: Any,
) -> Record:
    """Return the record of a function, which is kept with it and in no table.

    What rules read, the names of the parameters say in those that the user has
    ``written``.
    """
    leading = 0 if calculus is Calculus.PARTIALS else 1
    nothing = Reads(out=False, args=(False,) * len(written))
    record = call.record = Record(
        name=call.__name__,
        function=call,
        calculus=calculus,
        rules=tuple(rule and kept_apart(rule, call.__name__) for rule in written),
        reads=tuple(
            read_names(rule, leading, len(written)) if rule else nothing
            for rule in written
        ),
        domain=(),
        **more,
    )
    return record


def _checked(
    asked: str, rules: Sequence[Rule | None], leading: int, form: str
) -> tuple[Rule | None, ...]:
    """Return rules as a tuple.

    Raises
    ------
    InputError
        If there is none, or one cannot be called as it will be.
    """
    wanted = form.format(", ".join("xyz"[: len(rules)]) if len(rules) < 4 else "x, ...")
    if not any(callable(rule) for rule in rules):
        msg = f"ad.extend.{asked} takes rules, one an array: {wanted}; none was given."
        raise InputError(msg)
    for number, rule in enumerate(rules):
        try:
            if rule is not None:
                read_names(rule, leading, len(rules))
        except (TypeError, AttributeError) as error:
            msg = (
                f"ad.extend.{asked}: rule {number} should be a function called as "
                f"{wanted}; given was {rule!r}."
            )
            raise InputError(msg) from error
    return tuple(rules)
