"""What a write means: aliases, overlap, casts, masks, repeats, the caller's array."""

import numpy as np
import pytest

import adjoint as ad
from adjoint.errors import MutationError

from .judge import assert_right, difference_quotients

VECTOR = np.array([0.7, 1.9, -1.3, 0.4])
MATRIX = np.array([[0.5, -1.2, 2.0], [1.1, 0.3, -0.7], [0.9, 1.4, -0.2]])
WEIGHTS = np.array([0.3, -1.1, 0.8, 0.5])
MASK = np.array([True, False, True, True])


def summed(y):
    """A number in which every element has its own share."""
    return np.sum(np.ravel(y) ** 2 * np.linspace(0.3, 1.4, np.size(y)))


# Programs of a vector

VECTOR_PROGRAMS = {}


def of_vectors(program):
    VECTOR_PROGRAMS[program.__name__] = program
    return program


@of_vectors
def element(x):
    x[1] = x[0] * x[2]
    return summed(x)


@of_vectors
def negative_index(x):
    x[-1] = x[0] ** 2
    x[np.int64(-2)] = x[-1]
    return summed(x)


@of_vectors
def constant_everywhere(x):
    y = x * 2.0
    total = np.sum(y**3)
    y[...] = 3.0
    y[:] = [1.0, 2.0, 3.0, 4.0]
    return summed(y) + total + np.sum(x)


@of_vectors
def constant_into_the_argument(x):
    x[...] = 3.0
    return summed(x)


@of_vectors
def overlapping_forwards(x):
    x[1:] = x[:-1]
    return summed(x)


@of_vectors
def overlapping_backwards(x):
    x[:-1] += x[1:] ** 2
    return summed(x)


@of_vectors
def overlapping_turned(x):
    x[...] = x[::-1] * 2.0
    x[::2] = x[1::2] + x[::-2]
    return summed(x)


@of_vectors
def swapped_elements(x):
    x[0], x[-1] = x[-1], x[0] ** 2
    return summed(x)


@of_vectors
def negative_strides(x):
    x[::-1][:2] = x[:2] ** 2
    x[2::-2] *= x[1]
    return summed(x)


@of_vectors
def mask(x):
    x[MASK] = x[:3] ** 2
    x[x > 0.5] *= 2.0
    x[x < 0.0] = 0.25
    return summed(x)


@of_vectors
def mask_of_nothing(x):
    x[x > 100.0] = 7.0
    x[np.zeros(4, bool)] = x[:0]
    return summed(x)


@of_vectors
def repeated_integers(x):
    y = x * 1.0
    y[[0, 2, 0, 0]] = x**2
    y[np.array([[3, 3], [1, 3]])] = np.array([[1.0], [2.0]]) * x[:2]
    return summed(y)


@of_vectors
def repeated_in_place_operator(x):
    y = x * 1.0
    y[[0, 0, 1]] += x[1:] ** 2  # the last wins: no sum
    return summed(y)


@of_vectors
def repeated_with_a_broadcast_item(x):
    y = x * 1.0
    y[[0, 0, 1]] = x[2]
    return summed(y)


@of_vectors
def item_broadcast(x):
    y = np.reshape(x * 1.0, (2, 2))
    y[...] = x[:2]
    y[0] = x[3] ** 2
    y[:, 1:] = y[1:, :1] * 3.0
    y[...] = np.reshape(y[0] + 1.0, (1, 1, 2))
    return summed(y)


@of_vectors
def item_as_a_list(x):
    x[1:3] = [x[0] ** 2, 2.0]
    x[:2] = (x[3], x[2] * x[1])
    return summed(x)


@of_vectors
def empty_slices(x):
    x[2:2] = x[:0]
    x[5:] = 3.0
    x[:0] *= x[0]
    x[[]] = 1.0
    return summed(x)


@of_vectors
def alias_by_name(x):
    y = x * 1.0
    other = y
    other += x[::-1]
    y *= 2.0
    other[1] = y[0]
    return summed(y) + np.sum(other * x)


@of_vectors
def view_of_a_view(x):
    y = x * 1.0
    one, two = y[1:], y.reshape(2, 2).T
    inner = one[::-1][:2]
    inner[0] = x[0] ** 2
    two[0] = two[1] * x[:2]
    inner *= 3.0
    y[2] = one[0] * inner[1]
    return summed(y) + summed(one) + summed(two) + summed(inner)


@of_vectors
def view_kept_and_root_dropped(x):
    view = (x * 2.0)[1:]
    view[0] = x[0]
    view += x[0]
    return summed(view)


@of_vectors
def views_in_a_loop(x):
    y = x * 1.0
    for row in y.reshape(2, 2):
        row[...] = row * row[::-1]
        row[0] = x[0] * row[1]
    return summed(y)


@of_vectors
def read_before_and_after(x):
    y = np.sin(x)
    before = y[0] * y[1] + np.sum(y**2)
    y[0] = x[3] * 2.0
    between = y * y
    y[1:] = between[1:] * y[0]
    return before + summed(between) + summed(y)


@of_vectors
def overwritten_contributes_nothing(x):
    y = np.sqrt(x - x) + np.log(x - x + 0.0 * x[0] + 1.0) / 1.0
    y[...] = x**2
    return summed(y)


@of_vectors
def filled_from_the_argument(x):
    out = x * 0.0
    for i in range(4):
        out[i] = x[i] * (out[i - 1] if i else 1.0)
    return summed(out)


@of_vectors
def time_steps(x):
    u = x.copy()
    for _ in range(5):
        u[1:-1] += 0.1 * (u[:-2] - 2.0 * u[1:-1] + u[2:])
        u[0] = u[-1] * 0.9
    return summed(u)


@of_vectors
def prefix_sums(x):
    for i in range(1, 4):
        x[i] += x[i - 1]
    for i in range(2, -1, -1):
        x[i] *= x[i + 1]
    return summed(x)


@of_vectors
def table_filled(x):
    table = np.outer(x, x)
    for i in range(1, 4):
        for j in range(1, 4):
            table[i, j] += 0.5 * (table[i - 1, j] + table[i, j - 1]) * x[j]
    return table[-1, -1] + summed(table)


@of_vectors
def every_operator(x):
    y = x * x + 2.0
    y += x
    y -= 0.5
    y *= x + 3.0
    y /= 1.5
    y **= 2
    y %= 40.0
    y //= 7.0
    y += x**2
    z = y.reshape(2, 2)
    z @= x.reshape(2, 2)
    return summed(y)


@of_vectors
def operators_on_parts(x):
    x[0] += x[1]
    x[1:3] -= x[0]
    x[::2] *= 2.0
    x[-1] /= x[0] ** 2 + 1.0
    x[x > 0] **= 2
    return summed(x)


@of_vectors
def zero_d_array(x):
    y = np.sum(x.reshape(4, 1, 1), axis=0)[0]
    zero = y.reshape(())
    zero[()] = zero * x[1]
    zero[...] = zero + x[2] ** 2
    zero += 1.0
    other = x[1, ...]
    other *= x[0]
    number = x[2]
    number += x[3]
    y[0] *= 2.0
    return zero * y[0] + summed(x) + number


@of_vectors
def numbers_are_copies(x):
    first, second = x[0], x[1] * 1.0
    x[0] = x[2] * second
    x[...] = x * first
    last = x[-1]
    x += 1.0
    rows = x.reshape(2, 2)
    corner = rows[0, 1]
    rows[0] = 2.0
    return summed(x) + first * last * corner


@of_vectors
def new_axes_and_ellipsis(x):
    x[None, 1:] = x[None, :3] ** 2
    x[..., 0] = x[3]
    x[...][2] = x[0] * x[1]
    return summed(x)


@of_vectors
def shared_between_two_results(x):
    y = x * 1.0
    both = [y, y[::-1]]
    for one in both:
        one[0] *= one[3]
    return summed(both[0]) + np.sum(both[1] * WEIGHTS)


@of_vectors
def written_and_thrown_away(x):
    scratch = x * 1.0
    scratch[0] = x[1]
    scratch[...] = 0.0
    return summed(x)


@of_vectors
def kept_by_the_tape(x):
    y = x * 1.0
    product = y * y[::-1]
    quotient = np.exp(y) / (y + 4.0)
    y *= 0.0
    return summed(product) + summed(quotient) + summed(y)


@of_vectors
def sum_of_rows_swapped(x):
    y = x.reshape(2, 2) * 1.0
    y[0], y[1] = y[1], y[0]  # both names are views: NumPy repeats one row
    return summed(y)


@of_vectors
def rows_swapped_by_copies(x):
    y = x.reshape(2, 2) * 1.0
    y[[0, 1]] = y[[1, 0]]
    y[0], y[1] = y[1].copy(), y[0].copy()
    y[:, [0, 1]] = y[:, [1, 0]] * 2.0
    return summed(y)


@of_vectors
def integer_arrays_and_slices(x):
    y = np.stack([x, x**2, x[::-1]])
    y[[0, 2], 1:3] = x[:2]
    y[1, [0, 3, 0]] = x[:3]
    y[np.array([[0], [1]]), [3, 2]] *= x[:2]
    y[:, MASK] += x[1:]
    y[1:, None, [0, 0]] = x[2] * 1.5
    return summed(y)


@of_vectors
def arrays_apart(x):
    cube = np.reshape(np.concatenate([x, x * 2.0, x**2]), (2, 3, 2))
    cube[[0, 1, 0], :, [1, 1, 1]] = np.outer(x[:3], x[1:])
    cube[0, :, [0]] = x[:3]
    return summed(cube)


@of_vectors
def branch_on_written_values(x):
    for i in range(4):
        if x[i] > 0.5:
            x[i] = x[i] ** 2
        else:
            x[i] -= 1.0
    return summed(x)


BRANCHING = {"branch_on_written_values"}


@pytest.mark.parametrize("name", VECTOR_PROGRAMS)
@pytest.mark.filterwarnings("ignore::adjoint.errors.BatchFallbackWarning")
def test_a_program_that_writes_has_its_value_and_slopes(name):
    """All modes and nestings, against difference quotients of the plain program."""
    assert_right(VECTOR_PROGRAMS[name], VECTOR)


# Rows, columns and blocks of a matrix

MATRIX_PROGRAMS = {
    "row": lambda x: x.__setitem__(0, x[1] * x[2]),
    "column": lambda x: x.__setitem__((slice(None), 1), x[:, 0] ** 2),
    "block": lambda x: x.__setitem__((slice(1, 3), slice(0, 2)), x[:2, 1:]),
    "transposed": lambda x: x.T.__setitem__(0, x[1] * 2.0),
    "symmetrised": lambda x: x.__setitem__(..., x + x.T),
    "added to its transpose": lambda x: x.__iadd__(x.T),
    "triangle": lambda x: x.__setitem__(np.tril_indices(3), x[np.tril_indices(3)] ** 2),
    "diagonal": lambda x: x.__setitem__((range(3), range(3)), x[0]),
    "flipped": lambda x: x[::-1, ::-1].__setitem__(0, x[0]),
    "borders": lambda x: (
        x.__setitem__(0, 0.0),
        x.__setitem__((slice(None), -1), x[1].copy()),
    ),
    "elimination": lambda x: [
        x.__setitem__(i, x[i] - x[k] * x[i, k] / (x[k, k] + 3.0))
        for k in range(3)
        for i in range(k + 1, 3)
    ],
}


@pytest.mark.parametrize("name", MATRIX_PROGRAMS)
@pytest.mark.parametrize("order", ["C", "F"])
def test_parts_of_a_matrix_are_written(name, order):
    """In either order in memory."""

    def program(x):
        MATRIX_PROGRAMS[name](x)
        return summed(x)

    assert_right(program, np.asarray(MATRIX, order=order))


@pytest.mark.parametrize("transform", [ad.grad, ad.jacfwd, ad.vmap])
def test_an_overlap_that_numpy_copies_in_order_is_refused(transform):
    """A row into a column that crosses it: NumPy reads what it has overwritten."""

    def program(x):
        x[:, -1] = x[1]
        return summed(x)

    as_if_copied = MATRIX.copy()
    as_if_copied[:, -1] = MATRIX[1]
    assert program(MATRIX.copy()) != summed(as_if_copied)
    x = np.stack([MATRIX, MATRIX]) if transform is ad.vmap else MATRIX
    with pytest.raises(MutationError, match=r"order in which it copies.*\.copy\(\)"):
        transform(program)(x)


# What the caller sees


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


# Transforms inside, outside, and around


def test_writes_inside_an_inner_transform():
    """Inner grad and jvp of a function that writes, around and inside an outer one."""

    def inner(y, scale):
        y[1:] *= y[:-1] * scale
        y[0] = scale**2
        return np.sum(y**3)

    def program(x):
        slopes = ad.grad(inner)(x * x, x[0])
        _, slope = ad.jvp(lambda y: inner(y, x[1]), (x,), (x**2,))
        return np.sum(slopes * WEIGHTS) + slope

    expected = difference_quotients(program, VECTOR)
    np.testing.assert_allclose(ad.grad(program)(VECTOR), expected, rtol=1e-6, atol=1e-6)
    for k in range(4):
        slope = ad.jvp(program, (VECTOR,), (np.eye(4)[k],))[1]
        np.testing.assert_allclose(slope, expected[k], rtol=1e-6, atol=1e-6)


def test_an_array_of_the_outer_transform_written_inside_the_inner_one():
    """The inner function stores its own traced values into an outer traced array."""

    def program(x):
        kept = x * 1.0

        def inner(y):
            z = x * 2.0
            z[0] = y[1] ** 2
            z *= y
            return np.sum(z**2)

        slopes = ad.grad(inner)(x**2)
        kept[1:] = slopes[1:]
        return np.sum(kept**2)

    def written_out(x):
        # d/dy of (y1^2 y0)^2 + sum over k > 0 of (2 x_k y_k)^2, at y = x^2
        y0, y1, *_ = x**2
        slopes = np.array([4 * y1**3 * y0**2, 0, 0]) + 8 * x[1:] ** 2 * x[1:] ** 2
        return x[0] ** 2 + np.sum(slopes**2)

    assert ad.value_and_grad(program)(VECTOR)[0] == pytest.approx(written_out(VECTOR))
    np.testing.assert_allclose(
        ad.grad(program)(VECTOR), difference_quotients(written_out, VECTOR), rtol=1e-6
    )


def test_writing_what_a_running_transform_was_given_is_refused():
    """In NumPy the inner function's argument would change under it."""

    def program(x):
        y = x * 1.0

        def inner(z):
            y[0] = 5.0
            return np.sum(z**2)

        return np.sum(ad.grad(inner)(y))

    with pytest.raises(MutationError, match="still running"):
        ad.grad(program)(VECTOR)

    def through_a_view(x):
        y = x * 1.0

        def inner(z):
            y[0] = 5.0
            return np.sum(z**2)

        return np.sum(ad.jvp(inner, (y[1:],), (y[1:],))[1])

    with pytest.raises(MutationError, match="still running"):
        ad.grad(through_a_view)(VECTOR)


def test_a_pullback_keeps_what_it_was_made_of():
    """A write into a traced array after vjp and linearize does not change them."""

    def program(x):
        y = x * 1.0
        _, pullback = ad.vjp(lambda z: np.sum(z**3), y)
        _, linear_map = ad.linearize(lambda z: z**3 * y, y)
        y[...] = 100.0
        return np.sum(pullback(1.0)[0] * WEIGHTS) + np.sum(linear_map(x))

    def plain(x):
        return np.sum(3 * x**2 * WEIGHTS) + np.sum(3 * x**2 * x * x)

    assert ad.value_and_grad(program)(VECTOR)[0] == pytest.approx(plain(VECTOR))
    np.testing.assert_allclose(
        ad.grad(program)(VECTOR), ad.grad(plain)(VECTOR), rtol=1e-12
    )


def test_a_checkpointed_function_that_writes():
    """Into its own arrays, into its argument, and as a step that is taken in a loop."""

    def step(u, rate):
        v = u * 1.0
        v[1:-1] += rate * (u[:-2] - 2.0 * u[1:-1] + u[2:])
        v[0] = v[-1] ** 2
        return v

    def step_in_place(u, rate):
        u[1:] += rate * u[:-1] ** 2
        u[0] *= rate
        return u

    def only_in_place(u, rate):
        u[1:] += rate * u[:-1] ** 2

    def make(around):
        def program(x):
            u, first = x * 1.0, x[0] * 0.1
            for _ in range(3):
                u = around(step)(u, first)
            for _ in range(3):
                u = around(step_in_place)(u, first)
            around(only_in_place)(u, first)
            v = around(step_in_place)(u, first)
            v[1] = u[0] * 2.0
            return summed(u) + np.sum(v)

        return program

    plain, checkpointed = make(lambda f: f), make(ad.checkpoint)
    assert plain(VECTOR) == ad.value_and_grad(checkpointed)(VECTOR)[0]
    np.testing.assert_allclose(
        ad.grad(checkpointed)(VECTOR), difference_quotients(plain, VECTOR), rtol=1e-7
    )
    assert_right(checkpointed, VECTOR)


def test_a_custom_rule_does_not_write_into_its_argument():
    """The rule speaks of values: a write into the argument would be lost."""

    @ad.custom_vjp
    def doubled(x):
        x *= 2.0
        return np.sum(x)

    doubled.defvjp(lambda x: (doubled(x), None), lambda _, bar: (bar * 2.0,))
    for program in (doubled, lambda x: doubled(x * 1.0)):
        with pytest.raises((MutationError, ValueError), match=r"read-only|writes into"):
            ad.grad(program)(VECTOR)
        with pytest.raises((MutationError, ValueError), match=r"read-only|writes into"):
            ad.grad(lambda x, p=program: np.sum(ad.grad(p)(x)))(VECTOR)


def test_writes_around_a_custom_rule():
    """Its result is an array like any other."""

    @ad.custom_jvp
    def cubed(x):
        y = x * 1.0
        y *= x
        y[...] = y * x
        return y

    cubed.defjvp(
        lambda primals, tangents: (cubed(*primals), 3 * primals[0] ** 2 * tangents[0])
    )

    def program(x):
        y = cubed(x)
        y[0] = x[1] * 2.0
        y[1:] += cubed(y[:-1])
        return summed(y)

    def plain(x):
        y = x**3
        y[0] = x[1] * 2.0
        y[1:] += y[:-1] ** 3
        return summed(y)

    np.testing.assert_allclose(
        ad.grad(program)(VECTOR), difference_quotients(plain, VECTOR), rtol=1e-6
    )
    np.testing.assert_allclose(
        ad.hessian(program)(VECTOR), ad.hessian(plain)(VECTOR), rtol=1e-9, atol=1e-9
    )


def test_jacobians_and_hessians_of_a_loop_that_fills():
    """Forward, reverse and nested, batched inside."""

    def program(x):
        out = x * 0.0
        out[0] = x[0] ** 2
        for i in range(1, 4):
            out[i] = out[i - 1] * x[i] + np.sin(x[i - 1])
        return out

    expected = np.stack(
        [difference_quotients(lambda x, k=k: program(x)[k], VECTOR) for k in range(4)]
    )
    for transform in (ad.jacobian, ad.jacfwd, ad.jacrev):
        np.testing.assert_allclose(transform(program)(VECTOR), expected, atol=1e-8)
    total = lambda x: np.sum(program(x) ** 2)  # noqa: E731
    hessian = ad.hessian(total)(VECTOR)
    rows = [
        difference_quotients(lambda x, k=k: ad.grad(total)(x)[k], VECTOR)
        for k in range(4)
    ]
    np.testing.assert_allclose(hessian, rows, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(ad.jacfwd(ad.jacfwd(total))(VECTOR), hessian)
    np.testing.assert_allclose(ad.jacrev(ad.jacrev(total))(VECTOR), hessian)
    np.testing.assert_allclose(ad.jacfwd(ad.jacrev(total))(VECTOR), hessian)


def test_a_batch_is_written_sample_by_sample():
    """Indices, masks and items that differ from sample to sample; or with a loop."""
    batch = np.random.default_rng(5).normal(size=(6, 4))

    def program(x):
        y = x * 1.0
        y[x > 0.0] = 0.5 * np.sum(x)
        y[np.array([0, 0, 2])] = x[1:]
        y[:, None][1:] *= 2.0
        return y

    expected = [program(row.copy()) for row in batch]
    np.testing.assert_allclose(ad.vmap(program)(batch), expected, rtol=1e-14)
    np.testing.assert_allclose(
        ad.vmap(program, in_axes=1, out_axes=1)(batch.T.copy()).T, expected, rtol=1e-14
    )
    np.testing.assert_allclose(
        ad.vmap(ad.vmap(program))(np.stack([batch, batch]))[1], expected, rtol=1e-14
    )

    def by_order(x):
        y = x * 1.0
        y[np.argsort(x)] = np.sort(x)[::-1] * np.arange(4.0)
        y[np.argmax(x)] = 7.0
        return y

    with pytest.warns(ad.errors.BatchFallbackWarning):
        got = ad.vmap(by_order)(batch)
    np.testing.assert_allclose(got, [by_order(row.copy()) for row in batch], rtol=1e-14)


def test_an_item_of_a_batch_into_an_array_that_is_none():
    """One array for all samples becomes one for each at the first write."""
    batch = np.random.default_rng(6).normal(size=(5, 3))

    def program(x, w):
        w = w * 1.0
        w[1:] = x[:2] * w[0]
        return np.sum(w**2)

    def loss(w):
        return np.sum(ad.vmap(program, in_axes=(0, None))(batch, w))

    def plain(w):
        return sum(program(row, w) for row in batch)

    w = np.array([0.4, 1.2, -0.9])
    assert ad.value_and_grad(loss)(w)[0] == pytest.approx(plain(w), rel=1e-14)
    np.testing.assert_allclose(ad.grad(loss)(w), difference_quotients(plain, w))


def test_dual_numbers_are_written():
    """Arrays of dual numbers made by hand."""
    x = ad.dual(np.array([1.0, 2.0]), np.array([1.0, 0.0]))
    y = x * x
    y[1] = y[0] * 3.0
    y += x
    np.testing.assert_array_equal(y.primal, [2.0, 5.0])
    np.testing.assert_array_equal(y.tangent, [3.0, 6.0])
    np.testing.assert_array_equal(x.primal, [1.0, 2.0])


def test_a_list_of_arrays_that_share_memory():
    """Rows of one array in a list, written through the list."""

    def program(x):
        y = x.reshape(2, 2) * 1.0
        rows = list(y)
        rows[0][...] = rows[1] * x[0]
        rows[1] += 1.0
        columns = [y[:, j] for j in range(2)]
        columns[0][1] = rows[0][0]
        return summed(y) + summed(rows[0]) + summed(columns[1])

    assert_right(program, VECTOR)


def test_many_views_are_forgotten_with_their_names():
    """A loop that takes a view a turn does not pile them up."""

    def program(x):
        y = x * 1.0
        for _ in range(1000):
            y[1:][0] = y[0] * 0.999
        assert len(y.link.views) < 20 if hasattr(y, "link") else True
        return np.sum(y)

    assert program(VECTOR.copy()) == ad.value_and_grad(program)(VECTOR)[0]
