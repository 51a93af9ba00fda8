"""The user's source lines that a graph came from, and the text of their functions."""

import linecache
import os
from collections.abc import Sequence
from types import CodeType
from typing import Any

from adjoint._core.nodes import Node, SourceLine


def lines_of(
    nodes: Sequence[Node], *, source: bool
) -> tuple[list[int], list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the line of each node, the lines, and the parts of files around them.

    Without ``source`` lines have their number and function, and no text.
    """
    spans = _spans(_codes(nodes))
    files = [part for file, found in spans.items() for part in _parts(file, found)]
    known: dict[tuple[str, SourceLine], int] = {}
    places: dict[tuple[CodeType | None, int], int] = {(None, 0): -1}
    column: list[int] = []
    for node in nodes:
        place = (None, 0) if node.record is None else (node.code, node.at)
        line = None if place in places else node.line
        if line is not None and node.code is not None:
            key = node.code.co_filename, line
            places[place] = known.setdefault(key, len(known))
        column.append(places[place])
    lines = [
        {
            "file": _place(files, path, line.line) if source else -1,
            "name": line.file,
            "number": line.line,
            "function": line.function,
            "text": line.text if source else "",
        }
        for path, line in known
    ]
    shown = [{k: part[k] for k in ("name", "first", "lines")} for part in files]
    return column, lines, shown if source else []


def _codes(nodes: Sequence[Node]) -> set[CodeType]:
    """Return the user's functions that computed nodes; inputs have their caller's."""
    return {
        one.code for one in nodes if one.code is not None and one.record is not None
    }


def _spans(codes: set[CodeType]) -> dict[str, list[tuple[int, int]]]:
    """Return the lines that functions span, by file, overlapping ones joined."""
    spans: dict[str, list[tuple[int, int]]] = {}
    for code in codes:
        last = max((line for *_, line in code.co_lines() if line), default=0)
        span = code.co_firstlineno, max(last, code.co_firstlineno)
        spans.setdefault(code.co_filename, []).append(span)
    joined: dict[str, list[tuple[int, int]]] = {}
    for file in sorted(spans):
        found = joined.setdefault(file, [])
        for first, last in sorted(spans[file]):
            if found and first <= found[-1][1] + 1:
                found[-1] = found[-1][0], max(last, found[-1][1])
            else:
                found.append((first, last))
    return joined


def _parts(file: str, spans: Sequence[tuple[int, int]]) -> list[dict[str, Any]]:
    """Return the text of some lines of a file; nothing where it cannot be read."""
    text = linecache.getlines(file)
    name = file.rpartition(os.sep)[2]
    return [
        {
            "path": file,
            "name": name,
            "first": first,
            "lines": [line.rstrip("\r\n") for line in text[first - 1 : last]],
        }
        for first, last in spans
        if len(text) >= last
    ]


def _place(files: Sequence[dict[str, Any]], path: str, number: int) -> int:
    for k, part in enumerate(files):
        if part["path"] == path and 0 <= number - part["first"] < len(part["lines"]):
            return k
    return -1
