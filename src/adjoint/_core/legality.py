"""Is a graph a legal one?  Order, arity, shapes and dtypes, equation by equation."""

from typing import Any

import numpy as np

from adjoint._core.arrays import Value
from adjoint._core.errors import GraphError
from adjoint._core.handle import Handle
from adjoint._core.listing import names_of, operation_text
from adjoint._core.nodes import WEAK, Node, make_node


def check_equations(graph: Any) -> None:
    """Raise unless a graph is legal; see `Graph.check`."""
    names = names_of(graph)
    defined: set[Node] = set()
    for k, node in enumerate(graph.inputs):
        if node.record is not None:
            raise GraphError(f"Input {k} of {graph!r} is an equation: {node!r}.")
        _define(node, defined, graph)
    stand_ins: dict[Node, Value] = {
        node: _stand_in(node.shape, node.dtype, node.params[1:]) for node in defined
    }
    last = 0
    for node in graph.equations:
        for parent in node.parents:
            if type(parent) is Node and parent not in defined:
                msg = (
                    f"In {graph!r}, an operand of {names[node]}, {parent!r}, is no "
                    "input and does not stand before it."
                )
                raise GraphError(msg)
        where = f"{names[node]} = {operation_text(node, names)} of {graph!r}"
        if node.number <= last:
            raise GraphError(f"{where}: recorded before the equation above it.")
        last = node.number
        _check_arity(node, where)
        stand_ins[node] = _checked(node, stand_ins, where)
        _define(node, defined, graph)
    for one in graph.outputs:
        if type(one) is Node and one not in defined:
            raise GraphError(f"An output of {graph!r} is none of its nodes: {one!r}.")


def _define(node: Node, defined: set[Node], graph: Any) -> None:
    if node in defined:
        raise GraphError(f"{graph!r} defines one name twice: {node!r}.")
    defined.add(node)


def _check_arity(node: Node, where: str) -> None:
    record: Any = node.record
    if record.variadic:
        return
    arity = len(record.rules)
    if len(node.parents) != arity:
        msg = f"{where}: {record.name} takes {arity} operands, not {len(node.parents)}."
        raise GraphError(msg)


def _checked(node: Node, stand_ins: dict[Node, Value], where: str) -> Value:
    """Return a value of the type that a record gives; raise if it is not the node's."""
    args = [stand_ins[one] if type(one) is Node else one for one in node.parents]
    if any(isinstance(arg, Handle) for arg in args):  # a constant of an outer transform
        return _stand_in(node.shape, node.dtype, ())
    try:
        with np.errstate(all="ignore"):
            out = node.evaluate(args)
    except (ArithmeticError, IndexError, np.linalg.LinAlgError):
        # Of values, not of types: no inverse, a position outside.  Nothing to compare.
        return _stand_in(node.shape, node.dtype, ())
    except (TypeError, ValueError) as error:
        raise GraphError(
            f"{where}: cannot be computed of its operands: {error}"
        ) from None
    if node.shape is None:
        return out
    given = make_node(node.record, None, (), (), out)
    if given.shape != node.shape or given.dtype != node.dtype:
        msg = (
            f"{where}: the operands give {given.dtype} of shape {given.shape}, the "
            f"equation says {node.dtype} of shape {node.shape}."
        )
        raise GraphError(msg)
    return out


def _stand_in(shape: Any, dtype: Any, kind: tuple[Any, ...]) -> Value:
    """Return a value of a type: ones, of square matrices the identity."""
    if dtype is WEAK:
        return (kind[0] if kind and kind[0] else float)(1)
    if shape is None:
        return ()
    if len(shape) > 1 and shape[-1] == shape[-2]:
        eye = np.eye(shape[-1], dtype=dtype) * np.arange(1, shape[-1] + 1)
        return np.broadcast_to(eye.astype(dtype), shape)
    ones = np.ones(shape, dtype)
    return ones if shape else ones[()]
