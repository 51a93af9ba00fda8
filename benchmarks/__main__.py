"""Measure Adjoint beside its peers: `python -m benchmarks`, or `make bench`.

Writes `benchmarks/results/<date>T<time>.json` after each table, and, when all suites
were run in full with all peers, the page of the documentation made from it.  The exit
status is 1 if a suite was lost, or a contender was wrong, raised or crashed where it
should have answered.
"""

import argparse
import datetime
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks import environment, limits
from benchmarks.contenders import BY_HAND, OURS, PLACES
from benchmarks.crew import Crew
from benchmarks.results import Report, Row, Table, failures
from benchmarks.runner import run_again, run_suite
from benchmarks.suites import NAMES, load_suite

RESULTS = Path(__file__).resolve().parent / "results"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what the command line asks for; return the exit status."""
    options = _parser().parse_args(arguments)
    suites = options.suite or NAMES
    report = Report(
        date=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        quick=options.quick,
        conditions=environment.describe(),
    )
    path = options.out or RESULTS / file_name(report)
    for name, text in report.conditions.items():
        print(f"{name:>9}: {text}", flush=True)
    faults: list[str] = []
    try:
        report.limits = limits.measure()
    except Exception as error:  # the suites still count
        faults.append(f"limits of the machine: {error}")
    for measure in (measure_suite, measure_again):
        with Crew(quick=options.quick) as crew:
            for name in suites:
                measure(name, options.peers, report, crew)
                report.save(path)
    report.conditions["load, at the end"] = environment.load()
    report.save(path)
    print(f"\nNumbers: {path}")
    everything = set(suites) == set(NAMES) and options.peers is None
    if options.page or (everything and not options.no_page):
        faults += _write_page(report)
    faults += failures(report.tables)
    for fault in faults:
        print(f"FAULT: {fault}")
    return 1 if faults else 0


def file_name(report: Report) -> str:
    """Return the name of the file of a run, which no other run has."""
    minute = report.date[:16].replace(":", "")
    return f"{minute}{'-quick' if report.quick else ''}.json"


def measure_suite(
    name: str, peers: Sequence[str] | None, report: Report, crew: Crew
) -> None:
    """Add a suite's tables to a report.

    What ends a suite is the table's `fault`; the suites after it still count.
    """
    before = len(report.tables)
    try:
        suite = load_suite(name)
        names = [one for one in suite.contenders if chosen(one, peers)]
        left_out = [one for one in suite.contenders if one not in names]
        report.contenders |= dict.fromkeys(left_out, "not asked")
        for threads in suite.threads:
            before = len(report.tables)
            print(f"\n{suite.title}, threads: {threads}", flush=True)
            run_suite(suite, threads, names, report, crew, _progress)
    except Exception as error:
        if len(report.tables) == before:
            report.tables.append(Table(name, name, "", "one", []))
        report.tables[-1].fault = f"{type(error).__name__}: {error}"


def measure_again(
    name: str, _peers: Sequence[str] | None, report: Report, crew: Crew
) -> None:
    """Measure a suite's tables once more, later and in a new process."""
    for table in report.tables:
        if table.suite != name or table.fault:
            continue
        print(f"\n{table.title}, threads: {table.threads}, once more", flush=True)
        try:
            run_again(load_suite(name), table, report, crew, _progress)
        except Exception as error:
            table.fault = f"once more: {type(error).__name__}: {error}"


def _write_page(report: Report) -> list[str]:
    """Write the page; return what kept it from being written."""
    try:
        from benchmarks import page  # it draws with matplotlib; measuring needs none
    except ImportError as error:
        return [f"the page is not written: {error}"]
    print(f"Page: {page.write(report)}")
    return []


def chosen(name: str, peers: Sequence[str] | None) -> bool:
    """Tell whether a contender takes part: ours always, a peer if it is asked for."""
    ours = name == BY_HAND or name.startswith(OURS)
    return ours or peers is None or name in peers


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--suite", type=_names(NAMES), help=f"by commas, of {', '.join(NAMES)}"
    )
    parser.add_argument(
        "--peers", type=_names(tuple(PLACES)), help="by commas; default: all"
    )
    parser.add_argument("--quick", action="store_true", help="few rounds: a trial")
    parser.add_argument("--out", type=Path, help="where the numbers go")
    page = parser.add_mutually_exclusive_group()
    page.add_argument("--no-page", action="store_true", help="write numbers only")
    page.add_argument(
        "--page",
        action="store_true",
        help="write the page, though this is a part",
    )
    return parser


def _names(known: Sequence[str]) -> type:
    def parse(text: str) -> list[str]:
        names = [name.strip() for name in text.split(",") if name.strip()]
        unknown = [name for name in names if name not in known]
        if unknown:
            message = f"unknown: {', '.join(unknown)}; known: {', '.join(known)}"
            raise argparse.ArgumentTypeError(message)
        return names

    return parse  # type: ignore[return-value]


def _progress(table: Table, row: Row) -> None:
    """Print a row as soon as it is there: our figure, the others' beside it."""
    cells = [f"{name} {_said(name, row)}" for name in row.cells]
    print(f"  {row.name}: {', '.join(cells)}", flush=True)


def _said(name: str, row: Row) -> str:
    """Return a cell in a word: a ratio to ours, a figure, or why there is none."""
    cell = row.cells[name]
    if cell.spread is None:
        return cell.status
    if cell.ratio is not None and name != OURS:
        return f"{cell.ratio.median:.2f}x"
    if row.measure == "memory":
        return f"{cell.spread.median / 2**20:.1f} MiB"
    return f"{cell.spread.median * 1e3:.4g} ms"


if __name__ == "__main__":
    sys.exit(main())
