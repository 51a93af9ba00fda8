"""Floor 1: the rule book; one record a primitive, one family a file."""

from adjoint._primitives import (
    arithmetic,
    comparison,
    contraction,
    convolution,
    einsum,
    exponential,
    gathering,
    indexing,
    linalg,
    ordering,
    reduction,
    scans,
    shape,
    taking,
    trigonometric,
)

__all__ = [
    "arithmetic",
    "comparison",
    "contraction",
    "convolution",
    "einsum",
    "exponential",
    "gathering",
    "indexing",
    "linalg",
    "ordering",
    "reduction",
    "scans",
    "shape",
    "taking",
    "trigonometric",
]
