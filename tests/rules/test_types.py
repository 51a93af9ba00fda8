"""Functions that give a type: of a traced value, that of what it stands for."""

import numpy as np
import pytest

import adjoint as ad


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("plain_numpy", [True, False])
def test_the_common_type_of_traced_arrays(dtype, plain_numpy):
    """np.common_type, which its callers hand to astype."""
    found = []

    def f(x):
        found.append(np.common_type(x, x * x))
        return np.sum(x)

    x = np.ones(3, dtype)
    ad.grad(f, plain_numpy=plain_numpy)(x)
    ad.jvp(f, (x,), (x,), plain_numpy=plain_numpy)
    assert [dtype, dtype] == found
