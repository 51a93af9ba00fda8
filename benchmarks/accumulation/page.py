"""The page `docs/why_reverse.md`: figures, a picture of them, and what they mean."""

from collections.abc import Callable
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from benchmarks.accumulation.measure import HIDDEN, SIZES, Cell, Measured
from benchmarks.page import text
from benchmarks.page.pictures.style import (
    SETTINGS,
    Picture,
    keep,
    new_figure,
    tidy,
)

DOCS = Path(__file__).resolve().parents[2] / "docs"
COLORS = ("#3d8fd1", "#e4572e")
"""Columns by forward mode, rows by reverse mode."""

TEXT = """\
# Why reverse mode

Forward mode carries one tangent through the function: one pass is one *column* of the
Jacobian, J v. Reverse mode carries one cotangent back: one pass is one *row*, Jᵀ w.
With n inputs and m outputs the whole Jacobian takes n passes forward or m passes back,
and one pass of either costs a small multiple of the function, whatever n and m are
(Griewank & Walther 2008, chapters 3 and 4: at most 5/2 forward, 4 in reverse).

So a gradient, m = 1, takes one reverse pass however many inputs there are:

```pycon
>>> import numpy as np
>>> import adjoint as ad
>>> def f(x):
...     return np.sum(np.sin(x) * x)
>>> def executed(derivative, n):
...     \"\"\"Count elements computed, in the recorded run of a derivative.\"\"\"
...     graph = ad.trace(derivative)(np.ones(n))
...     return sum(int(np.prod(node.shape)) for node in graph.equations)
>>> executed(ad.jacfwd(f), 100) / executed(f, 100) > 100
True
>>> executed(ad.grad(f), 100) / executed(f, 100) < 5
True

```

## Measured

The function below has n inputs, m outputs and a layer of {hidden} between them,
f(x) = tanh(B tanh(A x)). The operations are counted in the recorded run of each
derivative (`ad.trace(ad.jacrev(f))(x)`): one for each element of an elementwise
function, two for each multiply-add of a matrix product. They are counts of what is
executed, not estimates.

{picture}

Left, operations of the Jacobian by columns (forward mode) and by rows (reverse mode),
for each n and m; right, the times. Along each line m is constant: n grows and m stays.
Forward grows with n, reverse with m, and the lines of one m cross where n is near m.

**One pass, in multiples of the function's operations:** {pass_forward} forward (the
value and one column), {pass_reverse} in reverse (the value and one row). All columns
take n + 1 times the function, all rows m + 1 times, within {deviation} (the most at
n = m = 1, where tanh counts for more). So in operations the crossover is at n =
m{exceptions}.

### Operations of the Jacobian over those of the function

Columns / rows; the smaller is bold.

{operations}

### Time of the Jacobian

Columns / rows, medians; the smaller is bold.

{times}

Adjoint carries all columns, or all rows, through the function in one batch, so the
passes share the cost of calling NumPy. For small sizes that cost is all there is, and
the times lie together: {small}. At n = {largest}, m = 1 the rows take {gain} of the
columns' time.

{crossover}

## The rule

- One output, many inputs (a loss, a likelihood, an energy): reverse, `ad.grad`.
- Few inputs, many outputs (a trajectory by its parameters): forward, `ad.jacfwd`.
- In between, `ad.jacobian` counts inputs and outputs and takes columns if n <= m.
- A product with a vector needs neither: `ad.jvp` for J v, `ad.vjp` for Jᵀ w.

What reverse mode pays is memory: it keeps what the backward sweep reads, in proportion
to the operations of the function; `ad.checkpoint` trades some of it for time.

## Conditions

{conditions}

One thread, pinned to one core; the ways are timed in turn, round by round. Measured by

```sh
python -m benchmarks.accumulation
```
"""


def write(measured: Measured) -> Path:
    """Write the page and its picture; return the page's path."""
    with mpl.rc_context(SETTINGS):
        picture = draw(measured)
    path = DOCS / "why_reverse.md"
    path.write_text(TEXT.format(**_figures(measured, picture)), encoding="utf-8")
    return path


def _figures(measured: Measured, picture: Picture) -> dict[str, object]:
    cells = measured.cells
    wide = [one for one in cells if one.n > one.m]
    tall = [one for one in cells if one.n < one.m]
    few_rows = [one for one in wide if one.rows_operations < one.columns_operations]
    few_columns = [one for one in tall if one.columns_operations < one.rows_operations]
    exceptions = len(wide) + len(tall) - len(few_rows) - len(few_columns)
    largest = max(SIZES)
    extreme = measured.cell(largest, 1)
    smallest = measured.cell(1, 1)
    return {
        "hidden": HIDDEN,
        "picture": picture.markdown,
        "pass_forward": _range(
            [c.column_operations / c.function_operations for c in cells]
        ),
        "pass_reverse": _range(
            [c.row_operations / c.function_operations for c in cells]
        ),
        "deviation": f"{_deviation(cells):.1%}",
        "exceptions": f", with {exceptions} exceptions" if exceptions else "",
        "operations": _table(
            measured,
            lambda c: c.columns_operations / c.function_operations,
            lambda c: c.rows_operations / c.function_operations,
            lambda value: f"{value:,.1f}",
        ),
        "times": _table(
            measured, lambda c: c.columns_time, lambda c: c.rows_time, text.seconds
        ),
        "small": (
            f"at n = m = 1, {text.seconds(smallest.columns_time)} and "
            f"{text.seconds(smallest.rows_time)}"
        ),
        "largest": largest,
        "gain": f"{1.0 / extreme.ratio:.0%}",
        "crossover": _crossover(measured),
        "conditions": text.table(
            ["", ""],
            [[text.plain(k), text.plain(v)] for k, v in measured.conditions.items()],
            words=2,
        ),
    }


def _deviation(cells: list[Cell]) -> float:
    """Return how far operations are from n + 1 or m + 1 times the function, at most."""
    found = [0.0]
    for cell in cells:
        columns = cell.columns_operations / cell.function_operations / (cell.n + 1)
        rows = cell.rows_operations / cell.function_operations / (cell.m + 1)
        found += [abs(columns - 1.0), abs(rows - 1.0)]
    return max(found)


def _range(values: list[float]) -> str:
    low, high = min(values), max(values)
    return f"{low:.2f}" if high - low < 0.005 else f"{low:.2f} to {high:.2f}"


def _crossover(measured: Measured) -> str:
    """Return where both ways take the same time, in a sentence for each m inside."""
    points = []
    for m in SIZES[1:]:
        n = crossing(measured, m)
        if n is not None:
            points.append(f"n = {n:.0f} for m = {m}")
    if not points:
        return "Inside the grid the times do not cross."
    return (
        "**The crossover.** In time, columns and rows are equal near "
        f"{', '.join(points)} (interpolated between the measured sizes)."
    )


def crossing(measured: Measured, m: int) -> float | None:
    """Return the n at which columns become slower than rows; None if not inside."""
    ratios = [np.log(measured.cell(n, m).ratio) for n in SIZES]
    sizes = np.log(SIZES)
    for k in range(len(SIZES) - 1):
        if ratios[k] <= 0.0 < ratios[k + 1]:
            part = -ratios[k] / (ratios[k + 1] - ratios[k])
            return float(np.exp(sizes[k] + part * (sizes[k + 1] - sizes[k])))
    return None


def _table(
    measured: Measured,
    columns: Callable[[Cell], float],
    rows: Callable[[Cell], float],
    shown: Callable[[float], str],
) -> str:
    lines = []
    for n in SIZES:
        line = [f"n = {n}"]
        for m in SIZES:
            cell = measured.cell(n, m)
            one, other = columns(cell), rows(cell)
            left, right = shown(one), shown(other)
            if left != right:
                left, right = (
                    (f"**{left}**", right) if one < other else (left, f"**{right}**")
                )
            line.append(f"{left} / {right}")
        lines.append(line)
    return text.table(["", *(f"m = {m}" for m in SIZES)], lines)


def draw(measured: Measured) -> Picture:
    """Return the picture: operations and times against n, lines of constant m."""
    figure = new_figure(4.2)
    left, right = figure.subplots(1, 2)
    shown = (SIZES[0], SIZES[3], SIZES[-1])
    _draw_lines(left, measured, shown, "operations")
    left.set_ylabel("operations of the Jacobian")
    _draw_lines(right, measured, shown, "time")
    right.set_ylabel("seconds")
    _legend(figure, shown)
    alt = "Operations and time of a Jacobian by columns and by rows, against n"
    return keep(figure, DOCS / "_static" / "why_reverse.svg", alt)


STYLES = ("-", "--", ":")
MARKERS = ("o", "s", "D")


def _draw_lines(
    axes: Axes, measured: Measured, shown: tuple[int, ...], what: str
) -> None:
    for m, style, marker in zip(shown, STYLES, MARKERS, strict=True):
        for way, color in zip(("columns", "rows"), COLORS, strict=True):
            values = [getattr(measured.cell(n, m), f"{way}_{what}") for n in SIZES]
            axes.plot(SIZES, values, style, color=color, marker=marker, markersize=4)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel("inputs n")
    axes.set_xticks(SIZES, [str(n) for n in SIZES])
    axes.minorticks_off()
    tidy(axes)


def _legend(figure: Figure, shown: tuple[int, ...]) -> None:
    handles = [
        Line2D([], [], color=color, label=label)
        for color, label in zip(
            COLORS, ("columns, forward mode", "rows, reverse mode"), strict=True
        )
    ]
    handles += [
        Line2D(
            [],
            [],
            color=SETTINGS["text.color"],
            ls=style,
            marker=marker,
            label=f"m = {m}",
        )
        for m, style, marker in zip(shown, STYLES, MARKERS, strict=True)
    ]
    figure.legend(handles=handles, loc="outside upper center", ncols=5, frameon=False)
