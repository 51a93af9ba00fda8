"""A recorded graph as SymPy expressions: one symbol for each number of its inputs.

Functions of numbers go through the table; what moves, selects, adds or multiplies
elements runs as it is, by the record's own ``evaluate``, on NumPy arrays of
expressions.
"""

from collections.abc import Callable, Sequence
from typing import Any, cast

import numpy as np

from adjoint._core.errors import MissingRuleError
from adjoint._core.graph import Graph, signature_of
from adjoint._core.nodes import OUTPUT, Node
from adjoint._core.record import Layout, Record
from adjoint._core.tree import Tree, unflatten
from adjoint._symbolic.lengths import MOST, Lengths
from adjoint._symbolic.loading import sympy
from adjoint._symbolic.matrices import matrix_functions
from adjoint._symbolic.table import (
    TAKE_CONDITIONS,
    as_number,
    elementwise,
    exactly,
    sympy_function,
)
from adjoint._transforms.primitives import written_of
from adjoint._transforms.tracing import trace

Expressions = Any
"""One SymPy expression, or a NumPy array of them."""


def symbols_of(graph: Graph) -> list[Expressions]:
    """Return the symbols of the inputs of a graph, in their shapes.

    A number ``x`` is the symbol x, the entries of an array are x_0, x_1 ..., those of a
    matrix x_0_1.  Two inputs of one name are numbered.
    """
    taken: set[str] = set()
    found = []
    for position, node in enumerate(graph.inputs):
        name = _symbol_name(str(node.params[0]), position)
        names = _numbered(name, node.shape or ())
        while taken.intersection(names.flat):
            name += "_"
            names = _numbered(name, node.shape or ())
        taken.update(names.flat)
        found.append(_elements(_symbol, names if node.shape else names[()]))
    return found


def _symbol(name: str) -> Any:
    return sympy().Symbol(name, real=True)


def _numbered(name: str, shape: tuple[int, ...]) -> Any:
    """Return the names of the elements of an array: x_0, x_1 ..."""
    names: Any = np.empty(shape, object)
    for index in np.ndindex(shape):
        names[index] = "_".join([name, *map(str, index)])
    return names


def _symbol_name(name: str, position: int) -> str:
    """Return a name that prints well: ``w_0`` for ``w[0]``, ``v0`` for none."""
    letters = [one if one.isalnum() or one == "_" else " " for one in name]
    return "_".join("".join(letters).split()) or f"v{position}"


def expressions_of(graph: Graph, symbols: Sequence[Expressions]) -> list[Expressions]:
    """Return what a graph computes, one expression or array for each output.

    Raises
    ------
    MissingRuleError
        For a function that SymPy has nothing for, and an expression too long for it.
    """
    values: dict[Node, Expressions] = dict(zip(graph.inputs, symbols, strict=True))
    lengths = Lengths()

    def value_of(one: Any) -> Expressions:
        return values[one] if type(one) is Node else constant(one)

    for node in graph.equations:
        found = _evaluate(node, [value_of(one) for one in node.parents])
        if node.shape is not None and lengths.longest(found) > MOST:
            raise MissingRuleError(_too_long(graph, node))
        values[node] = found
    return [_numbers(value_of(one)) for one in graph.outputs]


def in_form(graph: Graph, leaves: list[Any]) -> Tree:
    """Return leaves in the containers of a graph's result."""
    return unflatten(signature_of(graph).result, leaves)


def in_symbols(graph: Graph) -> tuple[list[Expressions], list[Expressions]]:
    """Return the symbols of a graph's inputs, and its outputs written in them."""
    symbols = symbols_of(graph)
    return symbols, expressions_of(graph, symbols)


def constant(value: Any) -> Expressions:
    """Return a plain number or array as expressions."""
    array = np.asarray(value)
    if array.dtype == object:
        return value
    if array.shape == ():
        return exactly(array[()])
    exact = np.empty(array.shape, object)
    for index in np.ndindex(array.shape):
        exact[index] = exactly(array[index])
    return exact


def _numbers(value: Expressions) -> Expressions:
    """Return expressions with 1 and 0 in the place of conditions."""
    return _elements(as_number, value)


def _elements(function: Callable[..., Any], *args: Expressions) -> Expressions:
    """Return a function applied to expressions, or element by element to arrays."""
    if not any(isinstance(one, np.ndarray) for one in args):
        return function(*args)
    return np.asarray(np.frompyfunc(function, len(args), 1)(*args))


def _evaluate(node: Node, args: list[Expressions]) -> Expressions:
    """Return one equation's value, by the table or by the record itself."""
    record = cast("Record", node.record)  # that of an equation; inputs have none
    function = record.function
    if record is OUTPUT:
        return args[0][node.params[0]]
    known = sympy_function(function)
    if known is not None:
        if function not in TAKE_CONDITIONS:
            args = [_numbers(one) for one in args]
        return _elements(known, *args)
    written = written_of(function)
    if written is not None and record.layout is Layout.ELEMENTWISE:
        return _as_written(node, written, [_numbers(one) for one in args])
    evaluate = matrix_functions().get(function)
    if evaluate is None and (record.layout in MOVES or function in SUMS):
        evaluate = record.evaluate
    if evaluate is None:
        raise MissingRuleError(_unknown(node))
    try:
        out = evaluate(*(np.asarray(_numbers(one)) for one in args), *node.params)
    except NotImplementedError as cause:
        raise MissingRuleError(_unknown(node, str(cause))) from cause
    except TypeError as cause:
        raise MissingRuleError(_unknown(node)) from cause
    return _elements(_bare, np.asarray(out))[()]


def _as_written(
    node: Node, function: Callable[..., Any], args: list[Expressions]
) -> Expressions:
    """Return the value of an elementwise function of the user's own, from its text.

    Raises
    ------
    MissingRuleError
        If the function asks for its way: the values it goes by are not known here.
    """
    graph = trace(function)(*(np.ones(np.shape(one)) for one in args))
    if graph.guards:
        why = ", which goes different ways for different numbers (np.where takes both)"
        raise MissingRuleError(_unknown(node, why))
    return expressions_of(graph, args)[0]


def _bare(element: Any) -> Any:
    """Return an expression, of an array without axes too, and of Python's 0 and 1."""
    return sympy().sympify(
        element.item() if isinstance(element, np.ndarray) else element
    )


MOVES = (Layout.REINDEXING, Layout.CONTRACTION)
SUMS = frozenset({np.sum, np.prod, np.cumsum, np.cumprod})


def _place(node: Node) -> str:
    place = node.line
    return f" ({place.file}, line {place.line})" if place else ""


def _too_long(graph: Graph, node: Node) -> str:
    return (
        f"The expression of {graph.name or 'a variable'} has more than {MOST} parts"
        f"{_place(node)}: written out, what is computed once stands wherever it is "
        "used. Use ad.grad, which keeps it."
    )


def _unknown(node: Node, what: str = "") -> str:
    called = getattr(node.function, "__name__", "it")
    known = {one.__name__ for one in (*elementwise(), *matrix_functions(), *SUMS)}
    names = sorted(
        name for name in known if hasattr(np, name) or hasattr(np.linalg, name)
    )
    return (
        f"SymPy has no expression for `{called}`{what}{_place(node)}. Functions "
        f"that can be written as expressions: {', '.join(names)}; and whatever moves "
        "elements or multiplies matrices. Use ad.grad, or ad.numeric.grad, for this "
        "function."
    )
