"""The two sweeps over a graph: tangents down, adjoints up with all their summands."""

from typing import Any, NamedTuple

import numpy as np

from adjoint._core.arrays import in_domain
from adjoint._core.nodes import Node
from adjoint._explain.cells import Cell, cell
from adjoint._explain.evaluation import Evaluation
from adjoint._explain.seeds import Seed, dtype_of_seed
from adjoint._modes.along import pull_along, push_along


class Term(NamedTuple):
    """One summand of an adjoint: what one use of a value contributes to it.

    Parameters
    ----------
    user : int
        The node that contributes.
    position : int
        Which of its parents the receiver is, constants not counted; -1 where two
        operations in a row are differentiated as one, and the receiver is an operand
        of the first.
    product : Cell
        The user's adjoint times its local partial derivative.
    """

    user: int
    position: int
    product: Cell


def tangents(evaluation: Evaluation, seed: Seed) -> dict[Node, Any]:
    """Return the tangents of all nodes that depend on the inputs: those of `jvp`."""
    dots = {node: zero_of(node) for node in evaluation.target.inputs}
    dots.update(seed.given)
    push_along(evaluation.target.graph.equations, dots, evaluation.values.__getitem__)
    return {node: dot for node, dot in dots.items() if node in evaluation.active}


def adjoints(
    evaluation: Evaluation, seed: Seed, *, with_terms: bool
) -> tuple[dict[Node, Any], list[list[Term]] | None]:
    """Return the adjoints of all nodes, those of `grad`, and their summands in order.

    A node that nothing flows back to has adjoint zero.  What comes back from complex
    numbers to a real one counts with its real part, as in `grad`.
    """
    values = evaluation.values
    bars = dict(seed.given)
    terms: list[list[Term]] = [[] for _ in evaluation.nodes]
    index = evaluation.index
    used: dict[tuple[Node, Node], int] = {}

    def note(user: Node, receiver: Node, product: Any) -> None:
        count = used.get((user, receiver), 0)
        used[user, receiver] = count + 1
        position = _position(user, receiver, count)
        terms[index[receiver]].append(
            Term(index[user], position, cell(in_domain(product, values[receiver])))
        )

    pull_along(
        evaluation.nodes,
        bars,
        evaluation.active,
        values.__getitem__,
        noted=note if with_terms else None,
    )
    for node in evaluation.active:
        if node.shape is not None:  # the results of a call are nodes of their own
            bar = bars.get(node)
            bars[node] = zero_of(node) if bar is None else in_domain(bar, values[node])
    return bars, terms if with_terms else None


def zero_of(node: Node) -> Any:
    """Return the zero derivative of a node."""
    return np.zeros(node.shape or (), dtype_of_seed(node))[()]


def _position(user: Node, receiver: Node, count: int) -> int:
    """Return where the receiver stands among the user's operands, for the next time.

    The sweep adds the terms of two operands from the right, as the tape does.
    """
    nodes = [parent for parent in user.parents if type(parent) is Node]
    places = [k for k, parent in enumerate(nodes) if parent is receiver]
    if len(user.parents) == 2:
        places.reverse()
    return places[count] if count < len(places) else -1
