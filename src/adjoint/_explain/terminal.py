"""A report as text: tables as wide as the terminal, in colour where it shows it."""

import itertools
import os
import shutil
import sys
import textwrap
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from adjoint._explain.cells import size
from adjoint._explain.folding import MOST_ROWS, Shown, shown_rows
from adjoint._explain.texts import (
    bytes_text,
    cell_text,
    count_text,
    factor_text,
    seconds_text,
    total,
    width_of,
)

WIDTH = 88
"""Columns, where the output is no terminal."""
_FEWEST = 4
"""Columns of a table: where even these do not fit, it is written as paragraphs."""
_NARROWEST, _WIDEST_WORD = 14, 30
"""Characters, of columns whose texts may be broken."""
_MOST_LINES = 15
_BOLD, _DIM = "1", "2"
_INK = {"tangent": "34", "adjoint": "33"}
"""Blue and orange, as codes of ANSI terminals."""


class Column(NamedTuple):
    """A column of a table; ``wraps`` if its texts may be broken into lines."""

    head: str
    texts: list[str]
    color: str = ""
    right: bool = False
    wraps: bool = False


def terminal_width() -> int:
    """Return how many columns the terminal has; 88 where there is none."""
    return shutil.get_terminal_size((WIDTH, 24)).columns


def wants_color() -> bool:
    """Tell whether the output is a terminal that is told nothing against colours."""
    stream = sys.stdout
    is_terminal = getattr(stream, "isatty", lambda: False)()
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return bool(is_terminal) and not plain


def as_text(data: Mapping[str, Any], width: int, *, color: bool) -> str:
    """Return a report as text.

    Parameters
    ----------
    data : dict
    width : int
        Columns.  What does not fit is left out, the partials first, and a line says
        so; numbers are whole.
    color : bool
        Whether to mark tangents blue and adjoints orange, by ANSI codes.
    """
    blocks = [_heading(data, width, color=color)]
    blocks.append(_table(_wengert(data), width, color=color))
    if data["lines"]:
        blocks.append(_table(_by_line(data), width, color=color))
    remarks = [one["text"] for one in data["findings"]] + data["notes"]
    blocks.append("\n".join(itertools.chain(*(_bullet(one, width) for one in remarks))))
    return "\n\n".join(block for block in blocks if block)


def _heading(data: Mapping[str, Any], width: int, *, color: bool) -> str:
    nodes = data["nodes"]["name"]
    inputs = len(data["inputs"])
    counts = ", ".join(
        [
            count_text(inputs, "input"),
            count_text(len(nodes) - inputs, "operation"),
            count_text(len(data["outputs"]), "output"),
        ]
    )
    text = _painted(data["title"], _BOLD if color else "") + f": {counts}"
    lines = [text, *_wrapped("; ".join(_seed_texts(data)), width)]
    rows = shown_rows(data)
    if len(rows) < len(nodes):
        folded = (
            f"Folded to {len(rows)} rows of {len(nodes):,}: more than {MOST_ROWS} "
            "are too many to read; .save('report.html') opens them. A folded row has "
            "the numbers of its last operation."
        )
        lines += _wrapped(folded, width)
    return "\n".join(lines)


def _sweeps(data: Mapping[str, Any]) -> list[tuple[str, list[Any]]]:
    """Return the kinds of derivatives that there are, that of the mode first."""
    found = [("tangent", data["forward"]), ("adjoint", data["reverse"])]
    if data["mode"] == "reverse":
        found.reverse()
    return [(kind, sweeps) for kind, sweeps in found if sweeps]


def _seed_texts(data: Mapping[str, Any]) -> list[str]:
    """Return from which seeds the columns of derivatives are."""
    texts = []
    for kind, sweeps in _sweeps(data):
        more = f" (the first of {len(sweeps)} seeds)" if len(sweeps) > 1 else ""
        texts.append(f"{kind}s from {sweeps[0]['label']}{more}")
    return texts


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, max(width, 20))


def _bullet(text: str, width: int) -> list[str]:
    return textwrap.wrap(
        text, max(width, 20), initial_indent="- ", subsequent_indent="  "
    )


def _wengert(data: Mapping[str, Any]) -> list[Column]:
    """Return the columns of the Wengert list, what matters most first."""
    nodes = data["nodes"]
    rows = shown_rows(data)
    columns = [
        Column("name", [_name(row, nodes) for row in rows]),
        Column("operation", [_operation(row, nodes) for row in rows], wraps=True),
        _values("primal", nodes["value"], rows, ""),
    ]
    sweeps = [
        _values(kind, sweep[kind], rows, _INK[kind])
        for kind, (sweep, *_) in _sweeps(data)
    ]
    partials = [_partials(row, nodes) for row in rows]
    return [*columns, *sweeps, Column("partials", partials, _DIM, wraps=True)]


def _name(row: Shown, nodes: Mapping[str, Any]) -> str:
    if not row.name:
        return str(nodes["name"][row.first])
    return f"{nodes['name'][row.first]} … {nodes['name'][row.last]}"


def _operation(row: Shown, nodes: Mapping[str, Any]) -> str:
    if row.name:
        return f"{row.name}: {count_text(row.last - row.first + 1, 'operation')}"
    is_input = nodes["operation"][row.first] == "input"
    return "input" if is_input else str(nodes["expression"][row.first])


def _values(
    head: str, cells: Sequence[Any], rows: Sequence[Shown], color: str
) -> Column:
    texts = [cell_text(cells[row.last]) for row in rows]
    return Column(head, texts, color, right=True)


def _partials(row: Shown, nodes: Mapping[str, Any]) -> str:
    if row.name:
        return ""
    shown = [
        (nodes["name"][one["parent"]], one["formula"] or factor_text(one["value"]))
        for one in nodes["partials"][row.first]
    ]
    return ", ".join(f"∂/∂{of} = {text}" for of, text in shown if text)


def _by_line(data: Mapping[str, Any]) -> list[Column]:
    """Return the columns of costs by source line, the dearest lines first."""
    nodes = data["nodes"]
    members: dict[int, list[int]] = {}
    for node, line in enumerate(nodes["line"]):
        members.setdefault(line, []).append(node)
    members.pop(-1, None)

    def cost(line: int) -> float:
        columns = (nodes["forward_s"], nodes["backward_s"])
        return sum(column[k] or 0.0 for column in columns for k in members[line])

    lines = sorted(members, key=cost, reverse=True)[:_MOST_LINES]
    adjoint = data["reverse"][0]["adjoint"] if data["reverse"] else None

    def of(key: str, line: int) -> list[Any]:
        return [nodes[key][k] for k in members[line]]

    def largest(line: int) -> str:
        sizes = [size(adjoint[k]) for k in members[line]] if adjoint else []
        known = [one for one in sizes if one is not None]
        return f"{max(known):.3g}" if known else ""

    def bad(line: int) -> str:
        return str(sum(map(sum, of("nonfinite", line))) or "")

    def costs(key: str, in_words: Callable[[float | None], str]) -> list[str]:
        return [in_words(total(of(key, line)) or None) for line in lines]

    places = [_place(data["lines"][line]) for line in lines]
    sizes = [largest(line) for line in lines]
    sources = [data["lines"][line]["text"] for line in lines]
    return [
        Column("line", places),
        Column("forward", costs("forward_s", seconds_text), right=True),
        Column("backward", costs("backward_s", seconds_text), right=True),
        Column("kept", costs("kept_bytes", bytes_text), right=True),
        Column("largest adjoint", sizes, _INK["adjoint"], right=True),
        Column("NaN, inf", [bad(line) for line in lines], right=True),
        Column("source", sources, _DIM, wraps=True),
    ]


def _place(line: Mapping[str, Any]) -> str:
    return f"{line['name']}:{line['number']}"


def _table(columns: list[Column], width: int, *, color: bool) -> str:
    """Return a table that fits: without its last columns, if need be, or turned."""
    whole = columns = [one for one in columns if any(one.texts)]
    while len(columns) > _FEWEST and _narrowest(columns) > width:
        columns = columns[:-1]
    if not columns:
        return ""
    if _narrowest(columns) > width:
        return _turned(whole, width)
    widths = _widths(columns, width)
    heads = [one.head for one in columns]
    lines = _row(columns, heads, widths, _BOLD if color else "")
    for texts in zip(*(one.texts for one in columns), strict=True):
        lines += _row(columns, texts, widths, None if color else "")
    if left_out := [one.head for one in whole[len(columns) :]]:
        told = (
            f"Too narrow for {', '.join(left_out)}: {_narrowest(whole)} columns hold "
            "all, as in report.text(width=...)."
        )
        lines += _wrapped(told, width)
    return "\n".join(lines)


def _narrowest(columns: Sequence[Column]) -> int:
    """Return the least width of a table."""
    return sum(_least(one) for one in columns) + 2 * (len(columns) - 1)


def _least(column: Column) -> int:
    if not column.wraps:
        return max(map(width_of, (column.head, *column.texts)))
    texts = (column.head, *column.texts)
    words = itertools.chain(*(text.split() for text in texts))
    word = max(map(width_of, words), default=0)
    return max(min(word, _WIDEST_WORD), min(max(map(width_of, texts)), _NARROWEST))


def _widths(columns: Sequence[Column], width: int) -> list[int]:
    """Return the widths of columns; what is left goes to those that wrap."""
    widths = [_least(one) for one in columns]
    wanted = [max(map(width_of, (one.head, *one.texts))) for one in columns]
    room = width - sum(widths) - 2 * (len(columns) - 1)
    for k, column in enumerate(columns):
        if column.wraps:
            more = min(wanted[k] - widths[k], room)
            widths[k] += max(more, 0)
            room -= max(more, 0)
    return widths


def _row(
    columns: Sequence[Column],
    texts: Sequence[str],
    widths: Sequence[int],
    color: str | None,
) -> list[str]:
    """Return a row as lines, painted; in its columns' colours for ``None``."""
    broken = [
        textwrap.wrap(text, width) or [""] if column.wraps else [text]
        for column, text, width in zip(columns, texts, widths, strict=True)
    ]
    lines = []
    for parts in itertools.zip_longest(*broken, fillvalue=""):
        cells = []
        for column, part, width in zip(columns, parts, widths, strict=True):
            ink = column.color if color is None else color
            padding = " " * (width - width_of(part))
            painted = _painted(part, ink)
            cells.append(padding + painted if column.right else painted + padding)
        lines.append("  ".join(cells).rstrip())
    return lines


def _turned(columns: Sequence[Column], width: int) -> str:
    """Return a table as paragraphs, for terminals too narrow for its rows."""
    lines = []
    for texts in zip(*(one.texts for one in columns), strict=True):
        for k, (column, text) in enumerate(zip(columns, texts, strict=True)):
            if text:
                label = text if k == 0 else f"  {column.head}: {text}"
                lines += textwrap.wrap(
                    label,
                    max(width, 20),
                    subsequent_indent="    ",
                    break_long_words=False,
                    break_on_hyphens=False,
                )
    return "\n".join(lines)


def _painted(text: str, color: str) -> str:
    return f"\033[{color}m{text}\033[0m" if color and text.strip() else text
