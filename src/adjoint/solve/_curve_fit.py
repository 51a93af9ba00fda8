"""Fit a model to data, with errors of the parameters."""

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.linalg
import scipy.optimize

import adjoint as ad
from adjoint.solve._bounds import check_inside, limits
from adjoint.solve._fit import Fit, fit_of
from adjoint.solve._forms import as_matrix
from adjoint.solve._functions import Last, check_start, flatten_real
from adjoint.solve._least_squares import EVALUATIONS, EVERYTHING, TOLERANCES
from adjoint.solve._plain import refuse_traced
from adjoint.solve._rank import Decomposition, warn_of_freedom, warn_of_rank
from adjoint.solve._unknowns import Unknowns, Vector, array_of_numbers

WHO = "ad.solve.curve_fit"

_OURS = {"fun", "x0", "jac", "bounds", "method", "args", "kwargs"}
OPTIONS = tuple(
    name
    for name in inspect.signature(scipy.optimize.least_squares).parameters
    if name not in _OURS
)
"""What SciPy's least squares takes besides what is settled here."""


def curve_fit(
    f: Callable[..., Any],
    xdata: Any,
    ydata: Any,
    p0: Any = None,
    sigma: Any = None,
    absolute_sigma: bool = False,
    check_finite: bool = True,
    bounds: Any = EVERYTHING,
    method: str | None = None,
    jac: Any = None,
    *,
    full_output: bool = False,
    nan_policy: str | None = None,
    **options: Any,
) -> Fit:
    """Return the parameters of a model that fit data best, with their covariance.

    This is `scipy.optimize.curve_fit`, with exact Jacobians: the least
    Σ ((f(x, p) - y) / σ)².

    Parameters
    ----------
    f : callable
        The model.  With parameters that are numbers, ``f(xdata, a, b, ...)`` as in
        SciPy; with any other tree of them, ``f(xdata, params)``.
    xdata : object
        What the model is computed for; lists become arrays.
    ydata : array_like
        What it shall give, m numbers.
    p0 : tree, optional
        Where to start.  A vector, list or tuple of numbers, or a tree.  By default 1
        for each argument of ``f``; with bounds, within them.
    sigma : array_like, optional
        Standard deviations of ``ydata``, one number or m, or their covariance, shape
        (m, m).
    absolute_sigma : bool, optional
        Whether ``sigma`` (1 if it is not given) is in the units of ``ydata``.  By
        default only its ratios count, and the scale is estimated from the residuals.
    check_finite : bool, optional
        Whether nan and inf in the data raise.  Default is True.
    bounds : pair or Bounds, optional
        As in `least_squares`.
    method : {"lm", "trf", "dogbox"}, optional
        By default ``"lm"``, with bounds ``"trf"``.
    jac : callable or str, optional
        A user's own Jacobian of ``f`` by the parameters, with its arguments, shape
        (m, n); or the name of SciPy's differences.  Exact by default.
    full_output : bool, optional
        Whether the result is five, as SciPy's: ``(popt, pcov, infodict, mesg, ier)``,
        with ``nfev`` and ``fvec`` in the dictionary.  Default is False.
    nan_policy : {None, "raise", "omit"}, optional
        What to do with nan in the data.  ``"omit"`` leaves such points out.
    **options
        What else `scipy.optimize.least_squares` takes, with the defaults of
        `least_squares`: ``xtol``, ``max_nfev`` (or ``maxfev``), ``loss``, ``x_scale``
        ...

    Returns
    -------
    Fit
        A pair ``(popt, pcov)`` with attributes: ``standard_errors``, ``interval()``,
        ``correlation``, ``summary()``, ``result`` ...

    Raises
    ------
    ShapeError
        If the model gives another shape than ``ydata``, or ``sigma`` has another.
    ValueError
        If the data, or the model at the start, are not finite, the start is outside the
        bounds, or the number of parameters cannot be told.
    TypeError
        If there are more parameters than data and the method cannot take that, or an
        option is not known.
    RuntimeError
        If the method does not converge.

    Warns
    -----
    OptimizeWarning
        If the data do not determine all parameters, or are as many as these; the
        covariance is then infinite.

    References
    ----------
    Seber and Wild, "Nonlinear regression", 1989.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> def decay(t, amplitude, rate):
    ...     return amplitude * np.exp(-rate * t)
    >>> t = np.arange(6.0)
    >>> y = np.array([5.02, 3.00, 1.85, 1.10, 0.69, 0.39])
    >>> fit = ad.solve.curve_fit(decay, t, y)
    >>> print(fit.summary())
    parameter  estimate  std error  95 % interval
    amplitude   5.01...  0.0...     4.9... to 5.0...
    rate        0.50...  0.00...    0.49... to 0.51...
    <BLANKLINE>
    6 observations, 4 degrees of freedom, residual deviation 0.0...; Student's t.
    """
    refuse_traced(WHO, xdata=xdata, ydata=ydata, p0=p0, sigma=sigma, bounds=bounds)
    x, y = _data(xdata, ydata, check_finite, nan_policy)
    start, names, spread = _start(f, p0, bounds)
    unknowns = Unknowns(WHO, start)
    model = _Model(unknowns, f, x, y, spread, jac)
    low, high = limits(unknowns, bounds)
    check_inside(unknowns, low, high)
    free = bool(np.all(np.isinf(low)) and np.all(np.isinf(high)))
    if method is None:
        method = "lm" if free and options.get("loss", "linear") == "linear" else "trf"
    if method == "lm" and y.size < unknowns.size:
        msg = (
            f"{WHO}: {y.size} observations for {unknowns.size} parameters; give more "
            "data, or fewer parameters."
        )
        raise TypeError(msg)
    options = _known(unknowns, options)
    weigh = _weight(y, sigma)
    model.check_start()
    result = scipy.optimize.least_squares(
        lambda p: weigh(model.residuals(p)),
        unknowns.start,
        jac=jac if isinstance(jac, str) else lambda p: weigh(model.jacobian(p)),
        bounds=EVERYTHING if free else (low, high),
        method=method,
        **options,
    )
    if not result.success:
        msg = (
            f"{WHO}: the fit did not converge after {result.nfev} evaluations "
            f"({result.message}). Start nearer (p0=), bound the parameters, or allow "
            "more (max_nfev=)."
        )
        raise RuntimeError(msg)
    decomposition = Decomposition.of(result.jac)
    warn_of_rank(unknowns, decomposition, names)
    if decomposition.is_full and not absolute_sigma:
        warn_of_freedom(unknowns, y.size)
    found = {"nfev": result.nfev, "fvec": result.fun}
    more = (found, result.message, result.status) if full_output else ()
    return fit_of(
        unknowns,
        result,
        decomposition,
        absolute=absolute_sigma,
        names=names,
        more=more,
    )


def _known(unknowns: Unknowns, options: dict[str, Any]) -> dict[str, Any]:
    """Return all options of SciPy's least squares from those given.

    Raises
    ------
    TypeError
        For one that this does not take.
    """
    given = dict(options)
    if "maxfev" in given and "max_nfev" not in given:
        given["max_nfev"] = given.pop("maxfev")
    unknown = [name for name in given if name not in OPTIONS]
    if unknown:
        msg = (
            f"{WHO} takes no {unknown[0]}={given[unknown[0]]!r}; its further options "
            f"are those of scipy.optimize.least_squares: {', '.join(OPTIONS)}."
        )
        raise TypeError(msg)
    defaults = {"x_scale": "jac", "max_nfev": EVALUATIONS * unknowns.size}
    return {**defaults, **TOLERANCES, **given}


class _Model:
    """The residuals of a model and their Jacobian, as functions of a vector."""

    def __init__(
        self,
        unknowns: Unknowns,
        f: Callable[..., Any],
        x: Any,
        y: Vector,
        spread: bool,
        jac: Any,
    ) -> None:
        self._unknowns, self._f, self._x, self._y = unknowns, f, x, y
        self._spread, self._jac = spread, jac
        places = tuple(range(1, 1 + unknowns.size)) if spread else 1
        mode: Any = "forward" if unknowns.size <= y.size else "reverse"
        self._blocks = ad.jacobian(f, argnums=places, mode=mode)
        self.residuals = Last(self._residuals)

    def check_start(self) -> None:
        """Raise unless the model is defined at the start."""
        residuals = self.residuals(self._unknowns.start)
        check_start(self._unknowns, residuals, "the model")

    def jacobian(self, p: Vector) -> Vector:
        """Return the Jacobian of the residuals, shape (m, n)."""
        args = self._arguments(p)
        if callable(self._jac):
            users = self._jac(self._x, *args)
            return np.asarray(as_matrix(self._unknowns, users), dtype=float)
        blocks = self._blocks(self._x, *args)
        if self._spread:
            columns = [np.broadcast_to(one, self._y.shape).ravel() for one in blocks]
            return np.stack(columns, axis=1)
        matrix = self._unknowns.matrix(blocks)
        return np.array(np.broadcast_to(matrix, (self._y.size, self._unknowns.size)))

    def _arguments(self, p: Vector) -> tuple[Any, ...]:
        tree = self._unknowns.tree(p)
        return tuple(np.ravel(tree)) if self._spread else (tree,)

    def _residuals(self, p: Vector) -> Vector:
        found = self._f(self._x, *self._arguments(p))
        if np.shape(found) not in {self._y.shape, ()}:
            name = getattr(self._f, "__name__", type(self._f).__name__)
            msg = (
                f"{WHO}: the model {name} returned shape {np.shape(found)} for data "
                f"of shape {self._y.shape}; it must give one number for each of ydata."
            )
            raise ad.errors.ShapeError(msg)
        values = flatten_real(WHO, self._f, found)
        return np.asarray(values - self._y.ravel())


def _data(
    xdata: Any, ydata: Any, check_finite: bool, nan_policy: str | None
) -> tuple[Any, Vector]:
    """Return data as arrays, without the points that shall be left out."""
    if nan_policy not in {None, "raise", "omit"}:
        msg = f"{WHO}: nan_policy is {nan_policy!r}; choose None, 'raise' or 'omit'."
        raise ValueError(msg)
    x = np.asarray(xdata, float) if isinstance(xdata, list | tuple) else xdata
    y = np.asarray(ydata, dtype=float)
    if y.size == 0:
        msg = f"{WHO}: ydata is empty, so there is nothing to fit."
        raise ValueError(msg)
    numeric = isinstance(x, np.ndarray) and x.dtype.kind in "fc"
    if nan_policy == "omit":
        bad = np.isnan(y)
        if numeric:
            bad |= np.any(np.isnan(x).reshape(-1, *y.shape), axis=0)
        x, y = (x[..., ~bad] if numeric else x), y[~bad]
    if check_finite or nan_policy == "raise":
        for name, array in (("ydata", y), ("xdata", x)):
            if (name == "ydata" or numeric) and not np.all(np.isfinite(array)):
                msg = (
                    f"{WHO}: {name} holds nan or inf; leave such points out "
                    "(nan_policy='omit' for nan)."
                )
                raise ValueError(msg)
    return x, y


def _start(
    f: Callable[..., Any], p0: Any, bounds: Any
) -> tuple[Any, list[str] | None, bool]:
    """Return where to start, names of the parameters, whether they are spread."""
    names = _parameter_names(f)
    if p0 is None:
        if names is None:
            msg = (
                f"{WHO}: the number of parameters cannot be told from the model's "
                "arguments; give a start, p0."
            )
            raise ValueError(msg)
        if not names:
            msg = f"{WHO}: the model takes no parameters, so there is nothing to fit."
            raise ValueError(msg)
        return _within(Unknowns(WHO, np.ones(len(names))), bounds), names, True
    start = array_of_numbers(p0)
    if (
        not isinstance(start, np.ndarray | np.generic | float | int)
        or np.ndim(start) > 1
    ):
        return start, None, False
    start = np.atleast_1d(start)
    matching = names if names is not None and len(names) == start.size else None
    return start, matching or [f"p[{i}]" for i in range(start.size)], True


def _parameter_names(f: Callable[..., Any]) -> list[str] | None:
    """Return the names of the model's arguments after x, None if it has ``*args``."""
    try:
        parameters = list(inspect.signature(f).parameters.values())
    except ValueError:
        return None
    if any(one.kind is one.VAR_POSITIONAL for one in parameters):
        return None
    positional = (
        inspect.Parameter.POSITIONAL_ONLY,
        inspect.Parameter.POSITIONAL_OR_KEYWORD,
    )
    return [one.name for one in parameters if one.kind in positional][1:]


def _within(unknowns: Unknowns, bounds: Any) -> Vector:
    """Return a start within bounds: 1, or the middle, or 1 inside the only bound."""
    low, high = limits(unknowns, bounds)
    start = np.ones(unknowns.size)
    has_low, has_high = np.isfinite(low), np.isfinite(high)
    start[has_low] = low[has_low] + 1.0
    start[has_high] = high[has_high] - 1.0
    both = has_low & has_high
    start[both] = (low[both] + high[both]) / 2.0
    return start


def _weight(y: Vector, sigma: Any) -> Callable[[Vector], Vector]:
    """Return the function that divides residuals, or rows, by their deviations."""
    if sigma is None:
        return np.array
    sigma = np.asarray(sigma, dtype=float)
    if sigma.size in {1, y.size} and sigma.ndim <= max(y.ndim, 1):
        if not np.all(sigma > 0.0):
            msg = f"{WHO}: sigma must be positive; its least number is {sigma.min()}."
            raise ValueError(msg)
        each = np.broadcast_to(sigma.ravel(), (y.size,))
        return lambda rows: (rows.T / each).T
    if sigma.shape != (y.size, y.size):
        msg = (
            f"{WHO}: sigma has the shape {sigma.shape} for {y.size} observations; give "
            f"one deviation, {y.size}, or their covariance, {(y.size, y.size)}."
        )
        raise ad.errors.ShapeError(msg)
    try:
        factor = np.linalg.cholesky(sigma)
    except np.linalg.LinAlgError:
        msg = f"{WHO}: the covariance sigma is not positive definite."
        raise ValueError(msg) from None
    return lambda rows: np.asarray(
        scipy.linalg.solve_triangular(factor, rows, lower=True)
    )
