"""One hundred idioms as scientists write them: plain functions, value and gradient."""

from . import (
    algebra,
    buffers,
    classes,
    conversions,
    functions,
    polynomials,
    sampling,
    stencils,
    stepping,
    tables,
    windows,
)
from .register import HUNDRED, Idiom

THEMES = (
    stepping,
    stencils,
    tables,
    sampling,
    polynomials,
    algebra,
    windows,
    buffers,
    functions,
    classes,
    conversions,
)
__all__ = ["HUNDRED", "THEMES", "Idiom"]
