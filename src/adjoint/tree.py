"""Trees: nested tuples, lists and dictionaries of numbers and arrays.

Every transform takes and returns them.  These functions are the same that the
transforms use; the flattening is optree's.  ``None`` is an empty tree; dictionaries are
ordered by key.

>>> import adjoint as ad
>>> params = {"w": [1.0, 2.0], "b": 3.0}
>>> ad.tree.leaves(params)
[3.0, 1.0, 2.0]
>>> ad.tree.map(lambda leaf: 2 * leaf, params)
{'w': [2.0, 4.0], 'b': 6.0}
"""

import dataclasses
import functools
import inspect
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

import numpy as np

from adjoint._core import tree as _tree
from adjoint._core.errors import ShapeError, TreeError
from adjoint._core.tree import Structure, Tree

__all__ = [
    "describe",
    "flatten",
    "leaves",
    "map",
    "names",
    "ravel",
    "reduce",
    "register",
    "register_dataclass",
    "structure",
    "unflatten",
]

C = TypeVar("C", bound=type)
_EMPTY = np.zeros(0)


def flatten(tree: Tree) -> tuple[list[Any], Structure]:
    """Return the leaves of a tree, and its structure.

    Parameters
    ----------
    tree : tree

    Returns
    -------
    leaves : list
    structure
        To be handed to `unflatten`.

    Examples
    --------
    >>> import adjoint as ad
    >>> leaves, structure = ad.tree.flatten((1.0, [2.0]))
    >>> ad.tree.unflatten(structure, leaves)
    (1.0, [2.0])
    """
    leaves, structure = _tree.flatten(tree)
    return leaves, _tree.public_structure(structure)


def unflatten(structure: Structure, leaves: Iterable[Any]) -> Tree:
    """Return the tree of a structure with the given leaves.

    Parameters
    ----------
    structure
        From `flatten` or `structure`.
    leaves : iterable

    Examples
    --------
    >>> import adjoint as ad
    >>> ad.tree.unflatten(ad.tree.structure([0, 0]), [1.0, 2.0])
    [1.0, 2.0]
    """
    return _tree.unflatten(structure, leaves)


def leaves(tree: Tree) -> list[Any]:
    """Return the leaves of a tree in order.

    Examples
    --------
    >>> import adjoint as ad
    >>> ad.tree.leaves({"b": 1.0, "a": (2.0, None)})
    [2.0, 1.0]
    """
    return _tree.flatten(tree)[0]


def names(tree: Tree) -> list[str]:
    """Return the names of the leaves of a tree in order: how to reach them, dotted.

    A bare leaf has the empty name.

    Examples
    --------
    >>> import adjoint as ad
    >>> ad.tree.names({"layers": [{"weight": 1.0, "bias": 0.0}], "scale": 2.0})
    ['layers.0.bias', 'layers.0.weight', 'scale']
    """
    return _tree.leaf_names(tree)


def structure(tree: Tree) -> Structure:
    """Return the structure of a tree, to compare or to hand to `unflatten`.

    Examples
    --------
    >>> import adjoint as ad
    >>> ad.tree.structure([1.0]) == ad.tree.structure([2.0])
    True
    """
    return _tree.public_structure(_tree.flatten(tree)[1])


def describe(structure: Structure) -> str:
    """Return a structure in words, as error messages show it.

    Parameters
    ----------
    structure
        From `flatten` or `structure`.

    Examples
    --------
    >>> import adjoint as ad
    >>> ad.tree.describe(ad.tree.structure({"w": [1.0, 2.0], "b": 3.0}))
    "{'b': *, 'w': [*, *]}"
    >>> ad.tree.describe(ad.tree.structure(3.0))
    'one array or number'
    """
    return _tree.describe_structure(structure)


def map(function: Callable[..., Any], tree: Tree, *rest: Tree) -> Tree:
    """Return a tree of ``function`` applied to the leaves of trees of one structure.

    Parameters
    ----------
    function : callable
        Takes one leaf of each tree.
    tree : tree
    *rest
        More trees of the same structure.

    Raises
    ------
    TreeError
        If the structures differ.

    Examples
    --------
    >>> import adjoint as ad
    >>> ad.tree.map(lambda x, g: x - 0.1 * g, (1.0, 2.0), (10.0, 0.0))
    (0.0, 2.0)
    """
    first, form = _tree.flatten(tree)
    columns = [first]
    for other in rest:
        column, other_form = _tree.flatten(other)
        if not _tree.same_structure(form, other_form):
            where = _tree.describe_difference(form, other_form)
            msg = f"tree.map: the structures differ: {where}; build them alike."
            raise TreeError(msg)
        columns.append(column)
    return _tree.unflatten(form, [function(*row) for row in zip(*columns, strict=True)])


def reduce(function: Callable[[Any, Any], Any], tree: Tree, initial: Any = None) -> Any:
    """Return the leaves of a tree combined two by two, from the left.

    Parameters
    ----------
    function : callable
    tree : tree
    initial : optional
        Where to start; with the first leaf by default.

    Examples
    --------
    >>> import adjoint as ad
    >>> ad.tree.reduce(lambda total, leaf: total + leaf, {"a": 1.0, "b": (2.0, 3.0)})
    6.0
    """
    found = _tree.flatten(tree)[0]
    if initial is None:
        return functools.reduce(function, found)
    return functools.reduce(function, found, initial)


def ravel(tree: Tree) -> tuple[Any, Callable[[Any], Tree]]:
    """Return the numbers of a tree as one vector, and the way back.

    Parameters
    ----------
    tree : tree
        Of numbers and arrays, traced ones too.

    Returns
    -------
    vector : ndarray, shape (n,)
        All leaves in order, each in C order, in the dtype they have together.
    unravel : callable
        ``unravel(vector) -> tree``: leaves of the shapes and floating dtypes of
        before; integers come back in the vector's dtype.

    Raises
    ------
    ShapeError
        By ``unravel``, if a vector has another length.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> vector, unravel = ad.tree.ravel({"b": 3.0, "w": np.eye(2)})
    >>> vector
    array([3., 1., 0., 0., 1.])
    >>> unravel(2 * vector)
    {'b': np.float64(6.0), 'w': array([[2., 0.], [0., 2.]])}
    """
    found, form = _tree.flatten(tree)
    shapes = [np.shape(leaf) for leaf in found]
    dtypes = [getattr(leaf, "dtype", None) for leaf in found]
    ends = np.cumsum([0, *(np.size(leaf) for leaf in found)]).tolist()
    vector = np.concatenate([np.ravel(leaf) for leaf in found]) if found else _EMPTY

    def unravel(vector: Any) -> Tree:
        if np.shape(vector) != (ends[-1],):
            msg = (
                f"tree.ravel: a vector of shape {np.shape(vector)} was given back for "
                f"a tree of {ends[-1]} numbers; give shape ({ends[-1]},)."
            )
            raise ShapeError(msg)
        leaves = []
        for place, (shape, dtype) in enumerate(zip(shapes, dtypes, strict=True)):
            leaf = vector[ends[place] : ends[place + 1]]
            if dtype is not None and dtype.kind in "fc" and dtype != leaf.dtype:
                leaf = leaf.astype(dtype)
            bare = shape == () and not isinstance(found[place], np.ndarray)
            leaves.append(leaf[0] if bare else leaf.reshape(shape))
        return _tree.unflatten(form, leaves)

    return vector, unravel


def register(
    cls: type,
    flatten: Callable[[Any], tuple[Any, ...]],
    unflatten: Callable[[Any, Iterable[Any]], Any],
    named: bool = False,
) -> type:
    """Make a class a container of trees.

    Parameters
    ----------
    cls : type
    flatten : callable
        ``flatten(instance) -> (children, metadata)``; metadata must be comparable.
        Children are what the instance itself holds: a large array that nobody else
        holds is taken as one without views, which need not be watched for writes.
    unflatten : callable
        ``unflatten(metadata, children) -> instance``.
    named : bool
        Whether ``flatten`` returns a third value, the names of the children: error
        messages, and `names`, call them by these.

    Returns
    -------
    type
        ``cls``.

    Examples
    --------
    >>> import adjoint as ad
    >>> class Line:
    ...     def __init__(self, slope, offset):
    ...         self.slope, self.offset = slope, offset
    >>> _ = ad.tree.register(
    ...     Line,
    ...     lambda line: ((line.slope, line.offset), None),
    ...     lambda _, parts: Line(*parts),
    ... )
    >>> ad.grad(lambda line: line.slope * 3.0 + line.offset)(Line(2.0, 1.0)).slope
    np.float64(3.0)
    """
    return _tree.register(cls, flatten, unflatten, named)


def register_dataclass(
    nodetype: C,
    data_fields: Sequence[str] | None = None,
    meta_fields: Sequence[str] | None = None,
) -> C:
    """Make a dataclass a container of trees: its fields are the children.

    Parameters
    ----------
    nodetype : type
        A dataclass, frozen or not.
    data_fields, meta_fields : sequence of str, optional
        The fields that are children, and those that are not: settings, compared by
        equality.  By default the latter are the fields with
        ``metadata={"static": True}``, and the former all others.

    Returns
    -------
    type
        ``nodetype``, so that this may stand as a decorator.

    Raises
    ------
    TreeError
        If it is no dataclass, or the two lists are not its fields, each once.

    Notes
    -----
    A container that is made anew does not run ``__init__`` nor ``__post_init__``: what
    those compute is not a field.

    Examples
    --------
    >>> from dataclasses import dataclass, field
    >>> import adjoint as ad
    >>> @ad.tree.register_dataclass
    ... @dataclass
    ... class Power:
    ...     scale: float
    ...     exponent: int = field(default=2, metadata={"static": True})
    ...
    ...     def __call__(self, x):
    ...         return self.scale * x**self.exponent
    >>> ad.grad(lambda power: power(3.0))(Power(5.0))
    Power(scale=np.float64(9.0), exponent=2)
    """
    if not (inspect.isclass(nodetype) and dataclasses.is_dataclass(nodetype)):
        msg = f"tree.register_dataclass({nodetype!r}): that is no dataclass."
        raise TreeError(msg)
    fields = {field.name: field for field in dataclasses.fields(nodetype)}
    if meta_fields is None:
        static = {name for name in fields if fields[name].metadata.get("static")}
        meta_fields = [
            name
            for name in fields
            if (name in static if data_fields is None else name not in data_fields)
        ]
    if data_fields is None:
        data_fields = [name for name in fields if name not in meta_fields]
    if sorted([*data_fields, *meta_fields]) != sorted(fields):
        msg = (
            f"tree.register_dataclass({nodetype.__name__}): data_fields "
            f"{[*data_fields]} and meta_fields {[*meta_fields]} should be its fields "
            f"{[*fields]}, each in one of the two."
        )
        raise TreeError(msg)
    data, meta = tuple(data_fields), tuple(meta_fields)

    def flatten(instance: Any) -> tuple[Any, ...]:
        children = [getattr(instance, name) for name in data]
        return children, tuple(getattr(instance, name) for name in meta), data

    def unflatten(settings: tuple[Any, ...], children: Iterable[Any]) -> Any:
        made = object.__new__(nodetype)
        for name, value in zip(data + meta, (*children, *settings), strict=True):
            object.__setattr__(made, name, value)
        return made

    register(nodetype, flatten, unflatten, named=True)
    return nodetype
