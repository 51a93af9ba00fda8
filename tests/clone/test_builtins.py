"""Built-in functions, ``functools``, ``itertools`` and ``operator`` on traced values.

Each takes a function from outside at least once, since one that is written where it is
used is a clone already.
"""

import functools
import heapq
import io
import itertools
import math
import operator

import numpy as np
import pytest

import adjoint as ad
from clone.judge import check

X = np.array([0.5, -1.25, 2.0])


def square(t):
    """Convert, as only a clone may."""
    return float(t) ** 2


def times(a, b):
    return float(a) * float(b)


def is_positive(t):
    return float(t) > 0


def of_sum(x):
    pairs = sum([x, 2 * x])[0] + sum((x[0] * x[1],), start=x[2])
    return sum(x) + sum([x[0], x[1]], 2) + pairs


def of_max(x):
    by_key = max([x[0], x[2]], key=square) + max(x, key=abs)
    return max(x) + max(x[0], 1.0, x[1]) + by_key + max([], default=x[0])


def of_min(x):
    return min(x) * min(x[0], 1.0, x[1]) + min([x[0], x[2]], key=square)


def of_sorted(x):
    up, down = sorted(x), sorted(x, reverse=True)
    by_key = sorted(x, key=square)
    return up[0] + up[1] * 2 + down[0] * 5 + by_key[0] * 7


def of_list_sort(x):
    numbers, others = list(x), [x[2], x[1]]
    numbers.sort()
    others.sort(key=square, reverse=True)
    return numbers[0] * 3 + others[0]


def of_abs(x):
    return abs(x[1]) + np.sum(abs(x))


def of_pow(x):
    return pow(x[0], 3) + pow(2.0, x[1]) + np.sum(pow(x, 2))


def of_divmod(x):
    whole, rest = divmod(x[2] + 0.25, 0.7)
    other, remainder = divmod(7.3, x[2])
    return whole * x[0] + rest + remainder * x[1] + other


def of_any_and_all(x):
    return x[0] if any(x > 1) and not all(x > 1) and any([x[0] > 0]) else 0.0 * x[0]


def of_map(x):
    return sum(map(square, x)) + sum(map(math.sin, x)) + sum(map(operator.mul, x, X))


def of_map_of_a_type(x):
    return sum(map(float, x)) * next(map(np.float64, x))


def of_filter(x):
    return sum(filter(is_positive, x)) + len(list(filter(None, x))) * x[0]


def of_zip_enumerate_reversed(x):
    total = 0.0
    for a, (i, b), r in zip(x, enumerate(x, 1), reversed(x), strict=True):
        total += a * b * i * r
    return total + sum(a * b for a, b in itertools.pairwise(x))


def of_range_and_len(x):
    return sum(x[i] * i for i in range(len(x))) + x[0] * sum(range(int(x[2] + 0.5)))


def of_list_and_tuple(x):
    items, fixed = list(x), tuple(x)
    return items[0] * fixed[1] + np.sum(np.array(items)) + np.sum(np.array(fixed) ** 2)


def of_isinstance(x):
    total = 0.0
    if isinstance(x, np.ndarray) and type(x) is np.ndarray:
        total += x[0]
    if isinstance(x[0], float) and issubclass(type(x[0]), float):
        total += 2 * x[1]
    if isinstance(x[0], (np.floating, int)):
        total += 3 * x[2]
    return total + 5 * x[0] if isinstance(math.sin(x[0]), float) else total


def of_text(x):
    stream = io.StringIO()
    print(x, x[0], file=stream)
    texts = str(x) + repr(X) + format(x[0], ".3f") + f"{x[0]:.2e}"
    return x[0] * bool(stream.getvalue()) + x[1] * bool(texts)


def of_iter_and_next(x):
    numbers = iter(x)
    return next(numbers) * next(numbers) * next(iter([]), x[2])


def of_dictionaries(x):
    table = {"a": x[0], "b": x[1]}
    table.setdefault("c", x[2])
    return table["a"] * table.get("b") * table.pop("c") + hash("a") * 0


def of_reduce(x):
    return functools.reduce(times, x) + functools.reduce(operator.add, x, 1.0)


def of_partial(x):
    return functools.partial(times, x[0])(x[1]) + functools.partial(times, b=2.0)(x[2])


def of_cmp_to_key(x):
    by_square = functools.cmp_to_key(lambda a, b: square(a) - square(b))
    return sorted(x, key=by_square)[1] + max(x, key=by_square)


def of_accumulate(x):
    powers = itertools.accumulate(x, operator.mul, initial=2.0)
    return sum(itertools.accumulate(x, times)) + sum(powers)


def of_starmap(x):
    pairs = zip(x, x[::-1], strict=True)
    return sum(itertools.starmap(times, pairs)) + sum(
        itertools.starmap(pow, [(x[0], 2), (x[2], 3)])
    )


def of_takewhile_and_dropwhile(x):
    before = itertools.takewhile(is_positive, x)
    after = itertools.dropwhile(is_positive, x)
    return sum(before) + 2 * sum(after) + 3 * sum(itertools.filterfalse(is_positive, x))


def of_groupby(x):
    groups = itertools.groupby(x, key=is_positive)
    return sum((1 + key) * sum(group) for key, group in groups)


def of_products_and_chains(x):
    total = sum(a * b for a, b in itertools.product(x, repeat=2))
    total += sum(a * b for a, b in itertools.combinations(x, 2))
    total += sum(itertools.chain(x, [x[0]])) + sum(itertools.islice(x, 1, 3))
    return total + sum(a * b for a, b in itertools.pairwise(x))


def of_heapq(x):
    return heapq.nsmallest(1, x, key=square)[0] + 2 * heapq.nlargest(2, x)[1]


def of_operator(x):
    total = operator.add(x[0], x[1]) + operator.getitem(x, 2) + operator.neg(x[0])
    total += operator.itemgetter(1)(x) * operator.truediv(x[0], x[1])
    total += operator.methodcaller("sum")(x) + operator.attrgetter("T")(x)[0]
    return total + operator.matmul(x, x) + operator.pow(x[0], 2)


def of_operator_in_place(x):
    total = operator.iadd(0.0, x[0])
    z = operator.iadd(np.zeros(3), x)
    operator.setitem(z, 0, x[1] * 3)
    return total + np.sum(z**2)


FUNCTIONS = {
    name: function
    for name, function in list(globals().items())
    if name.startswith("of_")
}


@pytest.mark.filterwarnings("ignore::adjoint.errors.BatchFallbackWarning")
@pytest.mark.parametrize("f", FUNCTIONS.values(), ids=FUNCTIONS)
def test_on_an_array(f):
    check(f, X)


def test_sums_of_pythons_floats_are_pythons_to_the_last_bit():
    """From 3.12 on ``sum`` makes up for rounding, of floats only."""

    def f(x):
        return sum([x, 1e16, x * x, -1e16, 0.125])

    assert (f(0.6), 2.2) == ad.value_and_grad(f)(0.6)
    assert (f(0.6), 2.2) == ad.jvp(f, (0.6,), (1.0,))
    rows = np.array([0.6, 0.7])  # their elements are NumPy's floats, not Python's
    assert [f(row) for row in rows] == list(ad.vmap(f)(rows))
    check(lambda x: sum([x, 1, 2.5]) + sum([np.float64(x), 1e3, -1e3]), 0.6)


def test_a_sum_that_starts_with_a_truth_value_is_pythons_too():
    """It is no number of Python's own: from it on ``sum`` adds as a loop does."""

    def f(x):
        return sum([x, 1e16, x * x, -1e16, 0.125], True)

    assert (f(0.6), 2.2) == ad.value_and_grad(f)(0.6)


@pytest.mark.filterwarnings("ignore::adjoint.errors.BatchFallbackWarning")
def test_a_callback_that_is_an_object():
    class Scale:
        def __init__(self, by):
            self.by = by

        def __call__(self, t):
            return float(t) * self.by

    scale = Scale(3.0)
    check(lambda x: sum(map(scale, x)) + max(x, key=scale), X)


def test_a_callee_without_a_hash():
    class Callable:
        __hash__ = None

        def __call__(self, t):
            return float(t) ** 2

    made = Callable()
    check(lambda x: made(x) + {"f": made}["f"](x), 0.5)
    assert ad.grad(made)(0.5) == 1.0


def test_objects_that_can_be_called_stay_what_they_are_among_arguments():
    """Only what is called back is a clone: not what is compared, or yielded."""

    class Weight:
        def __init__(self, value):
            self.value = value

        def __call__(self):
            return self.value

        def __lt__(self, other):
            return self.value < other.value

    def f(x):
        lightest = min(Weight(x), Weight(x + 1))
        return sorted([lightest, Weight(2.0)])[0].value * next(iter([lightest])).value  # noqa: FURB192 - both are tried

    assert ad.grad(f)(0.5) == 1.0
