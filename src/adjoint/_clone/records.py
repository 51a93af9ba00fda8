"""Stand-ins for functions that NumPy's protocols cannot carry to us.

A stand-in of a NumPy function tries the function first.  Conversions of traced values
always raise, so success proves that nothing traced was lost, and plain calls pay one
frame.  Only what fails is looked at: lists that hold traced values become arrays.
"""

import operator
from collections.abc import Callable
from types import FunctionType
from typing import Any

import numpy as np

from adjoint._clone.state import running
from adjoint._core.arrays import Value
from adjoint._core.buffers import Buffer, wrapped
from adjoint._core.dispatch import as_part, holds_traced
from adjoint._core.errors import AdjointError, ConversionError, MutationError
from adjoint._core.handle import Handle
from adjoint._core.operators import METHODS
from adjoint._core.protocols import apply_function, apply_ufunc
from adjoint._core.refusals import REFUSALS, as_numpys
from adjoint._core.registry import IMPLEMENTATIONS
from adjoint._modes.reverse import Taped

Function = Callable[..., Any]

STAND_INS: dict[Any, Callable[[Any], Function]] = {}
"""Makers of stand-ins, by function: each takes the table of calls."""


def stands_for(*functions: Any) -> Callable[[Function], Function]:
    """Declare that the decorated function is called in the place of ``functions``."""

    def enter(function: Function) -> Function:
        for one in functions:
            STAND_INS[one] = lambda _calls: function
        return function

    return enter


_NAMED: dict[str, Callable[[Any, Any], Function]] = {}
"""The same by full names, for modules that are not loaded for it."""


def named_stand_in(name: str, maker: Callable[[Any, Any], Function]) -> None:
    """Enter what makes a stand-in, given the table of calls and the function."""
    _NAMED[name] = maker


def by_name(function: Any) -> Callable[[Any, Any], Function] | None:
    """Return what makes the stand-in of a function that has one by its name."""
    return _NAMED.get(f"{function.__module__}.{function.__qualname__}")


def stand_in(function: Any, calls: Any) -> Function | None:
    """Return what is called in the place of a function; ``None`` if nothing special."""
    if has_own_hash(function):
        return None
    try:
        maker = STAND_INS.get(function)
    except TypeError:
        return None
    if maker is not None:
        return maker(calls)
    return tried_first(function) if is_numpys(function) else None


def has_stand_in(function: Any) -> bool:
    """Tell whether something special is called for this very object."""
    return function in STAND_INS or function in IMPLEMENTATIONS


def has_own_hash(function: Any) -> bool:
    """Tell whether an object's hash is computed in Python, from what it holds.

    That of a frozen dataclass would hash the traced values in its fields.
    """
    return type(type(function).__hash__) is FunctionType


def is_numpys(function: Any) -> bool:
    """Tell whether a function is one of NumPy's that needs no special stand-in."""
    try:
        if function in STAND_INS:
            return False
    except TypeError:
        return False
    return (
        isinstance(function, np.ufunc)
        or function in IMPLEMENTATIONS
        or hasattr(function, "_implementation")
        or isinstance(getattr(function, "__self__", None), np.ufunc)
    )


def guarded(function: Function, arity: int, of: Callable[[Any], Any]) -> Function:
    """Return the stand-in for calls ``f(x)`` or ``f(x, y)`` that are handed f too.

    A traced operand goes to its entry without NumPy's dispatch, which saves 0.3 us of
    the 1 us that an operation costs.
    """
    entry: Any = function
    if not isinstance(function, np.ufunc) or (function.nin, function.nout) == (
        arity,
        1,
    ):
        entry = Taped.entries[function] or function

    def of_one(given: Function, x: Value, /) -> Any:
        if given is not function:
            return of(given)(x)
        try:
            return entry(x) if type(x) is Taped else function(x)
        except Exception as error:  # noqa: BLE001 - it is raised again
            found, out = recover(function, (x,), {}, error)
            if not found:
                raise as_numpys(error, function, (x,), {})  # noqa: B904 - or itself
            return out

    def of_two(given: Function, x: Value, y: Value, /) -> Any:
        if given is not function:
            return of(given)(x, y)
        try:
            if type(x) is Taped or type(y) is Taped:
                out = entry(x, y)
                return function(x, y) if out is NotImplemented else out
            return function(x, y)
        except Exception as error:  # noqa: BLE001 - it is raised again
            found, out = recover(function, (x, y), {}, error)
            if not found:
                raise as_numpys(error, function, (x, y), {})  # noqa: B904 - or itself
            return out

    return of_one if arity == 1 else of_two


def tried_first(function: Function) -> Function:
    """Return the stand-in for all other calls: lists are joined if it fails.

    Of a method of a handle, too.
    """

    def tried(*args: Any, **named: Any) -> Any:
        try:
            return function(*args, **named)
        except Exception as error:
            found, out = recover(function, args, named, error)
            if not found:
                raise
            return out

    return tried


def recover(
    function: Function,
    args: tuple[Any, ...],
    named: dict[str, Any],
    error: Exception,
) -> tuple[bool, Any]:
    """Call a NumPy function again, in a way that NumPy does not try by itself.

    With arrays in the place of lists of traced values.  If there are none, a traced
    value may stand where NumPy does not look for it (``np.sum(a, initial=x)``): then
    the function is handed to it.

    ``error`` is what the first call raised.

    Returns whether there is such a way, and the result.
    """
    if function is np.block:  # it finds traced values at any depth; tuples it refuses
        return False, None
    try:
        joined = tuple(map(joined_list, args))
        joined_named = {
            key: value if key == "out" else joined_list(value)
            for key, value in named.items()
        }
    except REFUSALS:  # the list is no array: what was said at first stands
        return False, None
    if all(
        map(operator.is_, (*joined, *joined_named.values()), (*args, *named.values()))
    ):
        return _handed_over(function, args, named, error)
    forgive((*args, *named.values()), error)
    try:
        return True, function(*joined, **joined_named)
    except Exception as again:
        found, out = _handed_over(function, joined, joined_named, again)
        if not found:
            raise
        return found, out


def _handed_over(
    function: Any,
    args: tuple[Any, ...],
    named: dict[str, Any],
    error: Exception,
) -> tuple[bool, Any]:
    """Hand a function to a traced value that NumPy may have overlooked.

    If the error came of a conversion or a write that the value has refused, and no
    function of the user's, which would be called twice, is among the arguments.
    """
    given = (*args, *named.values())
    handle = next(filter(is_traced, given), None)
    if handle is None or any(map(callable, given)):
        return False, None
    if not (
        isinstance(error, (ConversionError, MutationError))
        or _led_to(handle.trace.refused, error)
    ):
        return False, None
    owner = getattr(function, "__self__", None)
    if not isinstance(owner, np.ufunc) and function not in IMPLEMENTATIONS:
        return False, None
    forgive(given, error)
    if args and type(args[0]) is list:
        args = (as_part(args[0]), *args[1:])
    if isinstance(owner, np.ufunc):
        return True, apply_ufunc(handle, owner, function.__name__, args, named)
    return True, apply_function(handle, function, args, named)


def joined_list(arg: Any) -> Any:
    """Return an array for a list with traced values in it; anything else as it is."""
    return as_part(arg) if holds_traced(arg) else arg


def forgive(tree: Any, error: BaseException) -> None:
    """Let transforms forget that they refused a conversion: we do it in another way.

    Only what led to ``error`` is forgotten; an earlier refusal, which a ``try`` block
    of the user's has swallowed, stays.
    """
    if isinstance(tree, Handle):
        if _led_to(tree.trace.refused, error):
            tree.trace.refused = None
    elif isinstance(tree, (list, tuple)):
        for one in tree:
            forgive(one, error)


def _led_to(refusal: Any, error: BaseException | None) -> bool:
    """Tell whether an error is a refusal, or was raised because of it."""
    while error is not None:
        if error is refusal:
            return True
        error = error.__cause__ or error.__context__
    return False


def array_method(array: np.ndarray[Any, Any], name: str) -> Function:
    """Return a method of a plain array that takes traced arguments too."""
    bound: Function = getattr(array, name)
    if name in _MAKES_COPIES:
        return lambda *args, **named: buffer(bound(*args, **named))
    function = METHODS.get(name)
    if function is None:
        return bound

    def method(*args: Any, **named: Any) -> Any:
        try:
            return bound(*args, **named)
        except AdjointError as error:
            if function not in IMPLEMENTATIONS:
                raise
            forgive((*args, *named.values()), error)
            return IMPLEMENTATIONS[function](array, *map(joined_list, args), **named)

    return method


_MAKES_COPIES = frozenset({"copy", "astype", "__copy__", "__deepcopy__"})


def buffer(array: Any) -> Any:
    """Return a new array as a buffer, while a transform runs."""
    state = running()
    return wrapped(array) if state.depth or state.unfollowed else array


def is_traced(value: Any) -> bool:
    """Tell whether a value is a handle that stands for more than a plain array."""
    return isinstance(value, Handle) and type(value) is not Buffer
