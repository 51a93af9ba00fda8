"""How many answers were right, refused and wrong: a bar for each contender."""

from collections import Counter
from collections.abc import Sequence

from matplotlib.figure import Figure

from benchmarks.page import text
from benchmarks.page.pictures.style import INK, new_figure, tidy
from benchmarks.results import Row

NARROW = 0.02
"""Part of all below which a bar has no room for its number, which then stands after it:
it is mostly the last one."""

PARTS = {
    "right": ("right", "#1fa187", ""),
    "failed": ("raises", "#c2a01e", "////"),
    "wrong": ("wrong, in silence", "#e4572e", "xxxx"),
    "": ("no answer", INK, "...."),
}
"""Each status with its title, colour and hatching; the last stands for all others."""


def draw(rows: Sequence[Row], names: Sequence[str]) -> Figure | None:
    """Return bars of counts; None without rows."""
    if not rows:
        return None
    counts = {name: Counter(_part(row, name) for row in rows) for name in names}
    figure = new_figure(0.42 * len(names) + 0.85)
    axes = figure.add_subplot()
    tidy(axes)
    axes.grid(visible=False)
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    for status, (title, color, hatch) in PARTS.items():
        widths = [counts[name][status] for name in names]
        if not any(widths):
            continue
        before = list(PARTS)[: list(PARTS).index(status)]
        starts = [sum(counts[name][one] for one in before) for name in names]
        bars = axes.barh(
            list(map(text.label, names)),
            widths,
            left=starts,
            height=0.62,
            facecolor=(color, 0.35),
            edgecolor=color,
            hatch=hatch,
            label=title,
        )
        wide = [width >= NARROW * len(rows) for width in widths]
        for label_type, shown in (
            ("center", wide),
            ("edge", [not one for one in wide]),
        ):
            written = [
                f" {width} " if width and is_shown else ""
                for width, is_shown in zip(widths, shown, strict=True)
            ]
            axes.bar_label(bars, written, label_type=label_type, fontweight="bold")
    axes.invert_yaxis()
    axes.set_xlabel(f"of {len(rows)}")
    figure.legend(loc="outside upper center", ncols=len(PARTS), frameon=False)
    return figure


def _part(row: Row, name: str) -> str:
    status = row.cells[name].status if name in row.cells else ""
    return status if status in PARTS else ""
