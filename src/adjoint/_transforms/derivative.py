"""Gradients of scalar functions by reverse mode."""

from collections.abc import Callable
from typing import Any

import numpy as np

from adjoint._core.arrays import REAL_SCALARS, Value, dtype_of
from adjoint._core.errors import OutputError
from adjoint._core.floating import silently
from adjoint._core.tree import flatten
from adjoint._modes.protect import stale_error
from adjoint._modes.reverse import ReverseTrace
from adjoint._modes.sweep import sweep
from adjoint._modes.watched import end_constant, reverse_trace, swept
from adjoint._modes.watching import WATCH
from adjoint._transforms.arguments import Argnums, Selection, check_complex
from adjoint._transforms.marking import Transform, mark
from adjoint._transforms.matching import as_gradients
from adjoint._transforms.running import (
    as_written,
    entering,
    function_name,
    lower,
    lower_leaf,
    run,
    split_aux,
)


def value_and_grad(
    fun: Callable[..., Any],
    argnums: Argnums = 0,
    has_aux: bool = False,
    holomorphic: bool = False,
    plain_numpy: bool = True,
    debug: bool = False,
) -> Callable[..., Any]:
    """Return a function that computes ``fun`` and its gradient together.

    The gradient of f: R^n -> R is the vector of its n partial derivatives.  Reverse
    mode finds it in one evaluation and one sweep back, for about the cost of two more
    evaluations, whatever n is.

    Parameters
    ----------
    fun : callable
        Returns one real number: a Python or NumPy scalar, or an array of shape ().
    argnums : int or sequence of int
        Positions of the arguments to differentiate by.  Each is a number, an array, or
        a nested container (tree) of these, real or complex.
    has_aux : bool
        Whether ``fun`` returns a pair ``(value, aux)`` of which ``aux`` is handed
        through.
    holomorphic : bool
        Whether ``fun`` is a complex function with a complex derivative (as ``exp``,
        not ``abs``), to be differentiated as such: complex inputs, one complex result.
    plain_numpy : bool
        Whether plain NumPy code in it that NumPy's protocols do not carry to us
        (``z[i] = x``, ``float(x)``, ``np.array([x, 1.0])``) is followed, by running a
        clone of ``fun`` made from its source.  ``False`` runs ``fun`` as it is.
    debug : bool
        Whether to stop at the first operation that makes a NaN or an infinity; see
        `adjoint.debug`.

    Returns
    -------
    callable
        Takes the arguments of ``fun``; returns ``(value, gradient)``, with ``has_aux``
        ``((value, aux), gradient)``.  The value is what ``fun`` returns.  The gradient
        has the tree, shapes and dtypes of the argument (a tuple of gradients for a
        sequence of ``argnums``): an array for an array, a NumPy scalar for a number.

    Raises
    ------
    InputError
        If an argument to differentiate is an integer or boolean array, or no number.
        Python and NumPy integer *scalars* count as float64.
    OutputError
        If the result is not one real number (complex, with ``holomorphic``).
    NonFiniteError
        With ``debug``.

    Notes
    -----
    A result that does not depend on the argument has gradient zero.

    The gradient of a real function of z = x + iy is ∂f/∂x - i ∂f/∂y: f changes by
    ``Re sum(gradient * dz)``, and the direction of steepest descent is minus its
    conjugate.

    References
    ----------
    Griewank & Walther, *Evaluating Derivatives*, 2nd ed. (2008), chapter 3.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> ad.value_and_grad(lambda x: np.sum(x**2))(np.array([1.0, 2.0]))
    (np.float64(5.0), array([2., 4.]))
    """
    fun = as_written(fun, plain_numpy)
    made = Transform(
        "value_and_grad", "reverse", fun, argnums, has_aux, holomorphic=holomorphic
    )

    def value_and_gradient(*args: Any, **kwargs: Any) -> Any:
        return _value_and_grad(made, args, kwargs)

    return mark(value_and_gradient, made, debug=debug)


def grad(
    fun: Callable[..., Any],
    argnums: Argnums = 0,
    has_aux: bool = False,
    holomorphic: bool = False,
    plain_numpy: bool = True,
    debug: bool = False,
) -> Callable[..., Any]:
    """Return the gradient function of a scalar function.

    Parameters
    ----------
    fun : callable
        Returns one real number.
    argnums : int or sequence of int
        Positions of the arguments to differentiate by.
    has_aux : bool
        Whether ``fun`` returns a pair ``(value, aux)``.
    holomorphic, plain_numpy, debug : bool
        As in `value_and_grad`.

    Returns
    -------
    callable
        Takes the arguments of ``fun``; returns the gradient, with ``has_aux``
        ``(gradient, aux)``.  Forms and errors are those of `value_and_grad`.

    Raises
    ------
    InputError, OutputError
        See `value_and_grad`.

    See Also
    --------
    jacobian : for results that are arrays.
    elementwise_grad : for functions applied element by element.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> ad.grad(np.sin)(0.0)
    np.float64(1.0)
    >>> ad.grad(ad.grad(lambda x: x**3))(2.0)
    np.float64(12.0)
    >>> ad.grad(np.square, holomorphic=True)(1.0 + 2.0j)
    np.complex128(2+4j)
    """
    fun = as_written(fun, plain_numpy)
    made = Transform("grad", "reverse", fun, argnums, has_aux, holomorphic=holomorphic)

    def gradient(*args: Any, **kwargs: Any) -> Any:
        value, result = _value_and_grad(made, args, kwargs)
        return (result, value[1]) if has_aux else result

    return mark(gradient, made, debug=debug)


def elementwise_grad(
    fun: Callable[..., Any],
    argnums: Argnums = 0,
    plain_numpy: bool = True,
    debug: bool = False,
) -> Callable[..., Any]:
    """Return the derivative of a function that acts element by element.

    It is the gradient of the sum of all results: where result i depends on element i
    alone, that is d out_i / d x_i.

    Parameters
    ----------
    fun : callable
        Returns a real array or number.
    argnums : int or sequence of int
        Positions of the arguments to differentiate by.
    plain_numpy, debug : bool
        As in `value_and_grad`.

    Returns
    -------
    callable
        Takes the arguments of ``fun``; returns derivatives of the argument's shape.

    Raises
    ------
    InputError, OutputError
        See `value_and_grad`.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> ad.elementwise_grad(np.square)(np.array([1.0, 2.0, 3.0]))
    array([2., 4., 6.])
    """
    fun = as_written(fun, plain_numpy)
    made = Transform("elementwise_grad", "reverse", fun, argnums, total=True)

    def derivative(*args: Any, **kwargs: Any) -> Any:
        return _value_and_grad(made, args, kwargs)[1]

    return mark(derivative, made, debug=debug)


def _value_and_grad(
    made: Transform, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[Any, Any]:
    """Run a function on a tape, sweep the tape back; from its sum, with ``total``."""
    asked, _, fun, argnums, has_aux, total, holomorphic = made
    chosen = Selection(asked, fun, args, argnums)
    if holomorphic:
        check_complex(asked, chosen.leaves, holomorphic, may_be_complex=True)
    trace = ReverseTrace() if WATCH.get() is None else reverse_trace()
    trace.vault.sole = chosen.sole
    aux = None
    try:
        handles = [trace.lift(entering(trace, leaf)) for leaf in chosen.leaves]
        out = run(trace, fun, chosen.insert(handles), kwargs)
        if total:
            out = _total(out)
        if has_aux:
            out, aux = split_aux(out, fun)
            aux = lower(trace, aux)
        value = lower_leaf(trace, out)
        if holomorphic or type(value) not in REAL_SCALARS:
            _check_scalar(value, out, fun, asked, "c" if holomorphic else "fiub")
        entries = trace.finish()
        bars: list[Value] = [None] * len(entries)
        if value is not out:
            seed = dtype_of(value).type(1.0)
            bars[out.payload] = seed
            again = entries.copy()
            if type(trace) is ReverseTrace:
                finite = sweep(entries, bars, len(handles))
            else:
                finite = swept(trace, entries, bars, chosen)
            if not finite:
                bars = [None] * len(again)
                bars[out.payload] = seed
                swept(trace, again, bars, chosen, careful=True)
        else:
            end_constant(trace, entries, chosen)
    finally:
        if not trace.closed:
            trace.finish()
        unchanged = trace.vault.release()
    if not unchanged:
        raise stale_error()
    gradient = chosen.collect(as_gradients(chosen.leaves, bars))
    return ((value, aux) if has_aux else value), gradient


_total = silently(np.sum)
"""The sum of results: nobody sees it, so inf - inf in it is no user's doing."""


def _check_scalar(
    value: Any, out: Any, fun: Callable[..., Any], asked: str, kinds: str
) -> None:
    """Raise unless the result, of that value, is one number of these kinds of dtype.

    Raises
    ------
    OutputError
        If it is an array, complex where it must be real, or no number.
    """
    if type(out) is complex:
        out = np.complex128(out)
    shape = getattr(out, "shape", None)
    if shape == () and out.dtype.kind in kinds:
        return
    name = function_name(fun)
    if shape is None:
        leaves, structure = flatten(out)
        what = f"a {type(value).__name__}"
        if structure is not None and leaves:
            what += f" of {len(leaves)} values"
        cure = "return one real number, and anything else with has_aux=True."
    elif shape != ():
        what = f"an array of shape {tuple(shape)}"
        cure = (
            "return one number (np.sum, np.mean), or use ad.jacobian for all "
            "derivatives or ad.elementwise_grad for a function applied element by "
            "element."
        )
    else:
        what = f"a number of dtype {out.dtype}"
        cure = (
            "say holomorphic=True if the function has a complex derivative, else "
            "return a real number."
            if out.dtype.kind == "c"
            else "return a complex number, or leave out holomorphic."
        )
    kind = "complex" if kinds == "c" else "real"
    msg = (
        f"{asked} needs a function with one {kind} number as result; {name} returned "
        f"{what}: {cure}"
    )
    raise OutputError(msg)
