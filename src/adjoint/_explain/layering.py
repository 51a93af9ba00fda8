"""A layered drawing of an acyclic graph: where each box goes, and each edge.

Sugiyama's method: boxes into layers below all that lead to them; long edges through a
bend in each layer between; boxes within layers ordered by their neighbours' mean place,
as few crossings as a few passes find; then each layer moved as near to its neighbours
as its order and the widths of its boxes allow, which is an isotonic regression.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

GAP_ACROSS, GAP_DOWN = 28.0, 44.0
_BEND = 10.0
_ORDERINGS = 10
_MOVES = 12


class Placement(NamedTuple):
    """A drawing: of each box the middle of its upper edge, of each edge its bends."""

    x: list[float]
    y: list[float]
    bends: list[list[tuple[float, float]]]
    width: float
    height: float


def placed(
    sizes: Sequence[tuple[float, float]], edges: Sequence[tuple[int, int]]
) -> Placement:
    """Return where boxes go.

    Parameters
    ----------
    sizes : sequence of (float, float)
        Width and height of each box.
    edges : sequence of (int, int)
        From a box to a later one.
    """
    if not sizes:
        return Placement([], [], [], 0.0, 0.0)
    layer = _layers(len(sizes), edges)
    widths = [width for width, _ in sizes]
    chains: list[list[int]] = []
    links: list[tuple[int, int]] = []
    for start, end in edges:
        chain = [start]
        for between in range(layer[start] + 1, layer[end]):
            chain.append(len(widths))
            widths.append(_BEND)
            layer.append(between)
        chain.append(end)
        chains.append(chain[1:-1])
        links += pairwise(chain)
    rows = _ordered(layer, links)
    x = _across(rows, widths, links)
    tops, heights, height = _down(rows, sizes)
    left = min(x[k] - widths[k] / 2 for k in range(len(widths)))
    x = [one - left for one in x]
    middles = [tops[level] + heights[level] / 2 for level in layer]
    bends = [[(x[k], middles[k]) for k in chain] for chain in chains]
    count = len(sizes)
    y = [tops[layer[k]] for k in range(count)]
    width = max(x[k] + widths[k] / 2 for k in range(len(widths)))
    return Placement(x[:count], y, bends, width, height)


def _layers(count: int, edges: Sequence[tuple[int, int]]) -> list[int]:
    """Return the layer of each box; what nothing leads to stands near its use."""
    layer = [0] * count
    for start, end in sorted(edges, key=lambda edge: edge[1]):
        layer[end] = max(layer[end], layer[start] + 1)
    led_to = {end for _, end in edges}
    for box in range(count):
        users = [layer[end] for start, end in edges if start == box]
        if box not in led_to and users:
            layer[box] = min(users) - 1
    return layer


def _ordered(layer: Sequence[int], links: Sequence[tuple[int, int]]) -> list[list[int]]:
    """Return the layers, each in the order with the fewest crossings that was found."""
    rows: list[list[int]] = [[] for _ in range(max(layer) + 1)]
    for k, level in enumerate(layer):
        rows[level].append(k)
    above, below = _neighbours(len(layer), links)
    best, fewest = [list(row) for row in rows], _crossings(rows, below)
    for turn in range(_ORDERINGS):
        down = turn % 2 == 0
        place = {k: float(j) for row in rows for j, k in enumerate(row)}
        for row in rows if down else reversed(rows):
            near = above if down else below
            mean = {
                k: sum(place[one] for one in near[k]) / len(near[k])
                if near[k]
                else place[k]
                for k in row
            }
            row.sort(key=lambda k: (mean[k], place[k]))
            place.update((k, float(j)) for j, k in enumerate(row))
        found = _crossings(rows, below)
        if found < fewest:
            best, fewest = [list(row) for row in rows], found
    return best


def _neighbours(
    count: int, links: Sequence[tuple[int, int]]
) -> tuple[list[list[int]], list[list[int]]]:
    above: list[list[int]] = [[] for _ in range(count)]
    below: list[list[int]] = [[] for _ in range(count)]
    for start, end in links:
        above[end].append(start)
        below[start].append(end)
    return above, below


def _crossings(rows: Sequence[Sequence[int]], below: Sequence[Sequence[int]]) -> int:
    """Return how many pairs of links cross."""
    place = {k: j for row in rows for j, k in enumerate(row)}
    count = 0
    for row in rows:
        ends = [sorted(place[one] for one in below[k]) for k in row]
        flat = [end for part in ends for end in part]
        count += sum(
            1 for j, one in enumerate(flat) for other in flat[j + 1 :] if other < one
        )
    return count


def _across(
    rows: Sequence[Sequence[int]],
    widths: Sequence[float],
    links: Sequence[tuple[int, int]],
) -> list[float]:
    """Return the middles of boxes, near those of their neighbours."""
    above, below = _neighbours(len(widths), links)
    x = [0.0] * len(widths)
    for row in rows:
        for k, offset in zip(row, _offsets(row, widths), strict=True):
            x[k] = offset
    for turn in range(_MOVES):
        down = turn % 2 == 0
        for row in rows if down else reversed(rows):
            near = above if down else below
            offsets = _offsets(row, widths)
            places = [
                sum(x[one] for one in near[k]) / len(near[k]) if near[k] else x[k]
                for k in row
            ]
            wanted = [
                place - offset if above[k] or below[k] else None
                for k, place, offset in zip(row, places, offsets, strict=True)
            ]
            fitted = _increasing(_beside(wanted, sum(x) / len(x)))
            for k, one, offset in zip(row, fitted, offsets, strict=True):
                x[k] = one + offset
    return x


def _beside(wanted: Sequence[float | None], middle: float) -> list[float]:
    """Return where the boxes of a row want to be; unlinked ones beside the next."""
    found: list[float] = []
    after = next((one for one in reversed(wanted) if one is not None), middle)
    for one in reversed(wanted):
        after = after if one is None else one
        found.append(after)
    return found[::-1]


def _offsets(row: Sequence[int], widths: Sequence[float]) -> list[float]:
    """Return the places of boxes that stand side by side."""
    offsets = [0.0]
    for left, right in pairwise(row):
        offsets.append(offsets[-1] + (widths[left] + widths[right]) / 2 + GAP_ACROSS)
    return offsets[: len(row)]


def _increasing(wanted: Sequence[float]) -> list[float]:
    """Return the nearest numbers that do not decrease, by pooling neighbours.

    References
    ----------
    Barlow, Bartholomew, Bremner & Brunk 1972, *Statistical Inference under Order
    Restrictions*, section 1.2.
    """
    pools: list[tuple[float, int]] = []
    for one in wanted:
        total, count = one, 1
        while pools and pools[-1][0] / pools[-1][1] > total / count:
            before = pools.pop()
            total, count = total + before[0], count + before[1]
        pools.append((total, count))
    return [total / count for total, count in pools for _ in range(count)]


def _down(
    rows: Sequence[Sequence[int]], sizes: Sequence[tuple[float, float]]
) -> tuple[list[float], list[float], float]:
    """Return top and height of each layer, and the height of all."""
    tops, heights, top = [], [], 0.0
    for row in rows:
        tallest = max((sizes[k][1] for k in row if k < len(sizes)), default=0.0)
        tops.append(top)
        heights.append(tallest)
        top += tallest + GAP_DOWN
    return tops, heights, top - GAP_DOWN
