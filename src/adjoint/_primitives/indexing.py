"""Basic indexing (integers, slices, Ellipsis, None) and its transpose."""

import operator
from typing import Any

import numpy as np

from adjoint._core.arrays import Value
from adjoint._core.dispatch import bind_one
from adjoint._core.elements import embed, setitem
from adjoint._core.record import Example, Layout
from adjoint._core.registry import implements
from adjoint._primitives._makers import structural
from adjoint._primitives.gathering import advanced_getitem

_BASIC = frozenset({int, slice, type(None), type(Ellipsis)})

getitem = structural(
    operator.getitem,
    operator.getitem,
    embed,
    layout=Layout.REINDEXING,
    batch=lambda x, index: x[(slice(None), *_as_tuple(index))],
    put=setitem,
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
def getitem_of_any_kind(x: Value, index: Any) -> Value:
    """Return ``x[index]``; index arrays and masks are left to `advanced_getitem`."""
    if type(index) is not int and type(index) is not slice:
        parts = index if type(index) is tuple else _as_tuple(index)
        for one in parts:
            if type(one) not in _BASIC:
                return _getitem_beyond(x, parts)
        index = parts
    return bind_one(getitem, x, (index,))


def _getitem_beyond(x: Value, parts: tuple[Any, ...]) -> Value:
    """Return ``x[parts]`` after NumPy's integers have become Python's."""
    parts = tuple(
        int(one) if issubclass(type(one), np.integer) else one for one in parts
    )
    if all(type(one) in _BASIC for one in parts):
        return bind_one(getitem, x, (parts,))
    return advanced_getitem(x, parts)
