"""What transforms take in: the arguments of a call, and the leaves to differentiate."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from adjoint._core.arrays import (
    Value,
    describe,
    dtype_of,
)
from adjoint._core.errors import InputError
from adjoint._core.handle import Handle
from adjoint._core.tree import (
    Structure,
    Tree,
    flatten,
    leaf_path,
    unflatten,
)
from adjoint._modes.protect import NONE, without_views
from adjoint._transforms.running import function_name

Argnums = int | Sequence[int]


def check_function(fun: Any, asked: str) -> None:
    """Refuse what is no function: a value of one, most often.

    Raises
    ------
    InputError
    """
    if not callable(fun):
        msg = (
            f"{asked} takes a function; given was {describe(fun)}. Write "
            f"{asked}(f)(x), not {asked}(f(x))."
        )
        raise InputError(msg)


def as_tuple(argnums: Argnums, asked: str) -> tuple[Any, ...]:
    """Return ``argnums`` as a tuple.

    Raises
    ------
    InputError
        If it is no integer and no tuple of integers: most often an argument that was
        meant for the returned function.
    """
    if isinstance(argnums, (int, np.integer)) and not isinstance(argnums, bool):
        return (argnums,)
    if isinstance(argnums, (tuple, list)) and all(
        isinstance(one, (int, np.integer)) for one in argnums
    ):
        return tuple(argnums)
    msg = (
        f"{asked} takes argnums, the positions of arguments, as its second argument; "
        f"given was {describe(argnums)}. Write ad.{asked}(f)(x) for the value at x, "
        "argnums=1 for the second argument."
    )
    raise InputError(msg)


def positions(
    argnums: Argnums, args: tuple[Any, ...], asked: str, function: Callable[..., Any]
) -> tuple[int, ...]:
    """Return ``argnums`` as non-negative positions.

    Raises
    ------
    InputError
        If a position is no integer, is named twice, or there are fewer arguments.
    """
    many = as_tuple(argnums, asked)
    numbers = []
    for number in many:
        if not -len(args) <= number < len(args):
            msg = (
                f"{asked}({function_name(function)}) was asked for the derivative by "
                f"argument {number!r} (argnums={argnums!r}); the number of positional "
                f"arguments given is {len(args)}. Pass that argument by position, or "
                "change argnums."
            )
            raise InputError(msg)
        numbers.append(int(number) % len(args))
    if len(set(numbers)) < len(numbers):
        msg = f"{asked}: argnums={argnums!r} names an argument twice."
        raise InputError(msg)
    return tuple(numbers)


class Selection:
    """The arguments of one call, cut into those to differentiate and the rest.

    Attributes
    ----------
    leaves : list of values
        The numbers and arrays to differentiate, checked and promoted.
    sole : frozenset of int
        Those in containers that no view shows, see `without_views`.
    """

    __slots__ = (
        "_args",
        "_bare",
        "_counts",
        "_many",
        "_positions",
        "_structures",
        "leaves",
        "sole",
    )

    def __init__(
        self,
        asked: str,
        function: Callable[..., Any],
        args: tuple[Any, ...],
        argnums: Argnums,
    ) -> None:
        self.sole = NONE
        self._args = args
        first = argnums == 0 and type(argnums) is int and args
        self._bare = bool(first) and is_bare(args[0])
        if self._bare:
            self.leaves: list[Value] = [args[0]]
            return
        self._many = type(argnums) is not int and not isinstance(argnums, np.integer)
        self._positions = positions(argnums, args, asked, function)
        self.leaves = []
        self._structures: list[Structure] = []
        self._counts: list[int] = []
        for position in self._positions:
            if args[position] is None:  # no leaf, within a tree
                as_primal(None, asked, position, None, 0)
            leaves, structure = flatten(args[position])
            if structure is not None:
                self.sole |= without_views(leaves)
            for k, leaf in enumerate(leaves):
                self.leaves.append(
                    leaf
                    if is_bare(leaf)
                    else as_primal(leaf, asked, position, args[position], k)
                )
            self._structures.append(structure)
            self._counts.append(len(leaves))

    def parts(self) -> list[tuple[int, range]]:
        """Return the position of each chosen argument, and which leaves are its."""
        if self._bare:
            return [(0, range(1))]
        parts, start = [], 0
        for position, count in zip(self._positions, self._counts, strict=True):
            parts.append((position, range(start, start + count)))
            start += count
        return parts

    def insert(self, leaves: Sequence[Value]) -> tuple[Any, ...]:
        """Return the positional arguments with other leaves in the chosen places."""
        if self._bare:
            return (leaves[0], *self._args[1:])
        args = list(self._args)
        for position, part in zip(self._positions, self._trees(leaves), strict=True):
            args[position] = part
        return tuple(args)

    def collect(self, leaves: Sequence[Any]) -> Tree:
        """Return per-leaf results as trees: one, or a tuple for several argnums."""
        if self._bare:
            return leaves[0]
        trees = self._trees(leaves)
        return tuple(trees) if self._many else trees[0]

    def _trees(self, leaves: Sequence[Any]) -> Sequence[Tree]:
        trees = []
        start = 0
        for structure, count in zip(self._structures, self._counts, strict=True):
            part = leaves[start : start + count]
            trees.append(unflatten(structure, part))
            start += count
        return trees


def is_bare(arg: Any) -> bool:
    """Tell whether an argument is one float or real array, the common case."""
    kind = type(arg)
    return kind is float or (kind is np.ndarray and arg.dtype.kind == "f")


def as_primal(leaf: Any, asked: str, position: int, tree: Tree, k: int) -> Value:
    """Return a leaf that can be differentiated; integer *scalars* become float64.

    Raises
    ------
    InputError
        For integer and boolean arrays, and what is no number at all.
    """
    kind = getattr(getattr(leaf, "dtype", None), "kind", "")
    where = f"argument {position}"
    refuse_subclass(leaf, f"{asked} was asked to differentiate by {where}")
    if type(leaf) is float or type(leaf) is complex or kind in tuple("fc"):
        return leaf
    if type(leaf) is int:
        return float(leaf)
    if isinstance(leaf, np.integer):
        return np.float64(leaf)
    where += leaf_path(tree, k)
    if kind in tuple("iub") or type(leaf) is bool:
        cure = (
            "Derivatives need real numbers: pass x.astype(float), or leave the "
            "argument out of argnums."
        )
    else:
        cure = (
            "Only numbers, arrays, and containers of these can be differentiated: "
            "leave the argument out of argnums."
        )
    msg = f"{asked} was asked to differentiate by {where}, {describe(leaf)}. {cure}"
    raise InputError(msg)


def check_complex(
    asked: str, leaves: Sequence[Value], holomorphic: bool, *, may_be_complex: bool
) -> None:
    """Raise unless inputs are complex where they must be, and real where they must be.

    Raises
    ------
    InputError
        For a real input with ``holomorphic=True``; for a complex one without it, where
        a transform cannot do with one derivative (``may_be_complex=False``).
    """
    for leaf in leaves:
        is_complex = dtype_of(leaf).kind == "c"
        if holomorphic and not is_complex:
            msg = (
                f"{asked} with holomorphic=True takes complex inputs; given was "
                f"{describe(leaf)}. Pass x.astype(complex), or leave holomorphic out."
            )
            raise InputError(msg)
        if is_complex and not (holomorphic or may_be_complex):
            msg = (
                f"{asked} was given the complex input {describe(leaf)}. Where f is "
                "holomorphic, say holomorphic=True; else differentiate by real and "
                "imaginary parts, which are two independent inputs."
            )
            raise InputError(msg)


def refuse_subclass(leaf: Any, what: str) -> None:
    """Raise for matrices and masked arrays.

    Raises
    ------
    InputError
        Their arithmetic is not that of arrays, and has no derivative rules.
    """
    if isinstance(leaf, Handle) or not isinstance(leaf, np.ndarray):
        return
    if isinstance(leaf, (np.matrix, np.ma.MaskedArray)):
        msg = (
            f"{what}, a {type(leaf).__name__}, whose arithmetic has no derivative "
            "rules. Pass np.asarray of it, and use np.where for masks."
        )
        raise InputError(msg)
