"""``x.shape = shape`` and ``x.resize(shape)``: another shape for an array that is held.

Everyone who holds ``x`` sees the change.
"""

import math
import weakref
from typing import Any

import numpy as np

from adjoint._core.arrays import Value
from adjoint._core.buffers import Buffer
from adjoint._core.errors import MutationError, user_line
from adjoint._core.handle import Handle, set_shape
from adjoint._core.layout import lies_in_rows
from adjoint._core.outdated import as_handle, catch_up_all
from adjoint._core.registry import implements
from adjoint._core.views import adopt, is_alone, link_of, snapshot
from adjoint._core.writing import check_thread


@implements(set_shape)
def set_shape_in_place(x: Handle, shape: Any) -> None:
    """Do ``x.shape = shape``: ``x`` becomes a view of what it was.

    Raises
    ------
    AttributeError
        If the elements do not lie in memory so that they need not be copied.
    """
    _find_views(x)
    if _is_twin(x) and is_alone(x):  # its array follows at the end of the run
        x.value = np.reshape(x.value, shape)
        return
    whole = _put_behind(x)
    view: Any = np.reshape(whole, shape)
    if view.link is None or view.link.parent is not whole:
        _take_back(x, whole)
        msg = (
            f"Incompatible shape for in-place modification{user_line()}. Use "
            "x = x.reshape(shape), which makes a copy."
        )
        raise AttributeError(msg)
    link = view.link
    adopt(x, view)
    x.link = link
    whole.link.views = [
        weakref.ref(x) if one() is view else one for one in _views(whole)
    ]


@implements(np.ndarray.resize)
def resize(x: Handle, shape: Any) -> None:
    """Do ``x.resize(shape)``: cut, or filled up with zeros.

    Raises
    ------
    ValueError
        If ``x`` shares memory with another array, as NumPy says.
    MutationError
        If ``x`` is an array that the function did not make.
    """
    if _is_twin(x):
        msg = (
            f"`x.resize(shape)`{user_line()} of an array that the function did not "
            "make: its owner would not see it. Use np.concatenate, or x[:n].copy()."
        )
        raise MutationError(msg)
    shape = tuple(shape) if np.iterable(shape) else (shape,)
    _find_views(x)
    if not is_alone(x) or not lies_in_rows(x):
        msg = (
            "cannot resize an array that references or is referenced by another array"
            f"{user_line()}: use np.concatenate, or x[:n].copy()"
        )
        raise ValueError(msg)
    size = math.prod(shape)
    flat: Any = np.ravel(x)[:size]
    if size > flat.size:
        flat = np.concatenate([flat, np.zeros(size - flat.size, x.dtype)])
    new = np.reshape(np.positive(flat), shape)
    check_thread(x, new)
    adopt(x, as_handle(new))
    x.link = None


def _is_twin(x: Handle) -> bool:
    """Tell whether ``x`` stands for an array that others hold as a plain one."""
    return type(x) is Buffer and x.payload is not None


def _find_views(x: Handle) -> None:
    """Let the views of ``x`` that wait to be made again be known to it."""
    below: Value = x
    while isinstance(below, Handle):
        catch_up_all(below.trace)
        below = below.value


def _put_behind(x: Handle) -> Handle:
    """Return a handle that takes the place of ``x`` among those that share memory."""
    whole = snapshot(x)
    whole.link = link_of(x)
    x.link = None
    _rename(x, whole)
    return whole


def _take_back(x: Handle, whole: Handle) -> None:
    x.link, whole.link = whole.link, None
    _rename(whole, x)


def _rename(old: Handle, new: Handle) -> None:
    """Let a parent and views that know ``old`` know ``new``, which has its link."""
    link = new.link
    for view in link.live_views():
        view.link.parent = new
    if link.parent is not None:
        siblings = link.parent.link
        siblings.views = [
            weakref.ref(new) if one() is old else one for one in siblings.views
        ]


def _views(whole: Handle) -> list[weakref.ref[Handle]]:
    views: list[weakref.ref[Handle]] = whole.link.views
    return views
