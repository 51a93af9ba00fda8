"""Python's operators: a traced value left and right of arrays, numbers and scalars."""

from fractions import Fraction

import numpy as np

from adjoint.errors import AdjointError

from .catalogue import loud, right

NUMBER = 0.8
VECTOR = np.array([0.7, 1.9, -1.3])
MATRIX = np.array([[0.5, -1.2, 2.0], [1.1, 0.3, -0.7]])
WEIGHTS = np.array([[1.0, 2.0, -1.0], [0.5, -0.3, 0.8]])


class Tagged(np.ndarray):
    """An array with a unit."""

    unit = "m"


@right(NUMBER)
def polynomial_of_a_number(x):
    """Python floats on both sides of every arithmetic operator."""
    return 1.0 + 2.0 * x - x * 3.0 / (2.0 - x) + x**3 - 4.0 / x + (-x) * (+x)


@right(NUMBER)
def integers_beside_a_number(x):
    """Python integers are numbers like any other."""
    return (3 - x) * 2 + x**2 + 1 / (1 + x) + 2**x + x / 4


@right(VECTOR)
def numpy_scalars_on_the_left(x):
    """np.float64 asks the traced array before it multiplies."""
    return np.sum(np.float64(2.0) * x + np.float64(1.0) - np.int64(3) * x**2)


@right(VECTOR)
def numpy_scalars_on_the_right(x):
    """The same scalars after the traced array."""
    return np.sum(x * np.float64(2.0) - np.float64(1.0) + x / np.int64(3))


@right(NUMBER)
def numpy_scalar_against_a_number(x):
    """np.float64 on the left of a traced Python float."""
    return np.float64(2.0) * x / np.float64(3.0) + np.float64(2.0) ** x


@right(VECTOR)
def single_precision_constants(x):
    """A float32 scalar does not lower float64 data."""
    return np.sum(np.float32(0.1) * x * x - x * np.float32(2.0))


@right(VECTOR)
def plain_array_on_the_left(x):
    """ndarray.__mul__ and its siblings give way to the traced array."""
    a = np.array([1.0, 2.0, 3.0])
    return np.sum(a * x - a / x + (a - x) ** 2 + a**x)


@right(VECTOR)
def plain_array_on_the_right(x):
    """Traced first, plain second, with broadcasting to a matrix."""
    return np.sum((x * WEIGHTS + x - WEIGHTS) / (2.0 + WEIGHTS))


@right(VECTOR)
def integer_array_beside(x):
    """An integer array of constants promotes as NumPy promotes it."""
    return np.sum(np.arange(3) * x + x ** np.array([1, 2, 3]))


@right(VECTOR)
def list_on_the_right(x):
    """ndarray operators take a plain list for an array."""
    return np.sum(x * [1.0, 2.0, 3.0] + x**2)


@right(VECTOR)
def list_on_the_left(x):
    """The list stands first; it does not know how to multiply."""
    return np.sum([1.0, 2.0, 3.0] * x + x**2)


@right(VECTOR)
def tuple_on_the_left(x):
    """A tuple plus an array is an array, never a longer tuple."""
    row = (1.0, 2.0, 3.0)
    return np.sum((row + x) ** 2)


@right(MATRIX)
def matrix_at_plain_matrix(x):
    """x @ A with a plain A."""
    return np.sum((x @ WEIGHTS.T) ** 2)


@right(VECTOR)
def plain_matrix_at_vector(x):
    """A @ x with a plain A on the left."""
    return np.sum((WEIGHTS @ x) ** 2)


@right(VECTOR)
def vector_at_itself(x):
    """The inner product of a traced vector with itself."""
    return x @ x


@right(MATRIX)
def quadratic_form(x):
    """Both factors traced, with a transpose between."""
    return np.sum(x @ x.T @ WEIGHTS)


@right(NUMBER)
def remainder_and_floor_division(x):
    """Modulo and floor division away from their jumps."""
    return (7.1 * x) % 2.0 + x * (7.1 * x // 2.0) + 5.2 % x


@right(NUMBER)
def divmod_of_a_number(x):
    """divmod gives the quotient, a constant, and the remainder."""
    quotient, remainder = divmod(7.1 * x, 2.0)
    return quotient * x + remainder**2


@right(NUMBER)
def divmod_by_a_number(x):
    """divmod with the traced value as the divisor."""
    quotient, remainder = divmod(5.2, x)
    return quotient * x + remainder**2


@right(VECTOR)
def comparison_as_a_factor(x):
    """A boolean array counts as zeros and ones."""
    return np.sum((x > 0) * x**2 - 0.1 * x * (x <= 0))


@right(VECTOR)
def comparisons_combined(x):
    """Boolean arrays combine with &, | and ~ as plain ones do."""
    inside = (x > -1.0) & (x < 1.0)
    return np.sum(np.where(inside | ~(x < 1.5), x**2, 0.5 * x))


@right(NUMBER)
def boolean_times_number(x):
    """True and np.True_ are one, on either side."""
    return True * x**2 + x * np.True_ + (x > 0) * x


@right(np.array(0.8))
def array_without_axes(x):
    """A 0-d array argument keeps its form in the gradient."""
    return np.sin(x) * x


@right(np.array([0.7, 1.9, -1.3], np.float32), step=2e-2, rtol=1e-3)
def single_precision_argument(x):
    """float32 in, float32 out, with Python constants that do not promote."""
    return np.sum(x * 2.0 + 0.5 * x**2)


@right(VECTOR)
def reversed_scalar_power(x):
    """A Python number raised to a traced array."""
    return np.sum(1.7**x + np.e ** (-x))


@right(NUMBER)
def fraction_on_the_left(x):
    """Fraction(1, 3) * 0.8 is a float in Python."""
    return Fraction(1, 3) * x + (Fraction(5, 2) - x) ** 2


@right(NUMBER)
def fraction_on_the_right(x):
    """x / Fraction(2) is a float in Python too."""
    return x / Fraction(2) + x**2


@loud(VECTOR, AdjointError, "matrix")
def numpy_matrix_on_the_left(x):
    """For np.matrix, * is the matrix product; elementwise would be another number."""
    return np.sum(np.matrix(WEIGHTS).T * np.reshape(x[:2], (2, 1)))


@loud(np.array([[0.7, 0.2], [1.9, -1.3]]), AdjointError, "matrix")
def numpy_matrix_that_would_broadcast(x):
    """Square shapes, where an elementwise product would pass unnoticed."""
    return np.sum(np.matrix([[1.0, 2.0], [3.0, 4.0]]) * x)


@loud(np.array([[0.7, 0.2], [1.9, -1.3]]), AdjointError, "matrix")
def numpy_matrix_on_the_right(x):
    """The same product with the traced array first."""
    return np.sum(x * np.matrix([[1.0, 2.0], [3.0, 4.0]]))


@loud(VECTOR, AdjointError, "MaskedArray")
def masked_array_on_the_right(x):
    """A masked entry takes part neither in the sum nor in its derivative."""
    weights = np.ma.array([1.0, 2.0, 3.0], mask=[False, True, False])
    return (x * weights).sum()


@loud(VECTOR, AdjointError, "np.")
def masked_array_on_the_left(x):
    """The masked array would copy the values out."""
    weights = np.ma.array([1.0, 2.0, 3.0], mask=[False, True, False])
    return (weights * x).sum()


@loud(VECTOR, AdjointError, "MaskedArray")
def masked_array_in_a_ufunc(x):
    """The same through np.add, summed by np.sum."""
    shift = np.ma.array([1.0, 2.0, 3.0], mask=[False, True, False])
    return np.sum(np.add(x, shift) ** 2)


@right(VECTOR)
def own_subclass_of_ndarray(x):
    """A subclass that only adds attributes is an array like any other."""
    weights = np.array([1.0, 2.0, 3.0]).view(Tagged)
    return np.sum(x * weights + weights * np.sin(x))


@right(VECTOR, batching="exempt")
def object_array_beside(x):
    """An array of plain Python numbers of several kinds."""
    return np.sum(np.array([1.0, 2, Fraction(1, 2)], dtype=object) * x)


@right(NUMBER)
def imaginary_unit(x):
    """Complex constants leave the real line, and abs comes back to it."""
    return abs(np.exp(1j * x) + x)
