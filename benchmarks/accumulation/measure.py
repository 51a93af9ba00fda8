"""Jacobians by columns and by rows over a grid of sizes: operations and times."""

import dataclasses
import json
import statistics
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import adjoint as ad
from adjoint._comparison.operations import operations
from benchmarks.timing import Plan, interleave, ratios

SIZES = (1, 4, 16, 64, 256, 1024)
"""Numbers of inputs, and of outputs."""

HIDDEN = 128
"""Width of the function between its inputs and its outputs."""

FULL = Plan(calls=3, rounds=15, seconds=5.0)
QUICK = Plan(calls=1, rounds=5, seconds=1.0)


@dataclasses.dataclass(frozen=True)
class Cell:
    """One size: n inputs, m outputs.

    Operations of the function, of one forward pass (one column), one reverse pass (one
    row) and of the whole Jacobian by columns and by rows; times in seconds, medians;
    ``ratio`` is time by columns over time by rows, the median of the rounds' ratios.
    """

    n: int
    m: int
    function_operations: int
    column_operations: int
    row_operations: int
    columns_operations: int
    rows_operations: int
    function_time: float
    column_time: float
    row_time: float
    columns_time: float
    rows_time: float
    ratio: float


def model(n: int, m: int) -> Callable[[Any], Any]:
    """Return a smooth function of n inputs and m outputs, a network of one layer."""
    rng = np.random.default_rng(n + 1000 * m)
    first = rng.standard_normal((HIDDEN, n)) / np.sqrt(n)
    last = rng.standard_normal((m, HIDDEN)) / np.sqrt(HIDDEN)

    def f(x: Any) -> Any:
        return np.tanh(last @ np.tanh(first @ x))

    return f


def ways(n: int, m: int) -> dict[str, Callable[[Any], Any]]:
    """Return the function, one pass of each mode, and the Jacobian both ways."""
    f = model(n, m)
    x_dot, out_bar = np.eye(n)[0], np.eye(m)[0]
    return {
        "function": f,
        "column": lambda x: ad.jvp(f, (x,), (x_dot,)),
        "row": lambda x: ad.vjp(f, x)[1](out_bar),
        "columns": ad.jacfwd(f),
        "rows": ad.jacrev(f),
    }


def count(n: int, m: int) -> dict[str, int]:
    """Return the floating-point operations of each way, from what it executes.

    The seeds are inputs of what is recorded: a graph leaves out what is computed of
    constants alone, such as the first product with a seed.
    """
    f = model(n, m)
    x = np.linspace(-1.0, 1.0, n)

    def column(x: Any, x_dot: Any) -> Any:
        return ad.jvp(f, (x,), (x_dot,))

    def row(x: Any, out_bar: Any) -> Any:
        out, pullback = ad.vjp(f, x)
        return out, pullback(out_bar)

    def columns(x: Any, x_dots: Any) -> Any:
        return ad.vmap(lambda x_dot: ad.jvp(f, (x,), (x_dot,))[1])(x_dots)

    def rows(x: Any, out_bars: Any) -> Any:
        return ad.vmap(ad.vjp(f, x)[1])(out_bars)

    graphs = {
        "function": ad.trace(f)(x),
        "column": ad.trace(column)(x, np.eye(n)[0]),
        "row": ad.trace(row)(x, np.eye(m)[0]),
        "columns": ad.trace(columns)(x, np.eye(n)),
        "rows": ad.trace(rows)(x, np.eye(m)),
    }
    return {name: operations(graph) for name, graph in graphs.items()}


def measure(n: int, m: int, plan: Plan) -> Cell:
    """Return counts and times of one size, after comparing both Jacobians.

    Raises
    ------
    ValueError
        If the Jacobian by columns is not that by rows.
    """
    x = np.linspace(-1.0, 1.0, n)
    run = ways(n, m)
    if not np.allclose(run["columns"](x), run["rows"](x), rtol=1e-12, atol=1e-14):
        msg = f"n = {n}, m = {m}: columns and rows give different Jacobians"
        raise ValueError(msg)
    calls = {name: (lambda way=way: way(x)) for name, way in run.items()}
    samples = interleave(calls, plan)
    counted = {f"{name}_operations": value for name, value in count(n, m).items()}
    timed = {f"{name}_time": statistics.median(one) for name, one in samples.items()}
    ratio = statistics.median(ratios(samples, "columns", "rows"))
    return Cell(n=n, m=m, **counted, **timed, ratio=ratio)


@dataclasses.dataclass(frozen=True)
class Measured:
    """All cells, and the conditions."""

    conditions: dict[str, str]
    cells: list[Cell]

    def cell(self, n: int, m: int) -> Cell:
        """Return one size."""
        return next(one for one in self.cells if (one.n, one.m) == (n, m))

    def save(self, path: Path) -> None:
        """Write the figures as JSON."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(dataclasses.asdict(self), indent=1) + "\n")

    @classmethod
    def load(cls, path: Path) -> "Measured":
        """Return figures from a file."""
        raw = json.loads(path.read_text())
        return cls(raw["conditions"], [Cell(**one) for one in raw["cells"]])
