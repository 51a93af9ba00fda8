"""The results of a function as one vector, and vectors as such results again."""

from typing import Any, TypeAlias

import numpy as np

from adjoint._core.arrays import dtype_of, shape_of
from adjoint._core.errors import OutputError
from adjoint._core.tree import Tree, flatten, same_structure, unflatten
from adjoint._numeric.arrangement import cut

Vector: TypeAlias = np.ndarray[Any, np.dtype[Any]]


class Form:
    """Structure, shapes and dtypes of a result, whose leaves become one vector.

    Attributes
    ----------
    shapes : list of tuple of int
    dtypes : list of dtype
        Those of derivatives: that of a floating leaf, else float64.
    """

    __slots__ = ("_structure", "dtypes", "shapes")

    def __init__(self, tree: Tree) -> None:
        leaves, self._structure = flatten(tree)
        self.shapes = [shape_of(leaf) for leaf in leaves]
        kept = [dtype_of(leaf) for leaf in leaves]
        self.dtypes = [d if d.kind in "fc" else np.dtype(float) for d in kept]

    def vector(self, tree: Tree) -> Vector:
        """Return the numbers of a tree of this form, copied.

        Raises
        ------
        OutputError
            If the tree has another structure, or a leaf another shape.
        """
        leaves, structure = flatten(tree)
        shapes = [shape_of(leaf) for leaf in leaves]
        if not same_structure(structure, self._structure) or shapes != self.shapes:
            msg = (
                "Difference quotients need results of one form at neighbouring points; "
                f"the function returned shapes {self.shapes} at one and {shapes} at "
                "another. Where its form depends on values there is no derivative."
            )
            raise OutputError(msg)
        if not leaves:
            return np.zeros(0)
        vector = np.concatenate([np.reshape(leaf, -1) for leaf in leaves])
        return vector if vector.dtype.kind in "fc" else vector.astype(float)

    def tree(self, vector: Vector) -> Tree:
        """Return a tree of this form with the numbers of a vector."""
        parts = zip(cut(vector, 0, self.shapes), self.shapes, self.dtypes, strict=True)
        return self.assemble(
            [in_dtype(part, dtype).reshape(shape)[()] for part, shape, dtype in parts]
        )

    def assemble(self, leaves: list[Any]) -> Tree:
        """Return the tree with the given leaves."""
        return unflatten(self._structure, leaves)


def in_dtype(vector: Vector, dtype: np.dtype[Any]) -> Vector:
    """Return numbers in the dtype of a leaf, from a vector that may hold complex ones.

    Estimated errors, which are real, stay real beside a complex leaf.
    """
    if dtype.kind == "c" and vector.dtype.kind != "c":
        return vector.copy()
    return (vector if dtype.kind == "c" else vector.real).astype(dtype)
