"""Fit certified data by least squares, with exact Jacobians and with differences.

Every fit runs SciPy's Levenberg-Marquardt method (MINPACK) with the same tolerances;
only the source of the Jacobian differs.  Calls for differences are counted around the
model itself.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import adjoint as ad
from adjoint._demo.arrays import Array, FloatArray
from adjoint._demo.counted import Counted
from adjoint._demo.nist.data import DataSet
from adjoint._demo.nist.models import MODELS

EXACT = "exact"
TWO_POINT = "2-point"
THREE_POINT = "3-point"
SOURCES = (EXACT, TWO_POINT, THREE_POINT)
"""Where a Jacobian comes from."""

TWO_POINT_STEP = float(np.sqrt(np.finfo(float).eps))
"""SciPy's own step of forward differences, times max(1, abs(b))."""

THREE_POINT_STEP = float(np.cbrt(np.finfo(float).eps))
"""The best step of central differences, times abs(b): an expert's choice."""

CERTIFIED_DIGITS = 11
REACHED_DIGITS = 4
"""From this many digits on, a fit has reached the certified minimum and no other."""

EPS = float(np.finfo(float).eps)


@dataclass(frozen=True, eq=False)
class Fit:
    """One fit: what it found, and what it cost.

    Attributes
    ----------
    data_set : DataSet
        The certified data.
    start : int
        Number of the starting point, 1 or 2.
    source : str
        Where the Jacobian came from, one of :data:`SOURCES`.
    parameters, deviations : ndarray, shape (n,)
        Parameters at the end and their standard deviations.
    residual_sum_of_squares : float
        Sum of squares at the end.
    model_calls : int
        Calls of the model for residuals and difference quotients.
    jacobian_calls : int
        Calls of the exact Jacobian; 0 for differences.
    seconds : float
        Time of the fit.
    """

    data_set: DataSet
    start: int
    source: str
    parameters: FloatArray
    deviations: FloatArray
    residual_sum_of_squares: float
    model_calls: int
    jacobian_calls: int
    seconds: float

    @property
    def digits(self) -> float:
        """Certified digits that every parameter has."""
        return certified_digits(self.parameters, self.data_set.parameters)

    @property
    def deviation_digits(self) -> float:
        """Certified digits that every standard deviation has."""
        return certified_digits(self.deviations, self.data_set.deviations)

    @property
    def reached(self) -> bool:
        """Whether the fit ended at the certified minimum."""
        return self.digits >= REACHED_DIGITS


def residual_function(data_set: DataSet) -> Callable[[Array], Array]:
    """Return the residuals, model less data, as a function of the parameters."""
    model, x, y = MODELS[data_set.name], data_set.x, data_set.y

    def residuals(b: Array) -> Array:
        return model(b, x) - y

    return residuals


def fit(data_set: DataSet, start: int, source: str) -> Fit:
    """Return the least-squares fit of a data set from one of its starting points.

    Parameters
    ----------
    data_set : DataSet
        Certified data.
    start : int
        1 or 2, the second nearer to the solution.
    source : str
        Where the Jacobian comes from, one of :data:`SOURCES`.

    Notes
    -----
    A fit ends when a step changes the parameters by less than 1e-12; the other two
    tolerances are at the least that MINPACK takes.  A test on the sum of squares would
    end fits early: near the minimum it is flat, and eight digits of the parameters
    decide its sixteen.
    """
    counted = Counted(residual_function(data_set))
    residuals = residual_function(data_set) if source == EXACT else counted
    begin = time.perf_counter()
    # Far from the solution a trial step may overflow; the method then shortens it.
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        result = ad.solve.least_squares(
            residuals,
            data_set.starts[start - 1],
            **_jacobian_options(source),
            method="lm",
            xtol=1e-12,
            ftol=EPS,
            gtol=EPS,
            max_nfev=10_000,
        )
    seconds = time.perf_counter() - begin
    return Fit(
        data_set=data_set,
        start=start,
        source=source,
        parameters=result.x,
        deviations=result.fit.standard_errors,
        residual_sum_of_squares=2.0 * float(result.cost),
        model_calls=result.nfev if source == EXACT else counted.calls,
        jacobian_calls=result.njev if source == EXACT else 0,
        seconds=seconds,
    )


def certified_digits(found: FloatArray, certified: FloatArray) -> float:
    """Return the digits in which the worst entry agrees with its certified value.

    This is the log relative error, the least -log10(abs(b - b_c) / abs(b_c)), between
    0 and the 11 digits that are certified; 0 where an entry is not finite.
    """
    relative = float(np.max(np.abs(found - certified) / np.abs(certified)))
    if not np.isfinite(relative):
        return 0.0
    smallest = 10.0**-CERTIFIED_DIGITS
    return max(0.0, -float(np.log10(max(relative, smallest))))


def _jacobian_options(source: str) -> dict[str, Any]:
    """Return the options that say where the Jacobian comes from."""
    if source == EXACT:
        return {}
    if source == TWO_POINT:
        return {"jac": TWO_POINT}
    if source == THREE_POINT:
        return {"jac": THREE_POINT, "diff_step": THREE_POINT_STEP}
    msg = f"No Jacobian comes from {source!r}; choose from {', '.join(SOURCES)}."
    raise ValueError(msg)
