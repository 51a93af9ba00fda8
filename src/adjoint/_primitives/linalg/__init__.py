"""Linear algebra: systems, determinants, factorisations, spectra, least squares.

All rules take stacks of matrices, as NumPy does, so that batching is one call.  They
are those of Giles 2008 ("Collected matrix derivative results for forward and reverse
mode algorithmic differentiation") unless a rule names another source.
"""

from adjoint._primitives.linalg import (
    determinant,
    eigen,
    factor,
    leastsquares,
    roots,
    singular,
    solve,
)

__all__ = [
    "determinant",
    "eigen",
    "factor",
    "leastsquares",
    "roots",
    "singular",
    "solve",
]
