"""Draw data, fits and residuals of all data sets in one picture."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from adjoint._demo.drawing import BLUE, INK, RED, new_figure, save, tidy
from adjoint._demo.nist.fit import Fit
from adjoint._demo.nist.models import MODELS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import SubFigure

COLUMNS = 4

# Where the header of a file names a quantity alone, its description gives the unit.
UNITS = {
    "DanWood": ("temperature / 1000 K", "energy per cm² and second"),
    "Hahn1": ("temperature / K", "thermal expansion coefficient"),
}


def draw(fits: Sequence[Fit], folder: Path) -> Path:
    """Return the path of a picture of the fits, one panel each.

    Parameters
    ----------
    fits : sequence of Fit
        What to draw.
    folder : Path
        Existing folder for ``nist.png``.

    Raises
    ------
    ImportError
        If matplotlib is not installed.
    """
    rows = -(-len(fits) // COLUMNS)
    figure = new_figure(
        17,
        4.7 * rows + 1.0,
        "Certified data of NIST, fitted with exact Jacobians of plain NumPy models\n",
    )
    panels = figure.subfigures(rows, COLUMNS, squeeze=False, wspace=0.04, hspace=0.05)
    for panel, fit in zip(panels.flat, fits, strict=False):
        _draw_panel(panel, fit)
    return save(figure, folder, "nist")


def _draw_panel(panel: "SubFigure", fit: Fit) -> None:
    """Draw data and fit, and below them the residuals, in one panel."""
    upper, lower = panel.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    data_set = fit.data_set
    x_name, y_name = UNITS.get(data_set.name, (data_set.x_name, data_set.y_name))
    _draw_fit(upper, fit)
    upper.set_ylabel(y_name)
    _draw_residuals(lower, fit)
    lower.set_xlabel(x_name)
    lower.set_ylabel("residual / s")
    for axes in (upper, lower):
        tidy(axes)
    panel.align_ylabels()


def _draw_fit(axes: "Axes", fit: Fit) -> None:
    """Draw the data as circles and the fitted model as a line."""
    data_set = fit.data_set
    x = np.linspace(data_set.x.min(), data_set.x.max(), 600)
    axes.plot(
        data_set.x,
        data_set.y,
        "o",
        markersize=4.5,
        markerfacecolor="none",
        markeredgecolor=BLUE,
        label=f"{data_set.x.size} observations",
    )
    y = MODELS[data_set.name](fit.parameters, x)
    axes.plot(x, y, color=RED, linewidth=1.8, label="least-squares fit")
    axes.set_title(data_set.name, loc="left", fontsize=13, fontweight="bold", color=INK)
    axes.set_title(
        f"{fit.parameters.size} parameters, {fit.digits:.1f} digits",
        loc="right",
        fontsize=10.5,
        color=INK,
    )
    axes.legend(frameon=False, fontsize=9, labelcolor=INK)


def _draw_residuals(axes: "Axes", fit: Fit) -> None:
    """Draw the residuals in units of their standard deviation s."""
    data_set = fit.data_set
    s = np.sqrt(fit.residual_sum_of_squares / data_set.degrees_of_freedom)
    residuals = data_set.y - MODELS[data_set.name](fit.parameters, data_set.x)
    axes.axhline(0.0, color=RED, linewidth=1.2)
    axes.vlines(data_set.x, 0.0, residuals / s, color=BLUE, linewidth=0.8)
    axes.plot(data_set.x, residuals / s, "o", markersize=2.5, color=BLUE)
    limit = max(3.0, 1.1 * float(np.max(np.abs(residuals / s))))
    axes.set_ylim(-limit, limit)
    axes.set_yticks([-2, 0, 2])
