"""Advanced indexing: elements gathered by integer arrays and masks, and put back.

An index array is a constant.  Where it is plain, ``x[index]`` is the structural record
`gather`, and its transpose `scatter` sums what was read more than once.  Where it
belongs to a batch (the ``argsort`` of a batched vector), the elements are picked out of
the flattened array one position each, by the record `pick`.
"""

import math
import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from adjoint._core.arrays import Shape, Value
from adjoint._core.buffers import Buffer
from adjoint._core.dispatch import as_part, settle
from adjoint._core.elements import deposit, gather, pick, scatter
from adjoint._core.errors import MissingRuleError, user_line
from adjoint._core.handle import Handle, strip
from adjoint._core.layout import with_batch_outermost
from adjoint._core.record import Example, Layout
from adjoint._primitives._makers import REALS, general, structural

Index = tuple[Any, ...]


def axes_in_front(index: Index) -> int:
    """Return how many axes of the result NumPy puts first, before all slices.

    They are those of the index arrays, where something stands between two of them:
    ``x[i, :, j]``.  Otherwise they stay in the place of the arrays, and it is 0.
    """
    where = [k for k, one in enumerate(index) if isinstance(one, (int, np.ndarray))]
    if where[-1] - where[0] + 1 == len(where):
        return 0
    arrays = [one for one in index if isinstance(one, np.ndarray)]
    return max(1 if one.dtype == bool else one.ndim for one in arrays)


def _gather_batch(x: Value, index: Index, distinct: bool) -> Value:
    out = gather(x, (slice(None), *index), distinct)
    front = axes_in_front(index)
    return with_batch_outermost(np.moveaxis(out, front, 0) if front else out)


def _scatter_batch(y: Value, shape: Shape, index: Index, distinct: bool) -> Value:
    front = axes_in_front(index)
    moved = np.moveaxis(y, 0, front) if front else y
    return scatter(moved, (y.shape[0], *shape), (slice(None), *index), distinct)


_REPEATED = np.array([0, 2, -1, 2])
_PAIRS = (np.array([[0], [2]]), slice(None), np.array([1, 1, 0]))
_MASK = np.array([True, False, True])

gathering = structural(
    gather,
    gather,
    scatter,
    layout=Layout.REINDEXING,
    batch=_gather_batch,
    examples=(
        Example(((3,),), ((_REPEATED,), False)),
        Example(((3,),), ((_MASK,), True)),
        Example(((3,),), ((np.array([], int),), False)),
        Example(((2, 3),), ((Ellipsis, _REPEATED), False)),
        Example(((3, 2, 2),), (_PAIRS, False)),
        Example(((3, 2, 2),), ((0, slice(None, None, -1), np.array([1, 0])), False)),
        Example(((2, 3, 2),), ((None, slice(1), _MASK, 1), True)),
    ),
)
scattering = structural(
    scatter,
    scatter,
    lambda out_bar, _y_shape, _shape, index, distinct: gather(out_bar, index, distinct),
    layout=Layout.REINDEXING,
    batch=_scatter_batch,
    examples=(
        Example(((4,),), ((3,), (_REPEATED,), False)),
        Example(((2,),), ((3,), (_MASK,), True)),
        Example(((2, 3, 2),), ((3, 2, 2), _PAIRS, False)),
        Example(((4, 80),), ((3, 80), (_REPEATED,), False)),
    ),
)


def _rows(size: int, length: int, rank: int) -> Any:
    """Return where each member of a batch begins when they lie end to end."""
    return np.reshape(np.arange(size) * length, (size, *(1,) * rank))


def _pick_batch(
    args: Sequence[Value], batched: Sequence[bool], size: int, length: int
) -> Value:
    x, positions = args
    if not (batched[1] or isinstance(positions, Handle)):
        return np.take(x, positions, axis=1)
    if not batched[0]:
        return pick(x, positions, length)
    # Of a batch around this one, where np.take would not look for them: the seeds of a
    # Jacobian in forward mode are plain arrays.
    rows = _rows(size, length, np.ndim(positions) - batched[1])
    return pick(np.ravel(x), positions + rows, size * length)


def _deposit_batch(
    args: Sequence[Value], batched: Sequence[bool], size: int, length: int
) -> Value:
    y, positions = args
    rows = _rows(size, length, np.ndim(positions) - batched[1])
    if not batched[0]:
        y = np.broadcast_to(y, (size, *np.shape(y)))
    return np.reshape(deposit(y, positions + rows, size * length), (size, length))


picking = general(
    pick,
    pick,
    (
        lambda out_bar, _out, _x, positions, length: deposit(
            out_bar, positions, length
        ),
        None,
    ),
    layout=Layout.REINDEXING,
    pushforward=lambda _out, args, tangents, params: pick(
        tangents[0], args[1], *params
    ),
    batch=_pick_batch,
    domain=(REALS, (0, 3)),
    examples=(Example(((4,), (5,)), (4,)), Example(((4,), ()), (4,))),
)
depositing = general(
    deposit,
    deposit,
    (
        lambda out_bar, _out, _y, positions, length: pick(out_bar, positions, length),
        None,
    ),
    layout=Layout.REINDEXING,
    pushforward=lambda _out, args, tangents, params: deposit(
        tangents[0], args[1], *params
    ),
    batch=_deposit_batch,
    domain=(REALS, (0, 3)),
    examples=(Example(((5,), (5,)), (4,)),),
)


def advanced_getitem(x: Value, parts: Index) -> Value:
    """Return ``x[parts]`` for an index with arrays, lists, masks or traced integers.

    Raises
    ------
    IndexError
        As NumPy does, for what is no index and for positions outside of ``x``.
    MissingRuleError
        For a single truth value among other indices.
    """
    if len(parts) == 1 and _is_truth_value(parts[0]):
        return x[None][: int(parts[0])]
    index = tuple(_part(one, x) for one in parts)
    if any(isinstance(one, Handle) for one in index):
        return at_traced_positions(x, index)
    return gather_at(x, index)


def index_in_order(x: Value, index: Any) -> Index:
    """Return an index to write at, as a tuple of basic parts and plain arrays.

    Raises
    ------
    IndexError
        For what is no index, as NumPy does.
    """
    parts = index if isinstance(index, tuple) else (index,)
    plain = (int(one) if isinstance(one, np.integer) else one for one in parts)
    return tuple(settle(_part(one, x), "the places to write to") for one in plain)


def gather_at(x: Value, index: Index, distinct: bool | None = None) -> Value:
    """Return ``x[index]`` for an index in order; ``distinct`` if no place repeats."""
    arrays = [one for one in index if isinstance(one, np.ndarray)]
    if not arrays:
        return x[index]
    if distinct is None:
        distinct = len(arrays) == 1 and arrays[0].dtype == bool
    return gather(x, index, distinct)


def _part(one: Any, x: Value) -> Any:
    """Return one part of an index: basic, a private plain array, or a handle."""
    if one is None or one is Ellipsis or type(one) in (int, slice):
        return one
    if isinstance(one, (list, tuple, range)):
        one = as_part(one) if len(one) else np.zeros(0, int)
    if isinstance(one, Handle):
        return _traced_part(one)
    if _is_truth_value(one):
        msg = (
            f"x[...] with a single truth value beside other indices{user_line()} has "
            "no derivative rule. Use x[None] or x[None][:0] for that part."
        )
        error = MissingRuleError(msg)
        raise x.remember(error) if isinstance(x, Handle) else error
    return _checked(one)


def _is_truth_value(one: Any) -> bool:
    """Tell whether a part is True or False, not an array of them."""
    plain_0d = type(one) is np.ndarray and one.shape == () and one.dtype == bool
    return plain_0d or type(one) in (bool, np.bool_)


def _checked(one: Any) -> Any:
    """Return an integer, or a private copy of an array of integers or truth values.

    Raises
    ------
    IndexError
        As NumPy does, if it is something else.
    """
    if not hasattr(one, "dtype") or one.shape == ():
        return _integer(one)
    if one.dtype.kind not in "iub":
        msg = "arrays used as indices must be of integer (or boolean) type"
        raise IndexError(msg)
    return one.copy()


def _integer(one: Any) -> int:
    try:
        return operator.index(one)
    except TypeError:
        msg = (
            "only integers, slices (`:`), ellipsis (`...`), numpy.newaxis (`None`) and "
            "integer or boolean arrays are valid indices"
        )
        raise IndexError(msg) from None


def _traced_part(one: Handle) -> Any:
    """Return a traced index: a mask settled, integers as they are."""
    if one.dtype == bool:
        return settle(one, "the number of true elements of a mask")
    if type(one) is Buffer:
        return _checked(one.value)
    if one.dtype.kind not in "iu":
        operator.index(one)  # raises: a floating value is no position
    return one


def at_traced_positions(x: Value, index: Index) -> Value:
    """Return ``x[index]`` where integers of the index belong to a batch.

    The indexed axes are brought to the front and flattened together with the others;
    then each element of the result is picked at its own position.
    """
    index = _one_entry_an_axis(x, index)
    where = [
        k for k, one in enumerate(index) if not isinstance(one, (slice, type(None)))
    ]
    basic = tuple(slice(None) if k in where else one for k, one in enumerate(index))
    moved = np.moveaxis(x[basic], where, range(len(where)))
    lengths, rest = moved.shape[: len(where)], moved.shape[len(where) :]
    row = _linear_positions([index[k] for k in where], lengths)
    shape = np.shape(row)
    inner = np.reshape(np.arange(math.prod(rest)), rest)
    places = np.reshape(row, (*shape, *(1,) * len(rest))) * math.prod(rest) + inner
    out = pick(np.ravel(moved), places, math.prod(moved.shape))
    if where[-1] - where[0] + 1 > len(where):
        return out
    front = range(len(shape))
    return np.moveaxis(out, front, [where[0] + k for k in front])


def _one_entry_an_axis(x: Value, index: Index) -> Index:
    """Return an index without ``...``, masks as positions, slices for what it omits."""
    parts: list[Any] = []
    for one in index:
        is_mask = isinstance(one, np.ndarray) and one.dtype == bool
        parts.extend(np.nonzero(one) if is_mask else (one,))
    named = sum(one is not None and one is not Ellipsis for one in parts)
    omitted = [slice(None)] * (np.ndim(x) - named)
    at = next((k for k, one in enumerate(parts) if one is Ellipsis), len(parts))
    return (*parts[:at], *omitted, *parts[at + 1 :])


def _linear_positions(arrays: Sequence[Value], lengths: Shape) -> Value:
    """Return positions in the flattened leading axes of arrays of positions in each."""
    total: Value = 0
    for axis, (one, length) in enumerate(zip(arrays, lengths, strict=True)):
        plain = strip(one)
        if np.size(plain) and (np.min(plain) < -length or np.max(plain) >= length):
            first = np.extract((plain < -length) | (plain >= length), plain)[0]
            msg = f"index {first} is out of bounds for axis {axis} with size {length}"
            raise IndexError(msg)
        total = total * length + np.where(np.less(one, 0), one + length, one)
    return total
