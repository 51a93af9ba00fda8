"""What users get wrong: each mistake answered by a sentence, never by a wrong number.

Each test reads its sentence: what was asked, what was given, what to do.
"""

import array
import copy
import gc
import math
import queue
import tempfile
import threading

import numpy as np
import pytest
import scipy.special

import adjoint as ad
from adjoint import errors

SMALL = 4  # elements: copied when the tape keeps them
LARGE = 5_000  # elements, 40 kB: kept by reference, so they need protection


def sentence(error, call, *args):
    """The message of the error that a call must raise."""
    with pytest.raises(error) as caught:
        call(*args)
    assert type(caught.value) is error
    return str(caught.value)


def assert_says(message, *phrases):
    """All the phrases stand in the message."""
    assert [] == [phrase for phrase in phrases if phrase not in message], message


def right_or_loud(call, expected):
    """The call gives the expected result or raises one of our errors."""
    try:
        result = call()
    except errors.AdjointError:
        return "loud"
    np.testing.assert_allclose(result, expected, rtol=1e-12)
    return "right"


# The tree of errors


@pytest.mark.parametrize(
    ("error", "builtin"),
    [
        (errors.ConversionError, TypeError),
        (errors.InputError, TypeError),
        (errors.OutputError, TypeError),
        (errors.ShapeError, ValueError),
        (errors.TreeError, ValueError),
        (errors.MissingRuleError, TypeError),
        (errors.MissingAttributeError, AttributeError),
        (errors.MutationError, TypeError),
        (errors.StaleError, RuntimeError),
        (errors.LeakError, RuntimeError),
        (errors.BatchedControlError, TypeError),
        (errors.CheckError, AssertionError),
        (errors.CheckpointError, ValueError),
    ],
)
def test_errors_are_ours_and_pythons(error, builtin):
    """Each error is caught by our base and by Python's class for such mistakes."""
    assert issubclass(error, errors.AdjointError)
    assert issubclass(error, builtin)


# Inputs that cannot be differentiated


def total(x):
    return np.sum(x * 2.0)


FIRST_ORDER_OF_ONE_ARGUMENT = {
    "grad": ad.grad,
    "value_and_grad": ad.value_and_grad,
    "elementwise_grad": ad.elementwise_grad,
    "jacfwd": ad.jacfwd,
    "jacrev": ad.jacrev,
    "jacobian": ad.jacobian,
    "hessian": ad.hessian,
}


@pytest.mark.parametrize("name", FIRST_ORDER_OF_ONE_ARGUMENT)
@pytest.mark.parametrize(
    ("x", "given"),
    [
        (np.arange(3), "int64"),
        (np.array(2, np.int32), "int32"),
        (np.arange(3, dtype=np.uint8), "uint8"),
        (np.array([True, False]), "bool"),
    ],
    ids=["integers", "integer 0-d", "unsigned", "booleans"],
)
def test_integer_arrays_are_named_with_their_cure(name, x, given):
    """The transform, the dtype, the shape, and `.astype(float)`."""
    message = sentence(errors.InputError, FIRST_ORDER_OF_ONE_ARGUMENT[name](total), x)
    assert_says(message, name, given, ".astype(float)")


@pytest.mark.parametrize(
    "call",
    [
        lambda x: ad.jvp(total, (x,), (np.ones(3),)),
        lambda x: ad.vjp(total, x),
        lambda x: ad.linearize(total, x),
        lambda x: ad.hvp(total, (x,), (np.ones(3),)),
    ],
    ids=["jvp", "vjp", "linearize", "hvp"],
)
def test_integer_arrays_are_refused_by_the_other_transforms(call):
    """The same sentence where primals are given beside tangents."""
    assert_says(sentence(errors.InputError, call, np.arange(3)), ".astype(float)")


def test_an_integer_leaf_is_named_by_its_path():
    """Deep in a container, the path leads to the leaf."""
    params = {"layers": [(np.ones(2), np.arange(2))], "scale": 1.0}

    def loss(params):
        weights, bias = params["layers"][0]
        return np.sum(weights * bias) * params["scale"]

    message = sentence(errors.InputError, ad.grad(loss), params)
    assert_says(message, "['layers'][0][1]", "int64", ".astype(float)")


def test_an_integer_argument_is_named_by_its_position():
    """With several arguments, the one at fault is told apart."""

    def loss(x, y):
        return np.sum(x * y)

    message = sentence(
        errors.InputError, ad.grad(loss, argnums=(0, 1)), np.ones(2), np.arange(2)
    )
    assert_says(message, "argument 1", "int64")


@pytest.mark.parametrize(
    ("x", "given"),
    [
        ("text", "str"),
        (True, "bool"),
        (np.array(["a"]), "<U1"),
        (np.array([1.0, None]), "object"),
        (np.array(["2020-01-01"], "datetime64[D]"), "datetime64"),
    ],
    ids=[
        "str",
        "bool",
        "str array",
        "object",
        "date",
    ],
)
def test_other_inputs_are_named_by_what_they_are(x, given):
    """Whatever is no floating-point number says what it is."""
    assert_says(sentence(errors.InputError, ad.grad(lambda x: x), x), "grad", given)


@pytest.mark.parametrize("x", [3, np.int64(3), np.float64(3.0), np.array(3.0)])
def test_integer_numbers_promote(x):
    """A Python or NumPy integer scalar is taken for the float it means."""
    assert ad.grad(lambda x: x * x)(x) == 6.0


def test_arguments_not_differentiated_may_be_anything():
    """Only the leaves under argnums must be floats."""

    def loss(x, n, name, flags):
        return np.sum(x**n) if name and flags["on"] is None else x[0]

    slopes = ad.grad(loss)(np.array([1.0, 2.0]), 3, "loss", {"on": None})
    np.testing.assert_allclose(slopes, [3.0, 12.0])


@pytest.mark.parametrize("argnums", [1, -2, (0, 1)])
def test_an_argument_that_is_not_there(argnums):
    """argnums beyond the arguments given."""
    with pytest.raises((errors.InputError, errors.TreeError)) as caught:
        ad.grad(total, argnums=argnums)(np.ones(2))
    assert_says(str(caught.value), "argnums")


# Results that cannot be differentiated


@pytest.mark.parametrize("transform", [ad.grad, ad.value_and_grad])
def test_array_results_are_refused_with_their_shape(transform):
    """The shape of the result, and the transforms that take arrays."""
    message = sentence(
        errors.OutputError, transform(lambda x: x * 2.0), np.ones((2, 3))
    )
    assert_says(message, "(2, 3)", "ad.jacobian")


def test_array_results_name_the_cures():
    """ad.jacobian for all slopes, ad.elementwise_grad for one an element."""
    message = sentence(errors.OutputError, ad.grad(np.sin), np.ones(3))
    assert_says(message, "grad", "(3,)", "ad.jacobian", "ad.elementwise_grad")


def test_an_array_of_one_element_is_an_array():
    """Shape (1,) is not a scalar."""
    assert_says(sentence(errors.OutputError, ad.grad(np.sin), np.ones(1)), "(1,)")


@pytest.mark.parametrize(
    ("result", "given"),
    [
        (lambda x: (np.sum(x), 1.0), "tuple"),
        (lambda x: None, "None"),
        (lambda x: "text", "str"),
        (lambda x: {"loss": np.sum(x)}, "dict"),
        (lambda x: [np.sum(x)], "list"),
    ],
    ids=["tuple", "None", "str", "dict", "list"],
)
def test_results_that_are_no_number_say_what_they_are(result, given):
    """A forgotten return, or an auxiliary value without has_aux."""
    assert_says(sentence(errors.OutputError, ad.grad(result), np.ones(2)), given)


def test_aux_that_is_not_a_pair():
    """has_aux=True wants the pair (value, aux)."""
    message = sentence(errors.TreeError, ad.grad(total, has_aux=True), np.ones(2))
    assert_says(message, "has_aux=True", "(value, aux)")
    assert "Taped" not in message


# Tangents and cotangents that do not fit


@pytest.mark.parametrize(
    "call",
    [
        lambda x, v: ad.jvp(np.sin, (x,), (v,)),
        lambda x, v: ad.linearize(np.sin, x)[1](v),
        lambda x, v: ad.hvp(lambda x: np.sum(x**3), (x,), (v,)),
        lambda x, v: ad.hvp(lambda x: np.sum(x**3), x, v),
    ],
    ids=["jvp", "linearize", "hvp", "hvp of bare arrays"],
)
def test_a_tangent_of_another_shape(call):
    """Both shapes are named; a tangent that would broadcast does not fit either."""
    assert_says(
        sentence(errors.ShapeError, call, np.ones(3), np.ones(2)), "(3,)", "(2,)"
    )
    assert_says(
        sentence(errors.ShapeError, call, np.ones(3), np.ones(1)), "(3,)", "(1,)"
    )
    assert_says(sentence(errors.ShapeError, call, np.ones(3), 1.0), "(3,)", "()")


@pytest.mark.parametrize(
    "call",
    [
        lambda x, w: ad.vjp(np.sin, x)[1](w),
    ],
    ids=["vjp"],
)
def test_a_cotangent_of_another_shape(call):
    """Both shapes are named."""
    assert_says(
        sentence(errors.ShapeError, call, np.ones(3), np.ones(2)), "(3,)", "(2,)"
    )
    assert_says(
        sentence(errors.ShapeError, call, np.ones(3), np.ones(1)), "(3,)", "(1,)"
    )
    assert_says(sentence(errors.ShapeError, call, np.ones(3), 1.0), "(3,)", "()")


@pytest.mark.parametrize(
    ("primals", "tangents"),
    [
        (({"a": 1.0, "b": 2.0},), ({"a": 1.0},)),
        (((1.0, 2.0),), ([1.0, 2.0],)),
        (((1.0, 2.0),), ((1.0, 2.0, 3.0),)),
    ],
    ids=["missing key", "list for tuple", "one too many"],
)
def test_a_tangent_of_another_tree(primals, tangents):
    """Both structures are shown."""

    def loss(tree):
        return sum(tree.values()) if isinstance(tree, dict) else sum(tree)

    assert_says(sentence(errors.TreeError, ad.jvp, loss, primals, tangents), "tangent")


def test_too_many_tangents():
    """One tangent for each primal."""
    message = sentence(errors.TreeError, ad.jvp, np.sin, (1.0,), (1.0, 2.0))
    assert_says(message, "tangents", "primals")


def test_a_cotangent_of_another_tree():
    """The pullback of a pair wants a pair."""
    _, pullback = ad.vjp(lambda x: (np.sin(x), np.cos(x)), 1.0)
    assert_says(sentence(errors.TreeError, pullback, 1.0), "cotangent")
    assert_says(sentence(errors.TreeError, pullback, (1.0, 2.0, 3.0)), "cotangent")


@pytest.mark.parametrize("bad", ["text", None, np.array(["a", "b", "c"])])
def test_a_tangent_that_is_no_number(bad):
    """A tangent is a number or an array of numbers."""
    with pytest.raises((errors.InputError, errors.ShapeError, errors.TreeError)):
        ad.jvp(np.sin, (np.ones(3),), (bad,))


def test_batches_of_different_sizes():
    """vmap maps all its arguments over one axis length."""
    message = sentence(
        errors.ShapeError, ad.vmap(lambda x, y: x * y), np.ones(3), np.ones(2)
    )
    assert_says(message, "vmap", "3", "2")


# Functions without a rule


@pytest.mark.parametrize(
    ("function", "name", "position"),
    [
        (lambda x: scipy.special.mathieu_a(1.0, x), "mathieu_a", 1),
        (scipy.special.gamma, "gamma", 0),
        (lambda x: scipy.special.jv(1.0, x), "jv", 1),
    ],
    ids=["mathieu_a", "gamma", "jv"],
)
def test_a_function_without_rule_is_named(function, name, position):
    """The function, the argument, the line, and how to give it a rule."""
    x = np.full((2, 2), 0.5)
    message = sentence(
        errors.MissingRuleError, ad.grad(lambda x: np.sum(function(x))), x
    )
    assert_says(message, name, f"argument {position}", "test_bad_input.py")
    assert_says(message, "ad.custom_vjp", "ad.stop_gradient")


def test_a_keyword_without_rule_is_named():
    """A keyword that the rule does not cover (NumPy may gain one) is not dropped."""
    message = sentence(
        errors.MissingRuleError,
        ad.grad(lambda x: np.einsum("i->", x, where=[True, False, True])),
        np.ones(3),
    )
    assert_says(message, "np.einsum", "where=")


def test_a_function_without_rule_may_take_plain_values():
    """Nothing traced, nothing to differentiate."""

    def loss(x):
        weights = np.sort(np.array([3.0, 1.0, 2.0])) * scipy.special.gamma(3.0)
        return np.sum(x * weights)

    np.testing.assert_allclose(ad.grad(loss)(np.ones(3)), [2.0, 4.0, 6.0])


# Values that leak


def leak_from(transform):
    """A traced value of a transform that has ended, kept where no hook sees it."""
    kept = queue.SimpleQueue()

    def keep(x):
        kept.put(x * 2.0)
        return x * x

    transform(keep)
    return kept.get()


LEAKS = {
    "grad": lambda f: ad.grad(f)(3.0),
    "vjp": lambda f: ad.vjp(f, 3.0)[1](1.0),
    "jvp": lambda f: ad.jvp(f, (3.0,), (1.0,)),
    "vmap": lambda f: ad.vmap(f)(np.ones(2)),
    "jacobian": lambda f: ad.jacobian(f)(3.0),
    "linearize": lambda f: ad.linearize(f, 3.0)[1](1.0),
}
USES = {
    "operator": lambda x: x + 1.0,
    "operator on the right": lambda x: 2.0 * x,
    "negation": lambda x: -x,
    "with itself": lambda x: x * x,
    "ufunc": np.sin,
    "binary ufunc": lambda x: np.add(np.ones(2), x),
    "function": np.sum,
    "list": lambda x: np.stack([x, x]),
    "method": lambda x: x.sum(),
    "where": lambda x: np.where(np.array([True, False]), x, 0.0),
}


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("transform", LEAKS)
def test_a_leaked_value_is_refused(transform, use):
    """What outlived its transform is no number any more."""
    leaked = leak_from(LEAKS[transform])
    message = sentence(errors.LeakError, USES[use], leaked)
    assert_says(message, "transform", "return")


@pytest.mark.parametrize("second", LEAKS)
@pytest.mark.parametrize("first", LEAKS)
def test_a_global_cache_is_plain_for_the_next_transform(first, second):
    """A memo filled in one transform and read in the next: as in plain calls."""
    memo = {}

    def gravity(x):
        if "g" not in memo:
            memo["g"] = 9.81 * x
        return memo["g"] * x

    given = LEAKS[first](gravity)
    filled = 9.81 * (1.0 if first == "vmap" else 3.0)
    assert memo == {"g": filled}
    if first in {"grad", "jacobian"}:
        assert given == pytest.approx(2.0 * 9.81 * 3.0)
    given = LEAKS[second](gravity)
    if second in {"grad", "jacobian"}:
        assert given == pytest.approx(filled)


def test_an_inner_value_becomes_one_of_the_outer_transform():
    """The inner transform ends before the outer one."""

    def outer(x):
        kept = []

        def inner(y):
            kept.append(y * y)
            return y * x

        return ad.grad(inner)(x) + kept[0]

    assert ad.grad(outer)(2.0) == 5.0


def test_an_inner_value_that_no_hook_sees_does_not_leak_into_the_outer_transform():
    def outer(x):
        kept = queue.SimpleQueue()

        def inner(y):
            kept.put(y * y)
            return y * x

        return ad.grad(inner)(x) + kept.get()

    assert_says(sentence(errors.LeakError, ad.grad(outer), 2.0), "transform")


def test_a_value_leaked_by_a_failed_transform_is_refused():
    """A transform that raised has ended too."""
    kept = queue.SimpleQueue()

    def fails(x):
        kept.put(x)
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        ad.grad(fails)(1.0)
    assert_says(sentence(errors.LeakError, np.sin, kept.get()), "transform")


def test_a_generator_that_outlives_its_transform():
    """A generator resumed after the transform uses values of the past."""

    def powers(x):
        while True:
            x = x * x
            yield x

    made = []

    def loss(x):
        made.append(powers(x))
        return next(made[0])

    assert ad.grad(loss)(3.0) == 6.0
    assert_says(sentence(errors.LeakError, next, made[0]), "transform")


def test_a_result_handed_out_by_has_aux_is_plain():
    """The cure that the sentence names."""
    slope, aux = ad.grad(lambda x: (x * x, {"twice": 2.0 * x}), has_aux=True)(3.0)
    assert (6.0, 6.0) == (slope, aux["twice"])
    assert isinstance(aux["twice"], float)


def test_a_stopped_value_may_be_kept():
    """The other cure that the sentence names."""
    kept = []

    def loss(x):
        kept.append(ad.stop_gradient(x * 2.0))
        return x * x

    ad.grad(loss)(3.0)
    assert kept == [6.0]
    assert isinstance(kept[0], float)


# Conversions that would lose the derivative, in a function that is run as it is

CONVERSIONS = {
    "float(x)": (float, ("float(x)", "float64", "()"), 1.0),
    "int(x)": (lambda x: int(x) * x, ("int(x)", "np.floor"), 1.0),
    "complex(x)": (lambda x: abs(complex(x)), ("complex(x)",), 1.0),
    "math.sin(x)": (math.sin, ("float(x)", "np."), math.cos(1.4)),
    "round(x)": (lambda x: round(x) * x, ("round(x)", "np.round"), 1.0),
    "round(x, 1)": (lambda x: round(x, 1) * x, ("round(x)", "np.round"), 1.4),
    "np.array([x])": (lambda x: np.array([x, 1.0])[0], ("np.array", "np.stack"), 1.0),
    "np.asarray(x)": (np.asarray, ("np.asarray", "np.stack"), 1.0),
    "np.full(3, x)": (lambda x: np.sum(np.full(3, x)), ("plain array",), 3.0),
    "list index": (lambda x: [1.0, 2.0][x] * x, ("index",), None),
}
MODES = {
    "grad": ad.grad,
    "jvp": lambda f, **how: lambda x: ad.jvp(f, (x,), (1.0,), **how)[1],
    "vjp": lambda f, **how: lambda x: ad.vjp(f, x, **how)[1](1.0)[0],
    "linearize": lambda f, **how: lambda x: ad.linearize(f, x, **how)[1](1.0),
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("conversion", CONVERSIONS)
def test_conversions_are_refused_by_protocols_alone(conversion, mode):
    """What was converted, in which line, and what to write instead."""
    function, phrases, _ = CONVERSIONS[conversion]
    call = MODES[mode](function, plain_numpy=False)
    message = sentence(errors.ConversionError, call, 1.4)
    assert_says(message, *phrases, "ad.stop_gradient", "test_bad_input.py")


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("conversion", CONVERSIONS)
def test_conversions_are_right(conversion, mode):
    """Where Python itself has an answer: a traced value is no position in a list."""
    function, phrases, slope = CONVERSIONS[conversion]
    call = MODES[mode](function)
    if slope is None:
        assert_says(sentence(errors.ConversionError, call, 1.4), *phrases)
    else:
        np.testing.assert_allclose(call(1.4), slope, rtol=1e-14)


def store_element(x):
    z = np.zeros(3)
    z[0] = x[0]
    return np.sum(z)


def store_slice(x):
    z = np.zeros(3)
    z[:] = x
    return np.sum(z)


def store_row(x):
    z = np.zeros((2, 3))
    z[1] = x * 2.0
    return np.sum(z)


def store_number_of_an_inner_result(x):
    z = np.zeros(1)
    z[0] = np.sum(x)
    return z[0]


@pytest.mark.parametrize(
    ("function", "slopes"),
    [
        (store_element, [1.0, 0.0, 0.0]),
        (store_slice, [1.0, 1.0, 1.0]),
        (store_row, [2.0, 2.0, 2.0]),
        (store_number_of_an_inner_result, [1.0, 1.0, 1.0]),
    ],
)
def test_a_store_into_a_plain_array_is_right_or_refused(function, slopes):
    """NumPy's "setting an array element with a sequence" becomes our sentence."""
    x, v = np.ones(3), np.array([1.0, 2.0, 4.0])
    np.testing.assert_array_equal(ad.grad(function)(x), slopes)
    assert v @ slopes == ad.jvp(function, (x,), (v,))[1]
    for call in (
        lambda: ad.grad(function, plain_numpy=False)(x),
        lambda: ad.jvp(function, (x,), (v,), plain_numpy=False),
    ):
        message = sentence(errors.ConversionError, call)
        assert_says(message, "z[i] = x", "np.stack", "test_bad_input.py", "float64")
        assert "sequence" not in message


def test_a_store_under_vmap_is_right():
    """Each sample stores into an array of its own."""
    batch = np.arange(6.0).reshape(2, 3)
    for function, expected in (
        (store_element, batch[:, 0]),
        (store_slice, batch.sum(1)),
        (store_row, 2.0 * batch.sum(1)),
    ):
        np.testing.assert_array_equal(ad.vmap(function)(batch), expected)


def add_out(x):
    z = np.zeros(3)
    np.add(z, x, out=z)
    return np.sum(z)


def add_in_place(x):
    z = np.zeros(3)
    z += x
    return np.sum(z)


def write_argument(x):
    x[0] = 1.0
    return np.sum(x)


def add_to_argument(x):
    x += 1.0
    return np.sum(x)


@pytest.mark.parametrize(
    ("function", "phrases"),
    [
        (add_out, ("np.add", "out=")),
        (add_in_place, ("np.add", "z += x")),
    ],
)
def test_traced_results_into_plain_arrays_are_right_or_refused(function, phrases):
    """The write, in which line, and the new array to build instead."""
    x = np.ones(3)
    np.testing.assert_array_equal(ad.grad(function)(x), np.ones(3))
    assert 3.0 == ad.jvp(function, (x,), (np.ones(3),))[1]
    np.testing.assert_array_equal(ad.vmap(function)(np.ones((2, 3))), [3.0, 3.0])
    for call in (
        lambda: ad.grad(function, plain_numpy=False)(x),
        lambda: ad.jvp(function, (x,), (np.ones(3),), plain_numpy=False),
        lambda: ad.vmap(function, plain_numpy=False)(np.ones((2, 3))),
    ):
        message = sentence(errors.MutationError, call)
        assert_says(message, *phrases, "test_bad_input.py")
    np.testing.assert_array_equal(x, np.ones(3))


@pytest.mark.parametrize(
    ("function", "slopes"),
    [(write_argument, [0.0, 1.0, 1.0]), (add_to_argument, [1.0, 1.0, 1.0])],
)
def test_writes_into_traced_arrays_are_right_and_stay_inside(function, slopes):
    """The argument is copied before the first write: the caller's array stays."""
    x = np.full(3, 2.0)
    value, gradient = ad.value_and_grad(function)(x)
    assert function(x.copy()) == value
    np.testing.assert_array_equal(gradient, slopes)
    value, slope = ad.jvp(function, (x,), (np.arange(3.0) + 1.0,))
    assert function(x.copy()) == value
    assert np.dot(slopes, np.arange(3.0) + 1.0) == slope
    np.testing.assert_array_equal(ad.vmap(function)(np.stack([x, x])), [value, value])
    np.testing.assert_array_equal(x, np.full(3, 2.0))


def swallow(x):
    try:
        return [1.0, 2.0, 3.0][x]
    except TypeError:
        return 0.0


def swallow_everything(x):
    try:
        return {x: 1.0}[x]
    except Exception:  # noqa: BLE001 - what some users write
        return x * x


def swallow_a_store_and_fail(x):
    z = array.array("d", [0.0])
    try:
        z[0] = x
    except TypeError as wrapped:
        raise RuntimeError("cannot store") from wrapped
    return z[0]


@pytest.mark.parametrize(
    "function", [swallow, swallow_everything, swallow_a_store_and_fail]
)
@pytest.mark.parametrize("outer", [False, True], ids=["alone", "nested"])
def test_a_refusal_cannot_be_swallowed(function, outer):
    """The transform raises at its end what a try block has hidden."""
    transform = (lambda f: ad.grad(lambda y: ad.grad(f)(y) * y)) if outer else ad.grad
    assert_says(sentence(errors.ConversionError, transform(function), 2.0), "float64")


def test_a_refusal_of_the_outer_value_inside_an_inner_transform():
    """The level that lost its derivative is the one that raises."""

    def outer(x):
        def inner(y):
            try:
                return y * [1.0, 2.0, 3.0][x]
            except TypeError:
                return y * 1.0

        return ad.grad(inner)(1.0) * x

    assert_says(sentence(errors.ConversionError, ad.grad(outer), 2.0), "index")


def test_errors_of_the_user_pass_through():
    """An exception raised by the function itself stays what it was."""

    def checks(x):
        if x < 0:
            raise ValueError("temperature below zero")
        return x

    with pytest.raises(ValueError, match="temperature below zero") as caught:
        ad.grad(checks)(-1.0)
    assert type(caught.value) is ValueError


def test_errors_of_numpy_pass_through():
    """Shapes that do not broadcast are NumPy's own affair."""
    with pytest.raises(ValueError, match="broadcast") as caught:
        ad.grad(lambda x: np.sum(x * np.ones(4)))(np.ones(3))
    assert not isinstance(caught.value, errors.AdjointError)


def test_transforms_work_after_an_error():
    """A refusal leaves no state behind."""
    for function in (
        lambda x: [1.0, 2.0][x[0]],
        lambda x: np.sum(scipy.special.mathieu_a(1.0, x)),
        lambda x: {x[0]: 1.0}[x[0]],
    ):
        with pytest.raises(errors.AdjointError):
            ad.grad(function)(np.ones(3))
        np.testing.assert_allclose(ad.grad(total)(np.ones(3)), 2.0)


def test_a_refusal_leaves_no_objects_behind():
    """The error does not keep the tape alive through its traceback for ever."""
    gc.collect()
    gc.disable()
    try:
        counts = []
        for _ in range(20):
            with pytest.raises(errors.AdjointError):
                ad.grad(store_slice, plain_numpy=False)(np.ones(3))
            gc.collect()
            counts.append(len(gc.get_objects()))
    finally:
        gc.enable()
    assert max(counts[10:]) - min(counts[10:]) < 200


# Results that do not depend on the input


@pytest.mark.parametrize(
    "constant",
    [
        lambda x: 3.0,
        lambda x: np.float64(3.0),
        lambda x: np.sum(np.ones(3)),
        lambda x: np.array(3.0),
        lambda x: 0.0 * np.sum(x),
        lambda x: float(np.argmax(x)),
        np.argmax,
        lambda x: np.sum(x.astype(int)),
        lambda x: float(x.shape[0]),
        lambda x: np.sum(np.floor(x)),
        lambda x: np.sum(ad.stop_gradient(x)),
        lambda x: np.sum(np.zeros_like(x)),
    ],
)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_constant_result_has_zero_gradient(constant, dtype):
    """No error: a derivative exists and is zero, in the form of the input."""
    x = np.array([0.5, 1.5, 2.5], dtype)
    slopes = ad.grad(constant)(x)
    assert (np.ndarray, dtype, (3,)) == (type(slopes), slopes.dtype, slopes.shape)
    np.testing.assert_array_equal(slopes, np.zeros(3))
    _, tangent = ad.jvp(constant, (x,), (np.ones(3, dtype),))
    assert tangent == 0.0


def test_an_argument_not_used_has_zero_gradient():
    """Each leaf in its own form, used or not."""
    params = {"used": 2.0, "unused": np.ones((2, 2)), "empty": np.ones(0)}
    slopes = ad.grad(lambda p: p["used"] ** 2)(params)
    assert slopes["used"] == 4.0
    np.testing.assert_array_equal(slopes["unused"], np.zeros((2, 2)), strict=True)
    np.testing.assert_array_equal(slopes["empty"], np.zeros(0), strict=True)


def test_constant_results_have_zero_jacobians_and_hessians():
    """Shapes of results times shapes of inputs, filled with zeros."""
    for transform in (ad.jacobian, ad.jacfwd, ad.jacrev):
        zeros = transform(lambda x: np.ones(2))(np.ones(3))
        np.testing.assert_array_equal(zeros, np.zeros((2, 3)))
    np.testing.assert_array_equal(ad.hessian(np.sum)(np.ones(3)), np.zeros((3, 3)))


# Work buffers: plain arrays that change while a derivative needs them


def reuse_buffer(x, size):
    """sum_k sum(sin(k x)) through one buffer, refilled in each turn."""
    buffer = np.empty(size)
    result = 0.0
    for k in (1.0, 2.0, 3.0):
        buffer[:] = k
        result = result + np.sum(np.sin(x * buffer))
    return result


def reuse_view(x, size):
    """The same, where the traced operation sees a view of the buffer."""
    buffer = np.empty(2 * size)
    view = buffer[:size]
    result = 0.0
    for k in (1.0, 2.0, 3.0):
        buffer[:] = k
        result = result + np.sum(np.sin(x * view))
    return result


def write_through_an_older_view(x, size):
    """The same, where the write goes through a view made before the use."""
    buffer = np.empty(size)
    view = buffer[:]
    result = 0.0
    for k in (1.0, 2.0, 3.0):
        view[:] = k
        result = result + np.sum(np.sin(x * buffer))
    return result


def reuse_out(x, size):
    """The same, refilled by a plain ufunc with out=."""
    buffer = np.zeros(size)
    result = 0.0
    for _ in range(3):
        np.add(buffer, 1.0, out=buffer)
        result = result + np.sum(np.sin(x * buffer))
    return result


def reuse_strided(x, size):
    """The same, where the traced operation sees every other element."""
    buffer = np.empty(2 * size)
    result = 0.0
    for k in (1.0, 2.0, 3.0):
        buffer[::2] = k
        result = result + np.sum(np.sin(x * buffer[::2]))
    return result


def reuse_reversed(x, size):
    """The same with a negative stride."""
    buffer = np.empty(size)
    result = 0.0
    for k in (1.0, 2.0, 3.0):
        buffer[:] = k
        result = result + np.sum(np.sin(x * buffer[::-1]))
    return result


class Buffer(np.ndarray):
    """A subclass as NumPy's own memory maps are: an array, from elsewhere."""


def reuse_subclass(x, size):
    """The same, where the buffer is of a subclass of ndarray."""
    buffer = np.empty(size).view(Buffer)
    result = 0.0
    for k in (1.0, 2.0, 3.0):
        buffer[:] = k
        result = result + np.sum(np.sin(x * buffer))
    return result


def reuse_memory_map(x, size):
    """The same, where the buffer lies in a file."""
    result = 0.0
    with tempfile.TemporaryFile() as file:
        file.truncate(8 * size)
        buffer = np.memmap(file, np.float64, "r+", shape=(size,))
        for k in (1.0, 2.0, 3.0):
            buffer[:] = k
            result = result + np.sum(np.sin(x * buffer))
    return result


def reuse_matrix(x, size):
    """sum_k k * size * sum(x) by a matrix refilled in each turn."""
    buffer = np.empty((3, size))
    result = 0.0
    for k in (1.0, 2.0, 3.0):
        buffer[:] = k / 3.0
        result = result + np.sum(np.sin(buffer @ x / size))
    return result


BUFFERS = [
    reuse_buffer,
    reuse_view,
    write_through_an_older_view,
    reuse_out,
    reuse_strided,
    reuse_reversed,
    reuse_subclass,
    reuse_memory_map,
]


def buffer_slopes(size):
    x = np.linspace(0.1, 0.9, size)
    return x, sum(k * np.cos(k * x) for k in (1.0, 2.0, 3.0))


@pytest.mark.parametrize("function", BUFFERS)
def test_a_small_work_buffer_may_be_reused(function):
    """Small arrays are copied when the tape keeps them."""
    x, expected = buffer_slopes(SMALL)
    np.testing.assert_allclose(ad.grad(lambda x: function(x, SMALL))(x), expected)


@pytest.mark.parametrize("function", BUFFERS)
def test_a_large_work_buffer_is_right_or_loud(function):
    """Large arrays are protected: the write raises, or the change is found."""
    x, expected = buffer_slopes(LARGE)
    right_or_loud(lambda: ad.grad(lambda x: function(x, LARGE))(x), expected)


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_a_matrix_as_work_buffer_is_right_or_loud(size):
    """Contractions keep their operands too."""
    x = np.linspace(0.1, 0.9, size)
    mean = np.mean(x)
    slope = sum(k * np.cos(k / 3 * mean) for k in (1.0, 2.0, 3.0)) / size
    right_or_loud(
        lambda: ad.grad(lambda x: reuse_matrix(x, size))(x), np.full(size, slope)
    )


@pytest.mark.parametrize("size", [SMALL, LARGE])
@pytest.mark.parametrize("function", BUFFERS)
def test_a_work_buffer_is_right_in_forward_mode(function, size):
    """Forward mode needs nothing twice."""
    x, slopes = buffer_slopes(size)
    _, tangent = ad.jvp(lambda x: function(x, size), (x,), (np.ones(size),))
    np.testing.assert_allclose(tangent, np.sum(slopes))


@pytest.mark.parametrize("size", [SMALL, LARGE])
@pytest.mark.parametrize("function", BUFFERS)
def test_a_work_buffer_is_right_or_loud_in_a_pullback(function, size):
    """vjp keeps what its pullback needs."""
    x, expected = buffer_slopes(size)
    right_or_loud(lambda: ad.vjp(lambda x: function(x, size), x)[1](1.0)[0], expected)


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_a_changed_mask_is_right_or_loud(size):
    """The condition of np.where is kept as well."""
    x = np.linspace(0.1, 0.9, size)

    def loss(x):
        mask = np.ones(size, bool)
        first = np.sum(np.where(mask, x**2, 0.0))
        mask[:] = False
        return first + np.sum(np.where(mask, x**3, 0.0))

    right_or_loud(lambda: ad.grad(loss)(x), 2 * x)


@pytest.mark.parametrize("position", [0, 1, 7, 1000, 1023, 1024, LARGE - 1])
def test_a_single_changed_element_is_found(position):
    """A write through an older view of one element among thousands."""
    x = np.linspace(0.1, 0.9, LARGE)

    def loss(x):
        buffer = np.ones(LARGE)
        view = buffer[:]
        y = np.sum(np.sin(x * buffer))
        view[position] = 5.0
        return y

    expected = np.cos(x)
    right_or_loud(lambda: ad.grad(loss)(x), expected)


@pytest.mark.parametrize("distance", [1, 6, 512, 1000, 1021, 1023, 1024])
@pytest.mark.parametrize("change", ["swapped", "cancelling"])
def test_a_change_that_keeps_the_sum_is_found(change, distance):
    """Two elements swapped, or two changes that cancel, at any distance."""
    size = 3 * LARGE
    x = np.linspace(0.1, 0.9, size)

    def loss(x):
        buffer = np.arange(1.0, size + 1.0)
        view = buffer[:]
        y = np.sum(np.sin(x * buffer))
        pair = [3, 3 + distance]
        view[pair] = view[pair[::-1]] if change == "swapped" else view[pair] + [1, -1]
        return y

    k = np.arange(1.0, size + 1.0)
    right_or_loud(lambda: ad.grad(loss)(x), k * np.cos(k * x))


def test_a_changed_buffer_is_explained():
    """The sentence names the cure: a copy."""
    x = np.ones(LARGE)
    message = sentence(
        errors.StaleError,
        ad.grad(lambda x: write_through_an_older_view(x, LARGE)),
        x,
    )
    assert_says(message, "changed", ".copy()")


def test_a_write_into_a_protected_buffer_is_explained():
    """NumPy's "assignment destination is read-only" becomes our sentence."""
    x, expected = buffer_slopes(LARGE)
    try:
        slopes = ad.grad(lambda x: reuse_buffer(x, LARGE))(x)
    except errors.AdjointError as error:
        assert_says(str(error), ".copy()")
    else:
        np.testing.assert_allclose(slopes, expected)


@pytest.mark.parametrize("fails", [False, True], ids=["returns", "raises"])
@pytest.mark.parametrize("writeable", [True, False])
def test_protection_ends_with_the_transform(fails, writeable):
    """Arrays are as writeable as before, also after an exception."""
    weights = np.ones(LARGE)
    weights.flags.writeable = writeable

    def loss(x):
        y = np.sum(np.sin(x * weights))
        if fails:
            raise KeyError("mine")
        return y

    try:
        ad.grad(loss)(np.ones(LARGE))
    except KeyError:
        assert fails
    assert writeable == weights.flags.writeable


def test_protection_is_counted_between_threads():
    """Two gradients that share an array: it is writeable once both have ended."""
    weights = np.ones(LARGE)
    both = threading.Barrier(2)
    slopes = []

    def loss(x):
        y = np.sum(np.sin(x * weights))
        both.wait(timeout=10)
        return y

    def work():
        slopes.append(ad.grad(loss)(np.ones(LARGE)))

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert weights.flags.writeable
    for slope in slopes:
        np.testing.assert_allclose(slope, np.cos(1.0))


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_an_input_written_by_the_function_itself(size):
    """The function reaches its own argument by another name, and writes."""
    for view_of in (lambda x: x, lambda x: x[:]):
        x = np.full(size, 0.5)
        other = view_of(x)

        def loss(x, other=other):
            y = np.sum(np.sin(x))
            other[:] = 7.0
            return y

        right_or_loud(
            lambda x=x, loss=loss: ad.grad(loss)(x), np.full(size, np.cos(0.5))
        )


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_a_stopped_value_written_by_the_function(size):
    """ad.stop_gradient gives values of the user's own, to write into."""

    def loss(x):
        y = np.exp(x)
        plain = ad.stop_gradient(y)
        plain[:] = 0.0
        return np.sum(y * y)

    x = np.linspace(0.1, 0.9, size)
    right_or_loud(lambda: ad.grad(loss)(x), 2 * np.exp(2 * x))


# Inputs and constants that change between vjp and its pullback


@pytest.mark.parametrize("size", [SMALL, LARGE])
@pytest.mark.parametrize("through", ["itself", "an older view"])
def test_an_input_changed_before_the_pullback(size, through):
    """The pullback uses the values of the call."""
    x = np.linspace(0.1, 0.9, size)
    view = x[:]
    expected = np.cos(x)
    _, pullback = ad.vjp(np.sin, x)
    (x if through == "itself" else view)[:] = 7.0
    (slopes,) = pullback(np.ones(size))
    np.testing.assert_allclose(slopes, expected)


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_an_input_changed_before_the_pushforward(size):
    """So does the pushforward of linearize."""
    x = np.linspace(0.1, 0.9, size)
    expected = np.cos(x)
    _, pushforward = ad.linearize(np.sin, x)
    x[:] = 7.0
    np.testing.assert_allclose(pushforward(np.ones(size)), expected)


@pytest.mark.parametrize("size", [SMALL, LARGE])
@pytest.mark.parametrize("through", ["itself", "an older view"])
def test_a_constant_changed_before_the_pullback(size, through):
    """Right by a copy, or loud; the caller's array is never left read-only."""
    weights = np.linspace(0.5, 1.5, size)
    view = weights[:]
    x = np.ones(size)
    expected = weights * np.cos(weights * x)
    _, pullback = ad.vjp(lambda x: np.sin(x * weights), x)
    assert weights.flags.writeable
    (weights if through == "itself" else view)[:] = 7.0
    right_or_loud(lambda: pullback(np.ones(size))[0], expected)


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_a_pullback_used_twice(size):
    """Before and after a change, with the same answer."""
    weights = np.linspace(0.5, 1.5, size)
    expected = weights.copy()
    _, pullback = ad.vjp(lambda x: x * weights, np.ones(size))
    np.testing.assert_allclose(pullback(np.ones(size))[0], expected)
    weights[:] = 7.0
    right_or_loud(lambda: pullback(np.ones(size))[0], expected)


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_results_share_no_memory(size):
    """Writing into a gradient, a value or a cotangent changes nothing else."""
    x = np.linspace(0.1, 0.9, size)
    cotangent = np.ones(size)
    _, pullback = ad.vjp(lambda x: x + 1.0, x)
    (slopes,) = pullback(cotangent)
    assert not np.shares_memory(slopes, cotangent)
    slopes[:] = 9.0
    np.testing.assert_array_equal(cotangent, np.ones(size))
    a, b = ad.grad(lambda x, y: np.sum(x + y), argnums=(0, 1))(x, x)
    assert not np.shares_memory(a, b)
    direction = np.ones(size)
    _, tangent = ad.jvp(lambda x: x, (x,), (direction,))
    assert not np.shares_memory(tangent, direction)
    value, _ = ad.value_and_grad(lambda x: np.sum(x) + 0.0 * x[0])(x)
    assert value == pytest.approx(np.sum(x))


def test_the_value_of_vjp_written_before_the_pullback():
    """The user owns the value; the pullback keeps its own."""
    for size in (SMALL, LARGE):
        x = np.linspace(0.1, 0.9, size)
        value, pullback = ad.vjp(np.exp, x)
        expected = np.exp(x)
        try:
            value[:] = 0.0
        except ValueError:
            continue
        np.testing.assert_allclose(pullback(np.ones(size))[0], expected)


@pytest.mark.parametrize("seed", range(60))
def test_random_buffer_programs_are_right_or_loud(seed):
    """Writes through buffers, views and aliases between traced products."""
    rng = np.random.default_rng(seed)
    size = int(rng.choice([3, 600, 1_500]))
    steps = rng.integers(0, 6, size=12)
    draws = rng.uniform(0.5, 1.5, (12, size))

    def program(x):
        base = np.ones(2 * size)
        views = [base[:size], base[size:], base[::2], base[::-1][:size], base[:size]]
        result, y = 0.0, x
        for step, draw, k in zip(steps, draws, range(12), strict=True):
            view = views[k % 5]
            if step == 0:
                base[:size] = draw
            elif step == 1:
                view[:] = draw
            elif step == 2:
                view[int(draw[0] * 10) % size] += 1.0
            elif step == 3:
                y = y * view + 0.1
            elif step == 4:
                result = result + np.sum(y * y * view)
            else:
                np.multiply(base, 1.01, out=base)
        return result + np.sum(y)

    x = rng.uniform(0.5, 1.5, size)
    direction = rng.uniform(-1.0, 1.0, size)
    _, expected = ad.jvp(program, (copy.copy(x),), (direction,))
    h = 1e-5
    difference = (program(x + h * direction) - program(x - h * direction)) / (2 * h)
    np.testing.assert_allclose(expected, difference, rtol=1e-5, atol=1e-6)
    try:
        slopes = ad.grad(program)(x)
    except errors.AdjointError:
        return
    np.testing.assert_allclose(slopes @ direction, expected, rtol=1e-9, atol=1e-9)
