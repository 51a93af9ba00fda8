"""Products of a Jacobian with a vector: pushforward (jvp), pullback (vjp), and H v."""

from collections.abc import Callable
from typing import Any

import numpy as np

from adjoint._core.arrays import Value, dtype_of, in_domain, is_inexact
from adjoint._core.errors import InputError, TreeError
from adjoint._core.handle import Handle
from adjoint._core.tree import flatten, unflatten
from adjoint._debug.context import debugged
from adjoint._modes.forward import ForwardTrace
from adjoint._modes.watched import end_forward, forward_trace
from adjoint._transforms.arguments import Selection
from adjoint._transforms.derivative import grad
from adjoint._transforms.matching import as_gradients, match_tree, zeros_like
from adjoint._transforms.pushing import run_on_duals
from adjoint._transforms.recording import pushforward_of, record
from adjoint._transforms.running import as_written, entering, lower, lower_leaf


def jvp(
    fun: Callable[..., Any],
    primals: tuple[Any, ...],
    tangents: tuple[Any, ...],
    has_aux: bool = False,
    plain_numpy: bool = True,
    debug: bool = False,
) -> Any:
    """Return the value of a function and its derivative in one direction.

    Forward mode: one evaluation on dual numbers gives f(x) and J(x) v for about twice
    the cost of f, in memory that does not grow with the length of the computation.

    Parameters
    ----------
    fun : callable
        Returns real arrays or numbers, in any tree.
    primals : tuple
        The point x: one entry per positional argument of ``fun``.
    tangents : tuple
        The direction v, of the same tree and shapes.
    has_aux : bool
        Whether ``fun`` returns a pair ``(out, aux)``; ``aux`` is handed through.
    plain_numpy, debug : bool
        As in `value_and_grad`.

    Returns
    -------
    out, out_tangent : trees
        f(x) and J(x) v; with ``has_aux`` also ``aux``.

    Raises
    ------
    InputError
        If primals or tangents are no tuples, or a leaf is no real number or array.
    TreeError, ShapeError
        If a tangent does not fit its primal.

    References
    ----------
    Griewank & Walther 2008, section 3.1.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> ad.jvp(np.sin, (0.0,), (2.0,))
    (np.float64(0.0), np.float64(2.0))
    """
    if debug:
        return debugged(jvp)(fun, primals, tangents, has_aux, plain_numpy)
    _check_tuples("jvp", primals=primals, tangents=tangents)
    fun = as_written(fun, plain_numpy)
    chosen = Selection("jvp", fun, primals, tuple(range(len(primals))))
    _, structure = flatten(tuple(primals))
    dots = match_tree(tuple(tangents), chosen.leaves, structure, "tangent", "primal")
    trace = forward_trace()
    entered = [entering(trace, dot) for dot in dots]
    out, aux = run_on_duals(trace, fun, chosen, entered, {}, has_aux)
    leaves, structure = flatten(out)
    value = unflatten(structure, [lower_leaf(trace, leaf) for leaf in leaves])
    dots = [_tangent_of(trace, leaf) for leaf in leaves]
    end_forward(trace, dots)
    tangent = unflatten(structure, dots)
    return (value, tangent, lower(trace, aux)) if has_aux else (value, tangent)


def _check_tuples(asked: str, **parts: Any) -> None:
    for name, part in parts.items():
        if not isinstance(part, (tuple, list)):
            msg = (
                f"{asked} takes {name} as a tuple, one entry per argument of the "
                f"function; given was a {type(part).__name__}. Write {name}=(x,)."
            )
            raise InputError(msg)


def _tangent_of(trace: ForwardTrace, leaf: Value) -> Value:
    """Return the tangent of a result, in its own memory and dtype; zero if constant."""
    if not trace.owns(leaf):
        return zeros_like(leaf) if is_inexact(leaf) else _zero_of(leaf)
    value, dot = leaf.value, leaf.payload
    dtype = dtype_of(value)
    dot = in_domain(dot, value)
    if isinstance(dot, Handle):
        return dot if dot.dtype == dtype else dot.astype(dtype)
    if isinstance(dot, np.ndarray):
        if dot.ndim == 0 and not isinstance(value, np.ndarray):
            return dtype.type(dot)
        return dot.astype(dtype)
    return np.asarray(dot, dtype)[()]


def _zero_of(leaf: Value) -> Value:
    """Return the tangent of a constant that is no real array: float zeros, or None."""
    if isinstance(leaf, (int, np.number, np.bool)):
        return np.float64(0.0)
    if hasattr(leaf, "dtype"):
        return np.zeros_like(leaf, dtype=float)
    return None


def vjp(
    fun: Callable[..., Any],
    *primals: Any,
    has_aux: bool = False,
    plain_numpy: bool = True,
    debug: bool = False,
) -> Any:
    """Return the value of a function, and its pullback at that point.

    Reverse mode: the pullback takes w to wᵀ J(x), the product of a row vector with the
    Jacobian, at a small multiple of the cost of one evaluation.

    Parameters
    ----------
    fun : callable
        Returns real arrays or numbers, in any tree.
    *primals
        The point x: the arguments of ``fun``, each to be differentiated.
    has_aux : bool
        Whether ``fun`` returns a pair ``(out, aux)``.
    plain_numpy, debug : bool
        As in `value_and_grad`.

    Returns
    -------
    out : tree
        f(x).
    pullback : callable
        Takes cotangents of the tree and shapes of ``out``, returns a tuple with one
        cotangent per primal.  It keeps copies of what it needs: changing the arrays
        afterwards does not change it.
    aux : tree
        With ``has_aux``.

    Raises
    ------
    InputError
        If a primal is no real number or array.
    TreeError, ShapeError
        When the pullback is called with cotangents that do not fit.

    References
    ----------
    Griewank & Walther 2008, section 3.2.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> out, pullback = ad.vjp(np.multiply, 2.0, 5.0)
    >>> pullback(1.0)
    (np.float64(5.0), np.float64(2.0))
    """
    if debug:
        again = debugged(vjp)
        return again(fun, *primals, has_aux=has_aux, plain_numpy=plain_numpy)
    fun = as_written(fun, plain_numpy)
    out, pullback, aux = record(fun, primals, tuple(range(len(primals))), {}, has_aux)
    return (out, pullback, aux) if has_aux else (out, pullback)


def linearize(
    fun: Callable[..., Any], *primals: Any, plain_numpy: bool = True
) -> tuple[Any, Callable[..., Any]]:
    """Return the value of a function, and its pushforward at that point.

    The function runs once; each call of the pushforward costs about one linear pass, so
    that many directions at one point are cheaper than with `jvp`.

    Parameters
    ----------
    fun : callable
        Returns real arrays or numbers, in any tree.
    *primals
        The point x.
    plain_numpy : bool
        As in `value_and_grad`.

    Returns
    -------
    out : tree
        f(x).
    pushforward : callable
        Takes one tangent per primal, returns J(x) v of the tree of ``out``.

    Raises
    ------
    InputError
        If a primal is no real number or array.
    TreeError, ShapeError
        When the pushforward is called with tangents that do not fit.

    Notes
    -----
    The pullback w -> wᵀ J is linear in w; its own pullback is v -> J v.  So the
    pullback is recorded once, and that recording is swept for each v.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> out, pushforward = ad.linearize(np.sin, 0.0)
    >>> pushforward(2.0)
    np.float64(2.0)
    """
    fun = as_written(fun, plain_numpy)
    out, pullback, _ = record(
        fun, primals, tuple(range(len(primals))), {}, False, "linearize"
    )
    outs, structure = flatten(out)
    pushed = pushforward_of(pullback, outs)
    _, arguments = flatten(tuple(primals))
    leaves = pullback.chosen.leaves

    def pushforward(*tangents: Any) -> Any:
        dots = match_tree(tuple(tangents), leaves, arguments, "tangent", "primal")
        with np.errstate(all="ignore"):
            results = pushed(dots)
        tangents_of = [
            as_gradients([leaf], [dot])[0] if is_inexact(leaf) else _zero_of(leaf)
            for leaf, dot in zip(outs, results, strict=True)
        ]
        return unflatten(structure, tangents_of)

    return out, pushforward


def hvp(
    fun: Callable[..., Any],
    primals: Any,
    tangents: Any,
    plain_numpy: bool = True,
    debug: bool = False,
) -> Any:
    """Return the product of a Hessian with a vector, without the Hessian.

    Forward over reverse mode: H(x) v is the derivative of the gradient in the direction
    v, for a small multiple of the cost of ``fun`` however many inputs there are.

    Parameters
    ----------
    fun : callable
        Returns one real number.
    primals : tuple, or one array or number
        The point x, one entry per argument.
    tangents : tuple, or one array or number
        The direction v, like ``primals``.
    plain_numpy, debug : bool
        As in `value_and_grad`.

    Returns
    -------
    array, number or tuple
        H(x) v, like the argument; a tuple for several arguments.

    Raises
    ------
    TreeError, ShapeError, InputError
        If ``tangents`` does not fit ``primals``.
    OutputError
        If ``fun`` does not return one real number.

    References
    ----------
    Pearlmutter 1994, Fast exact multiplication by the Hessian.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> x, v = np.array([1.0, 2.0]), np.array([1.0, 0.0])
    >>> ad.hvp(lambda x: np.sum(x**3), x, v)
    array([6., 0.])
    """
    if debug:
        return debugged(hvp)(fun, primals, tangents, plain_numpy)
    fun = as_written(fun, plain_numpy)
    if type(primals) is not tuple and type(tangents) is not tuple:
        primals, tangents = (primals,), (tangents,)
    _check_tuples("hvp", primals=primals, tangents=tangents)
    if len(primals) != len(tangents):
        msg = (
            f"hvp was given {len(primals)} primals and {len(tangents)} tangents. Give "
            "one tangent per primal."
        )
        raise TreeError(msg)
    if len(primals) == 1:
        return jvp(grad(fun), primals, tangents)[1]
    gradient = grad(fun, argnums=tuple(range(len(primals))))
    return jvp(gradient, primals, tangents)[1]
