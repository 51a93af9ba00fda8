"""The first screen: what is compared, who is ahead, how to run it."""

from collections.abc import Sequence

from benchmarks.contenders import OURS
from benchmarks.page import text
from benchmarks.page.judgement import Tally, ahead, is_answered, peers, tallies
from benchmarks.page.pictures import Picture
from benchmarks.results import MUCH, Report
from benchmarks.suites import NAMES

INTRODUCTION = (
    "The same functions, written once in plain NumPy, differentiated by Adjoint and by "
    "its peers on one machine in one run: every ratio is **the peer's time over "
    "Adjoint's**, so above 1 Adjoint is faster and below 1 the peer is."
)

QUICK = """```{note}
This was a quick run: few cases, few rounds, 3 seconds for each contender. It shows
that everything runs; `make bench` gives numbers to rely on.
```"""

CROWDED = """```{warning}
Other work ran on this machine meanwhile (see the load under conditions). On one core
the time is that of the process itself, and its ratios survive; on all cores those are
slowed most who wait for all threads, as NumPy's matrix product does.
```"""

HOW_TO_READ = (
    "Cases, how many of them Adjoint answered, comparisons won and lost by more than "
    "the spread (see [conditions](#conditions)), and each peer's geometric mean "
    "of the ratios, with the number of cases behind it. In all tables **▼** marks "
    "where a peer is ahead, and ≈ where the spread contains 1. The tables further down "
    "give Adjoint's own time, then for each other the ratio with its spread (its time "
    "where Adjoint has none); *limit*: what the machine needs at least, and how many "
    "times as long Adjoint takes. *By hand* is the derivative written in NumPy by "
    "somebody who knows the function: a limit, not a peer."
)

LOOK = """```{raw} html
<style>
.bd-main .bd-content .bd-article-container { max-width: 72rem; }
details { margin-bottom: 1rem; }
.bd-article table.table { font-size: 0.78rem; white-space: nowrap; }
.bd-article table.table td:first-child { white-space: normal; min-width: 11rem; }
.bd-article .picture { overflow-x: auto; margin-bottom: 1rem; }
.bd-article .picture img { min-width: 44rem; }
.bd-article table.table :is(td, th) { padding: 0.25rem 0.4rem; }
</style>
```"""
"""The page is wide; a spread is not broken across lines, names of cases are."""

HOW_TO_RUN = """Run it on your machine:

```sh
make bench                    # all of it, about a quarter of an hour
make bench QUICK=1            # a trial, under four minutes
make bench SUITE=fused,small  # some suites
make bench PEERS=jax,torch    # some peers
```"""


def opening(report: Report, summary: Picture | None) -> str:
    """Return title, claim, summary and how to run it."""
    parts = ["# Benchmarks", LOOK, INTRODUCTION]
    if report.quick:
        parts.append(QUICK)
    if _is_crowded(report):
        parts.append(CROWDED)
    parts += _missing(report)
    if summary is not None:
        parts.append(summary.markdown)
    parts += _verdict(report)
    counted = tallies(report.tables)
    if counted:
        parts += [_summary(counted, peers(report.tables)), HOW_TO_READ]
    return "\n\n".join([*parts, HOW_TO_RUN])


def _is_crowded(report: Report) -> bool:
    """Tell whether more processes wanted a core than there were, beside this one.

    Of several runs made one, each has said its own.
    """
    loads = [
        float(one.split()[0])
        for name, said in report.conditions.items()
        if name.startswith("load")
        for one in said.split(";")
    ]
    cores = int(report.conditions.get("cores", "1").partition(";")[0])
    return max(loads, default=0.0) > cores + 1


def _verdict(report: Report) -> list[str]:
    """Return in a sentence who is ahead of Adjoint, and how often; where is below."""
    found = [
        f"**{text.label(one.peer)}** in {one.times} of {one.compared} comparisons, by "
        f"{text.number(one.factor)}"
        for one in ahead(report.tables)
    ]
    if not found:
        return []
    listed = "each is listed under [where we lose](#where-we-lose)"
    said = (
        "Ahead of Adjoint by more than the spread, with the geometric mean of the lead"
    )
    return [f"{said}: {'; '.join(found)}; {listed}."]


def _missing(report: Report) -> list[str]:
    """Return what a reader will not find: suites not run, broken off or disturbed."""
    run = {table.suite for table in report.tables}
    left_out = [name for name in NAMES if name not in run]
    said = []
    if left_out:
        said.append(f"Suites that were not run: {', '.join(left_out)}.")
    broken = [
        f"{table.suite} (threads: {table.threads})"
        for table in report.tables
        if table.fault
    ]
    disturbed = [
        f"{table.suite} (threads: {table.threads})"
        for table in report.tables
        if table.disturbed > MUCH
    ]
    if disturbed:
        said.append(
            "**Others had the cores while these were measured: "
            f"{', '.join(disturbed)}; do not rely on them.**"
        )
    if broken:
        said.append(f"**Suites that broke off: {', '.join(broken)}.**")
    return said


def _summary(counted: Sequence[Tally], names: Sequence[str]) -> str:
    head = ["suite", "threads", "cases", "answered", "won", "lost"]
    rows = [
        [
            tally.title,
            tally.table.threads,
            str(len(tally.rows)),
            str(sum(is_answered(row, OURS) for row in tally.rows)),
            str(tally.count("won")),
            str(tally.count("lost")),
            *(_standing(tally, name) for name in names),
        ]
        for tally in counted
    ]
    return text.table([*head, *map(text.label, names)], rows, words=2)


def _standing(tally: Tally, name: str) -> str:
    """Return how one peer stands in one suite; nothing if it was not compared."""
    if tally.kind == "verdict" and name in tally.outcomes:
        return f"{sum(is_answered(row, name) for row in tally.rows)} right"
    mean = tally.mean(name)
    if mean is None:
        return ""
    written = text.number(mean)
    marked = f"**▼ {written}**" if mean < 1.0 else written
    return f"{marked} ({len(tally.ratios[name])})"
