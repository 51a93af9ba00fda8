"""Dense Jacobians and Hessians: columns by forward mode, rows by reverse mode."""

import functools
from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np

from adjoint._core.arrays import Shape, Value, describe, dtype_of, in_domain, shape_of
from adjoint._core.errors import InputError, OutputError
from adjoint._core.tree import Structure, Tree, flatten, unflatten
from adjoint._debug.context import debugged
from adjoint._modes.batch import BatchTrace
from adjoint._modes.forward import ForwardTrace
from adjoint._modes.watched import end_forward, forward_trace
from adjoint._transforms.arguments import (
    Argnums,
    Selection,
    as_tuple,
    check_complex,
)
from adjoint._transforms.marking import Mode, Transform, mark
from adjoint._transforms.recording import (
    Pullback,
    check_output,
    check_returned,
    pushforward_of,
    record,
)
from adjoint._transforms.running import (
    as_written,
    entering,
    lower,
    lower_leaf,
    run,
    split_aux,
)
from adjoint._transforms.vectorize import move_axis, vmap


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

    asked = "jacobian"
    fun = as_written(fun, plain_numpy)
    by_columns = _transform(_by_columns, fun, argnums, has_aux, asked, holomorphic)
    by_rows = _transform(_by_rows, fun, argnums, has_aux, asked, holomorphic)
    if mode != "auto":
        return by_columns if mode == "forward" else by_rows
    prefers_columns: dict[tuple[Shape, ...], bool] = {}

    @functools.wraps(fun, updated=())
    def jacobian_of(*args: Any, **kwargs: Any) -> Any:
        # The first call with arguments of some shapes records a tape to learn the
        # number of outputs; later ones know.  Columns then come from that tape too: to
        # run the function once more would change its state twice.
        chosen = Selection("jacobian", fun, args, argnums)
        shapes = tuple(shape_of(leaf) for leaf in chosen.leaves)
        if shapes not in prefers_columns:
            out, pullback, aux = record(fun, args, argnums, kwargs, has_aux, "jacobian")
            outs = flatten(out)[0]
            columns = sum(_size(leaf) for leaf in chosen.leaves)
            rows = sum(_size(leaf) for leaf in outs)
            if not holomorphic and any(map(_is_complex, outs)):
                rows = columns  # one cotangent of a complex result is not enough
            elif not holomorphic and any(map(_is_complex, chosen.leaves)):
                columns = rows + 1  # one tangent of a complex input is not enough
            prefers_columns[shapes] = columns <= rows
            way = columns_of if columns <= rows else rows_of
            result = way(out, pullback, holomorphic)
            return (result, aux) if has_aux else result
        return (by_columns if prefers_columns[shapes] else by_rows)(*args, **kwargs)

    made = Transform(asked, "auto", fun, argnums, has_aux)
    return debugged(mark(jacobian_of, fun, made), debug)


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
    columns = _transform(_by_columns, fun, argnums, has_aux, "jacfwd", holomorphic)
    return debugged(columns, debug)


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
    rows = _transform(_by_rows, fun, argnums, has_aux, "jacrev", holomorphic)
    return debugged(rows, debug)


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
    asked = "hessian"
    fun = as_written(fun, plain_numpy)
    gradient = _transform(_by_rows, fun, argnums, has_aux, asked, holomorphic)
    hessian_of = _transform(_by_columns, gradient, argnums, has_aux, asked, holomorphic)
    made = Transform(asked, "forward", gradient, argnums, has_aux)
    return debugged(mark(hessian_of, fun, made), debug)


def _transform(
    way: Callable[..., tuple[Tree, Any]],
    fun: Callable[..., Any],
    argnums: Argnums,
    has_aux: bool,
    asked: str,
    holomorphic: bool,
) -> Callable[..., Any]:
    """Return the Jacobian function that goes one way: `_by_columns` or `_by_rows`."""
    as_tuple(argnums, asked)

    @functools.wraps(fun, updated=())
    def jacobian_of(*args: Any, **kwargs: Any) -> Any:
        result, aux = way(fun, argnums, has_aux, args, kwargs, asked, holomorphic)
        return (result, aux) if has_aux else result

    mode: Mode = "forward" if way is _by_columns else "reverse"
    return mark(jacobian_of, fun, Transform(asked, mode, fun, argnums, has_aux))


def _is_complex(leaf: Value) -> bool:
    return dtype_of(leaf).kind == "c"


def _size(leaf: Value) -> int:
    size = 1
    for length in shape_of(leaf):
        size *= length
    return size


def _by_columns(
    fun: Callable[..., Any],
    argnums: Argnums,
    has_aux: bool,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    asked: str,
    holomorphic: bool,
) -> tuple[Tree, Any]:
    """Return the Jacobian from one-hot tangents: one forward pass, tangents batched."""
    chosen = Selection(asked, fun, args, argnums)
    check_complex(asked, chosen.leaves, holomorphic, may_be_complex=False)
    basis = one_hot(chosen.leaves)
    batch = BatchTrace(sum(_size(leaf) for leaf in chosen.leaves))
    trace = forward_trace()
    try:
        duals = [
            trace.lift(entering(trace, x), batch.lift(dots))
            for x, dots in zip(chosen.leaves, basis, strict=True)
        ]
        out = run(trace, fun, chosen.insert(duals), kwargs)
    finally:
        trace.closed = batch.closed = True
    out, aux = split_aux(out, fun) if has_aux else (out, None)
    check_returned(out, fun, asked)
    leaves, structure = flatten(out)
    for leaf in leaves:
        check_output(leaf, fun, asked)
    rows = [_columns_by_input(leaf, trace, batch, chosen) for leaf in leaves]
    end_forward(trace, [column for row in rows for column in row])
    return _as_tree(rows, chosen, structure), lower(trace, aux)


def _columns_by_input(
    leaf: Value, trace: ForwardTrace, batch: BatchTrace, chosen: Selection
) -> list[Value]:
    """Return the columns of an output leaf: one block per input leaf, axes unfolded."""
    out = lower_leaf(trace, leaf)
    shape = np.shape(out)
    dot: Value = leaf.payload if trace.owns(leaf) else None
    if not batch.owns(dot):
        constant = np.zeros(shape) if dot is None else dot
        dots = np.broadcast_to(constant, (batch.size, *shape))
    else:
        dots = dot.value
    return _blocks(in_domain(dots, out), out, chosen)


def _blocks(dots: Value, out: Value, chosen: Selection) -> list[Value]:
    """Return the columns of an output, which lie in front, per input leaf."""
    shape = np.shape(out)
    columns = move_axis(dots, 0, -1)
    parts = []
    start = 0
    for x in chosen.leaves:
        stop = start + _size(x)
        part = np.reshape(columns[..., start:stop], (*shape, *shape_of(x)))
        parts.append(_as_result(part, out))
        start = stop
    return parts


def _as_tree(
    blocks: Sequence[Sequence[Value]], chosen: Selection, structure: Structure
) -> Tree:
    """Return blocks, a list per output leaf, as a tree of trees, each in own memory."""
    seen: set[int] = set()

    def own(block: Value) -> Value:
        if type(block) is not np.ndarray:
            return block
        if block.base is not None or id(block) in seen:
            return block.copy()
        seen.add(id(block))
        return block

    return unflatten(
        structure, [chosen.collect([own(block) for block in row]) for row in blocks]
    )


def _as_result(part: Value, out: Value) -> Value:
    """Return a block in the dtype of its output; a scalar for shape ()."""
    dtype = dtype_of(out)
    if dtype.kind in "fc" and part.dtype != dtype:
        part = part.astype(dtype)
    return part[()] if part.shape == () else part


def _by_rows(
    fun: Callable[..., Any],
    argnums: Argnums,
    has_aux: bool,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    asked: str,
    holomorphic: bool,
) -> tuple[Tree, Any]:
    """Return the Jacobian from one-hot cotangents, and aux."""
    out, pullback, aux = record(fun, args, argnums, kwargs, has_aux, asked)
    return rows_of(out, pullback, holomorphic), aux


def columns_of(out: Tree, pullback: Pullback, holomorphic: bool) -> Tree:
    """Return the Jacobian of one recording: its transpose swept, tangents batched."""
    outs, structure = flatten(out)
    chosen = pullback.chosen
    check_complex("jacobian", chosen.leaves, holomorphic, may_be_complex=False)
    if not outs:
        return unflatten(structure, [])
    pushed = pushforward_of(pullback, outs)
    with np.errstate(all="ignore"):
        dots = vmap(lambda *dots: tuple(pushed(dots)))(*one_hot(chosen.leaves))
    blocks = [
        _blocks(in_domain(dot, leaf), leaf, chosen)
        for dot, leaf in zip(dots, outs, strict=True)
    ]
    return _as_tree(blocks, chosen, structure)


def rows_of(out: Tree, pullback: Pullback, holomorphic: bool) -> Tree:
    """Return the Jacobian of one recording: one sweep back, cotangents batched.

    Raises
    ------
    OutputError
        If a result is complex without ``holomorphic``: one row does not tell how real
        and imaginary part change.
    """
    outs, structure = flatten(out)
    check_complex("jacobian", pullback.chosen.leaves, holomorphic, may_be_complex=True)
    for leaf in outs:
        if _is_complex(leaf) and not holomorphic:
            msg = (
                f"A Jacobian by rows was asked of the complex result {describe(leaf)}. "
                "Where the function is holomorphic, say holomorphic=True; for real "
                "inputs use ad.jacfwd; else return real and imaginary parts."
            )
            raise OutputError(msg)
    if not outs:
        return unflatten(structure, [])
    rows = vmap(lambda *bars: tuple(pullback.pull(list(bars))))(*one_hot(outs))
    blocks = _rows_by_output(rows, outs, pullback.chosen)
    return _as_tree(blocks, pullback.chosen, structure)


def _rows_by_output(
    rows: Sequence[Value], outs: Sequence[Value], chosen: Selection
) -> list[list[Value]]:
    """Return, per output leaf, its rows: one block per input leaf."""
    blocks: list[list[Value]] = []
    start = 0
    for out in outs:
        stop = start + _size(out)
        blocks.append(
            [
                np.reshape(row[start:stop], (*shape_of(out), *shape_of(leaf)))[()]
                for row, leaf in zip(rows, chosen.leaves, strict=True)
            ]
        )
        start = stop
    return blocks


def one_hot(leaves: Sequence[Value]) -> list[Value]:
    """Return the unit vectors of a list of arrays, as a batch of such lists.

    Entry k has shape ``(n, *leaves[k].shape)``, n the number of elements in all.
    """
    total = sum(_size(leaf) for leaf in leaves)
    basis = []
    start = 0
    for leaf in leaves:
        size = _size(leaf)
        dtype = dtype_of(leaf)
        block = np.zeros((total, size), dtype if dtype.kind in "fc" else float)
        block[start : start + size] = np.eye(size)
        basis.append(block.reshape(total, *shape_of(leaf)))
        start += size
    return basis
