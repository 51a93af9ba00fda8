"""Arrays that are not the function's own: written into, and plain again afterwards."""

import threading

import numpy as np
import pytest

import adjoint as ad
from differences import gradient

X = np.array([0.3, 0.5, 0.7])
SPACE = np.zeros(3)


class Model:
    """Workspaces in an attribute, a list and a dictionary, and aliases of them."""

    def __init__(self):
        self.u = np.zeros(3)
        self.rows = [np.zeros(3), np.zeros(3)]
        self.named = {"a": np.zeros(3)}
        self.calls = 0

    def by_attribute(self, x):
        self.u[:] = x
        self.u[1:] += self.u[:-1] ** 2
        return np.sum(self.u * x)

    def by_alias(self, x):
        u = self.u
        u[:] = 2.0 * x
        return np.sum(self.u**2)

    def by_list(self, x):
        for row in self.rows:
            row[:] = x
            x = np.sin(x)
        return np.sum(self.rows[0] * self.rows[1])

    def by_dictionary(self, x):
        self.named["a"][0] = x[1]
        self.named["a"] *= x
        return np.sum(self.named["a"] + x**2)

    def in_place(self, x):
        self.u *= 0.0
        self.u += x
        return np.sum(self.u**3)

    def new_attribute(self, x):
        self.latest = x * 2.0
        return np.sum(self.latest**2)


def by_global(x):
    SPACE[:] = x
    SPACE[0] *= SPACE[2]
    return np.sum(SPACE**2)


def by_default(x, space=np.zeros(3)):  # noqa: B008 - what is tested
    space[:] = x * x
    return np.sum(space)


METHODS = ["by_attribute", "by_alias", "by_list", "by_dictionary", "in_place"]


def functions():
    return [*(getattr(Model(), name) for name in METHODS), by_global, by_default]


@pytest.mark.parametrize("f", functions(), ids=[*METHODS, "by_global", "by_default"])
def test_derivatives(f):
    slopes, error = gradient(f, X)
    assert error < 1e-9
    for _ in range(2):
        value, given = ad.value_and_grad(f)(X)
        assert f(X) == value
        np.testing.assert_allclose(given, slopes, rtol=1e-9)
    np.testing.assert_allclose(
        ad.jvp(f, (X,), (np.ones(3),))[1], slopes.sum(), rtol=1e-9
    )
    by_rows = ad.hessian(f)(X)
    np.testing.assert_allclose(by_rows, by_rows.T, rtol=1e-12, atol=1e-12)
    batch = np.stack([X, X**2])
    np.testing.assert_allclose(
        ad.vmap(ad.grad(f))(batch), [ad.grad(f)(x) for x in batch], rtol=1e-12
    )


def test_workspaces_are_the_same_plain_arrays_afterwards():
    model = Model()
    u, rows, named = model.u, list(model.rows), model.named["a"]
    for name in METHODS:
        ad.grad(getattr(model, name))(X)
    assert model.u is u
    assert all(a is b for a, b in zip(model.rows, rows, strict=True))
    assert model.named["a"] is named
    assert all(type(one) is np.ndarray for one in (model.u, *model.rows, named))
    np.testing.assert_array_equal(X, model.u)  # what `in_place` leaves
    np.testing.assert_array_equal(np.sin(X), model.rows[1])


def test_an_attribute_set_to_a_traced_value_is_plain_afterwards():
    model = Model()
    ad.grad(model.new_attribute)(X)
    assert type(model.latest) is np.ndarray
    np.testing.assert_array_equal(2.0 * X, model.latest)


def test_after_a_failure_too():
    space = np.ones(3)

    def f(x):
        space[:] = x
        raise KeyError

    with pytest.raises(KeyError):
        ad.grad(f)(X)
    np.testing.assert_array_equal(X, space)


def reader_of(text, **names):
    """Return the function ``look`` of a text without a file: it is not followed."""
    exec(f"import numpy as np\n{text}", names)  # noqa: S102 - no source
    return names["look"]


READERS = {
    "the global space": lambda u: reader_of("def look(): return np.nansum(w)", w=u),
    "in a list": lambda u: reader_of("def look(): return max(0, w[0][0])", w=[u]),
    "a variable": lambda u: reader_of(
        "def of(w):\n    def look(): return w[0] > 0\n    return look\nlook = of(v)",
        v=u,
    ),
    "a default": lambda u: reader_of("def look(w=v): return w[0] > 0", v=u),
}


@pytest.mark.parametrize("name", READERS)
def test_a_plain_reader_is_not_called(name):
    """It would compute with nan, and its result might not tell."""
    space = np.ones(3)
    look = READERS[name](space)

    def f(x):
        before = look()
        space[:] = x
        return np.sum(space) + look() + before

    with pytest.raises(
        ad.errors.MutationError, match=r"look was called .*shape \(3,\)"
    ):
        ad.grad(f)(X)
    np.testing.assert_array_equal(X, space)


def test_a_plain_reader_of_an_attribute():
    model = Model()
    look = reader_of("def look(model): return np.nansum(model.u)")
    other = reader_of("def look(model): return model.calls")

    def f(x):
        model.u[:] = x
        return np.sum(model.u) + other(model) + look(model)

    with pytest.raises(ad.errors.MutationError, match="attribute u"):
        ad.grad(f)(X)
    np.testing.assert_array_equal(
        np.ones(3), ad.grad(lambda x: f(x) if False else np.sum(x) + other(model))(X)
    )


def test_a_plain_reader_may_read_before_and_afterwards():
    space = np.ones(3)
    look = READERS["the global space"](space)

    def f(x):
        before = look()
        space[:] = x
        return np.sum(space**2) * before

    np.testing.assert_array_equal(6.0 * X, ad.grad(f)(X))
    assert np.sum(X) == look()


def test_a_mistake_of_the_function_is_its_own_error():
    """Not one of ours, though it writes into an array that others hold."""

    def f(x):
        SPACE[:] = x
        return len(3)

    with pytest.raises(TypeError, match="'int' has no len"):
        ad.grad(f)(X)


def test_an_array_that_is_read_only_stays_so():
    space = np.ones(3)
    space.flags.writeable = False

    def f(x):
        space[0] = x[0]
        return np.sum(space)

    with pytest.raises(ValueError, match="read-only"):
        f(X)
    with pytest.raises(ValueError, match="read-only"):
        ad.grad(f)(X)
    np.testing.assert_array_equal(np.ones(3), space)


def test_a_workspace_without_axes():
    """Products of such arrays are numbers, cotangents among them."""
    space = np.zeros(())

    def f(x):
        space[...] = x[0]
        space[()] = space * x[1]
        return np.sin(space) * x[2]

    def same(x):
        return np.sin(x[0] * x[1]) * x[2]

    assert same(X) == ad.value_and_grad(f)(X)[0]
    np.testing.assert_allclose(ad.grad(f)(X), ad.grad(same)(X), rtol=1e-14)
    np.testing.assert_allclose(ad.jacfwd(f)(X), ad.grad(same)(X), rtol=1e-14)
    np.testing.assert_allclose(ad.hessian(f)(X), ad.hessian(same)(X), rtol=1e-12)


VIEWS = {
    "reshaped": lambda base: base.reshape(3, 4),
    "turned": lambda base: base.reshape(3, 4).T,
    "a stretch reshaped": lambda base: base[3:9].reshape(2, 3),
    "rows of a table": lambda base: base.reshape(4, 3)[1:3],
    "turned rows": lambda base: base.reshape(4, 3)[1:3].T,
    "three axes turned": lambda base: base.reshape(2, 3, 2).transpose(1, 2, 0),
    "a column": lambda base: base.reshape(4, 3)[:, 1],
    "backwards": lambda base: base[::-2],
    "of a matrix, turned": lambda base: base.reshape(4, 3).copy().T,
    "of a matrix, flat": lambda base: base.reshape(4, 3).copy().reshape(-1),
}


@pytest.mark.parametrize("make", VIEWS.values(), ids=VIEWS)
def test_views_that_were_made_outside(make):
    base = np.zeros(12)
    view = make(base)

    def f(x):
        base[:] = 1.0
        view[...] = x[0] * np.arange(view.size).reshape(view.shape)
        base[4:7] *= x
        view[0] *= x[1]
        return np.sum(view**2) + np.sum(np.sin(base))

    slopes, error = gradient(f, X)
    assert error < 1e-9
    value, given = ad.value_and_grad(f)(X)
    after = base.copy(), view.copy()
    assert f(X) == value
    np.testing.assert_allclose(given, slopes, rtol=1e-9)
    np.testing.assert_array_equal(base, after[0])
    np.testing.assert_array_equal(view, after[1])


def test_integers_do_not_take_traced_values():
    counts = np.zeros(3, dtype=int)

    def f(x):
        counts[0] = x[0]
        return np.sum(counts)

    with pytest.raises(ad.errors.AdjointError, match="int"):
        ad.grad(f)(X)


class Number:
    """Operators, a property and a context manager: Python calls them by itself."""

    def __init__(self, value):
        self.parts = np.zeros(2)
        self.parts[0] = value

    def __add__(self, other):
        return Number(self.parts[0] + other.parts[0])

    @property
    def doubled(self):
        return np.array([self.parts[0], self.parts[0]]).sum()

    def __enter__(self):
        self.parts[1] = self.parts[0]
        return self.parts

    def __exit__(self, *_):
        self.parts[1] = 0.0


def by_operators(x):
    total = Number(x[0]) + Number(x[1])
    with total as parts:
        return parts[1] ** 2 + total.doubled


def test_methods_that_python_calls_by_itself():
    codes = {name: vars(Number)[name] for name in ("__init__", "__add__", "__enter__")}
    before = {name: one.__code__ for name, one in codes.items()}
    slopes, _ = gradient(by_operators, X)
    np.testing.assert_allclose(ad.grad(by_operators)(X), slopes, atol=1e-9)
    assert before == {name: one.__code__ for name, one in codes.items()}
    assert all(before[name] is codes[name].__code__ for name in codes)


def test_two_threads_that_only_read_an_array_do_not_disturb_each_other():
    table, mine = np.array([1.0, 2.0, 3.0]), threading.local()

    def f(x):
        mine.space = np.zeros(3)
        rows = {"own": mine.space}
        rows["own"][:] = x * table
        return np.sum(rows["own"] ** 2)

    found, errors = [], []

    def work():
        try:
            for _ in range(50):
                found.append(ad.grad(f)(X))  # noqa: PERF401 - until one fails
        except Exception as error:  # noqa: BLE001 - reported below
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert [] == errors
    np.testing.assert_allclose(found, [2.0 * table**2 * X] * 100, rtol=1e-13)


def test_a_result_of_a_plain_reader_is_refused():
    """It would be nan without a reason; the error names one."""
    space = np.ones(3)
    holder = {"deep": [{"space": space}]}  # farther than one look goes
    look = reader_of(
        "def look(): return holder['deep'][0]['space'].sum() * 2.0", holder=holder
    )

    def f(x):
        space[:] = x
        return look() + x[0]

    with pytest.raises(ad.errors.MutationError, match="has read that array"):
        ad.grad(f)(X)
    np.testing.assert_array_equal(X, space)


def test_another_nan_is_no_reason():
    space = np.ones(3)

    def f(x):
        space[:] = x
        return np.sum(space) * np.nan

    value, slopes = ad.value_and_grad(f)(X)
    assert np.isnan(value)
    assert np.isnan(slopes).all()


def test_a_result_written_where_the_second_argument_says():
    """``np.tanh(z, z)`` has one input and one output."""

    def f(x):
        z = np.zeros(3)
        z[1:] = x[1:]
        np.tanh(z, z)
        return np.sum(z * x)

    slopes, _ = gradient(f, X)
    np.testing.assert_allclose(ad.grad(f)(X), slopes, atol=1e-10)
