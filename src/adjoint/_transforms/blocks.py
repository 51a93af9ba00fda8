"""Blocks of a Jacobian: unit vectors that go in, and the trees of arrays that come out.

The block of an output and an input has the shape of the one, then that of the other.
"""

import math
from collections.abc import Sequence

import numpy as np

from adjoint._core.arrays import Value, dtype_of, shape_of
from adjoint._core.tree import Structure, Tree, unflatten
from adjoint._transforms.arguments import Selection
from adjoint._transforms.vectorize import move_axis


def count(leaves: Sequence[Value]) -> int:
    """Return the number of elements of a list of arrays."""
    return sum([math.prod(shape_of(leaf)) for leaf in leaves])


def one_hot(leaves: Sequence[Value]) -> list[Value]:
    """Return the unit vectors of a list of arrays, as a batch of such lists.

    Entry k has shape ``(n, *leaves[k].shape)``, n the number of elements in all.
    """
    total = count(leaves)
    basis = []
    for leaf, places in zip(leaves, _slices(leaves), strict=True):
        dtype = dtype_of(leaf)
        size = places.stop - places.start
        block = np.zeros((total, size), dtype if dtype.kind in "fc" else float)
        block[places] = np.eye(size)
        basis.append(block.reshape(total, *shape_of(leaf)))
    return basis


def split_columns(dots: Value, out: Value, ins: Sequence[Value]) -> list[Value]:
    """Return the columns of an output, which lie in front, as one block per input."""
    columns = move_axis(dots, 0, -1)
    return [
        _as_result(np.reshape(columns[..., places], _shape_of_block(out, x)), out)
        for x, places in zip(ins, _slices(ins), strict=True)
    ]


def split_rows(
    rows: Sequence[Value], outs: Sequence[Value], ins: Sequence[Value]
) -> list[list[Value]]:
    """Return the rows by each input, which lie in front, as blocks: a list per output.

    They are in the dtype of their input, which is that of the cotangents.
    """
    return [
        [
            np.reshape(row[places], _shape_of_block(out, x))[()]
            for row, x in zip(rows, ins, strict=True)
        ]
        for out, places in zip(outs, _slices(outs), strict=True)
    ]


def as_tree(
    blocks: Sequence[Sequence[Value]], chosen: Selection, structure: Structure
) -> Tree:
    """Return blocks, a list per output leaf, as a tree of trees, each in own memory."""
    seen: set[int] = set()

    def own(block: Value) -> Value:
        if type(block) is not np.ndarray:
            return block
        if block.base is not None or id(block) in seen:
            return block.copy()
        seen.add(id(block))
        return block

    return unflatten(
        structure, [chosen.collect([own(block) for block in row]) for row in blocks]
    )


def _slices(leaves: Sequence[Value]) -> list[slice]:
    """Return where the elements of each array stand among those of all."""
    slices, start = [], 0
    for leaf in leaves:
        stop = start + math.prod(shape_of(leaf))
        slices.append(slice(start, stop))
        start = stop
    return slices


def _shape_of_block(out: Value, x: Value) -> tuple[int, ...]:
    return (*shape_of(out), *shape_of(x))


def _as_result(block: Value, out: Value) -> Value:
    """Return a block in the dtype of its output; a scalar for shape ()."""
    dtype = dtype_of(out)
    if dtype.kind in "fc" and block.dtype != dtype:
        block = block.astype(dtype)
    return block[()] if block.shape == () else block
