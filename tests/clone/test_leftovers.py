"""What a function leaves in containers and variables is plain afterwards."""

import bisect
import collections
import contextlib
import heapq
import json
import operator
import threading
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import pytest

import adjoint as ad

X = np.array([0.5, -1.25, 2.25])
LOSSES = []
CACHE = {}
LAST: Any = None


@dataclass
class Step:
    time: int
    state: Any
    notes: list = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Fixed:
    state: Any


class Pair(NamedTuple):
    left: Any
    right: Any


class Solver:
    best: Any = None

    def __init__(self):
        self.history = {"loss": [], "state": []}
        self.trajectory = []
        self.steps = collections.deque(maxlen=3)
        self.groups = collections.defaultdict(list)
        self.rows = [[0.0, 0.0], [0.0, 0.0]]
        self.work = np.zeros(3)
        self._hidden = 0.0
        self.set = 0

    @property
    def shown(self):
        return self._hidden

    @shown.setter
    def shown(self, value):
        self.set += 1
        self._hidden = value

    def in_lists(self, x):
        y = x.copy()
        for k in range(4):
            y = np.sin(y)
            y[0] *= x[1]
            self.trajectory.append(y.copy())
            self.steps.append(float(y[0]))
            self.steps.appendleft((k, y))
            self.groups["a"].extend([y[1], y])
        self.trajectory.insert(0, x * 2.0)
        return np.sum(y)

    def in_dictionaries(self, x):
        loss = np.sum(x**2)
        self.history["loss"].append(float(loss))
        self.history["state"] += [x * 3.0]
        self.history["both"] = {"loss": loss, "parts": (x[0], [x])}
        self.history.update(last=loss)
        self.history.setdefault("first", loss)
        return loss

    def in_tables(self, x):
        for i in range(2):
            for j in range(2):
                self.rows[i][j] = x[i] * x[j]
        return sum(map(sum, self.rows))

    def in_objects(self, x):
        self.last = Step(1, x * 2.0, [x[0]])
        self.fixed = [Fixed(x[1] * x[1])]
        self.pair = Pair(x[0], (x, 1.0))
        self.empty = np.empty(2, object)
        self.empty[0] = x[0]
        type(self).best = x * x
        return np.sum(self.last.state)

    def by_property(self, x):
        self.shown = x[0] * x[1]
        return self.shown

    def with_workspace(self, x):
        self.work[:] = x
        self.trajectory.append(self.work)
        mine = np.zeros(2)
        mine[0] = x[0]
        self.trajectory.append(mine)
        self.trajectory.append(np.ones(2))
        return np.sum(self.work)


def in_globals(x):
    global LAST  # noqa: PLW0603 - what is tested
    loss = np.sum(x**2)
    LOSSES.append(loss)
    CACHE["x", 2] = x * 2.0
    LAST = float(loss)
    return loss


def through_variables(x):
    last, seen = None, []
    push = seen.append

    def inner(y):
        nonlocal last
        last = y[0] * y[1]
        push(last)
        list(map(seen.append, y))
        return np.sum(y)

    value = ad.grad(inner)(x)
    return value, last, seen


def by_functions(x):
    heap, order, queue = CACHE["heap"], CACHE["order"], CACHE["queue"]
    for one in x:
        heapq.heappush(heap, (float(one), one))
        bisect.insort(order, one)
        operator.setitem(queue, 0, one)
        list.append(queue, one)
    return np.sum(x)


def holds_handle(tree, depth=0):
    """Whether anything in a tree of containers is no plain value."""
    if type(tree).__module__.startswith("adjoint"):
        return True
    if depth > 6 or isinstance(tree, (str, np.ndarray)):
        objects = isinstance(tree, np.ndarray) and tree.dtype.hasobject
        return objects and any(map(holds_handle, tree))
    if isinstance(tree, dict):
        return any(holds_handle(one, depth + 1) for one in tree.values())
    if isinstance(tree, (list, tuple, collections.deque)):
        return any(holds_handle(one, depth + 1) for one in tree)
    names = getattr(type(tree), "__dataclass_fields__", getattr(tree, "__dict__", ()))
    return any(holds_handle(getattr(tree, name), depth + 1) for name in names)


def same(expected, found):
    """Assert that two trees hold the same numbers in the same containers."""
    assert type(expected) is type(found) or (
        isinstance(expected, float) and isinstance(found, float)
    )
    if isinstance(expected, dict):
        assert list(expected) == list(found)
        for key in expected:
            same(expected[key], found[key])
    elif isinstance(expected, (list, tuple, collections.deque)):
        assert len(expected) == len(found)
        for one, other in zip(expected, found, strict=True):
            same(one, other)
    elif hasattr(expected, "__dict__") or hasattr(expected, "__slots__"):
        names = getattr(expected, "__dict__", None) or expected.__slots__
        for name in names:
            same(getattr(expected, name), getattr(found, name))
    else:
        np.testing.assert_array_equal(expected, found)


METHODS = [name for name in vars(Solver) if name.startswith(("in_", "by_", "with_"))]
CALLS = {
    "grad": lambda f: ad.grad(f)(X),
    "jvp": lambda f: ad.jvp(f, (X,), (X,)),
    "vjp": lambda f: ad.vjp(f, X)[1](1.0),
    "hessian": lambda f: ad.hessian(f)(X),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize("name", METHODS)
def test_an_object_is_left_as_by_the_plain_function(name, call):
    plain, traced = Solver(), Solver()
    for _ in range(3):  # the first run is a deep one, others may not be
        getattr(plain, name)(X)
        call(getattr(traced, name))
        assert not holds_handle(traced)
        same(plain, traced)
    best = vars(Solver).get("best")
    assert best is None or type(best) is np.ndarray


def test_globals():
    LOSSES.clear()
    for count in (1, 2, 3):
        ad.grad(in_globals)(X)
        assert [np.sum(X**2)] * count == LOSSES
        assert type(LOSSES[-1]) is np.float64
        assert float(np.sum(X**2)) == LAST
        assert type(LAST) is float
        np.testing.assert_array_equal(2.0 * X, CACHE["x", 2])


def test_variables_of_outer_functions():
    best, history = None, []

    def loss(x):
        nonlocal best
        value = np.sum(x**2)
        best = value
        history.append({"value": float(value)})
        return value

    for _ in range(3):
        ad.grad(loss)(X)
        assert type(best) is np.float64
        assert best == np.sum(X**2)
    assert '[{"value": 6.875}, {"value": 6.875}, {"value": 6.875}]' == json.dumps(
        history
    )
    assert "[{'value': 6.875}" == str(history)[:17]


def test_functions_that_fill_containers():
    CACHE.update(heap=[], order=[], queue=collections.deque([0.0]).copy())
    CACHE["queue"] = [0.0]
    for _ in range(2):
        ad.grad(by_functions)(X)
    assert not holds_handle(CACHE)
    assert sorted([*X, *X]) == CACHE["order"]
    assert [X[-1], *X, *X] == CACHE["queue"]


def test_within_another_transform_they_are_its_values():
    """The inner values become handles of the outer transform, with its derivatives."""

    def outer(x):
        slope, last, seen = through_variables(x)
        return np.sum(slope) + last * seen[0] + seen[1] ** 2

    def plain(x):
        return 3.0 + (x[0] * x[1]) ** 2 + x[0] ** 2

    for _ in range(2):
        value, slopes = ad.value_and_grad(outer)(X)
        assert plain(X) == value
        np.testing.assert_allclose(slopes, ad.grad(plain)(X), rtol=1e-14)


def test_what_is_returned_keeps_its_derivative():
    seen = []

    def f(x):
        out = {"a": x * 2.0, "b": [x[0]]}
        out["b"].append(x[1] * x[1])
        seen.append(out)
        seen.append(out["b"])
        return out

    for _ in range(2):
        slopes = ad.jacrev(f)(X)
        np.testing.assert_array_equal(2.0 * np.eye(3), slopes["a"])
        np.testing.assert_array_equal([0.0, -2.5, 0.0], slopes["b"][1])
    assert not holds_handle(seen)


def test_after_a_failure():
    kept = []

    def fails(x):
        kept.append(x * 2.0)
        raise KeyError

    for _ in range(2):
        with contextlib.suppress(KeyError):
            ad.grad(fails)(3.0)
    assert [6.0, 6.0] == kept


def test_a_batch_leaves_what_a_loop_over_the_samples_leaves():
    kept = []

    def f(x):
        kept.append(x * 2.0)
        return x * x

    ad.vmap(f)(np.array([1.0, 3.0]))
    assert [6.0] == kept


@pytest.mark.filterwarnings("ignore::adjoint.errors.BatchFallbackWarning")
def test_a_batch_that_turns_out_to_need_a_loop_leaves_what_the_loop_leaves():
    """It is run again, sample by sample: nothing of the attempt may pass for plain."""
    memo, history = {"n": 1}, collections.deque(["old"])

    def f(x):
        if "g" not in memo:
            memo["g"] = 9.81 * x
        history.append({"x": (x, 1.0)})
        history.append("seen")
        return memo["g"] * x if x > 0.0 else x

    out = ad.vmap(f)(np.array([1.0, 3.0]))
    np.testing.assert_array_equal([9.81, 9.81 * 3.0], out)
    assert memo == {"n": 1, "g": 9.81}
    seen = [{"x": (1.0, 1.0)}, "seen", {"x": (3.0, 1.0)}, "seen"]
    assert ["old", "seen", *seen] == list(history)
    history.clear()
    memo.clear()
    np.testing.assert_array_equal(
        [19.62, 9.81], ad.vmap(ad.grad(f))(np.array([1.0, 3.0]))
    )
    assert not holds_handle([memo, history])


def test_an_attribute_of_a_batch_that_needs_a_loop_stays_loud():
    solver = Solver()
    solver.memo = None

    def f(x):
        if solver.memo is None:
            solver.memo = 9.81 * x
        return solver.memo * x if x > 0.0 else x

    with (
        pytest.warns(ad.errors.BatchFallbackWarning),
        pytest.raises(ad.errors.LeakError),
    ):
        ad.vmap(f)(np.array([1.0, 3.0]))


def test_a_checkpoint_that_is_run_again():
    history = []

    def f(x):
        history.append(x * x)
        return np.sum(x**2)

    checkpointed = ad.checkpoint(f)
    assert 2.0 == ad.grad(lambda x: checkpointed(x) * 1.0)(1.0)
    assert [1.0, 1.0] == history
    assert not holds_handle(history)
    assert 2.0 == ad.grad(ad.grad(lambda x: checkpointed(x) * 1.0))(1.0)
    assert not holds_handle(history)


def test_an_identity_stays_one():
    """One traced value in two places is one array afterwards."""
    solver = Solver()

    def f(x):
        y = x * x
        solver.first = y
        solver.trajectory.append(y)
        return np.sum(y)

    ad.grad(f)(X)
    assert solver.first is solver.trajectory[0]


def test_a_workspace_in_a_list_is_that_very_array():
    solver = Solver()
    ad.grad(solver.with_workspace)(X)
    assert solver.trajectory[0] is solver.work
    np.testing.assert_array_equal(X, solver.work)


def test_a_property_is_set_once():
    solver = Solver()
    for count in (1, 2):
        ad.grad(solver.by_property)(X)
        assert count == solver.set
    assert type(solver.shown) is np.float64


def test_a_history_cut_off_in_front():
    history = [0.0] * 500

    def f(x):
        history.append(x)
        del history[:400]
        return x * x

    for _ in range(2):
        ad.grad(f)(3.0)
    assert not holds_handle(history)


def test_a_long_run_keeps_no_more_than_the_function():
    """Lists that nobody else holds are forgotten meanwhile."""
    alive = []

    class Counted(list):
        def __init__(self):
            super().__init__()
            alive.append(1)

        def __del__(self):
            alive.pop()

    most = 0

    def f(x):
        nonlocal most
        total = x
        for _ in range(5_000):
            one = Counted()
            one.append(total)
            total = total + one.pop() * 1e-9
            most = max(most, len(alive))
        return total

    ad.jvp(f, (1.0,), (1.0,))
    assert most < 3_000


def test_two_threads_that_share_a_list():
    """The end of one run leaves the values of the other as they are."""
    shared, started, ended = [], threading.Event(), threading.Event()

    def slow(x):
        shared.append(x * x)
        mine = len(shared) - 1
        started.set()
        ended.wait(10)
        return shared[mine] * x

    found = []
    thread = threading.Thread(target=lambda: found.append(ad.grad(slow)(2.0)))
    thread.start()
    started.wait(10)

    def quick(x):
        shared.append(x)
        shared.insert(len(shared), x)
        return x * x

    assert 6.0 == ad.grad(quick)(3.0)
    ended.set()
    thread.join()
    assert [12.0] == found
    assert not holds_handle(shared)


@pytest.mark.parametrize(
    "transform",
    [
        lambda f: ad.vmap(ad.grad(f)),
        lambda f: ad.grad(lambda xs: np.sum(ad.vmap(f)(xs))),
    ],
    ids=["vmap of grad", "grad of vmap"],
)
def test_a_batch_given_up_leaves_workspaces_the_arrays_they_were(transform):
    """``self.u /= c`` sets an attribute; a part of ``u`` goes on showing its memory."""

    class Box:
        def __init__(self):
            self.u = np.zeros(3)
            self.low = {"part": self.u[:2]}

    box = Box()
    u, part = box.u, box.low["part"]

    def f(x):
        box.low["part"][0] = x[0] ** 2
        box.u /= 2.0
        if x[1] > 0.0:
            box.u += x[1]
        return np.sum(box.u**2)

    xs = np.array([[3.0, -1.0], [1.0, -2.0]])
    with pytest.warns(ad.errors.BatchFallbackWarning):
        slopes = transform(f)(xs)
    np.testing.assert_array_equal(slopes, [[27.0, 0.0], [1.0, 0.0]])
    assert box.u is u
    assert box.low["part"] is part
    np.testing.assert_array_equal(u, [0.5, 0.0, 0.0])
    np.testing.assert_array_equal(part, u[:2])
