"""Roots of systems and of one equation, with exact Jacobians and derivatives."""

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.optimize
from scipy.optimize import OptimizeResult, RootResults

import adjoint as ad
from adjoint.solve._forms import as_matrix, wrapped_callback
from adjoint.solve._functions import Last, VectorFunction, check_start, scalar
from adjoint.solve._plain import refuse_traced, refuse_traced_result
from adjoint.solve._unknowns import Unknowns, Vector, as_tuple

WITH_JACOBIAN = ("hybr", "lm")
WITHOUT_JACOBIAN = (
    "broyden1",
    "broyden2",
    "anderson",
    "linearmixing",
    "diagbroyden",
    "excitingmixing",
    "krylov",
    "df-sane",
)


def root(
    fun: Callable[..., Any],
    x0: Any,
    args: Any = (),
    method: str = "hybr",
    jac: Any = None,
    tol: float | None = None,
    callback: Callable[..., Any] | None = None,
    options: dict[str, Any] | None = None,
) -> OptimizeResult:
    """Return a root of a system of equations, found with exact Jacobians.

    This is `scipy.optimize.root`, for any tree of unknowns.

    Parameters
    ----------
    fun : callable
        ``fun(x, *args)``: as many equations as unknowns, an array or tree that shall
        be 0, x like ``x0``.
    x0 : tree
        Where to start.  A list or tuple of numbers is an array, as in SciPy.
    args : tuple, optional
        Further arguments of ``fun``; they are not changed.
    method : str, optional
        ``"hybr"`` (default) and ``"lm"`` use the Jacobian; the methods for large
        systems (``"krylov"``, ``"broyden1"`` ...) build their own from values.
    jac : callable or bool, optional
        A user's own Jacobian, a matrix or a tree as of `adjoint.jacobian`; False for
        SciPy's differences.  Exact by default.
    tol, callback, options : optional
        As in SciPy; the callback sees x like ``x0``.

    Returns
    -------
    OptimizeResult
        SciPy's; ``x`` is like ``x0``, in float64.

    Raises
    ------
    ShapeError
        If there are more or fewer equations than unknowns (``"lm"`` takes more).
    InputError
        If ``x0`` holds what is no real number.
    ValueError
        If ``fun`` is nan or infinite at the start, or a method is not known.

    References
    ----------
    Powell, "A hybrid method for nonlinear equations", 1970.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> def equations(p):
    ...     return {"circle": p["x"] ** 2 + p["y"] ** 2 - 25.0, "line": p["x"] - 3.0}
    >>> result = ad.solve.root(equations, {"x": 1.0, "y": 1.0})
    >>> print(result.x["x"].round(9), result.x["y"].round(9))
    3.0 4.0
    """
    who = "ad.solve.root"
    if method not in (*WITH_JACOBIAN, *WITHOUT_JACOBIAN):
        known = ", ".join((*WITH_JACOBIAN, *WITHOUT_JACOBIAN))
        msg = f"{who}: no method is named {method!r}; choose from {known}."
        raise ValueError(msg)
    refuse_traced(who, x0=x0)
    unknowns, args = Unknowns(who, x0), as_tuple(args)
    function = VectorFunction(unknowns, fun, args)
    start = function.value(unknowns.start)
    check_start(unknowns, start, "the function")
    if start.size != unknowns.size and not (
        method == "lm" and start.size > unknowns.size
    ):
        msg = (
            f"{who}: {start.size} equations for {unknowns.size} unknowns; a root needs "
            "as many. For more equations use ad.solve.least_squares."
        )
        raise ad.errors.ShapeError(msg)
    result = scipy.optimize.root(
        function.value,
        unknowns.start,
        method=method,
        jac=_system_jacobian(unknowns, function, jac, args, method),
        tol=tol,
        callback=wrapped_callback(unknowns, callback),
        options=options,
    )
    result.x = unknowns.tree(result.x)
    return result


def _system_jacobian(
    unknowns: Unknowns,
    function: VectorFunction,
    jac: Any,
    args: tuple[Any, ...],
    method: str,
) -> Any:
    """Return the Jacobian that SciPy is given."""
    if method not in WITH_JACOBIAN or jac is False:
        return None
    if callable(jac):
        return lambda x: as_matrix(unknowns, jac(unknowns.tree(x), *args))
    return function.jacobian


def root_scalar(
    f: Callable[..., Any],
    args: Any = (),
    method: str | None = None,
    bracket: Any = None,
    fprime: Any = None,
    fprime2: Any = None,
    x0: float | None = None,
    x1: float | None = None,
    xtol: float | None = None,
    rtol: float | None = None,
    maxiter: int | None = None,
    options: dict[str, Any] | None = None,
) -> RootResults:
    """Return a root of one function of one number, found with exact derivatives.

    This is `scipy.optimize.root_scalar`.  Newton's method gets f′, Halley's f′ and f″.

    Parameters
    ----------
    f : callable
        ``f(x, *args)``, one real number.
    args : tuple, optional
        Further arguments of ``f``; they are not changed.
    method : str, optional
        By default ``"brentq"`` with a bracket, ``"secant"`` with two starts, else
        ``"newton"``.
    bracket : pair of float, optional
        Between its ends f changes its sign.
    fprime, fprime2 : callable or bool, optional
        A user's own derivatives.  Exact by default.  As in SciPy, ``fprime=True`` says
        that ``f`` returns its value and f′, ``fprime2=True`` value, f′ and f″.
    x0, x1 : float, optional
        Where to start.
    xtol, rtol, maxiter, options : optional
        As in SciPy.

    Returns
    -------
    RootResults
        SciPy's, with ``root`` and ``converged``.

    Raises
    ------
    OutputError
        If ``f`` returns no one real number.
    ValueError
        If f is nan or infinite at a start, neither bracket nor start is given, or f
        returns f′ but not the f″ that the method wants.

    Examples
    --------
    Kepler's equation:

    >>> import numpy as np
    >>> import adjoint as ad
    >>> def kepler(E, M, e):
    ...     return E - e * np.sin(E) - M
    >>> solution = ad.solve.root_scalar(kepler, args=(1.0, 0.5), x0=1.0)
    >>> print(round(solution.root, 12), solution.iterations)
    1.498701133518 5
    """
    who = "ad.solve.root_scalar"
    refuse_traced(who, bracket=bracket, x0=x0, x1=x1)
    method = method or _scalar_method(who, bracket, x0, x1)
    args = as_tuple(args)
    of_one: _OfOneNumber | _WithDerivatives = _OfOneNumber(who, f, args)
    if _is_true(fprime) or _is_true(fprime2):
        of_one = _WithDerivatives(who, f, args)
        if method == "halley" and not (callable(fprime2) or _is_true(fprime2)):
            msg = (
                f"{who}: f returns its derivative (fprime=True), and Halley's method "
                "wants the second too: return all three with fprime2=True, or leave "
                "fprime away."
            )
            raise ValueError(msg)
    derivatives: dict[str, Any] = {}
    if method in {"newton", "halley"}:
        derivatives["fprime"] = _bound(who, fprime, args) or of_one.first
    if method == "halley":
        derivatives["fprime2"] = _bound(who, fprime2, args) or of_one.second
    for start in (x0, x1):
        if start is not None:
            check_start(Unknowns(who, start), of_one.value(float(start)), "f")
    return scipy.optimize.root_scalar(
        of_one.value_of(derivatives),
        method=method,
        bracket=bracket,
        **derivatives,
        x0=None if x0 is None else float(x0),
        x1=None if x1 is None else float(x1),
        xtol=xtol,
        rtol=rtol,
        maxiter=maxiter,
        options=options,
    )


def _scalar_method(who: str, bracket: Any, x0: Any, x1: Any) -> str:
    """Return the method that is taken if none is named."""
    if bracket is not None:
        return "brentq"
    if x0 is None:
        msg = f"{who}: give a bracket [a, b] with a change of sign, or a start x0."
        raise ValueError(msg)
    return "newton" if x1 is None else "secant"


def _bound(
    who: str, function: Any, args: tuple[Any, ...]
) -> Callable[[float], Any] | None:
    """Return a user's derivative as a function of x alone, None if there is none."""
    if not callable(function):
        return None

    def of_x(x: float) -> Any:
        found = function(x, *args)
        refuse_traced_result(who, function, found)
        return found

    return of_x


def _is_true(flag: Any) -> bool:
    """Tell whether a derivative is said to come from the function itself."""
    return flag is not None and not callable(flag) and bool(flag)


class _WithDerivatives:
    """A function of one number that returns its derivatives with its value."""

    def __init__(self, who: str, f: Callable[..., Any], args: tuple[Any, ...]) -> None:
        self._who, self._f = who, f
        self._last = Last(lambda x: f(np.float64(x[0]), *args))

    def value(self, x: float) -> float:
        """Return f(x)."""
        return self._part(0, x)

    def value_of(self, _derivatives: dict[str, Any]) -> Callable[[float], float]:
        """Return f."""
        return self.value

    def first(self, x: float) -> float:
        """Return f′(x), of the evaluation that gave f(x)."""
        return self._part(1, x)

    def second(self, x: float) -> float:
        """Return f″(x), of the same evaluation."""
        return self._part(2, x)

    def _part(self, order: int, x: float) -> float:
        found = self._last(np.array([x], dtype=np.float64))
        if not isinstance(found, tuple | list | np.ndarray) or len(found) <= order:
            msg = (
                f"{self._who}: with fprime=True or fprime2=True f returns its value "
                f"and derivatives, a tuple; it returned {found!r}."
            )
            raise ad.errors.OutputError(msg)
        return scalar(self._who, self._f, found[order])


class _OfOneNumber:
    """A function of one number with its two derivatives."""

    def __init__(self, who: str, f: Callable[..., Any], args: tuple[Any, ...]) -> None:
        self._who, self._f, self._args = who, f, args
        self._both, self._grad = ad.value_and_grad(f), ad.grad(f)
        self._last = Last(lambda x: self._both(np.float64(x[0]), *args))

    def value(self, x: float) -> float:
        """Return f(x)."""
        return scalar(self._who, self._f, self._f(np.float64(x), *self._args))

    def value_of(self, derivatives: dict[str, Any]) -> Callable[[float], float]:
        """Return f as it is cheapest beside the derivatives that are asked for."""
        if derivatives.get("fprime") != self.first:
            return self.value
        return lambda x: float(self._last(self._point(x))[0])

    def first(self, x: float) -> float:
        """Return f′(x), of the evaluation that gave f(x)."""
        return float(self._last(self._point(x))[1])

    def second(self, x: float) -> float:
        """Return f″(x), forward over reverse."""
        slope = lambda x: self._grad(x, *self._args)  # noqa: E731
        return float(ad.jvp(slope, (np.float64(x),), (np.float64(1.0),))[1])

    def _point(self, x: float) -> Vector:
        return np.array([x], dtype=np.float64)
