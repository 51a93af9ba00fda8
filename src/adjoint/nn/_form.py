"""How a module's attributes come apart: its arrays, and the form that all else gives.

A *form* mirrors a nested value: `LEAF` where a child was taken out, `Nest` for a
list, tuple or dictionary with children in it, `Static` for what has none.  Two forms
are equal if their static parts are.
"""

import functools
from collections.abc import Iterator
from types import BuiltinFunctionType, FunctionType
from typing import Any, NamedTuple, TypeAlias

import numpy as np

import adjoint as ad

Form: TypeAlias = Any
"""`LEAF`, a `Nest` or a `Static`."""


class _Leaf:
    """The place of a child; there is one of it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "*"

    def __reduce__(self) -> str:
        return "LEAF"


LEAF = _Leaf()


class Nest(NamedTuple):
    """A list, tuple or dictionary with children somewhere in it."""

    kind: type
    keys: tuple[Any, ...] | None
    parts: tuple[Form, ...]


class Forms(NamedTuple):
    """The forms of a module's attributes, by their names.

    Attributes
    ----------
    by_name : tuple of (str, form)
    fixed : bool
        Whether they last as long as the module: no list, dictionary or other container
        without leaves is among them, which the user may put some into.
    names : tuple of str
        The dotted names of the children.
    """

    by_name: tuple[tuple[str, Form], ...]
    fixed: bool
    names: tuple[str, ...]


class Static:
    """A value that is no array: compared by equality, arrays among them too.

    Parameters
    ----------
    value : object
    """

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Static) and _equal(self.value, other.value)

    def __hash__(self) -> int:
        return hash(type(self.value))

    def __repr__(self) -> str:
        return repr(self.value)


def _equal(one: Any, other: Any) -> bool:
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and np.array_equal(one, other)
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(_equal, one, other))
    return bool(one == other)


_PLAIN = frozenset(
    {int, float, complex, bool, str, bytes, type(None), FunctionType}
    | {BuiltinFunctionType, type, np.ufunc}
)
"""Types of what is static at first sight."""


def is_array(value: Any) -> bool:
    """Tell whether a value is a leaf: an array, or a NumPy float or complex."""
    kind: Any = type(value)
    if kind in _PLAIN:
        return False
    if _is_of_arrays(kind):
        return True
    if isinstance(value, np.generic):
        return False
    return hasattr(value, "dtype") and hasattr(value, "shape")


@functools.cache
def _is_of_arrays(kind: type) -> bool:
    """Tell whether all objects of a class are leaves."""
    if issubclass(kind, np.generic):
        return issubclass(kind, np.inexact)
    return hasattr(kind, "dtype") and hasattr(kind, "shape")


class Branch:
    """Base of modules: what a form knows of them without knowing what they do."""

    __slots__ = ("__dict__", "__weakref__")

    _static: tuple[str, ...] = ()


def is_container(value: Any) -> bool:
    """Tell whether a value is a module, or another object with leaves in it."""
    if isinstance(value, Branch):
        return True
    found = ad.tree.leaves(value)
    return bool(found) and not _is_one_leaf(value, found)


def _is_one_leaf(value: Any, found: list[Any]) -> bool:
    """Tell by its leaves whether a value is no container, not even an empty one."""
    return len(found) == 1 and found[0] is value


def take_apart(value: Any, name: str, children: list[Any], names: list[str]) -> Form:
    """Return the form of a value; append its children, and their dotted names."""
    kind = type(value)
    if kind is np.ndarray or isinstance(value, Branch):
        children.append(value)
        names.append(name)
        return LEAF
    if kind in _PLAIN:
        return Static(value)
    if kind is list or kind is tuple or kind is dict:
        keys = tuple(value) if kind is dict else None  # in the order they are looped in
        parts = value if keys is None else [value[key] for key in keys]
        labels = range(len(parts)) if keys is None else keys
        before = len(children)
        forms = tuple(
            take_apart(part, f"{name}.{label}", children, names)
            for label, part in zip(labels, parts, strict=True)
        )
        return Static(value) if len(children) == before else Nest(kind, keys, forms)
    if is_array(value) or is_container(value):
        children.append(value)
        names.append(name)
        return LEAF
    return Static(value)


def forms_of(
    attributes: dict[str, Any], static: tuple[str, ...], children: list[Any]
) -> Forms:
    """Return the forms of attributes; append their children."""
    names: list[str] = []
    by_name = tuple(
        (
            name,
            Static(value)
            if name in static
            else take_apart(value, name, children, names),
        )
        for name, value in attributes.items()
    )
    fixed = all(_is_fixed(form) for _, form in by_name)
    return Forms(by_name, fixed, tuple(names))


def _is_fixed(form: Form) -> bool:
    if isinstance(form, Nest):
        return form.kind is tuple and all(map(_is_fixed, form.parts))
    return form is LEAF or _takes_in_none(form.value)


def _takes_in_none(value: Any) -> bool:
    """Tell whether no leaf can be put into a value that has none."""
    if type(value) is tuple:
        return all(map(_takes_in_none, value))
    return type(value) in _PLAIN or _is_one_leaf(value, ad.tree.leaves(value))


def collect(form: Nest, value: Any, children: list[Any]) -> None:
    """Append the children of a value where its form has them, whatever they are."""
    keys = range(len(value)) if form.keys is None else form.keys
    for key, part in zip(keys, form.parts, strict=True):
        if part is LEAF:
            children.append(value[key])
        elif type(part) is Nest:
            collect(part, value[key], children)


def put_together(form: Nest | Static, children: Iterator[Any]) -> Any:
    """Return the value of a form with other children in their places."""
    if isinstance(form, Static):
        return form.value
    parts = [
        next(children) if part is LEAF else put_together(part, children)
        for part in form.parts
    ]
    if form.keys is not None:
        return dict(zip(form.keys, parts, strict=True))
    return parts if form.kind is list else tuple(parts)
