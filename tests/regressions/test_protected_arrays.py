"""Plain arrays that a tape keeps: views, foreign memory, threads, hidden writes.

All functions here are run as they are: a clone follows their writes, and its tape keeps
copies of the arrays that are written into.
"""

import ctypes
import functools
import threading
import tracemalloc
import types

import numpy as np
import pytest

import adjoint
from adjoint._modes import protect
from adjoint._modes.protect import _frozen
from transforms.compare import assert_same

ad = types.SimpleNamespace(
    errors=adjoint.errors,
    **{
        name: functools.partial(getattr(adjoint, name), plain_numpy=False)
        for name in ("grad", "jacrev", "jvp", "vjp")
    },
)
N = 100


def whole_numbers(rng, *shape):
    """Small integers as floats: all sums and products of them are exact."""
    return rng.integers(-8, 9, shape).astype(float)


@pytest.fixture(autouse=True)
def _registry_is_empty():
    """No array stays frozen, whatever a test does."""
    assert {} == _frozen
    yield
    assert {} == _frozen


# A view and its base in one gradient


def base_and_transpose(a):
    """Return a function of a matrix and its transpose, the gradient, and the point."""
    f = lambda x: np.sum(x @ a.T) + np.sum(x @ a)  # noqa: E731
    return f, a.sum(axis=0) + a.sum(axis=1), np.ones(N)


def gram(a):
    f = lambda x: np.sum(a @ (a.T @ x))  # noqa: E731
    return f, a @ a.sum(axis=0), np.ones(N)


def batches(a):
    def f(w):
        parts = [np.sum((a[k : k + 25] @ w) ** 2) for k in range(0, N, 25)]
        return sum(parts) + np.sum((a @ w) ** 2)

    return f, 4.0 * a.T @ a @ np.ones(N), np.ones(N)


def view_then_base(a):
    big = a.reshape(-1)
    v = big[:1000]
    f = lambda x: np.sum(x[:1000] * v * x[:1000]) + np.sum(x * big)  # noqa: E731
    expected = big.copy()
    expected[:1000] *= 3.0
    return f, expected, np.ones(big.size)


def base_then_view(a):
    big = a.reshape(-1)
    v = big[:1000]
    f = lambda x: np.sum(x * big) + np.sum(x[:1000] * v * x[:1000])  # noqa: E731
    expected = big.copy()
    expected[:1000] *= 3.0
    return f, expected, np.ones(big.size)


def strided(a):
    f = lambda x: np.sum(x @ a[::-1, ::2]) + np.sum(x @ a) + np.sum(x @ a)  # noqa: E731
    return f, a[::-1, ::2].sum(axis=1) + 2.0 * a.sum(axis=1), np.ones(N)


PAIRS = [base_and_transpose, gram, batches, view_then_base, base_then_view, strided]
GRADIENTS = {
    "grad": lambda f, x: ad.grad(f)(x),
    "vjp": lambda f, x: ad.vjp(f, x)[1](1.0)[0],
    "jacrev": lambda f, x: ad.jacrev(f)(x),
    "jvp of one": lambda f, x: (
        ad.grad(f)(x) + 0.0 * ad.jvp(f, (x,), (np.ones_like(x),))[1]
    ),
}


@pytest.mark.parametrize("how", GRADIENTS)
@pytest.mark.parametrize("make", PAIRS)
def test_a_view_and_its_base(make, how, rng):
    """Both large, in one gradient: right, and everything writable afterwards."""
    a = whole_numbers(rng, N, N)
    f, expected, x = make(a)
    for _ in range(3):
        assert_same(expected, GRADIENTS[how](f, x))
    for array in (a, a.T, x):
        assert array.flags.writeable
    a[0, 0] = 1.0


def test_the_reviews_two_lines():
    """Exactly what was reported."""
    a = np.ones((100, 100))
    f = lambda x: np.sum(x @ a.T) + np.sum(x @ a)  # noqa: E731
    assert_same(np.full(100, 200.0), ad.grad(f)(np.ones(100)))
    assert a.flags.writeable


def test_differentiating_by_a_view_of_what_the_function_reads(rng):
    """The argument is a view of an array that the function uses."""
    base = whole_numbers(rng, 2000)
    v = base[:1000]
    f = lambda x: np.sum(x * base[:1000]) + np.sum(x * base[1000:])  # noqa: E731
    assert_same(base[:1000] + base[1000:], ad.grad(f)(v))
    g = lambda x: np.sum(x * x) + np.sum(x[0] * base)  # noqa: E731
    expected = 2.0 * v
    expected[0] += base.sum()
    assert_same(expected, ad.grad(g)(v))
    assert base.flags.writeable
    assert v.flags.writeable


def test_a_read_only_array_stays_read_only(rng):
    """What the user made read-only is handed back so, its base writable."""
    base = whole_numbers(rng, 2000)
    v = base[:]
    v.flags.writeable = False
    f = lambda x: np.sum(x * v) + np.sum(x * base)  # noqa: E731
    assert_same(2.0 * base, ad.grad(f)(np.ones(2000)))
    assert not v.flags.writeable
    assert base.flags.writeable
    base.flags.writeable = False
    assert_same(2.0 * base, ad.grad(f)(np.ones(2000)))
    assert not base.flags.writeable


def test_a_view_made_inside_the_function(rng):
    """A view made while its base is frozen keeps that flag, until it is set back."""
    a = whole_numbers(rng, N, N)
    kept = []

    def f(x):
        y = x @ a
        kept.extend([a.T, a[:5]])
        return np.sum(y)

    assert_same(a.sum(axis=1), ad.grad(f)(np.ones(N)))
    assert [False, False] == [view.flags.writeable for view in kept]
    for view in kept:
        view.flags.writeable = True
    kept[0][:] = 0.0
    assert np.count_nonzero(a) == 0


def test_pullbacks_alive_together(rng):
    """Several tapes hold one array; none of them leaves it frozen."""
    a = whole_numbers(rng, N, N)
    f, expected, x = base_and_transpose(a)
    _, one = ad.vjp(f, x)
    _, two = ad.vjp(f, x)
    assert a.flags.writeable
    assert_same(expected, ad.grad(f)(x))
    a[:] = 0.0
    assert_same((expected,), one(1.0))
    assert_same((expected,), two(1.0))


@pytest.mark.parametrize("make", PAIRS)
def test_two_threads_at_once(make, rng):
    """Gradients in two threads share a view and its base."""
    a = whole_numbers(rng, N, N)
    f, expected, x = make(a)
    gate = threading.Barrier(2)
    failures = []

    def work():
        gate.wait()
        try:
            for _ in range(20):
                assert_same(expected, ad.grad(f)(x))
        except Exception as error:  # noqa: BLE001 - reported by the assert below
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [] == failures
    assert a.flags.writeable
    assert a.T.flags.writeable
    assert x.flags.writeable


def test_an_exception_gives_everything_back(rng):
    """A function that fails half way leaves view and base writable."""
    a = whole_numbers(rng, N, N)

    def f(x):
        _ = x @ a.T, x @ a, x * a[0:1]
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        ad.grad(f)(np.ones(N))
    assert a.flags.writeable


# Arrays on foreign memory


def from_buffer(values, _):
    return np.frombuffer(bytearray(values.tobytes()))


def from_bytes(values, _):
    return np.frombuffer(values.tobytes())


def from_map(values, path):
    array = np.memmap(path / "array", dtype=float, mode="w+", shape=values.shape)
    array[:] = values
    return array


def from_ctypes(values, _):
    return np.ctypeslib.as_array((ctypes.c_double * values.size)(*values))


def from_ctypes_view(values, _):
    return np.frombuffer((ctypes.c_double * values.size)(*values))[:]


FOREIGN = [from_buffer, from_bytes, from_map, from_ctypes, from_ctypes_view]


@pytest.mark.parametrize("size", [8, 2000])
@pytest.mark.parametrize("make", FOREIGN)
def test_foreign_memory(make, size, rng, tmp_path):
    """As a constant and as the argument: right, its flags as they were."""
    values = whole_numbers(rng, size)
    array = make(values, tmp_path)
    writeable = array.flags.writeable
    f = lambda x: np.sum(x * array * array[::-1])  # noqa: E731
    for how in GRADIENTS.values():
        assert_same(values * values[::-1], how(f, np.ones(size)))
        given = how(lambda x: np.sum(x * x * values), array)
        np.testing.assert_array_equal(given, 2.0 * values * values)
        assert writeable == array.flags.writeable
    if writeable:
        array[0] = 3.0


@pytest.mark.parametrize("size", [8, 2000])
def test_foreign_memory_overwritten_meanwhile(size):
    """A write past the array, into its buffer: right or StaleError."""
    buffer = bytearray(np.ones(size).tobytes())
    array = np.frombuffer(buffer)

    def f(x):
        y = x * array
        buffer[:8] = np.float64(5.0).tobytes()
        return np.sum(y)

    try:
        given = ad.grad(f)(np.ones(size))
    except ad.errors.StaleError:
        return
    assert_same(np.ones(size), given)


# Writes that the read-only flag does not stop


def rolled(a):
    a[:] = np.roll(a, 1, axis=0)


def rolled_flat(a):
    a[:] = np.roll(a, 512)


def rows_swapped(a):
    a[[3, 40]] = a[[40, 3]]


def rows_reversed(a):
    a[:] = a[::-1].copy()


def columns_reversed(a):
    a[:] = a[:, ::-1].copy()


def two_swapped(a):
    """At a distance that is a multiple of no width: see `Fingerprint`."""
    a[3, 5], a[50, 8] = a[50, 8], a[3, 5]


def one_bit(a):
    a.view("u1")[17, 11] ^= 1


def top_bit(a):
    a.view("u1")[17, a.itemsize - 1] ^= 128


def sums_kept(a):
    a[2, 3] += 1
    a[2, 4] -= 1
    a[9, 3] -= 1
    a[9, 4] += 1


WRITES = [
    rolled,
    rolled_flat,
    rows_swapped,
    rows_reversed,
    columns_reversed,
    two_swapped,
    one_bit,
    top_bit,
    sums_kept,
]


def assert_found(array, write):
    """A write through an older view is found by grad; so is its inverse, each time."""
    older = array[:]

    def f(x):
        y = x * array
        write(older)
        return np.sum(y)

    with pytest.raises(ad.errors.StaleError, match=r"buffer\.copy"):
        ad.grad(f)(np.ones(array.shape))
    assert array.flags.writeable


@pytest.mark.parametrize("kind", ["f8", "f4", "i8", "i4", "u1"])
@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("shape", [(64, 1024), (400, 101), (800, 48)])
def test_a_hidden_write_is_found(write, kind, shape, rng):
    """Moved rows and elements, one bit, changes that keep sums: never silent."""
    assert_found(rng.integers(0, 100, shape).astype(kind), write)


@pytest.mark.parametrize("kind", ["f8", "f4", "i8", "?"])
@pytest.mark.parametrize("shape", [(64, 1024), (401, 99), (20_000, 2)])
def test_an_inverted_checkerboard_is_found(kind, shape):
    """Equal numbers of zeros and ones before and after."""
    rows, columns = np.indices(shape)
    board = ((rows + columns) % 2).astype(kind)

    def invert(a):
        a[:] = 1 - a.astype(float)

    def roll(a):
        a[:] = np.roll(a, 1)

    assert_found(board.copy(), invert)
    assert_found(board.copy(), roll)
    assert_found(np.asfortranarray(board), invert)
    assert_found(board.copy()[:, ::-1], invert)


@pytest.mark.parametrize("argument", [False, True])
@pytest.mark.parametrize("kind", ["f8", "f4", "i8", "i4", "?"])
def test_no_width_lets_a_roll_pass(kind, argument, rng, monkeypatch):
    """Rows of 1024 words rolled, with every width the fingerprint may draw."""
    columns = 1024 * 8 // np.dtype(kind).itemsize
    array = (rng.integers(0, 100, (8, columns)) % 7).astype(kind)
    if argument and array.dtype.kind != "f":
        array = array.astype(float)
    missed = []
    before = array.copy()
    for width in protect._WIDTHS:
        monkeypatch.setattr(
            protect, "draw_widths", lambda count, width=width: [width, 4099][:count]
        )
        vault = protect.Vault(copying=False)
        array[:] = before
        older = array[:]
        vault.keep(array, argument=argument)
        older[:] = np.roll(older, 1, axis=0)
        if vault.release():
            missed.append(width)
    assert [] == missed


# Arguments of which no view exists


def _in_a_dict(w):
    return {"w": w}


def _in_a_module(w):
    layer = adjoint.nn.Linear(200, 64, rng=np.random.default_rng(0))
    return layer.with_parameters({"weight": w, "bias": np.zeros(64)})


def _weight(model):
    return model["w"] if isinstance(model, dict) else model.weight


@pytest.fixture
def fingerprints(monkeypatch):
    """The shapes of the arrays that were fingerprinted."""
    shapes = []

    class Counted(protect.Fingerprint):
        def __init__(self, array, *, across):
            shapes.append(array.shape)
            super().__init__(array, across=across)

    monkeypatch.setattr(protect, "Fingerprint", Counted)
    return shapes


def _squares(model):
    return np.sum(_weight(model) ** 2 * 0.5)


@pytest.mark.parametrize("contain", [_in_a_dict, _in_a_module])
def test_an_argument_without_views_is_frozen_alone(contain, rng, fingerprints):
    """Nothing can write into it, so nothing is summed."""
    model = contain(rng.standard_normal((200, 64)))
    before = _weight(model).copy()
    assert_same(before, _weight(ad.grad(_squares)(model)))
    assert ([] if protect.EXACT_COUNTS else [(200, 64)]) == fingerprints

    def into_itself(inner):
        _weight(model)[0, 0] = 5.0
        return _squares(inner)

    with pytest.raises(ad.errors.MutationError, match="it is read-only meanwhile"):
        ad.grad(into_itself)(model)
    assert_same(before, _weight(model))
    assert _weight(model).flags.writeable


@pytest.mark.parametrize("contain", [_in_a_dict, _in_a_module])
@pytest.mark.parametrize("other", [np.transpose, memoryview, lambda w: w])
def test_an_argument_with_a_view_is_fingerprinted(contain, other, rng, fingerprints):
    """Views, buffers and mere names of the array outside of its container."""
    model = contain(rng.standard_normal((200, 64)))
    kept = other(_weight(model))
    assert_same(_weight(model), _weight(ad.grad(_squares)(model)))
    assert [(200, 64)] == fingerprints
    del kept


def test_a_write_through_a_view_of_an_argument_is_found(rng):
    model = _in_a_dict(rng.standard_normal((200, 64)))
    view = model["w"].T

    def f(inner):
        out = _squares(inner)
        view[3, 4] += 1.0
        return out

    with pytest.raises(ad.errors.StaleError, match="through another view"):
        ad.grad(f)(model)
    assert model["w"].flags.writeable


@pytest.mark.parametrize("contain", [_in_a_dict, _in_a_module])
def test_an_argument_made_writable_again_is_found(contain, rng):
    """It has no fingerprint, and could hold anything by now."""
    model = contain(rng.standard_normal((200, 64)))

    def f(inner):
        out = _squares(inner)
        _weight(model).flags.writeable = True
        _weight(model)[3, 4] += 1.0
        return out

    with pytest.raises(ad.errors.StaleError):
        ad.grad(f)(model)
    assert _weight(model).flags.writeable


# What it costs


@pytest.mark.parametrize("transform", ["vjp", "grad"])
def test_a_view_in_a_loop_is_not_copied_at_each_use(transform):
    """Fifty uses of A.T keep one copy at most."""
    a = np.ones((300, 300))
    x = np.ones(300)

    def f(x):
        total = 0.0
        for _ in range(50):
            total = total + np.sum(x @ a.T)
        return total

    tracemalloc.start()
    try:
        given = GRADIENTS[transform](f, x)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert_same(np.full(300, 15_000.0), given)
    assert peak < 4 * a.nbytes


def test_an_elementwise_product_with_a_view_in_a_loop():
    """x * A.T fifty times under vjp: the copies of A.T are one."""
    a = np.ones((300, 300))

    def f(x):
        for _ in range(50):
            x = x * a.T
        return x[0, 0]

    def base(x):
        for _ in range(50):
            x = x * 1.0
        return x[0, 0]

    def peak(g):
        tracemalloc.start()
        try:
            assert 1.0 == ad.vjp(g, np.ones((300, 300)))[1](1.0)[0][0, 0]
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert peak(f) - peak(base) < 4 * a.nbytes


@pytest.mark.filterwarnings("ignore:Setting the shape:DeprecationWarning")
def test_an_array_that_gets_another_shape_is_another_array():
    """NumPy 2.5 warns of it, and still does it."""
    a = np.arange(1.0, 60_001.0).reshape(200, 300).copy()

    def f(x, y):
        out = np.sum(x * a)
        a.shape = (300, 200)
        out += np.sum(np.sin(y) * a)
        a.shape = (200, 300)
        return out

    x, y = np.ones(300), np.ones(200)
    pulled = ad.vjp(f, x, y)[1](1.0)
    np.testing.assert_array_equal(a.sum(axis=0), pulled[0])
    turned = a.reshape(300, 200).sum(axis=0)
    np.testing.assert_allclose(np.cos(1.0) * turned, pulled[1], rtol=1e-13)
