"""Measure Adjoint beside its peers: `python -m benchmarks`, or `make bench`.

Writes `benchmarks/results/<date>.json`, and, when all suites were run, the page of the
documentation made from it.  The exit status is 1 if a contender was wrong, raised or
crashed where it should have answered.
"""

import argparse
import datetime
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks import environment, limits, page
from benchmarks.contenders import BY_HAND, OURS, PLACES
from benchmarks.results import Report, Row, Table, failures
from benchmarks.runner import run_suite
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
    for name, text in report.conditions.items():
        print(f"{name:>9}: {text}", flush=True)
    report.limits = limits.measure()
    broken: list[str] = []
    for name in suites:
        suite = load_suite(name)
        for threads in suite.threads:
            print(f"\n{suite.title}, threads: {threads}", flush=True)
            names = [n for n in suite.contenders if chosen(n, options.peers)]
            try:
                run_suite(suite, threads, names, report, _progress)
            except RuntimeError as error:  # the other suites still count
                broken.append(str(error))
    path = options.out or RESULTS / f"{report.date[:10]}.json"
    report.save(path)
    print(f"\nNumbers: {path}")
    if set(suites) == set(NAMES) and not options.no_page:
        print(f"Page: {page.write(report)}")
    faults = broken + failures(report.tables)
    for fault in faults:
        print(f"FAULT: {fault}")
    return 1 if faults else 0


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
    parser.add_argument("--no-page", action="store_true", help="write numbers only")
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
    return f"{cell.spread.median * 1e3:.3g} ms"


if __name__ == "__main__":
    sys.exit(main())
