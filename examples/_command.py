"""The command line of the examples: where the picture goes, and a short version."""

import argparse
from pathlib import Path


def run(main, description):
    """Run an example as the command line asks.

    Parameters
    ----------
    main : callable
        Takes an existing folder for the picture, and ``quick=``.
    description : str
        The example's docstring, whose first line stands above its options.
    """
    parser = argparse.ArgumentParser(description=description.partition("\n")[0])
    parser.add_argument("--output", type=Path, default=Path("adjoint-examples"))
    parser.add_argument("--quick", action="store_true", help="a short version")
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)
    main(arguments.output, quick=arguments.quick)
