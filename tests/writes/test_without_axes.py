"""Arrays without axes stay the arrays they are, for everyone who holds them."""

import numpy as np
import pytest

import adjoint as ad

X = np.array([0.5, 1.25, 2.25])


def filled(x):
    total = np.zeros(())
    seen = [total]
    for one in x:
        total += one
    total *= total
    return seen[0] * 1.0


def made_of_a_number(x):
    total = np.array(x[0])
    seen = [total]
    total += x[1]
    total[...] = total * x[2]
    return seen[0] * 1.0


@pytest.mark.parametrize(
    ("f", "gradient"),
    [
        (filled, np.full(3, 2 * X.sum())),
        (made_of_a_number, [X[2], X[2], X[0] + X[1]]),
    ],
)
def test_an_array_without_axes_changes_for_everyone(f, gradient):
    value, found = ad.value_and_grad(f)(X)
    assert value == f(X)
    np.testing.assert_array_equal(found, gradient)
    np.testing.assert_array_equal(ad.jacfwd(f)(X), gradient)
