"""The section of constrained optimization."""

import textwrap
from pathlib import Path

from adjoint._demo.constrained.picture import draw
from adjoint._demo.constrained.problem import START, objective, solution
from adjoint._demo.constrained.solve import (
    EXACT,
    METHODS,
    SOURCES,
    Solution,
    multipliers,
    solve,
)
from adjoint._demo.section import WIDTH, Lines, Outcome, Picture, Section

HEAD = (
    f"{'method':14}{'derivatives':>13}{'iterations':>12}{'f':>7}{'c':>7}"
    f"{'exact':>8}{'error':>10}"
)
HOW_TO_READ_IT = (
    "f, c: calls of objective and constraints, those for difference quotients "
    "included; exact: calls of exact gradients, Jacobians and, for trust-constr, "
    "Hessians. error: distance of the worst coordinate from the closed form."
)


def lines(folder: Path) -> Lines:
    """Give a table of the methods with both sources of derivatives; draw the paths."""
    x1, x2 = START
    yield "minimize    exp(x1) (4 x1² + 2 x2² + 4 x1 x2 + 2 x2 + 1)"
    yield "subject to  1.5 + x1 x2 - x1 - x2 <= 0  and  -x1 x2 - 10 <= 0,"
    yield f"from ({x1:g}, {x2:g}) by scipy.optimize.minimize:"
    yield ""
    yield HEAD
    found = []
    for method in METHODS:
        for source in SOURCES:
            one = solve(method, source)
            found.append(one)
            yield _line(one)
    yield ""
    yield from textwrap.wrap(HOW_TO_READ_IT, WIDTH)
    exact = solution()
    first, second = multipliers()
    yield ""
    yield f"Closed form: f({exact[0]:.6f}, {exact[1]:.6f}) = {objective(exact):.8f}."
    yield f"Multipliers there: {first:.6f} and {second:.6f}, both positive: a minimum."
    drawn = [one for one in found if one.source == EXACT]
    path = draw(drawn, folder)
    best = drawn[0]
    return Outcome(
        f"f = {best.value:.7f} at ({best.x[0]:.5f}, {best.x[1]:.5f}) "
        f"after {best.objective_calls} calls of f",
        (
            Picture(
                path,
                "Contours of the objective, a power of ten apart; what the constraints "
                "forbid is grey. Both methods follow exact gradients.",
            ),
        ),
    )


def _line(one: Solution) -> str:
    """Return one row of the table."""
    return (
        f"{one.method:14}{one.source:>13}{one.iterations:12}{one.objective_calls:7}"
        f"{one.constraint_calls:7}{one.derivative_calls:8}{one.error:10.0e}"
    )


SECTION = Section("constrained", "Constrained optimization with exact gradients", lines)
