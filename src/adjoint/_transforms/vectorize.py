"""Vectorisation: a function of one sample applied to a batch at once."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np

from adjoint._clone.runs import in_clone
from adjoint._core.arrays import Value, describe, ndim_of, shape_of
from adjoint._core.errors import (
    BatchedControlError,
    BatchFallbackWarning,
    InputError,
    ShapeError,
    TreeError,
    warn_the_user,
)
from adjoint._core.handle import Handle
from adjoint._core.layout import with_batch_outermost
from adjoint._core.tree import Structure, Tree, flatten, same_structure, unflatten
from adjoint._modes.batch import BatchTrace
from adjoint._modes.watched_batch import batch_trace
from adjoint._modes.watching import WATCH
from adjoint._transforms.arguments import refuse_subclass
from adjoint._transforms.marking import Transform, mark
from adjoint._transforms.running import (
    as_written,
    entering,
    function_name,
    lower_leaf,
    run,
)


def vmap(
    fun: Callable[..., Any],
    in_axes: Any = 0,
    out_axes: Any = 0,
    *,
    fallback: Literal["loop", "raise"] = "loop",
    plain_numpy: bool = True,
) -> Callable[..., Any]:
    """Return a function that applies ``fun`` along an axis of its arguments.

    ``fun`` is run once, on values that carry the whole batch behind their shape.

    Parameters
    ----------
    fun : callable
        A function of single samples.
    in_axes : int, None, or tree of these
        The axis to map over: one for all arguments, or a tuple with one entry (or tree)
        per argument; ``None`` hands an argument over whole.
    out_axes : int or tree of int
        Where the batch axis goes in the results.
    fallback : {"loop", "raise"}
        What to do when Python control flow (``if x > 0``) asks for one truth value of
        the batch: run sample by sample and stack the results, with one
        ``BatchFallbackWarning``, or raise.
    plain_numpy : bool
        As in `value_and_grad`.

    Returns
    -------
    callable
        Takes batches, returns batches.

    Raises
    ------
    ShapeError
        If the mapped axes have different lengths, or an array has no such axis.
    InputError
        If nothing is mapped, or a mapped leaf is no array.
    TreeError
        If ``in_axes`` or ``out_axes`` do not fit the arguments or results.
    BatchedControlError
        With ``fallback="raise"``.

    Notes
    -----
    Since ``fun`` is run once, what it does besides computing with its arguments is done
    once: a ``numpy.random.Generator`` from outside draws one number, which all samples
    share.  Draw before, and hand the numbers (noise, masks) over as a mapped argument.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> ad.vmap(np.dot)(np.eye(2), np.array([[1.0, 2.0], [3.0, 4.0]]))
    array([1., 4.])
    >>> ad.vmap(ad.grad(lambda x: np.sum(x**2)))(np.ones((2, 3)))
    array([[2., 2., 2.],
           [2., 2., 2.]])

    Noise of its own for each sample:

    >>> noise = np.random.default_rng(0).standard_normal(3)
    >>> ad.vmap(lambda x, e: x + 0.1 * e)(np.zeros(3), noise)
    array([ 0.01257302, -0.01321049,  0.06404227])
    """
    if fallback not in {"loop", "raise"}:
        msg = f"vmap has no fallback {fallback!r}: use 'loop' or 'raise'."
        raise InputError(msg)

    fun = as_written(fun, plain_numpy)

    def mapped(*args: Any, **kwargs: Any) -> Any:
        leaves, structure = flatten(args)
        axes = _axes_of_leaves(in_axes, args)
        size = _batch_size(leaves, axes, fun)
        trace = BatchTrace(size) if WATCH.get() is None else batch_trace(size)
        try:
            handles = [
                leaf
                if axis is None
                else trace.lift(_in_front(entering(trace, leaf), axis))
                for leaf, axis in zip(leaves, axes, strict=True)
            ]
            out = run(trace, fun, unflatten(structure, handles), kwargs)
        except BatchedControlError as error:
            if fallback == "raise" or error.trace is not trace:
                raise
            _warn_of_loop(fun, error)
            trace.closed = True
            return _loop(in_clone(fun), leaves, structure, axes, size, out_axes, kwargs)
        finally:
            trace.closed = True
        return _collect(trace, out, out_axes)

    return mark(mapped, Transform("vmap", None, fun))


def _axes_of_leaves(in_axes: Any, args: tuple[Any, ...]) -> list[int | None]:
    """Return the mapped axis of each leaf, from one axis or a tree of axes."""
    if not isinstance(in_axes, (tuple, list)):
        in_axes = (in_axes,) * len(args)
    if len(in_axes) != len(args):
        msg = (
            f"vmap has in_axes for {len(in_axes)} arguments; {len(args)} were given. "
            "Give one axis (or None) per positional argument."
        )
        raise TreeError(msg)
    axes: list[int | None] = []
    for axis, arg in zip(in_axes, args, strict=True):
        axes.extend(_spread(axis, arg, "in_axes"))
    return axes


def _spread(axis: Any, tree: Tree, name: str) -> list[int | None]:
    """Return one axis per leaf of a tree: a prefix of the tree gives them."""
    if axis is None or isinstance(axis, (int, np.integer)):
        return [axis if axis is None else int(axis)] * len(flatten(tree)[0])
    if isinstance(axis, dict) and isinstance(tree, dict) and axis.keys() == tree.keys():
        keys = list(tree) if isinstance(tree, OrderedDict) else sorted(tree, key=_order)
        parts = [(axis[key], tree[key]) for key in keys]
    elif (
        isinstance(axis, (list, tuple))
        and isinstance(tree, (list, tuple))
        and len(axis) == len(tree)
    ):
        parts = list(zip(axis, tree, strict=True))
    else:
        msg = (
            f"vmap was given {name}={axis!r} for a {type(tree).__name__}. Give one "
            "axis for all arrays in it, or one (or None) for each, in the same "
            "containers."
        )
        raise TreeError(msg)
    return [one for sub, part in parts for one in _spread(sub, part, name)]


def _order(key: Any) -> tuple[str, Any]:
    """Return what optree orders the keys of a dictionary by, of mixed types too."""
    return f"{type(key).__module__}.{type(key).__qualname__}", key


def _batch_size(
    leaves: Sequence[Any], axes: Sequence[int | None], fun: Callable[..., Any]
) -> int:
    """Return the common length of the mapped axes."""
    name = function_name(fun)
    sizes = set()
    for leaf, axis in zip(leaves, axes, strict=True):
        if axis is None:
            continue
        refuse_subclass(leaf, f"vmap({name}) was asked to map over an argument")
        shape = getattr(leaf, "shape", None)
        if shape is None:
            msg = (
                f"vmap({name}) was asked to map over {describe(leaf)}, which has no "
                "axes. Pass an array, or in_axes=None for that argument."
            )
            raise InputError(msg)
        if not -len(shape) <= axis < len(shape):
            msg = (
                f"vmap({name}) was asked to map axis {axis} of an array of shape "
                f"{tuple(shape)}. Pass an axis it has, or in_axes=None."
            )
            raise ShapeError(msg)
        sizes.add(shape[axis])
    if not sizes:
        msg = f"vmap({name}) has no argument to map over: every in_axes is None."
        raise InputError(msg)
    if len(sizes) > 1:
        msg = (
            f"vmap({name}): the mapped axes have lengths {sorted(sizes)}. Give batches "
            "of one length, or in_axes=None for what is the same for all."
        )
        raise ShapeError(msg)
    return sizes.pop()  # type: ignore[no-any-return]


def _in_front(leaf: Value, axis: int) -> Value:
    """Return an argument with its batch in front, and outermost in memory too."""
    return with_batch_outermost(move_axis(leaf, axis, 0))


def move_axis(value: Value, source: int, destination: int) -> Value:
    """Return an array with one axis moved; itself if it is in place."""
    rank = ndim_of(value)
    if not -rank <= destination < rank:
        msg = (
            f"vmap was given out_axes={destination} for a result that has {rank} axes, "
            f"the batch axis included. Give a place from {-rank} to {rank - 1}."
        )
        raise ShapeError(msg)
    if source % rank == destination % rank:
        return value
    return np.moveaxis(value, source, destination)


def _collect(trace: BatchTrace, out: Tree, out_axes: Any) -> Tree:
    """Return results with the batch axis where it was asked for."""
    leaves, structure = flatten(out)
    axes = _spread(out_axes, out, "out_axes")
    return unflatten(
        structure,
        [_place(trace, leaf, axis) for leaf, axis in zip(leaves, axes, strict=True)],
    )


def _place(trace: BatchTrace, leaf: Value, axis: int | None) -> Value:
    if trace.owns(leaf):
        if axis is None:
            raise ShapeError(_DIFFERS)
        return move_axis(leaf.value, 0, axis)
    value = lower_leaf(trace, leaf)
    if axis is None:
        return value
    shape = (
        trace.size,
        *shape_of(value if isinstance(value, Handle) else np.asarray(value)),
    )
    whole: Value = np.broadcast_to(value, shape)
    whole = whole if isinstance(whole, Handle) else whole.copy()
    return move_axis(whole, 0, axis)


_NDARRAY: Any = np.ndarray
"""For ``isinstance``: `Any`, since to the type checker no handle could pass for one."""

_DIFFERS = (
    "vmap was given out_axes=None for a result that differs from sample to sample. "
    "Give the place of the batch axis in it, 0 for the front."
)


def _warn_of_loop(fun: Callable[..., Any], error: BatchedControlError) -> None:
    watch = WATCH.get()
    unseen = ""
    if watch is not None and watch.batches:
        unseen = " ad.debug sees nothing of the loop but derivatives taken within it."
    warn_the_user(
        f"vmap runs {function_name(fun)} in a loop, sample by sample.{unseen} {error}",
        BatchFallbackWarning,
    )


def _loop(
    fun: Callable[..., Any],
    leaves: Sequence[Value],
    structure: Structure,
    axes: Sequence[int | None],
    size: int,
    out_axes: Any,
    kwargs: dict[str, Any],
) -> Tree:
    """Apply a function to each sample in turn, and stack the results."""
    rows = [
        leaf if axis is None else move_axis(leaf, axis, 0)
        for leaf, axis in zip(leaves, axes, strict=True)
    ]
    outs = []
    for k in range(size):
        sample = [
            row if axis is None else _member(row, k)
            for row, axis in zip(rows, axes, strict=True)
        ]
        outs.append(fun(*unflatten(structure, sample), **kwargs))
    if not outs:
        msg = (
            f"vmap({function_name(fun)}) runs in a loop, and was given a batch of "
            "length 0: no sample tells what its results are like. Leave such a batch "
            'out, or find the branch that makes it loop with fallback="raise".'
        )
        raise ShapeError(msg)
    return _stack(outs, out_axes)


def _member(row: Value, k: int) -> Value:
    """Return one sample, a copy: the function may write into it."""
    sample = row[k]
    return np.copy(sample) if isinstance(sample, _NDARRAY) else sample


def _stack(outs: Sequence[Tree], out_axes: Any) -> Tree:
    _, structure = flatten(outs[0])
    columns = []
    for out in outs:
        leaves, other = flatten(out)
        if not same_structure(structure, other):
            msg = (
                "vmap: the function returned different containers for different "
                "samples. Return the same ones whatever the values are."
            )
            raise TreeError(msg)
        columns.append(leaves)
    axes = _spread(out_axes, outs[0], "out_axes")
    return unflatten(
        structure,
        [
            _stack_column(column, axis)
            for column, axis in zip(zip(*columns, strict=True), axes, strict=True)
        ],
    )


def _stack_column(column: Sequence[Value], axis: int | None) -> Value:
    """Return one result of all samples: stacked, or as it is where all agree."""
    if axis is not None:
        return move_axis(np.stack(column), 0, axis)
    first = column[0]
    if not all(one is first or np.array_equal(one, first) for one in column):
        raise ShapeError(_DIFFERS)
    return first
