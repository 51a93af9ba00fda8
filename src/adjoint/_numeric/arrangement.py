"""Matrices of derivatives in the form of results and arguments: trees of blocks."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from adjoint._core.arrays import Shape, Value, shape_of
from adjoint._core.tree import Tree
from adjoint._transforms.arguments import Selection

Finish = Callable[[Any, Value], Any]
"""Of a block in its shape and the input leaf it belongs to: what to hand out."""


def by_inputs(
    values: Any, axis: int, shape: Shape, chosen: Selection, finish: Finish
) -> Tree:
    """Return numbers as a tree of inputs; along a further axis each leaf one again.

    Parameters
    ----------
    values : ndarray
        Its axes from ``axis`` on run over all numbers of the inputs.
    shape : tuple of int
        What the axes before that unfold into.
    """
    blocks = []
    leaves = chosen.leaves
    shapes = [shape_of(leaf) for leaf in leaves]
    for part, leaf, own in zip(cut(values, axis, shapes), leaves, shapes, strict=True):
        unfolded = (*shape, *own)
        if axis + 1 < values.ndim:
            blocks.append(by_inputs(part, axis + 1, unfolded, chosen, finish))
        else:
            blocks.append(finish(part.reshape(unfolded), leaf))
    return chosen.collect(blocks)


def by_outputs(
    values: Any, shapes: Sequence[Shape], chosen: Selection, finish: Sequence[Finish]
) -> list[Tree]:
    """Return, for each output leaf, its derivatives as a tree of inputs.

    Parameters
    ----------
    values : ndarray, shape (m, n) or (m, n, n)
    shapes : sequence of tuple of int
        Those of the output leaves, m numbers together.
    finish : sequence of callable
        One per output leaf.
    """
    rows = zip(cut(values, 0, shapes), shapes, finish, strict=True)
    return [by_inputs(row, 1, shape, chosen, last) for row, shape, last in rows]


def cut(values: Any, axis: int, shapes: Sequence[Shape]) -> list[Any]:
    """Return the parts of an axis that belong to leaves of some shapes."""
    sizes = [int(np.prod(shape)) for shape in shapes]
    return np.split(values, np.cumsum(sizes)[:-1], axis=axis) if sizes else []
