"""What `adjoint.compare_methods` found, as a table and as a picture."""

import html
from dataclasses import dataclass
from typing import Any

import numpy as np

from adjoint._comparison.pictures import AMBER, BLUE, INK, Figure, figure_of, tidy
from adjoint._comparison.text import as_html, as_text
from adjoint._core.tree import flatten
from adjoint._core.units import time_text

HEAD = ("method", "value", "rel. error", "time")
WRONG = "(!)"
MANUAL = "manual"
AUTOMATIC = ("forward mode", "reverse mode")
LARGEST_ROUNDING = 1e-6
MARGIN = 1000.0
"""Of a manual derivative's rounding over that of automatic ones."""


@dataclass(frozen=True, slots=True)
class Row:
    """One method.

    Attributes
    ----------
    method : str
    value : array, number, or tree of them
        Gradient or Jacobian; ``None`` where the method failed.
    error : float or None
        Largest error of an entry, over the largest entry of the reference.
    time : float or None
        Seconds of a call, median.
    note : str
        Why there is no value.
    """

    method: str
    value: Any
    error: float | None
    time: float | None
    note: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """A derivative by every method.

    Attributes
    ----------
    function : str
        Its name.
    rows : tuple of Row
    reference : str
        What errors are measured against.
    expression_size, expanded_size : int or None
        Operations of the symbolic derivative, as SymPy gives it and multiplied out;
        ``None`` where there is no formula, or too long a one.
    reference_error : float
        What the reference says of its own error, relative as the others; 0 if it has
        more digits than floats.
    """

    function: str
    rows: tuple[Row, ...]
    reference: str
    expression_size: int | None
    expanded_size: int | None
    reference_error: float = 0.0

    @property
    def notes(self) -> list[str]:
        """What stands below the table: the reference, sizes, and why values miss."""
        failed = [f"{row.method}: {row.note}" for row in self.rows if row.note]
        measured = f"Relative errors, against {self.reference}."
        wrong = [
            f"{WRONG} {row.method}: this is not the derivative of {self.function}."
            for row in self.rows
            if self._is_wrong(row)
        ]
        return [measured, self.size, *failed, *wrong]

    def _is_wrong(self, row: Row) -> bool:
        """Tell whether no rounding explains the error of a manual derivative."""
        if row.method != MANUAL or row.error is None:
            return False
        automatic = [
            one.error
            for one in self.rows
            if one.method in AUTOMATIC and one.error is not None
        ]
        limits = [MARGIN * error for error in (self.reference_error, *automatic)]
        return not row.error <= max(LARGEST_ROUNDING, *limits)

    @property
    def size(self) -> str:
        """The size of the symbolic derivative, in a sentence."""
        if self.expression_size is None:
            return "Expression size: there is no formula to count."
        longer = (
            "too long to be multiplied out"
            if self.expanded_size is None
            else f"{self.expanded_size} multiplied out"
        )
        return (
            f"Expression size: {self.expression_size} operations as derived, {longer}."
        )

    def __str__(self) -> str:
        table = as_text(HEAD, self._cells())
        return "\n".join([f"Derivative of {self.function}", "", table, "", *self.notes])

    def _repr_html_(self) -> str:
        notes = "<br>".join(map(html.escape, self.notes))
        return f"{as_html(HEAD, self._cells())}<p>{notes}</p>"

    def _cells(self) -> list[tuple[str, ...]]:
        return [
            (
                f"{row.method} {WRONG}" if self._is_wrong(row) else row.method,
                "" if row.value is None else _shown(row.value),
                "" if row.error is None else f"{row.error:.1e}",
                "" if row.time is None else time_text(row.time),
            )
            for row in self.rows
        ]

    def plot(self) -> Figure:
        """Return a picture: error and time of each method, on logarithmic scales.

        Raises
        ------
        ImportError
            Without matplotlib: ``pip install 'adjoint[explain]'``.
        """
        figure, (left, right) = figure_of((9.0, 0.42 * len(self.rows) + 1.2), 2)
        rows = [row for row in self.rows if row.error is not None][::-1]
        names = [row.method for row in rows]
        floor = float(np.finfo(float).eps) / 4  # where an exact result is drawn
        errors = [row.error or 0.0 for row in rows]
        left.plot(np.maximum(errors, floor), names, "o", color=BLUE)
        below = f"\n(smaller ones at {floor:.1e})" if min(errors) < floor else ""
        left.set_xlabel(f"error, relative to the largest entry{below}")
        right.plot([row.time for row in rows], names, "o", color=AMBER)
        right.set_xlabel("time of a call in seconds")
        for axes in (left, right):
            axes.set_xscale("log")
            tidy(axes)
        right.set_yticklabels([])
        figure.suptitle(f"Derivative of {self.function}", color=INK)
        return figure


def _shown(value: Any) -> str:
    """Return the first numbers of a derivative with all their digits."""
    numbers = np.concatenate([np.zeros(0), *map(np.ravel, flatten(value)[0])])
    first = ", ".join(f"{number:.16g}" for number in numbers[:2])
    return first if numbers.size <= 2 else f"{first}, and {numbers.size - 2} more"
