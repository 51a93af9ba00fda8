"""Functions of the standard library that wrap or show what they are given."""

import contextlib
import functools
import io
import json
import logging

import numpy as np
import pytest

import adjoint as ad
from clone.judge import check


@functools.lru_cache
def of_pairs(pair, k):
    return float(pair[0]) * k + float(pair[1][0])


class Kernel:
    @functools.cache  # noqa: B019 - what is tested
    def value(self, t):
        return float(t) ** 2

    def __hash__(self):
        return 1


@contextlib.contextmanager
def doubled(x):
    z = np.zeros(2)
    z[0] = x
    yield z * 2.0


@functools.singledispatch
def size(x):
    return float(x) ** 2


@size.register
def _(x: np.ndarray):
    return np.sum(np.array([x[0], 1.0])) ** 3


def with_context(x):
    with doubled(x) as z:
        return z[0] * x


def as_decorator(x):
    @doubled(x)
    def inner():
        return float(x) * 2

    return inner()


KERNEL = Kernel()
CASES = {
    "lru_cache of tuples": lambda x: (
        of_pairs((x, (x * x,)), 3) + of_pairs((1, (2,)), 3)
    ),
    "cache of a method": lambda x: KERNEL.value(x) + KERNEL.value(2.0),
    "contextmanager": with_context,
    "contextmanager as a decorator": as_decorator,
    "singledispatch of a number": lambda x: size(x) * x,
    "singledispatch of an array": lambda x: size(np.array([x, x])),
}


@pytest.mark.filterwarnings("ignore::adjoint.errors.BatchFallbackWarning")
@pytest.mark.parametrize("f", CASES.values(), ids=CASES)
def test_a_wrapper(f):
    check(f, 0.5)
    check(f, 0.5)


@pytest.fixture
def shown():
    """What a logger writes, with the line that called it."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(filename)s %(funcName)s %(message)s"))
    logger = logging.getLogger("adjoint.test")
    logger.addHandler(handler)
    logger.propagate = False
    yield logger, stream
    logger.removeHandler(handler)


def test_logging_shows_numbers(shown):
    logger, stream = shown

    def loss(x):
        logger.warning("%.3f %s", x[0], [x[1], (x,)])
        logger.error("%(a)g", {"a": x[0]})
        return np.sum(x**2)

    for _ in range(2):
        ad.grad(loss)(np.array([0.5, 2.0]))
    line = "test_libraries.py loss "
    assert stream.getvalue().splitlines()[:2] == [
        f"{line}0.500 [np.float64(2.0), (array([0.5, 2. ]),)]",
        f"{line}0.5",
    ]
    assert len(stream.getvalue().splitlines()) == 4


def test_json_says_what_to_do():
    with pytest.raises(ad.errors.ConversionError, match=r"ad\.stop_gradient\(x\)"):
        ad.grad(lambda x: len(json.dumps({"loss": [x]})) * x)(2.0)
    assert json.dumps(None) == "null"
    assert ad.grad(lambda x: len(json.dumps([1.0])) * x)(2.0) == 5.0


def test_an_integer_array_names_its_dtype_and_the_cure():
    def f(x):
        counts = np.zeros(3, dtype=int)
        counts[1] = x
        return np.sum(counts)

    with pytest.raises(
        ad.errors.MutationError, match=r"dtype int64 .*np\.zeros\(n, dtype=float\)"
    ):
        ad.grad(f)(2.0)


def reshaped(x):
    z = np.zeros(6)
    z[:3] = x
    z.shape = (2, 3)
    y = x * x
    y.shape = (3, 1)
    w = np.sin(x)
    w.shape = -1
    return np.sum(z[0] * y[:, 0] * w) + z[1, 0]


SETTING = pytest.mark.filterwarnings("ignore:Setting the shape:DeprecationWarning")


@SETTING
def test_a_workspace_is_given_a_shape():
    space = np.zeros(6)

    def f(x):
        space.shape = (2, 3)
        space[0] = x
        space[1] = space[0] * x
        return np.sum(space * space)

    value, slopes = ad.value_and_grad(f)(np.array([1.0, 2.0, 3.0]))
    assert 14.0 + 98.0 == value
    np.testing.assert_array_equal(slopes, [6.0, 36.0, 114.0])
    np.testing.assert_array_equal(space, [[1.0, 2.0, 3.0], [1.0, 4.0, 9.0]])


@SETTING
def test_a_shape_is_set():
    check(lambda t: reshaped(np.array([t, 2.0 * t, 3.0])), 0.5)


@SETTING
def test_a_shape_set_beside_a_view_leaves_the_view_as_it_is():
    def f(x):
        z = x * 2.0
        part = z[1:]
        z.shape = (3, 1)
        z[2, 0] = x[0] * x[1]
        return np.sum(part)

    x = np.array([2.0, 3.0, 5.0])
    np.testing.assert_array_equal(ad.grad(f)(x), [3.0, 4.0, 0.0])


@SETTING
def test_a_shape_that_does_not_fit_is_numpys_error():
    with pytest.raises(ValueError, match="reshape"):
        ad.grad(lambda x: setattr(x * 1.0, "shape", (4,)) or x[0])(np.ones(3))


FOREIGN = {
    "lies in the memory of a": lambda _: np.frombuffer(bytearray(24)),
    "stored in a Own": lambda _: np.zeros(3).view(Own),
    "stored in a memmap": lambda path: np.memmap(path, float, "w+", shape=3),
}


class Own(np.ndarray):
    """An array of a class of its own."""


@pytest.mark.parametrize("words", FOREIGN)
def test_arrays_whose_memory_is_not_followed(words, tmp_path):
    work = FOREIGN[words](tmp_path / "work")

    def f(x):
        work[1:] = x
        return np.sum(work)

    with pytest.raises(ad.errors.MutationError, match=words):
        ad.grad(f)(np.ones(2))
    work[0] = 3.0
    assert ad.grad(lambda x: np.sum(np.asarray(work) * x[0]))(np.ones(2))[0] == 3.0
