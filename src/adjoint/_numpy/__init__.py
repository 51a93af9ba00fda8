"""Floor 2a: NumPy functions composed of primitives; no rules here."""

from adjoint._numpy import (
    creation,
    diagonals,
    differences,
    interpolation,
    joining,
    matrices,
    metadata,
    nan,
    norms,
    padding,
    products,
    quantiles,
    rearranging,
    selecting,
    sorting,
    statistics,
)

__all__ = [
    "creation",
    "diagonals",
    "differences",
    "interpolation",
    "joining",
    "matrices",
    "metadata",
    "nan",
    "norms",
    "padding",
    "products",
    "quantiles",
    "rearranging",
    "selecting",
    "sorting",
    "statistics",
]
