"""Functions that call functions: what they call back is cloned like any callee."""

import functools
import heapq
import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from adjoint._clone.records import (
    STAND_INS,
    Function,
    is_traced,
    stands_for,
    tried_first,
)
from adjoint._clone.state import running
from adjoint._core.arrays import Value, dtype_of, shape_of
from adjoint._core.dispatch import as_part, holds_traced
from adjoint._core.errors import MissingRuleError, user_line
from adjoint._core.handle import Handle, strip
from adjoint._primitives.conversion import as_float

_PLACES: dict[Any, int | None] = {
    map: 0,
    filter: 0,
    sorted: None,
    max: None,
    min: None,
    functools.reduce: 0,
    functools.cmp_to_key: 0,
    itertools.accumulate: 1,
    itertools.starmap: 0,
    itertools.groupby: 1,
    itertools.takewhile: 0,
    itertools.dropwhile: 0,
    itertools.filterfalse: 0,
    heapq.nsmallest: 2,
    heapq.nlargest: 2,
    np.apply_along_axis: 0,
    np.apply_over_axes: 0,
    np.fromfunction: 0,
    np.piecewise: 2,
}
"""Which argument is called back, where it may be given by position."""

_KEYWORDS = frozenset({"key", "func", "function", "func1d", "funclist", "mycmp"})
"""How such an argument is called where it is given by keyword."""


def calling_back(function: Function, place: int | None) -> Callable[[Any], Function]:
    """Return the maker of a stand-in whose callbacks are clones."""
    called = tried_first(function) if hasattr(function, "_implementation") else function

    def maker(calls: Any) -> Function:
        def through(arg: Any) -> Any:
            if type(arg) is list:
                return [through(one) for one in arg]
            is_callback = callable(arg) and not isinstance(arg, Handle)
            return calls.of(arg) if is_callback else arg

        @functools.wraps(function, updated=())
        def call(*args: Any, **named: Any) -> Any:
            if place is not None and place < len(args):
                args = (*args[:place], through(args[place]), *args[place + 1 :])
            for key in _KEYWORDS.intersection(named):
                named[key] = through(named[key])
            return called(*args, **named)

        return call

    return maker


for _function, _place in _PLACES.items():
    STAND_INS[_function] = calling_back(_function, _place)


# Functions made elementwise


def _vectorized(calls: Any) -> Function:
    """Return what stands for calling an object of ``np.vectorize``."""

    def call(self: Any, *args: Any, **named: Any) -> Any:
        if self.pyfunc is np._NoValue:  # used as a decorator with arguments
            return self(*args, **named)
        state = running()
        if not state.depth and not holds_traced([args, list(named.values())]):
            return self(*args, **named)
        # While a transform runs, the function itself may hold traced values.
        return _each(self, calls.of(self.pyfunc), args, named)

    return call


def _each(
    self: Any, function: Function, args: tuple[Any, ...], named: dict[str, Any]
) -> Any:
    """Return a function's results for each element of arrays broadcast together."""
    places = [k for k in range(len(args)) if k not in self.excluded]
    names = [key for key in named if key not in self.excluded]
    arrays = [as_part(args[k]) for k in places] + [as_part(named[key]) for key in names]
    if self.signature is None:
        ranks: Sequence[int] = [0] * len(arrays)
    else:
        ranks = [len(core) for core in self._in_and_out_core_dims[0]]
    loops = [
        shape_of(one)[: np.ndim(one) - r] for one, r in zip(arrays, ranks, strict=True)
    ]
    shape = np.broadcast_shapes(*loops)
    if 0 in shape:
        return self(*(np.zeros(shape_of(one)) for one in arrays))
    outs = []
    for index in np.ndindex(shape):
        parts = [
            _element(one, index[len(shape) - len(loop) :], loop, whole=r > 0)
            for one, loop, r in zip(arrays, loops, ranks, strict=True)
        ]
        positional, keywords = list(args), dict(named)
        for k, part in zip(places, parts, strict=False):
            positional[k] = part
        keywords.update(zip(names, parts[len(places) :], strict=True))
        outs.append(function(*positional, **keywords))
    if not isinstance(outs[0], tuple):
        return _joined(outs, shape, self.otypes, 0)
    columns = list(zip(*outs, strict=True))
    return tuple(
        _joined(column, shape, self.otypes, k) for k, column in enumerate(columns)
    )


def _element(
    array: Value, index: tuple[int, ...], loop: tuple[int, ...], *, whole: bool
) -> Value:
    """Return the part of an array at an index of the loop that it is broadcast to.

    ``np.vectorize`` hands out Python's numbers, or with a signature arrays.
    """
    own = tuple(0 if n == 1 else k for k, n in zip(index, loop, strict=True))
    part = array[own] if own or not isinstance(array, Handle) else array
    if whole:
        return part
    if isinstance(part, Handle):
        return as_float(part) if dtype_of(part).kind == "f" else part
    return part.item() if hasattr(part, "item") else part


def _joined(
    outs: Sequence[Value], shape: tuple[int, ...], otypes: str | None, k: int
) -> Value:
    """Return results as an array of the type of the first, like ``np.vectorize``."""
    first = outs[0]
    dtype = np.dtype(otypes[k]) if otypes else dtype_of(as_part(first))
    joined = as_part([as_part(one) for one in outs])
    joined = np.reshape(joined, (*shape, *shape_of(as_part(first))))
    return joined if dtype_of(joined) == dtype else joined.astype(dtype)


STAND_INS[np.vectorize.__call__] = _vectorized


class _Elementwise:
    """What ``np.frompyfunc`` makes, for traced values too.

    Parameters
    ----------
    function : callable
        A clone.
    ufunc : numpy.ufunc
        NumPy's own, which gives arrays of objects.
    """

    def __init__(self, function: Function, ufunc: np.ufunc) -> None:
        self._vectorized = np.vectorize(function)
        self._function = function
        self._ufunc = ufunc

    def __call__(self, *args: Any, **named: Any) -> Any:
        if holds_traced(list(args)) and not named:
            out = _each(self._vectorized, self._function, args, {})
            return out if isinstance(out, tuple) or shape_of(out) else out[()]
        return self._ufunc(*args, **named)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ufunc, name)


def _frompyfunc(calls: Any) -> Function:
    def frompyfunc(func: Function, /, *args: Any, **named: Any) -> Any:
        function = calls.of(func)
        return _Elementwise(function, np.frompyfunc(function, *args, **named))

    return frompyfunc


STAND_INS[np.frompyfunc] = _frompyfunc


# Iterators over elements


@stands_for(np.ndenumerate)
def ndenumerate(arr: Value) -> Any:
    """Return an iterator over indices and elements, as ``np.ndenumerate``."""
    return _pairs(as_part(arr)) if holds_traced(arr) else np.ndenumerate(arr)


def _pairs(array: Value) -> Iterator[tuple[tuple[int, ...], Value]]:
    for index in np.ndindex(shape_of(array)):
        yield index, array[index]


@stands_for(np.nditer)
def nditer(op: Any, *args: Any, **named: Any) -> Any:
    """Return an iterator over the elements of one array, as ``np.nditer``.

    Raises
    ------
    MissingRuleError
        For a traced value with flags, or among several arrays.
    """
    arrays = op if isinstance(op, (list, tuple)) else [op]
    if not any(map(is_traced, arrays)):
        return np.nditer(op, *args, **named)
    if args or named or arrays is op:
        msg = (
            f"np.nditer was given a traced value{user_line()}, and flags or "
            "further arrays, for which it has no derivative rule. Loop over "
            "np.ndindex(x.shape), or write it without a loop."
        )
        raise MissingRuleError(msg)
    plain = strip(op)
    is_turned = plain.flags.f_contiguous and not plain.flags.c_contiguous
    return iter(np.ravel(op, order="F" if is_turned else "C"))
