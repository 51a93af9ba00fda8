"""Writing into arrays by every door: views, strides, masks, indices, out=."""

import numpy as np

from .register import idiom

LINE = np.array([0.4, -0.9, 1.3, 0.2, -0.6, 0.8])
TABLE = np.array([[0.3, -0.8, 0.5], [1.2, 0.6, -0.4]])


@idiom(LINE)
def views_of_views(x):
    """A write through a view of a view of a reshaped buffer shows everywhere."""
    buffer = np.zeros(12)
    grid = buffer.reshape(3, 4)
    inner = grid[1:, 1:]
    corner = inner[::-1, :2]
    inner[...] = x.reshape(2, 3)
    corner[0] *= 2.0
    buffer[6] += grid[2, 1] * corner[1, 1]
    return np.sum(np.sin(buffer) * np.arange(12))


@idiom(LINE)
def negative_strides(x):
    """Reversed and every-other views, both written to."""
    z = np.ones(6)
    backwards = z[::-1]
    backwards[::2] = x[:3]
    z[::-2] *= x[3:]
    z[4:1:-1] += backwards[1:4] ** 2
    return np.dot(z, np.cumsum(x))


@idiom(LINE)
def ufuncs_with_out(x):
    """Every intermediate goes where it is told, also over its own input."""
    a, b = np.empty(6), np.empty(6)
    np.multiply(x, 0.5, out=a)
    np.sin(a, out=b)
    np.add(a, b, out=a)
    np.exp(a, out=a)
    np.cumsum(a, out=b)
    np.divide(b, a, b, where=a > 0.8)
    return b.sum()


@idiom(0.7)
def filled_and_overwritten(x):
    """.fill, slices of constants, a row at a time."""
    z = np.empty((3, 4))
    z.fill(x)
    z[1] = 2.0
    z[:, 2] = z[:, 0] * x
    z[2, ::2] = 0.0
    z[-1, -1] -= x**3
    return np.sum(z**2) * z[0, 0]


@idiom(LINE)
def weights_into_bins(weights):
    """np.add.at with repeated bins, np.bincount beside it."""
    bins = np.array([0, 2, 1, 2, 2, 0])
    histogram = np.zeros(3)
    np.add.at(histogram, bins, weights**2)
    counts = np.bincount(bins)
    np.subtract.at(histogram, [0, 0], weights[:2])
    return np.sum(histogram**2 / counts)


@idiom(LINE)
def masks_of_every_kind(x):
    """Assignment, update and selection by conditions on the values."""
    y = x.copy()
    y[y < 0] = 0.1 * y[y < 0]
    y[(x > 0.5) & (x < 1.0)] *= 3.0
    y[np.where(x > 1)[0]] = np.tanh(x[x > 1])
    y[~np.isfinite(np.log(np.abs(y)))] = 0.0
    return np.sum(y**2) + y[np.argmin(x)]


@idiom(LINE)
def put_place_and_copyto(x):
    """The functions that write without an equals sign."""
    z = np.zeros(6)
    np.put(z, [0, 5, -2], x[:3])
    np.copyto(z, x, where=np.array([False, True, False, True, False, False]))
    np.place(z, z == 0.0, x[4:] ** 2)
    np.putmask(z, x > 1, 2.0 * x)
    return np.sum(z**3)


@idiom(LINE)
def sorted_in_place(x):
    """The method sorts, and a view of the largest is changed."""
    z = x * x
    z.sort()
    top = z[-3:]
    top -= z[0]
    z[:2] = z[1::-1].copy()
    return np.dot(z, [1.0, -0.5, 2.0, 0.3, 0.7, 1.1])


@idiom(TABLE)
def flat_and_diagonal(x):
    """One index for all cells, and the diagonal filled at once."""
    z = np.zeros((3, 3))
    z.flat[[1, 3, 5]] = x[0]
    z.ravel()[6:8] = x[1, :2]
    np.fill_diagonal(z, x[1, 2])
    z.T[0] += x[0]
    return np.sum(z @ z)


@idiom(np.array([0.02, -0.03, 0.05, 0.01, -0.04]))
def drawdown_of_an_investment(returns):
    """A cumulative product in place, a running maximum, the deepest fall."""
    wealth = 1.0 + returns
    for t in range(1, len(wealth)):
        wealth[t] *= wealth[t - 1]
    peaks = wealth.copy()
    for t in range(1, len(peaks)):
        peaks[t] = max(peaks[t], peaks[t - 1])
    return np.max(1 - wealth / peaks) + np.cumprod(1 + returns)[-1]


@idiom(LINE)
def workspaces_in_containers(x):
    """Arrays kept in a list and in a dictionary, reached through either."""
    spaces = [np.zeros(3) for _ in range(2)]
    named = {"first": spaces[0], "second": spaces[1], "counts": np.zeros(2, int)}
    spaces[0][:] = x[:3]
    named["second"][1:] = x[3:5]
    named["second"] += spaces[0]
    for k, space in enumerate(named.values()):
        if space.dtype == float:
            space[0] *= 1.5 + k
            named["counts"][k] += 1
    return np.sum(spaces[1] ** 2) + spaces[0][0] * named["counts"].sum()
