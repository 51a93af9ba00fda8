"""Pictures by matplotlib, imported when the first one is drawn."""

import importlib
from typing import Any, TypeAlias

Figure: TypeAlias = Any
Axes: TypeAlias = Any

# Those of the demonstration's pictures too, which take nothing that is not public.
BLUE = "#2a6f97"
RED = "#d1495b"
GREEN = "#3a7d44"
AMBER = "#d98e04"
INK = "#22313f"
FAINT = "#8a97a3"
GRID = "#e6eaee"


def figure_of(size: tuple[float, float], columns: int = 1) -> tuple[Figure, Any]:
    """Return an empty figure, which needs no display, and its axes.

    Raises
    ------
    ImportError
        If matplotlib is not installed, saying how to install it.
    """
    try:
        module = importlib.import_module("matplotlib.figure")
    except ModuleNotFoundError as missing:
        msg = (
            "Pictures need matplotlib, which is not installed: "
            "pip install 'adjoint[explain]'."
        )
        raise ImportError(msg) from missing
    figure = module.Figure(figsize=size, layout="constrained")
    return figure, figure.subplots(1, columns)


def tidy(axes: Axes) -> None:
    """Take away what carries no information."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(FAINT)
    axes.tick_params(colors=FAINT, labelcolor=INK, labelsize=9)
    axes.grid(visible=True, color=GRID, linewidth=0.7)
    axes.set_axisbelow(True)
