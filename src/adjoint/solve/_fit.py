"""What a least-squares fit says about its parameters: errors, intervals, a table."""

import re
from typing import Any

import numpy as np
from scipy import stats
from scipy.optimize import OptimizeResult

from adjoint.solve._rank import Decomposition
from adjoint.solve._unknowns import Unknowns, Vector


class Fit(tuple[Any, ...]):  # noqa: SLOT001 - tuples cannot have slots with names
    r"""Parameters and their covariance: a pair, as of SciPy, that knows more.

    .. math:: C = s^2 (J^T J)^{-1}, \qquad s^2 = \frac{\sum r_i^2}{m - n}

    with the Jacobian J and the residuals r at the solution; s = 1 where the errors of
    the data are known absolutely.

    Attributes
    ----------
    params : tree
        The parameters.
    covariance : ndarray, shape (n, n)
        C, in the order of `adjoint.tree.ravel`; infinite where the data do not
        determine the parameters.
    names : list of str
        A name for each number.
    degrees_of_freedom : int
        Observations less parameters, m - n.
    residual_deviation : float
        √(Σ r² / (m - n)), nan without degrees of freedom.
    result : OptimizeResult
        What SciPy said.

    Notes
    -----
    All is first order: as if the model were linear in the parameters as far as their
    errors reach.  Where a bound is reached or a robust loss was used, it is a hint.
    (JᵀJ)⁻¹ comes from the singular values of J with columns scaled to length 1, so
    that no digits are lost to units or to squaring.

    References
    ----------
    Seber and Wild, "Nonlinear regression", 1989, sections 2.1 and 5.1.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> x, y = np.arange(4.0), np.array([1.0, 2.5, 4.5, 6.0])
    >>> fit = ad.solve.curve_fit(lambda x, slope, offset: slope * x + offset, x, y)
    >>> print(fit.standard_errors.round(4))
    [0.0707 0.1323]
    >>> low, high = fit.interval(0.95)
    >>> print(low.round(4), high.round(4))
    [1.3958 0.3808] [2.0042 1.5192]
    """

    params: Any
    covariance: Vector
    names: list[str]
    degrees_of_freedom: int
    residual_deviation: float
    result: OptimizeResult
    _unknowns: Unknowns
    _exact: bool

    @property
    def standard_errors(self) -> Any:
        """Standard deviations of the parameters, a tree like them."""
        return self._unknowns.tree(self._errors())

    @property
    def correlation(self) -> Vector:
        """Correlations of the parameters, shape (n, n); nan where none is known."""
        errors = self._errors()
        with np.errstate(invalid="ignore"):
            return np.asarray(self.covariance / np.outer(errors, errors))

    def interval(self, level: float = 0.95) -> tuple[Any, Any]:
        """Return the lower and upper ends of the confidence intervals, two trees.

        Each parameter's interval is its estimate ± its standard error times a quantile
        of Student's t with m - n degrees of freedom; of the normal distribution where
        the errors of the data are known absolutely.

        Parameters
        ----------
        level : float, optional
            Probability, between 0 and 1.  Default is 0.95.

        Raises
        ------
        ValueError
            If the level is not between 0 and 1.
        """
        low, high = self._ends(level)
        return self._unknowns.tree(low), self._unknowns.tree(high)

    def summary(self, level: float = 0.95) -> str:
        """Return a table: estimate, standard error and interval of each parameter.

        Parameters
        ----------
        level : float, optional
            Probability of the intervals.  Default is 0.95.

        Raises
        ------
        ValueError
            If the level is not between 0 and 1.
        """
        low, high = self._ends(level)
        estimates, errors = self._vector(), self._errors()
        columns = [
            ["parameter", *self.names],
            ["estimate", *(f"{value:.6g}" for value in estimates)],
            ["std error", *(f"{value:.6g}" for value in errors)],
        ]
        ends = [
            (f"{one:.6g}", f"{other:.6g}") for one, other in zip(low, high, strict=True)
        ]
        width = max(len(one) for one, _ in ends)
        intervals = [f"{one.rjust(width)} to {other}" for one, other in ends]
        columns = [_aligned(column) for column in columns]
        columns.append([f"{100 * level:g} % interval", *intervals])
        lines = ["  ".join(row) for row in zip(*columns, strict=True)]
        return "\n".join([*lines, "", self._foot()])

    def __repr__(self) -> str:
        """Return the parameters and their errors in one line."""
        errors = self.standard_errors
        return f"Fit(params={self.params!r}, standard_errors={errors!r})"

    def _foot(self) -> str:
        """Return what stands under the table."""
        count = self.degrees_of_freedom + self._unknowns.size
        kind = "normal distribution" if self._exact else "Student's t"
        return (
            f"{count} observations, {self.degrees_of_freedom} degrees of freedom, "
            f"residual deviation {self.residual_deviation:.6g}; {kind}."
        )

    def _vector(self) -> Vector:
        return self._unknowns.vector(self.params, "params")

    def _errors(self) -> Vector:
        return np.asarray(np.sqrt(np.diag(self.covariance)))

    def _ends(self, level: float) -> tuple[Vector, Vector]:
        """Return both ends of the intervals as vectors."""
        if not 0.0 < level < 1.0:
            msg = (
                f"ad.solve.Fit: the level is {level!r}; give a number between 0 and 1."
            )
            raise ValueError(msg)
        upper = (1.0 + level) / 2.0
        if self._exact:
            quantile = float(stats.norm.ppf(upper))
        else:
            quantile = float(stats.t.ppf(upper, max(self.degrees_of_freedom, 1)))
        half, middle = quantile * self._errors(), self._vector()
        return middle - half, middle + half


def fit_of(
    unknowns: Unknowns,
    result: OptimizeResult,
    decomposition: Decomposition,
    *,
    absolute: bool = False,
    names: list[str] | None = None,
    more: tuple[Any, ...] = (),
) -> Fit:
    """Return the fit of a result of least squares, whose x is still a vector.

    ``more``: what follows parameters and covariance in the tuple.
    """
    params = unknowns.tree(result.x)
    freedom = int(np.size(result.fun)) - unknowns.size
    variance = 2.0 * float(result.cost) / freedom if freedom > 0 else np.nan
    known = decomposition.is_full and (absolute or freedom > 0)
    scale = 1.0 if absolute else variance
    covariance = (
        scale * decomposition.inverse_of_square()
        if known
        else np.full((unknowns.size, unknowns.size), np.inf)
    )
    fit = Fit((params, covariance, *more))
    fit.params, fit.covariance = params, covariance
    fit.names = names or [_short(name) for name in unknowns.names]
    fit.degrees_of_freedom = freedom
    fit.residual_deviation = float(np.sqrt(variance))
    fit.result = result
    fit._unknowns, fit._exact = unknowns, absolute
    return fit


def _aligned(column: list[str]) -> list[str]:
    """Return texts of one width: names on the left, numbers on the right."""
    width = max(len(text) for text in column)
    left = column[0] == "parameter"
    return [text.ljust(width) if left else text.rjust(width) for text in column]


def _short(name: str) -> str:
    """Return the name of a number without the root: ``w[0, 1]``."""
    return re.sub(r"^x\['(\w+)'\]", r"\1", name)
