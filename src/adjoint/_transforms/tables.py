"""Evaluation traces: a graph line by line, with tangents or adjoints.

These are the tables of the textbooks (Griewank & Walther 2008, tables 1.2 and 1.3;
Baydin, Pearlmutter, Radul & Siskind 2018, tables 2 and 3), of any graph.
"""

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from adjoint._core.arrays import Value, describe, dtype_of, in_domain, shape_of
from adjoint._core.errors import GraphError, InputError, ShapeError
from adjoint._core.graph import Graph
from adjoint._core.handle import Handle
from adjoint._core.listing import (
    FOLDED_ABOVE,
    expression_text,
    folded,
    label,
    names_of,
    operation_text,
)
from adjoint._core.nodes import OUTPUT, WEAK, Node
from adjoint._core.record import Calculus, Layout
from adjoint._core.table import Partial, Row, Table
from adjoint._core.tree import flatten
from adjoint._modes.along import (
    depending_on,
    flowing,
    pull_along,
    push_along,
)
from adjoint._modes.record import RecordTrace
from adjoint._modes.sweep import pull_all

_LONGEST_FORMULA = 28
"""Characters: of longer slopes the value alone is shown."""


def table(
    self: Graph,
    mode: Literal["forward", "reverse"] = "forward",
    seed: Any = None,
    *,
    limit: int = FOLDED_ABOVE,
) -> Table:
    r"""Return the evaluation trace: each line with its tangent or adjoint.

    Forward: :math:`\dot v_i = \sum_j \partial v_i / \partial v_j \, \dot v_j`, from the
    inputs down.  Reverse: :math:`\bar v_j = \sum_i \bar v_i \, \partial v_i / \partial
    v_j`, from the output up.  Values are those of the arguments with which the graph
    was recorded; derivatives are those of `jvp` and `grad`, rewrites included.

    Parameters
    ----------
    mode : {"forward", "reverse"}
    seed : value or tree of values, optional
        Forward: a tangent for each input; by default 1 for the first (the first element
        of an array), 0 for all others.  Reverse: a cotangent for each output; by
        default 1, where the output is one real number.
    limit : int
        Of a graph with more equations, the first and the last are shown.

    Returns
    -------
    Table
        With ``rows``; as text and, in notebooks, as a table.

    Raises
    ------
    GraphError
        If there is no seed and the output is not one real number.
    InputError, ShapeError
        If the seed does not fit.

    References
    ----------
    Griewank & Walther 2008, tables 1.2 and 1.3.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> graph = ad.trace(lambda x, y: x * y + np.sin(x))(2.0, 5.0)
    >>> print(graph.table("reverse"))
    name  operation  primal     partials                      adjoint
    ----  ---------  ---------  ----------------------------  --------
    v-1   x          2                                        4.583853
    v0    y          5                                        2
    v1    v-1 * v0   10         d/dv-1 v0 = 5, d/dv0 v-1 = 2  1
    v2    sin(v-1)   0.9092974  d/dv-1 cos(v-1) = -0.41615    1
    v3    v1 + v2    10.9093    d/dv1 1, d/dv2 1              1
    """
    if mode not in {"forward", "reverse"}:
        msg = f'table takes mode="forward" or mode="reverse"; given was {mode!r}.'
        raise InputError(msg)
    values = values_of(self)
    inputs = [node for node in self.inputs if _is_differentiable(node)]
    nodes = (*self.inputs, *self.equations)
    active = depending_on(nodes, inputs)
    if mode == "forward":
        found = _tangents(self, inputs, values, seed)
    else:
        found = _adjoints(self, active, values, seed)
    shown, hidden = folded(self.equations, limit)
    names = names_of(self)
    rows = [
        Row(names[node], label(node, k), values[node], (), found.get(node))
        for k, node in enumerate(self.inputs)
    ]
    for node in shown:
        if node is None:
            continue
        partials = () if node not in active else _partials(node, active, values, names)
        text = operation_text(node, names)
        rows.append(Row(names[node], text, values[node], partials, found.get(node)))
    return Table(self.name, mode, rows, hidden)


def values_of(graph: Graph) -> dict[Node, Value]:
    """Return the values of all nodes, for the recorded arguments."""
    if any(isinstance(one, Handle) for one in graph.arguments):
        msg = (
            "This graph was recorded inside another transform, whose values cannot be "
            "shown. Make the table of a graph recorded outside."
        )
        raise GraphError(msg)
    if graph.is_callable:
        return graph.compute(graph.arguments)
    return {node: node.value for node in (*graph.inputs, *graph.equations)}


def _is_differentiable(node: Node) -> bool:
    return node.dtype is WEAK or node.dtype.kind in "fc"


def _tangents(
    graph: Graph, inputs: list[Node], values: dict[Node, Value], seed: Any
) -> dict[Node, Any]:
    dots: dict[Node, Any] = {}
    if seed is None:
        for k, node in enumerate(inputs):
            dot = _zeros(node)
            np.reshape(dot, -1)[:1] = k == 0
            dots[node] = dot if node.shape else dot[()]
    else:
        given = fitting_seed(seed, graph.inputs, "input", "tangent")
        dots = {node: dot for node, dot in given.items() if node in inputs}
    push_along(graph.equations, dots, values.__getitem__)
    return dots


def _adjoints(
    graph: Graph, active: set[Node], values: dict[Node, Value], seed: Any
) -> dict[Node, Any]:
    outputs = [one for one in graph.outputs if type(one) is Node]
    if seed is None:
        bars = {node: _one(node, graph) for node in outputs}
    else:
        bars = fitting_seed(seed, graph.outputs, "output", "cotangent")
    seeds = dict(bars)
    pull_along((*graph.inputs, *graph.equations), bars, active, values.__getitem__)
    for node in active:
        if node not in bars and node.shape is not None:
            bars[node] = _zeros(node)[()]
    return {
        node: in_domain(bar, values[node])
        for node, bar in bars.items()
        if node.shape is not None and (node in active or node in seeds)
    }


def _zeros(node: Node) -> Any:
    shape: Any = node.shape
    return np.zeros(shape, _float(node))


def _float(node: Node) -> Any:
    return np.float64 if node.dtype is WEAK else node.dtype


def _one(node: Node, graph: Graph) -> Value:
    if (
        len(graph.outputs) == 1
        and node.shape == ()
        and np.dtype(_float(node)).kind == "f"
    ):
        return np.dtype(_float(node)).type(1.0)
    msg = (
        f"table('reverse') of {graph!r} needs a seed: its result is not one real "
        "number. Give one cotangent for each output, of its shape: seed=[...]."
    )
    raise GraphError(msg)


def fitting_seed(
    seed: Any, nodes: Sequence[Any], owner: str, what: str, asked: str = "table"
) -> dict[Node, Any]:
    """Return a seed by node.

    Raises
    ------
    InputError
        If there is not one for each.
    ShapeError
        If one has another shape.
    """
    leaves = flatten(seed)[0]
    if len(leaves) != len(nodes):
        given = describe(leaves[0]) if len(leaves) == 1 else f"{len(leaves)} of them"
        msg = (
            f"{asked}(seed=...) takes one {what} for each {owner}, "
            f"{len(nodes)} in all, in a tuple: seed=(0.0, 1.0) for two numbers; "
            f"given was {given}."
        )
        raise InputError(msg)
    found: dict[Node, Any] = {}
    for k, (leaf, node) in enumerate(zip(leaves, nodes, strict=True)):
        if type(node) is not Node:
            continue
        array = np.asarray(leaf)
        if array.dtype.kind not in ("fciub" if _may_be_complex(node) else "fiub"):
            msg = (
                f"{asked}(seed=...): the {what} of {owner} {k} has dtype "
                f"{array.dtype}; give numbers like the {owner}'s, real ones for "
                "real ones."
            )
            raise InputError(msg)
        if array.shape != node.shape:
            msg = (
                f"{asked}(seed=...): the {what} of {owner} {k} has shape "
                f"{array.shape}, it has shape {node.shape}."
            )
            raise ShapeError(msg)
        array = array.astype(np.result_type(array, _float(node)))
        value = array if node.shape else array[()]
        found[node] = found[node] + value if node in found else value
    return found


def _may_be_complex(node: Node) -> bool:
    """Tell whether a node is complex; of Python's numbers inputs alone are known."""
    if node.dtype is WEAK:
        return node.record is not None or node.params[1] is complex
    return bool(node.dtype.kind == "c")


def _partials(
    node: Node,
    active: set[Node],
    values: dict[Node, Value],
    names: dict[Node, str],
) -> tuple[Partial, ...]:
    """Return the local partial derivatives of a line."""
    if node.record is OUTPUT or node.shape is None:
        return ()
    partials: dict[str, Partial] = {}
    for k in flowing(node, active):
        of = names[node.parents[k]]
        value = partial_value(node, k, values)
        formula = partial_formula(node, k, values, names)
        if of in partials:  # x * x: the operand stands in two places
            _, before, text = partials[of]
            value = None if value is None else before + value
            formula = f"{text} + {formula}" if text and formula else ""
        partials[of] = Partial(of, value, formula)
    return tuple(partials.values())


@np.errstate(all="ignore")
def partial_value(node: Node, k: int, values: dict[Node, Value]) -> Any:
    """Return the derivative of a line by operand ``k``: what 1 is pulled back to.

    ``None`` where it is a matrix; it is one for the conjugate of a complex number too.
    """
    record: Any = node.record
    if record.layout is not Layout.ELEMENTWISE and node.shape != ():
        return None
    args = tuple(values[one] if type(one) is Node else one for one in node.parents)
    out = values[node]
    if record.calculus is Calculus.PARTIALS:
        return record.rule(k)(out, *args)
    one = np.ones(shape_of(out), dtype_of(out))[()]
    if record.calculus is Calculus.STRUCTURAL:
        return record.rule(0)(one, shape_of(args[0]), *node.params)
    (found,) = pull_all(record, [k], one, out, args, node.params)
    if np.iscomplexobj(out) and np.iscomplexobj(args[k]):
        (turned,) = pull_all(record, [k], 1j * one, out, args, node.params)
        if not np.array_equal(turned, 1j * found, equal_nan=True):
            return None
    return found


@np.errstate(all="ignore")
def partial_formula(
    node: Node, k: int, values: dict[Node, Value], names: dict[Node, str]
) -> str:
    """Return the slope of an elementwise function: its rule, recorded, as text."""
    record: Any = node.record
    if record.calculus is not Calculus.PARTIALS:
        return ""
    trace = RecordTrace()
    known: dict[Node, str] = {}

    def seen(one: Any) -> Value:
        value = values[one] if type(one) is Node else one
        if shape_of(value):
            if not value.size:
                return value
            value = value.reshape(-1)[0]  # one element stands for all
        if type(one) is not Node:
            return value
        handle = trace.lift(value)
        known[handle.payload] = names[one]
        return handle

    out, *args = map(seen, (node, *node.parents))
    slope = record.rule(k)(out, *args)
    trace.closed = True
    if not trace.owns(slope):
        return ""
    return expression_text(slope.payload, known, _LONGEST_FORMULA)
