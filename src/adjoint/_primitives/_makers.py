"""Makers: one function per mathematical class, each returning a registered record.

An author writes what cannot be derived (the function, its rules, where to test it); the
maker fills in what the class implies and enters the record in the registry.
"""

from collections.abc import Callable, Sequence
from typing import Any

from adjoint._core.record import (
    Calculus,
    Example,
    Interval,
    Kink,
    Layout,
    Reads,
    Record,
    Rule,
    read_names,
)
from adjoint._core.registry import register

REALS: Interval = (-2.0, 2.0)
POSITIVE: Interval = (0.3, 3.0)


def elementwise(
    function: Callable[..., Any],
    partials: tuple[Rule, ...],
    *,
    domain: tuple[Interval, ...] | None = None,
    slope_may_be_infinite: bool = False,
    kinks: tuple[Kink, ...] = (),
    reference: str = "",
    evaluate: Callable[..., Any] | None = None,
    examples: tuple[Example, ...] = (),
    name: str | None = None,
) -> Record:
    """Return the record of an elementwise function from its partial derivatives.

    Parameters
    ----------
    function : numpy.ufunc
        The function; it evaluates itself, unless ``evaluate`` is given.
    partials : tuple of callable
        ``partial(out, x, y, ...)`` per argument: the slope, as a NumPy expression.
    domain : tuple of (float, float), optional
        Where the laws tests draw each argument from; (-2, 2) by default.
    slope_may_be_infinite : bool
        Whether ``0 * slope`` must be guarded (see `Record`).
    kinks : tuple of Kink
        Points without a derivative, with the slopes taken.
    reference : str
        Source of the rule.
    evaluate : callable, optional
        For functions that NumPy does not dispatch.
    examples : tuple of Example
        Shapes for the laws tests, where not every shape will do.
    name : str, optional
        The function's own name by default.
    """
    arity = len(partials)
    return register(
        Record(
            name=name or function.__name__,
            function=function,
            evaluate=evaluate or function,
            calculus=Calculus.PARTIALS,
            layout=Layout.ELEMENTWISE,
            rules=partials,
            reads=tuple(read_names(rule, 0, arity) for rule in partials),
            domain=domain or (REALS,) * arity,
            slope_may_be_infinite=slope_may_be_infinite,
            examples=examples,
            kinks=kinks,
            reference=reference,
        )
    )


def linear(
    function: Callable[..., Any],
    pullbacks: tuple[Rule | None, ...],
    *,
    layout: Layout = Layout.ELEMENTWISE,
    batch: Callable[..., Any] | None = None,
    domain: tuple[Interval, ...] | None = None,
    examples: tuple[Example, ...] = (),
    kinks: tuple[Kink, ...] = (),
) -> Record:
    """Return the record of a function linear in its arguments together.

    ``pullback(out_bar, out, x, y, ..., *params)`` per argument; ``None`` for one that
    is not differentiated (the condition of ``where``).  The pushforward is the function
    itself on all tangents at once.  Elementwise, unless another ``layout`` comes with
    its ``batch``.
    """
    return register(
        Record(
            name=function.__name__,
            function=function,
            evaluate=function,
            calculus=Calculus.LINEAR,
            layout=layout,
            rules=pullbacks,
            reads=_reads(pullbacks),
            domain=domain or (REALS,) * len(pullbacks),
            batch=batch,
            examples=examples,
            kinks=kinks,
        )
    )


def structural(
    function: Callable[..., Any],
    evaluate: Callable[..., Any],
    transpose: Rule,
    *,
    layout: Layout,
    batch: Callable[..., Any],
    examples: tuple[Example, ...],
    put: Callable[..., Any] | None = None,
    name: str | None = None,
) -> Record:
    """Return the record of a function linear in its one array argument.

    Parameters
    ----------
    function : callable
        The key, as the user calls it.
    evaluate : callable
        ``evaluate(x, *params)``; parameters are normalised (axes as tuples).
    transpose : callable
        ``transpose(out_bar, x_shape, *params)``: the cotangent of ``x``.
    layout : Layout
        ``REDUCTION`` or ``REINDEXING``.
    batch : callable
        ``batch(x, *params)`` for an ``x`` with a leading batch axis.
    examples : tuple of Example
        Shapes and parameters for the laws tests.
    put : callable, optional
        ``put(x, view, *params)``: ``x`` after the result, which shares its memory, was
        overwritten.  Without it such a result cannot be written into.
    name : str, optional
        The function's own name by default.
    """
    return register(
        Record(
            name=name or function.__name__,
            function=function,
            evaluate=evaluate,
            calculus=Calculus.STRUCTURAL,
            layout=layout,
            rules=(transpose,),
            reads=(Reads(out=False, args=(False,)),),
            domain=(REALS,),
            batch=lambda args, _batched, _size, *params: batch(args[0], *params),
            put=put,
            examples=examples,
        )
    )


def contraction(
    function: Callable[..., Any],
    evaluate: Callable[..., Any],
    pullback_at: Callable[[int], Rule],
    *,
    pushforward: Callable[..., Any],
    batch: Callable[..., Any],
    examples: tuple[Example, ...],
) -> Record:
    """Return the record of a contraction of any number of arrays, linear in each.

    ``pullback_at(k)`` is the rule of argument ``k``, called as
    ``pullback(out_bar, out, x, y, ..., *params)``; it reads neither ``out`` nor ``k``.
    The ``pushforward`` may take another way to its terms than the function does.
    """
    return register(
        Record(
            name=function.__name__,
            function=function,
            evaluate=evaluate,
            calculus=Calculus.MULTILINEAR,
            layout=Layout.CONTRACTION,
            rules=pullback_at,
            reads=(),
            domain=(REALS,),
            pushforward=pushforward,
            batch=batch,
            examples=examples,
        )
    )


def multilinear(
    function: Callable[..., Any],
    pullbacks: tuple[Rule, ...],
    *,
    evaluate: Callable[..., Any] | None = None,
    pushforward: Callable[..., Any] | None = None,
    batch: Callable[..., Any],
    examples: tuple[Example, ...],
    reference: str = "",
) -> Record:
    """Return the record of a contraction, linear in each argument alone.

    ``pullback(out_bar, out, x, y)`` per argument; the pushforward is one term per
    argument with a tangent, unless a faster one is given.
    """
    return register(
        Record(
            name=function.__name__,
            function=function,
            evaluate=evaluate or function,
            calculus=Calculus.MULTILINEAR,
            layout=Layout.CONTRACTION,
            rules=pullbacks,
            reads=_reads(pullbacks),
            domain=(REALS,) * len(pullbacks),
            pushforward=pushforward,
            batch=batch,
            examples=examples,
            reference=reference,
        )
    )


def general(
    function: Callable[..., Any],
    evaluate: Callable[..., Any],
    pullbacks: tuple[Rule | None, ...],
    *,
    layout: Layout = Layout.OPAQUE,
    outputs: int = 1,
    pushforward: Callable[..., Any] | None = None,
    batch: Callable[..., Any] | None = None,
    domain: tuple[Interval, ...] | None = None,
    examples: tuple[Example, ...],
    reference: str = "",
    name: str | None = None,
) -> Record:
    """Return the record of any other function from a pullback per argument.

    ``pullback(out_bar, out, x, y, ..., *params)``, ``None`` for an argument that is not
    differentiated (positions).  With several ``outputs``, ``out`` is their tuple and
    ``out_bar`` a list.  Without ``pushforward`` forward mode transposes the pullbacks;
    without ``batch`` batching loops.
    """
    return register(
        Record(
            name=name or function.__name__,
            function=function,
            evaluate=evaluate,
            calculus=Calculus.GENERAL,
            layout=layout,
            rules=pullbacks,
            reads=_reads(pullbacks),
            domain=domain or (REALS,) * len(pullbacks),
            outputs=outputs,
            pushforward=pushforward,
            batch=batch,
            examples=examples,
            reference=reference,
        )
    )


def sharing(
    function: Callable[..., Any],
    evaluate: Callable[..., Any],
    pullback: Callable[..., Sequence[Any]],
    *,
    arity: int,
    outputs: int = 1,
    pushforward: Callable[..., Any] | None = None,
    batch: Callable[..., Any] | None = None,
    examples: tuple[Example, ...],
    reference: str = "",
) -> Record:
    """Return the record of a function whose arguments' cotangents share work.

    ``pullback(positions, out_bar, out, x, y, ..., *params)`` returns one cotangent per
    position; else as `general`.
    """

    def alone(position: int) -> Rule:
        return lambda *given: pullback((position,), *given)[0]

    return register(
        Record(
            name=function.__name__,
            function=function,
            evaluate=evaluate,
            calculus=Calculus.GENERAL,
            layout=Layout.OPAQUE,
            rules=tuple(alone(k) for k in range(arity)),
            reads=(read_names(pullback, 2, arity),) * arity,
            domain=(REALS,) * arity,
            outputs=outputs,
            shared=pullback,
            pushforward=pushforward,
            batch=batch,
            examples=examples,
            reference=reference,
        )
    )


def variadic(
    function: Callable[..., Any],
    evaluate: Callable[..., Any],
    transpose_at: Callable[[int], Rule],
    *,
    batch: Callable[..., Any],
    examples: tuple[Example, ...],
) -> Record:
    """Return the record of a function jointly linear in any number of arrays.

    ``transpose_at(k)`` is the rule of argument ``k``, called as
    ``rule(out_bar, *params)``.
    """
    return register(
        Record(
            name=function.__name__,
            function=function,
            evaluate=evaluate,
            calculus=Calculus.LINEAR,
            layout=Layout.REINDEXING,
            rules=transpose_at,
            reads=(),
            domain=(REALS,),
            batch=batch,
            examples=examples,
        )
    )


def constant(
    function: Callable[..., Any],
    *,
    arity: int = 1,
    name: str | None = None,
    evaluate: Callable[..., Any] | None = None,
    batch: Callable[..., Any] | None = None,
    domain: Interval = REALS,
    examples: tuple[Example, ...] = (),
) -> Record:
    """Return the record of a piecewise constant function: its derivative is zero.

    Forward and reverse mode let its result go untraced; batching carries it.
    """
    return register(
        Record(
            name=name or function.__name__,
            function=function,
            evaluate=evaluate or function,
            calculus=Calculus.CONSTANT,
            layout=Layout.ELEMENTWISE if batch is None else Layout.REDUCTION,
            rules=(None,) * arity,
            reads=(Reads(out=False, args=(False,) * arity),) * arity,
            domain=(domain,) * arity,
            batch=batch,
            examples=examples,
        )
    )


def _reads(pullbacks: tuple[Rule | None, ...]) -> tuple[Reads, ...]:
    arity = len(pullbacks)
    nothing = Reads(out=False, args=(False,) * arity)
    return tuple(
        nothing if rule is None else read_names(rule, 1, arity) for rule in pullbacks
    )
