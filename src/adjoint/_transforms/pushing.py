"""A function run once on dual numbers: the forward pass of forward mode."""

from collections.abc import Callable, Iterable
from typing import Any

from adjoint._core.arrays import Value
from adjoint._modes.forward import ForwardTrace
from adjoint._transforms.arguments import Selection
from adjoint._transforms.running import entering, run, split_aux


def run_on_duals(
    trace: ForwardTrace,
    fun: Callable[..., Any],
    chosen: Selection,
    dots: Iterable[Value],
    kwargs: dict[str, Any],
    has_aux: bool,
) -> tuple[Any, Any]:
    """Return what a function returns on dual numbers, and its aux; end their trace.

    Parameters
    ----------
    trace : ForwardTrace
    fun : callable
    chosen : Selection
        The primals, among the arguments.
    dots : iterable of values
        Their tangents.
    kwargs : dict
    has_aux : bool
        Whether ``fun`` returns a pair ``(out, aux)``.
    """
    try:
        duals = [
            trace.lift(entering(trace, x), dot)
            for x, dot in zip(chosen.leaves, dots, strict=True)
        ]
        out = run(trace, fun, chosen.insert(duals), kwargs)
    finally:
        trace.closed = True
    return split_aux(out, fun, has_aux)
