"""Floating-point errors and warnings are NumPy's: of the primal, once, at its line."""

import threading
import warnings

import numpy as np
import pytest

import adjoint as ad

X = np.array([0.0, 2.0, 3.0])


def poles(x):
    first = np.log(x)
    second = 1.0 / x
    third = np.sqrt(x - 1.0)
    return np.sum(np.where(x > 0.0, first + second + third, 0.0))


def statistics(x):
    return (
        np.mean(x[:0])
        + np.var(x[:1], ddof=1)
        + np.nanmean(x * np.nan)
        + np.nanmax(x * np.nan)
        + np.nanvar(x[:1], ddof=1)
        + np.median(x[:0])
    )


TRANSFORMS = {
    "grad": lambda f, x: ad.grad(f)(x),
    "as written": lambda f, x: ad.grad(f, plain_numpy=False)(x),
    "jvp": lambda f, x: ad.jvp(f, (x,), (np.ones_like(x),)),
    "vjp": lambda f, x: ad.vjp(f, x)[1](1.0),
    "linearize": lambda f, x: ad.linearize(f, x)[1](x),
    "vmap": lambda f, x: ad.vmap(f)(np.stack([x, x])),
    "hessian": lambda f, x: ad.hessian(f)(x),
}
each_transform = pytest.mark.parametrize("name", TRANSFORMS)


def _warned(call, action="always"):
    """What a call warns of: messages, files and lines."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter(action)
        call()
    return [(str(one.message), one.filename, one.lineno) for one in caught]


@each_transform
def test_warnings_of_primals_are_numpys(name):
    """The same messages, from the same lines, each once, and none of a rule's."""
    expected = _warned(lambda: poles(X))
    assert len(expected) == 4
    assert {__file__} == {file for _, file, _ in expected}
    assert expected == _warned(lambda: TRANSFORMS[name](poles, X))


def test_each_line_warns_once_by_default():
    """Python's registry of what has been given is that of the user's module."""
    globals().pop("__warningregistry__", None)

    def two(x):
        a = np.log(x)
        return np.sum(a + np.log(x))

    def twice():
        ad.grad(two)(X)
        ad.grad(two)(X)

    with np.errstate(all="ignore"):
        twice()  # its clones are made: compiling them resets the registry
    given = _warned(twice, "default")
    logarithms = [line for text, _, line in given if text.endswith("in log")]
    assert len({*logarithms}) == len(logarithms) == 2


@pytest.mark.parametrize("name", ["grad", "jvp"])
def test_statistics_warn_as_numpys(name):
    """Of empty slices, of no degree of freedom, of nothing but nan."""
    texts = {text for text, _, _ in _warned(lambda: statistics(X))}
    given = _warned(lambda: TRANSFORMS[name](statistics, X))
    of_numpy = {text.rstrip(".") for text in texts if not text.startswith("invalid")}
    of_ours = {
        text.rstrip(".") for text, _, _ in given if "encountered in " not in text
    }
    assert of_numpy == of_ours
    assert {__file__} == {file for _, file, _ in given}


@each_transform
def test_the_users_error_state_rules(name):
    """What the function raises plainly it raises under a transform."""

    def careful(x):
        with np.errstate(divide="raise"):
            return np.sum(np.log(x))

    with pytest.raises(FloatingPointError, match="divide by zero encountered in log"):
        TRANSFORMS[name](careful, X)


@each_transform
def test_no_rule_raises(name):
    """Infinite slopes, overflowing products: nothing of it is the function's doing."""

    def f(x):
        with np.errstate(all="raise"):
            return np.sum(np.sqrt(x) + np.cbrt(x) + np.hypot(x, 0.0) + np.abs(x) ** 1.5)

    with np.errstate(all="raise"), warnings.catch_warnings():
        warnings.simplefilter("error")
        TRANSFORMS[name](f, X)


def test_the_error_state_is_the_callers_again():
    """After a transform, and after one that failed."""
    before = np.geterr(), np.geterrcall()
    ad.grad(np.sum)(X)
    assert (np.geterr(), np.geterrcall()) == before
    with pytest.raises(KeyError):
        ad.grad(lambda x: {}[0])(X)
    assert (np.geterr(), np.geterrcall()) == before


def test_what_the_function_sets_stays():
    """``np.seterr`` in a function is for good, as without a transform."""

    def f(x):
        np.seterr(divide="ignore")
        return np.sum(np.log(x + 1.0))

    with np.errstate():
        ad.grad(f)(X)
        assert np.geterr() == {**np.geterr(), "divide": "ignore", "invalid": "warn"}
        assert np.geterrcall() is None


def test_a_callback_of_the_users_is_called():
    """An error callback that is set stays, and gets what NumPy gives it."""
    calls = []
    with np.errstate(divide="call", call=lambda kind, flag: calls.append(kind)):
        ad.grad(lambda x: np.sum(np.where(x > 0, np.log(x), 0.0)))(X)
    assert calls == ["divide by zero"]


def test_threads_have_states_of_their_own():
    """One thread that ignores does not silence another."""
    given = {}

    def run(name, state):
        with np.errstate(all=state):
            try:
                ad.grad(lambda x: np.sum(np.log(x)))(X)
                given[name] = "nothing"
            except FloatingPointError:
                given[name] = "raised"

    threads = [
        threading.Thread(target=run, args=(name, state))
        for name, state in (("loud", "raise"), ("silent", "ignore"))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert given == {"loud": "raised", "silent": "nothing"}
