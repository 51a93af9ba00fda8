"""A progress bar where somebody looks on, and silence elsewhere."""

import sys
from collections.abc import Iterable, Iterator
from typing import TypeVar

from adjoint._demo import optional

Step = TypeVar("Step")


def tracked(steps: Iterable[Step], total: int, label: str) -> Iterator[Step]:
    """Give the steps one by one, with a bar on standard error if that is a terminal.

    Parameters
    ----------
    steps : iterable
        What to go through.
    total : int
        How many there are.
    label : str
        What the bar says at its left.

    Raises
    ------
    ImportError
        If standard error is a terminal and rich is not installed.
    """
    if not sys.stderr.isatty():
        yield from steps
        return
    purpose = "The progress bar"
    console = optional.load("rich.console", purpose).Console(stderr=True)
    yield from optional.load("rich.progress", purpose).track(
        steps, description=label, total=total, console=console, transient=True
    )
