"""Nested containers of numbers and arrays (trees), flattened and put together again.

optree does the work; a bare array or number, by far the most frequent argument, takes a
short way that does not even import it (0.07 s).
"""

import functools
import importlib
from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

from adjoint._core.arrays import PLAIN
from adjoint._core.handle import Handle

Tree: TypeAlias = Any
Structure: TypeAlias = Any
"""An optree ``PyTreeSpec``, or ``None`` for one bare leaf."""

NAMESPACE = "adjoint"


@functools.cache
def _optree() -> Any:
    return importlib.import_module("optree")


def flatten(tree: Tree) -> tuple[list[Any], Structure]:
    """Return the leaves of a tree in order, and its structure."""
    if type(tree) in PLAIN or isinstance(tree, Handle):
        return [tree], None
    leaves, structure = _optree().tree_flatten(tree, namespace=NAMESPACE)
    return leaves, structure


def unflatten(structure: Structure, leaves: Iterable[Any]) -> Tree:
    """Return the tree of a structure with the given leaves."""
    if structure is None:
        (leaf,) = leaves
        return leaf
    return _optree().tree_unflatten(structure, leaves)


def public_structure(structure: Structure) -> Structure:
    """Return a structure that compares with all others: optree's, for a leaf too."""
    return _optree().tree_structure(0) if structure is None else structure


def map_leaves(function: Callable[[Any], Any], tree: Tree) -> Tree:
    """Return a tree of the same structure with ``function`` applied to each leaf."""
    leaves, structure = flatten(tree)
    return unflatten(structure, [function(leaf) for leaf in leaves])


def same_structure(one: Structure, other: Structure) -> bool:
    """Tell whether two structures are equal; a bare leaf is a leaf."""
    if one is None or other is None:
        return is_leaf(one) and is_leaf(other)
    return bool(one == other)


def is_leaf(structure: Structure) -> bool:
    """Tell whether a structure is that of one leaf."""
    return structure is None or bool(structure.is_leaf())


def describe_structure(structure: Structure) -> str:
    """Return a structure in words for error messages."""
    return "one array or number" if is_leaf(structure) else _in_words(structure)


def _in_words(structure: Structure) -> str:
    """Return a structure as Python writes containers, ``*`` in place of each leaf.

    Of a class that was registered, what optree writes holds all its settings.
    """
    children = [_in_words(child) for child in structure.children()]
    if structure.kind is _optree().PyTreeKind.CUSTOM:
        named = zip(structure.entries(), children, strict=True)
        inner = ", ".join(f"{entry}={child}" for entry, child in named)
        return f"{structure.type.__name__}({inner})"
    parts = _as_optree_writes(structure.one_level() or structure).split("*")
    if not children or len(parts) != len(children) + 1:  # a name with a star in it
        return _as_optree_writes(structure)
    return "".join(map("".join, zip(parts, [*children, ""], strict=True)))


def _as_optree_writes(structure: Structure) -> str:
    text = str(structure).removeprefix("PyTreeSpec(").removesuffix(")")
    return text.partition(", namespace=")[0]


def describe_difference(one: Structure, other: Structure) -> str:
    """Return where two structures first differ, and what each has there, in words."""
    one, other = public_structure(one), public_structure(other)
    path: list[str] = []
    while one.type is other.type and one.entries() == other.entries():
        pairs = zip(one.entries(), one.children(), other.children(), strict=True)
        unlike = next((step for step in pairs if step[1] != step[2]), None)
        if unlike is None:
            settings = f"{one.type.__name__}s with different settings"
            return f"at {_place(path)} the two are {settings}"
        path.append(str(unlike[0]))
        one, other = unlike[1:]
    first, second = describe_structure(one), describe_structure(other)
    return f"at {_place(path)} the first has {first}, the second {second}"


def _place(path: list[str]) -> str:
    return f"`{'.'.join(path)}`" if path else "the top"


def leaf_path(tree: Tree, position: int) -> str:
    """Return how to reach one leaf of a tree: ``"['w'][0]"``; empty for a bare leaf."""
    paths = leaf_paths(tree)
    return paths[position] if paths else ""


def leaf_paths(tree: Tree) -> list[str]:
    """Return how to reach each leaf of a tree, see `leaf_path`."""
    if flatten(tree)[1] is None:
        return [""]
    accessors = _optree().tree_accessors(tree, namespace=NAMESPACE)
    return [str(one.codify("")) for one in accessors]


def leaf_names(tree: Tree) -> list[str]:
    """Return each leaf's dotted name: ``"layers.0.weight"``; empty for a bare leaf."""
    if flatten(tree)[1] is None:
        return [""]
    paths = _optree().tree_paths(tree, namespace=NAMESPACE)
    return [".".join(map(str, path)) for path in paths]


@functools.cache
def _attribute_entry() -> Any:
    """Return the class of a step to a child by its name, which may itself be dotted."""

    class AttributeEntry(_optree().PyTreeEntry):  # type: ignore[misc]
        __slots__ = ()

        def codify(self, node: str = "") -> str:
            return f"{node}.{self.entry}"

    return AttributeEntry


def register(
    cls: type,
    flatten_instance: Callable[[Any], tuple[Any, ...]],
    unflatten_instance: Callable[[Any, Iterable[Any]], Any],
    named: bool = False,
) -> type:
    """Make a class a container of trees; return it.

    ``named``: flattening also returns the names of the children, as of attributes.
    """
    optree = _optree()
    optree.register_pytree_node(
        cls,
        flatten_instance,
        unflatten_instance,
        path_entry_type=_attribute_entry() if named else optree.AutoEntry,
        namespace=NAMESPACE,
    )
    return cls
