"""Measurements taken in fresh processes: a deep chain, leftovers, the import."""

import os
import tempfile
from typing import Any

from benchmarks.foundation.report import Figure, Section, Timing
from benchmarks.probes import ProbeError, probe
from benchmarks.timing import Spread

SLOWEST_OPERATION_US = 2.0
LARGEST_PEAK_MIB = 250.0
LONGEST_IMPORT_S = 0.15
TRACED_BYTES = 1000.0
"""One byte a gradient: less than the smallest object a gradient could leave."""


def measure_deep_chain(repeats: int) -> Section:
    """Return time and memory of a chain of a million scalar operations."""
    section = Section(
        "A chain of 1,000,000 scalar operations (y * c + d on a Python float), "
        f"{repeats} fresh\nprocesses, one gradient in each, default recursion limit."
    )
    try:
        results = [probe("deep_chain") for _ in range(repeats)]
    except ProbeError as error:
        section.faults.append(f"deep chain: {error}")
        results = []
    for result in results:
        off = abs(result["gradient"] - result["expected"])
        if not off <= 1e-9 * abs(result["expected"]):
            section.faults.append(f"deep chain: gradient off by {off:.3g}")
    section.figures += [
        Figure(
            "time of an operation, forward and backward",
            "at most",
            SLOWEST_OPERATION_US,
            "us",
            _spread(results, "us_per_operation"),
        ),
        Figure(
            "peak memory of the process",
            "at most",
            LARGEST_PEAK_MIB,
            "MiB",
            _spread(results, "peak_mib"),
            f"(before the chain {results[0]['at_rest_mib']:.0f})" if results else "",
        ),
    ]
    return section


def measure_left_behind() -> Section:
    """Return what a thousand gradients leave with the collector off."""
    section = Section(
        "Left behind by 1,000 gradients, garbage collector off, after a warm-up."
    )
    try:
        results = probe("left_behind")
    except ProbeError as error:
        section.faults.append(f"left behind: {error}")
        results = {}
    for kind, counts in results.items():
        section.figures += [
            _count(kind, "tracked objects", 0.0, counts["objects"]),
            _count(kind, "unreachable objects", 0.0, counts["unreachable"]),
            _count(kind, "traced bytes", TRACED_BYTES, counts["bytes"]),
        ]
    return section


def measure_import(repeats: int) -> Section:
    """Return the time `import adjoint` adds to NumPy's, and what it loads of SciPy."""
    section = Section(
        "Import, in fresh processes, in turn with `import numpy`, byte code cached; "
        f"{repeats} pairs."
    )
    try:
        pairs = _import_pairs(repeats)
    except ProbeError as error:
        section.faults.append(f"import: {error}")
        pairs = []
    added = [ours["seconds"] - numpy["seconds"] for numpy, ours in pairs]
    loaded = [len(ours["scipy"]) for _, ours in pairs]
    if pairs:
        for column, name in enumerate(("numpy", "adjoint")):
            spread = Spread.of([pair[column]["seconds"] for pair in pairs])
            section.timings.append(Timing("import", name, "ms", spread.scaled(1e3)))
    section.figures += [
        Figure(
            "import adjoint, less import numpy",
            "at most",
            LONGEST_IMPORT_S,
            "s",
            Spread.of(added) if pairs else None,
        ),
        Figure(
            "SciPy modules loaded",
            "at most",
            0.0,
            "modules",
            Spread.of(loaded) if pairs else None,
            ", ".join(pairs[0][1]["scipy"][:3]) if pairs else "",
        ),
    ]
    return section


def _import_pairs(repeats: int) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Return the probes of NumPy and Adjoint in turn, after one uncounted pair.

    The byte code goes to a directory of its own, which the uncounted pair fills: a
    checkout that was never imported, or a shell that forbids writing byte code, then
    measures the same as an installed package.
    """
    with tempfile.TemporaryDirectory() as cache:
        environment = {
            name: value
            for name, value in os.environ.items()
            if name != "PYTHONDONTWRITEBYTECODE"
        } | {"PYTHONPYCACHEPREFIX": cache}
        pairs = [
            (
                probe("import_time", "numpy", environment=environment),
                probe("import_time", "adjoint", environment=environment),
            )
            for _ in range(repeats + 1)
        ]
    return pairs[1:]


def _spread(results: list[dict[str, Any]], key: str) -> Spread | None:
    return Spread.of([result[key] for result in results]) if results else None


def _count(kind: str, what: str, bound: float, count: int) -> Figure:
    unit = "bytes" if "bytes" in what else "objects"
    return Figure(f"{kind}: {what}", "at most", bound, unit, Spread.of([float(count)]))
