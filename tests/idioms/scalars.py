"""Python asks for a number: conversions, math, builtins, formatting, truth."""

import cmath
import ctypes
import decimal
import json
import math
import operator
import statistics
import struct

import numpy as np
from scipy import special

from adjoint.errors import ConversionError, MissingRuleError

from .catalogue import loud, refused, right

NUMBER = 0.8
VECTOR = np.array([0.7, 1.9, -1.3])


@right(NUMBER)
def made_a_float(x):
    """float(x), which says to the reader that x is a number."""
    return float(x) ** 2


@right(VECTOR)
def element_made_a_float(x):
    """float(x[0]) likewise."""
    return sum(float(v) ** 2 for v in x)


@right(NUMBER, batching="looped")
def made_an_int(x):
    """int(x) is a step function, of zero slope between its jumps."""
    return int(7 * x) * x


@right(NUMBER)
def made_complex(x):
    """complex(x) of a real number."""
    return abs(complex(x)) * 2.0


@right(NUMBER)
def made_a_numpy_scalar(x):
    """np.float64(x) of a number."""
    return np.float64(x) ** 2


@right(NUMBER, step=2e-2, rtol=1e-3)
def made_a_single_precision_scalar(x):
    """np.float32(x) rounds the value and keeps the derivative."""
    return float(np.float32(x)) * 2.0


@right(NUMBER)
def sine_of_math(x):
    """math.sin of a number."""
    return math.sin(x) * x


@right(NUMBER)
def powers_of_math(x):
    """math.exp, math.sqrt and math.hypot."""
    return math.exp(x) + math.sqrt(x) + math.hypot(x, 1.0)


@right(NUMBER, batching="looped")
def floor_of_math(x):
    """math.floor is a step function, of zero slope between its jumps."""
    return math.floor(3.0 * x) * x


@right(NUMBER, batching="looped")
def ceiling_of_math(x):
    """math.ceil likewise."""
    return math.ceil(3.0 * x) * x


@right(NUMBER, batching="looped")
def truncation_of_math(x):
    """math.trunc likewise."""
    return math.trunc(3.0 * x) * x


@right(NUMBER, batching="looped")
def closeness_of_math(x):
    """math.isclose answers yes or no."""
    return x**2 if not math.isclose(x, 0.0) else x


@right(VECTOR)
def exact_sum_of_math(x):
    """math.fsum rounds its sum once."""
    return math.fsum(x)


@right(VECTOR)
def product_of_math(x):
    """math.prod multiplies whatever it is given."""
    return math.prod(x) + math.prod([x[0], 2.0, x[1]])


@right(NUMBER)
def square_root_of_cmath(x):
    """cmath.sqrt of a real number."""
    return abs(cmath.sqrt(x))


@right(NUMBER, batching="looped")
def rounded(x):
    """round(x) gives a plain integer, of zero slope."""
    return round(3.0 * x) * x


@right(NUMBER)
def rounded_to_digits(x):
    """round(x, 1) is a step function too."""
    return round(x, 1) * x


@right(NUMBER)
def absolute_value(x):
    """abs(x) of a number."""
    return abs(x - 2.0) * x + abs(-x)


@right(VECTOR)
def absolute_values(x):
    """abs(x) of an array."""
    return np.sum(abs(x) ** 3)


@right(NUMBER)
def power_builtin(x):
    """pow(x, y) is x ** y."""
    return pow(x, 3) + pow(2.0, x) + pow(x, 0.5)


@right(VECTOR, batching="looped")
def sum_builtin(x):
    """sum(x), of an array, of a list, from a start."""
    return sum(x) ** 2 + sum([v**2 for v in x], 1.0) * sum(v for v in x if v > 0)


@right(VECTOR, batching="looped")
def extremes_of_builtins(x):
    """max and min compare and hand the traced winner on."""
    return max(x) ** 2 * min(x) + max(x[0], 0.0) + min(x[1], 1.0, x[2]) ** 2


@right(VECTOR, batching="looped")
def extreme_by_a_key(x):
    """max(x, key=abs)."""
    return max(x, key=abs) ** 2 * min(enumerate(x), key=operator.itemgetter(1))[1]


@right(VECTOR, batching="looped")
def sorted_builtin(x):
    """sorted(x) compares and hands the traced values on."""
    low, middle, high = sorted(x)
    return low + 2.0 * middle**2 + 3.0 * high**3


@right(VECTOR, batching="looped")
def sorted_by_a_key(x):
    """list.sort with a key, in descending order."""
    values = [v * 1.0 for v in x]
    values.sort(key=lambda v: -(v**2))
    return values[0] * 3.0 + values[1] ** 2 - values[2]


@right(VECTOR)
def zipped_mapped_filtered(x):
    """zip, map, reversed and enumerate pass traced values through."""
    pairs = sum(a * b for a, b in zip(x, reversed(list(x)), strict=True))
    return pairs + sum(map(np.sin, x)) + sum(k * v for k, v in enumerate(x))


@right(VECTOR, batching="looped")
def any_and_all(x):
    """any and all of comparisons."""
    scale = 2.0 if any(v < 0 for v in x) and not all(v > 0 for v in x) else 1.0
    return scale * np.sum(x**2)


@right(NUMBER, batching="looped")
def truth_of_a_number(x):
    """if x, x and y, x or y, not x."""
    y = (x and x**2) + (0.0 * x or x)
    if not x:
        y = 0.0
    return y if x else 0.0


@right(VECTOR)
def identity_tests(x):
    """x is None, and an optional argument."""
    return np.sum(x**2) if x is not None else None


@right(VECTOR, batching="looped")
def membership(x):
    """0.7 in x, x[0] in a list."""
    return np.sum(x**2) if 0.7 not in x * 2.0 and x[0] not in [5.0, 6.0] else x[0]


@right(NUMBER, batching="looped")
def equality_with_a_number(x):
    """x == 0, x != 1 as branches."""
    return 0.0 if x == 0 else (x**2 if x != 1 else 1.0)


@right(NUMBER, batching="looped")
def chained_comparison(x):
    """0 < x < 1 as a branch."""
    return x**2 if 0 < x < 1 else (x if x >= 1 else -x)


@right(VECTOR)
def formatted(x):
    """str, repr, f-strings and format read the value and leave it alone."""
    text = f"{x[0]:.3f} {x[1]!r} {x}" + format(x[2], "8.2e") + str(x) + repr(x)
    return np.sum(x**2) * (1.0 if text else 0.0)


@right(VECTOR)
def printed(x):
    """print shows the value."""
    print("x is", x, x[0])  # noqa: T201 - the idiom itself
    return np.sum(x**2)


@right(NUMBER, batching="looped")
def formatted_by_percent(x):
    """'%f' % x asks for a float."""
    text = "%.3f" % x  # noqa: UP031 - the idiom itself
    return x**2 * len(text)


@loud(NUMBER, ConversionError, "hash")
def dictionary_key(x):
    """A traced value as a key."""
    return {x: x**2}[x]


@loud(VECTOR, ConversionError, "hash")
def set_of_values(x):
    """A set of traced values."""
    return sum({v**2 for v in x})


@loud(NUMBER, ConversionError, "float(x)")
def packed_into_bytes(x):
    """struct.pack hides our error behind its own."""
    return struct.unpack("d", struct.pack("d", x))[0] * 2.0


@loud(NUMBER, ConversionError, "float(x)")
def foreign_double(x):
    """ctypes.c_double takes a plain float."""
    return ctypes.c_double(x).value * 2.0


@right(VECTOR)
def mean_of_floats(x):
    """statistics.fmean is a sum rounded once, and a quotient."""
    return statistics.fmean(x)


@right(VECTOR)
def exact_mean(x):
    """statistics.mean sums exactly."""
    return statistics.mean(list(x)) * 2.0


@right(VECTOR, batching="looped")
def median_by_comparison(x):
    """statistics.median sorts and hands the middle on."""
    return statistics.median(x) ** 2 + statistics.median([x[0], x[1]])


@right(NUMBER)
def operators_as_functions(x):
    """The operator module."""
    return operator.mul(x, operator.add(2.0, x)) + operator.neg(operator.pow(x, 2))


@right(NUMBER, batching="exempt")
def own_exceptions_of_floats(x):
    """A Python float divided by zero raises; so does a traced one."""
    try:
        y = x / (x - x)
    except ZeroDivisionError:
        y = x**2
    return y * x


@right(NUMBER, batching="looped")
def method_of_float(x):
    """x.is_integer() of a Python float."""
    return x**2 if not x.is_integer() else x


@right(NUMBER)
def conjugate_of_a_number(x):
    """x.real and x.conjugate() of a Python float are x."""
    return x.real * x.conjugate()


@refused(NUMBER, TypeError)
def decimal_number(x):
    """decimal.Decimal takes its own types only."""
    return float(decimal.Decimal(x)) * 2.0


@refused(NUMBER, TypeError)
def text_of_json(x):
    """json.dumps writes its own types only."""
    return json.loads(json.dumps({"x": x}))["x"] * 2.0


@right(NUMBER)
def conversion_swallowed(x):
    """A try block cannot hide what was lost."""
    try:
        y = float(x)
    except TypeError:
        y = 1.0
    return y * x


@right(NUMBER)
def conversion_swallowed_whole(x):
    """A bare except cannot either."""
    try:
        y = math.sin(x)
    except Exception:  # noqa: BLE001 - the idiom itself
        y = np.sin(0.5)
    return y * x


@right(VECTOR)
def conversion_swallowed_for_a_fallback(x):
    """Code that tries the fast way first."""
    try:
        return np.asarray(x, dtype=float).sum()
    except (TypeError, ValueError):
        return 0.0


@loud(VECTOR, MissingRuleError, "mathieu_a")
def missing_rule_swallowed(x):
    """A missing rule cannot be hidden either."""
    try:
        return special.mathieu_a(1.0, x)[0]
    except TypeError:
        return 0.0
