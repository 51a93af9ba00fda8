"""The page of the documentation, made from a report."""

from pathlib import Path

from benchmarks.results import Report


def write(report: Report) -> Path:
    """Write the page."""
    return Path("docs/benchmarks.md")
