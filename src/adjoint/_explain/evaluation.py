"""A graph with its values: what every column of a report is computed from."""

import functools
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from adjoint._core.arrays import Value
from adjoint._core.errors import GraphError
from adjoint._core.graph import signature_of
from adjoint._core.handle import Handle
from adjoint._core.listing import label
from adjoint._core.nodes import Node
from adjoint._core.tree import Tree, unflatten
from adjoint._explain.cells import HEAD
from adjoint._explain.target import Target
from adjoint._modes.along import depending_on
from adjoint._transforms.matching import as_gradients
from adjoint._transforms.tables import values_of

_LARGE = 2_000
_OF_EQUATIONS = re.compile(r"v\d+")


class Evaluation:
    """A recorded function, evaluated at its arguments.

    Attributes
    ----------
    target : Target
    nodes : tuple of Node
        The Wengert list: inputs first, then equations in order.
    index : dict
        The place of each node in it.
    values : dict
        The value of each node.
    active : set of Node
        Those that depend on an input to differentiate by.
    names : dict
        Names of nodes: those of arguments, ``v1, v2, ...`` for equations.
    """

    def __init__(self, target: Target) -> None:
        graph = target.graph
        self.target = target
        self.nodes: tuple[Node, ...] = (*graph.inputs, *graph.equations)
        self.index = {node: k for k, node in enumerate(self.nodes)}
        _refuse_traced(graph.arguments)
        with np.errstate(all="ignore"):  # the first time, the function has warned
            self.values: dict[Node, Value] = values_of(graph)
        _refuse_traced(self.values.values())
        self.active = depending_on(self.nodes, target.inputs)
        self.names = _names(graph.inputs, graph.equations)

    @property
    def is_large(self) -> bool:
        """Whether a report has fewer seeds, and no summands and elements of arrays."""
        return len(self.nodes) > _LARGE

    @functools.cached_property
    def _ends(self) -> frozenset[Node]:
        """The inputs and outputs, whose elements matter in large graphs too."""
        return frozenset((*self.target.graph.inputs, *self.outputs))

    def heads(self, node: Node) -> int:
        """Return how many elements of a node's arrays a report holds."""
        return 0 if self.is_large and node not in self._ends else HEAD

    @functools.cached_property
    def outputs(self) -> list[Node]:
        """The results that depend on the inputs, each once."""
        found = [one for one in self.target.outputs if type(one) is Node]
        return [one for one in dict.fromkeys(found) if one in self.active]

    def result(self) -> Tree:
        """Return what the function returns."""
        graph = self.target.graph
        leaves = [
            self.values[one] if type(one) is Node else one for one in graph.outputs
        ]
        return unflatten(signature_of(graph).result, leaves)

    def gradients(self, bars: Mapping[Node, Any]) -> dict[str, Any]:
        """Return the adjoints of the inputs by name, in the form that `grad` has."""
        inputs = self.target.inputs
        found = as_gradients(
            [self.values[node] for node in inputs], [bars.get(node) for node in inputs]
        )
        return {self.names[node]: bar for node, bar in zip(inputs, found, strict=True)}


def _refuse_traced(values: Iterable[Value]) -> None:
    """Raise if a value is one that somebody traces.

    Raises
    ------
    GraphError
        There is no number to show for it.
    """
    if any(isinstance(one, Handle) for one in values):
        msg = (
            "ad.explain met a value that another transform is tracing, or a variable, "
            "which is no plain number. Call it outside of transforms: "
            "ad.explain(ad.grad(f))(x); of variables give x.value."
        )
        raise GraphError(msg)


def _names(inputs: Sequence[Node], equations: Sequence[Node]) -> dict[Node, str]:
    """Return names that a reader knows, each once."""
    labels = [label(node, k) for k, node in enumerate(inputs)]
    if len({*labels}) < len(labels) or any(map(_OF_EQUATIONS.fullmatch, labels)):
        labels = [f"v{k - len(inputs) + 1}" for k in range(len(inputs))]
    names = dict(zip(inputs, labels, strict=True))
    names.update((node, f"v{k}") for k, node in enumerate(equations, 1))
    return names
