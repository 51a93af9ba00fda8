"""How pictures look: what reads on a light page and on a dark one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from benchmarks.contenders import BY_HAND, OURS
from benchmarks.page import text

WIDTH = 9.3
"""Inches: the column of the page, at 96 pixels each."""

INK = "#808488"
"""Text and lines: as far from white as from black."""

LOOKS = {
    OURS: ("#e4572e", "o"),
    "adjoint compiled": ("#f2a03d", "D"),
    BY_HAND: (INK, "x"),
    "autograd": ("#3d8fd1", "s"),
    "torch": ("#b565c9", "^"),
    "jax": ("#1fa187", "v"),
    "jax eager": ("#7cb342", "<"),
    "casadi": ("#c2a01e", "P"),
}
"""Colour and marker of each contender: neither alone tells them apart."""

OTHERS = ("#9c6b4f", "h")
"""The look of a contender that has none of its own."""

SETTINGS = {
    "svg.hashsalt": "adjoint",  # else the identifiers in the file are random
    "svg.fonttype": "none",
    "font.size": 10.0,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
}
"""Matplotlib's, while a figure is made and written."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A file beside the page, and what it shows in words."""

    path: Path
    alt: str

    @property
    def markdown(self) -> str:
        """Return its place in the page; the theme shall put no background behind it.

        It stands in a box of its own, which a small screen scrolls.
        """
        where = f"{self.path.parent.name}/{self.path.name}"
        image = f"```{{image}} {where}\n:alt: {self.alt}\n:class: dark-light\n```"
        return f"````{{container}} picture\n{image}\n````"


def new_figure(height: float) -> Figure:
    """Return an empty figure of the page's width."""
    layout = ConstrainedLayoutEngine(w_pad=0.03, h_pad=0.06)
    return Figure(figsize=(WIDTH, height), layout=layout)


def keep(figure: Figure, path: Path, alt: str) -> Picture:
    """Write a figure as SVG on nothing, and return it as a picture."""
    undated = {"Date": None, "Creator": None}
    figure.savefig(path, format="svg", transparent=True, metadata=undated)
    return Picture(path, alt)


def look(name: str) -> tuple[str, str]:
    """Return a contender's colour and marker."""
    return LOOKS.get(name, OTHERS)


def ordered(names: Iterable[str]) -> list[str]:
    """Return names without repetition, those with a look first and in its order."""
    known = list(LOOKS)
    distinct = dict.fromkeys(names)
    return sorted(
        distinct, key=lambda name: known.index(name) if name in known else len(known)
    )


def legend(figure: Figure, names: Iterable[str], more: Iterable[Artist] = ()) -> None:
    """Put markers and names above everything."""
    handles: list[Artist] = []
    for name in names:
        color, marker = look(name)
        handles.append(
            Line2D([], [], color=color, marker=marker, ls="", label=text.label(name))
        )
    figure.legend(
        handles=[*handles, *more],
        loc="outside upper center",
        ncols=7,
        frameon=False,
        handletextpad=0.2,
        columnspacing=1.4,
    )


def limit_mark(x: Sequence[float], y: Sequence[float], **form: Any) -> Line2D:
    """Return the mark of the physical limit at some points, named for the legend."""
    return Line2D(x, y, color=INK, label="physical limit", **form)


PLAIN_TICKS = FuncFormatter(lambda value, _place: f"{value:,g}")


def place_ticks(axis: Axis) -> None:
    """Place labels on a logarithmic axis, its range set: neither few nor many."""
    low, high = axis.get_view_interval()
    near = (1.0, 2.0, 5.0) if high / low < 60.0 else (1.0, 3.0)
    axis.set_major_locator(LogLocator(subs=near if high / low < 3e3 else (1.0,)))
    axis.set_minor_locator(NullLocator())


def tidy(axes: Axes) -> None:
    """Take away what carries no information."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_linewidth(0.6)
    axes.grid(visible=True, color=INK, alpha=0.25, linewidth=0.5)
    axes.set_axisbelow(True)
    axes.tick_params(which="both", width=0.6)
    axes.patch.set_alpha(0.0)
