"""Whether a function carries the imaginary part of a complex step to its result.

A function that takes an absolute value, or stores into an array of floats, drops it,
and the derivative with it: in part, perhaps, so that the result is complex and wrong.
So each complex-step derivative is compared once, along a random direction, with one of
real steps that knows its error.
"""

import contextlib
import traceback
import warnings
from typing import Any

import numpy as np

from adjoint._core.arrays import describe
from adjoint._core.errors import OutputError, is_library
from adjoint._numeric.assurance import assured
from adjoint._numeric.noise import noise_of
from adjoint._numeric.problem import Point, Problem
from adjoint._numeric.schemes import (
    FIRST_OF_MANY,
    IMAGINARY,
    central,
    complex_step,
    power_of_two,
)
from adjoint._numeric.values import Vector

MARGIN = 100.0
"""By how many estimated errors two derivatives must differ to be called different."""


def carried(problem: Problem, point: Point) -> Vector:
    """Return a function's values at a complex point.

    Raises
    ------
    OutputError
        If it cannot compute with complex numbers, or stores one as a real number.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", np.exceptions.ComplexWarning)
            return problem.values_at(point)
    except (TypeError, np.exceptions.ComplexWarning) as cause:
        frames = traceback.extract_tb(cause.__traceback__)
        lines = [
            f", line {one.lineno} ({one.line})"
            for one in frames
            if not is_library(one.filename)
        ]
        msg = (
            "The complex step needs a function that computes with complex numbers. "
            f"This is none: {problem.name}{lines[-1] if lines else ''}: {cause}. Use "
            "functions of NumPy in place of math's, make buffers with "
            "np.zeros(n, x.dtype), or take method='richardson'."
        )
        raise OutputError(msg) from cause


def require_real_results(problem: Problem) -> None:
    """Raise for a function with complex results.

    Raises
    ------
    OutputError
        An imaginary part of their own would be taken for a derivative.
    """
    if any(dtype.kind == "c" for dtype in problem.form.dtypes):
        msg = (
            f"The complex step needs real results; {problem.name} returned "
            f"{describe(problem.out)}. Use method='central' or 'richardson'."
        )
        raise OutputError(msg)


def require_analytic(problem: Problem) -> None:
    """Raise if a complex step disagrees with real ones along a random direction.

    Raises
    ------
    OutputError
        Naming the functions met that drop an imaginary part.
    """
    n = len(problem.components)
    if not n:
        return
    sizes = np.array(
        [power_of_two(problem.component(k), problem.eps) for k in range(n)]
    )
    normal = np.random.default_rng(0).standard_normal(n)
    for direction in (normal * sizes, normal * np.minimum(sizes, 1.0)):
        # Of large numbers a function may change on their scale, or on that of 1.
        given, expected, lost = _along(problem, direction)
        if not np.any(lost):
            return
    k = int(np.argmax(lost))
    found = ", ".join(dropping_functions(problem))
    cause = (
        f"It calls {found}, which drops the imaginary part."
        if found
        else "Usual causes: an absolute value or a conjugate, the real part, float(x), "
        "an array of floats that is filled, a branch on x at its very boundary. Or it "
        f"changes within {problem.eps**0.5:.0e} of x: then real steps do not see "
        "it, and the complex one may be right."
    )
    msg = (
        f"The complex step needs an analytic function, and {problem.name} seems to be "
        f"none at this point: along one direction complex steps give {given[k]:.6g}, "
        f"real steps {expected[k]:.6g}. {cause} Use method='richardson', or np.where(x "
        "< 0, -x, x) in place of abs(x)."
    )
    raise OutputError(msg)


def _along(problem: Problem, direction: Vector) -> tuple[Vector, Vector, Vector]:
    """Return a complex step, the limit of real ones, and where they disagree."""
    given = complex_step(
        problem.direction(direction, lambda point: carried(problem, point)), IMAGINARY
    )
    line = problem.direction(direction)
    noise = noise_of(problem, float(np.max(np.abs(direction))))
    with np.errstate(all="ignore"):
        expected, error = assured(
            lambda t: central(line, FIRST_OF_MANY * t),
            lambda t: noise / (FIRST_OF_MANY * t),
            problem.eps,
            {problem.eps ** (1 / 3), problem.eps**0.5},
        )
        allowed = MARGIN * error + problem.eps**0.5 * np.abs(expected)
        return (
            given,
            expected,
            np.isfinite(given) & (np.abs(given - expected) > allowed),
        )


def dropping_functions(problem: Problem) -> list[str]:
    """Return the names of functions that a complex argument lost its imaginary part in.

    The function runs once more, on arrays that look at the functions they meet.
    """
    met: dict[str, None] = {}

    class Watched(np.ndarray):
        """A complex array that notes which functions take its imaginary part away."""

        def __array_ufunc__(
            self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any
        ) -> Any:
            if ufunc.__name__ in DROPPING:
                met[f"np.{ufunc.__name__}"] = None
            return _watched(getattr(ufunc, method)(*map(_plain, inputs), **kwargs))

        def __array_function__(
            self, func: Any, types: Any, args: Any, kwargs: Any
        ) -> Any:
            if func.__name__ in DROPPING:
                met[f"np.{func.__name__}"] = None
            return super().__array_function__(func, types, args, kwargs)

        @property  # type: ignore[misc]
        def real(self) -> Any:
            met["x.real"] = None
            return _plain(self).real

    def _plain(value: Any) -> Any:
        return value.view(np.ndarray) if isinstance(value, Watched) else value

    def _watched(value: Any) -> Any:
        is_complex = (
            isinstance(value, np.ndarray | np.generic) and value.dtype.kind == "c"
        )
        return np.asarray(value).view(Watched) if is_complex else value

    point = [_watched(np.asarray(leaf, complex)) for leaf in problem.base]
    # Only names are wanted: why the function fails is told anyway.
    with contextlib.suppress(Exception), np.errstate(all="ignore"):
        problem.run(point)
    return list(met)


DROPPING = frozenset(
    {
        "absolute",
        "abs",
        "angle",
        "conj",
        "conjugate",
        "cov",
        "fabs",
        "imag",
        "nan_to_num",
        "norm",
        "real",
        "real_if_close",
        "std",
        "var",
        "vdot",
    }
)
"""NumPy functions of a complex argument that are not analytic."""
