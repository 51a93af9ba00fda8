"""Under which conditions a report was made: machine, versions, method, limits."""

from benchmarks.effort import FULL, QUICK
from benchmarks.page import text
from benchmarks.results import ALLOWANCE, Limits, Report

METHOD = (
    "All contenders of a suite run in one process, in turn, the order rotated from "
    "round to round; warm calls are measured once more, later, in a second process. "
    "Each is warmed up once; its answer is compared with the others' before anything "
    "is timed. A contender gets {limit:g} s for a case; if its first call takes "
    "longer, its cell reads '> limit'. The first call, which compiles where there is "
    "something to compile, is apart. *One* thread means pinned to one core, and the "
    "time is that for which the process had it; *all* means every core, and the time "
    "on the wall. Variables that choose kernels or threads, as `OPENBLAS_*`, are unset."
)

SPREAD = (
    "A spread says where the median of another run on the same machine is to be "
    "expected: from the lower to the upper quartile of the samples of both processes, "
    f"and {ALLOWANCE - 1.0:.0%} further at either end. The spread of a time holds as "
    "long as the machine keeps its pace, that of a ratio, taken within a round, beyond."
)

LIMITS = (
    "The physical limits, measured in the same run: bytes read and written by NumPy in "
    "arrays past the caches, multiply-adds (each counted as two) in its matrix "
    "product; on all cores, as many copies side by side. Small arrays stay in the "
    "caches, which give more than this bandwidth."
)


def section(report: Report) -> str:
    """Return the section."""
    effort = QUICK if report.quick else FULL
    machine = [
        [text.plain(name), text.plain(value)]
        for name, value in {"date": report.date, **report.conditions}.items()
    ]
    parts = [
        "## Conditions",
        METHOD.format(limit=effort.limit),
        SPREAD,
        text.table(["machine", ""], machine, words=2),
    ]
    if report.contenders:
        versions = [
            [text.label(name), text.plain(version)]
            for name, version in report.contenders.items()
        ]
        parts.append(text.table(["contender", "version"], versions, words=2))
    if report.limits:
        head = ["threads", "bandwidth", "float64", "float32"]
        rows = [_limits(threads, one) for threads, one in report.limits.items()]
        parts += [LIMITS, text.table(head, rows)]
    return "\n\n".join(parts)


def _limits(threads: str, one: Limits) -> list[str]:
    return [
        threads,
        f"{text.number(one.bandwidth / 1e9)} GB/s",
        f"{text.number(one.float64 / 1e9)} Gflop/s",
        f"{text.number(one.float32 / 1e9)} Gflop/s",
    ]
