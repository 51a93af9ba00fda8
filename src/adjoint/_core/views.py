"""Which handles share memory, and how a handle's content is exchanged.

In NumPy ``row = z[0]`` is a view: a write into either shows in both.  Handles of one
memory form a tree of links: a view knows its parent and the record that makes it from
the parent, a parent knows its live views.  A write goes up to the root and comes down
again into every view (see ``writing.py``); nothing else looks at the links, so code
that writes into nothing pays for a view only when it is made.
"""

import sys
import weakref
from typing import Any

import numpy as np

from adjoint._core.arrays import Value
from adjoint._core.counts import EXACT_COUNTS
from adjoint._core.handle import Handle, strip
from adjoint._core.record import Record

_new = object.__new__


class _Adoptions:
    """Counts the buffers that have become traced; who asks looks for a change."""

    count = 0


adoptions = _Adoptions()

change_class: Any = object.__dict__["__class__"].__set__
"""Sets the true class: ``x.__class__`` of a handle tells that of its value."""

_slot = object.__getattribute__
"""What a handle holds; for an outdated view that does not make it again."""


class Link:
    """What one handle shares with others.

    Attributes
    ----------
    parent : Handle or None
        The handle whose memory this one shows a part of.
    record, params
        How the part is taken: ``record`` bound to the parent.
    views : list of weakref
        The handles that show parts of this one.
    readers : list of Trace
        The transforms that were given this handle as an input.
    escaped : bool
        Whether plain code has got hold of the array inside.
    """

    __slots__ = ("escaped", "params", "parent", "readers", "record", "views")

    def __init__(
        self,
        parent: Handle | None = None,
        record: Record | None = None,
        params: tuple[Any, ...] = (),
    ) -> None:
        self.parent = parent
        self.record = record
        self.params = params
        self.views: list[weakref.ref[Handle]] = []
        self.readers: list[Any] = []
        self.escaped = False

    def live_views(self) -> list[Handle]:
        """Return the views that somebody still holds; forget the others."""
        alive = [(ref, view) for ref in self.views if (view := ref()) is not None]
        self.views = [ref for ref, _ in alive]
        return [view for _, view in alive]


_FEW = 8


def link_of(x: Handle) -> Link:
    """Return the link of a handle; made, where it has none."""
    link: Link | None = x.link
    if link is None:
        link = x.link = Link()
    return link


def root_of(x: Handle) -> Handle:
    """Return the handle whose memory ``x`` shows a part of; ``x``, if it is its own."""
    while x.link is not None and x.link.parent is not None:
        x = x.link.parent
    return x


def link(view: Handle, parent: Handle, record: Record, params: tuple[Any, ...]) -> None:
    """Note that a handle shows a part of another's memory."""
    view.link = Link(parent, record, params)
    views = link_of(parent).views
    views.append(weakref.ref(view))
    if len(views) > _FEW and not len(views) & (len(views) - 1):  # at powers of two
        parent.link.live_views()


def shares_memory(out: Any, x: Any) -> bool:
    """Tell whether the arrays below two values are views of one memory."""
    base = getattr(strip(out), "base", None)
    if base is None:
        return False
    x = strip(x)
    return base is x or base is getattr(x, "base", None)


def is_alone(x: Handle) -> bool:
    """Tell whether no other handle shows a part of this one, nor the reverse."""
    link: Link | None = x.link
    if link is None:
        return True
    if link.parent is not None or link.escaped:
        return False
    if any(not reader.closed for reader in link.readers):
        return False
    return not link.views or not link.live_views()


def store_below(x: Handle, index: Any, item: Value) -> bool:
    """Do ``x[index] = item`` on the value inside ``x``, if only ``x`` holds it.

    Returns whether it could be done.
    """
    value = x.value
    if sys.getrefcount(value) > _HELD_ONCE:
        return False
    if isinstance(value, Handle):
        done: bool = value.trace.store(value, index, item)
        return done
    if value.base is not None or not value.flags.writeable or isinstance(item, Handle):
        return False
    value[index] = item
    return True


def store_tangent(x: Handle, index: Any, item: Value) -> bool:
    """Do the same on the payload of ``x``, a tangent."""
    tangent = x.payload
    if type(tangent) is not np.ndarray or sys.getrefcount(tangent) > _HELD_ONCE:
        return False
    if (
        tangent.base is not None
        or not tangent.flags.writeable
        or isinstance(item, Handle)
    ):
        return False
    tangent[index] = item
    return True


def _calibrate() -> int:
    """Return the reference count `store_below` sees of what one slot holds.

    -1, which nothing reaches, where counts are not exact (free-threaded builds).
    """
    if not EXACT_COUNTS:
        return -1

    def count(x: Handle) -> int:
        value = x.value
        return sys.getrefcount(value)

    handle = _new(Handle)
    handle.value = np.zeros(1)
    return count(handle)


_HELD_ONCE = _calibrate()


def snapshot(x: Handle) -> Handle:
    """Return a handle of the same value that writes into ``x`` do not change."""
    value = x.value  # of an outdated view, this changes the class
    twin = _new(type(x))
    twin.value, twin.trace, twin.payload = value, x.trace, x.payload
    twin.origin = None
    return twin


def taken_by(trace: Any, value: Value) -> Value:
    """Return an input as a transform may hold it.

    Until the transform ends, writes into the handle the user has, or into anything it
    shares memory with, are refused: the transform would not see them.
    """
    if not isinstance(value, Handle):
        return value
    if not value._is_array():  # nobody can write into a number
        return value
    x: Handle | None = value
    while x is not None:
        link = link_of(x)
        link.readers = [one for one in link.readers if not one.closed]
        link.readers.append(trace)
        x = link.parent
    return snapshot(value)


def read_only(value: Value) -> Value:
    """Return a value for a function of the user's that must not write into it."""
    if isinstance(value, Handle):
        twin = snapshot(value)
        twin.link = Link(value)  # a view that no record puts back
        link_of(value).views.append(weakref.ref(twin))
        return twin
    if type(value) is np.ndarray:
        value = value.view()
        value.flags.writeable = False
    return value


def is_read_only(x: Handle) -> bool:
    """Tell whether a handle is a view that nothing can be written through."""
    link: Link | None = x.link
    if link is None or link.parent is None:
        return False
    return link.record is None or link.record.put is None


def adopt(x: Handle, new: Handle) -> None:
    """Make a handle stand for what another one stands for.

    If it thereby becomes a value of another transform, it goes back at the end of that
    (see `give_back`); of what never ends, buffers and dual numbers made by hand, not.
    """
    value, trace, old = new.value, new.trace, _slot(x, "trace")
    if trace is not old:
        if old.level < 0 <= trace.level:
            adoptions.count += 1
        if trace.level >= 1:
            trace.adopted.append(weakref.ref(x))
        payload = _slot(x, "payload")
        if old.level < 0 and payload is not None:
            payload.let_go()  # the plain array that a twin stood for until now
    x.value, x.trace, x.payload = value, trace, new.payload
    x.origin = None
    if type(x) is not type(new):
        change_class(x, type(new))
