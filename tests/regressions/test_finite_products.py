"""Gradients that are large products: which are known to be finite without a look."""

import gc

import numpy as np
import pytest

import adjoint as ad
from adjoint._core import finiteness
from adjoint._modes import sweep

rng = np.random.default_rng(0)
X = rng.standard_normal((4, 400))
W = rng.standard_normal((400, 300))


def looked_at(monkeypatch):
    """Return a list that fills with the sizes of what is looked at."""
    sizes = []

    def counting(array):
        sizes.append(array.size)
        return finiteness.sum_of_squares(array)

    monkeypatch.setattr(sweep, "sum_of_squares", counting)
    return sizes


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_product_of_few_rows_is_not_looked_at(monkeypatch, dtype):
    sizes = looked_at(monkeypatch)
    slopes = ad.grad(lambda w: np.sum(np.tanh(X.astype(dtype) @ w)))(W.astype(dtype))
    assert slopes.dtype == dtype
    assert [] == [size for size in sizes if size == W.size]
    assert not finiteness._known


def test_a_sum_of_products_is_looked_at(monkeypatch):
    sizes = looked_at(monkeypatch)
    ad.grad(lambda w: np.sum(np.tanh(X @ w) + (2.0 * X) @ w))(W)
    assert W.size in sizes


def test_a_product_of_a_factor_with_nan_is_swept_with_care():
    """0 times log 0 is no number, but nothing depends on it: it contributes 0."""
    x = X.copy()
    x[2] = 0.0

    def entropy(w):
        size = np.abs(x @ w)
        return np.sum(np.where(size > 0.0, size * np.log(size), 0.0))

    with np.errstate(divide="ignore", invalid="ignore"):
        slopes = ad.grad(entropy)(W)
    out = np.delete(x, 2, axis=0) @ W
    expected = np.delete(x, 2, axis=0).T @ (np.sign(out) * (np.log(np.abs(out)) + 1.0))
    np.testing.assert_allclose(slopes, expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("size", [1e155, 1e200])
def test_factors_whose_norms_multiply_beyond_all_numbers_tell_nothing(size):
    x = np.full((4, 400), size)
    y = np.full((4, 300), 1e200)
    out = np.zeros((400, 300))
    finiteness.note_product(out, x, y)
    assert not finiteness.is_known_finite(out)


@pytest.mark.parametrize("bad", [np.inf, np.nan])
def test_a_factor_that_is_not_finite_tells_nothing(bad):
    x, y, out = np.zeros((4, 400)), np.ones((4, 300)), np.zeros((400, 300))
    y[2, 7] = bad
    finiteness.note_product(out, x, y)
    assert not finiteness.is_known_finite(out)


def test_integers_whose_squares_overflow_are_no_factor_to_look_at():
    x = np.full((4, 400), 2**33)
    slopes = ad.grad(lambda w: np.sum(x @ w))(W)
    np.testing.assert_array_equal(np.full((400, 300), 4.0 * 2**33), slopes)


def test_what_is_known_is_told_once_and_forgotten_with_the_array():
    out = np.zeros((400, 300))
    finiteness.note_product(out, X, X[:, :300])
    assert finiteness.is_known_finite(out)
    assert not finiteness.is_known_finite(out)
    finiteness.note_product(out, X, X[:, :300])
    finiteness.forget(out)
    assert not finiteness.is_known_finite(out)
    finiteness.note_product(out, X, X[:, :300])
    del out
    gc.collect()
    assert not finiteness._known
