"""Functions of integers, which only batches trace: each sample gets NumPy's answer."""

import numpy as np
import pytest

import adjoint as ad

NUMBERS = np.array([[12, 18, 5], [7, 1, 30]])
FUNCTIONS = {
    "gcd": lambda x: np.gcd(x, 6),
    "gcd-reduce": np.gcd.reduce,
    "lcm-accumulate": np.lcm.accumulate,
    "left_shift": lambda x: np.left_shift(x, 2),
    "right_shift-outer": lambda x: np.right_shift.outer(x, x % 3),
    "bitwise_count": np.bitwise_count,
    "bitwise_and-reduce": lambda x: np.bitwise_and.reduce(x, keepdims=True),
    "bitwise_or-reduceat": lambda x: np.bitwise_or.reduceat(x, [0, 2]),
    "equal-accumulate": lambda x: np.equal.accumulate(x > 6),
    "logical_or-where": lambda x: np.logical_or.reduce(
        x > 6, where=np.array([True, False, True]), initial=False
    ),
    "unravel_index": lambda x: np.stack(np.unravel_index(x, (4, 9))),
    "ravel_multi_index": lambda x: np.ravel_multi_index((x % 4, x % 5), (4, 5)),
    "packbits": lambda x: np.packbits(x > 6),
    "unpackbits": lambda x: np.unpackbits(x.astype(np.uint8)),
}


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.filterwarnings("ignore:vmap runs .* in a loop.*one sample for np")
def test_batches_of_integers_equal_loops(name):
    """vmap gives what a loop over the samples gives."""
    f = FUNCTIONS[name]
    given = ad.vmap(f)(NUMBERS)
    expected = np.stack([f(row) for row in NUMBERS])
    np.testing.assert_array_equal(given, expected, strict=True)


def test_integers_of_a_differentiated_function_are_plain():
    """Reverse and forward mode meet them as constants."""

    def f(x):
        places = np.gcd(np.floor(x).astype(int), 6)
        return np.sum(x * places)

    x = np.array([4.5, 9.5])
    np.testing.assert_array_equal(np.array([2.0, 3.0]), ad.grad(f)(x))
    assert ad.jvp(f, (x,), (np.ones(2),))[1] == 5.0
