"""Derivatives along a graph: tangents down its equations, cotangents up again.

The rules are those of the records, as in the other modes, and so are the rewrites of
pairs of functions (`adjoint._primitives.rewrites`): a node knows how its operand was
made.  Values come from the caller, so one walk serves plain numbers (tables) and
variables, on which the rules record in their turn.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np

from adjoint._core.arrays import Value, shape_of, unbroadcast
from adjoint._core.nodes import OUTPUT, Node
from adjoint._core.record import Calculus
from adjoint._modes.pushforward import push
from adjoint._modes.sweep import pull_all
from adjoint._primitives.arithmetic import multiply
from adjoint._primitives.rewrites import OPERAND, REWRITES, Call, rewritten

ValueOf: TypeAlias = Callable[[Node], Value]
FlowOf: TypeAlias = Callable[[Node], Any]
"""From a node to its tangent, or to itself where its cotangent is wanted; or None."""
Noted: TypeAlias = Callable[[Node, Node, Value], None]
"""Told of a summand: the node that contributes, the one that receives, the product."""


def depending_on(nodes: Sequence[Node], targets: Sequence[Node]) -> set[Node]:
    """Return the nodes, given parents first, that depend on one of the targets."""
    active = set(targets)
    for node in nodes:
        if node not in active and flowing(node, active):
            active.add(node)
    return active


def flowing(node: Node, active: set[Node]) -> list[int]:
    """Return the positions of the active parents that a node has a derivative by."""
    return [
        k
        for k, parent in enumerate(node.parents)
        if type(parent) is Node and parent in active and has_derivative(node, k)
    ]


def has_derivative(node: Node, position: int) -> bool:
    """Tell whether a node has a derivative by the parent at a position."""
    rules: Any = node.record.rules  # type: ignore[union-attr]
    return callable(rules) or rules[position] is not None


@np.errstate(all="ignore")
def push_along(nodes: Sequence[Node], dots: dict[Node, Any], value_of: ValueOf) -> None:
    """Carry tangents down the equations.

    Parameters
    ----------
    nodes : sequence of Node
        Parents first.
    dots : dict
        The tangents of inputs; those of all nodes that depend on them are added.
    value_of : callable
    """
    for node in nodes:
        if node.record is None:
            continue
        if node.record is OUTPUT:
            tangents = dots.get(node.parents[0])
            if tangents is not None:
                dots[node] = tangents[node.params[0]]
            continue
        call = differentiated_as(node, value_of, dots.get)
        if any(flow is not None for flow in call.flows):
            dots[node] = push(call.record, call.out, call.args, call.flows, call.params)


@np.errstate(all="ignore")
def pull_along(
    nodes: Sequence[Node],
    bars: dict[Node, Any],
    active: set[Node],
    value_of: ValueOf,
    kept: frozenset[Node] | None = None,
    noted: Noted | None = None,
) -> None:
    """Carry cotangents up the equations.

    Parameters
    ----------
    nodes : sequence of Node
        Parents first.
    bars : dict
        The cotangents of outputs; those of the nodes that they depend on are added.
    active : set of Node
        The nodes that cotangents are wanted of, and all that depend on these.
    value_of : callable
    kept : frozenset of Node, optional
        Whose cotangents stay in ``bars``; all by default.
    noted : callable, optional
        Told of each summand of a cotangent: from which node, to which one, and what.
    """

    def flow_of(node: Node) -> Node | None:
        return node if node in active else None

    for node in reversed(nodes):
        bar = bars.get(node)
        if bar is None or node not in active:
            continue
        if kept is not None and node not in kept:
            del bars[node]
        record = node.record
        if record is None:
            continue
        if record is OUTPUT:
            (whole,) = node.parents
            given = bars.setdefault(whole, [None] * whole.record.outputs)
            k = node.output
            given[k] = bar if given[k] is None else given[k] + bar
        elif record.calculus is Calculus.STRUCTURAL:
            rule: Any = record.rule(0)
            (parent,) = node.parents
            if parent in active:
                terms = [(parent, rule(bar, parent.shape, *node.params))]
                _add(bars, node, terms, noted)
        else:
            call = differentiated_as(node, value_of, flow_of)
            _add(bars, node, _terms(call, bar), noted)


def _terms(call: Call, bar: Value) -> list[tuple[Node, Value]]:
    """Return the cotangents of the arguments of a call, in the order of the tape."""
    positions = [k for k, flow in enumerate(call.flows) if flow is not None]
    if not positions:
        return []
    given = pull_all(call.record, positions, bar, call.out, call.args, call.params)
    pairs = list(zip(positions, given, strict=True))
    ordered = reversed(pairs) if len(call.args) == 2 else pairs
    return [(call.flows[k], q) for k, q in ordered]


def _add(
    bars: dict[Node, Any],
    node: Node,
    terms: Sequence[tuple[Node, Value]],
    noted: Noted | None,
) -> None:
    """Add what a node contributes to the cotangents of others."""
    for parent, q in terms:
        shape: Any = parent.shape
        part = q if shape_of(q) == shape else unbroadcast(q, shape)
        if noted is not None:
            noted(node, parent, part)
        p = bars.get(parent)
        bars[parent] = part if p is None else p + part


def differentiated_as(node: Node, value_of: ValueOf, flow_of: FlowOf) -> Call:
    """Return the call that a node is, or the one that it is differentiated as."""
    call = _call(node, value_of, flow_of)
    rewrites = REWRITES.get(call.record)
    if rewrites is None:
        return call
    place = OPERAND[call.record]
    operand = node.parents[place]
    if call.flows[place] is None or operand.record not in rewrites:
        return call
    if call.record is multiply and node.parents[1] is not operand:
        return call
    made = _call(operand, value_of, flow_of)
    other = rewritten(call, made) if _is_known(made) else None
    return call if other is None else other._replace(out=call.out)


def _call(node: Node, value_of: ValueOf, flow_of: FlowOf) -> Call:
    """Return a node in the words of the table of rewrites."""
    parents = node.parents
    flows = tuple(
        [
            flow_of(one) if type(one) is Node and has_derivative(node, k) else None
            for k, one in enumerate(parents)
        ]
    )
    args = tuple([value_of(one) if type(one) is Node else one for one in parents])
    record: Any = node.record

    def before() -> Call | None:
        flowing = [k for k, flow in enumerate(flows) if flow is not None]
        maker = parents[flowing[0]] if flowing else None
        if maker is None or maker.record is None or maker.record is OUTPUT:
            return None
        return _call(maker, value_of, flow_of)

    return Call(record, args, flows, node.params, value_of(node), before)


def _is_known(made: Call) -> bool:
    """Tell whether derivatives flow through a call: else its result is a constant."""
    return any(flow is not None for flow in made.flows)
