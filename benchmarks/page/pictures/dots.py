"""A line for each case, a marker for each contender on it, on a logarithmic axis."""

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Literal

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.page.pictures.style import (
    INK,
    PLAIN_TICKS,
    legend,
    limit_mark,
    look,
    new_figure,
    ordered,
    place_ticks,
    tidy,
)
from benchmarks.timing import Spread

_bar = partial(limit_mark, marker="|", ls="", mew=2.2, ms=11)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the picture.

    Parameters
    ----------
    label : str
        At its left.
    points : mapping of str to Spread
        Where each contender's marker stands.
    clouds : mapping of str to sequence of float
        Faint marks behind a marker: the values it stands for.
    limit : float or None
        The physical limit on the same axis.
    note : str
        Why there are no points.
    """

    label: str
    points: Mapping[str, Spread]
    clouds: Mapping[str, Sequence[float]] = field(default_factory=dict)
    limit: float | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Scale:
    """The axis.

    Parameters
    ----------
    title : str
        Below it.
    references : sequence of (float, {"left", "right"}, str)
        Vertical lines, and what is written above, on which side of it.
    shown : tuple of float
        What the axis covers at least.
    shaded : bool
        Whether the side to the left of the references is.
    floor : float
        Smaller values stand at the edge.
    """

    title: str
    references: Sequence[tuple[float, Literal["left", "right"], str]]
    shown: tuple[float, float]
    shaded: bool = False
    floor: float = 0.0


RATIOS = Scale(
    "time over Adjoint's time",
    [(1.0, "left", "◂ peer faster"), (1.0, "right", "Adjoint faster ▸")],
    shown=(0.5, 2.0),
    shaded=True,
    floor=1e-3,
)
PEAKS = replace(
    RATIOS,
    title="peak memory over Adjoint's peak memory",
    references=[(1.0, "left", "◂ peer needs less"), (1.0, "right", "Adjoint less ▸")],
)
MEANS = replace(
    RATIOS, title="geometric mean of the time (or memory) over Adjoint's; faint: cases"
)
COSTS = Scale(
    "extra cost of the gradient, in times of the function",
    [
        (1.0, "left", "once the function"),
        (2.0, "right", "the classic claim:\na gradient for twice the function"),
    ],
    shown=(0.5, 20.0),
    floor=0.1,
)


def draw(lines: Sequence[Line], scale: Scale) -> Figure | None:
    """Return the picture; None if no line has a point."""
    if not any(line.points for line in lines):
        return None
    names = ordered(name for line in lines for name in line.points)
    labels = [_wrapped(line.label) for line in lines]
    clouds = any(line.clouds for line in lines)
    tallest = max(label.count("\n") + 1 for label in labels)
    pitch = max(0.3, 0.18 * tallest, (0.11 if clouds else 0.065) * len(names))
    figure = new_figure(pitch * len(lines) + 1.2)
    axes = figure.add_subplot()
    _prepare(axes, lines, labels, scale)
    for place, line in enumerate(lines):
        _draw_line(axes, place, line, names, scale)
    more = [_bar([], [])] if any(line.limit for line in lines) else []
    legend(figure, names, more)
    return figure


def _wrapped(label: str) -> str:
    """Return a long label in lines of about the same length, no size torn apart."""
    label = label.replace(" = ", "\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}")
    pieces = -(-len(label) // 40)
    return textwrap.fill(label, len(label) // pieces + 6) if label else ""


def _prepare(
    axes: Axes, lines: Sequence[Line], labels: Sequence[str], scale: Scale
) -> None:
    """Set the axes up: range, ticks, references."""
    tidy(axes)
    axes.set_xscale("log")
    low, high = _range(lines, scale)
    axes.set_xlim(low, high)
    axes.set_ylim(len(lines) - 0.5, -0.5)
    axes.set_yticks(range(len(lines)), labels)
    axes.tick_params(axis="y", length=0)
    axes.grid(visible=False, axis="y")
    for boundary in range(1, len(lines)):
        axes.axhline(boundary - 0.5, color=INK, alpha=0.25, linewidth=0.5, zorder=0)
    clipped = min(_values(lines, scale)) < scale.floor
    axes.set_xlabel(scale.title + " (what is less, at the edge)" * clipped)
    place_ticks(axes.xaxis)
    axes.xaxis.set_major_formatter(PLAIN_TICKS)
    for value, side, title in scale.references:
        axes.axvline(value, color=INK, linewidth=1.1, zorder=1.5)
        axes.annotate(
            title,
            (value, 1.0),
            (-4 if side == "left" else 4, 4),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            ha="right" if side == "left" else "left",
        )
    if scale.shaded:
        axes.axvspan(
            low, scale.references[0][0], color=INK, alpha=0.13, linewidth=0, zorder=0
        )


def _range(lines: Sequence[Line], scale: Scale) -> tuple[float, float]:
    """Return an interval that holds everything."""
    values = _values(lines, scale)
    return max(min(values), scale.floor) / 1.25, max(values) * 1.25


def _values(lines: Sequence[Line], scale: Scale) -> list[float]:
    """Return all that is to be drawn."""
    values = list(scale.shown)
    for line in lines:
        for point in line.points.values():
            values += [point.low, point.high]
        values += [value for cloud in line.clouds.values() for value in cloud]
        values += [line.limit] if line.limit else []
    return values


def _draw_line(
    axes: Axes, place: int, line: Line, names: Sequence[str], scale: Scale
) -> None:
    """Draw one line's points, a little below each other in the order of the names."""
    if line.limit:
        axes.add_line(_bar([max(line.limit, scale.floor)], [place]))
    for number, name in enumerate(names):
        if name not in line.points:
            continue
        height = place + 0.7 * ((number + 0.5) / len(names) - 0.5)
        color, marker = look(name)
        point = line.points[name]
        low, middle, high = (
            max(value, scale.floor) for value in (point.low, point.median, point.high)
        )
        cloud = line.clouds.get(name, ())
        axes.plot(
            cloud, [height] * len(cloud), marker, color=color, ms=3.5, alpha=0.4, mew=0
        )
        axes.plot([low, high], [height, height], color=color, lw=1.4)
        axes.plot(middle, height, marker, color=color, ms=7.0 if cloud else 5.5)
    if line.note:
        axes.annotate(
            line.note, (0.5, place), xycoords=("axes fraction", "data"), va="center"
        )
