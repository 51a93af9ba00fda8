"""Where we lose: every case in which a peer is ahead, or alone has an answer."""

from benchmarks.contenders import OURS
from benchmarks.page import text
from benchmarks.page.judgement import (
    Dearer,
    Loss,
    behind,
    dearer,
    inverse,
    kind,
    losses,
    unanswered,
)
from benchmarks.results import Report, Row

FOUND = (
    "Every case in which a peer is faster than Adjoint (or needs less memory) by more "
    "than the spread, the worst first: by what factor it is ahead."
)
PERHAPS = (
    "Behind in the median, but not beyond the spread, so another run may say otherwise:"
)
DEARER = (
    "The extra cost of a gradient (its time over the function's own, minus one) is "
    "less for a peer, by more than the spread:"
)
NONE = "In no case of this run is a peer ahead of Adjoint by more than the spread."
GAPS = "Adjoint has no answer where a peer has one:"


def section(report: Report) -> str:
    """Return the section, which leaves nothing out."""
    found = losses(report.tables)
    parts = ["## Where we lose", FOUND if found else NONE]
    head = ["case", "suite", "threads", "Adjoint", "ahead, by a factor"]
    if found:
        parts.append(text.table(head, [_line(loss) for loss in found], words=5))
    near = behind(report.tables)
    if near:
        parts += [PERHAPS, text.table(head, [_line(loss) for loss in near], words=5)]
    costly = dearer(report.tables)
    if costly:
        head = ["function", "suite", "threads", "Adjoint", "less"]
        parts += [DEARER, text.table(head, [_cost(one) for one in costly], words=5)]
    gaps = [
        [
            _name(row),
            table.suite,
            table.threads,
            row.cells[OURS].status,
            ", ".join(map(text.label, able)),
        ]
        for table, row, able in unanswered(report.tables)
    ]
    if gaps:
        head = ["case", "suite", "threads", "Adjoint", "answered by"]
        parts += [GAPS, text.table(head, gaps, words=5)]
    return "\n\n".join(parts)


def _line(loss: Loss) -> list[str]:
    ours = loss.row.cells[OURS].spread
    ahead = [
        f"**▼ {text.label(name)}** {text.spread(inverse(found))}"
        for name, found in loss.ratios.items()
    ]
    return [
        _name(loss.row),
        loss.table.suite,
        loss.table.threads,
        text.amount(ours.median, loss.row.measure) if ours else "",
        ", ".join(ahead),
    ]


def _cost(one: Dearer) -> list[str]:
    less = [
        f"**▼ {text.label(name)}** {text.spread(cost)}"
        for name, cost in one.theirs.items()
    ]
    return [
        text.plain(one.group),
        one.table.suite,
        one.table.threads,
        text.spread(one.ours),
        ", ".join(less),
    ]


def _name(row: Row) -> str:
    """Return a row's name, and what its numbers are where that is not a time."""
    name, one = text.plain(row.name), kind(row)
    return name if one in {"derivative", "verdict"} else f"{name} ({one})"
