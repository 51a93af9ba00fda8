"""Whether two graphs are one computation: formulas of one hold for the other."""

from typing import Any

import numpy as np

from adjoint._core.graph import Graph
from adjoint._core.nodes import Node


def is_same(one: Graph, other: Graph) -> bool:
    """Tell whether inputs, equations, constants and outputs are the same."""
    if len(one.inputs) != len(other.inputs) or len(one) != len(other):
        return False
    places = _places(one), _places(other)
    pairs = zip(
        (*one.inputs, *one.equations), (*other.inputs, *other.equations), strict=True
    )
    return all(_same_node(a, b, places) for a, b in pairs) and _same(
        one.outputs, other.outputs, places
    )


Places = tuple[dict[Node, int], dict[Node, int]]


def _places(graph: Graph) -> dict[Node, int]:
    return {node: k for k, node in enumerate((*graph.inputs, *graph.equations))}


def _same_node(one: Node, other: Node, places: Places) -> bool:
    return (
        one.record is other.record
        and one.shape == other.shape
        and one.dtype == other.dtype
        and _same(one.params, other.params, places)
        and _same(one.parents, other.parents, places)
    )


def _same(one: Any, other: Any, places: Places) -> bool:
    """Tell whether operands or parameters agree, nodes by their places."""
    if type(one) is not type(other):
        return False
    if type(one) is Node:
        return places[0][one] == places[1][other]
    if isinstance(one, tuple | list):
        return len(one) == len(other) and all(
            _same(a, b, places) for a, b in zip(one, other, strict=True)
        )
    if isinstance(one, np.ndarray | np.generic):
        return one.dtype == other.dtype and np.array_equal(
            one, other, equal_nan=one.dtype.kind in "fc"
        )
    return bool(one is other or one == other or (one != one and other != other))  # noqa: PLR0124 - nan
