"""Evaluation traces as they are shown: rows, and their text."""

import html
from collections.abc import Sequence
from typing import Any, NamedTuple

from adjoint._core.listing import fold_text, value_text

_LINE = 88
_WIDEST = (8, 30, 16, 34, 16)
"""What columns may take of a line: name, operation, primal, partials, derivative."""


class Partial(NamedTuple):
    """A local partial derivative: of one line by one of its operands.

    Parameters
    ----------
    of : str
        The name of the operand.
    value : number, array, or None
        ``None`` where it is a matrix: the line is an array, and not elementwise.
    formula : str
        For elementwise functions, in the names of the table; else empty.
    """

    of: str
    value: Any
    formula: str


class Row(NamedTuple):
    """One line of a table.

    Parameters
    ----------
    name : str
        ``v-1, v0`` for inputs, ``v1, v2, ...`` for equations.
    operation : str
        What the line computes; of inputs, their names.
    primal : value
    partials : tuple of Partial
        By each operand that derivatives flow through.
    derivative : value or None
        The tangent of the line, or its adjoint; ``None`` for what is constant.
    """

    name: str
    operation: str
    primal: Any
    partials: tuple[Partial, ...]
    derivative: Any


class Table:
    """A graph line by line: values, local partials, and tangents or adjoints.

    Attributes
    ----------
    mode : {"forward", "reverse"}
    rows : tuple of Row
        Inputs, then equations in order; of a long graph the first and the last.
    hidden : int
        How many equations in between are left out.

    See Also
    --------
    Graph.table : makes one.

    Examples
    --------
    >>> import adjoint as ad
    >>> table = ad.trace(lambda x: x * x)(3.0).table("forward")
    >>> table.rows[-1].primal, table.rows[-1].derivative
    (9.0, np.float64(6.0))
    """

    __slots__ = ("hidden", "mode", "name", "rows")

    def __init__(self, name: str, mode: str, rows: Sequence[Row], hidden: int) -> None:
        self.name = name
        self.mode = mode
        self.rows = tuple(rows)
        self.hidden = hidden

    def __len__(self) -> int:
        return len(self.rows)

    def __repr__(self) -> str:
        return str(self)

    def __str__(self) -> str:
        cells = self._cells()
        widths = [
            min(max(len(row[k]) for row in cells), widest)
            for k, widest in enumerate(_WIDEST)
        ]
        excess = sum(widths) + 2 * (len(widths) - 1) - _LINE
        if excess > 0:
            widths[3] = max(8, widths[3] - excess)
        lines = [
            "  ".join(
                _cut(cell, width).ljust(width)
                for cell, width in zip(row, widths, strict=True)
            ).rstrip()
            for row in cells
        ]
        lines.insert(1, "  ".join("-" * width for width in widths))
        if self.hidden:
            lines.insert(self._gap() + 2, fold_text(self.hidden))
        return "\n".join(lines)

    def _gap(self) -> int:
        """Return the place of the first line after those that are hidden."""
        numbers = [int(row.name[1:]) for row in self.rows]
        jumps = [k for k in range(1, len(numbers)) if numbers[k] > numbers[k - 1] + 1]
        return jumps[0]

    def _cells(self) -> list[tuple[str, ...]]:
        derivative = "tangent" if self.mode == "forward" else "adjoint"
        rows: list[tuple[str, ...]] = [
            ("name", "operation", "primal", "partials", derivative)
        ]
        for row in self.rows:
            partials = ", ".join(map(_partial_text, row.partials))
            dot = "" if row.derivative is None else value_text(row.derivative, 7)
            primal = value_text(row.primal, 7)
            rows.append((row.name, row.operation, primal, partials, dot))
        return rows

    def _repr_html_(self) -> str:
        head, *body = self._cells()
        lines = [_html_row(row, "td") for row in body]
        if self.hidden:
            fold = f"<tr><td colspan='5'>{fold_text(self.hidden)}</td></tr>"
            lines.insert(self._gap(), fold)
        return (
            f"<table><thead>{_html_row(head, 'th')}</thead>"
            f"<tbody>{''.join(lines)}</tbody></table>"
        )


def _html_row(cells: Sequence[str], kind: str) -> str:
    inside = "".join(f"<{kind}>{html.escape(cell)}</{kind}>" for cell in cells)
    return f"<tr>{inside}</tr>"


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 3] + "..."


def _partial_text(partial: Partial) -> str:
    if partial.value is None:
        return f"d/d{partial.of} a matrix"
    value = value_text(partial.value, 5)
    if partial.formula and partial.formula != value:
        return f"d/d{partial.of} {partial.formula} = {value}"
    return f"d/d{partial.of} {value}"
