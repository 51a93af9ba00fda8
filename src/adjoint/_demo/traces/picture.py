"""Draw a trace as a graph: values in boxes, local partials along the arrows."""

from pathlib import Path
from typing import TYPE_CHECKING

import adjoint as ad
from adjoint._demo.drawing import BLUE, FAINT, INK, RED, new_figure, save

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BOX = {"boxstyle": "round,pad=0.45", "facecolor": "white", "edgecolor": BLUE}


def draw(table: ad.Table, folder: Path) -> Path:
    """Return the path of ``traces.png``: the graph of a trace, saved in the folder.

    Parameters
    ----------
    table : Table
        A reverse trace in which every line is a number.
    folder : Path
        Existing folder.

    Raises
    ------
    ImportError
        If matplotlib is not installed.
    """
    figure = new_figure(12, 5, "Reverse accumulation: partials times adjoints, added")
    draw_graph(figure, table)
    return save(figure, folder, "traces")


def draw_graph(figure: "Figure", table: ad.Table) -> None:
    """Draw a trace of numbers: boxes of lines, arrows to what uses them."""
    axes = figure.subplots()
    places = _places(table)
    for row in table.rows:
        for partial in row.partials:
            _draw_arrow(axes, places[partial.of], places[row.name], partial.value)
    for row in table.rows:
        x, y = places[row.name]
        head = (
            row.name if row.name == row.operation else f"{row.name} = {row.operation}"
        )
        axes.text(
            x, y, f"{head}\n{row.primal:.5g}", bbox=BOX, ha="center", va="center",
            color=INK, fontsize=10.5, zorder=3,
        )  # fmt: skip
        axes.annotate(
            f"adjoint {row.derivative:.5g}", (x, y), (0, -31), color=RED, fontsize=10.5,
            textcoords="offset points", ha="center", va="center", zorder=3,
        )  # fmt: skip
    columns = [x for x, _ in places.values()]
    heights = [y for _, y in places.values()]
    axes.set_xlim(min(columns) - 0.5, max(columns) + 0.5)
    axes.set_ylim(min(heights) - 0.6, max(heights) + 0.4)
    axes.axis("off")


def _places(table: ad.Table) -> dict[str, tuple[float, float]]:
    """Return where each line stands: a column after all of its operands."""
    column: dict[str, int] = {}
    for row in table.rows:
        operands = [column[partial.of] for partial in row.partials]
        column[row.name] = 1 + max(operands, default=-1)
    places = {}
    for number in range(1 + max(column.values())):
        names = [name for name, its in column.items() if its == number]
        for place, name in enumerate(names):
            places[name] = (float(number), (len(names) - 1) / 2 - place)
    return places


def _draw_arrow(
    axes: "Axes", start: tuple[float, float], end: tuple[float, float], partial: float
) -> None:
    """Draw an arrow from an operand to its use, with the partial derivative on it."""
    axes.annotate(
        "", end, start, zorder=1,
        arrowprops={"arrowstyle": "-|>", "color": FAINT, "shrinkA": 42, "shrinkB": 44},
    )  # fmt: skip
    # Nearer to the operand than to the use: two arrows may meet, but none part there.
    x, y = (a + 0.45 * (b - a) for a, b in zip(start, end, strict=True))
    axes.text(
        x, y, f"{partial:.4g}", ha="center", va="center", color=BLUE, fontsize=9.5,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5}, zorder=2,
    )  # fmt: skip
