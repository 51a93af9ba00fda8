"""Values are NumPy's to the last bit, however an argument lies in memory."""

import tracemalloc

import numpy as np
import pytest

import adjoint as ad
from adjoint._core.layout import copy_as_it_lies

windows_of = np.lib.stride_tricks.sliding_window_view
DRAW = np.random.default_rng(11)
P = DRAW.random((6, 5, 4)) + 0.2
Q = DRAW.standard_normal((4, 4))
WIDE = DRAW.random((40, 30, 20, 8)) + 0.2

LAYOUTS = {
    "rows": P,
    "columns": np.asfortranarray(P),
    "turned": np.ascontiguousarray(P.transpose(1, 2, 0)).transpose(2, 0, 1),
    "backwards": np.ascontiguousarray(P[::-1, :, ::-1])[::-1, :, ::-1],
    "stepped": np.repeat(P, 2, axis=1)[:, ::2],
    "of a wide array": WIDE[20:14:-1, 2:7, 9:5:-1, 3],
    "broadcast": np.broadcast_to(P[:1], P.shape),
    "overlapping": np.lib.stride_tricks.as_strided(P, P.shape, (32, 16, 8)),
    "float32": P.astype(np.float32),
    "float32, stepped": np.repeat(P.astype(np.float32), 3, axis=2)[..., ::3],
    "complex": P + 1j * P[::-1],
    "complex, backwards": (P + 1j * P[::-1])[:, ::-1],
    "complex64, stepped": np.repeat((P + 1j * P[::-1]).astype("F"), 2, axis=2)[
        ..., ::2
    ],
}
FUNCTIONS = {
    "dot, stack by matrix": lambda x: np.dot(x, Q),
    "dot, stack by vector": lambda x: np.dot(x, x[1, 0]),
    "dot, matrix by stack": lambda x: np.dot(Q, x.mT),
    "dot, vector by stack": lambda x: np.dot(x[0, 0], x.mT),
    "dot, stack by stack": lambda x: x.dot(x.mT),
    "inner": lambda x: np.inner(x, x[:2]),
    "vdot": lambda x: np.vdot(x, x[::-1]),
    "vdot of vectors": lambda x: np.vdot(x[0, :, 0], x[1, ::-1, 1]),
    "einsum": lambda x: np.einsum("ijk,ijk->", x, x),
    "matmul": lambda x: x @ x[0, 0],
    "matmul from the left": lambda x: x[0, 0] @ x.mT,
    "vecdot": lambda x: np.vecdot(x, x),
    "norm": lambda x: np.linalg.norm(x[0]),
    "norm of all": np.linalg.norm,
    "edges": lambda x: np.pad(x, 1, mode="edge").sum((0, 1)),
    "mirrored": lambda x: np.pad(x, 1, mode="reflect").sum((1, 2)),
    "windows' mean": lambda x: windows_of(x, (2, 2), axis=(0, 1)).mean((0, 1)),
    "windows' sum": lambda x: windows_of(x[0], (3, 3)).sum(),
    "windows' spread": lambda x: windows_of(x[0], (3, 3)).std((2, 3)),
    "windows' product": lambda x: windows_of(x[:, 0], (3, 2)).prod((2, 3)),
    "windows' einsum": lambda x: np.einsum("ijkl->", windows_of(x[0], (3, 3))),
    "windows of windows": lambda x: windows_of(x, (2, 3), axis=(0, 0)).sum((0, 2)),
    "mean": lambda x: x.mean(1),
    "variance": lambda x: np.var(x, (0, 2)),
    "nanmean": lambda x: np.nanmean(x, (0, 1)),
    "nanstd": lambda x: np.nanstd(x, (0, 1)),
    "copy": lambda x: np.copy(x).sum((0, 1)),
    "nansum": lambda x: np.nansum(x, (0, 2)),
    "ravel": lambda x: np.ravel(x[0], order="K"),
    "order A": lambda x: np.reshape(x, (4, 30), order="A").sum(0),
}
if hasattr(np, "matvec"):  # since NumPy 2.2
    FUNCTIONS["matvec"] = lambda x: np.matvec(x, x[0, 0])
    FUNCTIONS["vecmat"] = lambda x: np.vecmat(x[:, :, 0], x)


def assert_same_bits(expected, value):
    """Shape, dtype and every bit agree."""
    expected, value = np.asarray(expected), np.asarray(value)
    assert (expected.shape, expected.dtype) == (value.shape, value.dtype)
    assert expected.tobytes() == value.tobytes()


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_values_are_numpys(name, layout):
    """Forward mode, reverse mode, and one within the other."""
    f, x = FUNCTIONS[name], LAYOUTS[layout]
    expected = f(x)
    assert_same_bits(expected, ad.jvp(f, (x,), (x,))[0])
    assert_same_bits(expected, ad.vjp(f, x)[0])
    nested = ad.jvp(lambda x: ad.vjp(f, x)[0], (x,), (x,))
    assert_same_bits(expected, nested[0])


@pytest.mark.parametrize("name", FUNCTIONS)
def test_batches_are_numpys(name):
    """Each sample of a batch lies in rows."""
    f = FUNCTIONS[name]
    x = np.stack([P, 2.0 * P[::-1]])
    expected = np.stack([f(one) for one in x])
    assert_same_bits(expected, ad.vmap(f, fallback="raise")(x))


@pytest.mark.parametrize(
    "step", [(slice(None, None, -1),), (..., slice(None, None, 2))]
)
def test_large_arguments_keep_their_strides(step):
    """Also where `grad` makes one copy that the tape holds."""
    x = WIDE[:, :, :, 0][step]
    assert x.nbytes > 32768
    f = lambda x: np.einsum("ijk,ijk->", x, x)  # noqa: E731
    assert_same_bits(f(x), ad.value_and_grad(f)(x)[0])
    assert_same_bits(2.0 * x, ad.grad(f)(x))


def test_a_copy_of_a_small_view_is_small():
    """The gaps of a view that shows little of its array shrink to one element."""
    tracemalloc.start()
    column = np.zeros((1000, 1000))[:, 3]
    before, _ = tracemalloc.get_traced_memory()
    copy = copy_as_it_lies(column)
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (16,) == copy.strides
    assert after - before < 4 * column.nbytes


def test_a_copy_of_windows_takes_the_room_of_what_they_show():
    """Not that of the windows written out, for a moment either."""
    windows = windows_of(np.arange(2000.0), 1000)
    tracemalloc.start()
    copy = copy_as_it_lies(windows)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert windows.strides == copy.strides
    assert np.array_equal(windows, copy)
    assert most < 4 * 2000 * 8


@pytest.mark.parametrize(
    ("view", "strides"),
    [
        (WIDE[0, 0], (64, 8)),
        (WIDE[:, 0, 0, ::-2], (72, -16)),
        (WIDE[3:9, 2:7, ::-1, 0], (1608, 320, -16)),
        (WIDE[:, :, 0, 0], (480, 16)),
        (WIDE[:, 1::3, 0, 0], (160, 16)),
        (WIDE[:, 2:9, 0, 0], (120, 16)),
        (np.broadcast_to(WIDE[0, 0, 0], (3, 8)), (0, 8)),
    ],
)
def test_copies_keep_order_and_direction(view, strides):
    """What is next to what stays, and what runs backwards."""
    copy = copy_as_it_lies(view)
    assert np.array_equal(view, copy)
    assert np.sign(view.strides).tolist() == np.sign(copy.strides).tolist()
    assert strides == copy.strides


def test_a_copy_to_write_into_shows_each_element_once():
    """Windows overlap: a write into a copy of theirs reaches one place only."""
    windows = windows_of(np.arange(5.0), 3)
    copy = copy_as_it_lies(windows, to_write=True)
    copy[0, 2] = 9.0
    expected = np.array([[0.0, 1.0, 9.0], [1.0, 2.0, 3.0], [2.0, 3.0, 4.0]])
    assert np.array_equal(expected, copy)


def rows_of(x):
    return np.broadcast_to(x, (2, 3))


def pairs_of(x):
    return windows_of(x, 2)


@pytest.mark.parametrize("show", [rows_of, pairs_of])
def test_what_vjp_returns_can_be_written_into(show):
    """One place at a time, where NumPy's own result is a read-only view."""
    x = np.array([1.0, 2.0, 3.0])
    out, pullback = ad.vjp(show, x)
    expected = show(x).copy()
    out[0, 1] = expected[0, 1] = 9.0
    assert np.array_equal(expected, out)
    (x_bar,) = pullback(np.ones(out.shape))
    assert np.array_equal(ad.grad(lambda x: np.sum(show(x)))(x), x_bar)


def test_windows_see_later_writes():
    """They are a view, as in NumPy, and take no writes themselves."""

    def f(x):
        x = x.copy()
        windows = windows_of(x, 3)
        x[1] = 7.0 * x[0]
        return np.sum(windows * windows)

    x = np.array([1.0, 2.0, 3.0, 4.0])
    assert f(x) == 2.0 * 49.0 + 1.0 + 2.0 * 9.0 + 16.0
    value, gradient = ad.value_and_grad(f)(x)
    assert f(x) == value
    assert np.array_equal([2.0 + 4.0 * 49.0, 0.0, 12.0, 8.0], gradient)
    assert (f(x), 2.0 + 4.0 * 49.0) == ad.jvp(f, (x,), (np.eye(4)[0],))

    def write(x):
        windows = windows_of(x * 1.0, 3)
        windows[0] = 1.0
        return np.sum(windows)

    with pytest.raises(ValueError, match="read-only"):
        write(x)
    with pytest.raises(ValueError, match="read-only"):
        ad.grad(write)(x)
