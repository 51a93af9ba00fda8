"""Evaluation traces as they are shown: rows, and their text."""

import itertools
import textwrap
from collections.abc import Sequence
from typing import Any, NamedTuple

from adjoint._core.listing import fold_text, html_row, value_text

_LINE = 88
_WIDEST = (8, 30, 16, 34, 16)
"""What columns take of such a line: name, operation, primal, partials, derivative."""
_NARROWEST = 8
_HIGHEST = 12
"""Lines of one cell."""


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
        return self.text()

    def text(self, width: int = _LINE) -> str:
        """Return the table as text, long cells in several lines.

        Parameters
        ----------
        width : int
            Characters in a line; in wide ones fewer cells need more than one.

        Examples
        --------
        >>> import numpy as np
        >>> import adjoint as ad
        >>> graph = ad.trace(np.sin)(np.array([0.25, 0.5, 0.75]))
        >>> print(graph.table().text(width=66))
        name  operation  primal           partials         tangent
        ----  ---------  ---------------  ---------------  ---------------
        v0    x          [0.25, 0.5,                       [1, 0, 0]
                         0.75]
        v1    sin(v0)    [0.247404,       d/dv0 cos(v0) =  [0.968912, 0,
                         0.479426,        [0.96891,        0]
                         0.681639]        0.87758,
                                          0.73169]
        """
        head, *body = self._cells()
        widths = _widths([head, *body], width)
        lines = [_in_columns(head, widths)]
        lines.append("  ".join("-" * one for one in widths))
        rows = [_in_columns(row, widths) for row in body]
        if self.hidden:
            rows.insert(self._gap(), fold_text(self.hidden))
        return "\n".join([*lines, *rows])

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
        lines = [html_row(row, "td") for row in body]
        if self.hidden:
            fold = f"<tr><td colspan='5'>{fold_text(self.hidden)}</td></tr>"
            lines.insert(self._gap(), fold)
        return (
            f"<table><thead>{html_row(head, 'th')}</thead>"
            f"<tbody>{''.join(lines)}</tbody></table>"
        )


def _widths(rows: Sequence[Sequence[str]], line: int) -> list[int]:
    """Return the widths of columns: what they need, or their share of a line."""
    needed = [max(len(row[k]) for row in rows) for k in range(len(_WIDEST))]
    room = line - 2 * (len(needed) - 1)
    widths = [min(*both) for both in zip(needed, _WIDEST, strict=True)]
    while sum(widths) > room and max(widths[1:]) > _NARROWEST:
        widths[widths.index(max(widths[1:]), 1)] -= 1
    while sum(widths) < room and widths != needed:
        missing = [need - have for need, have in zip(needed, widths, strict=True)]
        widths[missing.index(max(missing))] += 1
    return widths


def _in_columns(cells: Sequence[str], widths: Sequence[int]) -> str:
    """Return a row of cells, as many lines as the highest one has."""
    wrapped = [
        textwrap.wrap(cell, width, max_lines=_HIGHEST, placeholder=" ...") or [""]
        for cell, width in zip(cells, widths, strict=True)
    ]
    return "\n".join(
        "  ".join(
            part.ljust(width) for part, width in zip(line, widths, strict=True)
        ).rstrip()
        for line in itertools.zip_longest(*wrapped, fillvalue="")
    )


def _partial_text(partial: Partial) -> str:
    if partial.value is None:
        return f"d/d{partial.of} a matrix"
    value = value_text(partial.value, 5)
    if partial.formula and partial.formula != value:
        return f"d/d{partial.of} {partial.formula} = {value}"
    return f"d/d{partial.of} {value}"
