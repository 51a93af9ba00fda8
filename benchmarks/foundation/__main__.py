"""Measure the figures Adjoint's foundation must reach and say which it reaches.

Run `python -m benchmarks.foundation`, with `--json PATH` to keep the numbers. The exit
status is 0 whether or not a figure is reached; it is 1 if a contender raised or gave a
wrong gradient.
"""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks import contenders, environment
from benchmarks.foundation import chains, costs, processes
from benchmarks.foundation.report import Section, section_text, summary_text
from benchmarks.timing import Plan


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is measured: enough to trust, or enough to see that it runs."""

    chains: Plan
    costs: Plan
    processes: int
    imports: int


FULL = Effort(
    chains=Plan(calls=10, rounds=100, seconds=15.0),
    costs=Plan(calls=1, rounds=40, seconds=15.0, least=7),
    processes=5,
    imports=15,
)
QUICK = Effort(
    chains=Plan(calls=3, rounds=15, seconds=1.0),
    costs=Plan(calls=1, rounds=5, seconds=1.0, least=3),
    processes=1,
    imports=3,
)

Measurement = Callable[[contenders.Field, Effort], Section]

SECTIONS: dict[str, Measurement] = {
    "import": lambda field, effort: processes.measure_import(effort.imports),
    "deep": lambda field, effort: processes.measure_deep_chain(effort.processes),
    "left": lambda field, effort: processes.measure_left_behind(),
    "arrays": lambda field, effort: chains.measure(
        chains.ON_ARRAYS, field, effort.chains
    ),
    "scalars": lambda field, effort: chains.measure(
        chains.ON_SCALARS, field, effort.chains
    ),
    "costs": lambda field, effort: costs.measure(field, effort.costs),
}
NEEDS_OURS = {"import", "deep", "left"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what the command line asks for, print it, return the exit status."""
    options = _parser().parse_args(arguments)
    environment.ensure_clean()
    pinned = environment.pin(options.core)
    field = contenders.assemble((contenders.OURS, "autograd", "torch"))
    threads = "one in every library, OPENBLAS_* unset"
    conditions = {"pinned": pinned, "threads": threads}
    conditions = environment.describe() | conditions | field.versions()
    for name, text in conditions.items():
        print(f"{name:>9}: {text}", flush=True)
    effort = QUICK if options.quick else FULL
    sections = {
        name: _measured(name, field, effort) for name in options.only or SECTIONS
    }
    print("\n" + summary_text(sections))
    if options.json:
        options.json.write_text(_as_json(conditions, sections))
    return 1 if any(section.faults for section in sections.values()) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, help="write the numbers to this file")
    parser.add_argument("--quick", action="store_true", help="few rounds: a trial")
    parser.add_argument("--core", type=int, help="the core to hold (default: last)")
    parser.add_argument(
        "--only",
        action="append",
        choices=SECTIONS,
        help="one section; may be given several times (default: all)",
    )
    return parser


def _measured(name: str, field: contenders.Field, effort: Effort) -> Section:
    """Return one section, printed as soon as it is there."""
    if name in NEEDS_OURS and contenders.OURS in field.lost:
        section = Section(f"Section {name}: {contenders.OURS} is absent.")
    else:
        section = SECTIONS[name](field, effort)
    print("\n" + section_text(section), flush=True)
    return section


def _as_json(conditions: dict[str, str], sections: dict[str, Section]) -> str:
    """Return conditions and sections as JSON, every figure with its verdict."""
    measured = {
        name: {
            "title": section.title,
            "figures": [asdict(f) | {"verdict": f.verdict} for f in section.figures],
            "timings": [asdict(timing) for timing in section.timings],
            "faults": section.faults,
        }
        for name, section in sections.items()
    }
    return json.dumps({"conditions": conditions, "sections": measured}, indent=2)


if __name__ == "__main__":
    sys.exit(main())
