"""Constraints in the user's form, with exact derivatives, in SciPy's form."""

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.optimize import BFGS, LinearConstraint, NonlinearConstraint

from adjoint.solve._forms import as_matrix
from adjoint.solve._functions import VectorFunction, check_start
from adjoint.solve._unknowns import Unknowns, Vector, as_tuple

TRUST_CONSTR = "trust-constr"

_DEFAULT_JAC = "2-point"
_DEFAULT_HESS = inspect.signature(NonlinearConstraint).parameters["hess"].default
"""None; before SciPy 1.16 or so an instance of BFGS."""


def constraints_for(unknowns: Unknowns, constraints: Any, method: str) -> Any:
    """Return constraints of a vector with exact derivatives, for one method.

    Parameters
    ----------
    unknowns : Unknowns
    constraints : dict, NonlinearConstraint, LinearConstraint, or list of them
    method : str
        In small letters.

    Raises
    ------
    TypeError
        If a constraint is of no known kind.
    ValueError
        If a dictionary lacks what it needs, or a constraint is not finite at the start.
    """
    if constraints is None:
        return ()
    single = isinstance(constraints, dict | NonlinearConstraint | LinearConstraint)
    found = []
    for one in [constraints] if single else constraints:
        if isinstance(one, LinearConstraint):
            found.append(_checked_linear(unknowns, one))
        elif isinstance(one, NonlinearConstraint):
            found.append(_nonlinear(unknowns, one, method))
        elif isinstance(one, dict):
            found.append(_from_dictionary(unknowns, one, method))
        else:
            msg = (
                f"{unknowns.who}: a constraint is {type(one).__name__}; give a "
                "dictionary with 'type' and 'fun', a NonlinearConstraint or a "
                "LinearConstraint."
            )
            raise TypeError(msg)
    return found


def _from_dictionary(unknowns: Unknowns, given: dict[str, Any], method: str) -> Any:
    """Return SciPy's older form, or the newer one for trust-constr."""
    kind = str(given.get("type", "")).lower()
    if kind not in {"eq", "ineq"} or not callable(given.get("fun")):
        msg = (
            f"{unknowns.who}: a constraint is {given!r}; it needs 'type' ('eq' for "
            "fun(x) = 0, 'ineq' for fun(x) >= 0) and a function 'fun'."
        )
        raise ValueError(msg)
    args = as_tuple(given.get("args", ()))
    function = _checked(unknowns, given["fun"], args)
    jac = given.get("jac")
    if callable(jac):
        jacobian = _users_jacobian(unknowns, jac, args)
    else:
        jacobian = jac or function.jacobian
    if method == TRUST_CONSTR:
        top = 0.0 if kind == "eq" else np.inf
        return NonlinearConstraint(
            function.value, 0.0, top, jac=jacobian, hess=function.curvature
        )
    return {"type": kind, "fun": function.value, "jac": jacobian}


def _nonlinear(unknowns: Unknowns, given: NonlinearConstraint, method: str) -> Any:
    """Return a constraint of a vector with the derivatives that are not given."""
    function = _checked(unknowns, given.fun, ())
    jacobian: Any = given.jac
    if callable(given.jac):
        jacobian = _users_jacobian(unknowns, given.jac, ())
    elif given.jac == _DEFAULT_JAC:
        jacobian = function.jacobian
    hessian: Any = given.hess
    if method != TRUST_CONSTR:
        hessian = BFGS()  # what the others, which take none, are content with
    elif callable(given.hess):
        hessian = _users_hessian(unknowns, given.hess)
    elif _is_default(given.hess):
        hessian = function.curvature
    return NonlinearConstraint(
        function.value,
        given.lb,
        given.ub,
        jac=jacobian,
        hess=hessian,
        keep_feasible=given.keep_feasible,
        finite_diff_rel_step=given.finite_diff_rel_step,
        finite_diff_jac_sparsity=given.finite_diff_jac_sparsity,
    )


def _is_default(hess: Any) -> bool:
    """Tell whether second derivatives were left to the default."""
    return hess is _DEFAULT_HESS or hess is None


def _checked(
    unknowns: Unknowns, fun: Callable[..., Any], args: tuple[Any, ...]
) -> VectorFunction:
    """Return a constraint function that is finite at the start."""
    function = VectorFunction(unknowns, fun, args)
    name = getattr(fun, "__name__", type(fun).__name__)
    check_start(unknowns, function.value(unknowns.start), f"the constraint {name}")
    return function


def _checked_linear(unknowns: Unknowns, given: LinearConstraint) -> LinearConstraint:
    """Return a linear constraint whose matrix has a column for each number."""
    columns = np.shape(given.A)[-1] if np.ndim(given.A) else 1
    if columns != unknowns.size:
        msg = (
            f"{unknowns.who}: the matrix of a LinearConstraint has {columns} columns; "
            f"the unknowns are {unknowns.size} numbers, in the order of "
            "ad.tree.ravel(x0)."
        )
        raise ValueError(msg)
    return given


def _users_jacobian(
    unknowns: Unknowns, jac: Callable[..., Any], args: tuple[Any, ...]
) -> Callable[[Vector], Any]:
    """Return the user's Jacobian of a tree as one of a vector."""

    def jacobian(x: Vector) -> Any:
        return as_matrix(unknowns, jac(unknowns.tree(x), *args))

    return jacobian


def _users_hessian(
    unknowns: Unknowns, hess: Callable[..., Any]
) -> Callable[[Vector, Vector], Any]:
    """Return the user's Hessian of a tree as one of a vector."""

    def hessian(x: Vector, v: Vector) -> Any:
        found = hess(unknowns.tree(x), v)
        n = unknowns.size
        return found if np.shape(found) == (n, n) else unknowns.matrix(found)

    return hessian
