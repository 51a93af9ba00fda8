"""The command ``adjoint``: ``adjoint demo`` and ``adjoint --version``."""

import argparse
import io
import sys
from collections.abc import Sequence
from pathlib import Path

import adjoint as ad
from adjoint._demo.report import demonstrate
from adjoint._demo.sections import SECTIONS

FOLDER = Path("adjoint-demo")


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
        _demo(arguments.output, arguments.sections)
    except (ImportError, OSError) as error:
        sys.stderr.write(f"adjoint demo: {error}\n")
        return 1
    return 0


def _demo(folder: Path, names: Sequence[str]) -> None:
    """Print the demonstration as it runs: the sections named, or all of them."""
    folder.mkdir(parents=True, exist_ok=True)
    sections = [one for one in SECTIONS if not names or one.name in names]
    for line in demonstrate(folder, sections):
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
    contents = "\n".join(f"  {one.name:13}{one.title}" for one in SECTIONS)
    demo = commands.add_parser(
        "demo",
        help="exact derivatives at work, drawn",
        description="Exact derivatives at work, with pictures and one page of all.",
        epilog=f"sections:\n{contents}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    demo.add_argument(
        "sections",
        nargs="*",
        type=_section_name,
        metavar="SECTION",
        help="what to run (default: all of it)",
    )
    demo.add_argument(
        "--output",
        type=Path,
        default=FOLDER,
        metavar="DIR",
        help="folder for the pictures and the page: index.html of all sections, "
        f"traces.html of one (default: {FOLDER})",
    )
    return parser


def _section_name(word: str) -> str:
    """Return the word if it names a section."""
    names = [one.name for one in SECTIONS]
    if word not in names:
        msg = f"no section is named {word!r}; choose from {', '.join(names)}"
        raise argparse.ArgumentTypeError(msg)
    return word
