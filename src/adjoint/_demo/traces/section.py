"""The section of evaluation traces: a textbook function, forward and reverse."""

from pathlib import Path

import adjoint as ad
from adjoint._demo.section import Lines, Outcome, Picture, Section
from adjoint._demo.traces.functions import POINT, f, neuron_loss
from adjoint._demo.traces.picture import draw

NEURON = (1.0, 0.5, 2.0, 1.0)
"""w, b, x and t."""


def lines(folder: Path) -> Lines:
    """Give the traces of a textbook function and of a neuron; draw the first."""
    x1, x2 = POINT
    graph = ad.trace(f)(x1, x2)
    yield f"f(x1, x2) = ln x1 + x1 x2 - sin x2 at ({x1:g}, {x2:g}). Dual numbers:"
    yield f"    f({x1} + 1.0ε, {x2}) = {f(ad.dual(x1, 1.0), x2)!s}"
    yield f"    f({x1}, {x2} + 1.0ε) = {f(x1, ad.dual(x2, 1.0))!s}"
    yield ""
    yield "Forward, along x1: each line with its tangent."
    yield ""
    yield from str(graph.table("forward")).splitlines()
    yield ""
    yield "Reverse: each line with its adjoint, from the last to the first."
    yield ""
    reverse = graph.table("reverse")
    yield from str(reverse).splitlines()
    yield ""
    yield "One neuron, L = ½ (σ(w x + b) - t)² at w = 1, b = 0.5, x = 2, t = 1:"
    yield ""
    yield from str(ad.trace(neuron_loss)(*NEURON).table("reverse")).splitlines()
    by_x1, by_x2 = (float(row.derivative) for row in reverse.rows[:2])
    caption = (
        "The function as a graph: each line with its value, along the arrows the "
        "partial derivatives, in red the adjoints that reverse accumulation finds."
    )
    return Outcome(
        f"one reverse sweep: df/dx1 = {by_x1:.15g}, df/dx2 = {by_x2:.15g}",
        (Picture(draw(reverse, folder), caption),),
    )


SECTION = Section("traces", "Evaluation traces, line by line", lines)
