"""NumPy's own error for what NumPy refuses.

An implementation of ours stumbles over a wrong argument somewhere inside, and says what
it stumbled over.  The user should read what NumPy says of the call: so it is shown to
NumPy once more, with plain arrays in the places of traced ones, and if NumPy refuses it
too, its error is the one to raise.
"""

from typing import Any

import numpy as np

from adjoint._core.errors import AdjointError, is_refused_write

WRITERS = frozenset(
    {np.copyto, np.put, np.place, np.putmask, np.fill_diagonal, np.put_along_axis}
)
"""Functions that write into their argument, and are not tried out."""

REFUSALS = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError)
"""What NumPy raises for arguments it does not take."""


def as_numpys(
    error: Exception,
    function: Any,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> Exception:
    """Return NumPy's own error for a call that failed; ``error``, if NumPy has none.

    A call is tried out only if that can do no harm: it runs no function of the user's,
    and writes into nothing.  Of a batch, its first sample is tried.
    """
    if not isinstance(error, REFUSALS) or isinstance(error, AdjointError):
        return error
    if not _is_numpys(function) or "out" in kwargs:
        return error
    try:
        args, kwargs = _plain(args), _plain(kwargs)
    except (_UnknownError, RecursionError):  # a list may hold itself
        return error
    try:
        with np.errstate(all="ignore"):
            function(*args, **kwargs)
    except Warning:  # where the user has made errors of them
        return error
    except REFUSALS as refusal:
        if is_refused_write(refusal):  # that is ours: what is shown is read-only
            return error
        refusal.__suppress_context__ = True
        return refusal.with_traceback(None)
    return error


class _UnknownError(Exception):
    """An argument that may hold traced values, or run code of the user's."""


def _is_numpys(function: Any) -> bool:
    module = getattr(function, "__module__", None) or ""
    own = module.partition(".")[0] == "numpy" and not isinstance(function, np.ufunc)
    return own and function not in WRITERS


def _plain(tree: Any) -> Any:
    """Return arguments with a read-only plain array for each traced one."""
    if type(tree) is tuple or type(tree) is list:
        return type(tree)(map(_plain, tree))
    if type(tree) is dict:
        return {key: _plain(value) for key, value in tree.items()}
    if hasattr(type(tree), "payload"):
        return _sample(tree)
    if type(tree) is np.ndarray and not tree.dtype.hasobject:
        return _read_only(tree.view())
    if isinstance(tree, (str, bytes, type, range, np.generic, np.dtype)):
        return tree
    if callable(tree) or any(hasattr(type(tree), name) for name in _OF_THE_USERS):
        raise _UnknownError
    return tree


_OF_THE_USERS = ("__iter__", "__array__", "__array_interface__", "__array_struct__")


def _read_only(array: Any) -> Any:
    array.flags.writeable = False
    return array


def _sample(handle: Any) -> Any:
    """Return what is below a handle; of a batch, the first sample."""
    below = handle
    while hasattr(type(below), "payload"):
        below = below.value
    if not isinstance(below, np.ndarray):
        return below
    extra = below.ndim - handle.ndim
    if 0 in below.shape[:extra]:
        raise _UnknownError
    return _read_only(below[(0,) * extra + (...,)])
