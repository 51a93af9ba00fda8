"""NumPy's functions: shape, reduction, choice, and those that have no rule."""

import numpy as np

from adjoint.errors import ConversionError

from .catalogue import loud, right

NUMBER = 0.8
VECTOR = np.array([0.7, 1.9, -1.3])
MATRIX = np.array([[0.5, -1.2, 2.0], [1.1, 0.3, -0.7]])
WEIGHTS = np.array([[1.0, 2.0, -1.0], [0.5, -0.3, 0.8]])
SQUARE = np.array([[2.0, 0.3, 0.1], [-0.2, 1.5, 0.4], [0.6, -0.1, 1.8]])


@right(MATRIX)
def sums_along_axes(x):
    """Every form of axis and keepdims."""
    rows = np.sum(x, axis=1, keepdims=True)
    return np.sum(rows * x) + np.sum(np.sum(x, axis=(0, -1)) ** 2) + np.sum(x, 0)[1]


@right(MATRIX)
def standardized_columns(x):
    """Mean, standard deviation and variance, with ddof."""
    z = (x - np.mean(x, axis=0)) / np.std(x, axis=0, ddof=1)
    return np.sum(z * WEIGHTS) + np.sum(np.var(x, axis=1))


@right(MATRIX)
def product_and_extremes(x):
    """prod, max, min, amax along axes."""
    return np.prod(x) + np.max(x, axis=1) @ np.min(x, axis=1) + np.amax(x) ** 2


@right(VECTOR)
def running_sum(x):
    """np.cumsum as a random walk."""
    return np.sum(np.cumsum(x) ** 2)


@right(MATRIX)
def softmax(x):
    """A stable softmax by rows."""
    e = np.exp(x - np.max(x, axis=1, keepdims=True))
    return np.sum(WEIGHTS * e / np.sum(e, axis=1, keepdims=True))


@right(MATRIX)
def shapes_there_and_back(x):
    """reshape, transpose, swapaxes, expand_dims, squeeze, ravel."""
    y = np.reshape(np.transpose(x), (2, -1))
    z = np.squeeze(np.expand_dims(np.swapaxes(y, 0, 1), 1))
    return np.sum(np.ravel(z) * np.arange(6.0)) + np.sum(z**2)


@right(VECTOR)
def broadcast_to_a_matrix(x):
    """np.broadcast_to repeats without copying."""
    return np.sum(np.broadcast_to(x, (2, 3)) * WEIGHTS)


@right(VECTOR)
def stack_of_a_list(x):
    """np.stack sees the traced values inside its list."""
    return np.sum(np.stack([x, x**2, np.ones(3)]) * SQUARE)


@right(VECTOR)
def concatenate_with_constants(x):
    """Padding by hand with plain zeros."""
    padded = np.concatenate([np.zeros(1), x, [0.0]])
    return np.sum(padded[:-2] * padded[1:-1] + padded[2:] ** 2)


@right(VECTOR)
def stacked_horizontally_and_vertically(x):
    """hstack and vstack of traced and plain rows."""
    row = np.hstack([x, np.ones(3)])
    return np.sum(np.vstack([row, 2.0 * row]) ** 2)


@right(VECTOR)
def stack_of_numbers(x):
    """A vector of traced numbers, built the way that works."""
    return np.sum(np.stack([x[0] * x[1], np.sin(x[2]), 1.0]) ** 2)


@right(np.arange(1.0, 7.0) / 4)
def split_into_parts(x):
    """np.split hands out parts that stay traced."""
    a, b, c = np.split(x, 3)
    return np.sum(a * b - c**2) + np.sum(np.split(x, [2])[1])


@right(VECTOR)
def where_with_two_branches(x):
    """np.where chooses by a comparison of the traced value."""
    return np.sum(np.where(x > 0, x**2, np.exp(x)))


@right(np.array([0.0, 0.5, 2.0]) + 0.25)
def where_with_a_dead_branch(x):
    """The branch that is not taken contributes nothing."""
    return np.sum(np.where(x > 1.0, np.log(x), x**2))


@right(VECTOR)
def clipped(x):
    """np.clip with both, and with one bound."""
    return np.sum(np.clip(x, -1.0, 1.5) ** 2 + np.clip(x, 0.1, None) * x)


@right(VECTOR)
def dot_products(x):
    """np.dot, np.matmul, np.outer with plain arrays on either side."""
    y = np.dot(WEIGHTS, x)
    return np.sum(np.outer(y, x) * WEIGHTS) + np.matmul(x, SQUARE) @ x + np.dot(x, x)


@right(VECTOR)
def copies(x):
    """np.copy keeps the derivative."""
    return np.sum(np.copy(x) ** 2)


@right(VECTOR)
def shape_functions(x):
    """np.shape, np.size and np.ndim ask, and lose nothing."""
    return np.sum(x**2) / np.size(x) * np.shape(x)[0] ** np.ndim(x)


@right(VECTOR)
def at_least_one_axis(x):
    """np.atleast_1d and atleast_2d at the door of a function."""
    return np.sum(np.atleast_1d(x)[0] * np.atleast_2d(x)[0, 1:])


@right(NUMBER)
def number_made_an_array(x):
    """A scalar argument taken as an array of one."""
    return np.sum(np.atleast_1d(x) ** 2)


@right(VECTOR, batching="loud")
def counts_are_constants(x):
    """count_nonzero, argmax, any and all give plain answers."""
    n = np.count_nonzero(x > 0)
    best = np.argmax(x)
    sign = 1.0 if np.any(x < 0) and not np.all(x > 0) else -1.0
    return sign * n * x[best] ** 2 + np.mean(x > 0) * x[0]


@right(VECTOR)
def rounded_numbers_are_constants(x):
    """np.round has zero slope."""
    return np.sum(np.round(x, 1) * x)


@right(VECTOR)
def zeros_like_as_a_constant(x):
    """zeros_like and ones_like give constants of the right shape."""
    return np.sum(np.ones_like(x) * x**2 + np.zeros_like(x))


@right(VECTOR)
def closeness_is_a_constant(x):
    """np.isclose gives booleans."""
    return np.sum(np.where(np.isclose(x, 0.5, atol=0.5), x**2, x))


@right(VECTOR, batching="looped")
def closeness_as_a_branch(x):
    """np.allclose in an if."""
    return np.sum(x**2) if not np.allclose(x, 0.0) else np.sum(x)


@right(VECTOR)
def sorted_array(x):
    """Order statistics with weights."""
    return np.sum(np.sort(x) * np.arange(3.0))


@right(VECTOR)
def ranks(x):
    """The result of np.argsort is a constant."""
    return np.sum(x * np.argsort(np.argsort(x)))


@right(VECTOR)
def interpolated(x):
    """A table looked up at traced points."""
    return np.sum(np.interp(x, [-2.0, 0.0, 2.0], [1.0, 0.0, 4.0]))


@right(NUMBER)
def linspace_to_a_traced_end(x):
    """A grid whose end is traced."""
    return np.sum(np.linspace(0.0, x, 5) ** 2)


@right(NUMBER, batching="looped")
def arange_to_a_traced_end(x):
    """np.arange to a traced end: how many numbers there are is a constant."""
    return np.sum(np.arange(0.0, x, 0.3)) * x


@right(VECTOR)
def selected_by_conditions(x):
    """np.select of three branches."""
    return np.sum(np.select([x < 0, x < 1], [x**2, x], default=1.0))


@right(VECTOR, batching="looped")
def piecewise_by_conditions(x):
    """np.piecewise calls its functions on parts of x."""
    return np.sum(np.piecewise(x, [x < 0, x >= 0], [np.square, np.sin]))


@right(MATRIX)
def applied_along_an_axis(x):
    """A Python function applied to every row."""
    return np.sum(np.apply_along_axis(lambda row: row[0] * row[-1], 1, x))


@right(VECTOR)
def einstein_sum(x):
    """A contraction by subscripts."""
    return np.einsum("i,ij,j->", x, SQUARE, x)


@right(VECTOR)
def euclidean_norm(x):
    """A norm of linalg."""
    return np.linalg.norm(x)


@right(VECTOR)
def linear_system(x):
    """A linear system with a traced right-hand side."""
    return np.sum(np.linalg.solve(SQUARE, x) ** 2)


@right(VECTOR)
def fourier_transform(x):
    """The power spectrum."""
    return np.sum(np.abs(np.fft.fft(x)) ** 2)


@right(VECTOR)
def differences_of_neighbours(x):
    """np.diff is x[1:] - x[:-1]."""
    return np.sum(np.diff(x) ** 2)


@right(NUMBER)
def polynomial_by_coefficients(x):
    """np.polyval of plain coefficients."""
    return np.polyval([1.0, -2.0, 3.0], x)


@right(NUMBER)
def polynomial_object(x):
    """np.poly1d evaluates through np.polyval."""
    return np.poly1d([1.0, -2.0, 3.0])(x)


@right(VECTOR)
def polynomial_class(x):
    """np.polynomial.Polynomial takes its argument as a plain array."""
    return np.sum(np.polynomial.Polynomial([1.0, -2.0, 3.0])(x))


@right(VECTOR)
def area_under_a_curve(x):
    """The trapezoidal rule."""
    return np.trapezoid(x**2, dx=0.5)


@right(VECTOR)
def middle_value(x):
    """np.median sorts."""
    return np.median(x) ** 2


@right(VECTOR, batching="looped")
def histogram_of_data(x):
    """Counts and bin edges: the edges depend on x."""
    _, edges = np.histogram(x, bins=4)
    return np.sum(edges**2)


@right(VECTOR)
def moving_windows(x):
    """Moving averages by windows."""
    windows = np.lib.stride_tricks.sliding_window_view(x, 2)
    return np.sum(np.mean(windows, axis=1) ** 2)


@loud(VECTOR, ConversionError, "np.")
def strided_view(x):
    """as_strided reads raw memory."""
    view = np.lib.stride_tricks.as_strided(x, shape=(2, 2), strides=(8, 8))
    return np.sum(view**2)


@right(MATRIX, batching="looped")
def sum_where(x):
    """A masked sum by keyword."""
    return np.sum(x**2, where=x > 0)


@right(MATRIX, step=2e-2, rtol=1e-4)
def sum_in_another_precision(x):
    """A sum accumulated in single precision."""
    return np.sum(x**2, dtype=np.float32)
