"""A progress bar where somebody looks on, and silence elsewhere."""

import contextlib
import sys
from collections.abc import Callable, Iterator
from typing import TypeAlias

from adjoint.nn._extra import load_package

Tell: TypeAlias = Callable[[float, str], None]
"""``tell(epochs done, words)``."""


@contextlib.contextmanager
def progress_bar(progress: bool | None, epochs: int, done: int) -> Iterator[Tell]:
    """Give a function that moves the bar.

    Parameters
    ----------
    progress : bool, optional
        Whether there is a bar; None: on a terminal, if rich is installed.
    epochs, done : int
        How many there are, and how many are behind.

    Raises
    ------
    ImportError
        If a bar is asked for and rich is not installed.
    """
    if progress is None:
        progress = sys.stderr.isatty() and _has_rich()
    if not progress:
        yield _silent
        return
    rich = load_package("rich.progress", "Progress bars")
    console = load_package("rich.console", "Progress bars").Console(stderr=True)
    bar = rich.Progress(
        rich.TextColumn("epoch {task.fields[epoch]}/{task.fields[epochs]}"),
        rich.BarColumn(),
        rich.TimeRemainingColumn(),
        rich.TextColumn("{task.description}"),
        console=console,
    )
    with bar:
        task = bar.add_task(
            "", total=epochs, completed=done, epoch=min(done + 1, epochs), epochs=epochs
        )

        def tell(reached: float, words: str) -> None:
            epoch = min(int(reached) + 1, epochs)
            bar.update(task, completed=reached, description=words, epoch=epoch)

        yield tell


def words_of(measured: dict[str, float]) -> str:
    """Return the numbers of an epoch in a few words."""
    return "  ".join(
        f"{name.replace('_', ' ')} {number:.4g}"
        for name, number in measured.items()
        if name != "learning_rate"
    )


def _silent(reached: float, words: str) -> None:
    """Tell nobody."""


def _has_rich() -> bool:
    try:
        load_package("rich.progress", "Progress bars")
    except ImportError:
        return False
    return True
