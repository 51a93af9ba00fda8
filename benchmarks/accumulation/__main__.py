"""Measure forward against reverse accumulation: `python -m benchmarks.accumulation`.

Writes `benchmarks/results/accumulation.json`, and from it the page
`docs/why_reverse.md` with its picture; `--page` writes these again without measuring.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks import environment
from benchmarks.accumulation.measure import FULL, QUICK, SIZES, Measured, measure

FILE = Path(__file__).resolve().parents[1] / "results" / "accumulation.json"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, or read what was measured, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few rounds: a trial")
    parser.add_argument("--page", action="store_true", help="of the numbers kept")
    parser.add_argument("--no-page", action="store_true", help="write numbers only")
    parser.add_argument("--out", type=Path, default=FILE, help="where the numbers go")
    options = parser.parse_args(arguments)
    if options.page:
        measured = Measured.load(options.out)
    else:
        environment.ensure_clean()
        conditions = {"pinned": environment.pin(None), **environment.describe()}
        plan = QUICK if options.quick else FULL
        cells = []
        for n in SIZES:
            for m in SIZES:
                cells.append(measure(n, m, plan))
                columns, rows = cells[-1].columns_time, cells[-1].rows_time
                print(
                    f"n = {n:4}, m = {m:4}: columns {columns * 1e6:8.1f} us, "
                    f"rows {rows * 1e6:8.1f} us",
                    flush=True,
                )
        measured = Measured(conditions, cells)
        measured.save(options.out)
    if not options.no_page:
        from benchmarks.accumulation import page  # it draws with matplotlib

        print(f"Page: {page.write(measured)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
