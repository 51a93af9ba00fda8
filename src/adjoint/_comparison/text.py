"""Tables as text and as HTML."""

import html
from collections.abc import Sequence

Cells = Sequence[Sequence[str]]


def as_text(head: Sequence[str], rows: Cells) -> str:
    """Return a table in columns: words to the left, numbers to the right."""
    table = [list(head), *map(list, rows)]
    widths = [max(len(row[k]) for row in table) for k in range(len(head))]
    numeric = [_is_number(rows, k) for k in range(len(head))]
    lines = [
        "  ".join(
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(row, widths, numeric, strict=True)
        ).rstrip()
        for row in table
    ]
    return "\n".join([lines[0], "  ".join("-" * width for width in widths), *lines[1:]])


def as_html(head: Sequence[str], rows: Cells) -> str:
    """Return a table for notebooks."""
    numeric = [_is_number(rows, k) for k in range(len(head))]

    def line(cells: Sequence[str], tag: str) -> str:
        return "".join(
            f'<{tag} style="text-align: {"right" if right else "left"}">'
            f"{html.escape(cell)}</{tag}>"
            for cell, right in zip(cells, numeric, strict=True)
        )

    body = "".join(f"<tr>{line(row, 'td')}</tr>" for row in rows)
    top = f"<thead><tr>{line(head, 'th')}</tr></thead>"
    return f"<table>{top}<tbody>{body}</tbody></table>"


def _is_number(rows: Cells, column: int) -> bool:
    """Tell whether a column's first cell starts like a number."""
    return bool(rows) and rows[0][column][:1].isdigit()
