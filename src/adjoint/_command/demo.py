"""``adjoint demo``: the sections named, or all of them, printed as they run."""

import sys
from collections.abc import Sequence
from pathlib import Path

from adjoint._demo.report import demonstrate
from adjoint._demo.sections import SECTIONS


def demo(folder: Path, names: Sequence[str]) -> None:
    """Print the demonstration as it runs: the sections named, or all of them."""
    folder.mkdir(parents=True, exist_ok=True)
    sections = [one for one in SECTIONS if not names or one.name in names]
    for line in demonstrate(folder, sections):
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
