"""The picture of a report as SVG: text that scales, in any viewer."""

from collections.abc import Sequence
from html import escape
from itertools import pairwise

from adjoint._explain.drawing import LINE, PADDING, Card, Drawing, Edge

INK = {
    "name": "#1b1f24",
    "value": "#1b1f24",
    "faint": "#57606a",
    "tangent": "#0b5cad",
    "adjoint": "#a8470b",
}
FILL = {"input": "#eef3f8", "output": "#fdf3ea", "group": "#f3f4f6"}
PAPER, RIM, WIRE = "#ffffff", "#8c959f", "#6e7781"
MARGIN = 16.0

_STYLE = (
    "text{font:12px ui-monospace,'DejaVu Sans Mono',Consolas,monospace}"
    ".value{font-weight:bold}.name{font-weight:600}"
)
_ARROW = (
    '<defs><marker id="adjoint-arrow" viewBox="0 0 8 8" refX="7" refY="4" '
    'markerWidth="7" markerHeight="7" markerUnits="userSpaceOnUse" orient="auto">'
    f'<path d="M0 0L8 4L0 8z" fill="{WIRE}"/></marker></defs>'
)


def as_svg(drawing: Drawing) -> str:
    """Return a drawing as the text of an SVG file."""
    width = drawing.width + 2 * MARGIN
    height = drawing.height + 2 * MARGIN
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" '
        f'height="{height:.0f}" viewBox="0 0 {width:.1f} {height:.1f}" role="img">'
    )
    parts = [
        head,
        f"<title>{escape(drawing.title)}</title><style>{_STYLE}</style>",
        _ARROW,
        f'<rect width="100%" height="100%" fill="{PAPER}"/>',
        f'<g transform="translate({MARGIN:g} {MARGIN:g})">',
    ]
    parts += map(_wire, drawing.edges)
    parts += map(_card, drawing.cards)
    parts += [_label(text, x, y) for text, x, y in labels_of(drawing.edges)]
    return "\n".join([*parts, "</g></svg>", ""])


def _wire(edge: Edge) -> str:
    """Return a smooth line: it enters and leaves each point straight down."""
    path = "M{:.1f} {:.1f}".format(*edge.points[0])
    for (x0, y0), (x1, y1) in pairwise(edge.points):
        bend = (y1 - y0) / 2
        path += f"C{x0:.1f} {y0 + bend:.1f} {x1:.1f} {y1 - bend:.1f} {x1:.1f} {y1:.1f}"
    return (
        f'<path d="{path}" fill="none" stroke="{WIRE}" stroke-width="1.2" '
        'marker-end="url(#adjoint-arrow)"/>'
    )


def _card(card: Card) -> str:
    fill = FILL.get(card.kind, PAPER)
    box = (
        f'<rect x="{card.x:.1f}" y="{card.y:.1f}" width="{card.width:.1f}" '
        f'height="{card.height:.1f}" rx="5" fill="{fill}" stroke="{RIM}"/>'
    )
    parts = [box]
    for k, line in enumerate(card.lines):
        y = card.y + PADDING + LINE * k + 10.0
        for text in line:
            x = card.x + (card.width - PADDING if text.right else PADDING)
            anchor = ' text-anchor="end"' if text.right else ""
            parts.append(
                f'<text x="{x:.1f}" y="{y:.1f}" class="{text.ink}"{anchor} '
                f'fill="{INK[text.ink]}">{escape(text.text)}</text>'
            )
    return "".join(parts)


def _label(text: str, x: float, y: float) -> str:
    """Return the partial of an edge, on a light ground near the consumer."""
    half = _half(text)
    return (
        f'<rect x="{x - half:.1f}" y="{y - 7.5:.1f}" width="{2 * half:.1f}" '
        f'height="15" rx="7" fill="{PAPER}" fill-opacity="0.92"/>'
        f'<text x="{x:.1f}" y="{y + 3.5:.1f}" text-anchor="middle" '
        f'fill="{INK["faint"]}" style="font-size:10px">{escape(text)}</text>'
    )


def labels_of(edges: Sequence[Edge]) -> list[tuple[str, float, float]]:
    """Return the labels of edges, each with its middle, none upon another.

    It is two thirds down the last piece of its edge, or where else on it there is
    room; where there is none, the label is left out.
    """
    found: list[tuple[str, float, float]] = []
    for edge in edges:
        if not edge.label:
            continue
        places = (_along(edge, t) for t in _PLACES)
        free = (one for one in places if not _meets(edge.label, *one, found))
        if place := next(free, None):
            found.append((edge.label, *place))
    return found


_PLACES = 0.62, 0.76, 0.48, 0.86, 0.36, 0.24
"""Parts of the way down the last piece of an edge, the best first."""
_LABEL_HEIGHT = 15.0


def _along(edge: Edge, t: float) -> tuple[float, float]:
    (x0, y0), (x1, y1) = edge.points[-2:]
    return x0 + (x1 - x0) * (3 * t * t - 2 * t**3), y0 + (y1 - y0) * t


def _half(text: str) -> float:
    """Return half the width of a label."""
    return len(text) * 3.05 + 4.0


def _meets(
    text: str, x: float, y: float, others: Sequence[tuple[str, float, float]]
) -> bool:
    return any(
        abs(x - left) < _half(text) + _half(other) and abs(y - top) < _LABEL_HEIGHT
        for other, left, top in others
    )
