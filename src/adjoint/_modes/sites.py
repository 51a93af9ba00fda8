"""Where in the user's code an operation stands, also one of a backward pass.

The nearest frame of the user's counts.  What a backward sweep computes stands where the
entry that is being swept was written, and not where the gradient was asked for; so a
sweep that is watched says which entry it is at (`deriving`).
"""

import contextlib
import linecache
import os
import sys
import threading
from collections.abc import Iterator
from types import CodeType
from typing import Any, NamedTuple

from adjoint._core.errors import is_library
from adjoint._core.nodes import CODE_OF_LIBRARIES


class Site(NamedTuple):
    """A place in the user's code, and what runs there.

    Attributes
    ----------
    file : str
        With its folder.
    line : int
    function : str
        The function around it.
    caller : callable or None
        What the user called there, if that is more than one operation: ``np.std``.
    """

    file: str
    line: int
    function: str
    caller: Any

    @property
    def text(self) -> str:
        """The line."""
        return linecache.getline(self.file, self.line).strip()

    @property
    def name(self) -> str:
        """``file.py:12``."""
        return f"{self.file.rpartition(os.sep)[2]}:{self.line}"


class Here(NamedTuple):
    """A site, and the name of the operation whose derivative runs, if one does.

    ``instruction`` tells the operations of one line apart; it is -1 in a sweep.
    """

    site: Site | None
    derived: str
    instruction: int = -1


class _Deriving(threading.local):
    """What derivatives are being computed in this thread, outermost first.

    Each is a list of the site, ``None`` where frames tell it, and the operation's name.
    """

    def __init__(self) -> None:
        self.stack: list[list[Any]] = []


_DERIVING = _Deriving()
_MARKERS: set[CodeType] = set()
"""Code of the sweeps that tell where they are."""

_sites: dict[tuple[Any, ...], Site] = {}


def tells_where(sweep: Any) -> Any:
    """Mark a function as a sweep that says where it is; a decorator."""
    _MARKERS.add(sweep.__code__)
    return sweep


@contextlib.contextmanager
def deriving(site: Site | None = None, name: str = "") -> Iterator[list[Any]]:
    """Say that derivatives are computed; yields the pair to change on the way."""
    at = [site, name]
    _DERIVING.stack.append(at)
    try:
        yield at
    finally:
        _DERIVING.stack.pop()


def here() -> Here:
    """Return where in the user's code the present operation stands."""
    stack = _DERIVING.stack
    at = stack[-1] if stack else None
    frame: Any = sys._getframe(1)
    caller = None
    while frame is not None:
        code = frame.f_code
        if code in _MARKERS and at is not None:
            return Here(at[0], at[1])
        known = CODE_OF_LIBRARIES.get(id(code))
        if known is not None:
            caller = known[1] or caller
        elif not is_library(code.co_filename):
            derived = at[1] if at is not None and at[0] is None else ""
            site = _site(code, frame.f_lineno, caller)
            return Here(site, derived, frame.f_lasti)
        else:
            CODE_OF_LIBRARIES[id(code)] = (code, None)
        frame = frame.f_back
    return Here(None, "")


def _site(code: CodeType, line: int, caller: Any) -> Site:
    key = code, line, caller
    if key not in _sites:
        if len(_sites) > _MOST:
            _sites.clear()
        _sites[key] = Site(code.co_filename, line, code.co_name, caller)
    return _sites[key]


_MOST = 10_000
