"""What the pictures of the examples have in common: colours, axes, names at curves."""

from matplotlib.figure import Figure

BLUE, RED, GREEN = "#2a6f97", "#d1495b", "#3a7d44"
GRAY, GRID = "#9aa5b1", "#e6eaee"


def new_figure(width, height):
    """Return an empty white figure, sizes in inches; it needs no display."""
    return Figure(figsize=(width, height), layout="constrained", facecolor="white")


def tidy(*panels, grid=True):
    """Take away what carries no information, and draw a faint grid."""
    for axes in panels:
        axes.spines[["top", "right"]].set_visible(False)
        if grid:
            axes.grid(color=GRID, linewidth=0.7)


def name_curve(axes, name, end, color, offset=(6, 0), **style):
    """Write a name beside the end of a curve, in its colour; the offset is in points.

    It stands to the right of the end, at its height; ``style`` is that of a text.
    """
    style = {"va": "center", "color": color, **style}
    axes.annotate(name, end, offset, textcoords="offset points", **style)
