"""The picture of a report as PNG, drawn by matplotlib."""

import importlib
import io
from itertools import pairwise
from typing import Any

from adjoint._explain.drawing import LINE, PADDING, Card, Drawing, Edge
from adjoint._explain.svg import FILL, INK, MARGIN, PAPER, RIM, WIRE, labels_of

_POINTS = 0.75
"""Of a pixel: sizes of type are given in points, 72 to an inch of 96 pixels."""


def as_png(drawing: Drawing, dpi: int) -> bytes:
    """Return a drawing as the bytes of a PNG file.

    Raises
    ------
    ImportError
        Without matplotlib.
    """
    width, height = drawing.width + 2 * MARGIN, drawing.height + 2 * MARGIN
    figure = _matplotlib("figure").Figure(
        figsize=(width / 96, height / 96), facecolor=PAPER
    )
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(-MARGIN, drawing.width + MARGIN)
    axes.set_ylim(drawing.height + MARGIN, -MARGIN)
    axes.axis("off")
    for edge in drawing.edges:
        _draw_wire(axes, edge)
    for card in drawing.cards:
        _draw_card(axes, card)
    ground = {"boxstyle": "round,pad=0.2", "fc": PAPER, "ec": "none"}
    for label, x, y in labels_of(drawing.edges):
        _write(axes, x, y, label, "faint", 10, "center", ground)
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=dpi)
    return file.getvalue()


def _draw_wire(axes: Any, edge: Edge) -> None:
    patches, path = _matplotlib("patches"), _matplotlib("path").Path
    points = [edge.points[0]]
    for (x0, y0), (x1, y1) in pairwise(edge.points):
        bend = (y1 - y0) / 2
        points += [(x0, y0 + bend), (x1, y1 - bend), (x1, y1)]
    codes = [path.MOVETO] + [path.CURVE4] * (len(points) - 1)
    line = patches.PathPatch(path(points, codes), fc="none", ec=WIRE, lw=0.9)
    axes.add_patch(line)
    x, y = edge.points[-1]
    head = [(x - 3.5, y - 7), (x + 3.5, y - 7), (x, y)]
    axes.add_patch(patches.Polygon(head, closed=True, fc=WIRE, ec="none"))


def _draw_card(axes: Any, card: Card) -> None:
    box = _matplotlib("patches").FancyBboxPatch(
        (card.x, card.y),
        card.width,
        card.height,
        boxstyle="round,pad=0,rounding_size=5",
        fc=FILL.get(card.kind, PAPER),
        ec=RIM,
        lw=0.75,
    )
    axes.add_patch(box)
    for k, line in enumerate(card.lines):
        y = card.y + PADDING + LINE * k + 6.0
        for text in line:
            x = card.x + (card.width - PADDING if text.right else PADDING)
            side = "right" if text.right else "left"
            _write(axes, x, y, text.text, text.ink, 12, side)


def _write(
    axes: Any,
    x: float,
    y: float,
    text: str,
    ink: str,
    size: float,
    side: str,
    ground: Any = None,
) -> None:
    axes.text(
        x,
        y,
        text,
        color=INK[ink],
        fontsize=size * _POINTS,
        fontfamily="monospace",
        fontweight="bold" if ink in {"name", "value"} else "normal",
        ha=side,
        va="center",
        parse_math=False,  # a name may hold a dollar sign
        bbox=ground,
    )


def _matplotlib(part: str) -> Any:
    try:
        return importlib.import_module(f"matplotlib.{part}")
    except ModuleNotFoundError as missing:
        msg = (
            "A report as PNG is drawn by matplotlib, which is not installed: "
            "pip install 'adjoint[explain]'. Without it there is .svg()."
        )
        raise ImportError(msg) from missing
