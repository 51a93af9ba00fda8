"""What runs in this thread: how many transforms, with which twins."""

import threading
from typing import Any


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
    stored : list of (object, str)
        Attributes that were given a traced value, to go back to plain at the end.
    """

    __slots__ = ("depth", "stored", "twins", "unfollowed")

    def __init__(self) -> None:
        self.depth = 0
        self.unfollowed = 0
        self.twins: Any = None
        self.stored: list[tuple[Any, str]] = []


class _OfThread(threading.local):
    def __init__(self) -> None:
        self.state = Running()


_OF_THREAD = _OfThread()


def running() -> Running:
    """Return what this thread runs."""
    return _OF_THREAD.state
