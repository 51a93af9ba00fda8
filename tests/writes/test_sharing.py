"""Whether a result shares memory with its argument is seen by writing: as in NumPy.

Each program makes ``r`` from ``y``, writes into one of them, and adds up both.
"""

import numpy as np
import pytest

import adjoint as ad

from .arrays import VECTOR
from .judge import assert_right

MATRIX = np.array([[0.5, -1.2, 2.0], [1.1, 0.3, -0.7]])
SQUARE = np.array([[0.5, -1.2, 2.0], [1.1, 0.3, -0.7], [0.9, 1.4, -0.2]])

OF_VECTORS = {
    "x itself": lambda y: y,
    "x[:]": lambda y: y[:],
    "x[...]": lambda y: y[...],
    "x[()]": lambda y: y[()],
    "x[1:]": lambda y: y[1:],
    "x[::-1]": lambda y: y[::-1],
    "x[::2]": lambda y: y[::2],
    "x[1:][::-2]": lambda y: y[1:][::-2],
    "x[None]": lambda y: y[None],
    "x[mask]": lambda y: y[np.array([True, False, True, True])],
    "x[[0, 1]]": lambda y: y[[0, 1]],
    "x[array]": lambda y: y[np.array([1, 1, 3])],
    "x[:, None][[0]]": lambda y: y[:, None][[0]],
    "x.copy()": lambda y: y.copy(),
    "np.copy": np.copy,
    "x.flatten()": lambda y: y.flatten(),
    "x.flatten('F')": lambda y: y.flatten("F"),
    "x.ravel()": lambda y: y.ravel(),
    "np.ravel": np.ravel,
    "np.ravel of a strided view": lambda y: np.ravel(y[::2]),
    "reshape of a strided view": lambda y: y[::2].reshape(-1),
    "np.ravel of a turned view": lambda y: np.ravel(y[::-1]),
    "x.reshape(2, 2)": lambda y: y.reshape(2, 2),
    "x.reshape(copy=True)": lambda y: y.reshape(2, 2, copy=True),
    "np.reshape": lambda y: np.reshape(y, (1, 4)),
    "np.reshape order F": lambda y: np.reshape(y, (2, 2), order="F"),
    "x.astype(float)": lambda y: y.astype(float),
    "x.astype(copy=False)": lambda y: y.astype(float, copy=False),
    "+x": lambda y: +y,
    "np.positive": np.positive,
    "np.real": np.real,
    "x.real": lambda y: y.real,
    "x.conj()": lambda y: y.conj(),
    "np.conjugate": np.conjugate,
    "np.real_if_close": np.real_if_close,
    "np.squeeze": np.squeeze,
    "np.squeeze of ones": lambda y: np.squeeze(y.reshape(1, 4, 1)),
    "np.expand_dims": lambda y: np.expand_dims(y, 0),
    "np.atleast_1d": np.atleast_1d,
    "np.atleast_2d": np.atleast_2d,
    "np.atleast_3d": np.atleast_3d,
    "np.flip": np.flip,
    "np.flip of no axis": lambda y: np.flip(y, ()),
    "np.flipud": np.flipud,
    "np.transpose": np.transpose,
    "x.T": lambda y: y.T,
    "np.split": lambda y: np.split(y, 2)[1],
    "np.array_split": lambda y: np.array_split(y, 3)[0],
    "np.hsplit": lambda y: np.hsplit(y, 2)[0],
    "np.diag of a vector": np.diag,
    "np.einsum('i->i')": lambda y: np.einsum("i->i", y),
    "np.sort": np.sort,
    "np.cumsum": np.cumsum,
    "np.roll by 0": lambda y: np.roll(y, 0),
    "np.clip": lambda y: np.clip(y, -9.0, 9.0),
    "np.concatenate of one": lambda y: np.concatenate([y]),
    "np.stack of one": lambda y: np.stack([y]),
    "np.take": lambda y: np.take(y, [0, 1]),
    "np.where": lambda y: np.where(True, y, 0.0),
    "x.flat[::2]": lambda y: y.flat[::2],
    "x.flat.copy()": lambda y: y.flat.copy(),
    "np.abs": np.abs,
    "np.delete": lambda y: np.delete(y, 0),
}
OF_MATRICES = {
    "x[0]": lambda y: y[0],
    "x[:, 1]": lambda y: y[:, 1],
    "x[0][1:]": lambda y: y[0][1:],
    "x[..., ::-1]": lambda y: y[..., ::-1],
    "a row in a loop": lambda y: list(y)[1],
    "x[[0]]": lambda y: y[[0]],
    "x[0, [0, 1]]": lambda y: y[0, [0, 1]],
    "x[:, [2, 0]]": lambda y: y[:, [2, 0]],
    "x.T": lambda y: y.T,
    "x.T[1]": lambda y: y.T[1],
    "x.mT": lambda y: y.mT,
    "np.swapaxes": lambda y: np.swapaxes(y, 0, 1),
    "np.moveaxis": lambda y: np.moveaxis(y, 0, 1),
    "np.rollaxis": lambda y: np.rollaxis(y, 1),
    "np.ravel": np.ravel,
    "np.ravel of x.T": lambda y: np.ravel(y.T),
    "x.ravel('F')": lambda y: y.ravel("F"),
    "x.T.ravel('F')": lambda y: y.T.ravel("F"),
    "x.T.reshape(-1)": lambda y: y.T.reshape(-1),
    "x.T.copy().ravel()": lambda y: y.T.copy().ravel(),
    "np.copy(x.T).ravel()": lambda y: np.copy(y.T).ravel(),
    "x.flatten()": lambda y: y.flatten(),
    "x.T.flatten('F')": lambda y: y.T.flatten("F"),
    "x.reshape(3, 2)": lambda y: y.reshape(3, 2),
    "np.rot90": np.rot90,
    "np.rot90 twice": lambda y: np.rot90(y, 2),
    "np.rot90 by 0": lambda y: np.rot90(y, 0),
    "np.flip": np.flip,
    "np.fliplr": np.fliplr,
    "np.vsplit": lambda y: np.vsplit(y, 2)[0],
    "np.hsplit": lambda y: np.hsplit(y, 3)[1],
    "np.tril": np.tril,
    "np.einsum('ij->ji')": lambda y: np.einsum("ij->ji", y),
    "np.einsum('ij->ij')": lambda y: np.einsum("ij->ij", y),
    "np.einsum('ij->i')": lambda y: np.einsum("ij->i", y),
    "np.atleast_3d": np.atleast_3d,
    "np.squeeze": np.squeeze,
}
CASES = [
    *(
        pytest.param(f, VECTOR, id=f"{name} of a vector")
        for name, f in OF_VECTORS.items()
    ),
    *(
        pytest.param(f, MATRIX, id=f"{name} of a matrix")
        for name, f in OF_MATRICES.items()
    ),
]
WEIGHTS = np.array([0.3, -1.1, 0.8, 0.5, 1.7, -0.6])


def added_up(y, r):
    """A number that tells every element of both from the others."""
    first, second = np.ravel(y) ** 2, np.ravel(r) ** 3
    turned = WEIGHTS[::-1]
    if np.size(r) > WEIGHTS.size:
        turned = np.linspace(0.2, 0.9, np.size(r))
    return np.sum(first * WEIGHTS[: np.size(y)]) + np.sum(second * turned[: np.size(r)])


@pytest.mark.parametrize(("make", "x"), CASES)
def test_a_write_into_a_result_reaches_the_argument_as_in_numpy(make, x):
    """One element exchanged for a traced value, and another one scaled."""

    def program(x):
        y = x * 1.5
        r = make(y)
        place = (0,) * r.ndim
        r[place] = np.sin(y[(0,) * y.ndim]) * y[(-1,) * y.ndim]
        r *= 0.5
        return added_up(y, r)

    assert_right(program, x)


@pytest.mark.parametrize(("make", "x"), CASES)
def test_a_write_into_the_argument_reaches_a_result_as_in_numpy(make, x):
    """The other direction: the result was made before, and is read afterwards."""

    def program(x):
        y = x * 1.5
        r = make(y)
        y[(0,) * y.ndim] = y[(-1,) * y.ndim] ** 2
        y *= 0.5
        return added_up(y, r)

    assert_right(program, x)


@pytest.mark.parametrize(("make", "x"), CASES)
def test_a_write_into_a_result_of_the_input_itself(make, x):
    """The function's own argument, in either order in memory."""

    def program(x):
        r = make(x)
        r[...] = r * r
        return added_up(x, r)

    assert_right(program, x)
    assert_right(program, np.asfortranarray(x))


READ_ONLY = {
    "np.diagonal": np.diagonal,
    "x.diagonal()": lambda y: y.diagonal(),
    "np.diag": np.diag,
    "np.linalg.diagonal": np.linalg.diagonal,
    "np.broadcast_to": lambda y: np.broadcast_to(y, (2, 3, 3)),
    "np.broadcast_to of a row": lambda y: np.broadcast_to(y[0], (3, 3)),
    "np.imag": np.imag,
    "x.imag": lambda y: y.imag,
}


def test_a_read_only_view_raises_numpys_error():
    """A ValueError, which the program may catch as it catches NumPy's."""

    def program(x):
        y = x * 1.0
        try:
            np.diagonal(y)[0] = 1.0
        except ValueError:
            y[0, 0] = 2.0 * y[1, 1]
        return np.sum(y * x)

    assert_right(program, SQUARE)
    with pytest.raises(ValueError, match=r"read-only.*diagonal"):
        ad.grad(lambda x: np.diagonal(x).__setitem__(0, 1.0))(SQUARE)


@pytest.mark.parametrize("name", READ_ONLY)
def test_what_numpy_makes_read_only_stays_so(name):
    """NumPy's own ValueError, as a sentence of ours or its own."""

    def program(x):
        r = READ_ONLY[name](x * 1.0)
        r[...] = 2.0
        return np.sum(r)

    with pytest.raises(ValueError, match="read-only"):
        program(SQUARE)
    for call in (
        lambda: ad.grad(program)(SQUARE),
        lambda: ad.jvp(program, (SQUARE,), (SQUARE,)),
        lambda: ad.vmap(program)(np.stack([SQUARE, SQUARE])),
    ):
        with pytest.raises((ValueError, ad.errors.MutationError), match="read-only"):
            call()


@pytest.mark.parametrize(
    "make",
    [
        np.diagonal,
        lambda y: np.diagonal(y.T, 1),
        lambda y: np.broadcast_to(y[1], (2, 3)),
    ],
)
def test_a_view_that_is_read_only_follows_its_array(make):
    """A diagonal taken before a write shows it."""

    def program(x):
        y = x * 1.0
        r = make(y)
        y[...] = y * y[0, 0]
        y[1, 1] = 3.0 * y[0, 1]
        return np.sum(np.sin(r)) + np.sum(y)

    assert_right(program, SQUARE)


@pytest.mark.parametrize(
    ("subscripts", "shape"),
    [("ii->i", (3, 3)), ("iji->ji", (2, 3, 2)), ("iijj->ji", (2, 2, 3, 3))],
)
def test_the_diagonals_that_einsum_gives_are_written_through(subscripts, shape):
    """As in NumPy, where they are a view into the matrix; and they follow it."""

    def program(x):
        y = x * 1.0
        view = np.einsum(subscripts, y)
        view[...] = view * view + 2.0
        y *= y
        view[0] *= 3.0
        return np.sum(np.sin(y)) + np.sum(view)

    assert_right(program, np.arange(np.prod(shape)).reshape(shape) / 20.0)


def test_a_buffer_is_filled_along_the_diagonal_that_einsum_gives():
    def program(x):
        z = np.zeros((2, 2))
        np.einsum("ii->i", z)[...] = x
        return np.sum(z @ z) + z[0, 0]

    np.testing.assert_array_equal(ad.grad(program)(np.array([3.0, 4.0])), [7.0, 8.0])
