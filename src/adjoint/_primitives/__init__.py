"""Floor 1: the rule book; one record a primitive, one family a file."""

from adjoint._primitives import (
    arithmetic,
    comparison,
    complexes,
    contraction,
    exponential,
    fourier,
    indexing,
    reduction,
    shape,
    trigonometric,
)

__all__ = [
    "arithmetic",
    "comparison",
    "complexes",
    "contraction",
    "exponential",
    "fourier",
    "indexing",
    "reduction",
    "shape",
    "trigonometric",
]
