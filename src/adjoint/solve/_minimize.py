"""Minimize a function: SciPy's methods, with the derivatives each of them wants."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.optimize
from scipy.optimize import OptimizeResult

from adjoint.solve._bounds import pairs_of_bounds
from adjoint.solve._constraints import constraints_for
from adjoint.solve._forms import in_the_users_form, wrapped_callback
from adjoint.solve._functions import Last, Objective, check_start, scalar
from adjoint.solve._plain import refuse_traced
from adjoint.solve._unknowns import Unknowns, Vector, as_tuple

WHO = "ad.solve.minimize"


@dataclass(frozen=True)
class Wants:
    """Which derivatives of the objective a method takes."""

    gradient: bool = False
    hessian: bool = False
    product: bool = False


METHODS = {
    "nelder-mead": Wants(),
    "powell": Wants(),
    "cobyla": Wants(),
    "cobyqa": Wants(),
    "cg": Wants(gradient=True),
    "bfgs": Wants(gradient=True),
    "l-bfgs-b": Wants(gradient=True),
    "tnc": Wants(gradient=True),
    "slsqp": Wants(gradient=True),
    "newton-cg": Wants(gradient=True, product=True),
    "trust-ncg": Wants(gradient=True, product=True),
    "trust-krylov": Wants(gradient=True, product=True),
    "dogleg": Wants(gradient=True, hessian=True),
    "trust-exact": Wants(gradient=True, hessian=True),
    "trust-constr": Wants(gradient=True, hessian=True),
}

MANY = 500
"""From this many unknowns on, nothing with n² numbers is made unasked."""


def minimize(
    fun: Callable[..., Any],
    x0: Any,
    args: Any = (),
    method: str | Callable[..., Any] | None = None,
    jac: Any = None,
    hess: Any = None,
    hessp: Any = None,
    bounds: Any = None,
    constraints: Any = (),
    tol: float | None = None,
    callback: Callable[..., Any] | None = None,
    options: dict[str, Any] | None = None,
) -> OptimizeResult:
    """Return the minimum of a function, found with exact derivatives.

    This is `scipy.optimize.minimize`; the derivatives that a method takes are computed
    exactly, and the unknowns may be any tree.

    Parameters
    ----------
    fun : callable
        ``fun(x, *args)``, one real number, x like ``x0``.
    x0 : tree
        Where to start.  A list or tuple of numbers is an array, as in SciPy.
    args : tuple, optional
        Further arguments of ``fun``; they are not changed.
    method : str or callable, optional
        SciPy's methods.  By default ``"SLSQP"`` with constraints (``"trust-constr"``
        from 500 unknowns on), ``"L-BFGS-B"`` with bounds or from 500 unknowns on,
        else ``"BFGS"``.
    jac, hess, hessp : optional
        A user's own derivatives instead of exact ones, in SciPy's forms, trees in
        place of vectors: ``jac(x, *args)`` returns a tree like x (``jac=True``: ``fun``
        returns value and gradient), ``hess`` a matrix, or a tree as of
        `adjoint.hessian`, ``hessp(x, p, *args)`` a tree.  Names of difference schemes
        and quasi-Newton updates are handed on.  With ``jac=True`` or a scheme, second
        derivatives are not computed unasked.
    bounds : optional
        SciPy's pairs or ``Bounds``; or a tree like ``x0`` with a pair ``(low, high)``
        in place of each leaf, None where there is none.
    constraints : optional
        SciPy's dictionaries, ``NonlinearConstraint``, ``LinearConstraint``, or a list
        of them; functions take x like ``x0``.  Jacobians and Hessians are exact unless
        they are given.  (A ``jac`` of ``"2-point"`` is SciPy's default, so it counts
        as not given.)
    tol, callback, options : optional
        As in SciPy; the callback sees x like ``x0``.

    Returns
    -------
    OptimizeResult
        SciPy's; ``x`` is like ``x0``, in float64, and so is ``jac`` where it is the
        gradient.  Matrices and multipliers belong to the vector `adjoint.tree.ravel`
        makes of x.

    Raises
    ------
    OutputError
        If ``fun`` returns no one real number.
    InputError
        If ``x0`` holds what is no real number.
    TreeError
        If bounds or derivatives do not have the structure of ``x0``.
    ValueError
        If ``fun`` is nan or infinite at the start, a method is not known, or bounds
        contradict each other.

    Notes
    -----
    Value and gradient come from one evaluation.  Newton-CG, trust-ncg and trust-krylov
    get products with the Hessian, which share one linearization a point; dogleg,
    trust-exact and trust-constr the Hessian (trust-constr products, from 500 unknowns
    on).  Nelder-Mead, Powell, COBYLA and COBYQA use values alone.  Nothing is random.
    Unknowns are not scaled: choose units in which all are near 1.

    References
    ----------
    Nocedal and Wright, "Numerical optimization", 2006.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> def distance(p):
    ...     return np.sum((p["center"] - np.array([3.0, 4.0])) ** 2) + p["r"] ** 2
    >>> result = ad.solve.minimize(distance, {"center": np.zeros(2), "r": 1.0})
    >>> print(result.x["center"].round(6), result.success)
    [3. 4.] True
    """
    refuse_traced(WHO, x0=x0, bounds=bounds)
    unknowns = Unknowns(WHO, x0)
    objective = Objective(unknowns, fun, as_tuple(args))
    few = unknowns.size < MANY
    limited = pairs_of_bounds(unknowns, bounds)
    chosen = method or _default(few, bounds is not None, constraints)
    wants = _wants(chosen)
    given = _Given(unknowns, fun, as_tuple(args), jac, hess, hessp)
    value, derivatives = _derivatives(objective, given, wants, chosen, few)
    check_start(unknowns, value(unknowns.start), "the objective")
    result = scipy.optimize.minimize(
        value,
        unknowns.start,
        method=chosen,
        **derivatives,
        bounds=limited,
        constraints=constraints_for(unknowns, constraints, _name(chosen)),
        tol=tol,
        callback=wrapped_callback(unknowns, callback),
        options=options,
    )
    return in_the_users_form(unknowns, result)


@dataclass(frozen=True, eq=False)
class _Given:
    """The user's own derivatives, as functions of a vector."""

    unknowns: Unknowns
    fun: Callable[..., Any]
    args: tuple[Any, ...]
    jac: Any
    hess: Any
    hessp: Any

    def value_and_gradient(self, x: Vector) -> tuple[float, Vector]:
        """Return both, of a function that returns both."""
        value, slope = self.fun(self.unknowns.tree(x), *self.args)
        found = scalar(WHO, self.fun, value)
        return found, self.unknowns.vector(slope, "the gradient of fun")

    def gradient(self, x: Vector) -> Vector:
        """Return what ``jac`` returns as a vector."""
        slope = self.jac(self.unknowns.tree(x), *self.args)
        return self.unknowns.vector(slope, "what jac returned")

    def hessian(self, x: Vector, *_args: Any) -> Any:
        """Return what ``hess`` returns as a matrix."""
        found = self.hess(self.unknowns.tree(x), *self.args)
        n = self.unknowns.size
        return found if np.shape(found) == (n, n) else self.unknowns.matrix(found)

    def product(self, x: Vector, v: Vector) -> Vector:
        """Return what ``hessp`` returns as a vector."""
        tree = self.unknowns.tree
        found = self.hessp(tree(x), tree(v), *self.args)
        return self.unknowns.vector(found, "what hessp returned")


def _derivatives(
    objective: Objective, given: _Given, wants: Wants, method: Any, few: bool
) -> tuple[Callable[[Vector], float], dict[str, Any]]:
    """Return the value as SciPy shall compute it, and the derivatives it is given."""
    value: Callable[[Vector], float] = objective.value
    found: dict[str, Any] = {}
    if given.jac is True:
        value, found["jac"] = _split(given.value_and_gradient)
    elif callable(given.jac):
        found["jac"] = given.gradient
    elif given.jac is not None and given.jac is not False:
        found["jac"] = given.jac
    elif wants.gradient:
        value, found["jac"] = objective.value_with_gradient, objective.gradient
    if not wants.gradient:
        found.pop("jac", None)
    differentiable = given.jac is None or callable(given.jac)
    by_products = wants.product or (_name(method) == "trust-constr" and not few)
    if given.hess is not None:
        found["hess"] = given.hessian if callable(given.hess) else given.hess
    elif given.hessp is not None:
        found["hessp"] = given.product
    elif by_products and differentiable:
        found["hessp"] = objective.product
    elif wants.hessian and differentiable:
        found["hess"] = objective.hessian
    return value, found


def _split(
    both: Callable[[Vector], tuple[float, Vector]],
) -> tuple[Callable[[Vector], float], Callable[[Vector], Vector]]:
    """Return value and gradient as two functions that share evaluations."""
    from_last = Last(both)
    return lambda x: float(from_last(x)[0]), lambda x: np.array(from_last(x)[1])


def _default(few: bool, bounded: bool, constraints: Any) -> str:
    """Return the method that is taken if none is named."""
    if isinstance(constraints, dict) or not _is_empty(constraints):
        return "SLSQP" if few else "trust-constr"
    return "BFGS" if few and not bounded else "L-BFGS-B"


def _is_empty(constraints: Any) -> bool:
    """Tell whether there are no constraints."""
    return constraints is None or (
        isinstance(constraints, list | tuple) and len(constraints) == 0
    )


def _name(method: str | Callable[..., Any]) -> str:
    """Return the name of a method in small letters; empty for a user's own."""
    return method.lower() if isinstance(method, str) else ""


def _wants(method: str | Callable[..., Any]) -> Wants:
    """Return what a method takes; a user's own gets gradient and Hessian."""
    if not isinstance(method, str):
        return Wants(gradient=True, hessian=True)
    if method.lower() not in METHODS:
        msg = (
            f"{WHO}: no method is named {method!r}; choose from "
            f"{', '.join(sorted(METHODS))}."
        )
        raise ValueError(msg)
    return METHODS[method.lower()]
