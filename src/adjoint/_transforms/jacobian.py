"""Dense Jacobians and Hessians: columns by forward mode, rows by reverse mode."""

from collections.abc import Callable, Sequence
from typing import Any, Literal, TypeAlias

from adjoint._core.arrays import Shape, Value, dtype_of, shape_of
from adjoint._core.errors import InputError
from adjoint._core.tree import Tree, flatten
from adjoint._transforms.arguments import Argnums, Selection
from adjoint._transforms.blocks import count
from adjoint._transforms.columns import by_columns, columns_of
from adjoint._transforms.marking import Transform, mark
from adjoint._transforms.recording import record
from adjoint._transforms.rows import by_rows, rows_of
from adjoint._transforms.running import as_written

Way: TypeAlias = Callable[
    [Transform, tuple[Any, ...], dict[str, Any]], tuple[Tree, Any]
]
"""From a transform and its arguments to the Jacobian there, and aux."""


def jacobian(
    fun: Callable[..., Any],
    argnums: Argnums = 0,
    has_aux: bool = False,
    mode: Literal["auto", "forward", "reverse"] = "auto",
    holomorphic: bool = False,
    plain_numpy: bool = True,
    debug: bool = False,
) -> Callable[..., Any]:
    """Return the Jacobian function of ``fun``; the mode is chosen by the sizes.

    J[i, j] = d out_i / d x_j, all columns or all rows in one batched pass.

    Parameters
    ----------
    fun : callable
        Returns real arrays or numbers, in any tree.
    argnums : int or sequence of int
        Positions of the arguments to differentiate by.
    has_aux : bool
        Whether ``fun`` returns a pair ``(out, aux)``.
    mode : {"auto", "forward", "reverse"}
        By columns (forward), by rows (reverse), or what needs fewer: with n inputs and
        m outputs, forward for n <= m.
    holomorphic : bool
        Whether ``fun`` is a complex function with a complex derivative; then inputs and
        results are complex.  Without it, complex inputs need reverse mode and real
        results, complex results forward mode and real inputs.

    Returns
    -------
    callable
        Takes the arguments of ``fun``; returns an array of shape ``out.shape +
        x.shape``, in the tree of the output, each leaf a tree of the argument; with
        ``has_aux`` the pair ``(jacobian, aux)``.

    Raises
    ------
    InputError
        If ``mode`` is none of the three, or an argument is no real number or array.
    OutputError
        If a result is no real number or array.

    Notes
    -----
    Columns cost about n/m as much as rows.  Memory is that of the batch: n or m times
    that of one evaluation.

    References
    ----------
    Griewank & Walther 2008, sections 3.1 and 3.2.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> ad.jacobian(lambda x: x[0] * x)(np.array([2.0, 3.0]))
    array([[4., 0.],
           [3., 2.]])
    """
    if mode not in {"auto", "forward", "reverse"}:
        msg = f"jacobian has no mode {mode!r}: use 'auto', 'forward' or 'reverse'."
        raise InputError(msg)

    fun = as_written(fun, plain_numpy)
    made = Transform("jacobian", mode, fun, argnums, has_aux, holomorphic=holomorphic)
    return _transformed(made, debug=debug)


def jacfwd(
    fun: Callable[..., Any],
    argnums: Argnums = 0,
    has_aux: bool = False,
    holomorphic: bool = False,
    plain_numpy: bool = True,
    debug: bool = False,
) -> Callable[..., Any]:
    """Return the Jacobian function by columns: one batched forward pass.

    Best for few inputs and many outputs.

    Parameters
    ----------
    fun, argnums, has_aux, holomorphic, plain_numpy, debug
        As in `jacobian`.

    Returns
    -------
    callable
        As `jacobian` returns.

    Raises
    ------
    InputError, OutputError
        See `jacobian`.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> ad.jacfwd(lambda t: np.stack([np.cos(t), np.sin(t)]))(0.0)
    array([-0.,  1.])
    """
    fun = as_written(fun, plain_numpy)
    made = Transform(
        "jacfwd", "forward", fun, argnums, has_aux, holomorphic=holomorphic
    )
    return _transformed(made, debug=debug)


def jacrev(
    fun: Callable[..., Any],
    argnums: Argnums = 0,
    has_aux: bool = False,
    holomorphic: bool = False,
    plain_numpy: bool = True,
    debug: bool = False,
) -> Callable[..., Any]:
    """Return the Jacobian function by rows: one evaluation, one batched sweep back.

    Best for many inputs and few outputs.

    Parameters
    ----------
    fun, argnums, has_aux, holomorphic, plain_numpy, debug
        As in `jacobian`.

    Returns
    -------
    callable
        As `jacobian` returns.

    Raises
    ------
    InputError, OutputError
        See `jacobian`.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> ad.jacrev(lambda x: np.stack([np.sum(x), np.prod(x)]))(np.array([2.0, 3.0]))
    array([[1., 1.],
           [3., 2.]])
    """
    fun = as_written(fun, plain_numpy)
    made = Transform(
        "jacrev", "reverse", fun, argnums, has_aux, holomorphic=holomorphic
    )
    return _transformed(made, debug=debug)


def hessian(
    fun: Callable[..., Any],
    argnums: Argnums = 0,
    has_aux: bool = False,
    holomorphic: bool = False,
    plain_numpy: bool = True,
    debug: bool = False,
) -> Callable[..., Any]:
    """Return the Hessian function: all second derivatives, forward over reverse.

    H[i, j] = d² out / d x_i d x_j.

    Parameters
    ----------
    fun : callable
        Usually returns one real number; other results give one Hessian per element.
    argnums, has_aux, holomorphic, plain_numpy, debug
        As in `jacobian`.

    Returns
    -------
    callable
        Takes the arguments of ``fun``; returns arrays of shape ``out.shape + x.shape +
        x.shape`` (a tree of trees for containers).

    Raises
    ------
    InputError, OutputError
        See `jacobian`.

    See Also
    --------
    hvp : the product of the Hessian with a vector, without the Hessian.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> ad.hessian(np.prod)(np.array([2.0, 3.0, 5.0]))
    array([[0., 5., 3.],
           [5., 0., 2.],
           [3., 2., 0.]])
    """
    fun = as_written(fun, plain_numpy)
    made = Transform(
        "hessian", "reverse", fun, argnums, has_aux, holomorphic=holomorphic
    )
    outer = made._replace(mode="forward", inner=_transformed(made))
    return _transformed(outer, fun, debug)


def _transformed(
    made: Transform, function: Callable[..., Any] | None = None, debug: bool = False
) -> Callable[..., Any]:
    """Return the Jacobian function that a transform stands for; see `mark`."""
    ways: dict[Any, Way] = {"forward": by_columns, "reverse": by_rows}
    way = ways.get(made.mode) or _by_sizes()

    def jacobian_of(*args: Any, **kwargs: Any) -> Any:
        result, aux = way(made, args, kwargs)
        return (result, aux) if made.has_aux else result

    return mark(jacobian_of, made, function, debug)


def _by_sizes() -> Way:
    """Return the way that takes columns or rows, whatever needs fewer sweeps.

    The first call with arguments of some shapes records a tape to learn the number of
    outputs; later ones know.  Columns then come from that tape too: to run the function
    once more would change its state twice.
    """
    known: dict[tuple[Shape, ...], Way] = {}

    def by_sizes(
        made: Transform, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[Tree, Any]:
        asked, _, fun, argnums, has_aux, _, holomorphic = made
        ins = Selection(asked, fun, args, argnums).leaves
        shapes = tuple(map(shape_of, ins))
        if shapes in known:
            return known[shapes](made, args, kwargs)
        out, pullback, aux = record(fun, args, argnums, kwargs, has_aux, asked)
        columns = _prefers_columns(ins, flatten(out)[0], holomorphic)
        known[shapes] = by_columns if columns else by_rows
        way = columns_of if columns else rows_of
        return way(out, pullback, holomorphic), aux

    return by_sizes


def _prefers_columns(
    ins: Sequence[Value], outs: Sequence[Value], holomorphic: bool
) -> bool:
    """Tell whether a Jacobian is to be found by columns: they are fewer, or needed."""
    if not holomorphic and any(map(_is_complex, outs)):
        return True  # one cotangent of a complex result is not enough
    if not holomorphic and any(map(_is_complex, ins)):
        return False  # one tangent of a complex input is not enough
    return count(ins) <= count(outs)


def _is_complex(leaf: Value) -> bool:
    return dtype_of(leaf).kind == "c"
