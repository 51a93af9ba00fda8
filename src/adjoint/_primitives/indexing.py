"""Basic indexing (integers, slices, Ellipsis, None) and its transpose."""

import operator
from typing import Any

import numpy as np

from adjoint._core.arrays import Value
from adjoint._core.dispatch import bind_one
from adjoint._core.elements import embed
from adjoint._core.errors import MissingRuleError, user_line
from adjoint._core.handle import Handle
from adjoint._core.record import Example, Layout
from adjoint._core.registry import implements
from adjoint._primitives._makers import structural

_BASIC = (int, slice, type(None), type(Ellipsis))

getitem = structural(
    operator.getitem,
    operator.getitem,
    embed,
    layout=Layout.REINDEXING,
    batch=lambda x, index: x[(slice(None), *_as_tuple(index))],
    examples=(
        Example(((4,),), (1,)),
        Example(((4, 3),), ((slice(None, None, 2), -1),)),
        Example(((4, 3),), ((Ellipsis, None, slice(None, None, -1)),)),
        Example(((4, 3),), (slice(1, 1),)),
    ),
)

embedding = structural(
    embed,
    embed,
    lambda out_bar, _y_shape, _shape, index: out_bar[index],
    layout=Layout.REINDEXING,
    batch=lambda y, shape, index: embed(
        y, (y.shape[0], *shape), (slice(None), *_as_tuple(index))
    ),
    examples=(
        Example(((),), ((4,), 1)),
        Example(((2,),), ((4, 3), (slice(None, None, 2), -1))),
    ),
)


def _as_tuple(index: Any) -> tuple[Any, ...]:
    return index if isinstance(index, tuple) else (index,)


@implements(operator.getitem)
def basic_getitem(x: Value, index: Any) -> Value:
    """Return ``x[index]`` for a basic index.

    Raises
    ------
    MissingRuleError
        For integer arrays, boolean masks and traced indices.
    """
    if type(index) is not int and type(index) is not slice:
        index = tuple(_basic(one, x) for one in _as_tuple(index))
    return bind_one(getitem, x, (index,))


def _basic(index: Any, x: Handle) -> Any:
    """Return one part of a basic index, NumPy integers as Python integers."""
    if isinstance(index, _BASIC) and not isinstance(index, bool):
        return index
    if isinstance(index, (np.integer, Handle)):
        return operator.index(index)
    kind = f"{type(index).__name__}"
    msg = (
        f"x[...] with an index of type {kind} has no derivative rule{user_line()}: "
        "only integers, slices, ... and None have one. Use np.where(mask, x, 0.0) for "
        "masks in a sum, np.stack([x[i] for i in indices]) for lists of integers."
    )
    raise x.remember(MissingRuleError(msg))
