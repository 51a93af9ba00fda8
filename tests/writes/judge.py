"""What a program that writes must give: its own value, and its difference quotients.

Every program here is plain NumPy of one real array; it runs on a copy each time, and
the judge knows nothing of what it judges.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

import adjoint as ad

STEP = 3e-4


def plainly(function: Callable[[Any], Any], x: np.ndarray) -> Any:
    """The plain program's result on a copy, which it may write into."""
    return function(x.copy(order="K"))


def lying_as(x: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """Numbers in the shape of an array, in its order in memory too."""
    out = np.zeros_like(x)
    out[...] = numbers.reshape(x.shape)
    return out


def difference_quotients(function: Callable[[Any], Any], x: np.ndarray) -> np.ndarray:
    """The gradient by four-point differences, of error order STEP**4."""
    slopes = np.zeros_like(x)
    for place in np.ndindex(x.shape):
        unit = np.zeros_like(x)
        unit[place] = STEP

        def at(k, unit=unit):
            return plainly(function, x + k * unit)

        slopes[place] = (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * STEP)
    return slopes


def assert_right(function: Callable[[Any], Any], x: np.ndarray) -> None:
    """Value to the last bit; slopes in reverse, forward, batched and nested modes."""
    expected, slopes = plainly(function, x), difference_quotients(function, x)
    close = {"rtol": 1e-7, "atol": 1e-7 * max(1.0, float(np.max(np.abs(slopes))))}
    before = x.copy()

    value, gradient = ad.value_and_grad(function)(x)
    assert expected == value
    np.testing.assert_allclose(gradient, slopes, **close)

    direction = lying_as(x, np.linspace(0.5, 1.5, x.size))
    value, slope = ad.jvp(function, (x,), (direction,))
    assert expected == value
    np.testing.assert_allclose(slope, np.sum(direction * slopes), **close)

    batch = np.stack([x, x, x])
    np.testing.assert_allclose(
        ad.vmap(function)(batch), [expected] * 3, rtol=1e-12, atol=1e-14
    )
    for row in ad.vmap(ad.grad(function))(batch):
        np.testing.assert_allclose(row, slopes, **close)
    np.testing.assert_allclose(
        ad.grad(lambda x: sum(ad.vmap(function)(np.stack([x, x]))))(x),
        2 * slopes,
        **close,
    )

    np.testing.assert_array_equal(x, before)
    assert x.flags.writeable
    assert_second_order(function, x)


def assert_second_order(function: Callable[[Any], Any], x: np.ndarray) -> None:
    """Hessian products of all four nestings agree with differences of gradients."""
    direction = lying_as(x, np.linspace(-1.0, 1.0, x.size))
    gradient = ad.grad(function)

    def at(k):
        return gradient(x + k * STEP * direction)

    expected = (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * STEP)
    close = {"rtol": 1e-6, "atol": 1e-6 * max(1.0, float(np.max(np.abs(expected))))}

    def along(x):
        return ad.jvp(function, (x,), (direction,))[1]

    nestings = {
        "forward over reverse": ad.jvp(gradient, (x,), (direction,))[1],
        "reverse over reverse": ad.grad(lambda x: np.sum(gradient(x) * direction))(x),
        "reverse over forward": ad.grad(along)(x),
    }
    for nesting, product in nestings.items():
        np.testing.assert_allclose(product, expected, err_msg=nesting, **close)
    twice = ad.jvp(along, (x,), (direction,))[1]
    np.testing.assert_allclose(twice, np.sum(expected * direction), **close)
