"""Einstein sums by matrix products: what the backward sweep of einsum uses."""

import numpy as np
import pytest

import adjoint as ad
from adjoint._primitives.pairwise import can_contract, contract


def _random_sum(rng):
    """Return letters of operands and of a result, and operands that fit."""
    length = {letter: int(rng.integers(1, 5)) for letter in "abcde"}
    words = []
    for _ in range(int(rng.integers(1, 4))):
        letters = rng.permutation(list(length))[: int(rng.integers(0, 4))]
        words.append("".join(letters))
    known = sorted(set("".join(words)))
    output = "".join(one for one in rng.permutation(known) if rng.random() < 0.5)
    arrays = [rng.standard_normal([length[one] for one in word]) for word in words]
    return tuple(words), output, [np.asarray(array)[()] for array in arrays]


def test_sums_are_those_of_einsum():
    """Whatever letters are shared, kept, summed away or alone."""
    rng = np.random.default_rng(1)
    for _ in range(500):
        words, output, arrays = _random_sum(rng)
        assert can_contract(words, arrays)
        expected = np.einsum(f"{','.join(words)}->{output}", *arrays)
        given = contract(words, output, arrays)
        assert np.shape(expected) == np.shape(given)
        np.testing.assert_allclose(given, expected, rtol=1e-12, atol=1e-12)


def _stretched(rng, array):
    """The same shape, but some axes hold one element all along."""
    places = tuple(
        slice(0, 1) if rng.random() < 0.5 else slice(None) for _ in array.shape
    )
    return np.broadcast_to(array[places], array.shape)


def test_axes_that_are_one_element_in_memory_are_left_out():
    """As those of the cotangent that a sum hands back; a sum along one is a product."""
    rng = np.random.default_rng(3)
    for _ in range(500):
        words, output, arrays = _random_sum(rng)
        arrays = [
            _stretched(rng, one) if type(one) is np.ndarray else one for one in arrays
        ]
        expected = np.einsum(f"{','.join(words)}->{output}", *arrays)
        given = contract(words, output, arrays)
        assert np.shape(expected) == np.shape(given)
        assert expected.dtype == given.dtype
        np.testing.assert_allclose(given, expected, rtol=1e-12, atol=1e-12)


def test_diagonals_stretched_axes_and_traced_operands_are_left_to_einsum():
    square, row = np.ones((3, 3)), np.ones((1, 3))
    assert not can_contract(("ii",), (square,))
    assert not can_contract(("ij", "ij"), (square, row))
    ad.grad(lambda x: np.sum(x) * (not can_contract(("ij",), (x,))))(square)
    assert can_contract(("ij", "ij"), (square, square))


def test_gradients_of_large_sums_equal_those_of_matrix_products():
    """Above the size from which einsum's pullback goes through matrix products."""
    rng = np.random.default_rng(2)
    a, b, w = (rng.standard_normal(shape) for shape in ((40, 30), (30, 50), (40, 50)))
    expected = ad.grad(lambda a, b: np.sum(w * (a @ b)), argnums=(0, 1))(a, b)
    given = ad.grad(
        lambda a, b: np.sum(w * np.einsum("ij,jk->ik", a, b)), argnums=(0, 1)
    )(a, b)
    for one, other in zip(given, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-12)
    expected = ad.grad(lambda a, b: np.mean(a @ b), argnums=(0, 1))(a, b)
    given = ad.grad(lambda a, b: np.mean(np.einsum("ij,jk->ik", a, b)), argnums=(0, 1))(
        a, b
    )
    for one, other in zip(given, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("subscripts", ["ij,jk,kl->il", "ij,jk,kl->", "ij,jk,ki->ik"])
def test_tangents_of_large_sums_go_through_matrix_products_too(subscripts):
    """One, and a batch of them: the Jacobian by columns is that by rows."""
    rng = np.random.default_rng(4)
    a, b, c = (0.1 * rng.standard_normal((15, 15)) for _ in range(3))

    def f(a, b, c):
        return np.einsum(subscripts, a, b, c)

    args = (a, b, c)
    terms = [f(*args[:k], args[k] + 1.0, *args[k + 1 :]) - f(*args) for k in range(3)]
    given = ad.jvp(f, args, (np.ones_like(a),) * 3)[1]
    np.testing.assert_allclose(given, sum(terms), rtol=1e-9, atol=1e-12)
    for k in range(3):
        np.testing.assert_allclose(
            ad.jacfwd(f, k)(*args), ad.jacrev(f, k)(*args), rtol=1e-10, atol=1e-13
        )


def test_a_large_batch_of_sums_has_memory_of_its_own():
    """Whatever was left out on the way: nobody else's, and it can be written into."""
    row = np.broadcast_to(np.arange(200.0), (200, 200))
    for subscripts, other in (("i,j->ij", np.ones(200)), ("i,j->i", np.ones(1))):
        given = ad.vmap(lambda x, s=subscripts, y=other: np.einsum(s, x, y))(row)
        expected = np.einsum(subscripts, row[0], other)
        np.testing.assert_array_equal(given, np.stack([expected] * 200))
        assert given.flags.writeable
        assert not np.shares_memory(given, row)
