"""Several runs as one report."""

from collections.abc import Iterable, Sequence
from functools import partial

from benchmarks.results import Limits, Report, Table
from benchmarks.suites import NAMES


def merge(reports: Sequence[Report]) -> Report:
    """Return one report; a later table replaces that of the same suite and threads.

    Conditions in which the runs differ hold all their values, in order.
    """
    tables: dict[tuple[str, str], Table] = {}
    limits: dict[str, Limits] = {}
    for report in reports:
        tables |= {(table.suite, table.threads): table for table in report.tables}
        limits |= report.limits
    return Report(
        date=_joined(report.date for report in reports),
        quick=any(report.quick for report in reports),
        conditions=_together([report.conditions for report in reports]),
        contenders=_together([report.contenders for report in reports]),
        limits=limits,
        tables=sorted(tables.values(), key=partial(_place, list(NAMES))),
    )


def _place(order: list[str], table: Table) -> int:
    return order.index(table.suite) if table.suite in order else len(order)


def _together(parts: Sequence[dict[str, str]]) -> dict[str, str]:
    names = dict.fromkeys(name for part in parts for name in part)
    return {
        name: _joined(part[name] for part in parts if name in part) for name in names
    }


def _joined(values: Iterable[str]) -> str:
    return "; ".join(dict.fromkeys(values))
