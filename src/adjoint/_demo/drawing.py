"""What the pictures of the demonstration have in common: colours, axes, files."""

from pathlib import Path
from typing import TYPE_CHECKING

from adjoint._demo import optional

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BLUE = "#2a6f97"
RED = "#d1495b"
GREEN = "#3a7d44"
AMBER = "#d98e04"
VIOLET = "#6d597a"
INK = "#22313f"
FAINT = "#8a97a3"
GRID = "#e6eaee"

PURPOSE = "The picture of the demonstration"


def new_figure(width: float, height: float, title: str) -> "Figure":
    """Return an empty figure with a title; without pyplot it needs no display.

    Parameters
    ----------
    width, height : float
        Size in inches.
    title : str
        Heading of the whole picture.

    Raises
    ------
    ImportError
        If matplotlib is not installed.
    """
    margins = optional.load(
        "matplotlib.layout_engine", PURPOSE
    ).ConstrainedLayoutEngine(w_pad=0.15, h_pad=0.1)
    figure: Figure = optional.load("matplotlib.figure", PURPOSE).Figure(
        figsize=(width, height), layout=margins, facecolor="white"
    )
    figure.suptitle(title, fontsize=1.0 * width, fontweight="bold", color=INK)
    return figure


def save(figure: "Figure", folder: Path, name: str) -> Path:
    """Return the path of the figure, saved as a PNG of that name in the folder."""
    path = folder / f"{name}.png"
    figure.savefig(path, dpi=120)
    return path


def tidy(axes: "Axes") -> None:
    """Take away what carries no information; labels of the axes are dark."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(FAINT)
    axes.tick_params(colors=FAINT, labelcolor=INK, labelsize=9)
    for axis in (axes.xaxis, axes.yaxis):
        axis.label.set_color(INK)
    axes.grid(visible=True, color=GRID, linewidth=0.7)
    axes.set_axisbelow(True)
