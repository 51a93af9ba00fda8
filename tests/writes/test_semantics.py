"""What a write means: aliases, overlap, casts, masks, repeats, the caller's array."""

import numpy as np
import pytest

import adjoint as ad
from adjoint.errors import MutationError

from .arrays import MASK, MATRIX, VECTOR, WEIGHTS, summed
from .judge import assert_right

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
