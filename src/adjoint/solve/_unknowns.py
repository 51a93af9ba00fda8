"""The unknowns of a problem: the user's tree, and the vector that SciPy changes."""

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

import adjoint as ad
from adjoint.solve._plain import refuse_traced

Vector: TypeAlias = npt.NDArray[np.float64]


class Unknowns:
    """A tree of numbers and arrays as one float64 vector, and back.

    A list or tuple of numbers counts as an array, as everywhere in SciPy; all else is
    a tree.  Integers become floats.  The solvers compute in float64.

    Parameters
    ----------
    who : str
        The solver, for messages.
    start : tree
        Numbers and arrays to start from.

    Raises
    ------
    InputError
        If a leaf is no real number or array.
    ValueError
        If there is nothing to solve for, or a number is not finite.
    """

    def __init__(self, who: str, start: Any) -> None:
        self.who = who
        leaves, self.form = ad.tree.flatten(array_of_numbers(start))
        floats = [self._real(leaf, place) for place, leaf in enumerate(leaves)]
        self.shapes = [np.shape(leaf) for leaf in floats]
        self.sizes = [int(np.size(leaf)) for leaf in floats]
        self.size = sum(self.sizes)
        if self.size == 0:
            msg = f"{who}: x0 holds no numbers, so there is nothing to solve for."
            raise ValueError(msg)
        self.start: Vector = np.concatenate([np.ravel(leaf) for leaf in floats])
        self._bare = [not isinstance(leaf, np.ndarray) for leaf in floats]
        if not np.all(np.isfinite(self.start)):
            bad = self.names[int(np.argmin(np.isfinite(self.start)))]
            msg = f"{who}: x0 is not finite at {bad}; start from finite numbers."
            raise ValueError(msg)

    def tree(self, vector: Any) -> Any:
        """Return the tree of a vector, as arrays of their own."""
        parts = np.split(np.array(vector, dtype=np.float64), np.cumsum(self.sizes)[:-1])
        leaves = [
            part[0] if bare else part.reshape(shape)
            for part, shape, bare in zip(parts, self.shapes, self._bare, strict=True)
        ]
        return ad.tree.unflatten(self.form, leaves)

    def vector(self, tree: Any, what: str) -> Vector:
        """Return a tree like the unknowns as a vector; ``what`` it is, in messages."""
        refuse_traced(self.who, **{what: tree})
        leaves, form = ad.tree.flatten(tree)
        shapes = [np.shape(leaf) for leaf in leaves]
        if form == self.form and shapes == self.shapes:
            return np.concatenate([np.ravel(leaf) for leaf in leaves]).astype(float)
        if len(leaves) == 1 and shapes == [(self.size,)]:
            return np.asarray(leaves[0], dtype=float)
        msg = (
            f"{self.who}: {what} has the structure {ad.tree.describe(form)} and the "
            f"shapes {shapes}; x0 has the structure {ad.tree.describe(self.form)} and "
            f"the shapes {self.shapes}. Build it like x0."
        )
        raise ad.errors.TreeError(msg)

    def matrix(self, blocks: Any) -> Vector:
        """Return a Jacobian or Hessian, whose leaves are blocks, as one matrix.

        Parameters
        ----------
        blocks : tree
            As of `adjoint.jacobian` or `adjoint.hessian`: in each leaf of the output a
            tree like the unknowns.
        """
        refuse_traced(self.who, **{"a matrix of derivatives": blocks})
        leaves = ad.tree.leaves(blocks)
        count = len(self.sizes)
        rows = [
            np.concatenate(
                [
                    np.reshape(leaf, (-1, size))
                    for leaf, size in zip(
                        leaves[at : at + count], self.sizes, strict=True
                    )
                ],
                axis=1,
            )
            for at in range(0, len(leaves), count)
        ]
        return np.concatenate(rows, axis=0) if rows else np.zeros((0, self.size))

    @property
    def names(self) -> list[str]:
        """The names of all numbers in order: ``x['a']``, ``x['w'][0, 1]``."""
        accessors = self.form.accessors()
        found = []
        for accessor, shape in zip(accessors, self.shapes, strict=True):
            path = f"x{accessor.codify('')}"
            for index in np.ndindex(shape):
                at = ", ".join(str(i) for i in index)
                found.append(f"{path}[{at}]" if shape else path)
        return found

    def _real(self, leaf: Any, place: int) -> Any:
        """Return a leaf in float64."""
        kind = getattr(
            leaf, "dtype", np.dtype(type(leaf)) if _is_number(leaf) else None
        )
        if kind is None or kind.kind not in "iuf":
            what = type(leaf).__name__ if kind is None else f"{kind}"
            msg = (
                f"{self.who}: x0{self.form.accessors()[place].codify('')} is {what}; "
                "the unknowns are real numbers and arrays. Split complex unknowns "
                "into two real ones."
            )
            raise ad.errors.InputError(msg)
        if np.shape(leaf) == () and not issubclass(type(leaf), np.ndarray):
            return np.float64(leaf)
        return np.array(leaf, dtype=np.float64)


def array_of_numbers(tree: Any) -> Any:
    """Return a list or tuple of numbers as the array it is in SciPy, else the tree."""
    if type(tree) in (list, tuple) and tree and all(_is_number(one) for one in tree):
        return np.array(tree)
    return tree


def _is_number(value: Any) -> bool:
    """Tell whether a value is one number of Python or NumPy."""
    return issubclass(type(value), bool | int | float | complex | np.number | np.bool_)


def as_tuple(args: Any) -> tuple[Any, ...]:
    """Return further arguments as a tuple: one that is none stands for itself."""
    return args if isinstance(args, tuple) else (args,)
