"""Draw contours of the objective, what is forbidden, and the way to the minimum."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from adjoint._demo.arrays import FloatArray
from adjoint._demo.constrained.problem import (
    START,
    constraints,
    objective,
    solution,
)
from adjoint._demo.constrained.solve import Solution
from adjoint._demo.drawing import BLUE, FAINT, GREEN, INK, RED, new_figure, save, tidy

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

RANGE_1 = (-12.5, 2.5)
RANGE_2 = (-3.0, 7.0)
POINTS = 400

# Near these points contours are labelled, where nothing else is drawn.
LANDSCAPE_LABELS = [(-10.3, 4.0), (-7.0, 4.0), (-3.6, 4.6), (-1.3, 5.0), (0.5, 5.0)]
EDGE_LABELS = (("c_1", (0.9, 6.0)), ("c_2", (-3.0, 3.5)))


def draw(solutions: Sequence[Solution], folder: Path) -> Path:
    """Return the path of the picture ``constrained.png``, saved in the folder.

    Parameters
    ----------
    solutions : sequence of Solution
        Whose paths to draw.
    folder : Path
        Existing folder.

    Raises
    ------
    ImportError
        If matplotlib is not installed.
    """
    figure = new_figure(11, 7, "Descent along exact gradients, kept by constraints")
    draw_paths(figure, solutions)
    return save(figure, folder, "constrained")


def draw_paths(figure: "Figure", solutions: Sequence[Solution]) -> None:
    """Draw landscape, constraints and the paths of the solutions in one figure."""
    axes = figure.subplots()
    x1, x2 = np.meshgrid(np.linspace(*RANGE_1, POINTS), np.linspace(*RANGE_2, POINTS))
    grid = np.array([x1, x2])
    _draw_landscape(axes, grid)
    _draw_constraints(axes, grid)
    colors = (RED, BLUE, GREEN)
    markers = ("o", "s", "^")
    for one, color, marker in zip(solutions, colors, markers, strict=False):
        axes.plot(
            *one.path.T,
            marker=marker,
            markersize=4,
            color=color,
            linewidth=1.6,
            label=f"{one.method}, {one.iterations} iterations",
        )
    axes.plot(*START, "o", markersize=9, color=INK, zorder=4)
    axes.annotate("start", START, (8, 6), textcoords="offset points", color=INK)
    axes.plot(*solution(), "*", markersize=17, color=INK, zorder=5, label="minimum")
    axes.set_xlim(RANGE_1)
    axes.set_ylim(RANGE_2)
    axes.set_xlabel("$x_1$")
    axes.set_ylabel("$x_2$")
    tidy(axes)
    axes.grid(visible=False)
    axes.legend(loc="upper left", frameon=True, framealpha=0.95, labelcolor=INK)


def _draw_landscape(axes: "Axes", grid: FloatArray) -> None:
    """Draw contours of f, a power of ten apart."""
    # The smallest value of f, 0 at (0.5, -1), has no logarithm.
    height = np.log10(np.maximum(objective(grid), 1e-12))
    contours = axes.contour(
        *grid, height, levels=np.arange(-4.0, 3.0), cmap="viridis", linewidths=1.0
    )
    axes.clabel(
        contours,
        fmt=lambda level: f"$10^{{{level:.0f}}}$",
        fontsize=9,
        manual=LANDSCAPE_LABELS,
    )


def _draw_constraints(axes: "Axes", grid: FloatArray) -> None:
    """Shade what is forbidden, and draw its edges."""
    forbidden = np.max(constraints(grid), axis=0)
    axes.contourf(*grid, forbidden, levels=[0.0, np.inf], colors=[FAINT], alpha=0.28)
    for limit, (name, place) in zip(constraints(grid), EDGE_LABELS, strict=True):
        edge = axes.contour(
            *grid, limit, levels=[0.0], colors=[INK], linewidths=1.2, linestyles="--"
        )
        axes.clabel(edge, fmt=f"${name} = 0$", fontsize=10, manual=[place])
