"""Graphs of functions, and variables."""

import functools
import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from adjoint._core.arrays import NUMPY_SCALARS, Value
from adjoint._core.errors import InputError
from adjoint._core.graph import Graph, Signature
from adjoint._core.handle import Handle
from adjoint._core.tree import flatten, leaf_paths, unflatten
from adjoint._modes.record import RecordTrace
from adjoint._modes.variables import Variable, lift_variable
from adjoint._transforms.arguments import as_primal, refuse_subclass
from adjoint._transforms.running import (
    as_written,
    entering,
    function_name,
    lower_leaf,
    run,
)
from adjoint._transforms.tables import table

_INPUTS = (NUMPY_SCALARS - {np.bool_, np.str_, np.bytes_}) | {int, float, complex}
"""Types of numbers that become inputs; truth values decide the way of a function."""

Graph.table = table


def trace(fun: Callable[..., Any], plain_numpy: bool = True) -> Callable[..., Graph]:
    """Return a function that records what ``fun`` computes, as a `Graph`.

    ``fun`` is run once.  Python's control flow goes the way it goes for these
    arguments; the graph notes every answer that the way hangs on, and a replay for
    which one is another raises.  Transforms inside (`grad`, `jvp`, `vmap`, `hessian`)
    are recorded as what they compute.  Arrays that the function closes over are
    constants, as they are now.

    Parameters
    ----------
    fun : callable
        Any function of numbers and arrays, in containers if it likes.
    plain_numpy : bool
        Whether a clone of ``fun`` is run, see `grad`.

    Returns
    -------
    callable
        Takes the arguments of ``fun``; returns the graph.  Numbers and arrays among
        the positional arguments are its inputs, in order, named after the parameters
        (``x``, ``params['w']``); everything else, and keywords, is part of the
        function.

    Raises
    ------
    InputError
        For matrices and masked arrays among the arguments, and if all numbers are given
        by keyword.

    See Also
    --------
    Graph : what can be done with one.

    References
    ----------
    Griewank & Walther 2008, section 2.2.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> def f(x1, x2):
    ...     return np.log(x1) + x1 * x2 - np.sin(x2)
    >>> graph = ad.trace(f)(2.0, 5.0)
    >>> print(graph)
    graph of f: 2 inputs, 5 equations, 1 output
    v-1 = x1         weak ()
    v0  = x2         weak ()
    v1  = log(v-1)   float64 ()  ...
    v2  = v-1 * v0   weak ()     ...
    v3  = v1 + v2    float64 ()  ...
    v4  = sin(v0)    float64 ()  ...
    v5  = v3 - v4    float64 ()  ...
    returns v5
    >>> print(f"{graph(2.0, 5.0):.3f}")
    11.652
    """
    fun = as_written(fun, plain_numpy)

    @functools.wraps(fun, updated=())
    def record(*args: Any, **kwargs: Any) -> Graph:
        return record_on(RecordTrace(), fun, args, kwargs)

    return record


def record_on(
    running: RecordTrace,
    fun: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> Graph:
    """Return the graph of a function, recorded by a trace that is given."""
    leaves, structure = flatten(args)
    names = _names(fun, args)
    given = [
        running.lift(entering(running, leaf), name) if _is_input(leaf) else leaf
        for leaf, name in zip(leaves, names, strict=True)
    ]
    # Noted now: the function may write into its arguments.
    nodes = tuple(one.payload if running.owns(one) else one for one in given)
    handles = [one for one in given if running.owns(one)]
    inputs = [one.payload for one in handles]
    values = [one.value for one in handles]
    if not handles:
        _refuse_named(fun, kwargs)
    try:
        out = run(running, fun, unflatten(structure, given), kwargs)
        outputs, result = flatten(out)
        roots = [_root(running, leaf) for leaf in outputs]
    finally:
        running.closed = True
    return Graph(
        function_name(fun),
        inputs,
        roots,
        running.guards,
        Signature(nodes, structure, result),
        values,
    )


def _refuse_named(fun: Callable[..., Any], kwargs: dict[str, Any]) -> None:
    """Raise if numbers are given by keyword, where there are no inputs.

    Raises
    ------
    InputError
        A graph without inputs is not what was meant.
    """
    named = [
        key for key, tree in kwargs.items() if any(map(_is_input, flatten(tree)[0]))
    ]
    if named:
        msg = (
            f"ad.trace({function_name(fun)}) makes inputs of arguments given by "
            f"position; {', '.join(named)} were given by keyword, as constants. Give "
            "by position what the graph is to be a function of."
        )
        raise InputError(msg)


def _root(running: RecordTrace, leaf: Any) -> Any:
    """Return what a graph keeps of a leaf of the result: its node, or a constant."""
    if running.owns(leaf):
        return leaf.payload
    return running.constant(lower_leaf(running, leaf))


def _is_input(leaf: Any) -> bool:
    refuse_subclass(leaf, "trace was given an argument")
    if isinstance(leaf, Handle):
        return True
    if isinstance(leaf, np.ndarray):
        return leaf.dtype.kind in "fciub"
    return type(leaf) in _INPUTS


def _names(fun: Callable[..., Any], args: tuple[Any, ...]) -> list[str]:
    """Return a name of each leaf: the parameter, and the way to the leaf."""
    try:
        kinds = list(inspect.signature(fun).parameters.values())
    except (TypeError, ValueError):  # a function in C that does not say
        kinds = []
    parameters: list[str] = []
    for one in kinds:
        if one.kind is inspect.Parameter.VAR_POSITIONAL:
            parameters += [
                f"{one.name}[{k}]" for k in range(len(args) - len(parameters))
            ]
        elif one.kind is not inspect.Parameter.KEYWORD_ONLY:
            parameters.append(one.name)
    parameters += [f"x{k + 1}" for k in range(len(parameters), len(args))]
    return [
        f"{name}{path}"
        for name, arg in zip(parameters, args, strict=False)
        for path in leaf_paths(arg)
    ]


def variable(value: Value, name: str = "") -> Variable:
    """Return a number or array that remembers what is computed of it.

    It needs no transform around it.  Results are variables again, and so are their
    derivatives: ``y.grad(x)``.

    Parameters
    ----------
    value : float, complex, or ndarray of these
        An array is copied; an integer becomes a float.
    name : str
        What it is called when a graph is printed.

    Returns
    -------
    Variable
        With ``value``, ``shape`` and ``dtype``, and ``grad``.  ``float(x)`` and
        ``np.asarray(x)`` raise: they would lose the history.

    Raises
    ------
    InputError
        For what is no number, for integer arrays, and for traced values: inside a
        transform everything is recorded already.

    See Also
    --------
    Graph.of : the graph of a variable, to print or tabulate.

    References
    ----------
    Griewank & Walther 2008, section 3.2.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> x = ad.variable(3.0)
    >>> y = 2 * x + 10
    >>> y
    variable(16.0)
    >>> y.grad(x)
    variable(2.0)
    >>> w = ad.variable(np.array([1.0, 2.0]))
    >>> z = np.sum(w * w) * x
    >>> z.grad([x, w])
    [variable(5.0), variable(array([ 6., 12.]))]
    """
    if isinstance(value, Handle):
        msg = (
            "ad.variable takes plain numbers and arrays; given was a traced value, "
            "whose history is recorded already. Use it as it is, or "
            "ad.variable(ad.stop_gradient(x)) for one without history."
        )
        raise InputError(msg)
    if isinstance(value, list | tuple | dict | bool | np.bool_):
        kind, cure = (
            ("a truth value", "Give a float: float(x)")
            if isinstance(value, bool | np.bool_)
            else (
                f"a {type(value).__name__}",
                "Make an array of its numbers, np.array(x), or a variable of each",
            )
        )
        msg = f"ad.variable takes a number or an array; given was {kind}. {cure}."
        raise InputError(msg)
    return lift_variable(as_primal(value, "variable", 0, value, 0), name)  # type: ignore[return-value]
