"""What a measurement says: figures with their requirement, times, faults."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from benchmarks.timing import Spread


@dataclass(frozen=True, slots=True)
class Figure:
    """One required number and what was measured.

    Parameters
    ----------
    name : str
        What is measured.
    sense : {"at least", "at most"}
        On which side of `bound` the measurement must lie.
    bound : float
        The requirement.
    unit : str
        Of bound and measurement.
    measured : Spread or None
        None where a contender is absent or failed.
    note : str
        Why there is no measurement, or what stands beside it.
    """

    name: str
    sense: Literal["at least", "at most"]
    bound: float
    unit: str
    measured: Spread | None
    note: str = ""

    @property
    def verdict(self) -> str:
        """Return `pass`, `MISSED` or `not measured`."""
        if self.measured is None:
            return "not measured"
        reached = (
            self.measured.median >= self.bound
            if self.sense == "at least"
            else self.measured.median <= self.bound
        )
        return "pass" if reached else "MISSED"


@dataclass(frozen=True, slots=True)
class Timing:
    """How long one contender took for one case."""

    case: str
    contender: str
    unit: str
    spread: Spread


@dataclass(slots=True)
class Section:
    """The outcome of one group of measurements.

    Parameters
    ----------
    title : str
        What was measured and how, in one or two sentences.
    figures : list of Figure
        In the order they are printed.
    timings : list of Timing
        Absolute times behind the figures.
    faults : list of str
        Contenders that raised or were wrong; any of them fails the run.
    """

    title: str
    figures: list[Figure] = field(default_factory=list)
    timings: list[Timing] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def section_text(section: Section) -> str:
    """Return a section as text: times, figures, faults."""
    parts = [section.title]
    if section.timings:
        parts.append(_table(_timing_rows(section.timings)))
    if section.figures:
        parts.append(_table(_figure_rows(section.figures)))
    parts.extend(f"FAULT: {fault}" for fault in section.faults)
    return "\n\n".join(parts)


def summary_text(sections: Mapping[str, Section]) -> str:
    """Return the count of figures by verdict, then what was missed or went wrong."""
    figures = [(name, f) for name, section in sections.items() for f in section.figures]
    verdicts = [figure.verdict for _, figure in figures]
    counts = {verdict: verdicts.count(verdict) for verdict in dict.fromkeys(verdicts)}
    lines = [", ".join(f"{count} {verdict}" for verdict, count in counts.items())]
    lines += [f"  MISSED: {n}, {f.name}" for n, f in figures if f.verdict == "MISSED"]
    for name, section in sections.items():
        lines += [f"  FAULT: {name}, {fault}" for fault in section.faults]
    return "\n".join(lines)


def _timing_rows(timings: Sequence[Timing]) -> list[list[str]]:
    contenders = list(dict.fromkeys(timing.contender for timing in timings))
    cells = {(t.case, t.contender): _number(t.spread.median) for t in timings}
    units = {t.case: t.unit for t in timings}
    rows = [["case", "unit", *contenders]]
    for case, unit in units.items():
        rows.append([case, unit, *(cells.get((case, c), "-") for c in contenders)])
    return rows


def _figure_rows(figures: Sequence[Figure]) -> list[list[str]]:
    rows = [["figure", "required", "measured", "middle half", "verdict", ""]]
    for figure in figures:
        required = f"{figure.sense} {_number(figure.bound)} {figure.unit}"
        spread = figure.measured
        measured = "-" if spread is None else _number(spread.median)
        ends = (
            "-"
            if spread is None
            else f"{_number(spread.low)} to {_number(spread.high)}"
        )
        rows.append(
            [figure.name, required, measured, ends, figure.verdict, figure.note]
        )
    return rows


def _number(value: float) -> str:
    """Return about three digits, without an exponent where it can be helped."""
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.2f}" if abs(value) >= 0.1 else f"{value:.2g}"


def _table(rows: list[list[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    ]
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(line.rstrip() for line in lines)
