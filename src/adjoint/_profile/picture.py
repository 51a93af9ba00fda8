"""The timeline of memory as a picture."""

import io
from collections.abc import Sequence

import numpy as np

from adjoint._comparison.pictures import (
    BLUE,
    INK,
    RED,
    Figure,
    figure_of,
    tidy,
)
from adjoint._core.units import bytes_text

_POINTS = 2000
"""More are drawn as the largest of neighbours: nobody sees them apart."""


def draw(
    timeline: Sequence[int], backward: Sequence[bool], peak: int, peak_line: str
) -> Figure:
    """Return a figure of the bytes held after each step."""
    figure, axes = figure_of((7.2, 3.4))
    steps, held, swept = _thinned(np.asarray(timeline), np.asarray(backward))
    scale, unit = _unit(peak)
    for color, wanted, label in (
        (BLUE, ~swept, "forward"),
        (RED, swept, "backward"),
    ):
        if wanted.any():
            axes.fill_between(
                steps,
                held / scale,
                where=wanted | np.roll(wanted, 1),
                step="post",
                color=color,
                alpha=0.75,
                linewidth=0,
                label=label,
            )
    if held.size:
        at = steps[int(np.argmax(held))]
        axes.plot([at], [peak / scale], "o", color=INK, markersize=4)
        late = at > 0.6 * steps[-1]
        axes.annotate(
            f"{bytes_text(peak)} at {peak_line}",
            (at, peak / scale),
            textcoords="offset points",
            xytext=(-8 if late else 8, 6),
            ha="right" if late else "left",
            color=INK,
            fontsize=9,
        )
    axes.set_ylim(0, max(1.18 * peak / scale, 1e-9))
    axes.margins(x=0.01)
    axes.set_xlabel("step: operations forward, then entries of the tape backward")
    axes.set_ylabel(f"held by tape and sweep ({unit})")
    axes.legend(frameon=False, loc="upper left", fontsize=9, labelcolor=INK)
    tidy(axes)
    axes.grid(visible=False, axis="x")
    return figure


def as_svg(
    timeline: Sequence[int], backward: Sequence[bool], peak: int, peak_line: str
) -> str:
    """Return the picture as an ``svg`` element."""
    text = io.StringIO()
    draw(timeline, backward, peak, peak_line).savefig(text, format="svg")
    return text.getvalue().partition("<svg")[2].join(("<svg", ""))


def _unit(peak: int) -> tuple[float, str]:
    for scale, unit in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if peak >= scale:
            return scale, unit
    return 1.0, "bytes"


def _thinned(
    held: np.ndarray, backward: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return steps, bytes and phases, few enough to draw; peaks stay."""
    steps = np.arange(held.size)
    if held.size <= _POINTS:
        return steps, held, backward.astype(bool)
    starts = np.linspace(0, held.size, _POINTS, endpoint=False).astype(int)
    return starts, np.maximum.reduceat(held, starts), backward.astype(bool)[starts]
