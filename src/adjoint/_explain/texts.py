"""Cells of a report as short texts, in which no number is ever cut off."""

import math
import unicodedata
from collections.abc import Sequence
from unicodedata import east_asian_width

from adjoint._core.units import time_text
from adjoint._explain.cells import Cell

_LONGEST_LIST = 24
"""Characters: arrays that need more are shown by shape and norm."""


def cell_text(one: Cell, digits: int = 6) -> str:
    """Return a number, a short array, or the shape and norm of a longer one."""
    if one is None:
        return ""
    if not isinstance(one, dict):
        return _number_text(one, digits)
    if "re" in one:
        return _complex_text(one, digits)
    count = math.prod(one["shape"])
    if count == len(one["head"]) and len(one["shape"]) == 1:
        inside = f"[{', '.join(cell_text(each, 4) for each in one['head'])}]"
        if len(inside) <= _LONGEST_LIST:
            return inside
    shape = "×".join(map(str, one["shape"]))
    if len(one["shape"]) == 1:
        shape = count_text(count, "number")
    text = f"{shape}, norm {_number_text(one['norm'], 4)}"
    bad = [f"{one[kind]:,} {kind}" for kind in ("nan", "inf") if one[kind]]
    return ", ".join([text, *bad])


def factor_text(one: Cell, digits: int = 4) -> str:
    """Return a partial: of an array that holds one number everywhere, that number."""
    if isinstance(one, dict) and "shape" in one and one["min"] == one["max"]:
        return _number_text(one["min"], digits)
    return cell_text(one, digits)


def _number_text(number: float | str | None, digits: int) -> str:
    if number is None:
        return ""
    if isinstance(number, (str, int)):
        return str(number)
    return f"{number:.{digits}g}" if number else "0"  # of -0.0, too


def _complex_text(one: Cell, digits: int) -> str:
    imaginary = _number_text(one["im"], digits)
    sign = "" if imaginary.startswith("-") else "+"
    return f"{_number_text(one['re'], digits)}{sign}{imaginary}j"


def width_of(text: str) -> int:
    """Return how many columns a terminal needs for a text; marks above letters none."""
    return sum(
        0 if unicodedata.combining(one) else 1 + (east_asian_width(one) in "WF")
        for one in text
    )


def seconds_text(seconds: float | None) -> str:
    """Return a time in the unit that suits it; nothing for one that is not known."""
    return "" if seconds is None else time_text(seconds)


def bytes_text(count: float | None) -> str:
    """Return a number of bytes in the unit that suits it: 1 KiB is 1,024 of them."""
    if count is None:
        return ""
    for scale, unit in ((2**30, "GiB"), (2**20, "MiB"), (2**10, "KiB")):
        if count >= scale:
            return f"{count / scale:.3g} {unit}"
    return f"{count:.0f} B"


def count_text(count: int, word: str) -> str:
    """Return a number of things: ``1 input``, ``2 inputs``."""
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def total(column: Sequence[float | None]) -> float | None:
    """Return the sum of what is known of a column."""
    known = [one for one in column if one is not None]
    return sum(known) if known else None
