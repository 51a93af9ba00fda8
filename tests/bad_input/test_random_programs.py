"""Random programs that write into buffers, views and aliases."""

import copy

import numpy as np
import pytest

import adjoint as ad
from adjoint import errors


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
