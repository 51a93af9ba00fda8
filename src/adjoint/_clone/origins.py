"""What the tables of calls were made of, and whether that is still so."""

from types import FunctionType
from typing import Any

from adjoint._clone.clones import parts


class Origins:
    """The functions that stand in a table of calls, with the parts they had then.

    One for all tables: a function that several of them know is looked at once.
    """

    __slots__ = ("_known", "_noted")

    def __init__(self) -> None:
        self._known: set[FunctionType] = set()
        self._noted: list[tuple[FunctionType, Any, Any, Any]] = []

    def note(self, function: FunctionType) -> None:
        """Note what a function is made of; what was noted first stays."""
        if function not in self._known:
            self._known.add(function)
            self._noted.append((function, *parts(function)))

    def have_changed(self) -> bool:
        """Tell whether a function has got other code or defaults since (by a reload).

        Python tells nobody when that happens, so each transform looks at all of them.
        """
        # A list, to which other threads may append meanwhile.
        for function, code, defaults, keywords in self._noted:
            if (
                function.__code__ is not code
                or function.__defaults__ is not defaults
                or function.__kwdefaults__ is not keywords
            ):
                return True
        return False

    def clear(self) -> None:
        """Forget all functions: no table is to know them any more."""
        self._noted = []
        self._known = set()
