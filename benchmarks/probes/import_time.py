"""Time one import in a fresh interpreter: `python -m benchmarks.probes.import_time M`.

Prints the seconds taken and the SciPy modules that came along.
"""

import importlib
import json
import sys
import time


def main() -> None:
    """Import the module named on the command line and print what it took."""
    start = time.perf_counter()
    importlib.import_module(sys.argv[1])
    seconds = time.perf_counter() - start
    scipy = sorted(name for name in sys.modules if name.split(".")[0] == "scipy")
    print(json.dumps({"seconds": seconds, "scipy": scipy}))


if __name__ == "__main__":
    main()
