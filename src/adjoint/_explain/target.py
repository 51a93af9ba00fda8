"""What is explained: the graph of a function, or of what a transform differentiates.

``ad.explain(ad.grad(f))`` looks at ``f`` in reverse mode; the gradient of a gradient is
the graph of the inner gradient, as more of the same equations.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from adjoint._core.arrays import is_inexact, shape_of
from adjoint._core.errors import InputError, OutputError
from adjoint._core.graph import Graph, signature_of
from adjoint._core.nodes import WEAK, Node
from adjoint._core.tree import flatten, unflatten
from adjoint._explain.calls import LocatedTrace, Place
from adjoint._transforms.arguments import Selection
from adjoint._transforms.marking import Transform, transform_of
from adjoint._transforms.running import as_written, function_name
from adjoint._transforms.tracing import record_on


class Target(NamedTuple):
    """A recorded function, and what is asked of it.

    Parameters
    ----------
    graph : Graph
    calls : dict
        The calls around each equation, see `LocatedTrace`.
    inputs : tuple of Node
        The inputs to differentiate by.
    outputs : tuple of Node or value
        The results to differentiate; without what ``has_aux`` hands through.
    title : str
        ``"grad(f)"``.
    function : str
        ``"f"``.
    transform : str or None
    mode : str
        ``"forward"`` or ``"reverse"``.
    total : bool
        Whether the sum of all results is differentiated.
    """

    graph: Graph
    calls: dict[Node, tuple[Place, ...]]
    inputs: tuple[Node, ...]
    outputs: tuple[Any, ...]
    title: str
    function: str
    transform: str | None
    mode: str
    total: bool


def target_of(
    fun: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    *,
    argnums: Any,
    mode: str | None,
    plain_numpy: bool,
) -> Target:
    """Record what is to be explained.

    Raises
    ------
    InputError
        If there is nothing to differentiate by.
    OutputError
        If the function returns no number and no array.
    """
    made = transform_of(fun)
    if made is not None and made.mode is None:
        made = None  # vmap: what it computes is explained
    inner = fun if made is None else made.inner
    if made is not None:
        argnums = made.argnums
    name = function_name(fun)
    if argnums is None:
        args, chosen = _all_of(args)
    else:
        asked = "explain" if made is None else made.name
        args, chosen = _those_at(argnums, asked, inner, args)
    if not any(map(is_inexact, flatten(args)[0])):
        raise InputError(_no_input(name, args))
    graph, calls = _recorded(as_written(inner, plain_numpy), args, kwargs)
    leaves = signature_of(graph).leaves
    inputs = [leaves[k] for k in chosen if type(leaves[k]) is Node]
    inputs = [node for node in inputs if not is_discrete(node)]
    outputs = (
        _values_among(graph) if made is not None and made.has_aux else graph.outputs
    )
    if not any(map(_is_numeric, outputs)):
        raise OutputError(_no_output(name, outputs))
    if made is not None and made.name in _OF_ONE:
        _check_one(made, graph, outputs)
    return Target(
        graph,
        calls,
        tuple(inputs),
        tuple(outputs),
        title_of(fun),
        name,
        None if made is None else made.name,
        mode or _mode_of(made, inputs, outputs),
        made is not None and made.total,
    )


_OF_ONE = frozenset({"grad", "value_and_grad", "elementwise_grad"})
"""Transforms of functions with one result, a number or an array to be summed."""


def _check_one(made: Transform, graph: Graph, outputs: Sequence[Any]) -> None:
    """Raise where the transform itself does.

    Raises
    ------
    OutputError
        If there is not one result, of the kind that it differentiates.
    """
    what = f"{len(outputs)} of them"
    if len(outputs) == 1:
        (one,) = outputs
        shape = shape_of_one(one)
        is_complex = _is_complex(one) and not made.holomorphic
        if not is_complex and (made.total or not shape):
            return
        kind = "a complex" if is_complex else "an"
        what = f"{kind} array of shape {shape}" if shape else "a complex number"
    msg = (
        f"{made.name} needs a function with one real "
        f"{'array or number' if made.total else 'number'} as result; {graph.name} "
        f"returned {what}. ad.explain({graph.name}) shows what it does."
    )
    raise OutputError(msg)


def _recorded(
    function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[Graph, dict[Node, tuple[Place, ...]]]:
    """Return the graph of a function, and the calls around each equation."""
    running = LocatedTrace()
    try:
        graph = record_on(running, function, args, kwargs)
    finally:
        running.end()
    return graph, running.calls


def title_of(fun: Callable[..., Any]) -> str:
    """Return the name of a function, inside those of its transforms."""
    made = transform_of(fun)
    if made is None:
        return function_name(fun)
    function: Any = fun
    return f"{made.name}({title_of(function.function)})"


def _all_of(args: tuple[Any, ...]) -> tuple[tuple[Any, ...], list[int]]:
    """Return arguments, and the places of all leaves.

    Integers count as real numbers where there are no others: ``f(2, 5)``.  In ``f(x,
    3)`` they are more often counts and exponents.
    """
    leaves, structure = flatten(args)
    has_real = any(map(is_inexact, leaves))
    promoted = [leaf if has_real else _promoted(leaf) for leaf in leaves]
    return unflatten(structure, promoted), list(range(len(leaves)))


def _promoted(leaf: Any) -> Any:
    if type(leaf) is int:
        return float(leaf)
    return np.float64(leaf) if isinstance(leaf, np.integer) else leaf


def _those_at(
    argnums: Any, asked: str, function: Callable[..., Any], args: tuple[Any, ...]
) -> tuple[tuple[Any, ...], list[int]]:
    """Return arguments as a transform takes them, and the places of the chosen leaves.

    Raises
    ------
    InputError
        If one cannot be differentiated.
    """
    selection = Selection(asked, function, args, argnums)
    given = selection.insert(selection.leaves)
    counts = [len(flatten(arg)[0]) for arg in given]
    many = argnums if isinstance(argnums, (tuple, list)) else (argnums,)
    chosen: list[int] = []
    for position in (number % len(args) for number in many):
        start = sum(counts[:position])
        chosen += range(start, start + counts[position])
    return given, chosen


def is_discrete(node: Node) -> bool:
    """Tell whether an input is an integer or a truth value, or an array of such."""
    if node.dtype is WEAK:
        return node.params[1] is int
    return node.dtype.kind not in "fc"


def _values_among(graph: Graph) -> tuple[Any, ...]:
    """Return the outputs of a function that returns a pair ``(value, aux)``.

    Raises
    ------
    OutputError
        If it returns no pair.
    """
    places = range(len(graph.outputs))
    pair: Any = unflatten(signature_of(graph).result, places)
    if not (isinstance(pair, tuple) and len(pair) == 2):
        msg = f"has_aux=True, but {graph.name} does not return a pair (value, aux)."
        raise OutputError(msg)
    return tuple(graph.outputs[k] for k in flatten(pair[0])[0])


def _is_complex(one: Any) -> bool:
    if type(one) is not Node:
        return np.iscomplexobj(one)
    if one.dtype is WEAK:
        return one.record is None and one.params[1] is complex
    return bool(one.dtype.kind == "c")


def _is_numeric(output: Any) -> bool:
    if type(output) is Node:
        return True
    return isinstance(output, (np.ndarray, np.generic, int, float, complex))


def _mode_of(made: Transform | None, inputs: list[Node], outputs: Any) -> str:
    """Return the mode of a transform; that which needs fewer sweeps, where it is open.

    A function by itself is explained in reverse mode.
    """
    if made is None or made.mode is None:
        return "reverse"
    if made.mode != "auto":
        return made.mode
    columns, rows = (
        sum(math.prod(shape_of_one(one)) for one in side) for side in (inputs, outputs)
    )
    return "forward" if columns <= rows else "reverse"


def shape_of_one(one: Any) -> tuple[int, ...]:
    """Return the shape of a node or a constant."""
    shape: Any = one.shape if type(one) is Node else shape_of(one)
    return tuple(shape)


def _no_input(name: str, args: tuple[Any, ...]) -> str:
    leaves = flatten(args)[0]
    kinds = {
        str(leaf.dtype) if hasattr(leaf, "dtype") else type(leaf).__name__
        for leaf in leaves
    }
    given = ", ".join(sorted(kinds)) or "no argument by position"
    return (
        f"ad.explain({name}) has nothing to differentiate by: given was {given}. "
        "Give real or complex numbers or arrays by position; integer arrays as "
        "x.astype(float)."
    )


def _no_output(name: str, outputs: tuple[Any, ...]) -> str:
    kinds = ", ".join(sorted({type(one).__name__ for one in outputs})) or "nothing"
    return (
        f"ad.explain({name}) needs a function that returns numbers or arrays; returned "
        f"was {kinds}. Return the number that the derivative is wanted of."
    )
