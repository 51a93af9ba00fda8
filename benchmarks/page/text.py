"""How numbers, names and tables are written."""

import re
from collections.abc import Sequence

from benchmarks.contenders import PLACES
from benchmarks.timing import Spread

MIB = 2.0**20


def label(name: str) -> str:
    """Return a contender's name as a reader knows it; one without a place as it is."""
    return PLACES[name].label if name in PLACES else name


def number(value: float) -> str:
    """Return three digits, none of them behind a point if there are three before it.

    Examples
    --------
    >>> number(2.3149), number(45.26), number(1234.5), number(0.0561)
    ('2.31', '45.3', '1,234', '0.056')
    """
    return f"{value:,.{_decimals(value)}f}"


def seconds(value: float) -> str:
    """Return a time in the unit that suits it.

    Examples
    --------
    >>> seconds(3.1e-5), seconds(0.25), seconds(12.0)
    ('31.0 µs', '250 ms', '12.0 s')
    """
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if value >= 0.9995 * size:
            return f"{number(value / size)} {unit}"
    return f"{number(value / 1e-9)} ns"


def amount(value: float, measure: str) -> str:
    """Return seconds, or MiB where bytes were measured."""
    return f"{number(value / MIB)} MiB" if measure == "memory" else seconds(value)


def spread(found: Spread) -> str:
    """Return the median with the ends of the spread, all with the median's decimals.

    The dash between them is no minus: an extra cost may be less than nothing.

    Examples
    --------
    >>> spread(Spread(2.249, 2.31, 2.378)), spread(Spread(-0.1, 0.5, 1.0))
    ('2.31 (2.25–2.38)', '0.50 (-0.10–1.00)')
    """
    places = _decimals(found.median)
    low, median, high = (
        f"{value:,.{places}f}" for value in (found.low, found.median, found.high)
    )
    return f"{median} ({low}–{high})"


def _decimals(value: float) -> int:
    if value >= 99.95:
        return 0
    if value >= 9.995:
        return 1
    return 2 if value >= 0.0995 else 3


def plain(text: str) -> str:
    """Return text in which nothing is Markdown."""
    return re.sub(r"([\\`*_$<>\[\]|~#{}])", r"\\\1", " ".join(text.split()))


def table(head: Sequence[str], rows: Sequence[Sequence[str]], words: int = 1) -> str:
    """Return a table in Markdown; the first columns hold words, the others numbers.

    Parameters
    ----------
    head, rows : sequence of str, sequence of sequence of str
        Cells, in Markdown.
    words : int
        Columns set to the left.
    """
    rules = [":---" if place < words else "---:" for place in range(len(head))]
    lines = ["| " + " | ".join(cells) + " |" for cells in (head, rules, *rows)]
    return "\n".join(lines)


def folded(title: str, text: str) -> str:
    """Return Markdown that a reader unfolds."""
    return f"<details><summary>{title}</summary>\n\n{text}\n\n</details>"
