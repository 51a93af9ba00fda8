"""New arrays out of traced values: lists, buffers, and creators that want numbers."""

import array

import numpy as np

from adjoint.errors import (
    AdjointError,
    ConversionError,
    MissingRuleError,
    MutationError,
)

from .catalogue import loud, refused, right

NUMBER = 0.8
VECTOR = np.array([0.7, 1.9, -1.3])


@right(NUMBER)
def array_of_numbers(x):
    """np.array([x, 1.0]) of a list of traced numbers."""
    return np.sum(np.array([x, 1.0, x**2]) ** 2)


@right(VECTOR)
def array_of_elements(x):
    """A vector put together from elements."""
    return np.sum(np.array([x[0] * x[1], x[2]]) ** 2)


@right(VECTOR)
def array_of_rows(x):
    """A matrix put together from traced rows."""
    return np.sum(np.array([x, 2.0 * x]) ** 2)


@right(NUMBER)
def nested_list_with_a_traced_entry(x):
    """A rotation matrix written down entry by entry."""
    rotation = np.array([[np.cos(x), -np.sin(x)], [np.sin(x), np.cos(x)]])
    return np.sum(rotation @ np.array([1.0, 2.0]))


@right(NUMBER)
def array_of_a_comprehension(x):
    """A list comprehension collected into an array."""
    return np.sum(np.array([x**k for k in range(4)]))


@right(VECTOR)
def array_of_an_array(x):
    """np.array(x) copies out."""
    return np.sum(np.array(x) ** 2)


@right(VECTOR)
def asarray_at_the_door(x):
    """np.asarray(x) is how functions begin."""
    x = np.asarray(x, dtype=float)
    return np.sum(x**2)


@right(VECTOR)
def asanyarray_at_the_door(x):
    """np.asanyarray(x) likewise."""
    return np.sum(np.asanyarray(x) ** 2)


@right(VECTOR)
def contiguous_array(x):
    """np.ascontiguousarray(x) before a call into a library."""
    return np.sum(np.ascontiguousarray(x) ** 2)


@loud(NUMBER, MissingRuleError, "astype(object)", "real dtype")
def array_of_objects(x):
    """dtype=object would hide traced values where no protocol sees them."""
    return np.sum(np.array([x, 2.0], dtype=object))


@loud(VECTOR, MissingRuleError, "astype(object)", "real dtype")
def array_of_objects_from_an_array(x):
    """An object array of a whole traced array."""
    return np.sum(np.array(x, dtype=object))


@right(NUMBER)
def filled_with_a_number(x):
    """np.full(3, x) of a traced number."""
    return np.sum(np.full(3, x) * np.arange(3.0))


@right(NUMBER)
def filled_like_a_plain_array(x):
    """np.full_like of a plain array with a traced number."""
    return np.sum(np.full_like(np.zeros(3), x) * np.arange(3.0))


@right(VECTOR)
def sum_of_a_list(x):
    """np.sum([a, b]) makes an array of its list."""
    return np.sum([x[0], x[1] ** 2, 1.0])


@right(VECTOR)
def maximum_of_a_list(x):
    """np.max([a, b]) likewise."""
    return np.max([x[0], x[1] ** 2, 1.0])


@right(VECTOR)
def mean_of_a_list(x):
    """np.mean of a list of traced numbers."""
    return np.mean([v**2 for v in x])


@right(VECTOR)
def dot_of_a_list(x):
    """np.dot with a list of traced numbers."""
    return np.dot([x[0], x[2]], [2.0, 3.0])


@right(VECTOR)
def ufunc_of_a_list(x):
    """A ufunc of a list of traced numbers."""
    return np.sum(np.sin([x[0], x[2]]))


@right(VECTOR)
def list_times_plain_array(x):
    """A list of traced numbers beside a plain array."""
    return np.sum(np.array([1.0, 2.0]) * [x[0], x[2]])


@right(VECTOR)
def list_times_traced_array(x):
    """A list of traced numbers beside a traced array is seen, or refused."""
    return np.sum(x[:2] * np.stack([x[0], x[2]]))


@right(VECTOR)
def list_of_traced_numbers_times_traced_array(x):
    """The list has to become an array before the product."""
    return np.sum(x[:2] * [x[0], x[2]])


@right(VECTOR)
def row_helper(x):
    """np.r_ builds from pieces of any kind."""
    return np.sum(np.r_[0.0, x, x[0]] ** 2)


@right(VECTOR)
def column_helper(x):
    """np.c_ puts columns side by side."""
    return np.sum(np.c_[x, np.ones(3)] ** 2)


@right(VECTOR)
def block_matrix(x):
    """np.block of traced blocks."""
    return np.sum(np.block([[x[0], x[1]], [1.0, x[2]]]) ** 2)


@right(VECTOR)
def grid_of_points(x):
    """np.meshgrid of traced coordinates."""
    a, b = np.meshgrid(x, np.arange(2.0))
    return np.sum(a * b)


@right(VECTOR)
def array_from_an_iterator(x):
    """np.fromiter asks each element for its float."""
    return np.sum(np.fromiter((v**2 for v in x), float))


@loud(NUMBER, ConversionError, "float(x)")
def array_module(x):
    """array.array holds plain doubles."""
    return sum(array.array("d", [x, 2.0]))


@loud(VECTOR, AdjointError)
def numpy_matrix_of_x(x):
    """np.asmatrix takes the values."""
    return np.sum(np.asmatrix(x) * np.asmatrix(x).T)


@loud(VECTOR, ConversionError, "np.")
def masked_array_of_x(x):
    """np.ma.array takes the values."""
    return np.ma.sum(np.ma.masked_less(x, 0.0))


@loud(VECTOR, MutationError, "z = z.copy()")
def structured_record(x):
    """A structured array takes one element."""
    record = np.zeros(1, dtype=[("mass", float)])
    record["mass"][0] = x[0]
    return record["mass"][0] * 2.0


@refused(VECTOR, TypeError)
def memory_view(x):
    """memoryview wants a buffer and asks for nothing else."""
    return float(sum(memoryview(x)))


@refused(VECTOR, TypeError)
def array_from_a_buffer(x):
    """np.frombuffer likewise."""
    return np.sum(np.frombuffer(x))
