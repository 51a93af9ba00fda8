"""The user's functions with their exact derivatives, as functions of a vector.

What was computed last is kept: a solver asks for value and derivative at one point in
separate calls.
"""

import functools
import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

import adjoint as ad
from adjoint.solve._plain import refuse_traced_result
from adjoint.solve._unknowns import Unknowns, Vector, array_of_numbers


class Last:
    """A function of a vector that remembers its last point and value.

    Arrays are given out as copies: some methods of SciPy write into them.
    """

    def __init__(self, function: Callable[[Vector], Any]) -> None:
        self._function = function
        self._x: Vector | None = None
        self._value: Any = None

    def __call__(self, x: Vector) -> Any:
        """Return the value at a point, computed anew only for another point."""
        if self._x is None or not np.array_equal(x, self._x):
            self._value = self._function(x)
            self._x = np.array(x)
        value = self._value
        return value.copy() if isinstance(value, np.ndarray) else value


class Objective:
    """A scalar function with gradient, Hessian, and products with the Hessian.

    Parameters
    ----------
    unknowns : Unknowns
    fun : callable
        ``fun(x, *args)``, one real number.
    args : tuple
    """

    def __init__(
        self, unknowns: Unknowns, fun: Callable[..., Any], args: tuple[Any, ...]
    ) -> None:
        self._unknowns, self._fun, self._args = unknowns, fun, args
        self._value_and_grad = ad.value_and_grad(fun)
        self._grad, self._full = ad.grad(fun), ad.hessian(fun)
        self._both = Last(self._evaluate)
        self._pushforward = Last(self._linearized)
        self.value = Last(self._plain)
        self.hessian = Last(self._hessian)

    def value_with_gradient(self, x: Vector) -> float:
        """Return the value, of an evaluation that gives the gradient too."""
        return float(self._both(x)[0])

    def gradient(self, x: Vector) -> Vector:
        """Return the gradient, shape (n,)."""
        return np.array(self._both(x)[1])

    def product(self, x: Vector, v: Vector) -> Vector:
        """Return H v; all products at one point share one linearization."""
        pushed = self._pushforward(x)(self._unknowns.tree(v))
        return self._unknowns.vector(pushed, "the product with the Hessian")

    def _plain(self, x: Vector) -> float:
        value = self._fun(self._unknowns.tree(x), *self._args)
        return scalar(self._unknowns.who, self._fun, value)

    def _evaluate(self, x: Vector) -> tuple[Any, Vector]:
        value, slope = self._value_and_grad(self._unknowns.tree(x), *self._args)
        refuse_traced_result(self._unknowns.who, self._fun, value)
        return value, self._unknowns.vector(slope, "the gradient")

    def _hessian(self, x: Vector) -> Vector:
        blocks = self._full(self._unknowns.tree(x), *self._args)
        return self._unknowns.matrix(blocks)

    def _linearized(self, x: Vector) -> Callable[[Any], Any]:
        # A function of ours around the transform, since arguments need not be floats.
        slope = lambda tree: self._grad(tree, *self._args)  # noqa: E731
        pushforward: Callable[[Any], Any]
        _, pushforward = ad.linearize(slope, self._unknowns.tree(x))
        return pushforward


class VectorFunction:
    """A function with an array or tree as result, its Jacobian, its curvature.

    Parameters
    ----------
    unknowns : Unknowns
    fun : callable
        ``fun(x, *args)``; what it returns is raveled.
    args : tuple
    kwargs : dict, optional
    """

    def __init__(
        self,
        unknowns: Unknowns,
        fun: Callable[..., Any],
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> None:
        self._unknowns, self._fun = unknowns, fun
        self._args, self._kwargs = args, kwargs or {}
        self._by_columns = ad.jacobian(fun, mode="forward")
        self._by_rows = ad.jacobian(fun, mode="reverse")
        self.value = Last(self._value)
        self.jacobian = Last(self._jacobian)

    def curvature(self, x: Vector, v: Vector) -> Vector:
        """Return Σ vᵢ ∇²fᵢ, shape (n, n)."""
        function = of_first_argument(self._fun, self._args)

        def slope(tree: Any) -> Any:
            out, pullback = ad.vjp(function, tree)
            leaves, form = ad.tree.flatten(out)
            ends = np.cumsum([np.size(leaf) for leaf in leaves])[:-1]
            parts = np.split(np.asarray(v, dtype=float), ends)
            seeds = [
                part.reshape(np.shape(leaf)) if np.shape(leaf) else part[0]
                for part, leaf in zip(parts, leaves, strict=True)
            ]
            return pullback(ad.tree.unflatten(form, seeds))[0]

        return self._unknowns.matrix(ad.jacobian(slope)(self._unknowns.tree(x)))

    def _value(self, x: Vector) -> Vector:
        out = self._fun(self._unknowns.tree(x), *self._args, **self._kwargs)
        return flatten_real(self._unknowns.who, self._fun, out)

    def _jacobian(self, x: Vector) -> Vector:
        # By the size that is known from the value, which spares an evaluation.
        forward = self._unknowns.size <= np.size(self.value(x))
        blocks = self._by_columns if forward else self._by_rows
        tree = self._unknowns.tree(x)
        return self._unknowns.matrix(blocks(tree, *self._args, **self._kwargs))


def of_first_argument(
    fun: Callable[..., Any], args: tuple[Any, ...]
) -> Callable[[Any], Any]:
    """Return a function with all arguments but the first bound, by their names.

    A function of ours around it would hide the user's source from the transforms.
    """
    if not args:
        return fun
    parameters = list(inspect.signature(fun).parameters.values())[1 : 1 + len(args)]
    if any(one.kind is not one.POSITIONAL_OR_KEYWORD for one in parameters):
        name = getattr(fun, "__name__", type(fun).__name__)
        msg = (
            f"{name} takes its further arguments without names, so they cannot be "
            "bound for second derivatives; write it as a function of x alone."
        )
        raise TypeError(msg)
    named = {one.name: value for one, value in zip(parameters, args, strict=True)}
    return functools.partial(fun, **named)


def scalar(who: str, fun: Callable[..., Any], value: Any) -> float:
    """Return a value that must be one real number."""
    refuse_traced_result(who, fun, value)
    if np.shape(value) == () and np.asarray(value).dtype.kind in "biuf":
        return float(value)
    name = getattr(fun, "__name__", type(fun).__name__)
    is_one = np.shape(value) == ()
    kind = type(value).__name__ if is_one else f"shape {np.shape(value)}"
    msg = (
        f"{who}: the objective {name} must return one real number; it returned {kind}. "
        "Sum or average it (np.sum, np.mean), or use ad.solve.least_squares for "
        "residuals."
    )
    raise ad.errors.OutputError(msg)


def flatten_real(who: str, fun: Callable[..., Any], out: Any) -> Vector:
    """Return what a function returned, an array or tree, as one real vector."""
    refuse_traced_result(who, fun, out)
    leaves = ad.tree.leaves(array_of_numbers(out))
    parts = [np.ravel(leaf) for leaf in leaves]
    if sum(part.size for part in parts) and all(p.dtype.kind in "biuf" for p in parts):
        return np.concatenate(parts).astype(float)
    name = getattr(fun, "__name__", type(fun).__name__)
    kinds = ", ".join(f"{part.size} numbers of {part.dtype}" for part in parts)
    msg = (
        f"{who}: {name} must return real numbers, an array or tree of them; it "
        f"returned {kinds or type(out).__name__}. Split complex numbers into real and "
        "imaginary parts."
    )
    raise ad.errors.OutputError(msg)


def check_start(unknowns: Unknowns, values: Any, what: str) -> None:
    """Raise unless what a function gives at the start is finite."""
    finite = np.isfinite(values)
    if np.all(finite):
        return
    first = np.ravel(values)[int(np.argmin(np.ravel(finite)))]
    part = "" if np.ndim(values) == 0 else f" in {np.sum(~finite)} of {np.size(values)}"
    msg = (
        f"{unknowns.who}: {what} is {first}{part} at the start x0; start where the "
        "function is defined, or look for the operation with np.errstate(all='raise')."
    )
    raise ValueError(msg)
