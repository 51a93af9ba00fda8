"""What the functions that write refuse: plain targets, and what NumPy refuses."""

import contextlib

import numpy as np
import pytest

import adjoint as ad
from adjoint.errors import MutationError

from .arrays import MASK, VECTOR
from .judge import assert_right

PLAIN_TARGETS = {
    "np.copyto": lambda x, z: np.copyto(z, x),
    "np.put": lambda x, z: np.put(z, [0], x),
    "np.place": lambda x, z: np.place(z, MASK, x),
    "np.putmask": lambda x, z: np.putmask(z, MASK, x),
    "np.put_along_axis": lambda x, z: np.put_along_axis(z, np.array([1]), x[:1], 0),
    "np.add.at": lambda x, z: np.add.at(z, [0, 1, 2, 3], x),
    "np.multiply.at": lambda x, z: np.multiply.at(z, [0, 1, 2, 3], x),
    "np.add": lambda x, z: np.add(x, 1.0, out=z),
    "np.sin": np.sin,
    "np.cumsum": lambda x, z: np.cumsum(x, out=z),
    "np.clip": lambda x, z: np.clip(x, 0.0, 1.0, out=z),
    "z += x": lambda x, z: z.__iadd__(x),
}


@pytest.mark.parametrize("name", PLAIN_TARGETS)
def test_a_plain_target_is_refused_by_protocols_alone(name):
    """A plain array cannot hold traced values: the sentence names the function."""
    plain = np.zeros(4)
    for call in (
        lambda f: ad.grad(f, plain_numpy=False)(VECTOR),
        lambda f: ad.jvp(f, (VECTOR,), (VECTOR,), plain_numpy=False),
        lambda f: ad.vmap(f, plain_numpy=False)(np.stack([VECTOR, VECTOR])),
    ):
        with pytest.raises(MutationError, match=r"derivative") as caught:
            call(lambda x: PLAIN_TARGETS[name](x, plain) or np.sum(x))
        assert name in str(caught.value)
    np.testing.assert_array_equal(plain, np.zeros(4))


@pytest.mark.parametrize("name", PLAIN_TARGETS)
def test_a_plain_target_takes_traced_values_in_a_clone(name):
    """An array made in the function; the slopes are those of the plain program."""
    write = PLAIN_TARGETS[name]

    def program(x):
        z = np.ones(4)
        write(x, z)
        return np.sum(z * x)

    assert_right(program, VECTOR)


def test_a_refusal_to_write_is_not_swallowed():
    """A program that catches the error and goes on would be another program."""

    def program(x):
        z = np.zeros(4)
        with contextlib.suppress(TypeError):
            np.copyto(z, x)
        return np.sum(x)

    with pytest.raises(MutationError, match=r"np\.copyto"):
        ad.grad(program, plain_numpy=False)(VECTOR)
    np.testing.assert_array_equal(ad.grad(program)(VECTOR), np.ones(4))


MISTAKES = {
    "copyto of another shape": lambda y: np.copyto(y, np.ones(3)),
    "copyto of a longer mask": lambda y: np.copyto(y, 1.0, where=np.ones((2, 4), bool)),
    "copyto of complex": lambda y: np.copyto(y, 1j * y),
    "copyto by an unknown rule": lambda y: np.copyto(y, y, casting="as_you_like"),
    "put outside": lambda y: np.put(y, [4], 1.0),
    "put below": lambda y: np.put(y, [-5], 1.0),
    "put in another mode": lambda y: np.put(y, [0], 1.0, mode="somehow"),
    "place by a short mask": lambda y: np.place(y, [True], 1.0),
    "place of nothing": lambda y: np.place(y, MASK, []),
    "putmask by a short mask": lambda y: np.putmask(y, [True], 1.0),
    "fill_diagonal of a vector": lambda y: np.fill_diagonal(y, 1.0),
    "fill_diagonal of a box": lambda y: np.fill_diagonal(y.reshape(2, 1, 2), 1.0),
    "put_along_axis of rank 2": lambda y: np.put_along_axis(y, np.array([[1]]), 1, 0),
    "put_along_axis of floats": lambda y: np.put_along_axis(y, np.array([1.0]), 1.0, 0),
    "add.at outside": lambda y: np.add.at(y, [4], 1.0),
    "add.at of another shape": lambda y: np.add.at(y, [0, 1], np.ones(3)),
    "out of another shape": lambda y: np.sin(y, out=y[:2]),
    "out of a complex result": lambda y: np.multiply(y, 1j, out=y),
    "out of another length": lambda y: np.cumsum(y, out=y[:2]),
    "flat outside": lambda y: y.flat.__setitem__(4, 1.0),
    "imaginary part of a real array": lambda y: setattr(y, "imag", 1.0),
    "sort along no axis": lambda y: y.sort(axis=1),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_raises_what_numpy_raises(name):
    """The same class of error, and nothing is written."""
    mistake = MISTAKES[name]

    def program(x):
        y = x * 1.0
        mistake(y)
        return np.sum(y)

    with pytest.raises(Exception) as plain:  # noqa: PT011 - compared below
        program(VECTOR)
    kinds = (ValueError, IndexError, TypeError)
    expected = next(kind for kind in kinds if isinstance(plain.value, kind))
    for call in (
        lambda: ad.grad(program)(VECTOR),
        lambda: ad.jvp(program, (VECTOR,), (VECTOR,)),
        lambda: ad.vmap(program)(np.stack([VECTOR, VECTOR])),
    ):
        with pytest.raises(expected):
            call()
