"""A clone is the user's function in all but its calls: names, lines, cells, effects."""

import bdb
import functools
import importlib.util
import inspect
import linecache
import sys
import traceback
import warnings

import numpy as np
import pytest

import adjoint as ad
from adjoint._clone.hooks import DEEP, SHALLOW


def store(x):
    z = np.zeros(2)
    z[0] = x
    z[1] = 2.0 * x
    return np.sum(z**2)


def fails(x):
    z = np.zeros(2)
    z[0] = x
    raise KeyError("on this line")


def lines_of(function, *args):
    """The lines that run in the functions of this file, relative to the first."""
    seen = []

    def trace(frame, event, _arg):
        if frame.f_code.co_filename != __file__:
            return None
        if event == "line":
            seen.append((frame.f_code.co_name, frame.f_lineno))
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        function(*args)
    finally:
        sys.settrace(before)
    return seen


def test_a_traceback_shows_the_users_file_and_line():
    with pytest.raises(KeyError) as caught:
        ad.grad(fails)(1.0)
    last = traceback.extract_tb(caught.value.__traceback__)[-1]
    assert (__file__, "fails", fails.__code__.co_firstlineno + 3) == (
        last.filename,
        last.name,
        last.lineno,
    )
    assert 'raise KeyError("on this line")' == last.line


def many_lines(x):
    total = 0.0
    for i in range(3):
        total += helper(
            x,
            i,
        )
    values = [helper(x, j) for j in range(2)]
    if total > 0:
        return total + sum(values)
    return total


def helper(x, i):
    y = np.array([x, i])
    return np.sum(y)


@pytest.mark.parametrize("cloner", [SHALLOW, DEEP], ids=["shallow", "deep"])
def test_the_same_lines_run(cloner):
    """Line events of settrace, what coverage and profilers go by."""
    assert lines_of(many_lines, 1.5) == lines_of(cloner.clone(many_lines), 1.5)


def test_breakpoints_are_hit_with_the_right_locals():
    class Debugger(bdb.Bdb):
        seen = ()

        def user_line(self, frame):
            if self.break_here(frame):
                self.seen = (*self.seen, (frame.f_lineno, sorted(frame.f_locals)))
            self.set_continue()

    debugger = Debugger()
    line = store.__code__.co_firstlineno + 3
    debugger.set_break(__file__, line)
    linecache.checkcache(__file__)
    try:
        debugger.runcall(ad.grad(store), 1.0)
    finally:
        debugger.clear_all_breaks()
    assert ((line, ["x", "z"]),) == debugger.seen


def test_names_and_texts_are_the_functions_own():
    clone = SHALLOW.clone(store)
    assert (store.__name__, store.__qualname__, store.__module__) == (
        clone.__name__,
        clone.__qualname__,
        clone.__module__,
    )
    assert clone.__globals__ is store.__globals__
    assert clone.__code__ is not store.__code__
    assert clone.__code__.co_varnames == store.__code__.co_varnames


def test_a_clone_is_made_once():
    assert SHALLOW.clone(store).__code__ is SHALLOW.clone(store).__code__
    clone = SHALLOW.clone(store)
    assert SHALLOW.clone(clone) is clone


def test_two_lambdas_on_one_line():
    f, g = (lambda x: np.array([x, 1.0]).sum()), (lambda x: np.array([x, x]).prod())
    assert 1.0 == ad.grad(f)(3.0)
    assert 6.0 == ad.grad(g)(3.0)


def test_a_lambda_is_no_proof_that_the_function_around_it_is_a_clone():
    """``helper`` is a plain function here, though one ``def`` alone binds its name."""

    def helper(x):
        z = np.zeros(2)
        z[0] = x
        return z[0] * x

    assert 12.0 == ad.grad(lambda x: 2.0 * helper(x))(3.0)


def test_cells_are_shared_both_ways():
    count, scale = 0, 2.0

    def f(x):
        nonlocal count
        count += 1
        z = np.zeros(1)
        z[0] = scale * x
        return z[0]

    assert 2.0 == ad.grad(f)(1.0)
    scale = 5.0
    assert 5.0 == ad.grad(f)(1.0)
    assert 2 == count


CALLS = []


def test_globals_are_shared_both_ways():
    def f(x):
        global CALLS  # noqa: PLW0603 - what is tested
        CALLS = [*CALLS, "f"]
        return np.array([x, x]).sum()

    CALLS.clear()
    assert 2.0 == ad.grad(f)(1.0)
    assert ["f"] == CALLS


def test_defaults_are_the_same_objects():
    box = []

    def f(x, where=box, *, scale=3.0):
        where.append("called")
        return np.array([scale * x]).sum()

    assert 3.0 == ad.grad(f)(1.0)
    assert ["called"] == box


def test_decorators_and_defaults_do_not_run_again():
    runs = []

    def counted(function):
        runs.append(function.__name__)

        @functools.wraps(function)
        def call(*args):
            return function(*args)

        return call

    @counted
    def f(x):
        return np.array([x, 2.0]).prod()

    assert 2.0 == ad.grad(f)(1.0)
    assert ["f"] == runs


class Base:
    def __init__(self, factor):
        self.__factor = factor

    def __scaled(self, x):
        return np.array([x, self.__factor]).prod()

    def value(self, x):
        return self.__scaled(x)


class Derived(Base):
    def value(self, x):
        return super().value(x) + float(x)


def test_super_and_private_names():
    assert 4.0 == ad.grad(Derived(3.0).value)(1.0)


def numbers_of(x):
    for k in range(3):
        yield float(x) * k


def test_frames_are_counted_as_without_a_clone():
    """In a run with twins too, which looks at what most functions return."""
    space = np.zeros(2)

    def caller():
        warnings.warn("seen", stacklevel=2)
        return [
            sys._getframe(1).f_code.co_name,
            inspect.currentframe().f_back.f_code.co_name,
            inspect.stack()[1].function,
        ]

    def f(x):
        space[0] = x
        return space[0] * x, caller()

    line = f.__code__.co_firstlineno + 2
    with pytest.warns(UserWarning, match="seen") as caught:
        assert (6.0, ["f"] * 3) == ad.grad(f, has_aux=True)(3.0)
    assert {(__file__, line)} == {(one.filename, one.lineno) for one in caught}


def test_generators_and_comprehensions():
    def f(x):
        return sum(numbers_of(x)) + sum(float(x) for _ in range(2))

    assert 5.0 == ad.grad(f)(1.0)


def test_what_a_clone_returns_works_on_plain_values():
    def make(x):
        def later(y):
            z = np.zeros(2)
            z[0] = y
            return z

        return np.array([x]).sum(), later

    _, later = ad.value_and_grad(make, has_aux=True)(1.0)[0]
    assert type(later(1.0)) is np.ndarray
    np.testing.assert_array_equal([1.0, 0.0], later(1.0))


def test_plain_numpy_false_leaves_the_function_as_it_is():
    with pytest.raises(ad.errors.ConversionError):
        ad.grad(store, plain_numpy=False)(1.0)
    assert 2.0 == ad.grad(lambda x: x**2, plain_numpy=False)(1.0)


@pytest.mark.parametrize(
    "transform",
    [
        lambda f: ad.value_and_grad(f, plain_numpy=False)(1.0),
        lambda f: ad.elementwise_grad(f, plain_numpy=False)(1.0),
        lambda f: ad.jvp(f, (1.0,), (1.0,), plain_numpy=False),
        lambda f: ad.vjp(f, 1.0, plain_numpy=False),
        lambda f: ad.linearize(f, 1.0, plain_numpy=False),
        lambda f: ad.hvp(f, 1.0, 1.0, plain_numpy=False),
        lambda f: ad.jacobian(f, plain_numpy=False)(1.0),
        lambda f: ad.jacfwd(f, plain_numpy=False)(1.0),
        lambda f: ad.jacrev(f, plain_numpy=False)(1.0),
        lambda f: ad.hessian(f, plain_numpy=False)(1.0),
        lambda f: ad.vmap(f, plain_numpy=False)(np.ones(2)),
    ],
)
def test_every_transform_can_leave_it(transform):
    with pytest.raises(ad.errors.ConversionError):
        transform(store)


def test_a_function_without_source_runs_by_protocols():
    space = {"np": np}
    text = "def f(x):\n    return np.sum(x * x)\ndef g(x):\n    return float(x)"
    exec(text, space)  # noqa: S102 - a function without source is what is tested
    np.testing.assert_array_equal([2.0, 4.0], ad.grad(space["f"])(np.array([1.0, 2.0])))
    with pytest.raises(ad.errors.ConversionError):
        ad.grad(space["g"])(1.0)


@pytest.mark.parametrize("part", ["x * x", "(lambda y: y * 2)(x * x) / 2"])
def test_a_file_that_changed_is_not_cloned(tmp_path, part):
    """What runs is what was loaded, so the new text must not be compiled for it.

    Of the same length, and inside a function of the function, it is new text too.
    """
    file = tmp_path / "changing.py"
    text = f"import numpy as np\n\ndef f(x):\n    return np.sum({part})\n"
    file.write_text(text)
    spec = importlib.util.spec_from_file_location("changing", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    file.write_text(text.replace("y * 2", "y * 7").replace("x * x)\n", "x * x * x)\n"))
    linecache.checkcache(str(file))
    np.testing.assert_array_equal([2.0, 4.0], ad.grad(module.f)(np.array([1.0, 2.0])))
