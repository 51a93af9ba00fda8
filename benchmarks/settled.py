"""Which cells need no measuring: who hung or crashed is not asked again."""

from collections.abc import Iterable

from benchmarks.case import Case, Suite
from benchmarks.results import Cell, Row

IMPORT = "(import)"
"""What stands for a case while a contender is imported."""

FATAL = {"> limit", "crashed"}
"""What would happen again, here and further along the same curve."""


class Settled:
    """The cells that are known before they are measured.

    Parameters
    ----------
    suite : Suite
        Whose cases they belong to.
    given : iterable of (str, str, Cell)
        Case, contender and cell, as they are known so far.
    """

    def __init__(self, suite: Suite, given: Iterable[tuple[str, str, Cell]]) -> None:
        self._cases = {case.name: case for case in suite.cases}
        self._cells = {(case, name): cell for case, name, cell in given}

    def note(self, row: Row) -> None:
        """Keep what a row says about its contenders' limits."""
        for name, cell in row.cells.items():
            if cell.status in FATAL:
                self._cells.setdefault((row.name, name), cell)

    def find(self, case: Case, name: str) -> Cell | None:
        """Return the cell of a contender at a case, or nothing if it is to be measured.

        It is known if the contender failed fatally there, or nearer to the beginning of
        the same curve, where there was less to do.
        """
        known = self._cells.get((case.name, name))
        if known:
            return known
        for (place, other), cell in self._cells.items():
            before = self._cases.get(place)
            if other == name and before and _precedes(before, case):
                return Cell(cell.status, f"already so at: {place}")
        return None


def _precedes(one: Case, other: Case) -> bool:
    """Tell whether two cases lie on one curve, the first nearer to its beginning."""
    same = _curve(one) == _curve(other) and bool(one.group)
    return same and one.x < other.x


def _curve(case: Case) -> tuple[object, ...]:
    return case.group, case.task, case.measure, case.cached
