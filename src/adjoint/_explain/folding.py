"""Which rows of a long Wengert list are shown: nodes, and groups folded to one row."""

from collections.abc import Mapping
from typing import Any, NamedTuple

MOST_ROWS = 120
"""Nodes: a longer list is shown folded."""
_MOST_FOLDED = 40
"""Rows of a folded list: groups say less than nodes, so that fewer are read."""


class Shown(NamedTuple):
    """One row: the nodes from ``first`` to ``last``; a group has a name."""

    first: int
    last: int
    name: str = ""


def shown_rows(data: Mapping[str, Any], most: int = MOST_ROWS) -> list[Shown]:
    """Return the rows of a Wengert list: all nodes, or groups where they are many.

    Groups are opened level by level, as long as there are few rows.
    """
    count = len(data["nodes"]["name"])
    if count <= most:
        return [Shown(k, k) for k in range(count)]
    groups = data["groups"]
    inside: dict[int, list[int]] = {}
    for place, group in enumerate(groups):
        inside.setdefault(group["parent"], []).append(place)
    places = inside.get(-1, [])
    rows = _opened(0, count - 1, [groups[k] for k in places])
    while places:
        level = [
            _opened(
                groups[k]["first"],
                groups[k]["last"],
                [groups[each] for each in inside.get(k, ())],
            )
            for k in places
        ]
        if len(rows) - len(level) + sum(map(len, level)) > _MOST_FOLDED:
            break
        opened = {part[0].first: part for part in level}
        rows = [
            each for row in rows for each in (opened[row.first] if row.name else [row])
        ]
        places = [each for k in places for each in inside.get(k, ())]
    return rows


def _opened(first: int, last: int, groups: list[dict[str, Any]]) -> list[Shown]:
    """Return the rows of a range: its groups, and the single nodes between them."""
    rows, place = [], first
    for group in groups:
        rows += [Shown(k, k) for k in range(place, group["first"])]
        rows.append(Shown(group["first"], group["last"], group["name"]))
        place = group["last"] + 1
    return [*rows, *(Shown(k, k) for k in range(place, last + 1))]
