"""Index arrays and masks where the laws do not reach: forms, repeats, errors, cost."""

import numpy as np
import pytest

import adjoint as ad

X = np.sin(np.arange(60.0)).reshape(3, 4, 5)
MASK = np.array([True, False, True])

FORMS = {
    "x[i]": np.array([0, 2, 2]),
    "x[:, i]": (slice(None), np.array([0, -1, -1])),
    "x[i, :, j]": (np.array([0, 1]), slice(None), np.array([1, 3])),
    "x[0, :, j]": (0, slice(None), np.array([1, 3, 1])),
    "x[i, j]": (np.array([[0], [2]]), np.array([1, 3])),
    "x[..., i]": (Ellipsis, np.array([1, -1])),
    "x[None, i, 1:3]": (None, np.array([1, 1]), slice(1, 3)),
    "x[i, None, j]": (np.array([1]), None, np.array([2])),
    "x[mask]": MASK,
    "x[:, mask, [0]]": (slice(None), np.array([True, False, True, True]), [0]),
    "x[mask of two axes]": X[:, :, 0] > 0,
    "x[x > 0]": X > 0,
    "x[1, mask]": (1, X[1] > 0),
    "x[lists]": ([0, 1], [2, 0], [-1, -1]),
    "x[[]]": [],
    "x[i, ..., j]": (np.array([[0, 1], [1, 2]]), Ellipsis, np.array([3, 4])),
    "x[np.int64, i]": (np.int64(1), np.array([0, 0])),
    "x[True]": True,
    "x[np.False_]": np.False_,
}


def scattered(index, weights):
    """The gradient of sum(weights * x[index]): what is read twice counts twice."""
    total = np.zeros_like(X)
    np.add.at(total, index, weights)
    return total


@pytest.mark.parametrize("form", FORMS)
def test_each_form_of_index(form):
    """The value of NumPy, its tangent, and a gradient in which repeats are summed."""
    index = FORMS[form]
    weights = np.cos(np.arange(float(X[index].size))).reshape(X[index].shape)
    expected = scattered(index, weights)

    def weighted(x):
        return np.sum(weights * x[index])

    value, gradient = ad.value_and_grad(weighted)(X)
    assert np.sum(weights * X[index]) == value
    np.testing.assert_allclose(gradient, expected, rtol=1e-14, atol=1e-14)
    np.testing.assert_array_equal(ad.jvp(lambda x: x[index], (X,), (X,))[1], X[index])


@pytest.mark.parametrize("form", FORMS)
def test_each_form_of_index_in_a_batch(form):
    """Batched and looped are one, where the index moves axes to the front too."""
    index = FORMS[form]
    batch = np.stack([X, 2.0 * X])
    expected = np.stack([x[index] for x in batch])
    np.testing.assert_array_equal(ad.vmap(lambda x: x[index])(batch), expected)
    slope = ad.vmap(ad.grad(lambda x: np.sum(x[index] ** 2)))(batch)
    once = ad.grad(lambda x: np.sum(x[index] ** 2))(X)
    np.testing.assert_allclose(slope, np.stack([once, 2.0 * once]), rtol=1e-14)


POSITIONS = np.array([[0, 1], [2, 0], [1, -1]])
TRACED = {
    "x[i]": lambda x, i: x[i],
    "x[:, i]": lambda x, i: x[:, i],
    "x[i, :, i]": lambda x, i: x[i, :, i],
    "x[0, :, i]": lambda x, i: x[0, :, i],
    "x[..., i]": lambda x, i: x[..., i],
    "x[:, None, i]": lambda x, i: x[:, None, i],
    "x[i, mask]": lambda x, i: x[i, np.array([True, False, True, False])],
    "x[:, i, 1]": lambda x, i: x[:, i, 1],
    "x[one i]": lambda x, i: x[i[0]],
    "x[[one i, 1]]": lambda x, i: x[[i[0], 1]],
    "take": lambda x, i: np.take(x, i, axis=1),
    "take wrapped": lambda x, i: np.take(x, 5 * i, axis=2, mode="wrap"),
    "take_along_axis": lambda x, i: np.take_along_axis(x[:, :2, 0], i[:, None], 0),
    "choose": lambda x, i: np.choose(i % 2, [x[0, 0, :2], x[1, 1, :2]]),
}


@pytest.mark.parametrize("form", TRACED)
def test_positions_that_belong_to_a_batch(form):
    """Each sample is read at positions of its own, without a loop."""
    f = TRACED[form]
    batch = np.stack([X, 2.0 * X, np.cos(X)])
    expected = np.stack([f(x, i) for x, i in zip(batch, POSITIONS, strict=True)])
    np.testing.assert_array_equal(ad.vmap(f)(batch, POSITIONS), expected)

    def square(x, i):
        return np.sum(f(x, i) ** 2)

    slopes = np.stack(
        [ad.grad(square)(x, i) for x, i in zip(batch, POSITIONS, strict=True)]
    )
    given = ad.vmap(ad.grad(square))(batch, POSITIONS)
    np.testing.assert_allclose(given, slopes, rtol=1e-14)
    total = ad.grad(lambda xs: np.sum(ad.vmap(square)(xs, POSITIONS)))(batch)
    np.testing.assert_allclose(total, slopes, rtol=1e-14)


def test_a_position_outside_of_a_sample_does_not_read_the_next():
    """The batch lies end to end in memory; bounds are those of one sample."""
    with pytest.raises(IndexError, match="index 3 is out of bounds"):
        ad.vmap(lambda x, i: x[i])(np.ones((2, 3)), np.array([0, 3]))


@pytest.mark.parametrize(
    "index",
    [
        *([0, 7], [-4], "a", 1.0, np.array([0.5]), np.array([True, False])),
        *((0, 0, 0, [0]), ([0, 1], [0, 1, 2])),
    ],
    ids=str,
)
def test_errors_are_those_of_numpy(index):
    """What NumPy refuses is refused in its own words."""
    with pytest.raises(IndexError) as expected:
        X[index]
    with pytest.raises(IndexError) as caught:
        ad.grad(lambda x: np.sum(x[index]))(X)
    assert str(expected.value) == str(caught.value)


def test_a_floating_index_is_refused():
    """A traced index of floats would lose its derivative."""
    with pytest.raises(ad.errors.ConversionError, match="index"):
        ad.grad(lambda x: np.sum(x[x]))(np.ones(3))
    with pytest.raises(ad.errors.ConversionError, match="index"):
        ad.grad(lambda x: np.sum(np.take(np.ones(3), 0) * np.take(x, x)))(np.ones(3))


def test_an_index_array_changed_later_does_not_matter():
    """The tape keeps index arrays and masks of its own."""
    mask, order = np.array([True, False, True]), np.array([0, 1])

    def f(x):
        y = np.sum(x[mask]) + np.sum(x[order])
        mask[:], order[:] = False, 2
        return y

    np.testing.assert_array_equal(ad.grad(f)(np.ones(3)), [2.0, 1.0, 1.0])


def test_a_loop_of_reads_writes_no_long_arrays():
    """The cotangent of a long vector is added to in place, read by read."""
    seen = []
    zeros_like = np.zeros_like

    def counted(*args, **kwargs):
        out = zeros_like(*args, **kwargs)
        seen.append(out.size)
        return out

    def f(x):
        total = 0.0
        for k in range(50):
            total = total + np.sum(x[[k, k + 1, k]])
        return total

    x = np.ones(10_000)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(np, "zeros_like", counted)
        gradient = ad.grad(f)(x)
    assert 1 == sum(size == x.size for size in seen)
    np.testing.assert_array_equal(gradient[:3], [2.0, 3.0, 3.0])


def test_large_gathers_of_rows_are_summed_rightly():
    """Beyond some elements the sum runs over the flattened array."""
    x = np.sin(np.arange(640.0)).reshape(10, 64)
    rows = np.array([3, 3, 9, 0, 3])
    expected = np.zeros_like(x)
    np.add.at(expected, rows, 2.0 * x[rows])
    given = ad.grad(lambda x: np.sum(x[rows] ** 2))(x)
    np.testing.assert_allclose(given, expected, rtol=1e-15)
    columns = ad.grad(lambda x: np.sum(x[::2, rows] ** 2))(x)
    expected = np.zeros_like(x)
    np.add.at(expected, (slice(None, None, 2), rows), 2.0 * x[::2, rows])
    np.testing.assert_allclose(columns, expected, rtol=1e-15)


def test_where_nonzero_and_the_like_are_constants():
    """Positions of true elements, from traced arrays."""
    x = np.array([1.0, 0.0, 3.0])

    def f(x):
        (one,) = np.where(x)
        (two,) = np.nonzero(x > 0)
        three = np.argwhere(x)[:, 0]
        count = np.count_nonzero(x)
        return count * np.sum(x[one] * x[two] * x[three] * x[np.flatnonzero(x)])

    np.testing.assert_allclose(ad.grad(f)(x), 2 * 4 * x**3)
    with pytest.warns(ad.errors.BatchFallbackWarning, match="nonzero elements"):
        batch = ad.vmap(ad.grad(f))(np.stack([x, x[::-1]]))
    np.testing.assert_allclose(batch, [8 * x**3, 8 * x[::-1] ** 3])


def test_positions_index_plain_arrays_in_a_batch_by_a_loop():
    """A plain array has no batch of elements to give: vmap loops, and says so."""
    table = np.array([10.0, 20.0, 30.0])
    f = lambda x: table[np.argsort(x)] @ x  # noqa: E731
    with pytest.warns(ad.errors.BatchFallbackWarning):
        out = ad.vmap(f, plain_numpy=False)(np.array([[1, 0, 2.0]]))
    np.testing.assert_allclose(out, [20.0 * 1 + 10.0 * 0 + 30.0 * 2])
