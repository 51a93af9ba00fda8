"""NumPy's functions that write: ``np.copyto``, ``np.put``, ``np.add.at``, ``out=``."""

import numpy as np
import pytest

import adjoint as ad
from adjoint.errors import MissingRuleError

from .arrays import MASK, VECTOR, WEIGHTS
from .judge import assert_right


def copyto_whole(x, y):
    np.copyto(y, x[::-1] ** 2)


def copyto_where(x, y):
    np.copyto(y, x[::-1] ** 2, where=MASK)


def copyto_broadcast(x, y):
    np.copyto(y, x[1] ** 2, where=[True, False, False, True])


def copyto_where_of_another_shape(x, y):
    np.copyto(y.reshape(2, 2), x[:2] ** 2, where=np.array([[True], [False]]))


def copyto_plain(x, y):
    np.copyto(y, [1.0, 2.0, 3.0, 4.0], where=x > 0.5)


def copyto_a_view(x, y):
    np.copyto(y[::-2], x[:2] * x[2:])


def put_repeated(x, y):
    np.put(y, [0, -1, 0], x[:3] ** 2)


def put_cycling(x, y):
    np.put(y, [3, 1, 0], x[:2] ** 2)


def put_clipped(x, y):
    np.put(y, [-5, 7], x[:2] ** 2, mode="clip")


def put_wrapped(x, y):
    np.put(y, [-1, 6], x[:2] ** 2, mode="wrap")


def put_method(x, y):
    y.put(np.array([[0, 1], [2, 2]]), x**2)


def put_into_a_transposed_view(x, y):
    np.put(y.reshape(2, 2).T, [1, 2], x[:2] ** 2)


def placed(x, y):
    np.place(y, MASK, x[:2] ** 2)


def placed_by_comparison(x, y):
    np.place(y, [True, False, False, True], x**2)


def put_by_mask(x, y):
    np.putmask(y, MASK, x[1:] ** 2)


def put_by_mask_whole(x, y):
    np.putmask(y, MASK, x**2)


def diagonal_filled(x, y):
    np.fill_diagonal(y.reshape(2, 2), x[:2] ** 2)


def diagonal_filled_with_a_number(x, y):
    np.fill_diagonal(y.reshape(2, 2), x[3] ** 2)


def diagonal_of_a_tall_matrix(x, y):
    tall = np.stack([y] * 9).reshape(12, 3)
    np.fill_diagonal(tall, x[:2] ** 2)
    y[...] = tall.sum(1)[:4] + tall.sum(1)[4:8] * x


def diagonal_wrapped(x, y):
    tall = np.stack([y] * 9).reshape(12, 3)
    np.fill_diagonal(tall, x**2, wrap=True)
    y[...] = tall.sum(1)[:4] + tall.sum(1)[4:8] * x


def diagonal_of_a_cube(x, y):
    cube = np.stack([y.reshape(2, 2), x.reshape(2, 2)])
    np.fill_diagonal(cube, x[:2] ** 3)
    y[...] = np.ravel(cube[0]) * np.ravel(cube[1])


def put_along_rows(x, y):
    np.put_along_axis(
        y.reshape(2, 2), np.array([[1], [0]]), x[:2].reshape(2, 1) ** 2, 1
    )


def put_along_nothing(x, y):
    np.put_along_axis(y, np.array([2, 0]), x[:2] ** 2, None)


def put_along_the_order(x, y):
    np.put_along_axis(y, np.array([3, 0, 2, 1]), x**2, axis=0)


def added_at(x, y):
    np.add.at(y, [0, 0, 2, -1], x**2)


def added_at_a_broadcast(x, y):
    np.add.at(y, np.array([0, 0, 2, 0]), x[1] ** 2)


def added_at_pairs(x, y):
    np.add.at(y.reshape(2, 2), ([0, 1, 0], [1, 1, 1]), x[:3] ** 2)


def added_at_rows(x, y):
    np.add.at(y.reshape(2, 2), [1, 1], x.reshape(2, 2) ** 2)


def added_at_a_mask(x, y):
    np.add.at(y, MASK, x[1:] ** 2)


def added_at_a_slice(x, y):
    np.add.at(y, slice(None, None, -2), x[:2] ** 2)


def added_at_one_place(x, y):
    np.add.at(y, 2, x[0] ** 2)


def added_plain(x, y):
    np.add.at(y, [0, 0], 1.5)


def subtracted_at(x, y):
    np.subtract.at(y, [0, 0, 2], x[1:] ** 2)


def multiplied_at(x, y):
    np.multiply.at(y, [0, 0, 2, 0], x + 2.0)


def divided_at(x, y):
    np.divide.at(y, [0, 0, 2], x[1:] + 3.0)


def power_at(x, y):
    np.power.at(y, [0, 1, 0], 2.0)


def maximum_at(x, y):
    np.maximum.at(y, [0, 0, 2], x[1:] ** 2)


def minimum_at(x, y):
    np.minimum.at(y, [3, 0, 3], x[1:] ** 2)


def negated_at(x, y):
    np.negative.at(y, [0, 0, 2])


def at_a_view(x, y):
    np.multiply.at(y[::-1], [0, 0], x[:2])


def ufunc_out(x, y):
    np.multiply(x, x[::-1], out=y)


def ufunc_out_by_position(x, y):
    np.sin(x, y)


def ufunc_out_a_view(x, y):
    np.exp(x[:2], out=y[::-2])


def ufunc_out_itself(x, y):
    np.add(y, y[::-1], out=y)
    np.sin(y, out=y)


def ufunc_out_where(x, y):
    np.multiply(x, 3.0, out=y, where=MASK)


def ufunc_out_where_traced(x, y):
    np.log(x, out=y, where=x > 0)


def ufunc_out_where_at_a_pole(x, y):
    np.divide(x, x - x[1], out=y, where=np.array([True, False, True, True]))


def ufunc_out_broadcast(x, y):
    np.add(x[0], 1.0, out=y)


def ufunc_out_of_constants(x, y):
    np.add([1.0, 2.0, 3.0, 4.0], 1.0, out=y)


def reduced_out(x, y):
    np.add.reduce(x.reshape(2, 2), out=y[:2])
    np.multiply.reduce(x.reshape(2, 2), axis=1, out=y[2:])


def accumulated_out(x, y):
    np.add.accumulate(x, out=y)


def cumsum_out(x, y):
    np.cumsum(x**2, out=y)


def sum_out(x, y):
    np.sum(x.reshape(2, 2) ** 2, axis=0, out=y[1:3])
    np.mean(x.reshape(2, 2), 0, None, y[:2])


def method_out(x, y):
    x.reshape(2, 2).sum(axis=0, out=y[:2])
    x.cumprod(out=y)


def clip_out(x, y):
    np.clip(y, -0.5, 1.0, out=y)


def clip_out_by_position(x, y):
    np.clip(x**2, -0.5, 1.0, y)
    y.clip(0.2, 0.9, out=y)


def dot_out(x, y):
    np.dot(x.reshape(2, 2), x.reshape(2, 2), out=y.reshape(2, 2))
    np.matmul(y.reshape(2, 2), x.reshape(2, 2), out=y.reshape(2, 2))


def take_out(x, y):
    np.take(x, [3, 3, 0, 1], out=y)


def concatenate_out(x, y):
    np.concatenate([x[:1] ** 2, x[1:]], out=y)


def filled(x, y):
    y[1:].fill(x[0] ** 2)


def sorted_in_place(x, y):
    y.sort()
    y[::-1].sort()


def sorted_rows(x, y):
    y.reshape(2, 2).sort(axis=0)
    y.reshape(2, 2).sort(-1, kind="stable")
    y[1:].sort(stable=True)


def partitioned(x, y):
    y.partition(2)


def flat_element(x, y):
    y.reshape(2, 2).T.flat[1] = x[0] ** 2
    y.flat[-1] = x[1]


def flat_slice(x, y):
    y.reshape(2, 2).T.flat[1:] = x[:2] ** 2


def flat_list(x, y):
    y.reshape(2, 2).T.flat[[0, 1, 0]] = x[:3] ** 2


def flat_mask(x, y):
    y.flat[MASK] = x[:3] ** 2


def flat_whole(x, y):
    y.reshape(2, 2).T.flat = x[:3] ** 2


def flat_read(x, y):
    t = y.reshape(2, 2).T
    part = t.flat[1:]
    part *= 2.0
    y[...] = np.sum(t.flat) * sum(part) / 9.0 + np.add(t.flat, x) / len(t.flat)


def real_set(x, y):
    y.real[1:] = x[:3] ** 2
    y.real = y * x[0]


def imaginary_parts(x, y):
    z = x + 1j * x[::-1] ** 2
    z.real[1:] = x[:3] ** 2
    z.imag[:2] *= x[0]
    z.imag = z.imag * x
    z.real = 2.0 * z.imag
    z[2] = x[3]
    np.real(z)[0] = x[1]
    y[...] = np.abs(z) ** 2 + z.real * z.imag[::-1]


def transposed(x, y):
    y.reshape(2, 2).T[...] = x.reshape(2, 2) ** 2
    y.reshape(2, 2).T[0] *= x[0]


PROGRAMS = [
    one
    for one in list(globals().values())
    if getattr(one, "__module__", None) == __name__
    and one.__code__.co_varnames[:2] == ("x", "y")
]


@pytest.mark.parametrize("write", PROGRAMS, ids=lambda write: write.__name__)
def test_the_function_writes_what_numpy_writes(write):
    """Into a traced result, on which another value hangs that was read before."""

    def program(x):
        y = x * x[::-1] * 1.5
        before = y[1] * y[2]
        view = y[1:]
        write(x, y)
        return np.sum(y**2 * WEIGHTS) + before + np.sum(np.sin(view)) + np.sum(x)

    assert_right(program, VECTOR)


@pytest.mark.parametrize("write", PROGRAMS, ids=lambda write: write.__name__)
def test_the_function_writes_into_the_argument(write):
    """What is read from it and what is written are one array, as in NumPy."""

    def program(x):
        write(x, x)
        return np.sum(x**2 * WEIGHTS)

    assert_right(program, VECTOR)


@pytest.mark.parametrize(
    ("out", "call"),
    [
        ("two", lambda x, a, b: np.modf(x, out=(a, b))),
        ("one", lambda x, a, b: np.modf(x, a, None)),
        ("divmod", lambda x, a, b: np.divmod(x, 0.5, out=(a, b))),
    ],
)
def test_several_results_are_written_or_refused(out, call):
    """Ufuncs of two results, where their rules exist."""

    def program(x):
        a, b = x * 1.0, x * 2.0
        call(x, a, b)
        return np.sum(a * WEIGHTS) + np.sum(b * x)

    try:
        ad.grad(program)(VECTOR)
    except MissingRuleError:
        return
    assert_right(program, VECTOR)


def test_any_ufunc_of_one_result_has_at():
    """A place that is named twice is updated twice."""

    def program(x):
        y = x * 1.0
        np.sin.at(y, [0, 1, 0])
        return np.sum(y**2)

    assert_right(program, VECTOR)


def test_the_result_of_out_is_the_array_itself():
    """``z is np.add(x, y, out=z)``, also for functions."""

    def program(x):
        z = x * 1.0
        assert np.add(x, 1.0, out=z) is z
        assert np.cumsum(x, out=z) is z
        assert x.clip(0.0, 1.0, out=z) is z
        return np.sum(z)

    ad.grad(program)(VECTOR)
    ad.vmap(program)(np.stack([VECTOR, VECTOR]))


def test_a_repeated_sum_costs_one_operation():
    """A histogram of many hits a bin is one linear operation, exact to the last bit."""
    rng = np.random.default_rng(3)
    bins, x = rng.integers(0, 5, 1000), rng.normal(size=1000)

    def program(x):
        counts = x[:5] * 0.0
        np.add.at(counts, bins, x)
        return np.sum(counts**2)

    value, gradient = ad.value_and_grad(program)(x)
    assert program(x) == value
    sums = np.zeros(5)
    np.add.at(sums, bins, x)
    np.testing.assert_allclose(gradient, 2 * sums[bins], rtol=1e-13)
