"""What runs in this thread: the outermost function under transforms, and its twins."""

import threading
from typing import Any


class _State(threading.local):
    """The state of one thread.

    Attributes
    ----------
    depth : int
        How many transforms run a function right now.
    twins : Twins or None
        The arrays that stand for plain ones, in a run that loads them.
    stored : list of (object, str)
        Attributes that were given a traced value, to go back to plain at the end.
    """

    depth = 0
    twins: Any = None
    stored: Any = None


STATE = _State()
