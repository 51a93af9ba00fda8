"""Solve the problem by SciPy's methods, with exact derivatives and with differences.

SciPy's inequalities have the opposite sign for SLSQP, which keeps ``fun(x) >= 0``;
trust-constr takes bounds from either side.  Calls are counted around the user's
functions, so those for difference quotients count as well.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy  # loads scipy.optimize when it is first used

import adjoint as ad
from adjoint._demo.arrays import Array, FloatArray
from adjoint._demo.constrained.problem import (
    START,
    constraints,
    objective,
    solution,
)
from adjoint._demo.counted import Counted

SLSQP = "SLSQP"
TRUST_CONSTR = "trust-constr"
METHODS = (SLSQP, TRUST_CONSTR)

EXACT = "exact"
TWO_POINT = "2-point"
SOURCES = (EXACT, TWO_POINT)
"""Where derivatives come from."""

OPTIONS: dict[str, dict[str, float]] = {
    SLSQP: {"ftol": 1e-12, "maxiter": 200},
    # Two multipliers balance any gradient of two coordinates, so a test on the
    # Lagrangian's gradient would end the method before its barrier has gone.
    TRUST_CONSTR: {"gtol": 0.0, "xtol": 1e-8, "barrier_tol": 1e-12},
}


@dataclass(frozen=True, eq=False)
class Solution:
    """One solution: what was found, and what it cost.

    Attributes
    ----------
    method : str
        One of :data:`METHODS`.
    source : str
        Where derivatives came from, one of :data:`SOURCES`.
    x : ndarray, shape (2,)
        The point found.
    value : float
        The objective there.
    iterations : int
        Iterations of the method.
    objective_calls, constraint_calls : int
        Calls of the two functions, difference quotients included.
    derivative_calls : int
        Calls of exact gradients, Jacobians and Hessians; 0 for differences.
    path : ndarray, shape (k, 2)
        The start and the point after each iteration.
    """

    method: str
    source: str
    x: FloatArray
    value: float
    iterations: int
    objective_calls: int
    constraint_calls: int
    derivative_calls: int
    path: FloatArray

    @property
    def error(self) -> float:
        """Largest distance from the coordinates of the exact solution."""
        return float(np.max(np.abs(self.x - solution())))


@dataclass(frozen=True)
class Derivatives:
    """Exact derivatives of objective and constraints, counted."""

    gradient: Counted[[Array], Array]
    hessian: Counted[[Array], Array]
    jacobian: Counted[[Array], Array]
    curvature: Counted[[Array, Array], Array]

    @property
    def calls(self) -> int:
        """Calls of all of them."""
        parts = (self.gradient, self.hessian, self.jacobian, self.curvature)
        return sum(part.calls for part in parts)


def derivatives() -> Derivatives:
    """Return the derivatives that the methods ask for, each from one transform."""
    return Derivatives(
        gradient=Counted(ad.grad(objective)),
        hessian=Counted(ad.hessian(objective)),
        jacobian=Counted(ad.jacobian(constraints)),
        curvature=Counted(ad.hessian(weighted_constraints)),
    )


def weighted_constraints(x: Array, multipliers: Array) -> Array:
    """Return Σ v_i c_i(x), whose Hessian the constraints add to the Lagrangian's."""
    return multipliers @ constraints(x)


def solve(method: str, source: str) -> Solution:
    """Return the minimum that a method of SciPy finds.

    Parameters
    ----------
    method : str
        One of :data:`METHODS`.
    source : str
        Where derivatives come from, one of :data:`SOURCES`.

    Notes
    -----
    With differences trust-constr has no second derivatives: it approximates them by
    quasi-Newton updates.
    """
    if method not in METHODS or source not in SOURCES:
        msg = (
            f"No solution by {method!r} with {source!r} derivatives; choose one of "
            f"{', '.join(METHODS)} and one of {', '.join(SOURCES)}."
        )
        raise ValueError(msg)
    value, limits = Counted(objective), Counted(constraints)
    exact = derivatives()
    path = [np.array(START)]
    with warnings.catch_warnings():
        # Difference quotients of two points near the minimum may be equal; SciPy then
        # asks whether the function is linear.
        warnings.filterwarnings("ignore", "delta_grad == 0.0", UserWarning)
        result = scipy.optimize.minimize(
            value,
            path[0],
            method=method,
            constraints=_constraints(method, source, limits, exact),
            callback=lambda x, *_state: path.append(np.array(x)),
            options=OPTIONS[method],
            **_objective_options(method, source, exact),
        )
    return Solution(
        method=method,
        source=source,
        x=np.asarray(result.x),
        value=float(result.fun),
        iterations=int(result.nit),
        objective_calls=value.calls,
        constraint_calls=limits.calls,
        derivative_calls=exact.calls,
        path=np.array(path),
    )


def multipliers() -> FloatArray:
    """Return the Lagrange multipliers at the exact solution, shape (2,).

    They solve ∇f + Jᵀ v = 0; where both are positive, the point satisfies the
    first-order conditions, and no feasible direction descends.
    """
    x = solution()
    gradient, jacobian = ad.grad(objective)(x), ad.jacobian(constraints)(x)
    return np.asarray(np.linalg.solve(jacobian.T, -gradient))


def _objective_options(method: str, source: str, exact: Derivatives) -> dict[str, Any]:
    """Return what SciPy is told of the objective's derivatives."""
    if source == TWO_POINT:
        quasi_newton = {"hess": scipy.optimize.BFGS()} if method == TRUST_CONSTR else {}
        return {"jac": TWO_POINT, **quasi_newton}
    second = {"hess": exact.hessian} if method == TRUST_CONSTR else {}
    return {"jac": exact.gradient, **second}


def _constraints(
    method: str,
    source: str,
    limits: Callable[[Array], Array],
    exact: Derivatives,
) -> Any:
    """Return the constraints in the form that a method takes."""
    if method == SLSQP:
        slopes = {"jac": lambda x: -exact.jacobian(x)} if source == EXACT else {}
        return {"type": "ineq", "fun": lambda x: -limits(x), **slopes}
    if source == EXACT:
        options = {"jac": exact.jacobian, "hess": exact.curvature}
    else:
        options = {"jac": TWO_POINT, "hess": scipy.optimize.BFGS()}
    return scipy.optimize.NonlinearConstraint(limits, -np.inf, 0.0, **options)
