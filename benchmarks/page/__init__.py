"""The page of the documentation, made from a report."""

from pathlib import Path

from benchmarks.page import conditions, front, losses, pictures, sections
from benchmarks.results import Report

DOCS = Path(__file__).resolve().parents[2] / "docs"


def write(report: Report, docs: Path = DOCS) -> Path:
    """Write `benchmarks.md` and its pictures; return the page.

    Parameters
    ----------
    report : Report
        What was measured, in one run or several.
    docs : Path
        The folder of the page.  Its folder `benchmarks` is the page's own: pictures
        that are not drawn again are removed.

    Notes
    -----
    The same report gives the same bytes.
    """
    folder = docs / "benchmarks"
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.svg"):
        old.unlink()
    summary = pictures.draw_summary(report.tables, folder)
    parts = [
        front.opening(report, summary),
        losses.section(report),
        conditions.section(report),
    ]
    headed = set()
    for table in report.tables:
        if table.suite not in headed:
            headed.add(table.suite)
            parts.append(sections.heading(table))
        limits = report.limits.get(table.threads)
        drawn = pictures.draw_table(table, limits, folder)
        parts.append(sections.section(table, limits, drawn))
    page = docs / "benchmarks.md"
    page.write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    return page
