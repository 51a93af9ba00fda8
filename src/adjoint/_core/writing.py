"""Writes into handles: up to the root of what shares memory, and down into every view.

A write makes a new value, ``setitem(x, item, index)``, which the handle adopts; so each
mode needs one rule only, and a value that a tape holds is never changed.  If the handle
is a view, the new value is *put* into its parent, and so on up to the root; then every
live view *gets* its part again.
"""

import operator
import threading

import numpy as np

from adjoint._core.arrays import Value, describe
from adjoint._core.dispatch import Trace
from adjoint._core.elements import setitem
from adjoint._core.errors import MutationError, ReadOnlyViewError, user_line
from adjoint._core.handle import Handle, strip
from adjoint._core.layout import lie_alike
from adjoint._core.outdated import (
    Outdated,
    as_handle,
    catch_up_all,
    outdate,
    refresh,
)
from adjoint._core.views import Link, adopt


def assign(x: Handle, new: Value) -> None:
    """Give the memory of ``x`` new content; every handle that shows it follows.

    Parameters
    ----------
    x : Handle
        An array.
    new : array
        Of the shape and dtype of ``x``.

    Raises
    ------
    MutationError
        If a running transform has taken ``x`` as its input, if plain code holds its
        array, or if it belongs to another thread.
    """
    check_thread(x, new)
    link: Link | None = x.link
    if link is None:
        adopt(x, as_handle(lying_as(x, new)))
        return
    while True:
        check_link(x, link, new)
        if link.parent is None:
            break
        if put_in_place(link, new):
            return
        new = put(link, new)
        x = link.parent
        link = x.link  # a parent has one
    adopt(x, as_handle(lying_as(x, new)))
    refresh(x)


def lying_as(x: Handle, new: Value) -> Value:
    """Return new content in the order in memory of the old: in NumPy that stays.

    Whether a later ``x.ravel()`` is a view hangs on it.
    """
    return new if lie_alike(x, new) else setitem(x, new, Ellipsis)


def put(link: Link, new: Value) -> Value:
    """Return what the parent becomes where the view that ``link`` describes is ``new``.

    Raises
    ------
    ReadOnlyViewError
        If the view is one that NumPy does not let write either.
    """
    record = link.record
    if record is None or record.put is None:
        msg = (
            f"assignment destination is read-only{user_line()}: a diagonal, an array "
            "that was broadcast, or what a rule was given. Write into a copy."
        )
        raise ReadOnlyViewError(msg)
    return record.put(link.parent, new, *link.params)


def put_in_place(link: Link, new: Value) -> bool:
    """Do what `put` does for a part of a root that nobody else holds; tell whether.

    A loop over the rows of an array then costs the same for each row however many there
    are.
    """
    root = link.parent
    if (
        root is None
        or root.link.parent is not None
        or root.trace.level < 1
        or link.record is None
        or link.record.function is not operator.getitem
    ):
        return False
    check_link(root, root.link, new)
    outdate(root)  # the views hold its memory
    done: bool = root.trace.store(root, *link.params, new)
    return done


def give_back(trace: Trace) -> None:
    """Let arrays that took in values of a trace stand for what is below it again.

    Their views that wait are made again: the last moment at which they can be.

    Its function has returned: an array that is kept somewhere (a workspace) holds the
    values that the function would have left there without a transform.
    """
    adopted, trace.adopted = trace.adopted, []
    for ref in adopted:
        x = ref()
        if x is not None and type(x) is not Outdated and x.trace is trace:
            adopt(x, as_handle(trace.value_left(x)))
    catch_up_all(trace)


def check_link(x: Handle, link: Link, new: Value) -> None:
    """Raise where somebody would not see a write of ``new``.

    Raises
    ------
    MutationError
        If a running transform has taken ``x`` as its input, or plain code its array.
    """
    if any(not reader.closed for reader in link.readers):
        msg = (
            f"A write into {describe(x)}{user_line()}, which a transform that is still "
            "running was given as its input: that transform would not see it. Write "
            "into a copy (x = x.copy()), inside or outside of it."
        )
        raise _noted(MutationError(msg), x, new)
    base = getattr(strip(x), "base", None)
    if link.escaped and base is not None and not isinstance(base, np.ndarray):
        msg = (
            f"A traced value was to be stored in {describe(x)}{user_line()}, which "
            f"lies in the memory of a {type(base).__name__} (np.frombuffer, np.memmap) "
            "that others may read. Store into a copy (z = z.copy())."
        )
        raise _noted(MutationError(msg), x, new)
    if link.escaped:
        msg = (
            f"A traced value was to be stored in {describe(x)}{user_line()}, but a "
            "function that takes plain arrays only has been given that array before, "
            "might still hold it, and would not see the value. Store into a copy "
            "(z = z.copy()), or give the function a copy."
        )
        raise _noted(MutationError(msg), x, new)


def _noted(error: MutationError, *values: Value) -> MutationError:
    """Return an error after the transforms of all values have taken note of it."""
    for value in values:
        if isinstance(value, Handle):
            value.remember(error)
    return error


def check_thread(x: Handle, new: Value) -> None:
    """Raise if a handle belongs to a transform that runs in another thread.

    Raises
    ------
    MutationError
        If so.
    """
    trace = x.trace
    if trace.level >= 1 and trace.thread != threading.get_ident():
        msg = (
            f"A write into {describe(x)}{user_line()}, which a transform in another "
            "thread has filled with traced values. Give each thread its own array."
        )
        raise _noted(MutationError(msg), new)
