"""Elementwise formulas at growing sizes: what a compiler can fuse into one loop."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

import numpy as np

from benchmarks.case import Case, Inputs, Suite

FEATURES = 10
SIZES = (10**2, 10**4, 10**6, 10**7)
SHARED = (10**4, 10**6)
"""Those measured on all cores: less is not worth sharing, more does not differ."""

DType: TypeAlias = type[np.floating]


def _points(n: int, dtype: DType) -> Inputs:
    return np.random.default_rng(5).normal(size=n).astype(dtype), ()


def _classified(n: int, dtype: DType) -> Inputs:
    """Return weights, n rows of features and their labels, a tenth of them wrong."""
    rng = np.random.default_rng(8)
    weights = rng.normal(size=FEATURES).astype(dtype)
    features = rng.standard_normal((n, FEATURES), dtype)
    right = rng.random(n) < 0.9
    labels = np.where(right, 1, -1) * np.sign(features @ weights)
    return 0.5 * weights, (features, labels.astype(dtype))


def _options(n: int, dtype: DType) -> Inputs:
    """Return spot, volatility, rate and maturity of n options, and their strikes."""
    rng = np.random.default_rng(9)
    ranges = ((80.0, 120.0), (0.1, 0.4), (0.0, 0.05), (0.25, 2.0), (80.0, 120.0))
    *argument, strike = (rng.uniform(*ends, n).astype(dtype) for ends in ranges)
    return argument, (strike,)


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula summed over n rows.

    Parameters
    ----------
    name, function : str
        As printed; in `problems.elementwise`.
    inputs : callable
        From n and dtype.
    numbers : int
        What is read and written once a row: the data, and the gradient if it has rows.
    operations : int
        Sums, products and elementary functions a row, value and gradient, by hand.
    largest_quick : int
        The largest size of a quick run.
    """

    name: str
    function: str
    inputs: Callable[[int, DType], Inputs]
    numbers: int
    operations: int
    largest_quick: int


FORMULAS = (
    Formula("tanh(sin x cos x)", "tanh_of_product", _points, 2, 10, 10**6),
    Formula("logistic loss", "logistic_loss", _classified, 11, 52, 10**6),
    Formula("Black-Scholes", "black_scholes", _options, 9, 110, 10**4),
)


def _case(formula: Formula, n: int, dtype: DType) -> Case:
    """Return a case; in float32, sums of 1e7 rows differ by 1e-4 by their order."""
    curve = f"{formula.name}, {dtype.__name__}"
    return Case(
        name=f"{curve}, n = {n:,}",
        task="value_and_gradient",
        problem="elementwise",
        function=formula.function,
        by_hand=f"{formula.function}_by_hand",
        inputs=partial(formula.inputs, n, dtype),
        tolerance=1e-3 if dtype is np.float32 else 1e-10,
        group=curve,
        x=n,
        bytes=formula.numbers * n * np.dtype(dtype).itemsize,
        flops=formula.operations * n,
        dtype=dtype.__name__,
        quick=dtype is np.float64 and n <= formula.largest_quick,
        shared=dtype is np.float64 and n in SHARED,
    )


SUITE = Suite(
    name="fused",
    title="Elementwise formulas, value and gradient",
    text=(
        "Formulas of many small steps over long arrays. NumPy makes an array of each "
        "step; who fuses the steps into one loop moves a fraction of the bytes. The "
        "*logistic loss* has 10 features a row; *Black-Scholes* prices calls and gives "
        "all four gradients (by spot, volatility, rate and maturity). At n = 100 the "
        "cost of a call counts, from a million on the memory: the limit is the time in "
        "which the arguments are read, and the gradient is written, once. All cores "
        "are asked in float64 only, at ten thousand and at a million."
    ),
    cases=[
        _case(formula, n, dtype)
        for formula in FORMULAS
        for dtype in (np.float64, np.float32)
        for n in SIZES
    ],
    without=("jax eager", "casadi"),
    threads=("one", "all"),
)
