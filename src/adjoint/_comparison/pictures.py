"""Pictures by matplotlib, imported when the first one is drawn."""

import importlib
from typing import Any, TypeAlias

Figure: TypeAlias = Any
Axes: TypeAlias = Any


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


def tidy(axes: Axes, *, legend: bool = True) -> None:
    """Take away what carries no information."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(visible=True, color="#e6eaee", linewidth=0.7)
    axes.set_axisbelow(True)
    if legend:
        axes.legend(frameon=False)
