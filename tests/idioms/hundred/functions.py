"""Functions in functions: closures, generators, decorators, other modules."""

import contextlib
import functools
import itertools

import numpy as np

from . import toolbox
from .register import idiom

VECTOR = np.array([0.6, 1.4, -0.5])
SPACE = np.zeros(4)
UNITS = np.ones(2)
BEST = None


def logged(function):
    """Keep the arguments of the last call, as a debugging decorator would."""

    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        result = function(*args, **kwargs)
        wrapper.calls += 1
        return 1.0 * result

    wrapper.calls = 0
    return wrapper


def scaled(factor):
    """A decorator with an argument."""

    def decorate(function):
        @functools.wraps(function)
        def wrapper(x):
            return factor * function(x)

        return wrapper

    return decorate


@logged
@scaled(2.0)
def softened(v):
    """sqrt(v² + 1), decorated twice."""
    buffer = np.zeros(2)
    buffer[0], buffer[1] = v, 1.0
    return np.linalg.norm(buffer)


@functools.lru_cache
def binomial(n, k):
    """Pascal's rule, cached."""
    return 1 if k in (0, n) else binomial(n - 1, k - 1) + binomial(n - 1, k)


@functools.lru_cache(maxsize=8)
def cached_bump(v):
    """A cached function of a float."""
    return np.exp(-v * v) + float(v)


@idiom(VECTOR)
def helpers_in_another_module(x):
    """Functions of a module, and one of them handed back a function of ours."""
    shares = toolbox.normalize(np.exp(x))
    toolbox.cumulate_into(toolbox.SCRATCH, shares)
    area = toolbox.integrate(lambda t: toolbox.decay(t, rate=x[1]) * t, 0.0, 1.0)
    return area + toolbox.SCRATCH[1] ** 2


@idiom(VECTOR)
def accumulator_in_a_closure(x):
    """nonlocal numbers, and an array that the inner function fills."""
    total = 0.0
    history = np.zeros(3)

    def record(i, value):
        nonlocal total
        total += value
        history[i] = total

    for i, value in enumerate(x):
        record(i, value**2)
    return total * history[1] + history.sum()


@idiom(VECTOR)
def generator_over_a_buffer(x):
    """A generator yields its own workspace, overwritten between yields."""

    def powers(base, count):
        current = np.ones_like(base)
        for _ in range(count):
            current *= base
            yield current

    total = 0.0
    for k, power in enumerate(powers(x, 4), start=1):
        total += power.sum() / k
    return total


@idiom(VECTOR)
def two_lambdas_on_a_line(x):
    """Comprehensions and lambdas that close over x."""
    f, g = lambda i: x[i] ** 2, lambda i, k=1: np.array([x[i], k])
    table = {i: g(i, k=i + 2) for i in range(3)}
    return sum(f(i) for i in range(3)) + sum([v[0] * v[1] for v in table.values()])


@idiom(VECTOR)
def stars_and_defaults(x):
    """Positional, keyword and default arguments, a default array among them."""

    def combine(first, *others, weights=UNITS, **options):
        result = np.zeros(2)
        result[0] = first * weights[0]
        for other in others:
            result[1] += other * weights[1]
        return options.get("scale", 1.0) * result

    plain = combine(*x)
    return np.sum(plain * combine(x[2], x[0], weights=x[:2], scale=3.0))


@idiom(0.9)
def decorated_twice(x):
    """functools.wraps keeps the name; the wrapper counts its calls."""
    return softened(x) * softened(-2.0 * x) + len(softened.__name__)


@idiom(0.3)
def cached_functions(x):
    """lru_cache on a function of integers, and on one of x itself."""
    terms = [binomial(5, k) * x**k * (1 - x) ** (5 - k) for k in range(6)]
    return sum(k * k * t for k, t in enumerate(terms)) + cached_bump(x) ** 2


@idiom(VECTOR)
def partials_and_reductions(x):
    """functools.partial with an out array, reduce, accumulate, zip, map."""
    kept = np.zeros(3)
    store = functools.partial(np.multiply, 2.0, out=kept)
    store(x)
    shifted = list(map(functools.partial(pow, exp=2), kept))
    chain = list(itertools.accumulate(shifted, lambda a, v: 0.5 * a + v))
    return functools.reduce(
        lambda a, pair: a + pair[0] * pair[1], zip(chain, x, strict=True), 0.0
    )


@idiom(VECTOR)
def mutual_recursion(x):
    """Two functions call each other on halves of a buffer."""
    work = np.array([*x, *(x**2)])

    def descend(part, depth):
        if len(part) > 1:
            middle = len(part) // 2
            add(part[:middle], depth)
            add(part[middle:], depth)

    def add(part, depth):
        part += np.sin(part) / (depth + 1)
        descend(part, depth + 1)

    descend(work, 0)
    return np.sum(work)


@idiom(VECTOR)
def errors_and_contexts(x):
    """try, except, else, finally and with around writes."""
    z = np.zeros(3)
    with np.errstate(invalid="ignore"), contextlib.suppress(IndexError):
        for i in range(5):
            z[i] = np.sqrt(x[i])
    try:
        z[x.shape[0]] = 1.0
    except IndexError:
        z[2] = x[2] ** 3
    finally:
        z += x
    return z.sum()


@idiom(np.array([0.6, 1.4, -0.5, 0.2]))
def global_workspace(x):
    """A module's array is overwritten, and a global name bound anew."""
    global BEST  # noqa: PLW0603 - the idiom itself
    SPACE[:] = 0.0
    SPACE[1:] += x[1:] ** 2
    SPACE[0] = x[0] * SPACE[-1]
    BEST = max(SPACE)
    return BEST * np.sum(SPACE)
