"""The rank of a Jacobian, which unknowns it leaves open, and the inverse of JᵀJ."""

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import OptimizeWarning

from adjoint.solve._unknowns import Unknowns, Vector

EPS = float(np.finfo(float).eps)

LISTED = 8
"""Names of unknowns in a warning at most."""


@dataclass(frozen=True, eq=False)
class Decomposition:
    """Singular values of a Jacobian whose columns were scaled to length 1.

    Unknowns differ by orders of magnitude where their units do; neither rank nor
    digits should depend on units.

    Attributes
    ----------
    lengths : ndarray, shape (n,)
        Lengths of the columns, 1 for a column of zeros.
    values : ndarray, shape (n,)
        Singular values, from the largest down; 0 for those that rows lack, nan for a
        Jacobian that is not finite.
    rows : ndarray, shape (n, n)
        Right singular vectors.
    rank : int
        Number of values above rounding.
    """

    lengths: Vector
    values: Vector
    rows: Vector
    rank: int

    @classmethod
    def of(cls, jacobian: Any) -> "Decomposition":
        """Return the decomposition of a matrix, dense or sparse, shape (m, n)."""
        sparse = hasattr(jacobian, "toarray")
        dense = jacobian.toarray() if sparse else np.asarray(jacobian, dtype=float)
        m, n = dense.shape
        if not np.all(np.isfinite(dense)):
            return cls(np.ones(n), np.full(n, np.nan), np.eye(n), 0)
        lengths = np.linalg.norm(dense, axis=0)
        lengths = np.where(lengths > 0.0, lengths, 1.0)
        _, found, rows = np.linalg.svd(dense / lengths, full_matrices=m < n)
        values = np.zeros(n)
        values[: found.size] = found
        limit = EPS * max(m, n) * float(values[0])
        return cls(lengths, values, rows, int(np.sum(values > limit)))

    @property
    def is_full(self) -> bool:
        """Whether all unknowns are determined."""
        return self.rank == self.lengths.size

    def inverse_of_square(self) -> Vector:
        """Return (JᵀJ)⁻¹, of a Jacobian of full rank."""
        half = self.rows.T / self.values / self.lengths[:, None]
        return np.asarray(half @ half.T)


def warn_of_freedom(unknowns: Unknowns, observations: int) -> None:
    """Warn if residuals that vanish say nothing about the errors of the data."""
    if observations == unknowns.size:
        msg = (
            f"{unknowns.who}: the covariance could not be estimated: "
            f"{observations} observations for as many parameters leave no residuals. "
            "Give more data, or their errors (sigma=, absolute_sigma=True)."
        )
        warnings.warn(msg, OptimizeWarning, stacklevel=3)


def warn_of_rank(
    unknowns: Unknowns, decomposition: Decomposition, names: list[str] | None = None
) -> None:
    """Warn of unknowns that the data do not determine, and name them."""
    if decomposition.is_full:
        return
    if np.isnan(decomposition.values[0]):
        msg = (
            f"{unknowns.who}: the Jacobian at the solution holds nan or inf, so "
            "errors are not known. Bound the unknowns, or start elsewhere."
        )
        warnings.warn(msg, OptimizeWarning, stacklevel=3)
        return
    share = np.max(np.abs(decomposition.rows[decomposition.rank :]), axis=0)
    named = zip(names or unknowns.names, share, strict=True)
    loose = [name for name, part in named if part > 1e-3]
    others = len(loose) - LISTED
    listed = ", ".join(loose[:LISTED]) + (f" and {others} more" if others > 0 else "")
    msg = (
        f"{unknowns.who}: the Jacobian at the solution has rank {decomposition.rank} "
        f"for {unknowns.size} unknowns: the data do not determine {listed}. Fix some "
        "of them, or fit their combinations."
    )
    warnings.warn(msg, OptimizeWarning, stacklevel=3)
