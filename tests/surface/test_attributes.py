"""A traced array has all that NumPy's arrays have, or says what to do instead."""

import copy
import io
import pickle

import numpy as np
import pytest

import adjoint as ad
from adjoint.errors import (
    AdjointError,
    BatchedControlError,
    ConversionError,
    MissingAttributeError,
    MutationError,
)

A = np.array([[0.5, -1.2, 2.0], [1.1, 0.3, -0.7]])
Z = A + 1.0j * A[::-1]
NUMBER = 0.75

SHARED_WITH_OBJECT = set(dir(object))
MEMORY_BY_PYTHON = {"__array_interface__", "__array_struct__", "__buffer__"}
"""NumPy and Python read memory through these; without them they ask ``__array__``."""
MAKERS = {"fromhex", "from_number", "__getformat__", "__class_getitem__"}
"""What classes have, whose name is asked of the class: no value is involved."""


def under(mode, look, x):
    """Return what a function sees of its argument under a transform, by protocols."""
    seen = []

    def f(x):
        seen.append(look(x))
        return np.sum(np.real(x * 1.0))

    if mode == "reverse":
        ad.vjp(f, x)
    elif mode == "forward":
        ad.jvp(f, (x,), (x,))
    else:
        ad.vmap(f)(np.stack([x, x]))
    return seen[0]


MODES = ("reverse", "forward", "batch")


def asked(name):
    """Return a function that gets an attribute, and tells how that went."""

    def look(x):
        try:
            getattr(x, name)
        except AdjointError as error:
            return str(error)
        return "there"

    return look


REFUSED = {
    "byteswap": "Swap the bytes",
    "ctypes": "hands out the memory",
    "data": "hands out the memory",
    "dump": "What is stored has no derivative",
    "dumps": "What is stored has no derivative",
    "getfield": "x.astype(dtype)",
    "setfield": "x[...] = v",
    "setflags": "x.copy()",
    "tobytes": "reads the bits",
    "tofile": "What is stored has no derivative",
}
if hasattr(np.ndarray, "_set_shape"):  # since NumPy 2.5
    REFUSED |= {"_set_dtype": "x.astype(dtype)", "_set_shape": "x.reshape(shape)"}


@pytest.mark.parametrize("x", [A, Z, NUMBER], ids=["real", "complex", "number"])
@pytest.mark.parametrize("mode", MODES)
def test_every_attribute_is_there_or_refuses_with_a_sentence(mode, x):
    """``dir`` of arrays, or of Python's and NumPy's numbers, name by name."""
    kinds = (np.ndarray,) if np.ndim(x) else (float, np.float64)
    names = {name for kind in kinds for name in dir(kind)} - SHARED_WITH_OBJECT
    refused = {}
    for name in sorted(names - MEMORY_BY_PYTHON - MAKERS):
        try:
            found = under(mode, asked(name), x)
        except AdjointError:  # the transform raises what the function swallowed
            found = refused_by(mode, name, x)
        if found != "there":
            refused[name] = found
    expected = {*REFUSED, "as_integer_ratio", "hex"} & names
    if mode == "reverse" and np.ndim(x):
        expected.add("base")  # of an input, see below
    assert expected == set(refused)
    for name, sentence in refused.items():
        assert f"`x.{name}` of a traced value has no derivative rule" in sentence
        assert f"ad.stop_gradient(x).{name}" in sentence


def refused_by(mode, name, x):
    with pytest.raises(MissingAttributeError) as caught:
        under(mode, lambda x: getattr(x, name), x)
    return str(caught.value)


@pytest.mark.parametrize("name", REFUSED)
def test_each_refusal_says_what_to_do(name):
    assert REFUSED[name] in refused_by("reverse", name, A)


@pytest.mark.parametrize("mode", MODES)
def test_numpys_own_doors_to_memory_stay_shut(mode):
    """NumPy asks for these before ``__array__``, and takes AttributeError as no."""
    for name in MEMORY_BY_PYTHON:
        assert not under(mode, lambda x, name=name: hasattr(x, name), A)


VALUES = {
    "strides": lambda x: x.strides,
    "strides, transposed": lambda x: x.T.strides,
    "strides of a part": lambda x: x[:, ::-2].strides,
    "flags": lambda x: repr(x.flags),
    "flags, transposed": lambda x: repr(x.T.flags),
    "flags of a column": lambda x: repr(x[:, 1].flags),
    "flags of a copy": lambda x: repr(x.T.copy().flags),
    "flags of a number": lambda x: repr(x[0, 1].flags),
    "flags by name": lambda x: (x.flags.c_contiguous, x.flags["F"], x.flags.forc),
    "flags, spread": lambda x: np.broadcast_to(x, (2, 2, 3)).flags.writeable,
    "base": lambda x: (x + x).base is None,
    "base of a part": lambda x: [(y := x + x)[0].base is y, y[0].flags.owndata],
    "base of a part of a part": lambda x: (y := 2.0 * x).T[1:].ravel("F")[1:].base is y,
    "flags, owner": lambda x: ((x * 2.0).flags.owndata, (x * 2.0).flags["O"]),
    "device": lambda x: x.device,
    "to_device": lambda x: x.to_device("cpu") is x,
    "namespace": lambda x: x.__array_namespace__() is np,
    "wrap": lambda x: x.__array_wrap__(x[0]) is not None,
    "priority": lambda x: x.__array_priority__,
    "finalize": lambda x: x.__array_finalize__(x),
    "dlpack": lambda x: tuple(x.__dlpack_device__()),
    "itemsize": lambda x: (x.itemsize, x.nbytes, x.size, x.ndim, len(x)),
    "class": lambda x: (x.__class__, isinstance(x, np.ndarray)),
    "dir": lambda x: set(dir(np.ndarray)) <= set(dir(x)),
    "nonzero": lambda x: [one.tolist() for one in x.nonzero()],
    "searchsorted": lambda x: np.sort(x[0]).searchsorted(0.4),
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("form", VALUES)
def test_questions_about_an_array_are_answered_as_by_numpy(form, mode):
    """What has nothing to differentiate is what it is of a plain array."""
    if mode == "batch" and form in {"nonzero", "searchsorted"}:
        return  # each sample has its own
    plain = A.copy()
    assert VALUES[form](plain) == under(mode, VALUES[form], plain)


def test_whether_an_input_is_a_view_is_not_known():
    """A tape has a copy of it: to say that it is nobody's part might be wrong."""
    view = np.arange(6.0).reshape(2, 3)
    for look in (
        lambda x: x.base,
        lambda x: x[0].base,
        lambda x: x.flags.owndata,
        lambda x: x.flags["OWNDATA"],
    ):
        for mode in ("reverse", "forward"):
            with pytest.raises(MissingAttributeError, match=r"x\.copy\(\)"):
                under(mode, look, view)


def test_to_another_device_is_numpys_error():
    with pytest.raises(ValueError, match="Unsupported device"):
        under("reverse", lambda x: x.to_device("cuda"), A)


@pytest.mark.parametrize("mode", ["reverse", "forward"])
def test_whole_numbers_are_told(mode):
    for number in (2.0, 2.5):
        assert number.is_integer() == under(mode, lambda x: x.is_integer(), number)
    with pytest.raises(BatchedControlError, match="is_integer"):
        ad.vmap(lambda x: x * x.is_integer(), fallback="raise")(np.ones(2))


def test_flags_cannot_be_set():
    def set_by_name(x):
        x.flags.writeable = False

    def set_by_key(x):
        x.flags["WRITEABLE"] = False

    for attempt in (set_by_name, set_by_key):
        with pytest.raises(MutationError, match=r"writeable = False.*x\.copy\(\)"):
            under("reverse", attempt, A)


# Changes in place

# NumPy 2.5 advises against `x.shape = shape`; a program that does it stays right.
SETTING = pytest.mark.filterwarnings("ignore:Setting the shape:DeprecationWarning")


def shape_set(x):
    y = x * 2.0
    y.shape = (3, 2)
    return y @ np.array([1.0, -2.0])


def shape_set_by_one_number(x):
    y = x + 0.0
    y.shape = -1
    y[1] = y[0] * 3.0
    return y


def shape_set_with_views(x):
    y = x * 1.0
    row = y[0]
    y.shape = (3, 2)
    row[:] = row * row  # shows in y
    y[2, 1] = y[0, 0]  # shows in no row
    return y * row[0]


def shape_set_of_a_view(x):
    y = x * 1.0
    row = y[1]
    row.shape = (3, 1)
    row[0, 0] = y[0, 0] * y[0, 1]  # shows in y
    return y


def resized(x):
    y = x * 3.0
    y.resize(2, 2)
    return y


def resized_to_more(x):
    y = x[0] * x[1]
    y.resize((2, 3))
    y[1, 2] = x[0, 0]
    return y


def complex_parts_set(x):
    z = x + 0.0j
    z.real = x * x
    z.imag[0] = x[1]
    return np.real(z * z)


def sorted_and_partitioned(x):
    y = x.copy()
    y.sort(axis=0)
    z = x.copy().ravel()
    z.partition(2)
    return y[0] * z[:3]


def filled(x):
    y = np.empty((2, 2))
    y.fill(x[0, 1])
    y.put([0, 3], x[1, :2])
    return y


CHANGES = [
    shape_set,
    shape_set_by_one_number,
    shape_set_with_views,
    shape_set_of_a_view,
    resized,
    resized_to_more,
    complex_parts_set,
    sorted_and_partitioned,
    filled,
]


@SETTING
@pytest.mark.parametrize("f", CHANGES)
def test_changes_in_place(f):
    """Value as NumPy's, both modes and second order, in batches, in workspaces."""
    expected = f(A.copy())
    np.testing.assert_array_equal(ad.vjp(f, A)[0], expected, strict=True)
    np.testing.assert_array_equal(ad.jvp(f, (A,), (A,))[0], expected, strict=True)
    ad.check_grads(f, (A,))
    batch = ad.vmap(f)(np.stack([A, 2.0 * A]))
    np.testing.assert_array_equal(batch, np.stack([f(A), f(2.0 * A)]))


class Workspace:
    """An array that a function finds, and others hold."""

    def __init__(self):
        self.u = np.zeros(6)

    def reshaped(self, x):
        """Set the shape of the array before or after something traced is in it."""
        self.u.shape = (2, 3)
        self.u[0] = x
        self.u.shape = (3, 2)
        return np.sum(self.u * self.u)

    def resized(self, x):
        """Resize an array that the object holds."""
        self.u.resize(2)
        self.u[0] = x
        return self.u[0]


def test_the_shape_of_a_workspace_is_what_the_function_leaves():
    space = Workspace()
    np.testing.assert_array_equal(ad.grad(space.reshaped)(np.arange(3.0)), [0, 2, 4])
    np.testing.assert_array_equal(space.u, [[0.0, 1.0], [2.0, 0.0], [0.0, 0.0]])


def test_a_workspace_is_not_resized():
    with pytest.raises(MutationError, match=r"x\.resize\(shape\).*np\.concatenate"):
        ad.grad(Workspace().resized)(1.0)


def everything_of_a_buffer(x):
    """Ask an array that the function makes for all that arrays have."""
    z = np.zeros((2, 2))
    missing = [name for name in dir(np.ndarray) if not hasattr(z, name)]
    assert set(missing) <= MEMORY_BY_PYTHON | MAKERS
    w = np.zeros((2, 2))
    assert w.flags.owndata
    assert w[0].base is w
    assert (w.strides, w.device, w.tobytes()) == ((16, 8), "cpu", bytes(32))
    w[0] = x
    return np.sum(w)


def frozen(x):
    """Make an array read-only, which NumPy then does not write into."""
    z = np.zeros(2)
    z.flags.writeable = False
    assert not z.flags.writeable
    z[0] = x
    return z[0]


def test_a_buffer_can_be_made_read_only():
    with pytest.raises(ValueError, match="read-only"):
        frozen(1.0)
    with pytest.raises(AdjointError):
        ad.grad(frozen)(1.0)


def test_a_buffer_has_all_attributes_of_the_array_it_is():
    assert ad.grad(everything_of_a_buffer)(1.5) == 2.0


@SETTING
def test_a_shape_that_needs_a_copy_is_numpys_error():
    def f(x):
        y = (x * 1.0).T
        y.shape = (6,)
        return np.sum(y)

    with pytest.raises(AttributeError, match="Incompatible shape for in-place"):
        f(A)
    with pytest.raises(AttributeError, match="Incompatible shape for in-place"):
        ad.grad(f)(A)


def test_an_array_whose_part_is_held_is_not_resized():
    def f(x):
        y = x * 1.0
        part = y[0]
        y.resize(2, refcheck=True)
        return np.sum(y) + np.sum(part)

    with pytest.raises(ValueError, match="cannot resize"):
        ad.grad(f)(A)


# Copies, pickles, text


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy], ids=["copy", "deepcopy"])
def test_copies_are_traced_and_have_values_of_their_own(copied):
    def f(x):
        y = copied(x)
        y[0] = 2.0 * x[1]
        tree = copied({"a": [x, x], "b": NUMBER})
        return np.sum(y * x) + np.sum(tree["a"][0] ** 2) * tree["b"]

    ad.check_grads(f, (A,))
    plain = A.copy()
    f(plain)
    np.testing.assert_array_equal(plain, A)
    ad.check_grads(lambda x: copied(x) * x, (NUMBER,))
    assert isinstance(under("reverse", copied, NUMBER), float)


def test_a_deep_copy_of_a_tree_copies_each_array_once():
    def f(x):
        first, second = copy.deepcopy([x, x])
        first[0, 0] = 0.0
        return np.sum(second)

    np.testing.assert_array_equal(ad.grad(f)(A), [[0.0, 1.0, 1.0], [1.0, 1.0, 1.0]])


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("x", [A, NUMBER], ids=["array", "number"])
def test_pickling_refuses_with_a_sentence(mode, x):
    for attempt in (
        pickle.dumps,
        lambda x: pickle.dump([x], io.BytesIO()),
        lambda x: x.__reduce__(),
        lambda x: x.__setstate__(()),
    ):
        with pytest.raises(ConversionError, match=r"ad\.stop_gradient\(x\), which can"):
            under(mode, attempt, x)


TEXTS = {
    "reverse": "<traced array([1., 2.]): reverse mode, shape (2,), float64>",
    "forward": "<traced array([1., 2.]): forward mode, shape (2,), float64>",
    "batch": (
        "<traced array([[1., 2.],\n       [1., 2.]]): a batch of 2, "
        "shape (2,), float64>"
    ),
}


@pytest.mark.parametrize("mode", MODES)
def test_a_traced_array_prints_value_mode_shape_and_dtype(mode):
    assert TEXTS[mode] == under(mode, repr, np.array([1.0, 2.0]))


def test_nested_transforms_print_the_innermost_first():
    seen = []

    def f(x):
        seen.append(repr(x))
        return x * x

    ad.grad(lambda x: ad.jvp(f, (x,), (1.0,))[1])(1.5)
    expected = "<traced 1.5: forward mode within reverse mode, shape (), float64>"
    assert [expected] == seen


def test_str_and_format_are_those_of_the_value():
    """In a log line a number is to look as it does without a transform."""
    for text in (str, "{:.2f}".format, "{}".format, "{:>8}".format):
        assert text(NUMBER) == under("reverse", text, NUMBER)
    assert str(A) == under("reverse", str, A)


def test_buffers_print_as_the_arrays_they_are():
    seen = []

    def f(x):
        z = np.zeros(2)
        seen.extend([repr(z), str(z), f"{z[0]:.1f}", z.tobytes(), z.flags.c_contiguous])
        z[0] = x  # none of the questions above has made it a constant
        return np.sum(z)

    assert ad.grad(f)(1.0) == 1.0
    zeros = np.zeros(2)
    assert [repr(zeros), str(zeros), "0.0", zeros.tobytes(), True] == seen
