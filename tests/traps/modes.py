"""Every way to a first and to a second derivative, for the traps: expected first."""

import itertools

import numpy as np

import adjoint as ad
from transforms.compare import assert_close

NESTINGS = list(itertools.product([ad.jacfwd, ad.jacrev], repeat=2))


def quietly(f):
    """A function whose own operations give no warnings."""

    def quiet(*args):
        with np.errstate(all="ignore"):
            return f(*args)

    return quiet


def assert_forward(expected, f, x, **tolerances):
    """The derivative by forward mode: by columns, and by jvp of each direction."""
    f = quietly(f)
    with np.errstate(all="ignore"):
        assert_close(expected, ad.jacfwd(f)(x), **tolerances)
        columns = [ad.jvp(f, (x,), (e,))[1] for e in directions(x)]
    if columns:
        given = np.reshape(np.stack(columns, axis=-1), np.shape(expected))
        assert_close(expected, given, **tolerances)


def assert_reverse(expected, f, x, batched=True, **tolerances):
    """The derivative by reverse mode: by rows, by grad, and of and over a batch."""
    f = quietly(f)
    with np.errstate(all="ignore"):
        assert_close(expected, ad.jacrev(f)(x), **tolerances)
        if np.shape(f(x)) == ():
            twice, both = np.stack([x, x]), np.stack([expected, expected])
            assert_close(expected, ad.grad(f)(x), **tolerances)
            assert_close(both, ad.vmap(ad.grad(f))(twice), **tolerances)
            if batched:
                total = lambda x: np.sum(ad.vmap(f)(x))  # noqa: E731
                assert_close(both, ad.grad(total)(twice), **tolerances)


def assert_slope(expected, f, x, batched=True, **tolerances):
    """The derivative, by forward and by reverse mode."""
    expected = np.asarray(expected, float)
    assert_reverse(expected, f, x, batched, **tolerances)
    assert_forward(expected, f, x, **tolerances)


def assert_curvature(expected, f, x, **tolerances):
    """The second derivative: in all four nestings, by grad of grad, jvp of jvp, hvp."""
    f, expected = quietly(f), np.asarray(expected, float)
    with np.errstate(all="ignore"):
        for outer, inner in NESTINGS:
            assert_close(expected, outer(inner(f))(x), **tolerances)
        if np.shape(x) == ():
            slope = lambda x: ad.jvp(f, (x,), (1.0,))[1]  # noqa: E731
            assert_close(expected, ad.grad(ad.grad(f))(x), **tolerances)
            assert_close(expected, ad.jvp(slope, (x,), (1.0,))[1], **tolerances)
            assert_close(expected, ad.grad(slope)(x), **tolerances)
            assert_close(expected, ad.jvp(ad.grad(f), (x,), (1.0,))[1], **tolerances)
        for e in directions(x):
            given = ad.hvp(f, x, e)
            assert_close(np.dot(expected, e), given, **tolerances)


def directions(x):
    """The unit directions of the argument."""
    if np.shape(x) == ():
        return [np.float64(1.0)]
    return [np.reshape(e, np.shape(x)) for e in np.eye(np.size(x))]
