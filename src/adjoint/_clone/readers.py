"""Plain readers: code that is not followed, called while arrays hold traced values.

Such code sees the plain array, which is filled with nan meanwhile (see ``poison.py``).
A result made of that is known; ``np.nansum(w)`` or ``w[0] > 0`` is not.  So before it
is called one look is taken at what it can read: its variables, the globals it names,
and what it is given.
"""

from collections.abc import Iterator
from types import FunctionType, MethodType
from typing import Any

import numpy as np

from adjoint._clone.cells import contents_of
from adjoint._clone.state import running
from adjoint._core.errors import MutationError, user_line
from adjoint._core.handle import Handle

_FEW = 50
"""So many items of a container are looked at."""

Found = tuple[np.ndarray[Any, Any], str]
"""An array, and where it was found."""


def check_reader(function: Any, args: tuple[Any, ...], named: dict[str, Any]) -> None:
    """Raise if a function can read an array whose values are traced.

    Raises
    ------
    MutationError
        If so.
    """
    twins = running().twins
    if twins is None or not twins.poisoned:
        return
    for array, where in _within_reach(function, args, named):
        for poisoned in twins.poisoned:
            if np.may_share_memory(array, poisoned):
                twin = twins.by_array[id(poisoned)][1]
                raise twin.remember(_stale(function, array, where))


def _stale(function: Any, array: np.ndarray[Any, Any], where: str) -> MutationError:
    name = getattr(function, "__qualname__", str(function))
    module = getattr(function, "__module__", None)
    name = f"{module}.{name}" if module else name
    return MutationError(
        f"{name} was called{user_line()}, which can read an array of shape "
        f"{array.shape} ({where}) that holds traced values now. That function is not "
        "followed, so it would see a plain array without them. Pass the array to it as "
        "an argument, have it followed with ad.follow, or put its source in a file."
    )


def _within_reach(
    function: Any, args: tuple[Any, ...], named: dict[str, Any]
) -> Iterator[Found]:
    """Yield the arrays that a function can read, by one bounded look."""
    if isinstance(function, MethodType):
        args = (function.__self__, *args)
        function = function.__func__
    names: frozenset[str] = frozenset()
    if isinstance(function, FunctionType):
        code = function.__code__
        names = frozenset(code.co_names)
        for name, cell in zip(
            code.co_freevars, function.__closure__ or (), strict=True
        ):
            yield from _in(contents_of(cell), f"its variable {name}", names)
        for name in code.co_names:
            found = function.__globals__.get(name)
            yield from _in(found, f"the global {name}", names)
        for one in function.__defaults__ or ():
            yield from _in(one, "a default", names)
    for one in (*args, *named.values()):
        yield from _in(one, "in what it is given", names)


def _in(found: Any, where: str, names: frozenset[str]) -> Iterator[Found]:
    """Yield the arrays in one object, of attributes those that the function names."""
    if isinstance(found, Handle):
        return
    if isinstance(found, np.ndarray):
        yield found, where
    elif isinstance(found, (list, tuple, dict)):
        items = found.values() if isinstance(found, dict) else found
        for one in list(items)[:_FEW]:
            if type(one) is np.ndarray:
                yield one, where
    else:
        own = getattr(found, "__dict__", None)
        if type(own) is dict and not isinstance(found, FunctionType):
            for name in names & own.keys():
                if type(own[name]) is np.ndarray:
                    yield own[name], f"{where}, attribute {name}"
