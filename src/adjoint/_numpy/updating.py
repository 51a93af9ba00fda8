"""``np.add.at`` and its kin: ufuncs applied in place, once for each index given.

A place that is named twice is updated twice, in order.  Sums are one linear operation;
for other functions the places are taken in rounds, each of which names none twice.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from adjoint._core.arrays import PYTHON_SCALARS, Value, dtype_of
from adjoint._core.dispatch import as_part, bind
from adjoint._core.elements import setitem
from adjoint._core.registry import RECORDS, UFUNC_METHODS
from adjoint._numpy.writing import check_target
from adjoint._primitives.conversion import as_complex
from adjoint._primitives.gathering import index_in_order
from adjoint._primitives.writing import adding, shape_at, update_in_place


def add_at(a: Value, indices: Any, b: Value) -> None:
    """Do ``np.add.at(a, indices, b)``."""
    index, operand = _in_order(np.add, a, indices, b)
    update_in_place(a, bind(adding, (a, operand), (index,)), "np.add.at(x, i, v)")


def subtract_at(a: Value, indices: Any, b: Value) -> None:
    """Do ``np.subtract.at(a, indices, b)``."""
    index, operand = _in_order(np.subtract, a, indices, b)
    new = bind(adding, (a, np.negative(operand)), (index,))
    update_in_place(a, new, "np.subtract.at(x, i, v)")


def _in_order(ufunc: np.ufunc, a: Value, indices: Any, *b: Value) -> tuple[Any, ...]:
    """Return an index in order, and the other operand stretched to what it reads."""
    name = f"np.{ufunc.__name__}.at"
    check_target(a, name, *b)
    if a.__class__ is not np.ndarray:
        msg = "first operand must be array"
        raise TypeError(msg)
    index = index_in_order(a, indices)
    shape = shape_at(a.shape, index)
    return index, *(np.broadcast_to(_operand(one, a), shape) for one in b)


def _operand(one: Any, a: Value) -> Value:
    """Return an operand as an array; Python's numbers do not widen that of ``a``."""
    weak = type(one) in PYTHON_SCALARS and np.can_cast(type(one), a.dtype, "same_kind")
    return np.asarray(one, a.dtype) if weak else as_part(one)


def _one_by_one(ufunc: np.ufunc) -> Callable[..., None]:
    """Return ``ufunc.at`` for any ufunc of one or two arguments."""
    function = _AS_AT.get(ufunc, ufunc)

    def at(a: Value, indices: Any, *b: Value) -> None:
        index, *operand = _in_order(ufunc, a, indices, *b)
        operand = [np.ravel(one) for one in operand]
        places = np.ravel(np.arange(a.size).reshape(a.shape)[index])
        new = a if a.ndim else np.reshape(a, (1,))
        for chosen in _rounds(places):
            where = np.unravel_index(places[chosen], new.shape)
            item = function(new[where], *(one[chosen] for one in operand))
            new = setitem(new, item, where)
        update_in_place(a, np.reshape(new, a.shape), f"np.{ufunc.__name__}.at(x, i, v)")

    return at


def _product(x: Value, y: Value) -> Value:
    """Return ``x * y`` as ``np.multiply.at`` rounds it, one element after the other.

    Its product of complex numbers rounds each of four products; that of whole arrays
    fuses two of them into the sums, where the processor can.
    """
    if dtype_of(x).kind != "c" or dtype_of(y).kind != "c":
        return np.multiply(x, y)
    a, b, c, d = np.real(x), np.imag(x), np.real(y), np.imag(y)
    return as_complex(a * c - b * d, a * d + b * c)


def _square(x: Value) -> Value:
    """Return the square of ``x`` as ``np.square.at`` rounds it."""
    return _product(x, x) if dtype_of(x).kind == "c" else np.square(x)


_AS_AT: dict[Any, Callable[..., Value]] = {np.multiply: _product, np.square: _square}
"""Functions that round one number otherwise than an array of them."""


def _rounds(places: Any) -> Iterator[Any]:
    """Return numbers of places so that none repeats within a round, in order."""
    order = np.argsort(places, kind="stable")
    ranked = places[order]
    first = np.searchsorted(ranked, ranked)
    turn = np.arange(len(order)) - first
    for k in range(int(turn.max(initial=-1)) + 1):
        yield order[turn == k]


UFUNC_METHODS[np.add, "at"] = add_at
UFUNC_METHODS[np.subtract, "at"] = subtract_at
for _ufunc in list(vars(np).values()):  # dir(np) would load its submodules
    if not isinstance(_ufunc, np.ufunc) or _ufunc.signature or _ufunc not in RECORDS:
        continue
    if _ufunc.nin < 3 and _ufunc.nout == 1:
        UFUNC_METHODS.setdefault((_ufunc, "at"), _one_by_one(_ufunc))
