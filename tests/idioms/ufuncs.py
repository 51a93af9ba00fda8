"""NumPy's ufuncs: plain calls, their methods, their keywords."""

import numpy as np

from .catalogue import right

NUMBER = 0.8
VECTOR = np.array([0.7, 1.9, -1.3])
POSITIVE = np.array([0.7, 1.9, 1.3])
MATRIX = np.array([[0.5, -1.2, 2.0], [1.1, 0.3, -0.7]])


@right(NUMBER)
def ufuncs_of_a_number(x):
    """A Python float goes through NumPy's functions."""
    return np.sin(x) + np.exp(-x) * np.log(x) + np.sqrt(x) + np.tanh(x) ** 2


@right(POSITIVE)
def ufuncs_of_an_array(x):
    """The elementary functions, summed."""
    y = np.exp(np.sin(x)) + np.log1p(x) * np.arctan(x) - np.cosh(x) / np.expm1(x)
    return np.sum(y + np.sqrt(x) + np.square(x) + np.cbrt(x) + np.reciprocal(x))


@right(VECTOR)
def binary_ufuncs_with_plain_arrays(x):
    """np.add and its siblings, traced in either place."""
    a = np.array([1.0, 2.0, 3.0])
    y = np.add(x, a) + np.subtract(a, x) * np.multiply(a, x)
    return np.sum(np.divide(y, a) + np.hypot(x, a) + np.arctan2(a, x))


@right(VECTOR)
def ufunc_with_a_list(x):
    """A plain list as the other argument."""
    return np.sum(np.multiply(x, [1.0, 2.0, 3.0]) + np.maximum(x, [0.0, 5.0, 0.0]))


@right(VECTOR)
def absolute_value_and_sign(x):
    """abs, fabs and sign away from zero."""
    return np.sum(np.abs(x) * np.sign(x) + np.fabs(x) ** 3)


@right(VECTOR)
def rounding_functions(x):
    """Steps have zero slope; what they multiply keeps its own."""
    return np.sum(x * np.floor(x) + np.ceil(x) * x**2 + np.rint(x) + np.trunc(x) * x)


@right(VECTOR)
def maximum_and_minimum(x):
    """A kinked function away from its kinks."""
    return np.sum(np.maximum(x, 0.0) ** 2 + np.minimum(0.5, x) * x)


@right(VECTOR)
def tests_of_floating_point(x):
    """isnan, isfinite and signbit give plain booleans."""
    good = np.isfinite(x) & ~np.isnan(x) & ~np.isinf(x)
    return np.sum(np.where(good & ~np.signbit(x), x**2, x))


@right(MATRIX)
def add_reduce(x):
    """np.add.reduce is np.sum over the first axis."""
    return np.sum(np.add.reduce(x) ** 2)


@right(MATRIX)
def add_reduce_along_an_axis(x):
    """The same along a named axis."""
    return np.sum(np.add.reduce(x, axis=1) ** 2)


@right(VECTOR)
def multiply_reduce(x):
    """np.multiply.reduce is np.prod."""
    return np.multiply.reduce(x)


@right(VECTOR)
def maximum_reduce(x):
    """np.maximum.reduce is np.max."""
    return np.maximum.reduce(x) ** 2


@right(VECTOR)
def add_accumulate(x):
    """np.add.accumulate is np.cumsum."""
    return np.sum(np.add.accumulate(x) ** 2)


@right(VECTOR)
def multiply_outer(x):
    """np.multiply.outer is np.outer for vectors."""
    return np.sum(np.multiply.outer(x, x[:2]) ** 2)


@right(VECTOR)
def subtract_outer(x):
    """All pairwise differences by a ufunc method."""
    return np.sum(np.subtract.outer(x, x) ** 2)


@right(VECTOR)
def add_reduceat(x):
    """Sums of slices by a ufunc method."""
    return np.sum(np.add.reduceat(x, [0, 2]) ** 2)


@right(VECTOR)
def logaddexp_reduce(x):
    """A reduction by a ufunc that has no function of its own."""
    return np.logaddexp.reduce(x)


@right(VECTOR)
def add_at_into_a_plain_array(x):
    """np.add.at writes traced values into a plain histogram."""
    histogram = np.zeros(2)
    np.add.at(histogram, [0, 1, 1], x)
    return np.sum(histogram**2)


@right(VECTOR)
def out_into_a_plain_array(x):
    """out= a plain array would lose the derivative."""
    z = np.zeros(3)
    np.add(z, x, out=z)
    return np.sum(z**2)


@right(VECTOR)
def out_by_position(x):
    """The third argument of a binary ufunc is its out."""
    z = np.empty(3)
    np.multiply(x, 2.0, z)
    return np.sum(z**2)


@right(VECTOR)
def out_into_the_argument(x):
    """out= a traced array is an in-place write."""
    y = x * 2.0
    np.exp(y, out=y)
    return np.sum(y)


@right(VECTOR)
def out_of_a_reduction(x):
    """np.sum(..., out=) into a plain 0-d array."""
    total = np.zeros(())
    np.sum(x, out=total)
    return total * 1.0


@right(VECTOR)
def where_keyword_with_out(x):
    """A safe division, where= the denominator is not zero."""
    return np.sum(np.divide(1.0, x, out=np.zeros(3), where=x != 0.0))


@right(VECTOR, batching="looped")
def where_keyword_of_a_method(x):
    """A masked sum by a ufunc method."""
    return np.add.reduce(x**2, where=x > 0)


@right(VECTOR, step=2e-2, rtol=1e-3)
def dtype_keyword(x):
    """dtype= asks for a computation in another precision."""
    return np.sum(np.multiply(x, x, dtype=np.float32))


@right(VECTOR)
def out_none_is_no_out(x):
    """out=None is what NumPy takes for not given."""
    return np.sum(np.exp(x, out=None))


@right(POSITIVE)
def neighbour_in_floating_point(x):
    """The next number that there is moves with its argument."""
    return np.sum(np.nextafter(x, 2.0))


@right(VECTOR)
def ufunc_with_two_results(x):
    """Fractional and integral parts in one call."""
    fraction, whole = np.modf(x)
    return np.sum(fraction**2 + whole)


@right(VECTOR)
def ufunc_from_a_python_function(x):
    """np.frompyfunc makes a ufunc of Python objects."""

    def bump(v):
        return 1.0 / (1.0 + v * v)

    return np.sum(np.frompyfunc(bump, 1, 1)(x))


@right(VECTOR, batching="looped")
def vectorized_python_function(x):
    """np.vectorize turns its arguments into object arrays."""

    def relu(v):
        return v if v > 0 else 0.0

    return np.sum(np.vectorize(relu)(x))


@right(VECTOR)
def every_error_raised(x):
    """np.errstate(all="raise") around the whole function."""
    with np.errstate(all="raise"):
        return np.sum(np.exp(-(x**2)) / (1.0 + x**2) + np.sqrt(1.5 + x))


@right(np.array([0.0, 1.0, 4.0]))
def silenced_errors(x):
    """A division by zero that the user has silenced and then masked away."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = 1.0 / np.array([0.0, 1.0, 2.0])
    return np.sum(np.where(np.isfinite(ratio), ratio, 0.0) * x**2)
