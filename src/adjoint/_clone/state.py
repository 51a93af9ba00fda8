"""What runs in this thread: how many transforms, with which twins."""

import threading
from typing import Any

from adjoint._clone.leftovers import Journal
from adjoint._core.errors import AdjointError


class Running:
    """What one thread runs.

    Attributes
    ----------
    depth : int
        How many transforms run a function right now.
    twins : Twins or None
        The arrays that stand for plain ones, in a deep run.
    unfollowed : int
        How many transforms run a function as it is written (``plain_numpy=False``).
    journal : Journal or None
        Where the innermost run has put traced values; they go back to plain at its end.
    spare : Journal
        An empty one, for the next run.
    refused : AdjointError or None
        What an inner transform met that a run with twins can do.
    """

    __slots__ = ("depth", "journal", "refused", "spare", "twins", "unfollowed")

    def __init__(self) -> None:
        self.depth = 0
        self.unfollowed = 0
        self.twins: Any = None
        self.refused: AdjointError | None = None
        self.journal: Journal | None = None
        self.spare = Journal()


class _OfThread(threading.local):
    def __init__(self) -> None:
        self.state = Running()


OF_THREAD = _OfThread()


def running() -> Running:
    """Return what this thread runs."""
    return OF_THREAD.state
