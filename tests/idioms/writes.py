"""In-place writes: into plain buffers, into traced arrays, and into running sums."""

import numpy as np

from adjoint.errors import MutationError

from .catalogue import loud, right

NUMBER = 0.8
VECTOR = np.array([0.7, 1.9, -1.3])
MATRIX = np.array([[0.5, -1.2, 2.0], [1.1, 0.3, -0.7]])


@right(VECTOR)
def filled_in_a_loop(x):
    """The loop that fills an array."""
    z = np.zeros(3)
    for i in range(3):
        z[i] = x[i] ** 2
    return np.sum(z)


@right(NUMBER)
def number_stored(x):
    """A traced Python float stored in a plain array."""
    z = np.zeros(2)
    z[0] = x
    return np.sum(z**2)


@right(VECTOR)
def whole_array_stored(x):
    """z[:] = x with a plain z."""
    z = np.empty(3)
    z[:] = x
    return np.sum(z**2)


@right(VECTOR)
def row_stored(x):
    """One row of a plain matrix."""
    z = np.zeros((2, 3))
    z[1] = x
    return np.sum(z**2)


@right(VECTOR)
def stored_through_a_mask(x):
    """z[mask] = traced values."""
    z = np.zeros(3)
    z[np.array([True, True, False])] = x[:2]
    return np.sum(z**2)


@right(VECTOR)
def stored_in_a_list_slice(x):
    """z[0:2] = [a, b] with traced entries."""
    z = np.zeros(3)
    z[0:2] = [x[0], x[1] ** 2]
    return np.sum(z**2)


@right(VECTOR)
def stored_through_flat(x):
    """z.flat[0] = traced."""
    z = np.zeros((2, 2))
    z.flat[1] = x[0]
    return np.sum(z**2)


@right(VECTOR)
def added_into_a_plain_array(x):
    """z += x with a plain z."""
    z = np.zeros(3)
    z += x
    return np.sum(z**2)


@right(VECTOR)
def scaled_plain_array(x):
    """z *= x with a plain z that others hold."""
    z = np.ones(3)
    alias = z
    z *= x
    return np.sum(alias**2)


@right(VECTOR)
def added_into_a_slice(x):
    """z[1:] += x is a write through a view."""
    z = np.zeros(3)
    z[1:] += x[1:]
    return np.sum(z**2)


@right(VECTOR)
def added_into_an_element(x):
    """z[0] += x[0] reads, adds and stores."""
    z = np.zeros(3)
    z[0] += x[0]
    return np.sum(z**2)


@right(VECTOR)
def added_into_a_plain_0d_array(x):
    """A 0-d array as a running sum is written in place."""
    total = np.zeros(())
    for v in x:
        total += v**2
    return total * 1.0


@right(VECTOR)
def buffer_like_the_argument(x):
    """np.zeros_like(x), then stores."""
    z = np.zeros_like(x)
    for i in range(3):
        z[i] = x[i] ** 2
    return np.sum(z)


@right(VECTOR)
def empty_buffer_like_the_argument(x):
    """np.empty_like(x), then a store."""
    z = np.empty_like(x)
    z[:] = x
    return np.sum(z**2)


@right(VECTOR)
def stored_into_the_argument(x):
    """x[0] = 1.0 on a traced array."""
    x[0] = 1.0
    return np.sum(x**2)


@right(VECTOR)
def stored_into_a_result(x):
    """Boundary values set on a traced result."""
    y = np.sin(x)
    y[0] = y[-1] = 0.0
    return np.sum(y * x)


@right(VECTOR)
def added_to_the_argument(x):
    """x += 1 changes the caller's array in NumPy."""
    x += 1.0
    return np.sum(x**2)


@right(VECTOR)
def scaled_result(x):
    """y *= 2 on a traced result."""
    y = x + 1.0
    y *= 2.0
    return np.sum(y**2)


@right(VECTOR)
def added_to_an_alias(x):
    """Two names for one array: a write by one is seen by the other."""
    y = x + 1.0
    alias = y
    y += x
    return np.sum(alias**2)


@right(MATRIX)
def added_to_a_view(x):
    """A write to a row is a write to the matrix."""
    y = x * 1.0
    row = y[0]
    row += 1.0
    return np.sum(y**2)


@right(NUMBER)
def number_rebound(x):
    """x += 1 on a number makes a new number."""
    start = x
    x += 1.0
    x *= 2.0
    x -= 0.5
    x /= 3.0
    x **= 2
    return x * start


@right(VECTOR)
def running_sum_from_zero(x):
    """total += v from a Python zero."""
    total = 0.0
    for v in x:
        total += v**2
    return total


@right(VECTOR)
def running_sum_from_an_element(x):
    """total += v from a traced element."""
    total = x[0]
    for v in x[1:]:
        total += v**2
        total *= 1.5
    return total + x[0]


@right(VECTOR)
def running_sum_from_a_numpy_scalar(x):
    """total += v from a NumPy scalar."""
    total = np.float64(0.0)
    for v in x:
        total += v**2
        total -= 0.1 * v
    return total


@right(VECTOR)
def running_sum_in_a_dictionary(x):
    """sums[key] += v in a dictionary of floats."""
    sums = {"even": 0.0, "odd": 0.0}
    for k, v in enumerate(x):
        sums["odd" if k % 2 else "even"] += v**2
    return sums["even"] * sums["odd"]


@right(VECTOR)
def stored_in_a_list(x):
    """A list takes traced values as they are."""
    z = [0.0] * 3
    for i in range(3):
        z[i] = x[i] ** 2
    return sum(z)


@right(VECTOR)
def copied_into_a_plain_array(x):
    """np.copyto(z, x) with a plain z."""
    z = np.zeros(3)
    np.copyto(z, x)
    return np.sum(z**2)


@right(VECTOR)
def put_into_a_plain_array(x):
    """np.put(z, positions, x) with a plain z."""
    z = np.zeros(3)
    np.put(z, [0, 1, 2], x)
    return np.sum(z**2)


@right(VECTOR)
def plain_array_filled(x):
    """z.fill(x[0]) with a plain z."""
    z = np.zeros(3)
    z.fill(x[0])
    return np.sum(z**2)


@right(VECTOR)
def diagonal_filled(x):
    """np.fill_diagonal(A, x) with a plain A."""
    a = np.zeros((3, 3))
    np.fill_diagonal(a, x)
    return np.sum(a**2)


@right(VECTOR)
def recurrence_in_a_buffer(x):
    """A time stepper that stores its path."""
    path = np.zeros(4)
    path[0] = 1.0
    for k in range(3):
        path[k + 1] = path[k] + 0.1 * x[k] * path[k]
    return path[-1]


@loud(VECTOR, MutationError, "dtype int64", "np.zeros(n, dtype=float)")
def integer_buffer(x):
    """A plain integer array would truncate as well."""
    z = np.zeros(3, int)
    z[:] = x
    return float(np.sum(z)) * x[0]


@right(VECTOR)
def plain_buffer_of_plain_values(x):
    """A work buffer refilled with plain numbers between traced operations."""
    buffer = np.empty(3)
    total = 0.0
    for k in range(3):
        buffer[:] = k + np.arange(3.0)
        total = total + np.sum(np.sin(x * buffer))
    return total


@right(VECTOR)
def mask_refilled(x):
    """A boolean buffer refilled between uses as a condition."""
    mask = np.array([True, False, False])
    first = np.where(mask, x**2, 0.0)
    mask[:] = [False, True, True]
    return np.sum(first) + np.sum(np.where(mask, x**3, 0.0))


@right(MATRIX)
def axes_list_reordered(x):
    """A list of axes changed after it was used."""
    axes = [1, 0]
    y = np.transpose(x, axes) ** 2
    axes.reverse()
    return np.sum(y * np.arange(6.0).reshape(3, 2))


@right(np.arange(1.0, 7.0) / 4)
def split_points_changed(x):
    """A list of split points changed after it was used."""
    points = [1, 3]
    a, b, c = np.split(x, points)
    points[:] = [2, 5]
    return np.sum(a) * np.sum(b**2) * np.sum(c)


@right(MATRIX)
def shape_list_changed(x):
    """A shape kept in a list that is changed after it was used."""
    shape = [3, 2]
    y = np.reshape(x, shape)
    shape[:] = [6, 1]
    return np.sum(y * np.arange(6.0).reshape(3, 2) * y)


@right(VECTOR)
def put_along_an_axis(x):
    """A one-hot matrix written along an axis of a plain array."""
    z = np.zeros(3)
    np.put_along_axis(z, np.array([2, 0, 1]), x, 0)
    return np.sum(z * np.arange(3.0))
