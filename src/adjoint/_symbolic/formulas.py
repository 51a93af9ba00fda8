"""The derivative of a graph as expressions, and the NumPy function of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from adjoint._core.errors import MissingRuleError, OutputError
from adjoint._core.graph import Graph
from adjoint._numeric.values import Vector
from adjoint._symbolic.conversion import Expressions, in_symbols, symbols_of
from adjoint._symbolic.lengths import MOST_DERIVED, Lengths
from adjoint._symbolic.loading import sympy
from adjoint._symbolic.ties import differentiated

ROUNDED = 1e-10
"""Of a number: imaginary parts that are rounding."""


@dataclass(frozen=True, slots=True, eq=False)
class Formula:
    """Outputs of a graph, and their derivatives by some of its inputs.

    Attributes
    ----------
    graph : Graph
    symbols : list
        One for each number of all inputs.
    outputs : list
        The graph's outputs, flat.
    derivatives : ndarray of expressions, shape (m, n) or (m, n, n)
        By the chosen numbers.
    evaluate : callable
        Takes a number for each symbol; returns the derivatives in a list.
    """

    graph: Graph
    symbols: list[Any]
    outputs: list[Any]
    derivatives: Any
    evaluate: Callable[..., list[Any]]

    def __call__(self, arguments: Sequence[Any]) -> Vector:
        """Return the derivatives for arguments of the graph."""
        numbers = np.concatenate([np.ravel(one) for one in arguments])
        # Of a Piecewise all branches are computed, those too that are not taken.
        with np.errstate(all="ignore"):
            values = self.evaluate(*np.asarray(numbers, float))
        found = np.array(values)
        if found.dtype.kind == "c":
            self._require_real(found)
        return found.real.astype(float).reshape(self.derivatives.shape)

    def _require_real(self, found: Vector) -> None:
        """Raise for complex derivatives, up to what rounding leaves of real ones.

        Raises
        ------
        OutputError
            Their imaginary parts would be lost.
        """
        stray = np.abs(found.imag) > ROUNDED * np.abs(found)
        if np.any(stray):
            msg = (
                f"The derivative of {self.graph.name} by SymPy's formula is complex, "
                f"{found[np.argmax(stray)]:.6g}; ad.symbolic gives real ones. Return "
                "real and imaginary parts, np.real(y) and np.imag(y)."
            )
            raise OutputError(msg)


def formula_of(graph: Graph, chosen: Sequence[int], order: int) -> Formula:
    """Return the derivatives of a graph's outputs by the inputs at some positions.

    Raises
    ------
    MissingRuleError
        If SymPy cannot write the function, or its derivative.
    """
    try:
        return _formula(graph, chosen, order)
    except RecursionError as cause:
        msg = (
            f"The expression of {graph.name} is nested too deeply for SymPy, which "
            "follows it by recursion. Use ad.grad."
        )
        raise MissingRuleError(msg) from cause


def _formula(graph: Graph, chosen: Sequence[int], order: int) -> Formula:
    symbols, expressions = in_symbols(graph)
    outputs = flat(expressions)
    wanted = flat([symbols[k] for k in chosen])
    _require_short(graph, outputs, len(wanted))
    table = np.empty((len(outputs), len(wanted)), object)
    for index in np.ndindex(table.shape):
        table[index] = derivative(outputs[index[0]], wanted[index[1]])
    if order == 2:
        _require_short(graph, table, len(wanted) / 2)
        table = _second(table, wanted)
    every = flat(symbols)
    return Formula(graph, every, outputs, table, lambdified(every, list(table.flat)))


def _require_short(graph: Graph, expressions: Any, symbols: float) -> None:
    """Raise for more than SymPy can derive in some minutes.

    Raises
    ------
    MissingRuleError
        If expressions by that many symbols have too many parts.
    """
    lengths = Lengths()
    parts = sum(lengths.longest(one) for one in np.asarray(expressions, object).flat)
    if parts * symbols > MOST_DERIVED:
        msg = (
            f"The expressions of {graph.name or 'a variable'} have {parts:,} parts, to "
            f"be derived by {len(flat(symbols_of(graph)))} symbols; SymPy, which walks "
            "through all of them for each, would take very long. Use ad.grad."
        )
        raise MissingRuleError(msg)


def _second(table: Any, wanted: list[Any]) -> Any:
    out = np.empty((*table.shape, len(wanted)), object)
    for k, i in np.ndindex(table.shape):
        for j in range(i + 1):
            out[k, i, j] = out[k, j, i] = derivative(table[k, i], wanted[j])
    return out


def flat(parts: Sequence[Expressions]) -> list[Any]:
    """Return the elements of expressions and arrays of them in one list."""
    return [one for part in parts for one in np.asarray(part, object).flat]


def derivative(expression: Any, symbol: Any) -> Any:
    """Return the derivative of an expression, that of a step taken as 0.

    Raises
    ------
    MissingRuleError
        If SymPy leaves a derivative unevaluated.
    """
    sp = sympy()
    found = differentiated(expression, symbol)
    found = found.replace(sp.DiracDelta, lambda *_args: sp.Integer(0))
    if found.has(sp.Derivative):
        found = found.replace(
            lambda one: one.is_Derivative and one.has(sp.floor, sp.ceiling),
            lambda _one: sp.Integer(0),
        ).doit()
    if found.has(sp.Derivative, sp.Subs):
        msg = (
            f"SymPy knows no formula for the derivative of {expression} by {symbol}: "
            f"it gives {found}. Use ad.grad."
        )
        raise MissingRuleError(msg)
    return found


def lambdified(
    symbols: Sequence[Any], expressions: list[Any]
) -> Callable[..., list[Any]]:
    """Return a NumPy function that computes expressions, what they share only once."""
    made: Callable[..., list[Any]] = sympy().lambdify(
        list(symbols), expressions, ["scipy", "numpy"], cse=True, dummify=True
    )
    return made
