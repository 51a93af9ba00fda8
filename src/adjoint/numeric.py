"""Numerical derivatives: difference quotients, complex steps, extrapolation.

They need function values only: to check a derivative, or where a function cannot be
followed.  They cost one to some fifty evaluations per input, and all but two of the
methods lose digits.

==============  =======================  ==================  ==========================
method          formula                  default step        digits left, of 16
==============  =======================  ==================  ==========================
``forward``     (f(x+h) - f(x)) / h      eps^(1/2)           8
``central``     (f(x+h) - f(x-h)) / 2h   eps^(1/3)           10 to 11
``complex``     Im f(x+ih) / h           1.4e-20, and        all, if f is analytic
                                         nothing cancels
``richardson``  central, extrapolated    0.31, and smaller   12 to 14, and an
                to h = 0                 till rounding wins  estimate of the error
==============  =======================  ==================  ==========================

Steps are per number: the table's times max(abs(x), 1), that of the complex step times
abs(x).  eps is that of the coarsest dtype among inputs and results.

>>> import numpy as np
>>> from adjoint import numeric
>>> def f(x):
...     return np.log(x[0]) + x[0] * x[1] - np.sin(x[1])
>>> x = np.array([2.0, 5.0])
>>> numeric.grad(f, method="complex")(x)
array([5.5       , 1.71633781])
"""

from collections.abc import Callable
from typing import Any, Literal, TypeAlias

from adjoint._numeric.transforms import derivative_function
from adjoint._transforms.arguments import Argnums

__all__ = ["grad", "hessian", "jacobian"]

Method: TypeAlias = Literal["forward", "central", "complex", "richardson"]


def grad(
    fun: Callable[..., Any],
    argnums: Argnums = 0,
    method: Method = "central",
    step: float | None = None,
    with_error: bool = False,
) -> Callable[..., Any]:
    """Return the gradient function of ``fun``, by function values alone.

    Parameters
    ----------
    fun : callable
        Returns one real number.  It runs as it is, on copies of its arguments.
    argnums : int or sequence of int
        Positions of the arguments to differentiate by.
    method : {"central", "forward", "complex", "richardson"}
        See the table of this module.
    step : float, optional
        The step of every number, absolute; with ``"richardson"`` the first and largest.
        By default chosen by method, dtype and magnitude.
    with_error : bool
        With ``"richardson"``: whether to return a pair ``(gradient, error)``, with an
        estimate of the absolute error of each entry.

    Returns
    -------
    callable
        Takes the arguments of ``fun``; returns an array of the shape and dtype of
        ``x``, a tree for a tree, a tuple for several ``argnums``.

    Raises
    ------
    InputError
        For integer arrays, complex numbers, traced values, an unknown method, a step
        that rounding swallows, ``with_error`` of a method that knows none.
    OutputError
        If ``fun`` returns no single real number; with ``"complex"``, if it is not
        analytic or loses the imaginary part on the way.

    Notes
    -----
    Evaluations for n inputs: n + 1 (forward), 2n (central), n and some 30 to check that
    the function is analytic (complex), some 50n, more where large steps mislead
    (richardson).

    Where a function has a kink, central quotients give the mean of both slopes.  An
    entry whose quotients are all infinite or nan is nan, its error infinite.

    Richardson's error takes in the rounding of the function, as measured around the
    point, and what quotients at steps of 6e-6 and 1.5e-8 say, times max(abs(x), 1): a
    feature that the large steps pass over is found if it is wider than that.  It is an
    estimate: of 1,500 derivatives of functions with features of width 1e-4 to 10 it was
    too small for 3, by a factor of 2.2 at most.

    Where a Python float makes a result complex, ``(-h) ** 1.5``, it is nan, as NumPy's
    is.  The complex step gives nan where the function itself is nan.

    References
    ----------
    Gill, Murray & Wright, *Practical Optimization*, 1981, section 8.6 (steps); Squire &
    Trapp 1998 (complex step); Ridders 1982 and Press et al., *Numerical Recipes*, 2007,
    section 5.7 (extrapolation).

    See Also
    --------
    adjoint.grad : the exact one.

    Examples
    --------
    >>> import numpy as np
    >>> from adjoint import numeric
    >>> value, error = numeric.grad(np.exp, method="richardson", with_error=True)(1.0)
    >>> bool(abs(value - np.e) <= error < 1e-11)
    True
    """
    return derivative_function(
        "numeric.grad", 0, fun, argnums, method, step, with_error
    )


def jacobian(
    fun: Callable[..., Any],
    argnums: Argnums = 0,
    method: Method = "central",
    step: float | None = None,
    with_error: bool = False,
) -> Callable[..., Any]:
    """Return the Jacobian function of ``fun``, by function values alone.

    J[i, j] = d out_i / d x_j, one column after the other.

    Parameters
    ----------
    fun : callable
        Returns numbers or arrays, in any tree.
    argnums, method, step, with_error
        As in `grad`.

    Returns
    -------
    callable
        Takes the arguments of ``fun``; returns an array of shape ``out.shape +
        x.shape``, in the tree of the output, each leaf a tree of the argument, as
        `adjoint.jacobian` does.

    Raises
    ------
    InputError, OutputError
        See `grad`; also if the form of the result changes from point to point.

    See Also
    --------
    adjoint.jacobian : the exact one.

    Examples
    --------
    >>> import numpy as np
    >>> from adjoint import numeric
    >>> J = numeric.jacobian(lambda x: x[0] * x, method="complex")
    >>> J(np.array([2.0, 3.0]))
    array([[4., 0.],
           [3., 2.]])
    """
    return derivative_function(
        "numeric.jacobian", 1, fun, argnums, method, step, with_error
    )


def hessian(
    fun: Callable[..., Any],
    argnums: Argnums = 0,
    method: Method = "central",
    step: float | None = None,
    with_error: bool = False,
) -> Callable[..., Any]:
    """Return the Hessian function of ``fun``, by function values alone.

    H[i, j] = d² out / d x_i d x_j, a quotient of quotients; the matrix is symmetric.
    Default steps are eps^(1/3) (forward) and eps^(1/4) (central); ``"complex"`` takes
    central differences, with eps^(1/3), of complex steps.

    Parameters
    ----------
    fun : callable
        Usually returns one real number; other results give one Hessian per element.
    argnums, method, step, with_error
        As in `grad`.

    Returns
    -------
    callable
        Takes the arguments of ``fun``; returns arrays of shape ``out.shape + x.shape +
        x.shape`` (a tree of trees for containers), as `adjoint.hessian` does.

    Raises
    ------
    InputError, OutputError
        See `grad`.

    Notes
    -----
    Digits left, of 16: 5 (forward), 7 (central), 10 (complex), 9 to 12
    (richardson).
    With n inputs, 2n² evaluations (central), n² + n (complex), 20 times as many and
    more (richardson).

    See Also
    --------
    adjoint.hessian : the exact one.

    Examples
    --------
    >>> import numpy as np
    >>> from adjoint import numeric
    >>> np.round(numeric.hessian(np.prod)(np.array([2.0, 3.0, 5.0])), 6)
    array([[0., 5., 3.],
           [5., 0., 2.],
           [3., 2., 0.]])
    """
    return derivative_function(
        "numeric.hessian", 2, fun, argnums, method, step, with_error
    )


def __dir__() -> list[str]:
    return __all__
