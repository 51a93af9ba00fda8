"""Symbolic derivatives: a recorded function as SymPy expressions, and back to NumPy.

SymPy differentiates formulas, so a function is recorded first (`adjoint.trace`) and
its graph written as one expression per output, in one symbol per number of its inputs.
That is exact and can be read and transformed further; it also grows: the derivative of
a product of n factors has n² of them (`swell` shows how fast).

Needs the extra ``symbolic``: ``pip install 'adjoint[symbolic]'``.

>>> import numpy as np
>>> from adjoint import symbolic
>>> def f(x1, x2):
...     return np.log(x1) + x1 * x2 - np.sin(x2)
>>> symbolic.expression(f)(2.0, 5.0)
x1*x2 + log(x1) - sin(x2)
>>> by_x1 = symbolic.grad(f)
>>> by_x1(2.0, 5.0)
np.float64(5.5)
>>> by_x1.expression
x2 + 1/x1
"""

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from adjoint._comparison.swelling import Swell, swell
from adjoint._core.errors import InputError
from adjoint._core.graph import Graph
from adjoint._symbolic.conversion import in_form, in_symbols
from adjoint._symbolic.derived import Derived
from adjoint._symbolic.loading import sympy
from adjoint._transforms.arguments import Argnums
from adjoint._transforms.tracing import trace

__all__ = [
    "Derived",
    "Swell",
    "expression",
    "from_sympy",
    "grad",
    "hessian",
    "jacobian",
    "swell",
    "to_sympy",
]


def to_sympy(graph: Graph) -> tuple[list[Any], list[Any]]:
    """Return a graph as SymPy expressions, and the symbols they are written in.

    Parameters
    ----------
    graph : Graph
        From `adjoint.trace`, or `adjoint.Graph.of`.

    Returns
    -------
    symbols : list
        For each input a real symbol, or a NumPy array of them: ``x``, ``x_0`` ...
    expressions : list
        For each output an expression, or a NumPy array of them.

    Raises
    ------
    InputError
        If it is no graph.
    MissingRuleError
        For a function that SymPy has nothing for, with its line and the functions it
        has; for an expression of more than 20,000 parts, which SymPy takes too long
        for.
    ImportError
        Without SymPy.

    Notes
    -----
    A graph is the way the function took: what a branch of Python's chose for the values
    it was recorded with is in it, the other branch is not.  ``np.where`` and
    ``np.maximum`` keep both.  Integers and short binary fractions are exact, other
    constants are floats.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> graph = ad.trace(lambda x: np.sum(x**2) * 0.5)(np.ones(2))
    >>> ad.symbolic.to_sympy(graph)
    ([array([x_0, x_1], dtype=object)], [x_0**2/2 + x_1**2/2])
    """
    if not hasattr(graph, "equations"):
        msg = (
            f"to_sympy takes a graph, as ad.trace(f)(*args) returns one; given was "
            f"{type(graph).__name__} {graph!r:.60}. For a function, use "
            "ad.symbolic.expression(f)(*args)."
        )
        raise InputError(msg)
    return in_symbols(graph)


def expression(fun: Callable[..., Any]) -> Callable[..., Any]:
    """Return what gives a function's result as SymPy expressions.

    Parameters
    ----------
    fun : callable
        Of numbers, arrays, and trees of them.

    Returns
    -------
    callable
        Takes the arguments of ``fun``, whose values choose shapes and branches; returns
        its result with a SymPy expression for each number.

    Raises
    ------
    MissingRuleError, ImportError
        See `to_sympy`.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> ad.symbolic.expression(lambda x: np.exp(x) * x)(np.ones(2))
    array([x_0*exp(x_0), x_1*exp(x_1)], dtype=object)
    """

    def expression_of(*args: Any, **kwargs: Any) -> Any:
        graph = trace(fun)(*args, **kwargs)
        return in_form(graph, to_sympy(graph)[1])

    return expression_of


def from_sympy(expression: Any, symbols: Any) -> Callable[..., Any]:
    """Return a SymPy expression as a NumPy function that Adjoint differentiates.

    Parameters
    ----------
    expression : SymPy expression, matrix, or nested lists or arrays of expressions
    symbols : symbol, or sequence of symbols and arrays of symbols
        One for each argument.  A symbol takes a number or an array, element by element;
        an array of symbols takes an array of its shape.

    Returns
    -------
    callable
        Written out in NumPy, what terms share computed once.

    Raises
    ------
    InputError
        If the expression has a symbol that no argument stands for, or a part that
        NumPy has nothing for.
    ImportError
        Without SymPy.

    Examples
    --------
    >>> import sympy
    >>> import adjoint as ad
    >>> x, y = sympy.symbols("x y")
    >>> f = ad.symbolic.from_sympy(sympy.sin(x) * y, (x, y))
    >>> f(0.0, 2.0)
    np.float64(0.0)
    >>> ad.grad(f)(0.0, 2.0)
    np.float64(2.0)
    >>> ad.symbolic.expression(f)(0.0, 2.0)
    y*sin(x)
    """
    sp = sympy()
    arguments = symbols if isinstance(symbols, list | tuple) else (symbols,)
    result = _written(expression)
    nested = [_nested(one) for one in arguments]
    given = {symbol for one in nested for symbol in np.ravel(np.array(one, object))}
    missing = sorted(map(str, result.free_symbols - given))
    if missing:
        msg = (
            f"from_sympy was given arguments for the symbols "
            f"{', '.join(sorted(map(str, given)))}; the expression has "
            f"{', '.join(missing)} besides. Give each symbol an argument; symbols with "
            "different assumptions are different symbols."
        )
        raise InputError(msg)
    try:
        function = sp.lambdify(
            nested,
            result,
            ["scipy", "numpy"],
            cse=True,
            dummify=True,  # a symbol may be called sin
        )
    except (KeyError, NotImplementedError) as cause:
        raise InputError(_no_program(result)) from cause
    function.__signature__ = inspect.Signature(
        [
            inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD)
            for name in _names(arguments)
        ]
    )
    return function  # type: ignore[no-any-return]


def _written(expression: Any) -> Any:
    """Return what NumPy can compute as SymPy's expression or array.

    Raises
    ------
    InputError
        For what is no expression, and for functions that have a name only.
    """
    sp = sympy()
    try:
        result = sp.sympify(_as_result(expression))
    except sp.SympifyError:
        result = None
    if not hasattr(result, "free_symbols"):
        msg = (
            f"from_sympy takes a SymPy expression, or arrays of them; given was "
            f"{type(expression).__name__} {expression!r:.60}."
        )
        raise InputError(msg)
    if result.atoms(sp.core.function.AppliedUndef):
        raise InputError(_no_program(result))
    return result


def _no_program(result: Any) -> str:
    return (
        f"from_sympy: NumPy has nothing to compute {str(result)[:80]} with. Give an "
        "expression of functions that are defined, with all derivatives, integrals "
        "and limits carried out: expression.doit()."
    )


def _names(arguments: Sequence[Any]) -> list[str]:
    """Return names of arguments: of arrays how the names of their symbols begin."""
    names: list[str] = []
    for k, one in enumerate(arguments):
        inside = [str(symbol) for symbol in np.ravel(np.array(_nested(one), object))]
        common = inside[0] if len(inside) == 1 else inside[0].rpartition("_")[0]
        is_new = common.isidentifier() and common not in names
        names.append(common if is_new else f"arg{k}")
    return names


def _nested(symbols: Any) -> Any:
    """Return an argument's symbols as nested lists; one symbol as it is."""
    if isinstance(symbols, list | tuple):
        return [_nested(one) for one in symbols]
    return symbols.tolist() if hasattr(symbols, "tolist") else symbols


def _as_result(expression: Any) -> Any:
    """Return expressions in the container that is written out as an array."""
    if isinstance(expression, np.ndarray | list | tuple):
        nested = np.array(expression, object)
        return sympy().Array(nested.tolist())
    return expression


def grad(fun: Callable[..., Any], argnums: Argnums = 0) -> Derived:
    """Return the gradient function of ``fun`` by SymPy, with its expression.

    Parameters
    ----------
    fun : callable
        Returns one real number.
    argnums : int or sequence of int
        Positions of the arguments to differentiate by.

    Returns
    -------
    Derived
        Takes the arguments of ``fun``; returns what `adjoint.grad` returns.  Its
        ``.expression`` is the gradient in symbols, as of the last call.

    Raises
    ------
    InputError, OutputError
        As `adjoint.grad` does; also if the derivative is complex.
    MissingRuleError
        See `to_sympy`; also if parts times symbols are more than 400,000, and for the
        determinant of a matrix of more than 10 rows, the inverse or a linear system of
        one of more than 6.
    ImportError
        Without SymPy.

    Notes
    -----
    Deriving costs milliseconds to minutes, once for each way through the function; the
    function is recorded at every call to know which way it goes.  At a tie of a maximum
    the derivative is shared evenly, that of a step is 0, as elsewhere; maxima of maxima
    are to SymPy one, whose arguments share as equals.

    A formula is evaluated as it is written.  Where parts of it leave the range of
    floats or are 0/0 it gives nan, and `adjoint.grad`, which rewrites such pairs, does
    not: ``log(exp(x) + exp(y))`` at 800, ``1/(1 + exp(-x))`` at -800, ``norm(x)`` at 0.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> gradient = ad.symbolic.grad(lambda x: x[0] ** 2 * np.sin(x[1]))
    >>> gradient(np.array([3.0, 0.0]))
    array([0., 9.])
    >>> gradient.expression
    array([2*x_0*sin(x_1), x_0**2*cos(x_1)], dtype=object)
    """
    return Derived("symbolic.grad", 0, fun, argnums)


def jacobian(fun: Callable[..., Any], argnums: Argnums = 0) -> Derived:
    """Return the Jacobian function of ``fun`` by SymPy, with its expression.

    Parameters
    ----------
    fun, argnums
        As in `adjoint.jacobian`.

    Returns
    -------
    Derived
        Takes the arguments of ``fun``; returns what `adjoint.jacobian` returns.

    Raises
    ------
    InputError, MissingRuleError, ImportError
        See `grad`.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> J = ad.symbolic.jacobian(lambda x: x[0] * x)
    >>> J(np.array([2.0, 3.0]))
    array([[4., 0.],
           [3., 2.]])
    >>> J.expression
    array([[2*x_0, 0],
           [x_1, x_0]], dtype=object)
    """
    return Derived("symbolic.jacobian", 1, fun, argnums)


def hessian(fun: Callable[..., Any], argnums: Argnums = 0) -> Derived:
    """Return the Hessian function of ``fun`` by SymPy, with its expression.

    Parameters
    ----------
    fun, argnums
        As in `adjoint.hessian`.

    Returns
    -------
    Derived
        Takes the arguments of ``fun``; returns what `adjoint.hessian` returns.

    Raises
    ------
    InputError, MissingRuleError, ImportError
        See `grad`.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> H = ad.symbolic.hessian(lambda x: x[0] ** 2 * np.exp(x[1]))
    >>> H(np.array([3.0, 0.0]))
    array([[2., 6.],
           [6., 9.]])
    >>> H.expression
    array([[2*exp(x_1), 2*x_0*exp(x_1)],
           [2*x_0*exp(x_1), x_0**2*exp(x_1)]], dtype=object)
    """
    return Derived("symbolic.hessian", 2, fun, argnums)


def __dir__() -> list[str]:
    return __all__
