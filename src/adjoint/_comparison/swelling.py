"""Expression swell: how formulas of derivatives grow where evaluations do not."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from adjoint._comparison.operations import operations
from adjoint._comparison.pictures import (
    AMBER,
    BLUE,
    GREEN,
    RED,
    Figure,
    figure_of,
    tidy,
)
from adjoint._comparison.text import as_html, as_text
from adjoint._core.arrays import describe
from adjoint._core.errors import InputError
from adjoint._symbolic.conversion import in_symbols
from adjoint._symbolic.expanding import expanded
from adjoint._symbolic.loading import sympy
from adjoint._transforms.products import jvp, vjp
from adjoint._transforms.tracing import trace

HEAD = ("n", "l_n", "dl_n/dx", "expanded", "forward mode", "reverse mode")


@dataclass(frozen=True, slots=True)
class SwellRow:
    """The n-th iterate: its formula, its derivative's, and what both cost.

    Attributes
    ----------
    n : int
    expression, derivative : SymPy expression
        l_n, and its derivative as SymPy gives it.
    expanded : SymPy expression or None
        The derivative multiplied out; ``None`` where that has too many terms.
    operations, derivative_operations, expanded_operations : int
        Of the formulas, as `sympy.count_ops` counts.
    forward, reverse : int
        Operations that forward and reverse mode execute for the derivative.
    """

    n: int
    expression: Any
    derivative: Any
    expanded: Any
    operations: int
    derivative_operations: int
    expanded_operations: int | None
    forward: int
    reverse: int


@dataclass(frozen=True, slots=True)
class Swell:
    """Sizes of the formulas of iterates and their derivatives, and operations of AD.

    Attributes
    ----------
    rows : tuple of SwellRow
    """

    rows: tuple[SwellRow, ...]

    def __str__(self) -> str:
        return as_text(HEAD, self._cells())

    def _repr_html_(self) -> str:
        return as_html(HEAD, self._cells())

    def _cells(self) -> list[tuple[str, ...]]:
        return [
            (
                str(row.n),
                str(row.operations),
                str(row.derivative_operations),
                "too long" if row.expanded is None else str(row.expanded_operations),
                str(row.forward),
                str(row.reverse),
            )
            for row in self.rows
        ]

    def plot(self) -> Figure:
        """Return a picture of the table: operations over n, on a logarithmic scale.

        Raises
        ------
        ImportError
            Without matplotlib: ``pip install 'adjoint[explain]'``.
        """
        figure, axes = figure_of((6.4, 4.0))
        n = [row.n for row in self.rows]
        expanded_n = [row.n for row in self.rows if row.expanded is not None]
        expanded_size = [
            row.expanded_operations for row in self.rows if row.expanded is not None
        ]
        formula = [row.derivative_operations for row in self.rows]
        forward = [row.forward for row in self.rows]
        reverse = [row.reverse for row in self.rows]
        axes.plot(n, formula, "o-", color=AMBER, label="formula")
        expanded_label = "formula, expanded"
        axes.plot(expanded_n, expanded_size, "s-", color=RED, label=expanded_label)
        # Often the same numbers: a ring around the point shows both.
        ring = {"ms": 9, "fillstyle": "none"}
        axes.plot(n, forward, "o-", color=BLUE, label="forward mode", **ring)
        axes.plot(n, reverse, ".--", color=GREEN, label="reverse mode")
        axes.set_yscale("symlog", linthresh=1.0)
        axes.set_xlabel("n")
        axes.set_ylabel("operations of the derivative")
        tidy(axes)
        axes.legend(frameon=False)
        return figure


def swell(step: Callable[[Any], Any], count: int = 8, at: float = 0.3) -> Swell:
    """Return how the derivatives of l1 = x, l(n+1) = step(l(n)) grow as formulas.

    Parameters
    ----------
    step : callable
        Of one number, such as the logistic map ``lambda l: 4 * l * (1 - l)``.
    count : int
        How many iterates.
    at : float
        Where the function is recorded, and the operations of AD are counted.

    Returns
    -------
    Swell
        A table: print it, or ``.plot()`` it.

    Raises
    ------
    InputError
        If ``count`` is not positive, or ``at`` no real number.
    MissingRuleError, ImportError
        As in `to_sympy`.

    References
    ----------
    Baydin, Pearlmutter, Radul & Siskind 2018, *JMLR* 18, table 1; Corliss 1988.

    Examples
    --------
    >>> import adjoint as ad
    >>> table = ad.symbolic.swell(lambda l: 4 * l * (1 - l), count=3)
    >>> [row.expanded for row in table.rows]
    [1, 4 - 8*x, -256*x**3 + 384*x**2 - 160*x + 16]
    >>> [row.derivative_operations for row in table.rows]
    [0, 2, 21]
    """
    if count < 1:
        msg = f"swell takes the number of iterates, 1 or more; given was {count}."
        raise InputError(msg)
    if np.shape(at) != ():
        msg = (
            "swell takes one real number as the point at which operations are counted, "
            f"at=0.3; given was {describe(at)}."
        )
        raise InputError(msg)
    return Swell(tuple(_row(step, n, at) for n in range(1, count + 1)))


def _row(step: Callable[[Any], Any], n: int, at: float) -> SwellRow:
    def iterate(x: Any) -> Any:
        for _ in range(n - 1):
            x = step(x)
        return x

    sp = sympy()
    graph = trace(iterate)(at)
    (symbol,), (expression,) = in_symbols(graph)
    derivative = sp.diff(expression, symbol)
    multiplied = expanded(derivative)

    # The seeds are inputs too: products of constants are not in a graph.
    def pushed(x: Any, x_dot: Any) -> Any:
        return jvp(iterate, (x,), (x_dot,))[1]

    def pulled(x: Any, out_bar: Any) -> Any:
        return vjp(iterate, x)[1](out_bar)[0]

    return SwellRow(
        n,
        expression,
        derivative,
        multiplied,
        int(sp.count_ops(expression)),
        int(sp.count_ops(derivative)),
        None if multiplied is None else int(sp.count_ops(multiplied)),
        operations(trace(pushed)(at, 1.0)),
        operations(trace(pulled)(at, 1.0)),
    )
