"""What laws of real and of complex numbers share: directions, and values that stay."""

import numpy as np

import adjoint as ad
from adjoint.testing import random_like


def direction(args, seed=1):
    """Random tangents of the arguments."""
    return tuple(random_like(np.random.default_rng(seed), tuple(args)))


def assert_value_stays(f, args, *, is_strided, rtol):
    """Transforms give what the function returns: bit by bit, to `rtol` if strided."""
    expected = f(*args)
    for value in (
        ad.jvp(f, args, direction(args))[0],
        ad.vjp(f, *args)[0],
        ad.linearize(f, *args)[0],
    ):
        assert value.dtype == expected.dtype
        if is_strided:
            np.testing.assert_allclose(value, expected, rtol=rtol, atol=rtol)
        else:
            np.testing.assert_array_equal(value, expected, strict=True)
