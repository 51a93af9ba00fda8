"""Programs in which nothing is wrong: the debugger is silent, and changes nothing."""

import traceback
import warnings

import numpy as np
import pytest

import adjoint as ad
from adjoint._modes.forward import ForwardTrace
from adjoint._modes.reverse import ReverseTrace
from adjoint._modes.watched import forward_trace, reverse_trace
from adjoint._transforms.marking import transform_of

X = np.array([0.5, -1.0, 2.0])


def masked_softmax(x):
    scores = np.where(np.array([True, False, True]), x, -np.inf)
    weights = np.exp(scores - np.max(scores))
    return np.sum(weights**2) / np.sum(weights) ** 2


def mask_added(x):
    scores = x + np.array([0.0, -np.inf, 0.0])
    return np.max(scores) + np.log(np.sum(np.exp(scores - np.max(scores))))


def bounded_by_infinity(x):
    return np.sum(np.clip(x, -np.inf, 1.0) ** 2) + np.sum(np.maximum(x, -np.inf))


def safe_branch(x):
    positive = x > 0.0
    return np.sum(np.where(positive, np.log(np.where(positive, x, 1.0)), 0.0))


def root_in_a_dead_branch(x):
    clipped = np.maximum(x, 0.0)
    return np.sum(np.where(clipped > 0.0, np.sqrt(clipped), 0.0))


def no_deviation(x):
    return np.std(x * 0.0 + 3.0)


def norm_at_zero(x):
    return np.linalg.norm(x - X)


def start_of_a_minimum(x):
    best = np.inf
    for one in x:
        best = np.minimum(best, one)
    return best


def writes_and_reads(x):
    z = np.full(4, -np.inf)
    z[1:] = np.sin(x)
    return np.sum(np.exp(z))


def fills_what_is_nan(x):
    z = np.full((2, 3), np.nan)
    for i in range(3):
        z[0, i] = x[i] ** 2
        z[1, i] = 2.0 * x[i]
    return np.sum(z)


def fills_what_is_infinite(x):
    z = np.full(3, -np.inf)
    for i in range(3):
        z[i] = x[i] ** 2
    return np.sum(z)


def logarithms_where_they_are(x):
    return np.sum(np.log(x, where=x > 0.0, out=np.copy(x)))


def squares_of_roots(x):
    return np.sum(np.sqrt(x * x))


def guarded_logarithm(x):
    return np.sum(np.log(np.sum(np.exp(x * 300.0 - np.max(x * 300.0)))))


HEALTHY = [
    masked_softmax,
    mask_added,
    bounded_by_infinity,
    safe_branch,
    root_in_a_dead_branch,
    no_deviation,
    norm_at_zero,
    start_of_a_minimum,
    writes_and_reads,
    squares_of_roots,
    guarded_logarithm,
    fills_what_is_nan,
    fills_what_is_infinite,
    logarithms_where_they_are,
]
named = pytest.mark.parametrize("function", HEALTHY, ids=lambda one: one.__name__)


def same(expected, found):
    assert type(expected) is type(found)
    np.testing.assert_array_equal(expected, found)


@named
def test_gradients_are_those_without_the_debugger(function):
    same(ad.grad(function)(X), ad.grad(function, debug=True)(X))


@named
def test_tangents_are_those_without_the_debugger(function):
    dots = np.ones(3)
    plain = ad.jvp(function, (X,), (dots,))
    debugged = ad.jvp(function, (X,), (dots,), debug=True)
    same(plain[0], debugged[0])
    same(plain[1], debugged[1])


@named
def test_pullbacks_are_those_without_the_debugger(function):
    value, pullback = ad.vjp(function, X, debug=True)
    same(function(X), value)
    same(ad.vjp(function, X)[1](1.0)[0], pullback(1.0)[0])


@named
def test_hessians_are_those_without_the_debugger(function):
    same(ad.hessian(function)(X), ad.hessian(function, debug=True)(X))


@named
def test_batched_gradients_are_those_without_the_debugger(function):
    rows = np.stack([X, X + 1.0])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with ad.debug():
            debugged = ad.vmap(ad.grad(function))(rows)
    same(ad.vmap(ad.grad(function))(rows), debugged)


@named
def test_batched_values_are_those_without_the_debugger(function):
    rows = np.stack([X, X + 1.0])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ad.errors.BatchFallbackWarning)
        with ad.debug():
            debugged = ad.vmap(function)(rows)
        same(ad.vmap(function)(rows), debugged)


def test_infinite_inputs_pass():
    slopes = ad.grad(lambda x: np.sum(np.exp(-x)), debug=True)(np.array([np.inf, 0.0]))
    assert [0.0, -1.0] == slopes.tolist()


def test_infinities_pass_where_only_nan_is_asked_for():
    with ad.debug(inf=False), np.errstate(all="ignore"):
        assert np.inf == ad.grad(np.sqrt)(0.0)
        with pytest.raises(ad.errors.NonFiniteError):
            ad.grad(lambda x: np.divide(x - x, x - x))(1.0)


def test_nan_passes_where_only_infinity_is_asked_for():
    with ad.debug(nan=False), np.errstate(invalid="ignore"):
        assert np.isnan(ad.grad(lambda x: np.divide(x - x, x - x))(1.0))
        with pytest.raises(ad.errors.NonFiniteError):
            ad.grad(np.sqrt)(0.0)


def test_python_numbers_stay_pythons():
    def value(x):
        return (x * 2.0 + 1.0) ** 2

    plain, _ = ad.value_and_grad(value)(3.0)
    debugged, _ = ad.value_and_grad(value, debug=True)(3.0)
    assert (float, 49.0) == (type(plain), plain)
    assert (float, 49.0) == (type(debugged), debugged)
    primal, _ = ad.jvp(value, (3.0,), (1.0,), debug=True)
    assert (float, 49.0) == (type(primal), primal)


def test_transforms_outside_are_not_watched():
    with ad.debug():
        assert type(reverse_trace()) is not ReverseTrace
        assert type(forward_trace()) is not ForwardTrace
    assert type(reverse_trace()) is ReverseTrace
    assert type(forward_trace()) is ForwardTrace


def test_the_debugger_ends_after_an_error():
    with pytest.raises(ad.errors.NonFiniteError):
        ad.grad(np.sqrt, debug=True)(0.0)
    assert type(reverse_trace()) is ReverseTrace


def test_other_threads_are_not_watched():
    from concurrent.futures import ThreadPoolExecutor

    with ad.debug(), ThreadPoolExecutor(1) as pool:
        assert pool.submit(ad.grad(np.sqrt), 0.0).result() == np.inf


def test_threads_may_share_a_debugger():
    from concurrent.futures import ThreadPoolExecutor
    from threading import Barrier

    shared, barrier = ad.debug(), Barrier(3)

    def work():
        barrier.wait()
        with shared:
            barrier.wait()  # all three are inside now
            with pytest.raises(ad.errors.NonFiniteError):
                ad.grad(np.sqrt)(0.0)
        return type(reverse_trace()) is ReverseTrace

    with ThreadPoolExecutor(3) as pool:
        ended = [pool.submit(work) for _ in range(3)]
        assert [True] * 3 == [one.result() for one in ended]


def test_debuggers_that_end_in_the_wrong_order_end_all_the_same():
    first, second = ad.debug(), ad.debug(nan=False)
    first.__enter__()
    second.__enter__()
    first.__exit__()
    second.__exit__()
    assert type(reverse_trace()) is ReverseTrace


@pytest.mark.parametrize("transform", [ad.grad, ad.hessian])
def test_a_watched_tape_is_no_cycle(transform):
    import gc

    derivative = transform(lambda x: np.sum(np.log(x) / x), debug=True)
    derivative(np.ones(3))
    gc.collect()
    gc.disable()
    try:
        derivative(np.ones(3))
        assert 0 == gc.collect()
    finally:
        gc.enable()


def test_a_try_block_does_not_swallow_the_error():
    def swallowing(x):
        try:
            return np.log(x)
        except ad.errors.NonFiniteError:
            return x

    with np.errstate(divide="ignore"), pytest.raises(ad.errors.NonFiniteError):
        ad.grad(swallowing, debug=True)(0.0)


def test_the_decorator_watches_what_runs_within():
    @ad.debug()
    def solve():
        return ad.grad(np.sqrt)(0.0)

    with pytest.raises(ad.errors.NonFiniteError):
        solve()


async def coroutine(x):
    return ad.grad(np.sqrt)(x)


def generator(x):
    yield ad.grad(np.sqrt)(x)


@pytest.mark.parametrize("function", [coroutine, generator])
def test_what_runs_after_its_call_is_not_decorated(function):
    with pytest.raises(ad.errors.InputError, match=r"with ad\.debug\(\):. within it"):
        ad.debug()(function)


def test_the_sample_of_a_batch_is_named():
    with ad.debug(), pytest.raises(ad.errors.NonFiniteError) as caught:
        ad.vmap(ad.grad(lambda x: np.sqrt(x) * 2.0))(np.array([1.0, 4.0, 0.0]))
    assert (2,) == caught.value.at
    assert "the first index counts the batch" in str(caught.value)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_written_number_that_overflows_is_found_among_nans():
    def single(x):
        z = np.full(3, np.nan, np.float32) * x.astype(np.float32)
        z[1] = x * 1e300
        return z[1]

    with pytest.raises(ad.errors.NonFiniteError) as caught:
        ad.grad(single, debug=True)(1.0)
    assert (1,) == caught.value.at
    assert ("z[1] = x * 1e300", "x[i] = v") == (
        caught.value.text,
        caught.value.operation,
    )


def reciprocals(x):
    z = np.zeros(3)
    for i in range(3):
        z[i] = 1.0 / (x[i] - 2.0)
    return np.sum(z)


def test_a_nan_that_was_given_is_warned_of_and_blames_nothing():
    with pytest.warns(ad.errors.NonFiniteWarning) as seen:
        slopes = ad.grad(reciprocals, debug=True)(np.array([1.0, np.nan, 3.0]))
    np.testing.assert_array_equal([-1.0, np.nan, -1.0], slopes)
    (one,) = seen
    assert __file__ == one.filename
    assert "`z[i] = 1.0 / (x[i] - 2.0)`" in str(one.message)
    assert "x[i] was given it at index [1] of shape [3]" in str(one.message)


def test_a_nan_in_the_data_is_warned_of_in_forward_mode():
    data = np.array([1.0, np.nan])
    with pytest.warns(ad.errors.NonFiniteWarning, match=r"np\.multiply was given it"):
        ad.jvp(lambda x: x * data, (2.0,), (1.0,), debug=True)


def test_a_nan_that_is_masked_is_not_warned_of():
    data = np.array([1.0, np.nan])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        slope = ad.grad(lambda x: np.nansum(x * data), debug=True)(2.0)
    assert 1.0 == slope


def test_a_function_given_to_debug_is_refused():
    with pytest.raises(ad.errors.InputError, match=r"Write `with ad\.debug\(\):`"):
        ad.debug(masked_softmax)


def sigmoid(x):
    return 1.0 / (1.0 + np.exp(-x))


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_sigmoid_out_of_range_is_told_its_stable_form_and_how_to_pass():
    with pytest.raises(ad.errors.NonFiniteError) as caught:
        ad.grad(sigmoid, debug=True)(-800.0)
    assert "0.5 * (1 + np.tanh(0.5 * x))" in str(caught.value)
    assert "ad.debug(inf=False) lets it pass" in str(caught.value)
    with ad.debug(inf=False):
        assert 0.0 == ad.grad(sigmoid)(-800.0)


def test_a_power_by_a_python_number_is_not_told_to_become_one():
    with pytest.raises(ad.errors.NonFiniteError) as caught:
        ad.grad(lambda x: x**0.5, debug=True)(0.0)
    assert "The slope of x**p, p x**(p-1), is infinite at 0" in str(caught.value)
    assert "Python number" not in str(caught.value)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_what_where_keeps_is_found():
    def kept(x):
        return np.sum(np.log(x, where=np.array([True, False, True]), out=np.copy(x)))

    with pytest.raises(ad.errors.NonFiniteError) as caught:
        ad.grad(kept, debug=True)(np.array([1.0, -1.0, 0.0]))
    assert ((2,), (0.0,)) == (caught.value.at, caught.value.operands)


def own_frames(error):
    steps = traceback.extract_tb(error.__traceback__)
    return [(step.filename, step.name) for step in steps]


def root_of_minus_one(x):
    return np.sum(np.log(x - 2.0))


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_the_traceback_ends_at_the_users_line_without_our_frames():
    def within():
        with ad.debug():
            ad.grad(root_of_minus_one)(np.ones(2))

    for run in (within, lambda: ad.grad(root_of_minus_one, debug=True)(np.ones(2))):
        with pytest.raises(ad.errors.NonFiniteError) as caught:
            run()
        here = "test_the_traceback_ends_at_the_users_line_without_our_frames"
        assert [
            (__file__, here),
            (__file__, run.__name__),
            (__file__, "root_of_minus_one"),
        ] == own_frames(caught.value)


def test_the_traceback_of_a_derivative_ends_where_it_was_asked_for():
    with pytest.raises(ad.errors.NonFiniteError) as caught:
        ad.grad(np.sqrt, debug=True)(0.0)
    here = "test_the_traceback_of_a_derivative_ends_where_it_was_asked_for"
    assert [(__file__, here)] == own_frames(caught.value)


def test_the_tracebacks_of_other_errors_are_left_alone():
    with ad.debug(), pytest.raises(ZeroDivisionError) as caught:
        ad.grad(lambda x: x * (1 / 0))(1.0)
    assert any("_transforms" in file for file, _ in own_frames(caught.value))


TRANSFORMS = {
    "grad": lambda f: ad.grad(f, debug=True)(0.0),
    "value_and_grad": lambda f: ad.value_and_grad(f, debug=True)(0.0),
    "elementwise_grad": lambda f: ad.elementwise_grad(f, debug=True)(np.zeros(2)),
    "jvp": lambda f: ad.jvp(f, (0.0,), (1.0,), debug=True),
    "vjp": lambda f: ad.vjp(f, 0.0, debug=True)[1](1.0),
    "jacobian": lambda f: ad.jacobian(f, debug=True)(np.zeros(2)),
    "jacfwd": lambda f: ad.jacfwd(f, debug=True)(np.zeros(2)),
    "jacrev": lambda f: ad.jacrev(f, debug=True)(np.zeros(2)),
    "hessian": lambda f: ad.hessian(lambda x: f(x) ** 3, debug=True)(0.0),
    "hvp": lambda f: ad.hvp(lambda x: f(x) ** 3, 0.0, 1.0, debug=True),
}


@pytest.mark.parametrize("name", TRANSFORMS)
def test_each_transform_takes_debug(name):
    with pytest.raises(ad.errors.NonFiniteError):
        TRANSFORMS[name](np.sqrt)


def test_what_debugs_says_of_itself_what_it_transforms():
    for transform in (ad.grad, ad.value_and_grad, ad.jacobian, ad.hessian):
        plain = transform(masked_softmax)
        debugged = transform(masked_softmax, debug=True)
        assert masked_softmax is debugged.function
        assert transform_of(plain).name == transform_of(debugged).name
