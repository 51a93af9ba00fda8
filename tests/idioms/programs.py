"""Whole programs: control flow, closures, generators, classes, containers."""

import collections
import concurrent.futures
import dataclasses
import functools
import heapq
import itertools
import typing

import numpy as np

from adjoint.errors import ConversionError

from .catalogue import loud, right

NUMBER = 0.8
VECTOR = np.array([0.7, 1.9, -1.3])
LAYERS = {
    "hidden": (np.array([[0.3, -0.2], [0.1, 0.4]]), np.array([0.1, -0.3])),
    "out": [np.array([0.7, -1.1]), 0.2],
}
RATE = 0.3


class Body(typing.NamedTuple):
    """A mass point: position, velocity, mass."""

    position: np.ndarray
    velocity: np.ndarray
    mass: float


@right(NUMBER, batching="looped")
def branch_on_the_value(x):
    """if x > 0: takes the branch of the value."""
    if x > 0.5:
        y = x**2
    elif x > 0:
        y = x**3
    else:
        y = -x
    return y


@right(NUMBER, batching="looped")
def square_root_by_newton(x):
    """A while loop until convergence."""
    y = x
    while abs(y * y - x) > 1e-13:
        y = 0.5 * (y + x / y)
    return y


@right(0.5, batching="looped")
def loop_left_early(x):
    """break, continue and else of a loop."""
    total = 0.0
    for k in range(20):
        if k == 2:
            continue
        term = x**k
        if term < 0.09:
            break
        total = total + term
    else:
        total = 0.0
    return total


@right(NUMBER)
def recursion(x):
    """A recursive power series."""

    def series(n):
        return 1.0 if n == 0 else series(n - 1) * x / n

    return sum(series(n) for n in range(10))


@right(NUMBER)
def fibonacci_of_values(x):
    """Tuple assignment with traced values on both sides."""
    a, b = x, 1.0
    for _ in range(6):
        a, b = b, a + b * x
    return a


@right(NUMBER)
def closures_and_lambdas(x):
    """Functions that close over traced values."""
    scale = lambda v: v * x  # noqa: E731 - the idiom itself

    def shifted(f, by):
        return lambda v: f(v + by)

    return shifted(scale, x)(2.0) + shifted(shifted(scale, 1.0), -x)(x)


@right(VECTOR)
def counter_in_a_closure(x):
    """nonlocal names bound to traced values."""
    total = 0.0

    def add(v):
        nonlocal total
        total = total + v**2
        return total

    return sum(add(v) for v in x)


@right(VECTOR)
def generator_function(x):
    """Values yielded, sent and received."""

    def running(values):
        total = 0.0
        for v in values:
            total = total + v
            yield total**2

    return sum(running(x)) + next(running(x[1:]))


@right(VECTOR)
def functools_reduce(x):
    """functools.reduce, a Horner scheme."""
    return functools.reduce(lambda a, v: a * 0.5 + v**2, x, 1.0)


@right(VECTOR)
def itertools_accumulate(x):
    """itertools.accumulate, pairwise and product."""
    walk = list(itertools.accumulate(x, lambda a, v: a * v + 1.0))
    steps = sum((b - a) ** 2 for a, b in itertools.pairwise(walk))
    return steps + sum(a * b for a, b in itertools.product(x, x[:2]))


@right(VECTOR)
def partial_application(x):
    """functools.partial with a traced argument bound."""

    def line(slope, shift, v):
        return slope * v + shift

    return functools.partial(line, x[0], shift=x[1])(v=x[2])


@right(NUMBER)
def cached_helper(x):
    """functools.cache keeps its arguments, and looks them up by hash."""

    @functools.cache
    def square(v):
        return v * v

    return square(x) + square(x)


@right(VECTOR)
def attributes_of_an_object(x):
    """A class that keeps traced values in its attributes."""

    class Oscillator:
        def __init__(self, stiffness, damping):
            self.stiffness = stiffness
            self.damping = damping
            self.state = (1.0, 0.0)

        @property
        def energy(self):
            q, p = self.state
            return 0.5 * (self.stiffness * q**2 + p**2)

        def step(self, dt):
            q, p = self.state
            p = p - dt * (self.stiffness * q + self.damping * p)
            self.state = (q + dt * p, p)

    system = Oscillator(x[0], damping=x[1])
    for _ in range(5):
        system.step(0.1)
    return system.energy


@right(VECTOR)
def data_class(x):
    """A dataclass with traced fields, replaced and compared."""

    @dataclasses.dataclass
    class Point:
        a: float
        b: float

        def __add__(self, other):
            return Point(self.a + other.a, self.b + other.b)

    p = dataclasses.replace(Point(x[0], x[1]), b=x[2]) + Point(1.0, x[1])
    return p.a * p.b


@right(VECTOR)
def callable_object(x):
    """An object with __call__ and default arguments."""

    class Line:
        def __init__(self, slope):
            self.slope = slope

        def __call__(self, v, shift=1.0, *, power=2):
            return (self.slope * v + shift) ** power

    return Line(x[0])(x[1]) + Line(2.0)(x[2], shift=x[0], power=3)


@right(LAYERS)
def network_of_nested_containers(params):
    """Parameters in a dict of tuples and lists."""
    weights, bias = params["hidden"]
    h = np.tanh(weights @ np.array([1.0, -2.0]) + bias)
    w, b = params["out"]
    return h @ w + b


@right({"b": 0.7, "a": {"c": 1.9, "d": np.array([0.3, 0.5])}})
def dictionary_of_parameters(params):
    """Keyword arguments unpacked from a nested dict."""

    def model(b, a):
        return b**2 * a["c"] + np.sum(a["d"] * b)

    return model(**params)


@right(Body(np.array([1.0, 0.2]), np.array([0.1, 0.9]), 2.0))
def named_tuple(body):
    """A named tuple keeps its fields."""
    kinetic = 0.5 * body.mass * np.sum(body.velocity**2)
    moved = body._replace(position=body.position + 0.1 * body.velocity)
    return kinetic - body.mass / np.sqrt(np.sum(moved.position**2))


@right((0.7, [1.9, -1.3]))
def tuple_argument(pair):
    """A tuple with a list inside, unpacked."""
    a, (b, c) = pair
    return a * b + np.exp(c) * a**2


@right(VECTOR)
def list_appended(x):
    """A list that grows, then is stacked."""
    path = [x]
    for _ in range(3):
        path.append(path[-1] + 0.1 * np.sin(path[-1]))
    return np.sum(np.stack(path)[-1] * np.stack(path, axis=1)[:, 0])


@right(VECTOR)
def double_ended_queue(x):
    """A deque of traced values as a moving window."""
    window = collections.deque(maxlen=2)
    total = 0.0
    for v in x:
        window.append(v)
        total = total + sum(window) ** 2
    return total


@right(VECTOR)
def default_dictionary(x):
    """A defaultdict of floats collects traced values."""
    totals = collections.defaultdict(float)
    for k, v in enumerate(x):
        totals[k % 2] += v**2
    return totals[0] * totals[1]


@right(VECTOR, batching="looped")
def priority_queue(x):
    """heapq compares traced values."""
    heap = [v**2 for v in x]
    heapq.heapify(heap)
    return heapq.heappop(heap) + 2.0 * heapq.heappop(heap)


@right(VECTOR)
def stars_and_walruses(x):
    """*args, **kwargs, := and conditional expressions."""

    def combine(*args, **kwargs):
        return sum(args) * kwargs["scale"]

    return combine(*x, scale=(y := np.sum(x**2))) + y


@right(VECTOR)
def comprehensions(x):
    """List, dict and nested comprehensions."""
    squares = {k: v**2 for k, v in enumerate(x)}
    table = [[a * b for b in x] for a in x]
    return sum(squares.values()) + sum(table[i][2 - i] for i in range(3))


@right(NUMBER)
def code_from_text(x):
    """eval of an expression."""
    return eval("x**2 + np.sin(x)", {"np": np, "x": x})  # noqa: S307 - the idiom


@right(VECTOR, batching="looped")
def exception_as_control_flow(x):
    """An exception raised and caught around traced values."""

    def checked(v):
        if v < 0:
            raise ValueError(v)
        return np.sqrt(v)

    total = 0.0
    for v in x:
        try:
            total = total + checked(v)
        except ValueError as error:
            total = total + error.args[0] ** 2
    return total


@right(VECTOR)
def context_manager_and_finally(x):
    """with and finally around traced operations."""
    with np.errstate(all="ignore"):
        try:
            y = x**2
        finally:
            z = x + 1.0
    return np.sum(y * z)


@right(VECTOR)
def threads_of_a_pool(x):
    """A thread pool maps over the elements."""
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        return sum(pool.map(lambda v: np.exp(v) * v, [x[k % 3] for k in range(12)]))


@right(NUMBER)
def module_level_constant(x):
    """A global number read inside."""
    return RATE * x**2


@right(VECTOR)
def constant_result(x):
    """A result that does not depend on x has zero slope."""
    return float(len(x))


@right(VECTOR)
def slope_through_a_constant(x):
    """Only one of two terms depends on x."""
    return np.sum(np.arange(3.0)) + 0.0 * x[0] + x[1] ** 2


@right(VECTOR)
def instance_of_ndarray(x):
    """isinstance(x, np.ndarray) takes the branch for arrays, or says why not."""
    if isinstance(x, np.ndarray):
        return np.sum(x**2)
    return x * 3.0


@right(NUMBER)
def instance_of_float(x):
    """isinstance(x, float) takes the branch for numbers, or says why not."""
    if isinstance(x, (int, float)):
        return x**2
    return np.sum(x) * 3.0


@right(NUMBER)
def scalar_by_numpy(x):
    """np.isscalar(x) takes the branch for numbers, or says why not."""
    return x**2 if np.isscalar(x) else np.sum(x) * 3.0


@right(NUMBER)
def scalar_by_axes(x):
    """np.ndim(x) == 0 takes the branch for numbers."""
    return x**2 if np.ndim(x) == 0 else np.sum(x) * 3.0


@right(NUMBER)
def pattern_of_a_match(x):
    """match with class patterns asks isinstance."""
    match x:
        case float():
            return x**2
        case _:
            return x * 3.0


@right(VECTOR)
def iterable_or_not(x):
    """np.iterable and hasattr(x, "__len__")."""
    return np.sum(x**2) if np.iterable(x) and hasattr(x, "__len__") else x * 3.0


@right(NUMBER)
def number_is_not_iterable(x):
    """A number has no length, though arrays do."""
    try:
        return x[0] * 3.0
    except (TypeError, IndexError):
        return x**2


@right(NUMBER)
def number_has_no_length(x):
    """len(x) of a number raises, as it does in Python."""
    try:
        return len(x) * x
    except TypeError:
        return x**2


@right(NUMBER)
def iterable_test_of_a_number(x):
    """np.iterable(x) is False for a number."""
    return 3.0 * x if np.iterable(x) else x**2


@right(NUMBER)
def length_asked_by_name(x):
    """hasattr(x, "__len__") is how some code tells numbers from arrays."""
    return 3.0 * x if hasattr(x, "__len__") else x**2


@right(VECTOR)
def exact_type(x):
    """type(x) is np.ndarray asks nobody."""
    return np.sum(x**2) if type(x) is np.ndarray else np.sum(x) * 3.0


@right(NUMBER, batching="exempt")
def exact_type_of_a_number(x):
    """type(x) is float likewise."""
    return x**2 if type(x) is float else x * 3.0


@loud(NUMBER, ConversionError, "text", "x itself")
def number_through_text(x):
    """A number printed and read back would be a constant to everyone."""
    return float(f"{x:.17g}") ** 2 * x
