"""What is stored and where: the caller's array, casts, infinite slopes, mistakes."""

import numpy as np
import pytest

import adjoint as ad
from adjoint.errors import MutationError

from .arrays import MASK, MATRIX, VECTOR, WEIGHTS, summed
from .judge import assert_right


@pytest.mark.parametrize("size", [4, 20_000])
def test_the_callers_array_never_changes(size):
    """An argument is copied before its first write, however large it is."""
    x = np.linspace(0.1, 1.0, size)
    before = x.copy()

    def program(y):
        y[1:] *= y[:-1]
        y[0] = 2.0
        y += 1.0
        return np.sum(y**2)

    expected = program(x.copy())
    tangent = np.ones(size)
    assert expected == ad.value_and_grad(program)(x)[0]
    assert expected == ad.jvp(program, (x,), (tangent,))[0]
    assert expected == ad.vjp(program, x)[0]
    assert expected == ad.linearize(program, x)[0]
    np.testing.assert_allclose(ad.vmap(program)(x[None]), [expected], rtol=1e-14)
    np.testing.assert_array_equal(x, before)
    np.testing.assert_array_equal(tangent, np.ones(size))
    assert x.flags.writeable


LAYOUTS = {
    "every other": lambda x: x[::2],
    "from the end": lambda x: x[::-1],
    "inside": lambda x: x[3:-3],
    "columns": lambda x: np.reshape(x, (10, -1)).T,
    "repeated": lambda x: np.broadcast_to(x[3], x.shape),
}


@pytest.mark.parametrize("size", [40, 20_000])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_an_argument_is_written_however_it_lies_in_memory(layout, size):
    x = LAYOUTS[layout](np.linspace(0.1, 1.0, size))
    before = x.copy()

    def program(y):
        y[0] = 2.0 * y[1]
        y *= 3.0
        return np.sum(y * y)

    expected = 18.0 * before
    expected[1] *= 5.0
    expected[0] = 0.0
    _, pullback = ad.vjp(program, x)
    for gradient in (ad.grad(program)(x), *pullback(1.0), *pullback(1.0)):
        np.testing.assert_allclose(gradient, expected, rtol=1e-14)
    np.testing.assert_array_equal(x, before)


def test_each_argument_is_written_apart_from_the_other():
    """One array given twice is two arguments: a write into one is not in the other."""
    x = VECTOR.copy()

    def program(a, b):
        a[0] = b[1] * 2.0
        return summed(a) + np.sum(b**3)

    slopes = ad.grad(program, argnums=(0, 1))(x, x)
    np.testing.assert_allclose(slopes[1], 3 * x**2 + [0, 8 * x[1] * 0.3, 0, 0])
    assert slopes[0][0] == 0.0
    np.testing.assert_array_equal(x, VECTOR)


def test_an_argument_written_and_returned():
    """What comes out of jvp and vjp is what the program returns."""

    def program(x):
        x[1:] = x[:-1] * 2.0
        return x

    value, tangent = ad.jvp(program, (VECTOR,), (WEIGHTS,))
    np.testing.assert_array_equal(value, program(VECTOR.copy()))
    np.testing.assert_array_equal(tangent, program(WEIGHTS.copy()))
    value, pullback = ad.vjp(program, VECTOR)
    np.testing.assert_array_equal(value, program(VECTOR.copy()))
    (bar,) = pullback(np.ones(4))
    np.testing.assert_array_equal(bar, [3.0, 2.0, 2.0, 0.0])
    np.testing.assert_array_equal(pullback(np.ones(4))[0], [3.0, 2.0, 2.0, 0.0])
    value[0] = 100.0
    np.testing.assert_array_equal(pullback(np.ones(4))[0], [3.0, 2.0, 2.0, 0.0])
    jacobian = [[1, 0, 0, 0], [2, 0, 0, 0], [0, 2, 0, 0], [0, 0, 2, 0]]
    np.testing.assert_array_equal(ad.jacobian(program)(VECTOR), jacobian)
    np.testing.assert_array_equal(ad.jacfwd(program)(VECTOR), jacobian)
    np.testing.assert_array_equal(ad.jacrev(program)(VECTOR), jacobian)
    np.testing.assert_array_equal(
        ad.vmap(program)(MATRIX), [program(r.copy()) for r in MATRIX]
    )


# Casts


def test_a_float32_array_keeps_its_dtype():
    """float64 items and operands are cast into it, and so are their derivatives."""
    x = VECTOR.astype(np.float32)

    def program(x):
        y = x * np.float32(2.0)
        y[0] = np.float64(0.25)
        y[1:3] = np.sum(x.astype(np.float64)) * np.array([1.0, 2.0])
        y += np.linspace(0.0, 1.0, 4)
        assert y.dtype == np.float32
        return np.sum(y * x)

    value, gradient = ad.value_and_grad(program)(x)
    assert program(x) == value
    assert gradient.dtype == np.float32
    weights = np.array([0.0, 1.0, 2.0, 0.0])
    constant = np.array([0.25 + 0.0, 1 / 3, 2 / 3, 1.0 + 4 * x[3]])
    expected = constant + weights * np.sum(x) + weights @ x
    np.testing.assert_allclose(gradient, expected, rtol=1e-5)


@pytest.mark.parametrize("what", ["+=", "*="])
def test_a_complex_operand_does_not_fit_a_real_array(what):
    """NumPy's rule "same_kind": the sentence names both dtypes."""

    def program(x):
        y = x * 1.0
        if what == "+=":
            y += 1j * x
        else:
            y *= 1j
        return np.sum(y)

    with pytest.raises(TypeError):
        program(VECTOR.copy())
    with pytest.raises(TypeError, match="complex128 to float64"):
        ad.grad(program)(VECTOR)


def test_a_traced_value_does_not_fit_an_integer_array():
    """NumPy would cut it off: the derivative would be lost in silence."""

    def program(x):
        order = np.argsort(x * 1.0) if isinstance(x, list) else (x > 0.5).astype(int)
        order[0] = x[1]
        return np.sum(x * order)

    with pytest.raises(MutationError, match="int64"):
        ad.vmap(ad.grad(program))(np.stack([VECTOR, VECTOR]))


def test_complex_arrays_are_written():
    """Real items into complex arrays, complex items, and their parts."""

    def program(x):
        z = np.exp(1j * x)
        z[0] = x[1] ** 2
        z[1:] *= z[:-1]
        z[2] = x[0] + 2j * x[3]
        z.real[3] = x[0]
        z.imag *= x
        return np.sum(np.abs(z) ** 2 * WEIGHTS)

    assert_right(program, VECTOR)


# Slopes that are not finite


def test_what_is_overwritten_contributes_nothing():
    """An infinite slope meets a cotangent that is exactly zero: 0, not nan."""
    x = np.array([0.0, 4.0, 0.0, 1.0])

    def program(x):
        y = np.sqrt(x)
        y[x == 0.0] = 5.0
        return np.sum(y)

    expected = [0.0, 0.25, 0.0, 0.5]
    np.testing.assert_array_equal(ad.grad(program)(x), expected)
    slopes = [ad.jvp(program, (x,), (row,))[1] for row in np.eye(4)]
    np.testing.assert_array_equal(slopes, expected)
    np.testing.assert_array_equal(ad.vmap(ad.grad(program))(x[None]), [expected])

    def whole(x):
        y = np.log(x)
        y[...] = x * 3.0
        return np.sum(y)

    with np.errstate(divide="ignore"):
        np.testing.assert_array_equal(ad.grad(whole)(x), np.full(4, 3.0))
        assert ad.jvp(whole, (x,), (np.ones(4),))[1] == 12.0


def test_an_infinite_tangent_is_overwritten_too():
    """jvp: the tangent of an element that is gone is gone, inf and nan as well."""

    def program(x):
        y = 1.0 / x
        y[0] = x[1]
        y *= 2.0
        return y

    with np.errstate(divide="ignore"):
        value, tangent = ad.jvp(program, (np.array([0.0, 2.0]),), (np.ones(2),))
    np.testing.assert_array_equal(value, [4.0, 1.0])
    np.testing.assert_array_equal(tangent, [2.0, -0.5])


# Errors are NumPy's own

MISTAKES = {
    "item too long": lambda y: y.__setitem__(slice(0, 2), np.ones(3)),
    "item of more axes": lambda y: y.__setitem__(0, np.ones((2, 2))),
    "list for a number": lambda y: y.__setitem__(0, [1.0, 2.0]),
    "traced item too long": lambda y: y.__setitem__(slice(0, 2), y),
    "item for a mask": lambda y: y.__setitem__(MASK, np.ones(2)),
    "item for places": lambda y: y.__setitem__([0, 1], np.ones(3)),
    "place outside": lambda y: y.__setitem__(4, 1.0),
    "place in a list outside": lambda y: y.__setitem__([0, 9], 1.0),
    "too many indices": lambda y: y.__setitem__((0, 0), 1.0),
    "mask too short": lambda y: y.__setitem__(np.array([True]), 1.0),
    "index of floats": lambda y: y.__setitem__(np.array([0.5]), 1.0),
    "index by a name": lambda y: y.__setitem__("a", 1.0),
    "operand too long": lambda y: y.__iadd__(np.ones(3)),
    "operand of more axes": lambda y: y.__imul__(np.ones((2, 4))),
    "element deleted": lambda y: y.__delitem__(0),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_raises_numpys_error_and_writes_nothing(name):
    """ValueError or IndexError as for the plain program, in every mode."""

    def program(x):
        y = x * 1.0
        with pytest.raises((ValueError, IndexError, TypeError)) as caught:
            MISTAKES[name](y)
        kinds.append(
            next(k for k in (ValueError, IndexError) if caught.errisinstance(k))
        )
        return np.sum(y)

    kinds = []
    assert program(VECTOR) == ad.value_and_grad(program)(VECTOR)[0]
    ad.jvp(program, (VECTOR,), (VECTOR,))
    ad.vmap(program)(np.stack([VECTOR, VECTOR]))
    assert kinds == [kinds[0]] * 4


def test_a_number_has_no_elements():
    """x[0] = 1 of a traced number, as of a NumPy number."""

    def program(x):
        x[0] = 1.0
        return x

    with pytest.raises(TypeError):
        program(np.float64(2.0))
    with pytest.raises(TypeError, match="number"):
        ad.grad(program)(2.0)
