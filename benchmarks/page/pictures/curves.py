"""Small multiples: time (or memory) against size, a line for each contender."""

from collections.abc import Sequence
from functools import partial

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter, NullLocator

from benchmarks.page import text
from benchmarks.page.judgement import physical_limit
from benchmarks.page.pictures.style import (
    PLAIN_TICKS,
    legend,
    limit_mark,
    look,
    new_figure,
    ordered,
    place_ticks,
    tidy,
)
from benchmarks.results import Limits, Row

COLUMNS = 2

_dashed = partial(limit_mark, ls=(0, (4, 3)), lw=1.3)


def grown(rows: Sequence[Row]) -> list[Row]:
    """Return the rows of groups that have at least two sizes."""
    return [
        row
        for row in rows
        if row.group and len({r.x for r in rows if r.group == row.group}) > 1
    ]


def draw(rows: Sequence[Row], size: str, limits: Limits | None) -> Figure | None:
    """Return a panel for each group; None if there is nothing to draw.

    Parameters
    ----------
    rows : sequence of Row
        Points of the curves: all times, or all memory.
    size : str
        What `Row.x` counts.
    limits : Limits or None
        For the dashed line of the physical limit.
    """
    measured = [row for row in rows if _names(row)]
    if not measured:
        return None
    groups = list(dict.fromkeys(row.group for row in measured))
    names = ordered(name for row in measured for name in _names(row))
    lines = -(-len(groups) // COLUMNS)
    figure = new_figure(2.4 * lines + 0.5)
    panels = figure.subplots(lines, COLUMNS, squeeze=False).flat
    for axes in panels[len(groups) :]:
        axes.remove()
    for axes, group in zip(panels, groups, strict=False):
        members = sorted(
            (row for row in measured if row.group == group), key=lambda row: row.x
        )
        axes.set_title(group, loc="left", fontsize="medium", fontweight="bold")
        axes.set_xlabel(size)
        _draw_panel(axes, members, names)
        _draw_limit(axes, members, limits)
        _label(axes, members[0].measure, [row.x for row in members])
    physical = any(physical_limit(row, limits) for row in measured)
    legend(figure, names, [_dashed([], [])] if physical else [])
    return figure


def _names(row: Row) -> list[str]:
    return [name for name, cell in row.cells.items() if cell.spread is not None]


def _draw_panel(axes: Axes, rows: Sequence[Row], names: Sequence[str]) -> None:
    """Draw a curve for each contender, with its spread as bars."""
    tidy(axes)
    axes.set(xscale="log", yscale="log")
    unit = text.MIB if rows[0].measure == "memory" else 1.0
    for name in names:
        found = [(row.x, row.cells[name].spread) for row in rows if name in _names(row)]
        color, marker = look(name)
        x = [one for one, _ in found]
        y = [spread.median / unit for _, spread in found]
        axes.plot(x, y, marker=marker, color=color, ms=5.0, lw=1.3)
        low = [spread.low / unit for _, spread in found]
        high = [spread.high / unit for _, spread in found]
        axes.vlines(x, low, high, color=color, lw=1.3)


def _draw_limit(axes: Axes, rows: Sequence[Row], limits: Limits | None) -> None:
    points = [(row.x, physical_limit(row, limits)) for row in rows]
    known = [(x, y) for x, y in points if y is not None]
    if known:
        axes.add_line(_dashed(*zip(*known, strict=True)))
        axes.autoscale_view()


def _label(axes: Axes, measure: str, sizes: Sequence[float]) -> None:
    """Label the axes, everything drawn: every size that was measured."""
    memory = measure == "memory"
    axes.set_xticks(sizes)
    axes.xaxis.set_minor_locator(NullLocator())
    place_ticks(axes.yaxis)
    axes.set_ylabel("MiB" if memory else "")
    axes.xaxis.set_major_formatter(EngFormatter())
    axes.yaxis.set_major_formatter(PLAIN_TICKS if memory else EngFormatter("s"))
