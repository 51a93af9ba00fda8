"""Views that a write has left behind: each is made again when it is next used.

A write into one row of a thousand changes what the other rows may show.  To make all of
them again at once would cost a thousand operations, on tapes too, for each write.  So a
write turns the views that it may have changed into `Outdated` handles, which hold no
value; whoever touches one finds it as the record of its link makes it from its parent
now.  A view that is outdated already costs later writes nothing, and holds no array, so
that its root can be written in place.

Only views of running transforms wait; those of buffers and of dual numbers made by hand
are made again at once: NumPy's own views follow a write by themselves.
"""

import weakref
from collections.abc import Callable
from typing import Any

import numpy as np

from adjoint._core.arrays import Value
from adjoint._core.buffers import BUFFERS
from adjoint._core.handle import Handle
from adjoint._core.operators import BINARY_OPERATORS, COMPARISONS, UNARY_OPERATORS
from adjoint._core.views import Link, adopt, change_class, link_of, snapshot

_slot = object.__getattribute__


class Outdated(Handle):
    """A view whose parent has changed; any use of it makes it what it was before."""

    __slots__ = ()

    def __getattribute__(self, name: str) -> Any:
        if name == "link":
            return _slot(self, name)
        catch_up(self)
        return getattr(self, name)


def refresh(root: Handle) -> None:
    """Let every view below a handle show its part of new content, now or when used."""
    if root.trace.level >= 1:
        outdate(root)
        return
    changed = [root]
    while changed:
        parent = changed.pop()
        for view in parent.link.live_views():
            adopt(view, _made_again(view.link))
            changed.append(view)


def outdate(root: Handle) -> None:
    """Let the views below a handle of a running transform wait for their next use."""
    waiting: dict[int, Any] = root.trace.outdated
    links = [link_of(root)]
    while links:
        link = links.pop()
        views, link.views = link.views, []
        for ref in views:
            view = ref()
            if view is not None:
                view.value = view.payload = None  # they hold the memory of the root
                change_class(view, Outdated)
                waiting[id(view)] = ref
                links.append(_slot(view, "link"))


def catch_up(view: Handle) -> None:
    """Make an outdated view again, and first what it is a view of."""
    behind: list[tuple[Any, Any]] = []
    above: Any = view
    while type(above) is Outdated:
        link = _slot(above, "link")
        behind.append((above, link))
        above = link.parent
    for one, link in reversed(behind):
        adopt(one, _made_again(link))
        link_of(link.parent).views.append(weakref.ref(one))


def current(value: Value) -> Value:
    """Return a value, made again if it is an outdated view."""
    if type(value) is Outdated:
        catch_up(value)
    return value


def catch_up_all(trace: Any) -> None:
    """Make all views again that a transform has left waiting."""
    waiting, trace.outdated = trace.outdated, {}
    for ref in waiting.values():
        current(ref())


def _made_again(link: Link) -> Handle:
    parent: Any = link.parent
    if link.record is None:  # the same, but read-only
        return snapshot(parent)
    return as_handle(parent.trace.process_one(link.record, parent, link.params))


def as_handle(value: Value) -> Handle:
    """Return a value as a handle: a buffer, if it is a constant."""
    return value if isinstance(value, Handle) else BUFFERS.lift(np.asarray(value))


def _of_what_it_was(name: str) -> Callable[..., Any]:
    """Return a special method, which Python looks up on the class, by name."""

    def method(self: Handle, *args: Any, **kwargs: Any) -> Any:
        catch_up(self)
        return getattr(self, name)(*args, **kwargs)

    method.__name__ = name
    return method


_SPECIAL = [
    *(f"__{name}__" for name in [*BINARY_OPERATORS, *COMPARISONS, *UNARY_OPERATORS]),
    *(f"__{kind}{name}__" for name in BINARY_OPERATORS for kind in "ir"),
    *("__array_ufunc__", "__array_function__", "__len__"),
    *(
        name
        for name, method in vars(Handle).items()
        if name[:2] == "__" and callable(method) and name not in vars(Outdated)
    ),
]

for _name in _SPECIAL:
    setattr(Outdated, _name, _of_what_it_was(_name))
