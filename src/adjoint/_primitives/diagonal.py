"""The diagonal of matrices, and its way back.

The diagonal of an m by n matrix, read row by row in memory, is every (n+1)-th element.
So putting one in place is a slice of zeros, and a reshape.
"""

import numpy as np

from adjoint._core.arrays import Shape, Value
from adjoint._core.elements import embed
from adjoint._core.record import Example, Layout
from adjoint._primitives._makers import structural


def places_of_diagonal(rows: int, columns: int, offset: int) -> slice:
    """Return the places of a diagonal among the elements, row by row."""
    start = offset if offset >= 0 else -offset * columns
    count = max(min(rows + min(offset, 0), columns - max(offset, 0)), 0)
    if not count:
        return slice(0, 0)
    return slice(start, start + (count - 1) * (columns + 1) + 1, columns + 1)


def _put_back(
    out_bar: Value, x_shape: Shape, offset: int, axis1: int, axis2: int
) -> Value:
    """Return zeros with a diagonal in its place."""
    rows, columns = x_shape[axis1], x_shape[axis2]
    others = tuple(n for k, n in enumerate(x_shape) if k not in {axis1, axis2})
    places = places_of_diagonal(rows, columns, offset)
    flat = embed(out_bar, (*others, rows * columns), (Ellipsis, places))
    square = np.reshape(flat, (*others, rows, columns))
    return np.moveaxis(square, (-2, -1), (axis1, axis2))


# A view that cannot be written into, as NumPy's: hence no `put`.
taking_diagonal = structural(
    np.diagonal,
    np.diagonal,
    _put_back,
    layout=Layout.REINDEXING,
    batch=lambda x, offset, axis1, axis2: np.diagonal(x, offset, axis1 + 1, axis2 + 1),
    examples=(
        Example(((3, 4),), (1, 0, 1)),
        Example(((3, 2, 4),), (-1, 2, 0)),
        Example(((2, 2),), (5, 0, 1)),
    ),
)
