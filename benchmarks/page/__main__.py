"""Make the page again from kept results: `python -m benchmarks.page FILE.json ...`."""

import argparse
import sys
from pathlib import Path

from benchmarks import page
from benchmarks.page.merging import merge
from benchmarks.results import load_report


def main() -> int:
    """Write the page from the files of the command line; later ones replace tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path, help="what `make bench` kept")
    files = parser.parse_args().files
    print(page.write(merge([load_report(file) for file in files])))
    return 0


if __name__ == "__main__":
    sys.exit(main())
