"""Methods and attributes of ndarray, called on traced arrays and on plain ones."""

import io

import numpy as np

from adjoint.errors import ConversionError, MissingRuleError

from .catalogue import loud, right

NUMBER = 0.8
VECTOR = np.array([0.7, 1.9, -1.3])
MATRIX = np.array([[0.5, -1.2, 2.0], [1.1, 0.3, -0.7]])
WEIGHTS = np.array([[1.0, 2.0, -1.0], [0.5, -0.3, 0.8]])


@right(MATRIX)
def reductions_as_methods(x):
    """x.sum, x.mean, x.var, x.std, x.prod with axis and keepdims."""
    centred = x - x.mean(axis=0, keepdims=True)
    spread = x.var(axis=1, ddof=1) @ x.std(axis=1)
    return (centred * x).sum() + spread + x.prod(axis=0).sum() + x.sum(1)[0] ** 2


@right(MATRIX)
def extremes_as_methods(x):
    """x.max, x.min and the places where they are."""
    return x.max() * x.min(axis=1).sum() + x.ravel()[x.argmax()] ** 2


@right(MATRIX)
def shapes_as_methods(x):
    """x.T, x.reshape, x.ravel, x.flatten, x.transpose, x.swapaxes, x.squeeze."""
    y = x.T.reshape(2, 3) * x.transpose().reshape((2, 3)) + x.swapaxes(0, 1).T
    return (y.ravel() * x.flatten()).sum() + x.reshape(1, -1).squeeze()[2] ** 2


@right(VECTOR)
def elementwise_as_methods(x):
    """x.clip, x.cumsum, x.round, x.copy."""
    return (x.clip(-1.0, 1.5) * x.cumsum()).sum() + (x.round(1) * x.copy()).sum()


@right(VECTOR)
def dot_as_a_method(x):
    """x.dot(A) with a plain A."""
    return x.dot(WEIGHTS.T).sum() * x.dot(x)


@right(VECTOR)
def plain_dot_as_a_method(x):
    """A.dot(x) is ndarray's own method and knows no protocol; A @ x does."""
    return (WEIGHTS.dot(x) ** 2).sum()


@right(VECTOR)
def plain_clip_as_a_method(x):
    """A plain array clipped at a traced bound."""
    return np.array([0.0, 1.0, 2.0]).clip(x - 1.0, x).sum()


@right(VECTOR)
def explicit_dunder_call(x):
    """A method of np.ndarray, called by its name."""
    return np.sum(np.ndarray.dot(WEIGHTS, x) ** 2)


@right(MATRIX)
def attributes(x):
    """Shape, size, ndim, dtype and len are plain."""
    rows, columns = x.shape
    assert x.dtype == np.float64
    assert np.issubdtype(x.dtype, np.floating)
    return (x**2).sum() / x.size * x.ndim * rows / columns * len(x)


@right(VECTOR)
def cast_to_the_same_type(x):
    """x.astype(float) of floats changes nothing."""
    return (x.astype(float) ** 2).sum() + (x.astype(np.float64, copy=False) * x).sum()


@right(VECTOR, step=2e-2, rtol=1e-3)
def cast_to_single_precision(x):
    """x.astype(np.float32) rounds the value and keeps the derivative."""
    return (x.astype(np.float32) * np.float32(2.0)).sum() + (x**2).sum()


@right(VECTOR)
def cast_to_integers(x):
    """x.astype(int) is a step function, of zero slope."""
    return (x.astype(int) * x).sum()


@right(VECTOR)
def cast_to_booleans(x):
    """x.astype(bool) is a step function too."""
    return (x.astype(bool) * x**2).sum()


@right(VECTOR)
def single_element(x):
    """x[0].item() and x.item(1) stay traced."""
    return x[0].item() * x.item(1) + x[2:].item() ** 2


@right(MATRIX)
def nested_lists(x):
    """x.tolist() gives lists of traced numbers."""
    (a, b, c), (d, _, f) = x.tolist()
    return a * d + b * c - f**2


@right(VECTOR)
def real_part(x):
    """x.real of real data is x."""
    return (x.real**2).sum()


@right(VECTOR)
def flat_iterator(x):
    """x.flat yields the elements."""
    return sum(v**2 for v in x.flat)


@loud(VECTOR, ConversionError, "x.view(dtype)", "x.astype(dtype)")
def reinterpreted_bits(x):
    """x.view(np.int64) reads the bits of the value."""
    return float((x.view(np.int64) >> 52).sum()) * x.sum()


@right(VECTOR)
def plain_view(x):
    """x.view() is another name of the same memory."""
    return (x.view() ** 2).sum()


@loud(VECTOR, MissingRuleError, "tobytes")
def raw_bytes(x):
    """x.tobytes() reads the values."""
    return np.sum(np.frombuffer(x.tobytes()))


@loud(VECTOR, MissingRuleError, "np.save")
def saved_to_a_file(x):
    """np.save writes values and loses the rest."""
    file = io.BytesIO()
    np.save(file, x)
    file.seek(0)
    return np.sum(np.load(file) ** 2)


@loud(VECTOR, MissingRuleError, "np.savetxt")
def saved_as_text(x):
    """np.savetxt likewise."""
    file = io.StringIO()
    np.savetxt(file, x)
    file.seek(0)
    return np.sum(np.loadtxt(file) ** 2)


@right(VECTOR)
def iterated_by_nditer(x):
    """np.nditer walks through memory."""
    total = 0.0
    for v in np.nditer(x):
        total = total + v**2
    return total * 1.0


@right(MATRIX)
def enumerated_by_ndenumerate(x):
    """np.ndenumerate takes the values out first."""
    total = 0.0
    for (i, _), v in np.ndenumerate(x):
        total = total + (i + 1) * v**2
    return total


@right(MATRIX)
def indexed_by_ndindex(x):
    """np.ndindex walks over positions, which are plain."""
    total = 0.0
    for i, j in np.ndindex(x.shape):
        total = total + (i + 1) * x[i, j] ** 2
    return total


@right(VECTOR)
def filled_in_place(x):
    """y.fill(v) overwrites a traced array."""
    y = x * 2.0
    y.fill(1.0)
    return np.sum(y * x)


@right(VECTOR)
def sorted_in_place(x):
    """y.sort() reorders a traced array."""
    y = x * 2.0
    y.sort()
    return np.sum(y * np.arange(3.0))


@right(VECTOR)
def partitioned_in_place(x):
    """y.partition(k) reorders a traced array."""
    y = x * 2.0
    y.partition(1)
    return np.sum(y * np.arange(3.0))


@right(VECTOR)
def methods_that_reorder(x):
    """x.repeat, x.cumprod, x.compress and the positions that x finds."""
    order = x.argsort()
    kept = x.compress([True, False, True])
    return np.sum(x.repeat(2).cumprod() * x.searchsorted(0.0)) + np.sum(kept * order[0])


@right(VECTOR)
def taken_by_indices(x):
    """x.take of an index list."""
    return np.sum(x.take([0, 2]) ** 2)


@loud(VECTOR, MissingRuleError, "byteswap")
def attribute_asked_for_and_absent(x):
    """getattr with a default does not hide a method that traced arrays lack."""
    swap = getattr(x, "byteswap", None)
    return np.sum(x) if swap is None else np.sum(x**2)
