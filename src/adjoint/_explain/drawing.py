"""The picture of a report, as shapes: cards of nodes, and the edges between them.

A long graph is drawn folded, one card for a group.  A value that many cards use would
be a hedge of lines; it is named on its users' cards instead.
"""

import textwrap
from collections.abc import Mapping
from typing import Any, NamedTuple

from adjoint._explain.cells import Cell
from adjoint._explain.folding import Shown, shown_rows
from adjoint._explain.layering import placed
from adjoint._explain.seeds import BAR, DOT, is_word, marked
from adjoint._explain.texts import cell_text, count_text, factor_text

MOST_CARDS = 40
"""Nodes: a longer graph is drawn folded."""
_MOST_USERS = 4
"""Cards: a value that more of them use is named on them."""

CHARACTER, LINE, PADDING = 7.3, 16.0, 9.0
"""Pixels: a character of the type-face, a line of text, the rim of a card."""
_WIDEST = 30
"""Characters of a line of an expression."""
_MOST_LINES = 4
_LONGEST_NAME = 6
"""Characters: derivatives of longer ones, and of words, are those of ``v``."""
_LABEL = 14
"""Characters: longer formulas do not stand on an edge."""


class Text(NamedTuple):
    """A line of a card: its ink, and whether it stands on the right."""

    text: str
    ink: str
    right: bool = False


class Card(NamedTuple):
    """A box with lines of text; ``x, y`` is its upper left corner."""

    x: float
    y: float
    width: float
    height: float
    kind: str
    lines: list[list[Text]]


class Edge(NamedTuple):
    """A line from card to card through some points, with the local partial."""

    points: list[tuple[float, float]]
    label: str


class Drawing(NamedTuple):
    """What a picture shows, in pixels."""

    width: float
    height: float
    title: str
    cards: list[Card]
    edges: list[Edge]


def drawing_of(data: Mapping[str, Any]) -> Drawing:
    """Return the picture of a report's graph."""
    rows = shown_rows(data, MOST_CARDS)
    links, chips = _links(data, rows)
    texts = [_lines(data, row, chips[k]) for k, row in enumerate(rows)]
    sizes = [_size(lines) for lines in texts]
    placement = placed(sizes, list(links))
    cards = [
        Card(x - width / 2, y, width, height, _kind(data, row), lines)
        for x, y, (width, height), row, lines in zip(
            placement.x, placement.y, sizes, rows, texts, strict=True
        )
    ]
    edges = [
        Edge(_points(cards[start], cards[end], bends), label)
        for ((start, end), label), bends in zip(
            links.items(), placement.bends, strict=True
        )
    ]
    return Drawing(placement.width, placement.height, data["title"], cards, edges)


def _links(
    data: Mapping[str, Any], rows: list[Shown]
) -> tuple[dict[tuple[int, int], str], list[list[str]]]:
    """Return the edges between cards, and the values that each card only names."""
    nodes = data["nodes"]
    card = {k: j for j, row in enumerate(rows) for k in range(row.first, row.last + 1)}
    users: dict[int, list[int]] = {}
    for node, parents in enumerate(nodes["parents"]):
        for parent in parents:
            if card[parent] != card[node]:
                users.setdefault(parent, []).append(card[node])
    links: dict[tuple[int, int], str] = {}
    chips: list[list[str]] = [[] for _ in rows]
    for parent in sorted(users):
        cards = dict.fromkeys(users[parent])
        if len(cards) > _MOST_USERS:
            for one in cards:
                chips[one].append(nodes["name"][parent])
            continue
        for one in cards:
            label = "" if rows[one].name else _label(nodes, rows[one].first, parent)
            known = links.get((card[parent], one))
            links[card[parent], one] = label if known is None else ""
    return links, chips


def _label(nodes: Mapping[str, Any], user: int, parent: int) -> str:
    """Return the partial of a card by an operand, if it is short."""
    found = [one for one in nodes["partials"][user] if one["parent"] == parent]
    texts = [one["formula"] or factor_text(one["value"]) for one in found]
    text = " + ".join(text for text in texts if text)
    return text if len(text) <= _LABEL else ""


def _lines(data: Mapping[str, Any], row: Shown, chips: list[str]) -> list[list[Text]]:
    nodes = data["nodes"]
    if row.name:
        names = nodes["name"]
        count = count_text(row.last - row.first + 1, "operation")
        lines = [[Text(row.name, "name")], [Text(count, "faint")]]
        lines.append([Text(f"{names[row.first]} … {names[row.last]}", "faint")])
        lines += [
            [Text(f"{names[one]} = {cell_text(nodes['value'][one])}", "value")]
            for one in data["outputs"]
            if row.first <= one <= row.last
        ]
        return lines + _chip_lines(chips)
    place = row.first
    lines = [[Text(line, "name")] for line in _expression(nodes, place)]
    value = cell_text(nodes["value"][place])
    lines += [[Text(line, "value")] for line in textwrap.wrap(value, _WIDEST)]
    return lines + _derivatives(data, place) + _chip_lines(chips)


def _chip_lines(chips: list[str]) -> list[list[Text]]:
    if not chips:
        return []
    shown = ", ".join(chips[:3]) + (f" and {len(chips) - 3} more" * (len(chips) > 3))
    return [[Text(line, "faint")] for line in textwrap.wrap(f"uses {shown}", _WIDEST)]


def _expression(nodes: Mapping[str, Any], place: int) -> list[str]:
    """Return what a node computes; of what is too long the operation alone."""
    name, text = nodes["name"][place], nodes["expression"][place]
    if nodes["operation"][place] == "input":
        return textwrap.wrap(name, _WIDEST)
    lines = textwrap.wrap(
        f"{name} = {text}", _WIDEST, break_long_words=False, subsequent_indent="  "
    )
    if len(lines) > _MOST_LINES or max(map(len, lines)) > _WIDEST:
        return [f"{name} = {nodes['operation'][place]}(…)"]
    return lines


def _derivatives(data: Mapping[str, Any], place: int) -> list[list[Text]]:
    """Return tangent and adjoint: side by side, or one above the other."""
    name = data["nodes"]["name"][place]
    name = "v" if is_word(name) or len(name) > _LONGEST_NAME else name
    found = []
    for sweeps, key, mark in (
        (data["forward"], "tangent", DOT),
        (data["reverse"], "adjoint", BAR),
    ):
        one: Cell = sweeps[0][key][place] if sweeps else None
        if one is not None:
            text = f"{marked(name, mark)} = {cell_text(one, 5)}"
            found.append(Text(text, key, right=key == "adjoint"))
    if sum(len(one.text) for one in found) + 2 <= _WIDEST:
        return [found] if found else []
    return [
        [Text(line, one.ink)]
        for one in found
        for line in textwrap.wrap(one.text, _WIDEST)
    ]


def _size(lines: list[list[Text]]) -> tuple[float, float]:
    longest = max(sum(len(one.text) for one in line) + 2 * len(line) for line in lines)
    return (
        max((longest - 2) * CHARACTER + 2 * PADDING, 60.0),
        len(lines) * LINE + 2 * PADDING - 4.0,
    )


def _kind(data: Mapping[str, Any], row: Shown) -> str:
    if any(row.first <= one <= row.last for one in data["outputs"]):
        return "output"
    if row.name:
        return "group"
    return "input" if row.first in data["inputs"] else "operation"


def _points(
    start: Card, end: Card, bends: list[tuple[float, float]]
) -> list[tuple[float, float]]:
    """Return the points of an edge; on wide cards it leaves towards where it goes."""
    first = start.x + start.width / 2, start.y + start.height
    last = end.x + end.width / 2, end.y
    after = bends[0] if bends else last
    before = bends[-1] if bends else first
    return [
        (_towards(first[0], after[0], start.width), first[1]),
        *bends,
        (_towards(last[0], before[0], end.width), last[1]),
    ]


def _towards(middle: float, other: float, width: float) -> float:
    """Return where an edge meets a card: a little off its middle."""
    reach = width / 2 - 12.0
    return middle + max(-reach, min(reach, (other - middle) / 3))
