"""One suite in one process: every contender, case by case.

The process that started this one reads events from its standard output, a JSON object
a line, and kills it when a contender takes too long; see `runner`.  Started again, it
goes on where it was, without the contender that hung or crashed.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import asdict

from benchmarks import environment
from benchmarks.agreement import disagreement
from benchmarks.case import Case, Inputs, Value
from benchmarks.contenders import OURS, Field
from benchmarks.contenders.base import Contender, DoesNotApplyError, NotYetError
from benchmarks.effort import FULL, QUICK, Effort
from benchmarks.results import Cell, Row
from benchmarks.suites import load_suite
from benchmarks.timing import Samples, Share, Spread, ratios, take

Emit = Callable[..., None]
Run = Callable[[], Value]

IMPORT = "(import)"
"""What stands for a case while a contender is imported."""


def main() -> None:
    """Run what the command line asks for."""
    options = _parser().parse_args()
    channel = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # what a library prints is no event

    def emit(event: str, **more: object) -> None:
        channel.write(json.dumps({"event": event, **more}) + "\n")

    pinned = environment.pin(None) if options.threads == "one" else "not pinned"
    suite = load_suite(options.suite)
    excluded = {(c, n): Cell(s, note) for c, n, s, note in json.loads(options.exclude)}
    field = Field()
    for name in options.contenders.split(","):
        settled = excluded.get((IMPORT, name))
        if settled:
            field.absent[name] = f"absent (its import {settled.status}: {settled.note})"
            continue
        emit("begin", case=IMPORT, contenders=[name])
        field.enter(name)
        emit("end", case=IMPORT)
    if options.threads == "all":
        for contender in field.present:
            contender.all_threads()
    emit("contenders", versions=field.versions(), pinned=pinned)
    effort = QUICK if options.quick else FULL
    cases = [case for case in suite.cases if case.quick or not options.quick]
    for case in cases[options.start :]:
        row = measure_case(case, field, effort, excluded, emit)
        for name, why in field.absent.items():
            row.cells[name] = Cell("absent", why)
        emit("row", row=asdict(row))
    emit("done")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("suite")
    parser.add_argument("--threads", choices=("one", "all"), default="one")
    parser.add_argument("--contenders", default=OURS, help="names, by commas")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--start", type=int, default=0, help="cases to leave out")
    parser.add_argument(
        "--exclude",
        default="[]",
        help="JSON: [case, contender, status, note] of cells that are settled",
    )
    return parser


def measure_case(
    case: Case,
    field: Field,
    effort: Effort,
    excluded: dict[tuple[str, str], Cell],
    emit: Emit,
) -> Row:
    """Return the row of one case."""
    row = Row(
        case.name, case.task, case.measure, case.group, case.x, case.bytes, case.flops
    )
    inputs = case.inputs()
    runs: dict[str, Run] = {}
    answers: dict[str, Value] = {}
    shares: dict[str, Share] = {}
    for contender in field.present:
        name = contender.name
        if (case.name, name) in excluded:
            row.cells[name] = excluded[case.name, name]
            continue
        emit("begin", case=case.name, contenders=[name], limit=effort.limit)
        try:
            cell, runs[name], answers[name], shares[name] = first_answer(
                case, contender, inputs, effort
            )
        except DoesNotApplyError as error:
            cell = Cell("does not apply", str(error))
        except NotYetError as error:
            cell = Cell("not yet", str(error))
        except Exception as error:
            cell = Cell("failed", _one_line(error))
        row.cells[name] = cell
        emit("end", case=case.name)
    for name, found in judge(answers, case.tolerance).items():
        if found:
            row.cells[name] = Cell("wrong", found)
    right = {n: run for n, run in runs.items() if row.cells[n].status == "measured"}
    answers.clear()
    if right:
        patience = 2 * effort.limit * len(right)
        emit("begin", case=case.name, contenders=list(right), limit=patience)
        samples = take(right, {name: shares[name] for name in right})
        enter(samples, row)
        emit("end", case=case.name)
    return row


def first_answer(
    case: Case, contender: Contender, inputs: Inputs, effort: Effort
) -> tuple[Cell, Run, Value, Share]:
    """Return a contender's first answer with its time, and what it gets for more."""
    start = time.perf_counter()
    run = contender.prepare(case, inputs)
    answer = contender.plain(run())
    first = time.perf_counter() - start
    if first > effort.limit:
        return Cell("> limit", first=first), run, answer, Share(1, 1)
    start = time.perf_counter()
    run()
    warm = time.perf_counter() - start
    cell = Cell("measured", first=first)
    return cell, run, answer, effort.share(warm, first + warm)


def judge(answers: dict[str, Value], tolerance: float) -> dict[str, str]:
    """Return how each answer differs from the one that most agree with."""
    differences = {
        reference: {
            name: disagreement(answer, expected, tolerance)
            for name, answer in answers.items()
        }
        for reference, expected in answers.items()
    }
    if not differences:
        return {}
    return min(differences.values(), key=lambda found: sum(map(bool, found.values())))


def enter(samples: Samples, row: Row) -> None:
    """Write times and ratios into the cells of a row."""
    for name, seconds in samples.items():
        cell = row.cells[name]
        cell.spread = Spread.of(seconds)
        cell.rounds = len(seconds)
        if OURS in samples:
            cell.ratio = ratios(samples, name, OURS)


def _one_line(error: Exception) -> str:
    lines = str(error).strip().splitlines() or [""]
    return f"{type(error).__name__}: {lines[0]}"[:300]


if __name__ == "__main__":
    sys.exit(main())
