"""Work buffers: plain arrays that change while a derivative needs them."""

import tempfile
import threading

import numpy as np
import pytest

import adjoint as ad
from adjoint import errors

from .judge import LARGE, SMALL, assert_says, right_or_loud, sentence


def reuse_buffer(x, size):
    """sum_k sum(sin(k x)) through one buffer, refilled in each turn."""
    buffer = np.empty(size)
    result = 0.0
    for k in (1.0, 2.0, 3.0):
        buffer[:] = k
        result = result + np.sum(np.sin(x * buffer))
    return result


def reuse_view(x, size):
    """The same, where the traced operation sees a view of the buffer."""
    buffer = np.empty(2 * size)
    view = buffer[:size]
    result = 0.0
    for k in (1.0, 2.0, 3.0):
        buffer[:] = k
        result = result + np.sum(np.sin(x * view))
    return result


def write_through_an_older_view(x, size):
    """The same, where the write goes through a view made before the use."""
    buffer = np.empty(size)
    view = buffer[:]
    result = 0.0
    for k in (1.0, 2.0, 3.0):
        view[:] = k
        result = result + np.sum(np.sin(x * buffer))
    return result


def reuse_out(x, size):
    """The same, refilled by a plain ufunc with out=."""
    buffer = np.zeros(size)
    result = 0.0
    for _ in range(3):
        np.add(buffer, 1.0, out=buffer)
        result = result + np.sum(np.sin(x * buffer))
    return result


def reuse_strided(x, size):
    """The same, where the traced operation sees every other element."""
    buffer = np.empty(2 * size)
    result = 0.0
    for k in (1.0, 2.0, 3.0):
        buffer[::2] = k
        result = result + np.sum(np.sin(x * buffer[::2]))
    return result


def reuse_reversed(x, size):
    """The same with a negative stride."""
    buffer = np.empty(size)
    result = 0.0
    for k in (1.0, 2.0, 3.0):
        buffer[:] = k
        result = result + np.sum(np.sin(x * buffer[::-1]))
    return result


class Buffer(np.ndarray):
    """A subclass as NumPy's own memory maps are: an array, from elsewhere."""


def reuse_subclass(x, size):
    """The same, where the buffer is of a subclass of ndarray."""
    buffer = np.empty(size).view(Buffer)
    result = 0.0
    for k in (1.0, 2.0, 3.0):
        buffer[:] = k
        result = result + np.sum(np.sin(x * buffer))
    return result


def reuse_memory_map(x, size):
    """The same, where the buffer lies in a file."""
    result = 0.0
    with tempfile.TemporaryFile() as file:
        file.truncate(8 * size)
        buffer = np.memmap(file, np.float64, "r+", shape=(size,))
        for k in (1.0, 2.0, 3.0):
            buffer[:] = k
            result = result + np.sum(np.sin(x * buffer))
    return result


def reuse_matrix(x, size):
    """sum_k k * size * sum(x) by a matrix refilled in each turn."""
    buffer = np.empty((3, size))
    result = 0.0
    for k in (1.0, 2.0, 3.0):
        buffer[:] = k / 3.0
        result = result + np.sum(np.sin(buffer @ x / size))
    return result


BUFFERS = [
    reuse_buffer,
    reuse_view,
    write_through_an_older_view,
    reuse_out,
    reuse_strided,
    reuse_reversed,
    reuse_subclass,
    reuse_memory_map,
]


def buffer_slopes(size):
    x = np.linspace(0.1, 0.9, size)
    return x, sum(k * np.cos(k * x) for k in (1.0, 2.0, 3.0))


@pytest.mark.parametrize("function", BUFFERS)
def test_a_small_work_buffer_may_be_reused(function):
    """Small arrays are copied when the tape keeps them."""
    x, expected = buffer_slopes(SMALL)
    np.testing.assert_allclose(ad.grad(lambda x: function(x, SMALL))(x), expected)


@pytest.mark.parametrize("function", BUFFERS)
def test_a_large_work_buffer_is_right_or_loud(function):
    """Large arrays are protected: the write raises, or the change is found."""
    x, expected = buffer_slopes(LARGE)
    right_or_loud(lambda: ad.grad(lambda x: function(x, LARGE))(x), expected)


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_a_matrix_as_work_buffer_is_right_or_loud(size):
    """Contractions keep their operands too."""
    x = np.linspace(0.1, 0.9, size)
    mean = np.mean(x)
    slope = sum(k * np.cos(k / 3 * mean) for k in (1.0, 2.0, 3.0)) / size
    right_or_loud(
        lambda: ad.grad(lambda x: reuse_matrix(x, size))(x), np.full(size, slope)
    )


@pytest.mark.parametrize("size", [SMALL, LARGE])
@pytest.mark.parametrize("function", BUFFERS)
def test_a_work_buffer_is_right_in_forward_mode(function, size):
    """Forward mode needs nothing twice."""
    x, slopes = buffer_slopes(size)
    _, tangent = ad.jvp(lambda x: function(x, size), (x,), (np.ones(size),))
    np.testing.assert_allclose(tangent, np.sum(slopes))


@pytest.mark.parametrize("size", [SMALL, LARGE])
@pytest.mark.parametrize("function", BUFFERS)
def test_a_work_buffer_is_right_or_loud_in_a_pullback(function, size):
    """vjp keeps what its pullback needs."""
    x, expected = buffer_slopes(size)
    right_or_loud(lambda: ad.vjp(lambda x: function(x, size), x)[1](1.0)[0], expected)


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_a_changed_mask_is_right_or_loud(size):
    """The condition of np.where is kept as well."""
    x = np.linspace(0.1, 0.9, size)

    def loss(x):
        mask = np.ones(size, bool)
        first = np.sum(np.where(mask, x**2, 0.0))
        mask[:] = False
        return first + np.sum(np.where(mask, x**3, 0.0))

    right_or_loud(lambda: ad.grad(loss)(x), 2 * x)


@pytest.mark.parametrize("position", [0, 1, 7, 1000, 1023, 1024, LARGE - 1])
def test_a_single_changed_element_is_found(position):
    """A write through an older view of one element among thousands."""
    x = np.linspace(0.1, 0.9, LARGE)

    def loss(x):
        buffer = np.ones(LARGE)
        view = buffer[:]
        y = np.sum(np.sin(x * buffer))
        view[position] = 5.0
        return y

    expected = np.cos(x)
    right_or_loud(lambda: ad.grad(loss)(x), expected)


@pytest.mark.parametrize("distance", [1, 6, 512, 1000, 1021, 1023, 1024])
@pytest.mark.parametrize("change", ["swapped", "cancelling"])
def test_a_change_that_keeps_the_sum_is_found(change, distance):
    """Two elements swapped, or two changes that cancel, at any distance."""
    size = 3 * LARGE
    x = np.linspace(0.1, 0.9, size)

    def loss(x):
        buffer = np.arange(1.0, size + 1.0)
        view = buffer[:]
        y = np.sum(np.sin(x * buffer))
        pair = [3, 3 + distance]
        view[pair] = view[pair[::-1]] if change == "swapped" else view[pair] + [1, -1]
        return y

    k = np.arange(1.0, size + 1.0)
    right_or_loud(lambda: ad.grad(loss)(x), k * np.cos(k * x))


def test_a_changed_buffer_is_explained():
    """The sentence names the cure: a copy."""
    x = np.ones(LARGE)
    message = sentence(
        errors.StaleError,
        ad.grad(lambda x: write_through_an_older_view(x, LARGE)),
        x,
    )
    assert_says(message, "changed", ".copy()")


def test_a_write_into_a_protected_buffer_is_explained():
    """NumPy's "assignment destination is read-only" becomes our sentence."""
    x, expected = buffer_slopes(LARGE)
    try:
        slopes = ad.grad(lambda x: reuse_buffer(x, LARGE))(x)
    except errors.AdjointError as error:
        assert_says(str(error), ".copy()")
    else:
        np.testing.assert_allclose(slopes, expected)


@pytest.mark.parametrize("fails", [False, True], ids=["returns", "raises"])
@pytest.mark.parametrize("writeable", [True, False])
def test_protection_ends_with_the_transform(fails, writeable):
    """Arrays are as writeable as before, also after an exception."""
    weights = np.ones(LARGE)
    weights.flags.writeable = writeable

    def loss(x):
        y = np.sum(np.sin(x * weights))
        if fails:
            raise KeyError("mine")
        return y

    try:
        ad.grad(loss)(np.ones(LARGE))
    except KeyError:
        assert fails
    assert writeable == weights.flags.writeable


def test_protection_is_counted_between_threads():
    """Two gradients that share an array: it is writeable once both have ended."""
    weights = np.ones(LARGE)
    both = threading.Barrier(2)
    slopes = []

    def loss(x):
        y = np.sum(np.sin(x * weights))
        both.wait(timeout=10)
        return y

    def work():
        slopes.append(ad.grad(loss)(np.ones(LARGE)))

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert weights.flags.writeable
    for slope in slopes:
        np.testing.assert_allclose(slope, np.cos(1.0))


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_an_input_written_by_the_function_itself(size):
    """The function reaches its own argument by another name, and writes."""
    for view_of in (lambda x: x, lambda x: x[:]):
        x = np.full(size, 0.5)
        other = view_of(x)

        def loss(x, other=other):
            y = np.sum(np.sin(x))
            other[:] = 7.0
            return y

        right_or_loud(
            lambda x=x, loss=loss: ad.grad(loss)(x), np.full(size, np.cos(0.5))
        )


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_a_stopped_value_written_by_the_function(size):
    """ad.stop_gradient gives values of the user's own, to write into."""

    def loss(x):
        y = np.exp(x)
        plain = ad.stop_gradient(y)
        plain[:] = 0.0
        return np.sum(y * y)

    x = np.linspace(0.1, 0.9, size)
    right_or_loud(lambda: ad.grad(loss)(x), 2 * np.exp(2 * x))
