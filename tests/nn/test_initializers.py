"""Initialisers: variances by fan, orthogonality, reproducible from a generator."""

import numpy as np
import pytest

import adjoint as ad
from adjoint.nn import initializers

SHAPE = (3, 3, 40, 60)  # fan_in 360, fan_out 540


@pytest.mark.parametrize(
    ("name", "variance", "bounded"),
    [
        ("glorot_uniform", 2 / 900, True),
        ("glorot_normal", 2 / 900, False),
        ("he_uniform", 2 / 360, True),
        ("he_normal", 2 / 360, False),
        ("lecun_uniform", 1 / 360, True),
        ("lecun_normal", 1 / 360, False),
        ("normal", 1.0, False),
        ("uniform", 1 / 3, True),
    ],
)
def test_the_variance_is_that_of_the_paper(name, variance, bounded):
    draw = getattr(initializers, name)
    w = draw(np.random.default_rng(0), SHAPE)
    assert SHAPE == w.shape
    # 21,600 numbers: the variance is known to 1 %, the mean to 0.7 % of a deviation.
    np.testing.assert_allclose(variance, np.var(w), rtol=0.04)
    assert abs(np.mean(w)) < 0.03 * np.sqrt(variance)
    largest = np.max(np.abs(w)) / np.sqrt(3 * variance)
    assert (0.99 < largest <= 1.0) if bounded else largest > 1.5
    np.testing.assert_array_equal(w, draw(np.random.default_rng(0), SHAPE))
    single = draw(np.random.default_rng(0), SHAPE, np.float32)
    assert np.float32 == single.dtype
    np.testing.assert_array_equal(w.astype(np.float32), single)


def test_fans_count_the_kernel():
    assert (360, 540) == initializers.fans(SHAPE)
    assert (2, 5) == initializers.fans((2, 5))
    assert (7, 7) == initializers.fans((7,))


@pytest.mark.parametrize("shape", [(5, 5), (4, 7), (7, 4), (2, 3, 4)])
def test_orthogonal_has_orthonormal_rows_or_columns(shape):
    q = initializers.orthogonal(np.random.default_rng(0), shape).reshape(-1, shape[-1])
    small = q @ q.T if q.shape[0] <= q.shape[1] else q.T @ q
    np.testing.assert_allclose(np.eye(len(small)), small, atol=1e-14)


def test_orthogonal_favours_no_sign():
    """Householder's QR alone would make every R's diagonal of one sign."""
    signs = [
        np.sign(initializers.orthogonal(np.random.default_rng(k), (1, 1))[0, 0])
        for k in range(40)
    ]
    assert {-1.0, 1.0} == {*signs}


def test_zeros_and_ones_need_no_generator():
    np.testing.assert_array_equal(np.zeros(2), initializers.zeros(None, (2,)))
    assert np.float32 == initializers.ones(None, (2,), np.float32).dtype


def test_what_cannot_be_drawn_is_refused():
    with pytest.raises(ValueError, match="two axes"):
        initializers.orthogonal(np.random.default_rng(0), (3,))
    with pytest.raises(ad.errors.InputError, match=r"rng=None.*default_rng"):
        initializers.normal(None, (3,))
