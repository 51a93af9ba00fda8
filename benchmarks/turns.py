"""Whose turn it is, in a byte that outlives the process; and how long it was theirs."""

import mmap
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from benchmarks.timing import clock

NOBODY = 255


class Turn:
    """A byte shared by a worker and the process that started it.

    Writing it costs a fraction of a microsecond, so a worker says before each sample
    whose it is; should it hang or die, the other process reads whom to blame.

    Parameters
    ----------
    path : Path or None
        The file both of them map; None keeps the byte to this process.
    """

    def __init__(self, path: Path | None) -> None:
        if path is None:
            self._byte = mmap.mmap(-1, 1)
        else:
            path.touch()
            with path.open("r+b") as file:
                file.truncate(1)
                self._byte = mmap.mmap(file.fileno(), 1)

    def give(self, index: int) -> None:
        """Note whose turn it is, by the place in the list that was announced."""
        self._byte[0] = index

    def blamed(self, names: Sequence[str]) -> list[str]:
        """Return whose turn it is: one name of those announced, or nobody's."""
        index = self._byte[0]
        return [names[index]] if index < len(names) else []


class Ledger:
    """The seconds that each contender used, whatever they were used for."""

    def __init__(self) -> None:
        self.spent: Counter[str] = Counter()
        self._whose = ""
        self._since = 0.0

    def charge(self, name: str) -> None:
        """Charge what comes from now on to a contender; to nobody if it is ""."""
        now = clock()
        if self._whose:
            self.spent[self._whose] += now - self._since
        self._whose, self._since = name, now
