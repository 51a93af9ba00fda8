"""``vmap`` that belongs to no derivative is watched too."""

import numpy as np
import pytest

import adjoint as ad
from adjoint._modes.batch import BatchTrace
from adjoint._modes.watched_batch import WatchedBatch, batch_trace

X = np.array([[1.0, 2.0, 3.0], [4.0, 0.0, 5.0]])
pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


def caught_in(function, *args, **options):
    with ad.debug(**options), pytest.raises(ad.errors.NonFiniteError) as caught:
        function(*args)
    return caught.value


def test_the_sample_and_the_line_are_named():
    def logarithms(x):
        y = np.log(x)
        return np.sum(y)

    error = caught_in(ad.vmap(logarithms), X)
    assert ("y = np.log(x)", "np.log", "forward") == (
        error.text,
        error.operation,
        error.phase,
    )
    assert ((1, 1), (0.0,)) == (error.at, error.operands)
    assert "where the first index counts the batch" in str(error)


def test_operations_of_two_operands_that_are_no_ufunc_are_seen():
    error = caught_in(ad.vmap(lambda x: np.dot(x, x)), X * 1e200)
    assert (("np.dot", (0,))) == (error.operation, error.at)


def test_operators_are_seen():
    error = caught_in(ad.vmap(lambda x: 1.0 / x), X)
    assert ("np.divide", (1, 1), (1.0, 0.0)) == (
        error.operation,
        error.at,
        error.operands,
    )


def test_a_batch_of_batches_is_seen():
    error = caught_in(ad.vmap(ad.vmap(lambda x: 1.0 / x)), X)
    assert (1, 1) == error.at


def test_a_write_that_overflows_is_seen():
    def single(x):
        z = np.full(3, np.nan, np.float32) * x[0].astype(np.float32)
        z[1] = x[1] * 1e300
        return z

    error = caught_in(ad.vmap(single), X[:, :2])
    assert ((0, 1), "z[1] = x[1] * 1e300") == (error.at, error.text)


def test_a_vmap_within_a_gradient_names_the_place():
    total = ad.grad(lambda x: np.sum(ad.vmap(lambda row: np.sum(np.log(row)))(x)))
    error = caught_in(total, X)
    assert ((1, 1), "np.log") == (error.at, error.operation)


def test_infinity_may_pass():
    with ad.debug(inf=False):
        assert np.isinf(ad.vmap(lambda x: 1.0 / x)(X)[1, 1])
    error = caught_in(ad.vmap(lambda x: 1.0 / x - 1.0 / x), X, inf=False)
    assert "np.subtract" == error.operation


def test_a_slope_that_is_infinite_and_meets_zero_passes_in_a_batch():
    def roots(x):
        return np.sum(np.where(x > 0.0, np.sqrt(x), 0.0))

    with ad.debug():
        slopes = ad.vmap(ad.grad(roots))(X)
    np.testing.assert_array_equal(ad.vmap(ad.grad(roots))(X), slopes)
    assert 0.0 == slopes[1, 1]


def test_a_loop_over_the_samples_says_that_it_is_not_watched():
    def branching(x):
        return np.log(x[0]) if x[0] > 0.0 else x[0]

    with ad.debug(), pytest.warns(ad.errors.BatchFallbackWarning) as seen:
        ad.vmap(branching)(X)
    assert "ad.debug sees nothing of the loop but derivatives" in str(seen[0].message)
    with pytest.warns(ad.errors.BatchFallbackWarning) as seen:
        ad.vmap(branching)(X)
    assert "ad.debug" not in str(seen[0].message)


def test_what_an_extension_replaces_is_replaced_in_a_batch_that_is_watched():
    def bessel():
        with ad.debug():
            return ad.vmap(np.i0, plain_numpy=False)(X)

    plain = bessel()
    np.testing.assert_array_equal(np.i0(X), plain)
    ad.extend.implements(np.i0)(lambda x: 2.0 * x)
    try:
        np.testing.assert_array_equal(2.0 * X, bessel())
    finally:
        ad.extend.withdraw(np.i0)
    np.testing.assert_array_equal(plain, bessel())


def test_only_a_debugger_watches_batches():
    assert BatchTrace is type(batch_trace(2))
    with ad.debug():
        assert WatchedBatch is type(batch_trace(2))
    kinds = []
    ad.profile(ad.grad(lambda x: kinds.append(type(batch_trace(2))) or x * 2.0))(1.0)
    assert [BatchTrace] == kinds
