"""Least squares: residuals with their exact Jacobian."""

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.optimize
from scipy.optimize import OptimizeResult

from adjoint.solve._bounds import check_inside, limits
from adjoint.solve._fit import fit_of
from adjoint.solve._forms import as_matrix, wrapped_callback
from adjoint.solve._functions import VectorFunction, check_start
from adjoint.solve._plain import refuse_traced
from adjoint.solve._rank import Decomposition, warn_of_rank
from adjoint.solve._unknowns import Unknowns, Vector, as_tuple

WHO = "ad.solve.least_squares"
EVERYTHING = (-np.inf, np.inf)

TOLERANCES = {"xtol": 1e-10, "ftol": 1e-15, "gtol": 1e-15}
"""When fits end: by the step.  Near a minimum the sum of squares is flat, and eight of
the parameters' digits decide its sixteen; a test on it would end fits early."""

HUGE = 1e8
"""Numbers of a Jacobian from which on errors of the unknowns are not computed."""

EVALUATIONS = 1000
"""Times the number of unknowns: how often residuals are evaluated at most."""


def least_squares(
    fun: Callable[..., Any],
    x0: Any,
    jac: Any = None,
    bounds: Any = EVERYTHING,
    method: str | None = None,
    *,
    args: Any = (),
    kwargs: dict[str, Any] | None = None,
    x_scale: Any = "jac",
    loss: Any = "linear",
    callback: Callable[..., Any] | None = None,
    **options: Any,
) -> OptimizeResult:
    """Return the unknowns with the least sum of squared residuals.

    This is `scipy.optimize.least_squares`, with exact Jacobians and any tree of
    unknowns: it minimizes ½ Σ ρ(fᵢ(x)²), where ρ(z) = z by default.

    Parameters
    ----------
    fun : callable
        ``fun(x, *args, **kwargs)``: residuals, an array or tree, x like ``x0``.
    x0 : tree
        Where to start.  A list or tuple of numbers is an array, as in SciPy.
    jac : callable or str, optional
        A user's own Jacobian, a matrix or a tree as of `adjoint.jacobian`, or the name
        of SciPy's differences.  Exact by default.
    bounds : pair or Bounds, optional
        Lower and upper limits, each one number for all or a tree like ``x0``.
    method : {"lm", "trf", "dogbox"}, optional
        By default ``"lm"``, or ``"trf"`` where that cannot be: with bounds, a robust
        loss, or fewer residuals than unknowns.
    args, kwargs : optional
        Further arguments of ``fun``; they are not changed.
    x_scale : optional
        Scale of the unknowns.  The default, ``"jac"``, takes it from the columns of
        the Jacobian, so that units do not matter; SciPy's own is 1.  An array, or a
        tree like ``x0``.
    loss : str or callable, optional
        As in SciPy.
    callback : callable, optional
        As in SciPy; it sees x like ``x0``.
    **options
        What else `scipy.optimize.least_squares` takes: ``f_scale``, ``verbose`` ...
        Defaults are ``xtol=1e-10``, ``ftol=1e-15``, ``gtol=1e-15`` (exact Jacobians
        reach what SciPy's 1e-8 would leave) and ``max_nfev`` 1000 for each unknown.

    Returns
    -------
    OptimizeResult
        SciPy's; ``x`` and ``grad`` are like ``x0``, in float64.  The columns of
        ``jac`` are in the order of `adjoint.tree.ravel`.  ``fit`` is a `Fit`: standard
        errors, confidence intervals, a summary (not for Jacobians of 1e8 numbers and
        more, nor for those that are known by their products only).

    Raises
    ------
    InputError, OutputError, TreeError
        If ``x0`` or the residuals are no real numbers; if bounds are not like ``x0``.
    ValueError
        If residuals are nan or infinite at the start, the start is outside the bounds,
        or method and problem do not fit.

    Warns
    -----
    OptimizeWarning
        If the Jacobian at the solution has not full rank: the data do not determine
        all unknowns.

    References
    ----------
    Moré, "The Levenberg-Marquardt algorithm: implementation and theory", 1978, for the
    method and its scaling.

    Examples
    --------
    A circle through four points, by its center and radius:

    >>> import numpy as np
    >>> import adjoint as ad
    >>> points = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]]) + 5.0
    >>> def residuals(circle):
    ...     return np.linalg.norm(points - circle["center"], axis=1) - circle["r"]
    >>> start = {"center": np.array([4.0, 4.5]), "r": 2.0}
    >>> result = ad.solve.least_squares(residuals, start)
    >>> print(result.x["center"].round(6), result.x["r"].round(6))
    [5. 5.] 1.0
    """
    refuse_traced(WHO, x0=x0, bounds=bounds)
    unknowns = Unknowns(WHO, x0)
    function = VectorFunction(unknowns, fun, as_tuple(args), kwargs)
    start = function.value(unknowns.start)
    check_start(unknowns, start, "the residuals")
    low, high = limits(unknowns, bounds)
    check_inside(unknowns, low, high)
    free = bool(np.all(np.isinf(low)) and np.all(np.isinf(high)))
    enough = start.size >= unknowns.size
    if method is None:
        method = "lm" if free and enough and loss == "linear" else "trf"
    if not isinstance(x_scale, str) and np.ndim(x_scale) != 0:
        x_scale = unknowns.vector(x_scale, "x_scale")
    if callback is not None:
        options["callback"] = wrapped_callback(unknowns, callback)
    result = scipy.optimize.least_squares(
        function.value,
        unknowns.start,
        jac=_jacobian(unknowns, function, jac, as_tuple(args), kwargs),
        bounds=EVERYTHING if free else (low, high),
        method=method,
        x_scale=x_scale,
        loss=loss,
        **{**TOLERANCES, "max_nfev": EVALUATIONS * unknowns.size, **options},
    )
    if not hasattr(result.jac, "matvec") and np.prod(result.jac.shape) < HUGE:
        decomposition = Decomposition.of(result.jac)
        warn_of_rank(unknowns, decomposition)
        result.fit = fit_of(unknowns, OptimizeResult(result), decomposition)
    result.x, result.grad = unknowns.tree(result.x), unknowns.tree(result.grad)
    return result


def _jacobian(
    unknowns: Unknowns,
    function: VectorFunction,
    jac: Any,
    args: tuple[Any, ...],
    kwargs: dict[str, Any] | None,
) -> Any:
    """Return the exact Jacobian, or the user's, as a function of a vector."""
    if jac is None:
        return function.jacobian
    if not callable(jac):
        return jac

    def users(x: Vector) -> Any:
        return as_matrix(unknowns, jac(unknowns.tree(x), *args, **(kwargs or {})))

    return users
