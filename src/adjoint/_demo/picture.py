"""Draw data, fits and residuals of all data sets in one picture."""

import importlib
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np

from adjoint._demo.fit import Fit
from adjoint._demo.models import MODELS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

FILE_NAME = "adjoint-demo.png"

COLUMNS = 4
DATA_COLOR = "#2a6f97"
FIT_COLOR = "#d1495b"
INK = "#22313f"
FAINT = "#8a97a3"

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
        Existing folder for ``adjoint-demo.png``.

    Raises
    ------
    ImportError
        If matplotlib is not installed.
    """
    figure = _new_figure(fits)
    rows = -(-len(fits) // COLUMNS)
    panels = figure.subfigures(rows, COLUMNS, squeeze=False, wspace=0.04, hspace=0.05)
    for panel, fit in zip(panels.flat, fits, strict=False):
        _draw_panel(panel, fit)
    path = folder / FILE_NAME
    figure.savefig(path, dpi=120)
    return path


def import_matplotlib(module: str) -> ModuleType:
    """Return a module of matplotlib, imported when the first picture is drawn.

    Raises
    ------
    ImportError
        If it is not installed, saying how to install it.
    """
    try:
        return importlib.import_module(f"matplotlib.{module}")
    except ModuleNotFoundError as missing:
        msg = (
            "The picture of the demonstration needs matplotlib, which is not "
            'installed: pip install "adjoint[demo]".'
        )
        raise ImportError(msg) from missing


def _new_figure(fits: Sequence[Fit]) -> "Figure":
    """Return an empty figure with a title; without pyplot it needs no display."""
    rows = -(-len(fits) // COLUMNS)
    margins = import_matplotlib("layout_engine").ConstrainedLayoutEngine(
        w_pad=0.15, h_pad=0.1
    )
    figure: Figure = import_matplotlib("figure").Figure(
        figsize=(17, 4.7 * rows + 1.0), layout=margins, facecolor="white"
    )
    figure.suptitle(
        "Certified data of NIST, fitted with exact Jacobians of plain NumPy models\n",
        fontsize=17,
        fontweight="bold",
        color=INK,
    )
    return figure


def _draw_panel(panel: "SubFigure", fit: Fit) -> None:
    """Draw data and fit, and below them the residuals, in one panel."""
    upper, lower = panel.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    data_set = fit.data_set
    x_name, y_name = UNITS.get(data_set.name, (data_set.x_name, data_set.y_name))
    _draw_fit(upper, fit)
    upper.set_ylabel(y_name, color=INK)
    _draw_residuals(lower, fit)
    lower.set_xlabel(x_name, color=INK)
    lower.set_ylabel("residual / s", color=INK)
    for axes in (upper, lower):
        _tidy(axes)
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
        markeredgecolor=DATA_COLOR,
        label=f"{data_set.x.size} observations",
    )
    y = MODELS[data_set.name](fit.parameters, x)
    axes.plot(x, y, color=FIT_COLOR, linewidth=1.8, label="least-squares fit")
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
    axes.axhline(0.0, color=FIT_COLOR, linewidth=1.2)
    axes.vlines(data_set.x, 0.0, residuals / s, color=DATA_COLOR, linewidth=0.8)
    axes.plot(data_set.x, residuals / s, "o", markersize=2.5, color=DATA_COLOR)
    limit = max(3.0, 1.1 * float(np.max(np.abs(residuals / s))))
    axes.set_ylim(-limit, limit)
    axes.set_yticks([-2, 0, 2])


def _tidy(axes: "Axes") -> None:
    """Take away what carries no information."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(FAINT)
    axes.tick_params(colors=FAINT, labelcolor=INK, labelsize=9)
    axes.grid(visible=True, color="#e6eaee", linewidth=0.7)
    axes.set_axisbelow(True)
