"""The command ``adjoint``: ``adjoint demo`` and ``adjoint --version``."""

import argparse
import io
import sys
from collections.abc import Sequence
from pathlib import Path

import adjoint as ad
from adjoint._demo.report import demonstrate


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status: 0, or 1 where it could not finish.

    Parameters
    ----------
    argv : sequence of str, optional
        Words after ``adjoint``; those of the process by default.
    """
    arguments = _parser().parse_args(argv)
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A terminal that cannot show ε shows its escape and does not stop the run.
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        _demo(arguments.output)
    except (ImportError, OSError) as error:
        sys.stderr.write(f"adjoint demo: {error}\n")
        return 1
    return 0


def _demo(folder: Path) -> None:
    """Print the demonstration as it runs."""
    folder.mkdir(parents=True, exist_ok=True)
    for line in demonstrate(folder):
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()


def _parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(
        prog="adjoint", description="Exact derivatives of plain NumPy code."
    )
    parser.add_argument(
        "--version", action="version", version=f"adjoint {ad.__version__}"
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    demo = commands.add_parser(
        "demo",
        help="differentiate a textbook function and fit certified data",
        description="Differentiate a textbook function, then fit certified data of "
        "NIST with exact Jacobians and draw the fits.",
    )
    demo.add_argument(
        "--output",
        type=Path,
        default=Path(),
        metavar="DIR",
        help="folder for the picture adjoint-demo.png (default: the current one)",
    )
    return parser
