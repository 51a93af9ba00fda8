"""grad and value_and_grad: arguments, trees, forms, memory."""

import warnings
from collections import OrderedDict, deque, namedtuple

import numpy as np
import pytest

import adjoint as ad
from transforms.compare import assert_close, assert_disjoint, assert_same

Point = namedtuple("Point", ["x", "y"])  # noqa: PYI024 - a factory's class, on purpose


class Line:
    """A class that the tests register as a container."""

    def __init__(self, slope, offset, name=""):
        self.slope, self.offset, self.name = slope, offset, name


ad.tree.register(
    Line,
    lambda line: ((line.slope, line.offset), line.name),
    lambda name, parts: Line(*parts, name),
)


def weighted(x, y, z):
    return x * y + 10.0 * y * z


# Arguments


@pytest.mark.parametrize(
    ("argnums", "expected"),
    [
        (0, np.float64(3.0)),
        (1, np.float64(52.0)),
        (2, np.float64(30.0)),
        (-1, np.float64(30.0)),
        (-3, np.float64(3.0)),
        (np.int64(1), np.float64(52.0)),
        ((0,), (np.float64(3.0),)),
        ((2, 0), (np.float64(30.0), np.float64(3.0))),
        ((0, -1), (np.float64(3.0), np.float64(30.0))),
        ([1, 2], (np.float64(52.0), np.float64(30.0))),
        ((), ()),
    ],
)
def test_argnums(argnums, expected):
    """One position gives one gradient, a sequence a tuple in its order."""
    assert_same(expected, ad.grad(weighted, argnums)(2.0, 3.0, 5.0))
    value, gradient = ad.value_and_grad(weighted, argnums)(2.0, 3.0, 5.0)
    assert_same((156.0, expected), (value, gradient))


@pytest.mark.parametrize("argnums", [(0, 0), (1, -2), (0, -3)])
def test_an_argument_named_twice_is_refused(argnums):
    """Also where a negative position names it again."""
    with pytest.raises(ad.errors.InputError, match="twice"):
        ad.grad(weighted, argnums)(2.0, 3.0, 5.0)


def test_keywords_are_handed_over_untouched():
    """A keyword argument arrives as the object it is, of any kind."""
    seen = []

    def f(x, *, factor, label="none"):
        seen.append((factor, label))
        return x * factor["by"]

    factor = {"by": 4.0}
    assert_same(np.float64(4.0), ad.grad(f)(1.0, factor=factor, label="a"))
    assert seen[0][0] is factor
    assert seen[0][1] == "a"


def test_has_aux():
    """The rest of the result comes back plain, in its own containers."""

    def f(x):
        y = x * x
        return np.sum(y), {"y": y, "name": "squares", "none": None}

    x = np.array([1.0, 2.0])
    aux = {"y": np.array([1.0, 4.0]), "name": "squares", "none": None}
    assert_same((np.array([2.0, 4.0]), aux), ad.grad(f, has_aux=True)(x))
    assert_same(
        ((np.float64(5.0), aux), np.array([2.0, 4.0])),
        ad.value_and_grad(f, has_aux=True)(x),
    )


def test_aux_keeps_outer_levels():
    """An inner transform's aux still carries the outer derivative."""

    def f(x):
        def g(y):
            return y * y, x * y

        slope, aux = ad.grad(g, has_aux=True)(3.0)
        return slope * 0.0 + aux

    assert_same(np.float64(3.0), ad.grad(f)(2.0))


def test_the_name_and_the_docstring_stay():
    """The gradient function is called like the function."""

    def energy(x):
        """Return the energy."""
        return x

    for transform in (ad.grad, ad.value_and_grad, ad.elementwise_grad, ad.hessian):
        assert "energy" == transform(energy).__name__
        assert "Return the energy." == transform(energy).__doc__


# Trees


@pytest.mark.parametrize(
    ("tree", "expected"),
    [
        ({"b": 2.0, "a": 1.0}, {"a": np.float64(2.0), "b": np.float64(4.0)}),
        ((1.0, 2.0), (np.float64(2.0), np.float64(4.0))),
        ([1.0, 2.0], [np.float64(2.0), np.float64(4.0)]),
        ([1, 2], [np.float64(2.0), np.float64(4.0)]),
        (Point(1.0, 2.0), Point(np.float64(2.0), np.float64(4.0))),
        ((1.0, None), (np.float64(2.0), None)),
        (
            OrderedDict([("b", 2.0), ("a", 1.0)]),
            OrderedDict([("b", np.float64(4.0)), ("a", np.float64(2.0))]),
        ),
        (deque([1.0]), deque([np.float64(2.0)])),
        (
            {"w": [np.ones(2), (3.0,)], "e": ()},
            {"w": [np.full(2, 2.0), (np.float64(6.0),)], "e": ()},
        ),
        ([], []),
        ({}, {}),
    ],
    ids=str,
)
def test_a_gradient_has_the_tree_of_its_argument(tree, expected):
    """Each container of the argument comes back with gradients in it."""

    def f(tree):
        return sum(np.sum(leaf * leaf) for leaf in ad.tree.leaves(tree))

    assert_same(expected, ad.grad(f)(tree))


def test_a_registered_class_is_a_tree():
    """Its gradient is an instance, with the parts that are no numbers unchanged."""
    gradient = ad.grad(lambda line: line.slope * 3.0 + line.offset**2)(
        Line(2.0, 5.0, "steep")
    )
    assert type(gradient) is Line
    assert_same(
        (np.float64(3.0), np.float64(10.0), "steep"),
        (gradient.slope, gradient.offset, gradient.name),
    )


def test_trees_as_several_arguments():
    """A tuple of argnums gives a tuple of trees."""
    gradient = ad.grad(lambda p, q: p["a"] * q[0] * q[1], (0, 1))(
        {"a": 2.0}, [3.0, 5.0]
    )
    assert_same(
        ({"a": np.float64(15.0)}, [np.float64(10.0), np.float64(6.0)]), gradient
    )


def test_the_function_gets_the_containers_it_was_given():
    """Inside the function a namedtuple is a namedtuple, a dict the same dict type."""
    seen = []

    def f(point, settings):
        seen.extend([type(point), type(settings), list(settings)])
        return point.x * settings["b"]

    ad.grad(f, (0, 1))(Point(1.0, 2.0), {"b": 1.0, "a": 2.0})
    assert [Point, dict] == seen[:2]


# Forms


@pytest.mark.parametrize(
    ("x", "expected"),
    [
        (3.0, np.float64(6.0)),
        (3, np.float64(6.0)),
        (np.float64(3.0), np.float64(6.0)),
        (np.float32(3.0), np.float32(6.0)),
        (np.float16(3.0), np.float16(6.0)),
        (np.int64(3), np.float64(6.0)),
        (np.uint8(3), np.float64(6.0)),
        (np.array(3.0), np.array(6.0)),
        (np.array(3.0, np.float32), np.array(6.0, np.float32)),
        (np.array([3.0]), np.array([6.0])),
        (np.array([3.0], np.float32), np.array([6.0], np.float32)),
        (np.ones((2, 0)), np.ones((2, 0))),
        (np.ones((2, 3))[:, ::2], np.full((2, 2), 2.0)),
        (np.asfortranarray(np.ones((2, 3))), np.full((2, 3), 2.0)),
    ],
)
def test_a_gradient_has_the_form_of_its_argument(x, expected):
    """An array for an array (0-d too), a NumPy scalar for a number, in its dtype."""
    assert_same(expected, ad.grad(lambda x: np.sum(x * x))(x))


@pytest.mark.parametrize(
    ("x", "expected"),
    [
        (3.0, np.float64(0.0)),
        (3, np.float64(0.0)),
        (np.float32(3.0), np.float32(0.0)),
        (np.array(3.0, np.float32), np.array(0.0, np.float32)),
        (np.ones(2), np.zeros(2)),
        ({"a": np.ones(2)}, {"a": np.zeros(2)}),
    ],
)
def test_a_zero_gradient_has_the_form_of_its_argument(x, expected):
    """Also where nothing was recorded."""
    assert_same(expected, ad.grad(lambda x: 1.0)(x))
    assert_same((expected, np.float64(1.0)), ad.grad(lambda x, y: y, (0, 1))(x, 2.0))


def test_zeros_may_be_written_into():
    """A zero gradient is an array like any other."""
    gradient = ad.grad(lambda x: 1.0)(np.ones(3))
    gradient += 1.0
    assert_same(np.ones(3), gradient)


@pytest.mark.parametrize(
    ("f", "x"),
    [
        (lambda x: x * x, 3.0),
        (lambda x: x * 2, 3.0),
        (np.sin, 3.0),
        (lambda x: x, np.float32(2.0)),
        (lambda x: x * 2.0, np.float32(2.0)),
        (np.sum, np.ones(3, np.float32)),
        (lambda x: x * 1.0, np.array(3.0)),
        (lambda x: x, np.array(3.0)),
        (lambda x: x[0], np.ones(3)),
        (lambda x: np.sum(x, keepdims=True)[0], np.ones(3)),
        (lambda x: 7, 3.0),
        (lambda x: True, 3.0),
        (lambda x: x > 2.0, 3.0),
        (np.argmax, np.ones(3)),
        (len, np.ones(3)),
    ],
)
def test_the_value_is_what_the_function_returns(f, x):
    """The very type and bits of the plain call."""
    assert_same(f(x), ad.value_and_grad(f)(x)[0])


def test_float32_stays_through_double_constants():
    """Float64 arithmetic on the way does not change the gradient's dtype."""
    x = np.array([1.0, 2.0], np.float32)
    scale = np.array([3.0, 4.0])
    assert_same(
        np.array([3.0, 4.0], np.float32), ad.grad(lambda x: np.sum(x * scale))(x)
    )


# Memory

SIZES = pytest.mark.parametrize("size", [3, 2000])


@SIZES
def test_gradients_share_memory_with_nothing(size):
    """Not with the inputs, the constants, each other, or the value."""
    x, y, c = np.ones(size), np.ones(size), np.ones(size)
    f = lambda x, y: np.sum((x + y) * c)  # noqa: E731
    gradients = ad.grad(f, (0, 1))(x, y)
    assert_disjoint(gradients, x, y, c)
    gradients[0][:] = 7.0
    assert_same(np.ones(size), gradients[1])
    assert_same(np.ones(size), c)


@SIZES
@pytest.mark.parametrize(
    "f",
    [
        lambda x, c: np.sum(x * c),
        np.dot,
        lambda x, c: np.sum(np.reshape(x, (-1, 1)) * c[:, None]),
        lambda x, c: np.sum(x[:] * c),
        lambda x, c: np.sum(np.transpose(x) * c),
        lambda x, c: c @ x,
        lambda x, c: np.sum(np.concatenate([x, x]) * np.concatenate([c, c])),
    ],
)
def test_a_gradient_that_equals_a_constant_is_a_copy(size, f):
    """Where the derivative is an array of the user's, its values are handed out."""
    x, c = np.ones(size), np.arange(float(size))
    gradient = ad.grad(f)(x, c)
    assert_disjoint(gradient, c, x)
    before = c.copy()
    gradient[:] = -1.0
    assert_same(before, c)


def test_the_same_array_as_two_arguments():
    """Each argument has its own gradient, though they are one object."""
    x = np.ones(2000)
    one, two = ad.grad(lambda x, y: np.sum(x * y * y), (0, 1))(x, x)
    assert_same(np.ones(2000), one)
    assert_same(np.full(2000, 2.0), two)
    assert_disjoint(one, two, x)
    assert x.flags.writeable


def test_gradients_of_scalars_of_one_kind():
    """Gradients of 0-d arrays are arrays of their own."""
    x, y = np.array(1.0), np.array(2.0)
    gradients = ad.grad(lambda x, y: x + y, (0, 1))(x, y)
    assert_same((np.array(1.0), np.array(1.0)), gradients)
    assert_disjoint(gradients, x, y)


@SIZES
def test_inputs_are_never_changed(size):
    """Neither their elements nor their flags."""
    x = np.linspace(1.0, 2.0, size)
    before = x.copy()
    ad.grad(lambda x: np.sum(np.sin(x) * x / (1.0 + x)))(x)
    assert_same(before, x)
    assert x.flags.writeable


def test_a_read_only_input_stays_read_only():
    """The transform gives back what it was given."""
    x = np.ones(2000)
    x.flags.writeable = False
    ad.grad(lambda x: np.sum(x * x))(x)
    assert not x.flags.writeable


def test_inputs_are_writable_after_an_exception():
    """An error on the way leaves no array read-only, at any order."""
    x = np.ones(2000)

    def f(x):
        y = np.sum(x * x * x)
        msg = "of the user's"
        raise ZeroDivisionError(msg) if y > 0 else AssertionError

    for call in (
        ad.grad(f),
        ad.grad(lambda x: np.sum(ad.grad(f)(x))),
        ad.hessian(f),
        lambda x: ad.vjp(f, x),
        lambda x: ad.linearize(f, x),
        ad.jacrev(f),
        lambda x: ad.hvp(f, x, x),
    ):
        with pytest.raises(ZeroDivisionError):
            call(x)
        assert x.flags.writeable
        x[0] = 1.0


def test_inputs_are_writable_after_an_output_error():
    """Also after our own refusal of the result."""
    x = np.ones(2000)
    with pytest.raises(ad.errors.OutputError):
        ad.grad(lambda x: x * x)(x)
    assert x.flags.writeable


def test_a_gradient_of_a_view():
    """A view of a large array is an array; its base stays writable."""
    base = np.ones((2000, 2))
    gradient = ad.grad(lambda x: np.sum(x**2))(base[:, 0])
    assert_same(np.full(2000, 2.0), gradient)
    base[0, 0] = 3.0
    assert 3.0 == base[0, 0]


# elementwise_grad


@pytest.mark.parametrize(
    ("x", "expected"),
    [
        (np.array([[1.0, 2.0]]), np.array([[3.0, 12.0]])),
        (2.0, np.float64(12.0)),
        (np.array(2.0), np.array(12.0)),
        (np.array([2.0], np.float32), np.array([12.0], np.float32)),
        ([1.0, 2.0], None),
    ],
)
def test_elementwise_grad(x, expected):
    """The derivative of each element, in the argument's form; a list is a container."""
    if expected is None:
        derivative = ad.elementwise_grad(lambda pair: pair[0] * pair[1] ** 2)(x)
        assert_same([np.float64(4.0), np.float64(4.0)], derivative)
    else:
        assert_same(expected, ad.elementwise_grad(lambda x: x**3)(x))


def test_elementwise_grad_warns_only_of_what_the_function_does():
    ends = np.array([-np.inf, np.inf])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert_same(np.full(2, 3.0), ad.elementwise_grad(lambda x: 3.0 * x)(ends))
    with pytest.warns(RuntimeWarning, match="overflow"):
        ad.elementwise_grad(np.exp)(np.array([1000.0]))


def test_elementwise_grad_of_two_arguments_and_orders():
    """Broadcast arguments get the sum over what they were stretched to."""
    x, y = np.array([1.0, 2.0]), 3.0
    assert_same(
        (np.array([3.0, 3.0]), np.float64(3.0)),
        ad.elementwise_grad(np.multiply, (0, 1))(x, y),
    )
    third = ad.elementwise_grad(ad.elementwise_grad(ad.elementwise_grad(np.sin)))
    assert_close(-np.cos(x), third(x))


def test_elementwise_grad_with_keywords():
    """Keywords reach the function."""
    derivative = ad.elementwise_grad(lambda x, power=1: x**power)
    assert_same(np.array([6.0]), derivative(np.array([3.0]), power=2))


@pytest.mark.parametrize("place", [0, 10_000, 25_000])
def test_one_zero_times_infinity_in_a_long_array(place):
    """Cotangents are looked at in parts; 0 times inf is found in each, and mended."""
    x = np.ones(25_001)
    x[place] = 0.0
    with np.errstate(all="ignore"):
        slopes = ad.grad(lambda x: np.sum(np.where(x > 0.0, x * np.log(x), 0.0)))(x)
    np.testing.assert_array_equal(slopes, x)
