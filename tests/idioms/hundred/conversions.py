"""Numbers and arrays made of values: math, float(x), np.array([x, 1.0]), int(x)."""

import functools
import math
import operator
import statistics

import numpy as np

from .register import idiom

VECTOR = np.array([0.6, 1.4, -0.5])
MATRIX = np.array([[0.5, -0.3, 0.8], [0.1, 0.9, -0.4]])


@idiom(0.7)
def functions_of_math(x):
    """The math module on a float."""
    radius = math.hypot(x, 1.2) + math.sqrt(x) * math.pi
    return (
        math.exp(-radius) + math.atan2(math.sin(x), math.cos(2 * x)) + math.log(radius)
    )


@idiom(VECTOR)
def floats_of_elements(x):
    """float() of elements and of a 0-d array, math on the results."""
    a, b, c = float(x[0]), float(x[1:2].sum()), x[2].item()
    return math.pow(a, b) + math.fabs(c) * max(a, b, 0.0)


@idiom(0.4)
def matrix_written_out(angle):
    """np.array of nested lists of values and constants."""
    c, s = np.cos(angle), np.sin(angle)
    turn = np.array([[c, -s, 0.0], [s, c, 0.0], [0, 0, 1]])
    tilt = np.array([[1.0, 0.0, 0.0], [0.0, c, -s], [0.0, s, c]])
    return (turn @ tilt @ VECTOR)[0] + np.asarray([angle, 2.0]).prod()


@idiom(0.8)
def arrays_made_of_a_number(x):
    """np.full, np.ones times it, np.asarray, np.atleast_1d, np.linspace up to it."""
    full = np.full((2, 2), x)
    full[0] += np.asarray(x)
    line = np.linspace(0.0, x, 5)
    return full.sum() * np.atleast_1d(x)[0] + np.sum(line**2) + (np.ones(3) * x).prod()


@idiom(VECTOR)
def joined_pieces(x):
    """np.r_, np.c_, np.fromiter, np.append, np.hstack of values and constants."""
    longer = np.r_[0.0, x, x[0] * 2.0]
    columns = np.c_[x, np.ones(3)]
    squares = np.fromiter((v * v for v in x), dtype=float, count=3)
    tail = np.append(np.hstack([squares, x[:1]]), 1.5)
    return np.sum(np.diff(longer) ** 2) + columns[:, 0] @ tail[:3] + tail.max()


@idiom(VECTOR)
def branch_vectorized(x):
    """np.vectorize of a function with a branch, np.apply_along_axis of another."""

    def piece(v, low):
        return v**2 if v > low else math.exp(v)

    rows = np.apply_along_axis(lambda row: row / row.sum(), 1, np.outer(x, x))
    return np.sum(np.vectorize(piece)(x, 0.0)) + rows[0, 1]


@idiom(VECTOR)
def builtins_on_values(x):
    """sum, max, min, sorted with a key, abs, pow, any and all, reversed."""
    ranked = sorted(x, key=lambda v: -abs(v))
    spread = max(x) - min(x)
    product = functools.reduce(operator.mul, ranked)
    if any(v < 0 for v in x) and not all(x > 0):
        product = abs(product)
    return sum(ranked[:2]) * spread + pow(product, 2) + next(reversed(x))


@idiom(VECTOR)
def lists_handed_to_numpy(x):
    """np.sum, np.linalg.norm, np.max, np.dot and np.mean of plain lists."""
    a, b, c = x
    length = np.linalg.norm([a, b])
    return np.sum([a, b * c]) + length * np.max([a, c]) + np.dot([a, 2.0], [c, b])


@idiom(VECTOR)
def methods_of_constants(x):
    """A.dot(x) and its kin, with A a plain array."""
    projected = MATRIX.dot(x)
    picked = np.arange(3.0).clip(0.5, x[1])
    return projected.dot(projected) + picked.sum() + MATRIX[0].dot(x * x)


@idiom(VECTOR)
def statistics_of_a_list(x):
    """The statistics module, math.fsum and math.dist."""
    values = [v * v for v in x]
    far = math.dist([x[0], 0.0], [0.0, x[1]])
    return statistics.mean(values) + math.fsum(x) + far


@idiom(VECTOR)
def dispatch_on_the_type(x):
    """isinstance, type(x) is np.ndarray, and match on what is inside."""

    def size(v):
        if type(v) is np.ndarray:
            return sum(size(one) for one in v)
        if isinstance(v, (float, np.floating)):
            return v**2
        return -1e9

    match x.shape:
        case (3,):
            total = size(x)
        case _:
            total = -1e9
    match x[0]:
        case float() as first if first > 0:
            return total * first
        case _:
            return total


@idiom(1.37)
def look_up_in_a_table(x):
    """int(x) chooses the interval, x - int(x) the place in it."""
    table = np.array([0.0, 1.0, 1.5, 0.7])
    i = int(x)
    fraction = x - math.floor(x)
    value = (1 - fraction) * table[i] + fraction * table[i + 1]
    return value**2 + round(x) * fraction + x % 1.0


@idiom(VECTOR)
def logged_to_the_console(x):
    """f-strings, %, print to nowhere, and a dictionary of results by name."""
    results = {}
    lines = []
    for name, value in zip(("low", "high", "last"), x, strict=True):
        results[name] = value**2
        lines.append(f"{name:>5}: {value:.3f} {results[name]!s:.6}")
    lines.append("sum %.2e of %s" % (x.sum(), x))  # noqa: UP031 - the idiom itself
    return results["low"] * results["high"] + len(lines) * results["last"]


@idiom(0.2)
def newton_to_convergence(x):
    """A while loop that ends when the step is small, walrus in its condition."""
    root = 1.0
    turns = 0
    while abs(step := (root**3 + root - 1 - x) / (3 * root**2 + 1)) > 1e-13:
        root -= step
        if (turns := turns + 1) > 50:
            raise ArithmeticError(turns)
    return root - step
