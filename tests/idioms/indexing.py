"""Reading elements: slices, new axes, plain and traced positions, masks."""

import bisect

import numpy as np

from adjoint.errors import ConversionError

from .catalogue import loud, right

NUMBER = 2.3
VECTOR = np.array([0.7, 1.9, -1.3, 0.4])
MATRIX = np.array([[0.5, -1.2, 2.0], [1.1, 0.3, -0.7]])


@right(VECTOR)
def single_positions(x):
    """Positions from the front, the back, and by NumPy integers."""
    return x[0] * x[-1] + x[np.int64(1)] ** 2 * x[2]


@right(VECTOR)
def slices(x):
    """A finite-difference stencil by slices."""
    return np.sum((x[2:] - 2.0 * x[1:-1] + x[:-2]) ** 2) + np.sum(x[::2] * x[1::2])


@right(VECTOR)
def negative_strides(x):
    """x[::-1] and its relatives."""
    return np.sum(x[::-1] * np.arange(4.0)) + np.sum(x[-1:0:-2] ** 2)


@right(MATRIX)
def several_axes(x):
    """Rows, columns, sub-blocks and an ellipsis."""
    return np.sum(x[0] * x[:, 1:][1, 0]) + x[1, 2] * np.sum(x[..., 0] ** 2)


@right(VECTOR)
def new_axes(x):
    """Pairwise differences by x[:, None] - x[None, :]."""
    return np.sum((x[:, None] - x[None, :]) ** 2) + np.sum(x[..., np.newaxis] ** 3)


@right(VECTOR)
def empty_slice(x):
    """A slice without elements sums to nothing."""
    return np.sum(x[4:]) + np.sum(x**2)


@right(VECTOR)
def slice_object(x):
    """slice(...) built beforehand, with NumPy integers."""
    window = slice(np.int64(1), np.int64(3))
    return np.sum(x[window] ** 2)


@right(VECTOR, batching="looped")
def position_of_the_largest(x):
    """np.argmax gives a plain position into traced and plain arrays."""
    k = np.argmax(x)
    return x[k] ** 2 * np.arange(4.0)[k] * [1.0, 2.0, 3.0, 4.0][k]


@right(NUMBER, batching="looped")
def position_by_floor(x):
    """int(np.floor(x)) is a step function, as plain as its result."""
    k = int(np.floor(x))
    return x**2 * np.arange(10.0)[k] * [1.0, 2.0, 3.0, 4.0][k]


@right(VECTOR, batching="looped")
def table_looked_up_by_comparisons(x):
    """A boolean is a position too."""
    slopes = [0.1, 1.0]
    return sum(slopes[bool(v > 0)] * v for v in x)


@right(NUMBER, batching="looped")
def position_by_truncation(x):
    """int(x) of a floating value is a position."""
    k = int(x)
    return np.arange(10.0)[k] * x**2


@loud(NUMBER, ConversionError, "index")
def position_not_truncated(x):
    """A floating value is no position; plain arrays and lists refuse it too."""
    try:
        return [1.0, 2.0, 3.0][x]
    except TypeError:
        return x


@loud(VECTOR, ConversionError, "index")
def slice_with_a_traced_bound(x):
    """A slice bound is a position."""
    try:
        return sum([1.0, 2.0, 3.0][: x[0]])
    except TypeError:
        return x[0]


@right(NUMBER, batching="looped")
def repeated_a_traced_number_of_times(x):
    """range() of a floored value."""
    total = 0.0
    for k in range(int(np.floor(x)) + 1):
        total = total + x**k
    return total


@right(NUMBER, batching="looped")
def interval_by_bisection(x):
    """bisect compares, and gives a plain position."""
    knots = [0.0, 1.0, 2.0, 3.0]
    k = bisect.bisect(knots, x) - 1
    return (x - knots[k]) ** 2 * (k + 1)


@right(VECTOR, batching="looped")
def plain_array_by_a_traced_mask(x):
    """A comparison indexes a plain array."""
    weights = np.array([1.0, 2.0, 3.0, 4.0])
    return np.sum(weights[x > 0]) * np.sum(x**2)


@right(VECTOR, batching="looped")
def traced_array_by_a_mask(x):
    """x[x > 0] of each sample has a length of its own."""
    return np.sum(x[x > 0] ** 2)


@right(VECTOR)
def traced_array_by_a_plain_mask(x):
    """A mask that does not depend on x."""
    return np.sum(x[np.array([True, False, True, True])] ** 2)


@right(VECTOR)
def traced_array_by_its_own_order(x):
    """An index array that follows from x."""
    return np.sum(x[np.argsort(x)] * np.arange(4.0)) + x[np.argmin(x)] ** 2


@right(VECTOR)
def traced_array_by_a_list(x):
    """What is read twice counts twice."""
    return np.sum(x[[0, 2, 2]] ** 2)


@right(VECTOR)
def traced_array_by_an_index_array(x):
    """A permutation, or a part of one."""
    return np.sum(x[np.array([3, 0, 1])] * np.arange(3.0))


@right(MATRIX)
def traced_array_by_index_pairs(x):
    """x[rows, columns] picks single elements."""
    return np.sum(x[[0, 1], [2, 0]] ** 2)


@right(VECTOR)
def taken_elements(x):
    """np.take of an index list."""
    return np.sum(np.take(x, [0, 2]) ** 2)


@right(VECTOR)
def searched_positions(x):
    """np.searchsorted gives positions: constants."""
    return np.sum(np.searchsorted([-1.0, 0.0, 1.0], x) * x)


@right(VECTOR)
def unpacked(x):
    """Tuple unpacking iterates."""
    a, b, *rest = x
    return a * b + rest[0] * rest[1] ** 2


@right(MATRIX)
def rows_iterated(x):
    """Iterating a matrix gives its rows."""
    total = 0.0
    for k, row in enumerate(x):
        total = total + (k + 1) * np.sum(row**2)
    return total
